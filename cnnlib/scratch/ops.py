"""Convolution and pooling computed quickly, forward and backward, without a loop over positions.

The operations are explained in loops in `cnnlib.scratch.naive`, which has the same functions. Here
a convolution becomes one matrix product: every window is laid out as a row of a matrix ("im2col",
Chellapilla, Puri and Simard 2006, https://inria.hal.science/inria-00112631), every filter is a
column of another. A large batch goes through in blocks of images, so that the rows, which repeat
each pixel up to f·f times, are still in the processor's cache when they are multiplied.

Pooling, and the gradient at the image, go through the places of a window, its taps, instead: a
strided slice of the image holds what all windows see at one tap.

Common to all functions: the result has the dtype to which NumPy promotes the arrays, float32 at
least. So float32 stays float32, float64 stays float64, and whole numbers of 64 bits become float64.
NaN and infinity are computed with as NumPy does, and reach every output whose window sees them.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlib.scratch.geometry import conv_arguments, grad_argument, pool_arguments

# Numbers in one block of rows: 1 MiB of float32, what the second-level cache of a core holds.
_BLOCK = 2**18


def conv(x, kernel, bias=None, *, padding="valid", stride=1, dilation=1):
    """Cross-correlate images with filters, what deep learning calls a convolution.

    In the course's letters an axis of n pixels gives ⌊(n + 2p − f) / s⌋ + 1 outputs: n is the size
    of `x` on that axis, f of `kernel`, p the `padding` on each side, s the `stride`. With a
    `dilation` d the taps of the kernel lie d pixels apart, and it spans d (f − 1) + 1 for f.
    x is A, kernel W, bias b and the result Z = W * A + b (arXiv:1603.07285 draws all the cases).

    Parameters
    ----------
    x : array (m, *n, channels)
        Images with one, two or three spatial axes.
    kernel : array (*f, channels, filters)
    bias : array (filters,), optional
        Zeros where it is None.
    padding : "valid", "same", int, or one (before, after) pair per spatial axis
        Zeros around the image. "valid" is none; "same" is TensorFlow's rule: ⌈n / s⌉ outputs, and
        where the number of zeros is odd the extra one comes after. A window may lie wholly in the
        padding; its output is the bias.
    stride, dilation : int, or one int per spatial axis

    Returns
    -------
    array (m, *output, filters)

    Raises
    ------
    TypeError
        For values that are not real numbers, and sizes that are not whole numbers.
    ValueError
        For shapes that do not fit together, empty arrays, sizes below 1, negative padding, an
        unknown word, and a kernel that spans more pixels than the image with its padding has.

    Examples
    --------
    >>> conv(np.ones((1, 6, 6, 3)), np.ones((3, 3, 3, 2)), padding="same")[0, 0, 0].tolist()
    [12.0, 12.0]
    """
    x, kernel, bias, windows = conv_arguments("conv", x, kernel, bias, padding, stride, dilation)
    filters = kernel.shape[-1]
    z = np.empty((len(x), *windows.output, filters), x.dtype)
    for block in _blocks(x, windows):
        rows = _rows(x[block], windows)
        np.matmul(rows, kernel.reshape(-1, filters), out=z[block].reshape(-1, filters))
    z += np.tile(
        bias, (*windows.output, 1)
    )  # one long row an image: far quicker than adding (filters,)
    return z


def conv_backward(grad, x, kernel, *, padding="valid", stride=1, dilation=1):
    """Gradients of `conv` at its image, kernel and bias, from the gradient at its output.

    dA = Σ W dZ over the windows that see a pixel, dW = Σ A dZ and db = Σ dZ over all windows and
    images; sums, not means (LeCun et al. 1998, doi:10.1109/5.726791, is where it was made to work).

    Parameters
    ----------
    grad : array (m, *output, filters)
        dZ, of the shape that `conv` gives for the other arguments.
    x, kernel, padding, stride, dilation
        What `conv` was called with.

    Returns
    -------
    grad_x, grad_kernel : arrays of the shapes of x and kernel
    grad_bias : array (filters,)

    Raises
    ------
    TypeError, ValueError
        As `conv` does, and for a gradient of another shape.

    Examples
    --------
    >>> grads = conv_backward(np.ones((1, 4, 4, 2)), np.ones((1, 6, 6, 3)), np.ones((3, 3, 3, 2)))
    >>> [g.shape for g in grads]
    [(1, 6, 6, 3), (3, 3, 3, 2), (2,)]
    """
    x, kernel, _, windows = conv_arguments(
        "conv_backward", x, kernel, None, padding, stride, dilation
    )
    grad, x, kernel = grad_argument("conv_backward", grad, windows, x, kernel)
    filters = kernel.shape[-1]
    grad_x = np.zeros_like(x)
    grad_kernel = np.zeros((kernel.size // filters, filters), x.dtype)
    taps = list(windows.taps())
    for block in _blocks(x, windows):
        flat = grad[block].reshape(-1, filters)
        grad_kernel += _rows(x[block], windows).T @ flat
        for tap, outputs, pixels in taps:
            pull = (flat @ kernel[tap].T).reshape(*grad[block].shape[:-1], -1)
            grad_x[block][pixels] += pull[outputs]
    grad_bias = grad.sum(axis=0).reshape(-1, filters).sum(axis=0)
    return grad_x, grad_kernel.reshape(kernel.shape), grad_bias


def max_pool(x, size, *, stride=None, padding="valid"):
    """The largest pixel of each window, channel by channel.

    ⌊(n + 2p − f) / s⌋ + 1 outputs an axis, with f the `size`. Padding never is the largest, also
    where all pixels are negative. A NaN makes its window's output NaN, as `np.max` does.

    Parameters
    ----------
    x : array (m, *n, channels)
        Images with one, two or three spatial axes.
    size : int, or one int per spatial axis
    stride : int, or one int per spatial axis, optional
        The size where it is None: windows side by side.
    padding : as in `conv`
        Refused where a window would lie wholly in it, since that window has no largest pixel.

    Returns
    -------
    array (m, *output, channels)

    Raises
    ------
    TypeError, ValueError
        As `conv` does, and for a window without a pixel.

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, :, :, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    x, windows = pool_arguments("max_pool", x, size, stride, padding)
    return _largest(x, windows)


