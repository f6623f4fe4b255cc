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
    `digits`: (m,) int64 array, which digit moves. `speeds`: (m,) int64 array, pixels a frame.
    `source`, `license`: str.
    """

    clips: np.ndarray
    labels: np.ndarray
    names: tuple
    digits: np.ndarray
    speeds: np.ndarray
    source: str
    license: str

    def backward(self):
        """The same films played backward, with the label of the opposite direction.

        >>> films = videos(2, seed=0)
        >>> films.labels, films.backward().labels
        (array([2, 1]), array([3, 0]))
        """
        opposite = np.array([1, 0, 3, 2])  # left and right, up and down
        return self._replace(clips=self.clips[:, ::-1], labels=opposite[self.labels])

    def arranged(self, order):
        """Films of other lengths, with the frames of these in an order; None is a black frame.

        >>> videos(2, seed=0).arranged([None, 0, 1, 2, None]).clips.shape
        (2, 5, 24, 24, 1)
        """
        black = np.zeros_like(self.clips[:, 0])
        frames = [black if place is None else self.clips[:, place] for place in order]
        return self._replace(clips=np.stack(frames, axis=1))


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
        `names`, `digits`, `speeds`, `source`, `license`.

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
    labels, digits, speeds = np.empty((3, n), np.int64)
    for index in range(n):
        random = stream(seed, part, index)
        which = random.integers(len(images))
        labels[index], digits[index] = random.integers(len(steps)), kinds[which]
        small = _shrunk(images[which])
        path = _path(steps[labels[index]], random)
        speeds[index] = np.abs(path[1] - path[0]).sum()
        for frame, (row, column) in zip(clips[index], path, strict=True):
            frame[row : row + DIGIT, column : column + DIGIT] = small
    return Videos(
        clips,
        labels,
        tuple(DIRECTIONS),
        digits,
        speeds,
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
