"""Invented letters: classes in number, of which the two parts share none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import glyphs
from cnnlib.datasets.glyphs import _curves, _distance, _strokes
from cnnlib.datasets.scenes import stream


@pytest.fixture(scope="module")
def letters():
    return glyphs(40, 10, seed=0)


def by_class(letters):
    """(classes, per_class, pixels)"""
    classes = letters.labels[-1] + 1
    return letters.images.reshape(classes, len(letters.labels) // classes, -1)


def test_shapes_types_ranges_and_order(letters):
    assert letters.images.shape == (400, 28, 28, 1) and letters.images.dtype == np.float32
    assert letters.images.min() >= 0 and letters.images.max() <= 1
    np.testing.assert_array_equal(letters.labels, np.repeat(np.arange(40), 10))
    assert letters.labels.dtype == np.int64
    assert "cnnlib" in letters.source and "cnnlib" in letters.license


def test_every_picture_holds_a_letter_and_no_two_are_alike(letters):
    ink = (letters.images > 0.7).mean(axis=(1, 2, 3))
    assert ink.min() > 0.02 and ink.max() < 0.5
    assert len(np.unique(letters.images.reshape(400, -1), axis=0)) == 400


def test_letters_lie_inside_the_picture(letters):
    """Hardly any ink at the border: the noise there is that of an empty picture."""
    border = np.concatenate([letters.images[:, [0, -1]], letters.images[:, :, [0, -1]]], axis=None)
    assert (border > 0.7).mean() < 0.01


def test_pictures_of_one_letter_are_nearer_than_those_of_two(letters):
    pixels = by_class(letters)
    within = ((pixels[:, 0] - pixels[:, 1]) ** 2).sum(axis=1)
    between = ((pixels[:, 0] - np.roll(pixels[:, 1], 1, axis=0)) ** 2).sum(axis=1)
    assert within.mean() < 0.9 * between.mean()
    assert np.quantile(within, 0.9) > np.quantile(between, 0.1)  # but pixels do not tell them apart


def test_the_parts_and_the_seeds_share_no_letter():
    letters = [
        _strokes(stream(seed, part, label)).tobytes()
        for part in ("train", "test")
        for seed in range(3)
        for label in range(100)
    ]
    assert len(set(letters)) == 600


def test_a_letter_fills_its_square_in_one_direction():
    for label in range(50):
        line = _curves(_strokes(stream(0, "train", label)), 200)
        assert 1.9 < np.ptp(line, axis=(0, 1)).max() < 2.1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["train", "test"]))
def test_the_first_pictures_are_those_of_fewer(seed, part):
    few, many = glyphs(2, 3, seed=seed, part=part), glyphs(4, 5, seed=seed, part=part)
    np.testing.assert_array_equal(by_class(few), by_class(many)[:2, :3])


def test_another_seed_and_the_other_part_give_other_pictures(letters):
    for other in (glyphs(40, 10, seed=1), glyphs(40, 10, seed=0, part="test")):
        assert (other.images != letters.images).any(axis=(1, 2, 3)).all()


def test_the_letter_grows_with_the_size():
    small, large = glyphs(5, 2, seed=3), glyphs(5, 2, seed=3, size=56)
    averaged = large.images.reshape(10, 28, 2, 28, 2).mean(axis=(2, 4))
    together = np.corrcoef(small.images.ravel(), averaged.ravel())[0, 1]
    assert large.images.shape == (10, 56, 56, 1) and together > 0.9


def test_a_curve_starts_and_ends_at_its_outer_points_and_bends_by_de_casteljau():
    control = np.random.default_rng(0).normal(size=(6, 4, 2))
    curves = _curves(control, 3)
    np.testing.assert_allclose(curves[:, [0, 2]], control[:, [0, 3]])
    level = control
    while level.shape[1] > 1:
        level = (level[:, 1:] + level[:, :-1]) / 2
    np.testing.assert_allclose(curves[:, 1], level[:, 0])


def test_the_distance_is_that_of_each_pixels_middle_to_the_nearest_point():
    points = np.random.default_rng(0).uniform(0, 7, (5, 2))
    expected = [
        [min(np.hypot(x + 0.5 - u, y + 0.5 - v) for u, v in points) for x in range(7)]
        for y in range(7)
    ]
    np.testing.assert_allclose(_distance(points, 7), expected, atol=1e-5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"classes": 0}, "classes is 0, it needs 1 or more"),
        ({"per_class": -2}, "per_class is -2, it needs 1 or more"),
        ({"size": 15}, "size is 15, it needs 16 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"part": "all"}, r"part is 'all', it needs one of \['train', 'test'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"glyphs: {message}"):
        glyphs(**{"classes": 1, "per_class": 1, "seed": 0, **arguments})


@pytest.mark.parametrize(
    "arguments", [{"classes": 2.0}, {"per_class": True}, {"seed": None}, {"size": "28"}]
)
def test_what_is_no_whole_number_is_refused(arguments):
    with pytest.raises(TypeError, match=r"glyphs: .* whole number"):
        glyphs(**{"classes": 1, "per_class": 1, "seed": 0, **arguments})
