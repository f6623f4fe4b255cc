"""The pictures of augmentation: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest

from cnnlib.plots.augmentation import (
    accuracy_by_digit,
    accuracy_of_kinds,
    accuracy_over_strength,
    changed_digits,
    displacement,
)


def test_changed_digits_puts_each_row_under_its_name():
    rows = {"shift": np.zeros((3, 4, 4)), "warp": np.ones((3, 4, 4))}
    picture = changed_digits(rows, alt="two rows")
    assert picture.alt == "two rows"
    assert [axes.get_ylabel() for axes in picture.axes] == ["shift", "", "", "warp", "", ""]
    drawn = [axes.images[0].get_array().mean() for axes in picture.axes]
    assert drawn == [0, 0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="they need one number"):
        changed_digits({"a": np.zeros((3, 4, 4)), "b": np.zeros((2, 4, 4))}, alt="rows")


def test_displacement_draws_arrows_to_where_pixels_are_taken_from():
    before, after = np.zeros((6, 6)), np.ones((6, 6))
    u, v = np.full((6, 6), 3.0), np.arange(36.0).reshape(6, 6) / 10
    picture = displacement(before, u, v, after)
    assert f"at most {np.hypot(3, 3.5):.1f} pixels long" in picture.alt
    left, middle, right = picture.axes
    assert left.images[0].get_array().max() == 0 and right.images[0].get_array().min() == 1
    (arrows,) = middle.collections
    np.testing.assert_array_equal(arrows.U, v[1::3, 1::3].ravel())
    np.testing.assert_array_equal(arrows.V, u[1::3, 1::3].ravel())
    np.testing.assert_array_equal(arrows.XY, [[1, 1], [4, 1], [1, 4], [4, 4]])


def test_accuracy_of_kinds_has_a_dot_for_each_seed_and_a_line_at_the_mean():
    picture = accuracy_of_kinds({"none": [0.6, 0.7], "warp": [0.8, 1.0]}, here={"warp": 0.85})
    assert picture.alt.endswith("warp above none")
    (axes,) = picture.axes
    none, mean, warp, _, ring = axes.lines
    assert list(none.get_xdata()) == [0.6, 0.7] and set(none.get_ydata()) == {0}
    assert mean.get_xdata()[0] == pytest.approx(0.65)
    assert list(warp.get_xdata()) == [0.8, 1.0]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (0.85, 1)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["none", "warp"]
    assert axes.get_xlabel() == "test digits read correctly"
    top, bottom = axes.transData.transform([(0.5, 0), (0.5, 1)])[:, 1]
    assert top > bottom


def test_accuracy_by_digit_names_who_loses_most():
    without = np.full(10, 0.9)
    mirrored = without - np.array([0, 0.01, 0.1, 0.3, 0.1, 0.5, 0, 0.4, 0.1, 0.02])
    picture = accuracy_by_digit(without, mirrored)
    assert "most is lost by 5, 7 and 3" in picture.alt
    (axes,) = picture.axes
    first, second = axes.lines
    np.testing.assert_array_equal(first.get_ydata(), without)
    np.testing.assert_array_equal(second.get_ydata(), mirrored)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("digit", "read correctly")
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["without mirroring", "with mirroring"]


def test_accuracy_over_strength_puts_each_picture_above_its_point():
    seeds = np.array([[0.7, 0.9, 0.5], [0.6, 0.8, 0.3], [0.8, 0.85, 0.4]])
    pictures = np.arange(3)[:, None, None] * np.ones((3, 4, 4)) / 2
    picture = accuracy_over_strength((0, 3, 10), seeds, pictures, label="shift, pixels")
    assert "70% at 0, highest 85% at 3, 40% at 10" in picture.alt
    *panels, axes = picture.axes
    assert [panel.images[0].get_array().mean() for panel in panels] == [0, 0.5, 1]
    dots, means = axes.lines[::2], axes.lines[1::2]
    assert [list(line.get_ydata()) for line in dots] == seeds.T.tolist()
    np.testing.assert_allclose([line.get_ydata()[0] for line in means], seeds.mean(axis=0))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "3", "10"]
    assert axes.get_xlabel() == "shift, pixels"
