"""The pictures of lesson 06 of week 2: they draw what they were given, and say it in words."""

import numpy as np
import pytest
from skimage.feature import hog

from cnnlib import plots

FIRST = np.array([True] * 6 + [False] * 14)
SECOND = np.array([False] * 2 + [True] * 5 + [False] * 13)
RUNS = np.array([[0.80, 0.84, 0.86], [0.70, 0.72, 0.78]])


def points(axes):
    return [np.asarray(line.get_ydata()).tolist() for line in axes.lines]


def test_shared_errors_splits_them_and_compares_with_chance():
    picture = plots.shared_errors(FIRST, SECOND)
    assert "of 20 pictures the first network misreads 6, the second 5" in picture.alt
    assert picture.alt.endswith("4 of them are the same, where chance would give 2")
    (axes,) = picture.axes
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == [2, 4, 1, 4.5, 1.5, 3.5]  # 6 · 5 / 20 by chance
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert (ends[2], ends[5]) == (7, 9.5)
    assert [text.get_text() for text in axes.get_legend().texts][1] == "both"
    assert "misreads" in axes.get_xlabel()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["measured", "if by chance"]


def test_shared_errors_are_of_the_same_pictures():
    with pytest.raises(ValueError, match=r"first has shape \(20,\), second \(19,\)"):
        plots.shared_errors(FIRST, SECOND[1:])


def test_members_and_mean_draws_each_member_and_their_mean():
    probabilities = np.array([[0.2, 0.8, 0], [0.6, 0.4, 0], [0.7, 0.2, 0.1]])
    picture = plots.members_and_mean(np.eye(5), probabilities, 0)
    assert "class 0 beside the probabilities of 3 networks, whose answers are 1, 0, 0" in (
        picture.alt
    )
    assert picture.alt.endswith("their mean answers 0, with 0.50")
    image, bars = picture.axes
    assert image.get_title() == "label 0"
    np.testing.assert_array_equal(image.images[0].get_array(), np.eye(5))
    assert points(bars) == probabilities.tolist()
    heights = [bar.get_height() for bar in bars.patches]
    np.testing.assert_allclose(heights, probabilities.mean(axis=0))
    assert (bars.get_xlabel(), bars.get_ylabel()) == ("class", "probability")


def test_measures_over_members_draws_every_experiment_their_mean_and_the_run_here():
    here = {"accuracy": [0.75, 0.77]}
    forecast = {"accuracy": ([0.75, 0.76, 0.763], 0.77)}
    runs = {"accuracy": RUNS, "squared error": 1 - RUNS}
    picture = plots.measures_over_members(runs, here=here, forecast=forecast)
    assert "means over 1 to 3 networks, 2 experiments: accuracy from 75.0 % to 82.0 %" in (
        picture.alt
    )
    assert "squared error from 0.250 to 0.180" in picture.alt
    assert picture.alt.endswith("forecast of the accuracy without end: 77.0 %")
    left, right = picture.axes
    dashed, dotted = forecast["accuracy"]
    mean = RUNS.mean(axis=0).tolist()
    assert points(left) == [*RUNS.tolist(), mean, dashed, [dotted] * 2, here["accuracy"]]
    assert points(right) == [*(1 - RUNS).tolist(), (1 - RUNS).mean(axis=0).tolist()]
    assert left.lines[-1].get_xdata().tolist() == [1, 2]
    assert [axes.get_ylabel() for axes in picture.axes] == [
        "accuracy (higher is better)",
        "squared error (lower is better)",
    ]
    assert {axes.get_xlabel() for axes in picture.axes} == {"networks in the mean"}


def test_ten_crops_marks_the_windows_and_shows_the_crops():
    image = np.arange(48.0).reshape(6, 8) / 48
    corners = image[:4, :4], image[:4, 4:], image[2:, :4], image[2:, 4:], image[1:5, 2:6]
    crops = np.stack([*corners, *(crop[:, ::-1] for crop in corners)])
    picture = plots.ten_crops(image, crops)
    assert "6 by 8 pixels with five windows of 4 by 4" in picture.alt
    whole, *small = picture.axes
    places = [(box.get_y() + 0.5, box.get_x() + 0.5, box.get_width()) for box in whole.patches]
    assert places == [(0, 0, 4), (0, 4, 4), (2, 0, 4), (2, 4, 4), (1, 2, 4)]
    for axes, crop in zip(small, crops, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), crop)
    assert [axes.get_title() for axes in small][4:6] == ["center", "mirrored"]


