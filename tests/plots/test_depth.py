"""The pictures of depth: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cnnlib import plots

LOSSES = {
    "plain": {8: np.array([[2.0, 1.0], [2.0, 0.5]]), 20: np.array([[2.2, 1.5], [2.4, 1.9]])},
    "residual": {8: np.array([[2.0, 0.8], [1.8, 0.6]]), 20: np.array([[1.0, 0.2], [1.2, 0.4]])},
}


def test_losses_by_depth_draws_means_ranges_and_the_run():
    here = {("plain", 20): [2.1, 1.6]}
    picture = plots.losses_by_depth(LOSSES, here=here)
    assert "plain: 0.75 at 8, 1.7 at 20; residual: 0.7 at 8, 0.3 at 20" in picture.alt
    assert [axes.get_title() for axes in picture.axes] == ["plain", "residual"]
    for axes, runs in zip(picture.axes, LOSSES.values(), strict=True):
        assert (axes.get_xlabel(), axes.get_yscale()) == ("epoch", "log")
        means = [line for line in axes.lines if line.get_marker() == "None"]
        for line, band, (depth, values) in zip(means, axes.collections, runs.items(), strict=True):
            np.testing.assert_allclose(line.get_ydata(), values.mean(axis=0))
            assert line.get_label() == f"{depth} layers"
            heights = band.get_paths()[0].vertices[:, 1]
            assert (heights.min(), heights.max()) == (values.min(), values.max())
    assert picture.axes[0].get_ylabel() == "training loss"
    (ring,) = [line for line in picture.axes[0].lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(ring.get_ydata(), [2.1, 1.6])
    assert not [line for line in picture.axes[1].lines if line.get_marker() == "o"]


def test_gradients_by_layer_draws_each_network():
    norms = {"plain": [8.0, 2.0, 0.5], "residual": [0.5, 0.5, 0.5]}
    picture = plots.gradients_by_layer(norms)
    assert "plain: 8 to 0.5; residual: 0.5 to 0.5" in picture.alt
    (axes,) = picture.axes
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "gradient norm")
    assert "then the last of each block" in axes.get_xlabel()
    for line, (name, values) in zip(axes.lines, norms.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_ydata(), values)
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])


def test_gradients_over_training_has_the_steps_below():
    picture = plots.gradients_over_training([0, 32, 64], {"plain, first": [4.0, 2.0, 0.5]})
    assert picture.alt == "gradient norm over 64 training steps, a line each: plain, first"
    (axes,) = picture.axes
    assert axes.get_xlabel() == "training step"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 32, 64])
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [4, 2, 0.5])
    np.testing.assert_allclose(axes.get_ylim(), (0.1, 10))


def test_four_lines_of_a_kind_are_too_many():
    with pytest.raises(ValueError, match="4 lines are plain, there are 3 line styles"):
        plots.gradients_by_layer({f"plain {k}": [1.0] for k in range(4)})


def test_a_line_that_is_neither_plain_nor_residual_is_refused():
    with pytest.raises(ValueError, match="'deep', it needs to be plain or residual"):
        plots.gradients_by_layer({"deep": [1.0]})


def test_one_hue_for_each_kind_in_every_picture():
    names = "plain, first", "plain, last", "residual, first"
    lines = (
        plots.gradients_over_training([0, 1], {name: [1.0, 2.0] for name in names}).axes[0].lines
    )
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    for axes, line in zip(plots.losses_by_depth(LOSSES).axes, (lines[0], lines[2]), strict=True):
        np.testing.assert_allclose(axes.lines[-1].get_color(), to_rgb(line.get_color()))


def test_network_sizes_draws_both_numbers_in_their_units():
    picture = plots.network_sizes({"small": (11.7e6, 1.8e9), "large": (60.2e6, 11.3e9)})
    assert "small 11.7 and 1.8; large 60.2 and 11.3" in picture.alt
    left, right = picture.axes
    assert left.get_xlabel() == "parameters, millions"
    assert right.get_xlabel() == "multiplications, billions"
    np.testing.assert_allclose([bar.get_width() for bar in left.patches], [11.7, 60.2])
    np.testing.assert_allclose([bar.get_width() for bar in right.patches], [1.8, 11.3])


def test_only_blocks_with_a_shortcut_have_a_plus():
    picture = plots.residual_blocks()
    assert picture.alt.startswith("three blocks")
    words = [[text.get_text() for text in axes.texts] for axes in picture.axes]
    assert ["+" in found for found in words] == [False, True, True]
    assert ["$a^{[l]}$ itself" in found for found in words] == [False, True, False]
    assert ["$W_s$" in " ".join(found) for found in words] == [False, False, True]