def max_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    """Gradient of `max_pool` at its image: each window's goes to the pixel that was the largest.

    Of equal largest pixels the first takes all of it, first in the order of the rows of the window
    (its last axis runs fastest). In a window with NaN the first NaN takes it.

    Parameters
    ----------
    grad : array (m, *output, channels)
        Of the shape that `max_pool` gives for the other arguments.
    x, size, stride, padding
        What `max_pool` was called with.

    Returns
    -------
    array of the shape of x

    Raises
    ------
    TypeError, ValueError
        As `max_pool` does, and for a gradient of another shape.

    Examples
    --------
    >>> max_pool_backward([[[[5.0]]]], [[[[1.0], [7.0]], [[7.0], [7.0]]]], 2)[0, :, :, 0].tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """
    x, windows = pool_arguments("max_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("max_pool_backward", grad, windows, x)
    y = _largest(x, windows)
    grad_x = np.zeros_like(x)
    waiting = np.ones(grad.shape, bool)  # windows whose gradient has not found its pixel yet
    for _, outputs, pixels in windows.taps():
        seen = x[pixels]
        found = waiting[outputs] & ((seen == y[outputs]) | np.isnan(seen))
        waiting[outputs] &= ~found
        grad_x[pixels] += np.where(found, grad[outputs], 0)
    return grad_x


def average_pool(x, size, *, stride=None, padding="valid"):
    """The mean of the pixels of each window, channel by channel; padding is not a pixel.

    A window that reaches over the border divides by the number of pixels it holds, not by f·f.

    Parameters
    ----------
    x, size, stride, padding
        As in `max_pool`.

    Returns
    -------
    array (m, *output, channels)

    Raises
    ------
    TypeError, ValueError
        As `max_pool` does.

    Examples
    --------
    >>> average_pool(np.arange(16.0).reshape(1, 4, 4, 1), 2)[0, :, :, 0].tolist()
    [[2.5, 4.5], [10.5, 12.5]]
    """
    x, windows = pool_arguments("average_pool", x, size, stride, padding)
    y = np.zeros((len(x), *windows.output, x.shape[-1]), x.dtype)
    for _, outputs, pixels in windows.taps():
        y[outputs] += x[pixels]
    y /= _counts(windows, x.dtype)
    return y


def average_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    """Gradient of `average_pool` at its image: each window's spreads evenly over its pixels.

    Parameters
    ----------
    grad : array (m, *output, channels)
        Of the shape that `average_pool` gives for the other arguments.
    x, size, stride, padding
        What `average_pool` was called with; of x only the shape and the dtype count.

    Returns
    -------
    array of the shape of x

    Raises
    ------
    TypeError, ValueError
        As `average_pool` does, and for a gradient of another shape.

    Examples
    --------
    >>> average_pool_backward([[[[8.0]]]], np.zeros((1, 2, 2, 1)), 2)[0, :, :, 0].tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    x, windows = pool_arguments("average_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("average_pool_backward", grad, windows, x)
    share = grad / _counts(windows, x.dtype)
    grad_x = np.zeros_like(x)
    for _, outputs, pixels in windows.taps():
        grad_x[pixels] += share[outputs]
    return grad_x


def _blocks(x, windows):
    """Slices of the batch whose rows stay in the cache, one image at least."""
    row = math.prod(windows.size) * x.shape[-1]
    images = max(1, _BLOCK // (math.prod(windows.output) * row))
    return [slice(start, start + images) for start in range(0, len(x), images)]


def _rows(x, windows):
    """Every window as a row: a matrix of (m · positions) × (taps · channels)."""
    axes = tuple(range(1, x.ndim - 1))
    strides = tuple(slice(None, None, s) for s in windows.stride)
    dilations = tuple(slice(None, None, d) for d in windows.dilation)
    every = sliding_window_view(windows.pad(x), windows.reach, axis=axes)
    view = every[(slice(None), *strides, slice(None), *dilations)]
    view = np.moveaxis(view, x.ndim - 1, -1)  # (m, *output, *size, channels)
    shape = len(x) * math.prod(windows.output), math.prod(windows.size) * x.shape[-1]
    if windows.size[-1] * x.shape[-1] ** 2 < windows.output[-1]:
        # Few channels: a row of the image is a longer run to copy than a row of the window.
        positions = x.ndim - 1
        view = view.transpose(*range(positions, view.ndim), *range(positions))
        return view.reshape(shape[::-1]).T
    return view.reshape(shape)


def _largest(x, windows):
    y = np.full((len(x), *windows.output, x.shape[-1]), -np.inf, x.dtype)
    for _, outputs, pixels in windows.taps():
        np.maximum(y[outputs], x[pixels], out=y[outputs])
    return y


def _counts(windows, dtype):
    """How many pixels each window holds, (1, *output, 1)."""
    counts = np.zeros((1, *windows.output, 1), dtype)
    for _, outputs, _ in windows.taps():
        counts[outputs] += 1
    return counts
