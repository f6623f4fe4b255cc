"""What style transfer makes small: how far two answers of a network are apart, in two senses."""

from numbers import Real

import numpy as np
from keras import ops

SCALES = ("course", "gatys", "relative")


def gram_matrix(a):
    """The Gram matrix of one picture's activations: how much each two channels are on together.

    `G[k, l]` is the sum of `a[i, j, k] * a[i, j, l]` over all places: G = AᵀA where A has one row a
    place. G forgets where in the picture things are.

    Parameters
    ----------
    a : (height, width, channels) array or tensor

    Returns
    -------
    (channels, channels) tensor
        Symmetric and positive semidefinite.

    Raises
    ------
    ValueError, TypeError
        For another shape, no numbers, and numbers that are not finite.

    References
    ----------
    Gatys, Ecker and Bethge, "A neural algorithm of artistic style", equation 3,
    https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> ops.convert_to_numpy(gram_matrix([[[1.0, 2.0], [3.0, 0.0]]])).tolist()
    [[10.0, 2.0], [2.0, 4.0]]
    """
    a = _activations("gram_matrix", "a", a)
    rows = ops.reshape(a, (-1, a.shape[-1]))
    return ops.matmul(ops.transpose(rows), rows)


def content_cost(content, generated, *, scale="course"):
    """How far one layer's answers to two pictures are apart, summed over places and channels.

    Parameters
    ----------
    content, generated : (height, width, channels) arrays or tensors
        Activations of the content picture and of the generated one.
    scale : "course", "gatys" or "relative"
        What multiplies the sum of the squared differences: 1 / (4 · height · width · channels), as
        in Andrew Ng's course; 1/2 (Gatys, equation 1); or 1 / the sum of the squares of `content`,
        so that 1 is the cost of an answer of zeros, in every layer.

    Returns
    -------
    scalar tensor

    Raises
    ------
    ValueError, TypeError
        As `gram_matrix`, for two different shapes, for an unknown scale, and where the scale is
        "relative" and `content` is zero everywhere.

    References
    ----------
    Gatys, Ecker and Bethge, "A neural algorithm of artistic style", equation 1,
    https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> float(content_cost([[[1.0, 2.0]]], [[[1.0, 6.0]]])), 4**2 / (4 * 2)
    (2.0, 2.0)
    """
    _require_scale("content_cost", scale, "content", content)
    content = _activations("content_cost", "content", content)
    generated = _activations("content_cost", "generated", generated)
    if content.shape != generated.shape:
        raise ValueError(
            f"content_cost: generated has shape {tuple(generated.shape)}, it needs "
            f"{tuple(content.shape)} as content"
        )
    difference = ops.sum(ops.square(content - generated))
    if scale == "gatys":
        return difference / 2
    if scale == "relative":
        return difference / ops.sum(ops.square(content))
    height, width, channels = content.shape
    return difference / (4 * height * width * channels)


def style_cost(style, generated, *, scale="course"):
    """How far the Gram matrices of one layer's answers to two pictures are apart.

    Each Gram matrix is divided by its own number of places, so the pictures may differ in size.

    Parameters
    ----------
    style, generated : (height, width, channels) arrays or tensors
        Activations of the style picture and of the generated one; only the channels must agree.
    scale : "course", "gatys" or "relative"
        What multiplies the sum of the squared differences: 1 / (4 · channels²), for both of the
        first (with equal sizes, 1 / (4 · channels² · (height · width)²) of the undivided
        matrices); or 1 / the sum of the squares of the matrix of `style`.

    Returns
    -------
    scalar tensor

    Raises
    ------
    ValueError, TypeError
        As `gram_matrix`, for different numbers of channels, for an unknown scale, and where the
        scale is "relative" and `style` is zero everywhere.

    References
    ----------
    Gatys, Ecker and Bethge, "A neural algorithm of artistic style", equation 4,
    https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> small, large = np.ones((1, 1, 2)), np.ones((5, 7, 2))
    >>> float(style_cost(small, large)), float(style_cost(small, 3 * large))
    (0.0, 16.0)
    """
    _require_scale("style_cost", scale, "style", style)
    style = _activations("style_cost", "style", style)
    generated = _activations("style_cost", "generated", generated)
    if style.shape[-1] != generated.shape[-1]:
        raise ValueError(
            f"style_cost: generated has {generated.shape[-1]} channels, it needs "
            f"{style.shape[-1]} as style"
        )
    return gram_cost(gram_per_place(style), gram_per_place(generated), scale)


