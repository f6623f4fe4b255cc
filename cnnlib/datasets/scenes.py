"""Scenes: pictures with the boxes of what they show, and what all drawn scenes are made with."""

from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlib.datasets.photos import photo

# Where a part of the photographs begins and ends, as shares of their width.
PARTS = {"train": (0.0, 0.6), "test": (0.6, 1.0)}
_LAYOUTS, _PLACES = 50, 20  # how often a scene, and a place in it, is drawn anew


class Scenes(NamedTuple):
    """Pictures, what stands where in each of them, and where they come from.

    `images`: (m, height, width, 3) float32 array in 0…1.
    `targets`: list of dict, for each picture `"boxes"`, (n, 4) float32, (x_min, y_min, x_max,
    y_max) in pixels, and `"labels"`, (n,) int64, the places of their classes in `names`.
    `names`: tuple of str. `source`, `license`: str.
    """

    images: np.ndarray
    targets: list
    names: tuple
    source: str
    license: str


def target(boxes, labels):
    """The ground truth of one picture; without objects its boxes have the shape (0, 4).

    >>> target([], [])["boxes"].shape
    (0, 4)
    """
    return {
        "boxes": np.array(boxes, dtype=np.float32).reshape(-1, 4),
        "labels": np.array(labels, dtype=np.int64),
    }


def arranged(random, count, thing, place, *, largest_overlap):
    """`count` things, none of which covers another one too much; None where there is no room.

    Parameters
    ----------
    random : numpy.random.Generator
    count : int
    thing : callable
        From the generator to a thing that is to be placed.
    place : callable
        From the generator and a thing to a box for it, and the thing as it lies there.
    largest_overlap : float
        Intersection over union that two boxes stay below.

    Returns
    -------
    list of (box, thing as it lies there), in the order in which they were placed
    """
    for _ in range(_LAYOUTS):
        placed = []
        for _ in range(count):
            one = thing(random)
            for _ in range(_PLACES):
                box, there = place(random, one)
                if overlap(box, [other for other, _ in placed]) < largest_overlap:
                    placed.append((box, there))
                    break
        if len(placed) == count:
            return placed
    return None


def overlap(box, others):
    """The largest intersection over union of a box with others, 0 where there are none.

    >>> overlap((0, 0, 2, 2), [(1, 0, 3, 2), (2, 2, 4, 4)])
    0.3333333333333333
    """
    largest = 0.0
    for other in others:
        width = min(box[2], other[2]) - max(box[0], other[0])
        height = min(box[3], other[3]) - max(box[1], other[1])
        if width > 0 and height > 0:
            shared = width * height
            largest = max(largest, shared / (_area(box) + _area(other) - shared))
    return largest


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def background(random, names, part, size):
    """A square crop of one of the photographs `names`, as a Pillow image of size × size.

    Its side is a quarter to all of the part's shorter side; half of the crops are mirrored.
    """
    picture = _pixels(names[random.integers(len(names))])
    low, high = (share * picture.width for share in PARTS[part])
    room = min(high - low, picture.height)
    side = random.uniform(0.25, 1) * room
    left = random.uniform(low, high - side)
    top = random.uniform(0, picture.height - side)
    crop = picture.resize(
        (size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
    )
    return crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else crop


@cache
def _pixels(name):
    return Image.fromarray(np.uint8(photo(name).image * 255 + 0.5))


@cache
def origins(names):
    """Source and license of photographs, a line of text each."""
    photographs = {name: photo(name) for name in names}
    return tuple(
        "; ".join(f"{name}: {getattr(origin, field)}" for name, origin in photographs.items())
        for field in ("source", "license")
    )


def camera(picture, random, *, light=(0.55, 1.15), noise=0.03, blurred=0.25):
    """The drawing as a camera would see it: light, tint, noise, and at times out of focus.

    Parameters
    ----------
    picture : (height, width, channels) float32 array in 0…1
    random : numpy.random.Generator
    light : pair of float
        The least and the largest factor on all pixels.
    noise : float
        The largest standard deviation of what is added to each pixel.
    blurred : float
        The share of the pictures that a binomial filter of 3×3 pixels softens.

    Returns
    -------
    (height, width, channels) float32 array in 0…1
    """
    if random.random() < blurred:
        picture = _softened(_softened(picture, 0), 1)
    tint = random.uniform(*light) * random.uniform(0.92, 1.08, size=picture.shape[-1])
    grain = random.standard_normal(picture.shape, dtype=np.float32)
    grain *= np.float32(random.uniform(0, noise))
    grain += picture * tint.astype(np.float32)
    return np.clip(grain, 0, 1, out=grain)


def _softened(picture, axis):
    """Each pixel averaged with its neighbors along an axis, with weights 1/4, 1/2, 1/4."""
    padded = np.pad(picture, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
    before, middle, after = (
        padded[start : start + len(picture)]
        if axis == 0
        else padded[:, start : start + picture.shape[1]]
        for start in range(3)
    )
    return (before + after) * np.float32(0.25) + middle * np.float32(0.5)


def require_scenes(function, n, *, seed, size, part, least_size):
    """Refuse what no scene can be drawn from."""
    require_numbers(function, part, n=(n, 1), seed=(seed, 0), size=(size, least_size))


def require_numbers(function, part, **numbers):
    """Refuse an unknown part, and a number below its least: each is given as (number, least)."""
    require_whole(function, **numbers)
    if part not in PARTS:
        raise ValueError(f"{function}: part is {part!r}, it needs one of {list(PARTS)}")


def require_whole(function, **numbers):
    """Refuse what is no whole number, or below its least: each is given as (number, least)."""
    for argument, (value, least) in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{function}: {argument} is {value!r}, it needs a whole number")
        if value < least:
            raise ValueError(f"{function}: {argument} is {value}, it needs {least} or more")


def require_objects(function, objects):
    """The least and the largest number of objects in a scene, 0 or more."""
    if not isinstance(objects, tuple | list) or len(objects) != 2:
        raise ValueError(
            f"{function}: objects is {objects!r}, it needs the least and the largest number"
        )
    for count in objects:
        if isinstance(count, bool) or not isinstance(count, int | np.integer):
            raise TypeError(f"{function}: objects holds {count!r}, it needs whole numbers")
    least, largest = objects
    if not 0 <= least <= largest:
        raise ValueError(
            f"{function}: objects is {tuple(objects)}, it needs 0 ≤ the least ≤ the largest"
        )
    return int(least), int(largest)


def stream(seed, part, index):
    """The random numbers of one scene: they depend on nothing but these three."""
    return np.random.default_rng([seed, list(PARTS).index(part), index])
