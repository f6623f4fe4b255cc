"""Handwritten digits scattered over a picture: real pixels, ten classes, small boxes."""

from functools import cache

import numpy as np
from PIL import Image

from cnnlib.datasets import scenes
from cnnlib.datasets.digits import mnist
from cnnlib.datasets.scenes import Scenes

LEAST_SIZE = 48
LARGEST_OVERLAP = 0.1  # intersection over union of two boxes in a scene
INK = 60 / 255  # a pixel above it belongs to its digit
_SIDES = (20, 40)  # pixels to which a digit's 28 are resized, in a picture of 96


def digit_scenes(n, *, seed, size=96, part="train"):
    """Scenes of one to four digits of MNIST, resized, scattered and overlapping.

    The digits are real, their arrangement is drawn: brighter or fainter, with noise.

    Parameters
    ----------
    n : int
        Number of pictures.
    seed : int
        A scene depends on the seed and on its place alone: the first 10 of 100 are those of 10.
    size : int
        Height and width in pixels, 48 or more; the digits grow with it.
    part : "train" or "test"
        Digits of MNIST's training set, or of its test set.

    Returns
    -------
    Scenes
        `images`, (n, size, size, 3) float32 in 0…1 with three equal channels, 0 for paper;
        `targets`, one dict a picture: `"boxes"`, (k, 4) float32 (x_min, y_min, x_max, y_max) in
        pixels, tight around the ink; `"labels"`, (k,) int64, the digits.
        `names`: "0" to "9". `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> drawn = digit_scenes(2, seed=0)
    >>> drawn.images.shape, [target["labels"].tolist() for target in drawn.targets]
    ((2, 96, 96, 3), [[5, 9, 2, 8], [9, 6, 4, 8]])
    """
    scenes.require_scenes("digit_scenes", n, seed=seed, size=size, part=part, least_size=LEAST_SIZE)
    digits, labels, source, license = _digits(part)
    images = np.empty((n, size, size, 3), np.float32)
    targets = []
    for index in range(n):
        random = scenes.stream(seed, part, index)
        placed = _layout(random, digits, size)
        picture = np.zeros((size, size, 1), np.float32)
        for (left, top, right, bottom), _, ink in placed:
            inside = picture[top:bottom, left:right, 0]
            np.maximum(inside, ink, out=inside)
        images[index] = scenes.camera(picture, random, light=(0.7, 1.1), noise=0.08, blurred=0)
        targets.append(
            scenes.target([box for box, *_ in placed], [labels[which] for _, which, _ in placed])
        )
    return Scenes(
        images,
        targets,
        tuple("0123456789"),
        f"scenes arranged by cnnlib from {source}",
        license,
    )


@cache
def _digits(part):
    """The digits of a part as bytes, (m, 28, 28), their labels, source and license."""
    digits = mnist()
    pixels = np.uint8(255 * getattr(digits, f"x_{part}")[..., 0] + 0.5)
    return pixels, getattr(digits, f"y_{part}"), digits.source, digits.license


def _layout(random, digits, size):
    """What lies where: a list of (box, number of the digit, its ink)."""
    count = random.integers(1, 5)

    def digit(random):
        which = random.integers(len(digits))
        return which, _ink(digits[which], int(random.uniform(*_SIDES) * size / 96), random)

    def place(random, digit):
        height, width = digit[1].shape
        left = int(random.integers(size - width, endpoint=True))
        top = int(random.integers(size - height, endpoint=True))
        return (left, top, left + width, top + height), digit

    placed = scenes.arranged(random, count, digit, place, largest_overlap=LARGEST_OVERLAP)
    if placed is None:
        raise ValueError(f"digit_scenes: size is {size}, a scene has no room for {count} digits")
    return [(box, which, ink) for box, (which, ink) in placed]


def _ink(digit, side, random):
    """The digit resized and cut to its ink, from fainter to as it is, float32 in 0…1."""
    resized = Image.fromarray(digit).resize((side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(resized, np.float32) / np.float32(255)
    rows, columns = (np.flatnonzero((pixels > INK).any(axis=axis)) for axis in (1, 0))
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut * np.float32(random.uniform(0.6, 1))
