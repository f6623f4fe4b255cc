"""Convolution and pooling as loops: what they compute, one Python step per output number.

Read this module to learn the operations and `cnnlib.scratch.ops` to see them computed quickly; the
functions and their arguments are the same, and the tests hold the one to the other. `position` is
the place of an output number along the spatial axes, of which there may be one, two or three.
"""

import numpy as np

from cnnlib.scratch.geometry import conv_arguments, grad_argument, pool_arguments


def conv(x, kernel, bias=None, *, padding="valid", stride=1, dilation=1):
    """Cross-correlate: each output is a window times a filter, summed, plus the filter's bias.

    Parameters, result and errors as in `cnnlib.scratch.ops.conv`.

    >>> conv([[[1.0], [2.0], [4.0]]], [[[-1.0]], [[1.0]]]).tolist()
    [[[1.0], [2.0]]]
    """
    x, kernel, bias, windows = conv_arguments("conv", x, kernel, bias, padding, stride, dilation)
    x = windows.pad(x)
    z = np.zeros((len(x), *windows.output, kernel.shape[-1]), x.dtype)
    for i, *position, c in np.ndindex(z.shape):
        window = x[i][windows.at(position)]
        z[i, *position, c] = np.sum(window * kernel[..., c]) + bias[c]
    return z


def conv_backward(grad, x, kernel, *, padding="valid", stride=1, dilation=1):
    """Gradients of a convolution: each output pulls on its window, its filter and its bias.

    Parameters, result and errors as in `cnnlib.scratch.ops.conv_backward`.

    >>> grad_x, *_ = conv_backward([[[1.0], [1.0]]], [[[1.0], [2.0], [4.0]]], [[[-1.0]], [[1.0]]])
    >>> grad_x.tolist()
    [[[-1.0], [0.0], [1.0]]]
    """
    x, kernel, _, windows = conv_arguments(
        "conv_backward", x, kernel, None, padding, stride, dilation
    )
    grad, x, kernel = grad_argument("conv_backward", grad, windows, x, kernel)
    x = windows.pad(x)
    grad_x, grad_kernel, grad_bias = (
        np.zeros_like(x),
        np.zeros_like(kernel),
        np.zeros(grad.shape[-1], x.dtype),
    )
    for i, *position, c in np.ndindex(grad.shape):
        window = windows.at(position)
        pull = grad[i, *position, c]
        grad_x[i][window] += pull * kernel[..., c]
        grad_kernel[..., c] += pull * x[i][window]
        grad_bias[c] += pull
    return grad_x[windows.interior], grad_kernel, grad_bias


def max_pool(x, size, *, stride=None, padding="valid"):
    """The largest pixel of each window, channel by channel.

    Parameters, result and errors as in `cnnlib.scratch.ops.max_pool`.

    >>> max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
    [[[3.0], [2.0]]]
    """
    x, windows = pool_arguments("max_pool", x, size, stride, padding)
    y = np.zeros((len(x), *windows.output, x.shape[-1]), x.dtype)
    for i, *position, c in np.ndindex(y.shape):
        y[i, *position, c] = np.max(x[i][windows.pixels(position)][..., c])
    return y


def max_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    """The gradient goes to the pixel that was the largest, the first one where several were.

    Parameters, result and errors as in `cnnlib.scratch.ops.max_pool_backward`.

    >>> max_pool_backward([[[1.0]]], [[[7.0], [7.0]]], 2).tolist()
    [[[1.0], [0.0]]]
    """
    x, windows = pool_arguments("max_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("max_pool_backward", grad, windows, x)
    grad_x = np.zeros_like(x)
    for i, *position, c in np.ndindex(grad.shape):
        pixels = windows.pixels(position)
        window = x[i][pixels][..., c]
        first = np.unravel_index(np.argmax(window), window.shape)
        grad_x[i][pixels][*first, c] += grad[i, *position, c]
    return grad_x


def average_pool(x, size, *, stride=None, padding="valid"):
    """The mean of the pixels of each window, channel by channel; padding is not a pixel.

    Parameters, result and errors as in `cnnlib.scratch.ops.average_pool`.

    >>> average_pool([[[1.0], [3.0], [2.0]]], 2, padding="same").tolist()
    [[[2.0], [2.0]]]
    """
    x, windows = pool_arguments("average_pool", x, size, stride, padding)
    y = np.zeros((len(x), *windows.output, x.shape[-1]), x.dtype)
    for i, *position, c in np.ndindex(y.shape):
        y[i, *position, c] = np.mean(x[i][windows.pixels(position)][..., c])
    return y


def average_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    """The gradient spreads evenly over the pixels of the window.

    Parameters, result and errors as in `cnnlib.scratch.ops.average_pool_backward`.

    >>> average_pool_backward([[[1.0]]], [[[3.0], [5.0]]], 2).tolist()
    [[[0.5], [0.5]]]
    """
    x, windows = pool_arguments("average_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("average_pool_backward", grad, windows, x)
    grad_x = np.zeros_like(x)
    for i, *position, c in np.ndindex(grad.shape):
        window = grad_x[i][windows.pixels(position)][..., c]
        window += grad[i, *position, c] / window.size
    return grad_x
