"""Real handwritten digits as sequences: the steps of a walk around their ink."""

from typing import NamedTuple

import numpy as np

from cnnlib.datasets.digits import mnist
from cnnlib.datasets.scenes import require_numbers

STEPS = 64
INK = 0.5  # the outline runs where the ink is half
STARTS = ("top", "random")


class Outlines(NamedTuple):
    """Walks around handwritten digits, the digits themselves, and where they come from.

    `signals`: (m, 64, 2) float32 array, steps to the right and down in units of the mean step.
    `labels`: (m,) int64 array, the digits 0…9. `images`: (m, 28, 28, 1) float32 array in 0…1.
    `source`, `license`: str.
    """

    signals: np.ndarray
    labels: np.ndarray
    images: np.ndarray
    source: str
    license: str


def outlines(n, *, seed, start="top", part="train"):
    """Digits of MNIST as sequences: 64 equal steps around the longest outline of their ink.

    The ink and its outline are real; only where the walk begins may be drawn. Holes are lost: of a
    zero, the outer ring remains.

    Parameters
    ----------
    n : int
        Number of digits, at most all of the part.
    seed : int
        Of the choice and of random beginnings; the first 10 of 100 are those of 10.
    start : "top" or "random"
        The walk begins at the topmost point of the outline, or anywhere on it. Everything else is
        the same for both.
    part : "train" or "test"
        Digits of MNIST's training set, or of its test set.

    Returns
    -------
    Outlines
        `signals` (n, 64, 2) float32: one step after the other, to the right and down, measured in
        64ths of the length of the outline; `labels`, `images`, `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least or more digits than the part has, another start and another
        part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> walks = outlines(3, seed=0)
    >>> walks.signals.shape, walks.labels
    ((3, 64, 2), array([1, 7, 1]))
    """
    require_numbers("outlines", part, n=(n, 1), seed=(seed, 0))
    if start not in STARTS:
        raise ValueError(f"outlines: start is {start!r}, it needs one of {list(STARTS)}")
    digits = mnist()
    images, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    if n > len(images):
        raise ValueError(f"outlines: n is {n}, part {part!r} has {len(images)} digits")
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(images))[:n]
    begins = random.integers(STEPS, size=len(images))[:n] if start == "random" else [0] * n
    walks = [
        np.roll(_steps(images[i]), -begin, axis=0) for i, begin in zip(chosen, begins, strict=True)
    ]
    return Outlines(
        np.stack(walks).astype(np.float32),
        labels[chosen],
        images[chosen],
        f"outlines by cnnlib of {digits.source}",
        digits.license,
    )


def _steps(image):
    """The walk around one digit from its topmost point, (64, 2): to the right and down."""
    from skimage.measure import find_contours

    contour = max(find_contours(np.pad(image[..., 0], 1), INK), key=len)[:-1]  # last = first
    contour = np.roll(contour, -np.argmin(contour[:, 0]), axis=0)
    closed = np.vstack([contour, contour[:1]])
    walked = np.append(0, np.linalg.norm(np.diff(closed, axis=0), axis=1).cumsum())
    at = np.linspace(0, walked[-1], STEPS + 1)
    points = np.stack([np.interp(at, walked, closed[:, axis]) for axis in (1, 0)], axis=1)
    return np.diff(points, axis=0) * STEPS / walked[-1]
