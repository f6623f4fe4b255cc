"""Paintings: the same by seed and at every size, in strong colors, and drawn as they say."""

import numpy as np
import pytest
from PIL import Image

from cnnlib import datasets
from cnnlib.datasets import paintings


@pytest.mark.parametrize("kind", ["strokes", "glass"])
def test_a_painting_is_a_colored_picture_that_says_where_it_comes_from(kind):
    made = datasets.painting(kind, size=40)
    assert made.image.shape == (40, 40, 3) and made.image.dtype == np.float32
    assert made.image.min() >= 0 and made.image.max() <= 1
    assert made.license == "CC0" and "cnnlib" in made.source
    spread = made.image.max(axis=-1) - made.image.min(axis=-1)
    assert spread.mean() > 0.2  # gray would have 0
    assert made.image.std(axis=(0, 1)).min() > 0.1  # one color would have 0


@pytest.mark.parametrize("kind", ["strokes", "glass"])
def test_the_seed_decides(kind):
    first, again, other = (datasets.painting(kind, size=32, seed=seed).image for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.1


@pytest.mark.parametrize("kind", ["strokes", "glass"])
def test_a_larger_painting_is_the_same_painting(kind):
    small, large = (datasets.painting(kind, size=size).image for size in (48, 96))
    shrunk = large.reshape(48, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.9


def test_the_current_turns_around_a_whirl():
    center, radius = np.array([[0.5, 0.5]]), np.array([0.2])
    for turn in (1, -1):
        right = paintings._current(np.array([0.55, 0.5]), center, radius, np.array([turn]))
        left = paintings._current(np.array([0.45, 0.5]), center, radius, np.array([turn]))
        assert np.sign(right[1]) == turn == -np.sign(left[1])


def test_gold_lies_near_the_whirls(monkeypatch):
    """With one whirl, the gold pixels are nearer to one place than the others are."""
    monkeypatch.setattr(paintings, "WHIRLS", 1)
    image = datasets.painting(size=64, seed=0).image
    (row, column) = np.random.default_rng(0).uniform(0.1, 0.9, (1, 2))[0][::-1] * 64
    rows, columns = np.mgrid[:64, :64]
    distance = np.hypot(rows - row, columns - column)
    gold = image[..., 0] > image[..., 2] + 0.2
    assert 0.01 < gold.mean() < 0.5
    assert distance[gold].mean() < 0.6 * distance[~gold].mean()


def test_panes_are_parted_by_lead():
    image = datasets.painting("glass", size=96).image
    dark = image.max(axis=-1) < 0.15
    assert 0.05 < dark.mean() < 0.3
    pixels = Image.fromarray((255 * image).astype(np.uint8)).quantize(32)
    assert len(set(np.asarray(pixels).ravel())) > 8


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "kind is 'oil', it needs 'strokes' or 'glass'", {"kind": "oil"}),
        (ValueError, "size is 15, it needs 16 or more", {"size": 15}),
        (TypeError, "size is 32.0, it needs a whole number", {"size": 32.0}),
        (ValueError, "seed is -1, it needs 0 or more", {"seed": -1}),
        (TypeError, "seed is None", {"seed": None}),
    ],
)
def test_bad_input_raises_at_once(error, words, arguments):
    with pytest.raises(error, match=words):
        datasets.painting(**arguments)
