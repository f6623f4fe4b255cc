"""Short films of real digits on the move: which way does it go?"""

from typing import NamedTuple

import numpy as np

from cnnlib.datasets.digits import mnist
from cnnlib.datasets.scenes import require_numbers, stream

FRAMES, SIZE, DIGIT = 6, 24, 12  # frames, pixels of a frame's side, pixels of the digit's
FASTEST = 2  # pixels a frame
DIRECTIONS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


class Videos(NamedTuple):
    """Films, which way the digit in each moves, and where they come from.

    `clips`: (m, 6, 24, 24, 1) float32 array in 0…1: frame, row, column, channel.
    `labels`: (m,) int64 array, places in `names`. `names`: "left", "right", "up", "down".
    `digits`: (m,) int64 array, which digit moves. `source`, `license`: str.
    """

    clips: np.ndarray
    labels: np.ndarray
    names: tuple
    digits: np.ndarray
    source: str
    license: str


def videos(n, *, seed, part="train"):
    """Films of six frames in which one digit of MNIST moves left, right, up or down.

    The digits are real, the motion is drawn: 1 or 2 pixels a frame, all frames with the whole digit
    inside. The beginning is drawn from all places from which there is room, so that no single frame
    tells the direction: a film played backward is as likely as the film.

    Parameters
    ----------
    n : int
        Number of films.
    seed : int
        A film depends on the seed, the part and its place in the batch alone: the first 10 of 100
        are those of 10.
    part : "train" or "test"
        Digits of MNIST's training set, or of its test set.

    Returns
    -------
    Videos
        `clips` (n, 6, 24, 24, 1) float32 in 0…1, the digit shrunk to 12×12 pixels; `labels`,
        `names`, `digits`, `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> films = videos(2, seed=0)
    >>> films.clips.shape, [films.names[label] for label in films.labels]
    ((2, 6, 24, 24, 1), ['up', 'right'])
    """
    require_numbers("videos", part, n=(n, 1), seed=(seed, 0))
    source = mnist()
    images, kinds = getattr(source, f"x_{part}"), getattr(source, f"y_{part}")
    steps = list(DIRECTIONS.values())
    clips = np.zeros((n, FRAMES, SIZE, SIZE, 1), np.float32)
    labels, digits = np.empty((2, n), np.int64)
    for index in range(n):
        random = stream(seed, part, index)
        which = random.integers(len(images))
        labels[index], digits[index] = random.integers(len(steps)), kinds[which]
        small = _shrunk(images[which])
        for frame, (row, column) in zip(
            clips[index], _path(steps[labels[index]], random), strict=True
        ):
            frame[row : row + DIGIT, column : column + DIGIT] = small
    return Videos(
        clips,
        labels,
        tuple(DIRECTIONS),
        digits,
        f"moved by cnnlib: {source.source}",
        source.license,
    )


def _shrunk(image):
    """A digit's middle 24×24 pixels as 12×12, each the mean of four; (28, 28, 1) to (12, 12, 1)."""
    middle = image[2:-2, 2:-2]
    return middle.reshape(DIGIT, 2, DIGIT, 2, 1).mean(axis=(1, 3))


def _path(step, random):
    """Row and column of the digit's corner in each frame, (6, 2)."""
    moves = np.arange(FRAMES)[:, np.newaxis] * step * random.integers(1, FASTEST, endpoint=True)
    room = SIZE - DIGIT - np.ptp(moves, axis=0)
    return moves - moves.min(axis=0) + random.integers(room, endpoint=True)
