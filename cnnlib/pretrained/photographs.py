"""Photographs in the form that pretrained networks expect: of one size, and not stretched."""

import math
from numbers import Real
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlib.pretrained.arguments import photograph, pixels, sides


def center_crop(image, size=224, *, share=0.875):
    """The middle of a photograph, square and of one size, as classifiers are tested on it.

    The square's side is a share of the photograph's shorter side; it is resized bicubically.

    Parameters
    ----------
    image : array (height, width, 3)
        RGB in 0…1; it is rounded to 256 levels, as an image file has them.
    size : int
        Pixels of the result's side.
    share : float
        From above 0 to 1. Classifiers of ImageNet are commonly tested with 224 of 256: 0.875.

    Returns
    -------
    array (size, size, 3)
        float32 RGB in 0…1.

    Raises
    ------
    TypeError, ValueError
        For another shape, values outside 0…1, a size below 1, a share outside 0…1.

    Examples
    --------
    >>> center_crop(np.zeros((300, 400, 3)), 32).shape
    (32, 32, 3)
    """
    image = photograph("center_crop", image)
    size = pixels("center_crop", "size", size)
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < share <= 1:
        raise ValueError(f"center_crop: share is {share!r}, it needs a number above 0, at most 1")
    height, width, _ = image.shape
    side = max(1, round(share * min(height, width)))
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(image[top : top + side, left : left + side])
    resized = square.resize((size, size), Image.Resampling.BICUBIC)
    return np.divide(resized, np.float32(255), dtype=np.float32)


class Fitted(NamedTuple):
    """A photograph at the size that a network takes, and the way back to its own pixels."""

    image: np.ndarray  # (height, width, 3), float32 RGB in 0…1
    scale: tuple  # (x, y): its pixels in one of the photograph's, along both axes
    corner: tuple  # (x, y): where the photograph begins in it, in the photograph's pixels

    def to_photograph(self, points):
        """Points (…, 2), x and y, or boxes (…, 4), "xyxy": from `image` to the photograph.

        >>> letterbox(np.zeros((300, 400, 3)), 100).to_photograph([[25, 50, 75, 75]]).tolist()
        [[100.0, 200.0, 300.0, 300.0]]
        """
        points = np.asarray(points)
        if points.ndim == 0 or points.shape[-1] not in (2, 4):
            raise ValueError(
                f"to_photograph: points has shape {points.shape}, it needs (…, 2): x and y, "
                "or (…, 4): the corners of boxes"
            )
        corners = points.shape[-1] // 2
        return points / np.tile(self.scale, corners) - np.tile(self.corner, corners)


def letterbox(image, size, *, place="corner"):
    """A whole photograph at one size, its shape kept: what it does not fill is black.

    Detectors run on any photograph this way, and `to_photograph` brings the boxes they find back
    to its pixels. It is resized bilinearly; where it shrinks, the pixels are averaged.

    Parameters
    ----------
    image : array (height, width, 3)
        RGB in 0…1; it is rounded to 256 levels, as an image file has them.
    size : int or (height, width)
        Pixels of the result; one number makes a square.
    place : "corner" or "center"
        Where the photograph lies: at the top left, as the face detector has it, or in the middle,
        as the landmark network has it.

    Returns
    -------
    Fitted
        `image` of that size, float32 RGB in 0…1, and `to_photograph(points)`.

    Raises
    ------
    TypeError, ValueError
        For another shape, values outside 0…1, a size below 1, an unknown place.

    Examples
    --------
    >>> fitted = letterbox(np.zeros((300, 400, 3)), 416)
    >>> fitted.image.shape, fitted.scale
    ((416, 416, 3), (1.04, 1.04))
    """
    image = photograph("letterbox", image)
    new_height, new_width = sides("letterbox", "size", size)
    if place not in ("corner", "center"):
        raise ValueError(f"letterbox: place is {place!r}, it needs 'corner' or 'center'")
    height, width, _ = image.shape
    scale = min(new_height / height, new_width / width)
    around = new_height / scale, new_width / scale  # the black picture, in the photograph's pixels
    black = np.zeros((*map(math.ceil, around), 3), np.uint8)
    left, top = 0, 0
    if place == "center":
        left, top = (black.shape[1] - width) // 2, (black.shape[0] - height) // 2
    black[top : top + height, left : left + width] = image
    resized = _resized(black, new_height, new_width, box=(0, 0, *around[::-1]))
    return Fitted(resized, (scale, scale), (left, top))


def stretched(image, size):
    """A whole photograph at one size, whatever becomes of its shape.

    This is how darknet, the program of YOLO's authors, feeds its detectors. It is resized
    bilinearly; where it shrinks, the pixels are averaged.

    Parameters
    ----------
    image : array (height, width, 3)
        RGB in 0…1; it is rounded to 256 levels, as an image file has them.
    size : int or (height, width)
        Pixels of the result; one number makes a square.

    Returns
    -------
    Fitted
        `image` of that size, float32 RGB in 0…1, and `to_photograph(points)`.

    Raises
    ------
    TypeError, ValueError
        For another shape, values outside 0…1, a size below 1.

    Examples
    --------
    >>> fitted = stretched(np.zeros((300, 400, 3)), 320)
    >>> fitted.image.shape, fitted.to_photograph([160, 160]).tolist()
    ((320, 320, 3), [200.0, 150.0])
    """
    image = photograph("stretched", image)
    new_height, new_width = sides("stretched", "size", size)
    height, width, _ = image.shape
    resized = _resized(image, new_height, new_width)
    return Fitted(resized, (new_width / width, new_height / height), (0, 0))


def _resized(pixels, height, width, box=None):
    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, box=box)
    return np.divide(resized, np.float32(255), dtype=np.float32)
