"""What the functions of this room ask of their arguments."""

from numbers import Integral

import numpy as np


def photograph(function, image):
    """The photograph as an array (height, width, 3) of 256 levels, as an image file has it."""
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"{function}: image has shape {image.shape}, it needs (height, width, 3)")
    within_0_and_1(function, "image", image)
    return np.rint(255 * image).astype(np.uint8)


def within_0_and_1(function, argument, array):
    """Refuse text, NaN, logits and pixels of 0…255; float32 may round a probability of 1 up."""
    if not np.issubdtype(array.dtype, np.number):
        raise TypeError(f"{function}: {argument} holds {array.dtype}, it needs numbers")
    outside = ~((array >= 0) & (array <= 1 + 1e-5))
    if outside.any():
        raise ValueError(f"{function}: {argument} holds {array[outside][0]}, it needs 0 to 1")


def pixels(function, argument, value):
    """A number of pixels, 1 or more."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {argument} is {value!r}, it needs a whole number")
    if value < 1:
        raise ValueError(f"{function}: {argument} is {value}, it needs 1 or more")
    return int(value)


def sides(function, argument, size):
    """(height, width) in pixels, of one number for both or a pair."""
    pair = size if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2:
        raise ValueError(
            f"{function}: {argument} is {size!r}, it needs a number or (height, width)"
        )
    return [pixels(function, argument, side) for side in pair]
