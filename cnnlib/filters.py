"""Kernels chosen by hand, and the two ways to slide one over an image.

The edge kernels are positive where the image falls from light to dark, read from left to right
(vertical edges) or from top to bottom (horizontal edges). All are read-only: copy one to change it.
"""

from numbers import Integral, Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _read_only(kernel):
    kernel.flags.writeable = False
    return kernel


VERTICAL_EDGE = _read_only(np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]]))
HORIZONTAL_EDGE = VERTICAL_EDGE.T

# Sobel weighs the middle row double; Scharr's weights respond alike to edges of every direction.
SOBEL_VERTICAL = _read_only(np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]))
SOBEL_HORIZONTAL = SOBEL_VERTICAL.T
SCHARR_VERTICAL = _read_only(np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]]))
SCHARR_HORIZONTAL = SCHARR_VERTICAL.T

# A vertical edge in the red channel; green and blue count for nothing. Shape (3, 3, 3).
RED_EDGE = _read_only(VERTICAL_EDGE[..., None] * np.array([1, 0, 0]))

# The mean of a pixel and its eight neighbors.
BOX_BLUR = _read_only(np.full((3, 3), 1 / 9))


def gaussian(size, sigma):
    """Gaussian blur: weights that fall with the distance from the center and add up to 1.

    Parameters
    ----------
    size : int
        Height and width in pixels, odd, so that the kernel has a center.
    sigma : float
        Standard deviation in pixels, above 0.

    Returns
    -------
    numpy.ndarray, shape (size, size)
        exp(-(x² + y²) / 2σ²), divided by its sum.

    Raises
    ------
    TypeError, ValueError
        For a size that is no odd positive integer, or a sigma that is not above 0.

    Examples
    --------
    >>> gaussian(3, 1.0).round(3)
    array([[0.075, 0.124, 0.075],
           [0.124, 0.204, 0.124],
           [0.075, 0.124, 0.075]])
    """
    _require_integer("gaussian", "size", size, least=1)
    if size % 2 == 0:
        raise ValueError(f"gaussian: size is {size}, it needs an odd number")
    if isinstance(sigma, bool) or not isinstance(sigma, Real):
        raise TypeError(f"gaussian: sigma is {sigma!r}, it needs a number")
    if not 0 < sigma < np.inf:
        raise ValueError(f"gaussian: sigma is {sigma}, it needs a finite number above 0")
    offsets = np.arange(size) - size // 2
    bell = np.exp(-((offsets / sigma) ** 2) / 2)
    kernel = np.outer(bell, bell)
    return kernel / kernel.sum()


def correlate(image, kernel, *, padding="valid", stride=1):
    """Slide a kernel over an image and add up the products: what deep learning calls convolution.

    Z[i, j] = Σ_a,b,c  kernel[a, b, c] · image[i·s + a, j·s + b, c], with s the stride. Every
    position gives one number, so an image with channels gives a map without.

    Parameters
    ----------
    image : array, shape (H, W) or (H, W, C)
        Real numbers. Integers are added up as 64-bit integers; a float image keeps its type.
    kernel : array, shape (f, f) or (f, f, C)
        As many axes and channels as the image; f may differ between height and width.
    padding : "valid", "same" or int
        No border; a border of zeros that keeps ⌈H/s⌉ × ⌈W/s⌉ pixels (TensorFlow's rule: what
        cannot be split evenly goes below and to the right); or that many zeros on each side.
    stride : int
        Pixels between two positions.

    Returns
    -------
    numpy.ndarray, shape (H', W')
        H' = ⌊(H + 2p − f) / s⌋ + 1, likewise W'.

    Raises
    ------
    TypeError, ValueError
        For anything but finite real numbers, axes or channels that differ, a kernel larger than
        the padded image, a negative or fractional padding or a stride below 1.

    Examples
    --------
    >>> correlate([[10, 10, 10, 0, 0, 0]] * 6, VERTICAL_EDGE)
    array([[ 0, 30, 30,  0],
           [ 0, 30, 30,  0],
           [ 0, 30, 30,  0],
           [ 0, 30, 30,  0]])
    """
    return _slide("correlate", image, kernel, padding, stride)


def convolve(image, kernel, *, padding="valid", stride=1):
    """Flip the kernel upside down and left to right, then correlate: mathematics' convolution.

    Arguments, result and errors are those of `correlate`. A kernel with channels is flipped in
    height and width alone. Both agree where the kernel looks the same after half a turn.

    Examples
    --------
    >>> convolve([[10, 10, 10, 0, 0, 0]] * 3, VERTICAL_EDGE)
    array([[  0, -30, -30,   0]])
    """
    return _slide("convolve", image, kernel, padding, stride, flip=True)


def _slide(name, image, kernel, padding, stride, *, flip=False):
    image = _as_numbers(name, "image", image)
    kernel = _as_numbers(name, "kernel", kernel)
    _require_integer(name, "stride", stride, least=1)
    if image.ndim != kernel.ndim:
        raise ValueError(
            f"{name}: kernel has shape {kernel.shape} and image {image.shape}, "
            "they need the same number of axes"
        )
    if image.shape[2:] != kernel.shape[2:]:
        raise ValueError(
            f"{name}: kernel has {kernel.shape[2]} channels, image has {image.shape[2]}"
        )
    if image.dtype.kind == "f":
        kernel = kernel.astype(image.dtype)
    if flip:
        kernel = kernel[::-1, ::-1]
    image = _pad(name, image, kernel.shape, padding, stride)
    if image.shape[0] < kernel.shape[0] or image.shape[1] < kernel.shape[1]:
        raise ValueError(
            f"{name}: kernel is {kernel.shape[0]}×{kernel.shape[1]}, which does not fit into the "
            f"padded image of {image.shape[0]}×{image.shape[1]}"
        )
    windows = sliding_window_view(image, kernel.shape[:2], axis=(0, 1))[::stride, ::stride]
    if image.ndim == 2:
        return np.einsum("hwij,ij->hw", windows, kernel)
    return np.einsum("hwcij,ijc->hw", windows, kernel)


def _pad(name, image, kernel_shape, padding, stride):
    if isinstance(padding, str) and padding == "valid":
        return image
    borders = [(0, 0)] * image.ndim
    for axis in (0, 1):
        if isinstance(padding, str) and padding == "same":
            n, f = image.shape[axis], kernel_shape[axis]
            border = max((-(-n // stride) - 1) * stride + f - n, 0)
            borders[axis] = (border // 2, border - border // 2)
        elif isinstance(padding, str):
            raise ValueError(
                f'{name}: padding is "{padding}", it needs "valid", "same" or a number'
            )
        else:
            _require_integer(name, "padding", padding, least=0)
            borders[axis] = (padding, padding)
    return np.pad(image, borders)


def _as_numbers(name, argument, values):
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: {argument} has rows of different lengths") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: {argument} holds {array.dtype}, it needs real numbers")
    if array.ndim not in (2, 3) or array.size == 0:
        raise ValueError(
            f"{name}: {argument} has shape {array.shape}, it needs (height, width) "
            "or (height, width, channels), none of them 0"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: {argument} holds NaN or infinity, it needs finite numbers")
    return array if array.dtype.kind == "f" else array.astype(np.int64)


def _require_integer(name, argument, value, *, least):
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: {argument} is {value!r}, it needs an integer")
    if value < least:
        raise ValueError(f"{name}: {argument} is {value}, it needs {least} or more")
