"""The blocks that networks are made of: what a shortcut leads past, and what meets it again."""

import math

from keras import layers, ops

from cnnlib.models.arguments import one_of, whole_numbers
from cnnlib.models.normalization import LocalResponseNormalization

__all__ = [
    "LocalResponseNormalization",
    "bottleneck",
    "convolution_block",
    "identity_block",
    "residual_block",
]

EPSILON = 1e-3  # of Keras's batch normalization, and of the course's blocks
MOMENTUM = 0.9  # of the running mean and variance: they follow within some tens of steps
SHORTCUTS = ("identity", "convolution", "padding", None)


def identity_block(x, filters, *, kernel=3, epsilon=EPSILON, use_bias=True, name=None):
    """Bottleneck block whose shortcut is the identity: ReLU(F(x) + x).

    F is a 1×1 convolution to fewer channels, a `kernel`×`kernel` one ("same"), and a 1×1 one back,
    each with batch normalization, with ReLU between them (He, Zhang, Ren and Sun 2015,
    arXiv:1512.03385, figure 5, right).

    Parameters
    ----------
    x : Keras tensor (m, height, width, channels)
    filters : tuple of three int
        Of the three convolutions; the last is the number of channels of x, so that both can be
        added.
    kernel : int
        Side f of the convolution in the middle.
    epsilon : float
        What batch normalization adds to the variance.
    use_bias : bool
        Whether convolutions have biases. They change nothing that batch normalization would not
        undo; the course's network and keras.applications have them.
    name : str, optional
        Prefix of the layers' names; without it Keras makes them up.

    Returns
    -------
    Keras tensor, shaped like x

    Raises
    ------
    TypeError, ValueError
        Where `filters` or `kernel` are no positive integers, or the shapes cannot be added.

    Examples
    --------
    >>> import keras
    >>> identity_block(keras.Input((56, 56, 256)), (64, 64, 256)).shape
    (None, 56, 56, 256)
    """
    convolutions = bottleneck("identity_block", filters, kernel=kernel)
    if filters[-1] != x.shape[-1]:
        raise ValueError(
            f"identity_block: filters is {tuple(filters)}, the last needs to be {x.shape[-1]}, "
            "the channels of x, so that both can be added"
        )
    return residual_block(
        x,
        convolutions,
        shortcut="identity",
        epsilon=epsilon,
        use_bias=use_bias,
        name=name,
    )


def convolution_block(x, filters, *, kernel=3, stride=2, epsilon=EPSILON, use_bias=True, name=None):
    """Bottleneck block that changes the shape: ReLU(F(x) + W_s x).

    F is that of `identity_block`, its first convolution with a stride. The shortcut is W_s: a 1×1
    convolution of the same stride, with batch normalization, to as many channels as F has in the
    end (arXiv:1512.03385, equation 2).

    Parameters
    ----------
    x : Keras tensor (m, height, width, channels)
    filters : tuple of three int
        Of the three convolutions of F.
    kernel : int
        Side f of the convolution in the middle.
    stride : int
        Of the first convolution and of W_s.
    epsilon, use_bias, name
        As in `identity_block`.

    Returns
    -------
    Keras tensor (m, ⌈height / stride⌉, ⌈width / stride⌉, filters[2])

    Raises
    ------
    TypeError, ValueError
        Where `filters`, `kernel` or `stride` are no positive integers.

    Examples
    --------
    >>> import keras
    >>> convolution_block(keras.Input((56, 56, 256)), (128, 128, 512)).shape
    (None, 28, 28, 512)
    """
    return residual_block(
        x,
        bottleneck("convolution_block", filters, kernel=kernel, stride=stride),
        shortcut="convolution",
        epsilon=epsilon,
        use_bias=use_bias,
        name=name,
    )


def bottleneck(builder, filters, *, kernel=3, stride=1):
    """The three convolutions of a bottleneck block, as `residual_block` takes them."""
    f1, f2, f3 = whole_numbers(builder, "filters", filters, length=3)
    (kernel,) = whole_numbers(builder, "kernel", (kernel,))
    (stride,) = whole_numbers(builder, "stride", (stride,))
    return (f1, 1, stride), (f2, kernel, 1), (f3, 1, 1)


def residual_block(
    x, convolutions, *, shortcut, epsilon=EPSILON, use_bias=False, batch_norm=True, name=None
):
    """Convolutions, and a shortcut past them: ReLU(F(x) + shortcut(x)).

    Parameters
    ----------
    x : Keras tensor (m, height, width, channels)
    convolutions : sequence of (filters, kernel, stride)
        F: "same" convolutions, each with batch normalization, with ReLU between them.
    shortcut : "identity", "convolution", "padding" or None
        What is added to F(x): x itself; a 1×1 convolution of it (the paper's option B); x with a
        stride, and channels of zeros behind its own (option A); or nothing: a plain block.
    epsilon, use_bias, name
        As in `identity_block`.
    batch_norm : bool
        Without it, the last convolution of F starts at zero where there is a shortcut. Otherwise
        each block would about double the variance that it gets (Zhang, Dauphin and Ma 2019,
        arXiv:1901.09321).

    Returns
    -------
    Keras tensor

    Raises
    ------
    ValueError
        For another shortcut, or one whose shape does not fit F's.

    Examples
    --------
    >>> import keras
    >>> image = keras.Input((32, 32, 16))
    >>> residual_block(image, [(32, 3, 2), (32, 3, 1)], shortcut="padding").shape
    (None, 16, 16, 32)
    """
    one_of("residual_block", "shortcut", shortcut, SHORTCUTS)
    filters, channels = convolutions[-1][0], x.shape[-1]
    stride = math.prod(step for _, _, step in convolutions)
    if shortcut == "identity" and (filters, stride) != (channels, 1):
        raise ValueError(
            f"residual_block: shortcut is 'identity' past {filters} filters with stride {stride}, "
            f"it needs stride 1 and the {channels} channels of x"
        )
    if shortcut == "padding" and filters < channels:
        raise ValueError(
            f"residual_block: shortcut is 'padding' past {filters} filters, "
            f"it needs the {channels} channels of x or more"
        )

    def named(part):
        return name and f"{name}_{part}"

    def convolved(x, number, filters, kernel, stride, *, start="he_normal"):
        x = layers.Conv2D(
            filters,
            kernel,
            strides=stride,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=start,
            name=named(f"{number}_conv"),
        )(x)
        if not batch_norm:
            return x
        norm = layers.BatchNormalization(
            epsilon=epsilon, momentum=MOMENTUM, name=named(f"{number}_bn")
        )
        return norm(x)

    past = x
    if shortcut == "convolution":
        past = convolved(x, 0, filters, 1, stride)
    elif shortcut == "padding":
        past = layers.MaxPooling2D(1, strides=stride, name=named("0_stride"))(x)
        past = ops.pad(past, [(0, 0), (0, 0), (0, 0), (0, filters - channels)])

    *first, last = convolutions
    for number, convolution in enumerate(first, start=1):
        x = convolved(x, number, *convolution)
        x = layers.Activation("relu", name=named(f"{number}_relu"))(x)
    start = "zeros" if shortcut and not batch_norm else "he_normal"
    x = convolved(x, len(convolutions), *last, start=start)
    if shortcut:
        x = layers.Add(name=named("add"))([past, x])
    return layers.Activation("relu", name=named("out"))(x)
