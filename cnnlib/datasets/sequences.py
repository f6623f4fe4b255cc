"""Drawn signals of ten kinds: a short pattern in noise, at a fixed place or anywhere."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cnnlib.datasets.scenes import require_numbers, stream

LENGTH = 64  # samples of a signal
KINDS = 10
POINTS = 24  # samples of a pattern before it is stretched
FIXED_START = 16
NOISE = 0.25  # standard deviation, where that of a pattern is 1
SMOOTHNESS = 2  # samples over which the noise is averaged
PLACES = ("random", "fixed")


class Sequences(NamedTuple):
    """Signals of one channel, the pattern in each, and where they come from.

    `signals`: (m, 64, 1) float32 array. `labels`: (m,) int64 array, rows of `templates`.
    `templates`: (10, 24) float64 array, the patterns. `source`, `license`: str.
    """

    signals: np.ndarray
    labels: np.ndarray
    templates: np.ndarray
    source: str
    license: str


def sequences(n, *, seed, place="random", part="train"):
    """Signals of 64 samples, each with one of ten patterns in smooth noise.

    A pattern is 24 random heights with mean 0 and standard deviation 1. In a signal it is stretched
    to 22 … 33 samples, scaled by 0.6 … 1.4, and added to noise of deviation 0.25.

    Parameters
    ----------
    n : int
        Number of signals.
    seed : int
        A signal depends on the seed, the part and its place in the batch alone: the first 10 of 100
        are those of 10. The ten patterns are always the same.
    place : "random" or "fixed"
        Where a pattern begins: anywhere that it fits, or at sample 16. Everything else about a
        signal is the same for both.
    part : "train" or "test"
        Signals to learn from, or to test on.

    Returns
    -------
    Sequences
        `signals` (n, 64, 1) float32, `labels` (n,) int64 from 0 to 9, `templates` (10, 24),
        `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, another place and another part.
    TypeError
        Where a number is not whole.

    References
    ----------
    After the idea of MNIST-1D: Greydanus and Kobak, "Scaling down deep learning with MNIST-1D",
    https://arxiv.org/abs/2011.14439; with patterns and a recipe of our own.

    Examples
    --------
    >>> drawn = sequences(3, seed=0)
    >>> drawn.signals.shape, drawn.labels
    ((3, 64, 1), array([8, 8, 2]))
    """
    require_numbers("sequences", part, n=(n, 1), seed=(seed, 0))
    if place not in PLACES:
        raise ValueError(f"sequences: place is {place!r}, it needs one of {list(PLACES)}")
    templates = _templates()
    signals = np.empty((n, LENGTH, 1), np.float32)
    labels = np.empty(n, np.int64)
    for index in range(n):
        random = stream(seed, part, index)
        labels[index] = random.integers(KINDS)
        signals[index, :, 0] = _signal(templates[labels[index]], random, place)
    return Sequences(signals, labels, templates, "drawn by cnnlib", "the license of cnnlib")


def _templates():
    """The ten patterns, the same in each call: rows of mean 0 and deviation 1."""
    heights = np.random.default_rng(0).standard_normal((KINDS, POINTS))
    heights = gaussian_filter1d(heights, 1, axis=1)
    heights -= heights.mean(axis=1, keepdims=True)
    return heights / heights.std(axis=1, keepdims=True)


def _signal(template, random, place):
    """One signal, (64,): the pattern stretched, scaled and placed, plus smooth noise."""
    length = random.integers(22, 33, endpoint=True)
    scale = random.uniform(0.6, 1.4)
    start = random.integers(LENGTH - length, endpoint=True)
    if place == "fixed":
        start = FIXED_START
    # Smoothing over σ samples leaves 1 / √(2 σ √π) of the deviation of independent numbers.
    rough = random.standard_normal(LENGTH) * NOISE * np.sqrt(2 * SMOOTHNESS * np.sqrt(np.pi))
    signal = gaussian_filter1d(rough, SMOOTHNESS, mode="wrap")
    at = np.linspace(0, POINTS - 1, length)
    signal[start : start + length] += scale * np.interp(at, np.arange(POINTS), template)
    return signal