def total_cost(content, style, *, alpha=10, beta=40):
    """What style transfer makes small: J = α · J_content + β · J_style.

    Parameters
    ----------
    content, style : numbers or scalar tensors
        The two costs.
    alpha, beta : float
        Their weights, 0 or more.

    Raises
    ------
    ValueError, TypeError
        For weights that are negative, not finite or no numbers.

    References
    ----------
    Gatys, Ecker and Bethge, "A neural algorithm of artistic style", equation 7,
    https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> total_cost(0.5, 0.25)
    15.0
    """
    alpha, beta = (
        required_weight("total_cost", "alpha", alpha),
        required_weight("total_cost", "beta", beta),
    )
    return alpha * content + beta * style


def total_variation(image):
    """The sum of the differences between neighboring pixels, down and to the right, all positive.

    It is large for noise and for fine patterns.

    Parameters
    ----------
    image : (height, width, channels) array or tensor

    Returns
    -------
    scalar tensor

    Raises
    ------
    ValueError, TypeError
        As `gram_matrix`.

    References
    ----------
    Rudin, Osher and Fatemi, "Nonlinear total variation based noise removal algorithms" (1992),
    https://doi.org/10.1016/0167-2789(92)90242-F; here without the root, axis by axis.

    Examples
    --------
    >>> float(total_variation([[[0.0], [1.0]], [[0.0], [0.5]]]))
    2.0
    """
    image = _activations("total_variation", "image", image)
    down, right = image[1:] - image[:-1], image[:, 1:] - image[:, :-1]
    return ops.sum(ops.abs(down)) + ops.sum(ops.abs(right))


def gram_per_place(a):
    """The Gram matrix of activations, divided by height · width."""
    return gram_matrix(a) / (a.shape[0] * a.shape[1])


def gram_cost(style, generated, scale):
    """`style_cost` of two Gram matrices that are divided by their numbers of places.

    The style picture's is the same in every step: it needs to be computed once.
    """
    difference = ops.sum(ops.square(style - generated))
    if scale == "relative":
        return difference / ops.sum(ops.square(style))
    return difference / (4 * style.shape[0] ** 2)


def required_weight(function, name, value):
    """A finite number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} is {value!r}, it needs a number")
    if not 0 <= value < np.inf:
        raise ValueError(f"{function}: {name} is {value}, it needs to be finite, 0 or more")
    return float(value)


def _activations(function, name, a):
    """A tensor (height, width, channels); what is no tensor yet is checked for its values, too."""
    if not ops.is_tensor(a):
        a = np.asarray(a)
        if a.dtype.kind not in "iuf":
            raise TypeError(f"{function}: {name} holds {a.dtype}, it needs numbers")
        if not np.isfinite(a).all():
            raise ValueError(f"{function}: {name} holds {a[~np.isfinite(a)][0]}, it needs finite")
        a = ops.convert_to_tensor(a.astype(np.promote_types(a.dtype, np.float32), copy=False))
    if len(a.shape) != 3 or 0 in a.shape:
        raise ValueError(
            f"{function}: {name} has shape {tuple(a.shape)}, it needs (height, width, channels)"
        )
    return a


def _require_scale(function, scale, name, a):
    if scale not in SCALES:
        raise ValueError(f"{function}: scale is {scale!r}, it needs one of {list(SCALES)}")
    if scale == "relative" and not ops.is_tensor(a) and not np.any(a):
        raise ValueError(f"{function}: {name} is zero everywhere, 'relative' needs something else")
