"""The pictures of lesson 06: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest

from cnnlib import plots
from cnnlib.plots.picture import BLUE, ORANGE

# Three seeds at two places; the medians are 0.6, 0.7 and 0.8, 0.9.
DENSE = [[0.5, 0.7], [0.6, 0.6], [0.7, 0.8]]
CONV = [[0.8, 0.9], [0.7, 1.0], [0.9, 0.8]]


def test_connections_colors_the_pixels_that_matter_and_no_others():
    change = np.zeros((4, 5))
    change[1:3, 2] = 0.3
    image = np.eye(4, 5)
    picture = plots.connections(image, {"one": change, "all": np.ones((4, 5))})
    assert "one: 2 pixels; all: 20 pixels" in picture.alt
    first, second = picture.axes
    assert [axes.get_title() for axes in (first, second)] == [
        "one\n2 of 20 pixels",
        "all\n20 of 20 pixels",
    ]
    pixels, colored = first.images
    np.testing.assert_array_equal(pixels.get_array(), image)
    np.testing.assert_array_equal(~np.isnan(np.ma.filled(colored.get_array(), np.nan)), change > 0)


def test_convolution_matrix_writes_each_weight_in_the_color_it_has_in_the_kernel():
    kernel = np.array([[1.0, 2], [3, 4]])
    matrix = np.array([[1.0, 2, 0, 3, 4, 0], [0, 1, 2, 0, 3, 4]])
    picture = plots.convolution_matrix(kernel, matrix)
    assert "2 outputs by 6 inputs" in picture.alt
    assert "8 of 12 weights are not zero" in picture.alt
    left, right = picture.axes
    for axes, values in ((left, kernel), (right, matrix)):
        written = {text.get_position()[::-1]: float(text.get_text()) for text in axes.texts}
        assert written == {place: value for place, value in np.ndenumerate(values) if value}
    assert left.images[0].get_clim() == right.images[0].get_clim()
    assert left.images[0].get_cmap() == right.images[0].get_cmap()
    assert right.get_xlabel().startswith("input pixel")
    assert right.get_ylabel().startswith("output number")


def test_scene_moved_draws_each_line_where_the_thing_stands():
    pictures = {"before": np.eye(6), "after": np.eye(6)[:, ::-1]}
    picture = plots.scene_moved(pictures, (4, 1), alt="a move to the left")
    assert picture.alt == "a move to the left"
    assert [axes.get_title() for axes in picture.axes] == ["before", "after"]
    for axes, values, column in zip(picture.axes, pictures.values(), (4, 1), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), values)
        assert [list(drawn.get_xdata()) for drawn in axes.lines] == [[column, column]]
    with pytest.raises(ValueError):
        plots.scene_moved(pictures, (4,), alt="a line is missing")


def test_with_shuffled_puts_each_image_beside_its_own_shuffle():
    images = np.arange(18.0).reshape(2, 3, 3)
    picture = plots.with_shuffled(images, images[:, ::-1], [7, 2])
    assert "each beside itself" in picture.alt
    titles = [axes.get_title() for axes in picture.axes]
    assert titles == ["a 7", "the 7, shuffled", "a 2", "the 2, shuffled"]
    for axes, drawn in zip(
        picture.axes, (images[0], images[0, ::-1], images[1], images[1, ::-1]), strict=True
    ):
        np.testing.assert_array_equal(axes.images[0].get_array(), drawn)


def test_global_maximum_draws_every_map_and_the_one_number_left_of_it():
    maps = np.random.default_rng(0).random((4, 4, 32))
    picture = plots.global_maximum(maps)
    assert "32 maps of 4 × 4 numbers" in picture.alt
    sheet, numbers = (picture.axes[k].images[0].get_array() for k in (0, 2))
    np.testing.assert_array_equal(numbers, maps.max(axis=(0, 1)).reshape(4, 8))
    for k in range(32):
        top, left = 5 * (k // 8), 5 * (k % 8)
        np.testing.assert_array_equal(sheet[top : top + 4, left : left + 4], maps[:, :, k])
    assert [text.get_text() for text in picture.axes[4].texts] == [str(k) for k in range(10)]
    assert [axes.get_title() for axes in picture.axes[::2]] == [
        "32 maps of 4 × 4",
        "32 numbers",
        "10 answers",
    ]


def line(axes, color, marker):
    (found,) = (
        one for one in axes.lines if one.get_color() == color and one.get_marker() == marker
    )
    return found


def bands(axes):
    """Lowest and highest accuracy of each band at its first place."""
    corners = [band.get_paths()[0].vertices for band in axes.collections]
    return [(points[:, 1][points[:, 0] == points[:, 0].min()]) for points in corners]


def test_accuracy_over_digits_draws_medians_ranges_and_the_readers_own_run():
    picture = plots.accuracy_over_digits(
        [100, 300], {"dense": DENSE, "conv": CONV}, here={"dense": (300, 0.65), "conv": (300, 0.95)}
    )
    assert "100 to 300 training digits" in picture.alt
    assert "3 seeds" in picture.alt
    assert "conv above dense at the right end" in picture.alt
    assert "0.65" not in picture.alt  # a rerun's own number would differ
    (axes,) = picture.axes
    assert axes.get_xscale() == "log"
    assert axes.get_ylabel() and "training digits" in axes.get_xlabel()
    for color, medians, ring in ((BLUE, [0.6, 0.7], 0.65), (ORANGE, [0.8, 0.9], 0.95)):
        np.testing.assert_allclose(line(axes, color, "None").get_ydata(), medians)
        assert line(axes, color, "o").get_xydata().tolist() == [[300, ring]]
    for heights, (low, high) in zip(bands(axes), [(0.5, 0.7), (0.7, 0.9)], strict=True):
        assert (heights.min(), heights.max()) == (low, high)


def test_accuracy_over_shifts_draws_each_shift_of_the_readers_own_run():
    picture = plots.accuracy_over_shifts(
        [0, 1], {"dense": CONV, "conv": DENSE}, here={"a": {0: 0.8}, "b": {0: 0.6, 1: 0.5}}
    )
    assert "0 to 1 pixels" in picture.alt
    assert "dense above conv at the left end" in picture.alt
    (axes,) = picture.axes
    assert axes.get_ylim() == (0, 1)
    assert "pixels" in axes.get_xlabel()
    np.testing.assert_allclose(line(axes, BLUE, "None").get_ydata(), [0.8, 0.9])
    assert line(axes, ORANGE, "o").get_xydata().tolist() == [[0, 0.6], [1, 0.5]]


def test_accuracy_by_seed_draws_a_dot_for_each_seed_above_its_condition():
    groups = {
        "in order": {"dense": [0.8, 0.82], "conv": [0.9, 0.91]},
        "shuffled": {"dense": [0.8, 0.81], "conv": [0.7, 0.71]},
    }
    picture = plots.accuracy_by_seed(groups)
    assert "in order: conv above dense; shuffled: dense above conv" in picture.alt
    (axes,) = picture.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == list(groups)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["dense", "conv"]
    drawn = {
        (line.get_color(), round(line.get_xdata()[0])): list(line.get_ydata())
        for line in axes.lines
    }
    assert drawn == {
        (color, place): runs[name]
        for place, runs in enumerate(groups.values())
        for color, name in ((BLUE, "dense"), (ORANGE, "conv"))
    }
