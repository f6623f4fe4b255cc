"""Invented letters: hundreds of classes with few pictures each, to learn what "the same" means."""

from typing import NamedTuple

import numpy as np

from cnnlib.datasets.scenes import require_numbers, stream

LEAST_SIZE = 16
SHAKE = 0.09  # standard deviation of a control point, where a letter reaches from −1 to 1
SHIFT = 0.17  # the farthest that a letter lies from the middle, in halves of the picture
NOISE = 0.15  # the largest standard deviation of what is added to each pixel


class Glyphs(NamedTuple):
    """Gray pictures of invented letters, which letter each shows, and where they come from.

    `images`: (m, size, size, 1) float32 array in 0…1, light on dark.
    `labels`: (m,) int64 array. `source`, `license`: str.
    """

    images: np.ndarray
    labels: np.ndarray
    source: str
    license: str


def glyphs(classes, per_class, *, seed, size=28, part="train"):
    """Letters that nobody has seen before, each written several times by an unsteady hand.

    A class is two or three random strokes, each a Bézier curve of four control points. Each picture
    of it has them a little elsewhere, turned by up to 14°, scaled by 0.82 to 1.1, slanted, shifted,
    with a thin or a thick pen, and with noise.

    Parameters
    ----------
    classes, per_class : int
        Number of letters, and pictures of each.
    seed : int
        A picture depends on the seed, the part, its class and its place in it alone: the first 10
        of 100 are those of 10.
    size : int
        Height and width in pixels, 16 or more.
    part : "train" or "test"
        The letters of one part are not those of the other, whatever the seeds.

    Returns
    -------
    Glyphs
        `images` (classes·per_class, size, size, 1) float32 in 0…1 and `labels`
        (classes·per_class,), class after class: 0, 0, …, 1, 1, …; `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    References
    ----------
    Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program
    induction", Science 350 (2015): letters of many alphabets as strokes, for learning from one.

    Examples
    --------
    >>> letters = glyphs(3, 2, seed=0)
    >>> letters.images.shape, letters.labels
    ((6, 28, 28, 1), array([0, 0, 1, 1, 2, 2]))
    """
    require_numbers(
        "glyphs",
        part,
        classes=(classes, 1),
        per_class=(per_class, 1),
        seed=(seed, 0),
        size=(size, LEAST_SIZE),
    )
    images = np.empty((classes, per_class, size, size, 1), np.float32)
    for label in range(classes):
        random = stream(seed, part, label)
        strokes = _strokes(random)
        for place, hand in enumerate(random.spawn(per_class)):
            images[label, place] = _written(strokes, hand, size)
    return Glyphs(
        images.reshape(-1, size, size, 1),
        np.repeat(np.arange(classes), per_class),
        "letters invented and drawn by cnnlib",
        "the license of cnnlib",
    )


def _strokes(random):
    """The control points of a letter that fills −1…1: (strokes, 4, 2)."""
    control = random.uniform(-1, 1, (random.integers(2, 4), 4, 2))
    line = _curves(control, 50)
    low, high = line.min(axis=(0, 1)), line.max(axis=(0, 1))
    return (2 * control - low - high) / (high - low).max()


def _written(strokes, random, size):
    """The letter by an unsteady hand, (size, size, 1)."""
    shaky = strokes + random.normal(0, SHAKE, strokes.shape)
    turn, slant = np.radians(random.uniform(-14, 14)), random.uniform(-0.2, 0.2)
    cos, sin = np.cos(turn), np.sin(turn)
    hand = random.uniform(0.82, 1.1) * np.array([[cos, -sin], [sin, cos]]) @ [[1, slant], [0, 1]]
    placed = 0.7 * shaky @ hand.T + random.uniform(-SHIFT, SHIFT, 2)
    line = (_curves(placed, 2 * size).reshape(-1, 2) + 1) * size / 2
    pen = random.uniform(3, 6) / 56 * size
    ink = np.clip(pen / 2 + 0.5 - _distance(line, size), 0, 1)
    ink += random.uniform(0, NOISE) * random.standard_normal(ink.shape, dtype=np.float32)
    return np.clip(ink, 0, 1)[..., np.newaxis]


def _curves(control, count):
    """`count` points on each cubic Bézier curve: (n, 4, 2) to (n, count, 2)."""
    t = np.linspace(0, 1, count)[:, np.newaxis]
    weights = np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    return weights @ control


def _distance(points, size):
    """How far the middle of each pixel is from the nearest of the points (k, 2), in pixels."""
    middles = np.arange(size, dtype=np.float32) + np.float32(0.5)
    x, y = ((middles - points[:, axis, np.newaxis].astype(np.float32)) ** 2 for axis in (0, 1))
    return np.sqrt((y[:, :, np.newaxis] + x[:, np.newaxis, :]).min(axis=0))
