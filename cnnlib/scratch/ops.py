"""Convolution and pooling computed quickly, forward and backward, without a loop over positions.

The operations are explained in loops in `cnnlib.scratch.naive`, which has the same functions. Here
a convolution becomes one matrix product: every window is laid out as a row of a matrix ("im2col",
Chellapilla, Puri and Simard 2006, https://inria.hal.science/inria-00112631), every filter is a
column. Pooling and the gradients go through the places of a window instead, its taps: a strided
slice of the image holds what all windows see at one tap.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlib.scratch.geometry import conv_arguments, grad_argument, pool_arguments


def conv(x, kernel, bias=None, *, padding="valid", stride=1, dilation=1):
    x, kernel, bias, windows = conv_arguments("conv", x, kernel, bias, padding, stride, dilation)
    rows = _rows(x, windows)
    z = rows @ kernel.reshape(-1, kernel.shape[-1])
    z += bias
    return z.reshape(len(x), *windows.output, -1)


def conv_backward(grad, x, kernel, *, padding="valid", stride=1, dilation=1):
    x, kernel, _, windows = conv_arguments(
        "conv_backward", x, kernel, None, padding, stride, dilation
    )
    grad, x, kernel = grad_argument("conv_backward", grad, windows, x, kernel)
    flat = grad.reshape(-1, grad.shape[-1])
    grad_kernel = (_rows(x, windows).T @ flat).reshape(kernel.shape)
    grad_x = np.zeros_like(x)
    for tap, outputs, pixels in windows.taps():
        grad_x[pixels] += (flat @ kernel[tap].T).reshape(*grad.shape[:-1], -1)[outputs]
    return grad_x, grad_kernel, flat.sum(axis=0)


def max_pool(x, size, *, stride=None, padding="valid"):
    x, windows = pool_arguments("max_pool", x, size, stride, padding)
    return _largest(x, windows)


def max_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    x, windows = pool_arguments("max_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("max_pool_backward", grad, windows, x)
    y = _largest(x, windows)
    grad_x = np.zeros_like(x)
    waiting = np.ones(grad.shape, bool)  # windows whose gradient has not found its pixel yet
    for _, outputs, pixels in windows.taps():
        seen, largest = x[pixels], y[outputs]
        found = waiting[outputs] & ((seen == largest) | np.isnan(seen))
        grad_x[pixels] += np.where(found, grad[outputs], 0)
        waiting[outputs] &= ~found
    return grad_x


def average_pool(x, size, *, stride=None, padding="valid"):
    x, windows = pool_arguments("average_pool", x, size, stride, padding)
    y = np.zeros((len(x), *windows.output, x.shape[-1]), x.dtype)
    for _, outputs, pixels in windows.taps():
        y[outputs] += x[pixels]
    return y / _counts(windows, x.dtype)


def average_pool_backward(grad, x, size, *, stride=None, padding="valid"):
    x, windows = pool_arguments("average_pool_backward", x, size, stride, padding)
    grad, x = grad_argument("average_pool_backward", grad, windows, x)
    share = grad / _counts(windows, x.dtype)
    grad_x = np.zeros_like(x)
    for _, outputs, pixels in windows.taps():
        grad_x[pixels] += share[outputs]
    return grad_x


def _rows(x, windows):
    """Every window as a row: a matrix of (m · positions) × (taps · channels)."""
    axes = tuple(range(1, x.ndim - 1))
    every = tuple(slice(None, None, s) for s in windows.stride)
    taps = tuple(slice(None, None, d) for d in windows.dilation)
    view = sliding_window_view(windows.pad(x), windows.reach, axis=axes)
    view = view[(slice(None), *every, slice(None), *taps)]  # (m, *output, channels, *size)
    view = np.moveaxis(view, x.ndim - 1, -1)
    return view.reshape(-1, math.prod(windows.size) * x.shape[-1])


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
