"""The windows of a picture, at one size or several."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlib.detection.arguments import whole_number


class Windows(NamedTuple):
    """Crops of a picture, and the box of each in it."""

    crops: np.ndarray
    boxes: np.ndarray


def sliding_windows(image, size, stride):
    """Every window of one size, from the upper left corner on, row by row.

    Along an axis of n pixels there are ⌊(n − f) / s⌋ + 1 windows of f pixels at stride s; pixels
    that are left over at the right and at the bottom are in none.

    Parameters
    ----------
    image : (height, width, channels) array
    size : int or (int, int)
        Pixels of a window's side, or (height, width).
    stride : int or (int, int)
        Pixels from one window to the next, or (down, right).

    Returns
    -------
    Windows
        `crops`, (n, height, width, channels), of the image's type, and their `boxes`, (n, 4)
        float32, (x_min, y_min, x_max, y_max) in pixels.

    Raises
    ------
    ValueError
        Where the image has another number of axes or a pixel that is not finite, and where a
        window is larger than the image, or a size or stride less than 1.
    TypeError
        Where a size or stride is not a whole number.

    Examples
    --------
    >>> crops, boxes = sliding_windows(np.zeros((16, 16, 3)), 14, 2)
    >>> crops.shape, boxes[1].tolist()
    ((4, 14, 14, 3), [2.0, 0.0, 16.0, 14.0])
    """
    image = whole_picture("sliding_windows", image)
    size = _pair("sliding_windows", "size", size)
    down, right = _pair("sliding_windows", "stride", stride)
    _require_room("sliding_windows", "size", size, image)
    views = np.lib.stride_tricks.sliding_window_view(image, size, axis=(0, 1))[::down, ::right]
    rows, columns, channels = views.shape[:3]
    crops = np.moveaxis(views, 2, -1).reshape(-1, *size, channels)
    return Windows(crops, grid_boxes(rows, columns, size, (down, right)))


def pyramid(image, sizes, window):
    """The picture at several scales, so that windows of one size find objects of several sizes.

    Parameters
    ----------
    image : (height, width, channels) array
    sizes : sequence of int
        Heights in pixels of the image that a window is to cover, one for each level.
    window : int or (int, int)
        Pixels of a window's side on every level, or (height, width).

    Returns
    -------
    list of (height', width', channels) float32 arrays
        The image, both sides multiplied by window height / size and rounded; bilinear, averaged
        where it shrinks.

    Raises
    ------
    ValueError
        Without sizes, for a size below 1, where a level would hold no window, and for an image as
        in `sliding_windows`.
    TypeError
        Where a size is not a whole number.

    Examples
    --------
    >>> [level.shape for level in pyramid(np.zeros((100, 80, 3)), [25, 50], 25)]
    [(100, 80, 3), (50, 40, 3)]
    """
    image = whole_picture("pyramid", image)
    window = _pair("pyramid", "window", window)
    if np.ndim(sizes) != 1 or len(sizes) == 0:
        raise ValueError(f"pyramid: sizes is {sizes!r}, it needs one whole number or more")
    levels = []
    for size in sizes:
        scale = window[0] / whole_number("pyramid", "sizes", size, least=1)
        levels.append(_resized(image, [max(1, round(side * scale)) for side in image.shape[:2]]))
        _require_room("pyramid", f"at size {size} the window", window, levels[-1])
    return levels


def whole_picture(function, image):
    image = np.asarray(image)
    if image.ndim != 3 or image.size == 0:
        raise ValueError(
            f"{function}: image has shape {image.shape}, it needs (height, width, channels)"
        )
    if image.dtype.kind not in "buif":
        raise TypeError(f"{function}: image has type {image.dtype}, it needs numbers")
    if not np.isfinite(image).all():
        raise ValueError(f"{function}: image holds pixels that are not finite")
    return image


def _pair(function, name, value):
    """Two whole numbers of 1 or more, from one or two."""
    if isinstance(value, tuple | list) and len(value) != 2:
        raise ValueError(f"{function}: {name} is {value}, it needs one whole number or two")
    values = value if isinstance(value, tuple | list) else (value, value)
    return tuple(whole_number(function, name, one, least=1) for one in values)


def _require_room(function, name, size, image):
    if size[0] > image.shape[0] or size[1] > image.shape[1]:
        raise ValueError(
            f"{function}: {name} is {size[0]}×{size[1]}, it needs to fit into "
            f"{image.shape[0]}×{image.shape[1]} pixels"
        )


def grid_boxes(rows, columns, size, stride):
    """The boxes of windows on a grid, row by row."""
    y, x = np.mgrid[:rows, :columns].reshape(2, -1).astype("float32")
    y, x = y * stride[0], x * stride[1]
    return np.stack([x, y, x + size[1], y + size[0]], axis=1)


def _resized(image, shape):
    height, width = shape
    channels = np.moveaxis(image.astype("float32", copy=False), -1, 0)
    resized = [
        Image.fromarray(np.ascontiguousarray(channel)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        for channel in channels
    ]
    return np.stack([np.asarray(channel) for channel in resized], axis=-1)