@pytest.mark.parametrize("shape", [(5, 4, 4), (10, 4, 3), (10, 7, 7)])
def test_ten_crops_needs_ten_squares_that_fit(shape):
    with pytest.raises(ValueError, match=r"it needs \(10, size, size\) .* 6×8"):
        plots.ten_crops(np.zeros((6, 8)), np.zeros(shape))


def test_gain_over_passes_draws_each_path_at_its_price():
    passes = {"one": 1, "five": 5, "ten": 10}
    gains = {"one": [0, 0], "five": [1, 2], "ten": [3, 2]}
    paths = {"straight": ("one", "ten"), "by five": ("one", "five", "ten")}
    picture = plots.gain_over_passes(passes, gains, paths=paths)
    assert picture.alt.endswith("on average: one, 1: 0.0; five, 5: 1.5; ten, 10: 2.5")
    (axes,) = picture.axes
    drawn = points(axes)
    assert drawn[:3] == [[0, 3], [0, 2], [0, 2.5]]
    assert drawn[3:6] == [[0, 1, 3], [0, 2, 2], [0, 1.5, 2.5]]
    assert axes.lines[5].get_xdata().tolist() == [1, 5, 10]
    assert axes.lines[2].get_color() != axes.lines[5].get_color()
    assert [text.get_text() for text in axes.texts] == ["one", "five", "ten"]
    assert [text.get_text() for text in axes.get_legend().texts] == list(paths)
    assert axes.get_xscale() == "log" and "logarithmic" in axes.get_xlabel()
    assert axes.get_ylabel() == "points gained"


def test_gain_over_crops_has_a_panel_for_each_group_on_one_scale():
    picture = plots.gain_over_crops((1, 5, 10), {"digits": RUNS, "more,\ncrops": 1 - RUNS[:1]})
    assert "by 5 and 10 crops, on average; digits: +3.0, +7.0; more, crops: −4.0, −6.0" in (
        picture.alt
    )
    left, right = picture.axes
    drawn = [line.get_ydata() for line in left.lines[1:]]
    np.testing.assert_allclose(drawn, [[0, 4, 6], [0, 2, 8], [0, 3, 7]])
    np.testing.assert_allclose(right.lines[1].get_ydata(), [0, -4, -6])
    assert points(left)[0] == [0, 0]  # the line of no gain
    assert [text.get_text() for axes in picture.axes for text in axes.texts] == ["+7.0", "−6.0"]
    assert [axes.get_title() for axes in picture.axes] == ["digits", "more,\ncrops"]
    assert left.get_ylim() == right.get_ylim()
    assert [label.get_text() for label in left.get_xticklabels()] == ["1", "5", "10"]
    assert (left.get_xlabel(), left.get_ylabel()) == ("crops", "points gained over the center")


def lines_of(image, cell):
    form = {"pixels_per_cell": (cell, cell), "cells_per_block": (2, 2), "feature_vector": False}
    picture = plots.gradient_cells(image, hog(image, **form))
    right = picture.axes[1]
    return picture, np.array(right.collections[0].get_segments())


@pytest.mark.parametrize("slope, angle", [(1, 40), (-1, 140)])  # 45°: at the border of two bins
def test_gradient_cells_draws_lines_along_the_edges(slope, angle):
    y, x = np.indices((16, 16))
    image = (slope * (x - 7.5) + (y - 7.5) > 0).astype(float)
    picture, lines = lines_of(image, 4)
    assert "on 4 by 4 cells lines along its edges in 9 directions" in picture.alt
    assert picture.alt.endswith(f"at {angle} degrees to the horizontal")
    lengths = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    across, down = lines[lengths.argmax(), 1] - lines[lengths.argmax(), 0]
    assert np.sign(across * -down) == slope  # rows are counted downward
    np.testing.assert_allclose(lengths.max(), 0.96 * 4)
    assert [axes.get_title() for axes in picture.axes] == ["pixels", "edges, cell by cell"]
    np.testing.assert_array_equal(picture.axes[0].images[0].get_array(), image)


def test_gradient_cells_takes_a_cells_mean_over_its_blocks():
    blocks = np.zeros((2, 1, 2, 2, 1))
    blocks[0, 0, 1, 0] = 1  # row 2 of 3, in the first block
    blocks[1, 0, 0, 0] = 3  # the same cell, in the second one
    blocks[1, 0, 1, 1] = 1  # row 3, column 2
    lines = plots.gradient_cells(np.zeros((12, 8)), blocks).axes[1].collections[0].get_segments()
    lengths = np.linalg.norm(np.diff(lines, axis=1)[:, 0], axis=1).reshape(3, 2)
    np.testing.assert_allclose(lengths / lengths.max(), [[0, 0], [1, 0], [0, 0.5]])
