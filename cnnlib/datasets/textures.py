"""Photographs cut into classes: name the photograph that a small crop comes from."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlib.datasets.photos import photo
from cnnlib.datasets.scenes import require_whole

PHOTOS = (
    "brick",
    "grass",
    "gravel",
    "chelsea",
    "coffee",
    "coins",
    "immunohistochemistry",
    "hubble_deep_field",
    "motorcycle_left",
    "flower",
)
LONGER_SIDE = 512  # pixels that a photograph has at most before it is cut
GAP = 16  # pixels between the half for training and the half for testing
FLAT = 6 / 255  # a crop whose gray values deviate less from their mean shows nothing
LEAST_SIZE = 16


class Textures(NamedTuple):
    """Crops with the number of their photograph, where they were cut, and where they come from."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    boxes_train: np.ndarray
    boxes_test: np.ndarray
    names: tuple
    source: str
    license: str


def textures(per_class, *, test_per_class=60, size=64, seed=0, names=PHOTOS):
    """Gray crops of ten photographs; the class of a crop is the photograph it was cut from.

    Each photograph is scaled to at most 512 pixels and cut across its longer side into two halves,
    16 pixels apart: training crops come from the left or upper half, test crops from the other.
    A crop is a square of 0.75 to 1.5 times `size`, resized to `size`; half of them are mirrored.
    One that is nearly flat is drawn anew. Color and brightness give nothing away: all crops are
    gray, with a mean of about 128 and a deviation of about 48 on the scale of 255.

    Parameters
    ----------
    per_class, test_per_class : int
        Crops of each photograph, to train and to test.
    size : int
        Height and width of a crop in pixels, at least 16.
    seed : int
        Of the places. The crops for a smaller `per_class` are the first of those for a larger one,
        and the test crops do not depend on it.
    names : sequence of str
        Two or more of `photo_names()`, in the order of the classes.

    Returns
    -------
    Textures
        `x_train`, (per_class·classes, size, size, 3) float32 in 0…1 with three equal channels, and
        `y_train`, int; `x_test` and `y_test` likewise. The classes take turns: 0, 1, 2, …, 0, 1, …
        `boxes_train` and `boxes_test`, (m, 4) int: (x_min, y_min, x_max, y_max) of each crop in
        `scaled(name)`. `names`, `source`, `license`.

    Raises
    ------
    ValueError
        For unknown or too few names, for counts below 1, for a size below 16, and for crops that
        are larger than half of a photograph.
    TypeError
        Where a count, the size or the seed is no whole number.

    Examples
    --------
    >>> crops = textures(5, test_per_class=2)
    >>> crops.x_train.shape, crops.x_test.shape, crops.y_train[:12]
    ((50, 64, 64, 3), (20, 64, 64, 3), array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]))
    """
    require_whole(
        "textures",
        per_class=(per_class, 1),
        test_per_class=(test_per_class, 1),
        size=(size, LEAST_SIZE),
        seed=(seed, 0),
    )
    names = tuple(names)
    if len(set(names)) < max(2, len(names)):
        raise ValueError(f"textures: names is {names}, it needs two or more, all different")
    photographs = {name: scaled(name) for name in names}
    for name, gray in photographs.items():
        _require_room(name, gray.shape, size)

    x_train, boxes_train = _crops(photographs, per_class, size, seed, test=False)
    x_test, boxes_test = _crops(photographs, test_per_class, size, seed, test=True)
    origins = [photo(name) for name in names]
    return Textures(
        x_train,
        np.tile(np.arange(len(names)), per_class),
        x_test,
        np.tile(np.arange(len(names)), test_per_class),
        boxes_train,
        boxes_test,
        names,
        "; ".join(f"{name}: {origin.source}" for name, origin in zip(names, origins, strict=True)),
        "; ".join(f"{name}: {origin.license}" for name, origin in zip(names, origins, strict=True)),
    )


def scaled(name):
    """The photograph that `textures` cuts: (height, width) gray values in 0…1, 512 at most.

    >>> scaled("coffee").shape
    (341, 512)
    """
    height, width = photo(name).image.shape[:2]
    return photo(name, size=min(LONGER_SIDE, max(height, width)), gray=True).image


def _halves(shape):
    """The boxes (x_min, y_min, x_max, y_max) of the half to train and of the half to test."""
    height, width = shape
    if width >= height:
        half = (width - GAP) // 2
        return (0, 0, half, height), (width - half, 0, width, height)
    half = (height - GAP) // 2
    return (0, 0, width, half), (0, height - half, width, height)


def _crops(photographs, per_class, size, seed, *, test):
    """The crops of all photographs in turns, (m, size, size, 3), and their boxes, (m, 4)."""
    drawn = []
    for name, gray in photographs.items():
        # A stream for each photograph: the others in `names` do not change its crops.
        random = np.random.default_rng([seed, test, *name.encode()])
        half = _halves(gray.shape)[test]
        drawn.append([_crop(gray, half, size, random) for _ in range(per_class)])
    in_turns = [crop for turn in zip(*drawn, strict=True) for crop in turn]
    pictures, boxes = zip(*in_turns, strict=True)
    return np.repeat(np.stack(pictures)[..., None], 3, axis=-1), np.array(boxes)


def _crop(gray, half, size, random):
    """One crop that shows something, (size, size), and its box."""
    while True:
        side = int(random.integers(3 * size // 4, 3 * size // 2, endpoint=True))
        left = int(random.integers(half[0], half[2] - side, endpoint=True))
        top = int(random.integers(half[1], half[3] - side, endpoint=True))
        crop = gray[top : top + side, left : left + side]
        if crop.std() >= FLAT:
            break
    small = Image.fromarray(crop).resize((size, size), Image.Resampling.BILINEAR)
    pixels = np.asarray(small)[:, :: random.choice([1, -1])]
    standard = (pixels - pixels.mean()) / (pixels.std() + 4 / 255)
    return np.clip((standard * 48 + 128) / 255, 0, 1), (left, top, left + side, top + side)


def _require_room(name, shape, size):
    left, top, right, bottom = _halves(shape)[0]
    room = min(right - left, bottom - top)
    if 3 * size // 2 > room:
        raise ValueError(
            f"textures: size is {size}, so crops have up to {3 * size // 2} pixels; "
            f"half of {name} has {room}"
        )
