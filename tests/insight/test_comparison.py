"""Patches compared by their pixels: closed forms, and correlation by hand."""

import numpy as np
import pytest

from cnnlib import insight

RNG = np.random.default_rng(0)


def test_patches_of_eight_pixels_are_compared_as_they_are():
    patches = RNG.random((4, 8, 8, 3), dtype="float32")
    rows = patches.astype(np.float64).mean(axis=-1).reshape(4, 64)
    rows = rows - rows.mean(axis=1, keepdims=True)
    pairs = [
        rows[i] @ rows[j] / np.linalg.norm(rows[i]) / np.linalg.norm(rows[j])
        for i in range(4)
        for j in range(i)
    ]
    assert insight.alike(patches) == pytest.approx(np.mean(pairs), abs=1e-5)


@pytest.mark.parametrize("side", [3, 8, 40])
def test_the_same_pattern_is_alike_whatever_its_size_light_and_color(side):
    pattern = RNG.random((side, side, 1))
    brighter = 0.5 + 0.3 * pattern * [1, 0.5, 0.2]
    assert insight.alike([pattern.repeat(3, axis=-1), brighter]) == pytest.approx(1, abs=1e-4)
    assert insight.alike([pattern, 1 - pattern]) == pytest.approx(-1, abs=1e-4)


def test_flat_patches_are_left_out():
    pattern = RNG.random((2, 5, 5, 3))
    with_flat = np.concatenate([pattern, np.full((2, 5, 5, 3), [0.3, 0.1, 0.6])])
    assert insight.alike(with_flat) == insight.alike(pattern)
    assert np.isnan(insight.alike(with_flat[1:]))


@pytest.mark.parametrize(
    "patches", [np.zeros((8, 8, 3)), np.zeros((0, 8, 8, 3)), np.full((2, 8, 8, 3), np.nan)]
)
def test_bad_patches_are_named(patches):
    with pytest.raises(ValueError, match=r"^alike: patches has the shape .* and finite numbers"):
        insight.alike(patches)
