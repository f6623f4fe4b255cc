"""Where windows lie on an image, for any number of spatial axes; and what an argument may be.

`naive` and `ops` differ in how they compute, not in what they accept: both begin by asking this
module, the one place where arguments are checked.
"""

import itertools
from dataclasses import dataclass
from numbers import Integral

import numpy as np


@dataclass(frozen=True)
class Windows:
    """The windows of one convolution or pooling; every field has one entry per spatial axis."""

    image: tuple[int, ...]
    size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]

    @property
    def reach(self):
        """Pixels from the first to the last that a window touches: d (f − 1) + 1."""
        return tuple(d * (f - 1) + 1 for f, d in zip(self.size, self.dilation, strict=True))

    @property
    def padded(self):
        """Sizes of the image with its padding: n + 2p where both sides have p."""
        return tuple(n + sum(p) for n, p in zip(self.image, self.padding, strict=True))

    @property
    def output(self):
        """How many windows fit: ⌊(n + 2p − f) / s⌋ + 1, with the reach in place of f."""
        sizes = zip(self.padded, self.reach, self.stride, strict=True)
        return tuple((n - reach) // s + 1 for n, reach, s in sizes)

    def pad(self, x):
        """A copy of x (m, *image, channels) with zeros around it; x itself where p is 0."""
        if self.padded == self.image:
            return x
        padded = np.zeros((len(x), *self.padded, x.shape[-1]), x.dtype)
        padded[self.interior] = x
        return padded

    @property
    def interior(self):
        """The index of the image within its padded copy."""
        pairs = zip(self.image, self.padding, strict=True)
        return (slice(None), *(slice(before, before + n) for n, (before, _) in pairs))

    def at(self, position):
        """The index of one window in one padded image; `position` is its place in the output."""
        axes = zip(position, self.stride, self.reach, self.dilation, strict=True)
        return tuple(slice(i * s, i * s + reach, d) for i, s, reach, d in axes)

    def pixels(self, position):
        """The index of one window in one image without padding: what lies outside is cut off."""
        axes = zip(position, self.stride, self.size, self.padding, strict=True)
        starts = ((i * s - before, f) for i, s, f, (before, _) in axes)
        return tuple(slice(max(start, 0), start + f) for start, f in starts)

    def taps(self):
        """For each place in a window, row by row: the outputs that see a pixel there, and where.

        Yields (tap, outputs, pixels): `x[pixels]` holds, for each of `z[outputs]`, the pixel at
        place `tap` of its window. Padding never occurs: outputs that see it are left out.
        """
        axes = [self._taps_of_axis(axis) for axis in range(len(self.image))]
        for taps in itertools.product(*axes):
            place, outputs, pixels = zip(*taps, strict=True)
            yield place, (slice(None), *outputs), (slice(None), *pixels)

    def _taps_of_axis(self, axis):
        n, s, windows = self.image[axis], self.stride[axis], self.output[axis]
        for k in range(self.size[axis]):
            offset = k * self.dilation[axis] - self.padding[axis][0]
            first = max(
                0, -(offset // s)
            )  # the first window that has this place at pixel 0 or later
            last = min(windows - 1, (n - 1 - offset) // s)
            if first <= last:
                start = first * s + offset
                yield k, slice(first, last + 1), slice(start, last * s + offset + 1, s)


def conv_arguments(function, x, kernel, bias, padding, stride, dilation):
    """Check the arguments of a convolution: x, kernel and bias as arrays, and the windows."""
    x = _images(function, x)
    kernel = real_array(function, "kernel", kernel)
    if kernel.ndim != x.ndim:
        raise ValueError(
            f"{function}: kernel has {kernel.ndim} axes, it needs {x.ndim} for x of shape "
            f"{x.shape}: a size per spatial axis, channels in, channels out"
        )
    *size, channels, filters = kernel.shape
    if channels != x.shape[-1]:
        raise ValueError(f"{function}: kernel has {channels} input channels, x has {x.shape[-1]}")
    bias = real_array(function, "bias", np.zeros(filters, np.float32) if bias is None else bias)
    if bias.shape != (filters,):
        raise ValueError(
            f"{function}: bias has shape {bias.shape}, it needs ({filters},), one per filter"
        )
    windows = _windows(function, "kernel", x, tuple(size), padding, stride, dilation)
    return *_one_dtype(x, kernel, bias), windows


def pool_arguments(function, x, size, stride, padding):
    """Check the arguments of a pooling: x as an array, and the windows, each with a pixel."""
    x = _images(function, x)
    size = _per_axis(function, "size", size, x.ndim - 2)
    windows = _windows(function, "size", x, size, padding, size if stride is None else stride, 1)
    for axis, (before, after) in enumerate(windows.padding):
        last = (windows.output[axis] - 1) * windows.stride[axis] - before
        if before >= size[axis] or last >= windows.image[axis]:
            raise ValueError(
                f"{function}: padding is ({before}, {after}) on spatial axis {axis}, where a "
                f"window of size {size[axis]} would lie wholly in it; each window needs a pixel"
            )
    return *_one_dtype(x), windows


def grad_argument(function, grad, windows, x, kernel=None):
    """Check the gradient of an output: grad, x and, given one, the kernel in one dtype."""
    grad = real_array(function, "grad", grad)
    channels = x.shape[-1] if kernel is None else kernel.shape[-1]
    expected = (len(x), *windows.output, channels)
    if grad.shape != expected:
        raise ValueError(
            f"{function}: grad has shape {grad.shape}, it needs the output's, {expected}"
        )
    return _one_dtype(grad, x) if kernel is None else _one_dtype(grad, x, kernel)


def real_array(function, name, values):
    """Anything array-like as a NumPy array of real numbers that is not empty."""
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"{function}: {name} is not an array, its rows differ in length"
        ) from error
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{function}: {name} has dtype {values.dtype}, it needs real numbers")
    if values.size == 0:
        raise ValueError(f"{function}: {name} is empty, its shape is {values.shape}")
    return values


def _images(function, x):
    x = real_array(function, "x", x)
    if not 3 <= x.ndim <= 5:
        raise ValueError(
            f"{function}: x has shape {x.shape}, it needs 3 to 5 axes: "
            "the batch, one to three spatial axes, the channels"
        )
    return x


def _one_dtype(*arrays):
    """The arrays in the dtype that NumPy promotes them all to, float32 at least."""
    dtype = np.result_type(np.float32, *(array.dtype for array in arrays))
    return tuple(array.astype(dtype, copy=False) for array in arrays)


def _windows(function, name, x, size, padding, stride, dilation):
    image, axes = x.shape[1:-1], x.ndim - 2
    stride = _per_axis(function, "stride", stride, axes)
    dilation = _per_axis(function, "dilation", dilation, axes)
    none = ((0, 0),) * axes
    windows = Windows(image, size, stride, dilation, none)
    padding = _padding(function, padding, windows)
    windows = Windows(image, size, stride, dilation, padding)
    for axis, (reach, n) in enumerate(zip(windows.reach, windows.padded, strict=True)):
        if reach > n:
            raise ValueError(
                f"{function}: {name} spans {reach} pixels on spatial axis {axis}, "
                f"x has {n} there with its padding"
            )
    return windows


def _padding(function, padding, windows):
    """Padding of any form as one (before, after) pair per axis."""
    axes = len(windows.image)
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * axes
        if padding == "same":
            sizes = zip(windows.image, windows.reach, windows.stride, strict=True)
            return tuple(_same(n, reach, s) for n, reach, s in sizes)
        raise ValueError(f'{function}: padding is {padding!r}, the words are "valid" and "same"')
    form = f'"valid", "same", a whole number or a (before, after) pair for each of {axes} axes'
    try:
        pairs = ((padding, padding),) * axes if _is_whole(padding) else tuple(map(tuple, padding))
    except TypeError:
        raise TypeError(f"{function}: padding is {padding!r}, it needs {form}") from None
    if not all(_is_whole(p) for pair in pairs for p in pair):
        raise TypeError(f"{function}: padding is {padding!r}, it needs {form}")
    wrong_count = len(pairs) != axes or any(len(pair) != 2 for pair in pairs)
    if wrong_count or any(p < 0 for pair in pairs for p in pair):
        raise ValueError(f"{function}: padding is {padding!r}, it needs {form}, none negative")
    return tuple((int(before), int(after)) for before, after in pairs)


def _same(n, reach, stride):
    """TensorFlow's rule: ⌈n / s⌉ outputs, and the odd zero goes after the image."""
    total = max(0, (-(-n // stride) - 1) * stride + reach - n)
    return total // 2, total - total // 2


def _per_axis(function, name, value, axes):
    """A whole number, or one per axis, as a tuple with an entry per axis."""
    values = (value,) * axes if _is_whole(value) else value
    form = f"a whole number of at least 1, or one for each of {axes} axes"
    if not isinstance(values, tuple | list) or not all(_is_whole(v) for v in values):
        raise TypeError(f"{function}: {name} is {value!r}, it needs {form}")
    if len(values) != axes or any(v < 1 for v in values):
        raise ValueError(f"{function}: {name} is {value!r}, it needs {form}")
    return tuple(int(v) for v in values)


def _is_whole(value):
    return isinstance(value, Integral) and not isinstance(value, bool)
