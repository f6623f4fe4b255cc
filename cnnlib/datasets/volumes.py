"""Small volumes: real digits as solids, in place of what a scanner would see."""

from typing import NamedTuple

import numpy as np

from cnnlib.datasets.digits import mnist
from cnnlib.datasets.scenes import require_numbers, stream

SIDE = 14
NOISE = 0.05


class Volumes(NamedTuple):
    """Volumes, the digit in each, and where they come from.

    `volumes`: (m, 14, 14, 14, 1) float32 array in 0…1: depth, row, column, channel.
    `labels`: (m,) int64 array, the digits 0…9. `source`, `license`: str.
    """

    volumes: np.ndarray
    labels: np.ndarray
    source: str
    license: str


def volumes(n, *, seed, part="train"):
    """Solid digits of MNIST in 14×14×14 voxels: the ink, several slices deep, leaning, in noise.

    They stand in for a computed tomography: no real volume ships with the course's packages. The
    outlines are real; the depth of 3 to 8 slices, where it begins, how far the digit leans to a
    side from slice to slice (up to half a pixel), and the noise are drawn.

    Parameters
    ----------
    n : int
        Number of volumes.
    seed : int
        A volume depends on the seed, the part and its place in the batch alone: the first 10 of 100
        are those of 10.
    part : "train" or "test"
        Digits of MNIST's training set, or of its test set.

    Returns
    -------
    Volumes
        `volumes` (n, 14, 14, 14, 1) float32 in 0…1, `labels`, `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> solids = volumes(2, seed=0)
    >>> solids.volumes.shape, solids.labels
    ((2, 14, 14, 14, 1), array([2, 9]))
    """
    require_numbers("volumes", part, n=(n, 1), seed=(seed, 0))
    digits = mnist()
    images, kinds = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    drawn = np.empty((n, SIDE, SIDE, SIDE, 1), np.float32)
    labels = np.empty(n, np.int64)
    for index in range(n):
        random = stream(seed, part, index)
        which = random.integers(len(images))
        labels[index] = kinds[which]
        drawn[index, ..., 0] = _solid(images[which], random)
    return Volumes(drawn, labels, f"made solid by cnnlib: {digits.source}", digits.license)


def _solid(image, random):
    """One digit as a solid, (14, 14, 14)."""
    picture = image.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
    depth = random.integers(3, 8, endpoint=True)
    first = random.integers(SIDE - depth, endpoint=True)
    lean = random.uniform(-0.5, 0.5)
    solid = random.normal(0, NOISE, (SIDE, SIDE, SIDE))
    for k in range(depth):
        solid[first + k] += np.roll(picture, round(lean * (k - depth / 2)), axis=1)
    return np.clip(solid, 0, 1)
