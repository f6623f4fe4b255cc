"""The pictures of lesson 06 of week 2: they draw what they were given, and say it in words."""

import numpy as np
import pytest

from cnnlib import plots

FIRST = np.array([True] * 6 + [False] * 14)
SECOND = np.array([False] * 2 + [True] * 5 + [False] * 13)
RUNS = np.array([[0.80, 0.84, 0.86], [0.70, 0.72, 0.78]])


def points(axes):
    return [line.get_ydata().tolist() for line in axes.lines]


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
    picture = plots.measures_over_members({"accuracy": RUNS, "squared error": 1 - RUNS}, here=here)
    assert "means over 1 to 3 networks, 2 experiments: accuracy from 75.0 % to 82.0 %" in (
        picture.alt
    )
    assert picture.alt.endswith("squared error from 0.250 to 0.180")
    left, right = picture.axes
    assert points(left) == [*RUNS.tolist(), RUNS.mean(axis=0).tolist(), here["accuracy"]]
    assert points(right) == [*(1 - RUNS).tolist(), (1 - RUNS).mean(axis=0).tolist()]
    assert left.lines[-1].get_xdata().tolist() == [1, 2]
    assert [axes.get_ylabel() for axes in picture.axes] == ["accuracy", "squared error"]
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


def test_accuracy_over_passes_puts_each_way_at_its_price():
    passes = {"one": 1, "ten": 10}
    runs = {"ten": [0.9, 0.8], "one": [0.7, 0.8]}
    picture = plots.accuracy_over_passes(passes, runs)
    assert picture.alt.endswith("on average: one, 1: 75.0 %; ten, 10: 85.0 %")
    (axes,) = picture.axes
    np.testing.assert_allclose(points(axes), [[0.7, 0.9], [0.8, 0.8], [0.75, 0.85]])
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 10]] * 3
    assert [text.get_text() for text in axes.texts] == ["one", "ten"]
    assert axes.get_xscale() == "log" and "passes" in axes.get_xlabel()
    assert axes.get_ylabel() == "accuracy"


def test_accuracy_over_crops_has_a_panel_for_each_group_on_one_scale():
    picture = plots.accuracy_over_crops((1, 5, 10), {"digits": RUNS, "crops": RUNS[:1]})
    assert "with 1, 5, 10 crops; digits: 75.0 %, 78.0 %, 82.0 %" in picture.alt
    left, right = picture.axes
    assert points(left) == [*RUNS.tolist(), RUNS.mean(axis=0).tolist()]
    assert points(right) == [RUNS[0].tolist()] * 2
    assert [axes.get_title() for axes in picture.axes] == ["digits", "crops"]
    assert left.get_ylim() == right.get_ylim()
    assert [label.get_text() for label in left.get_xticklabels()] == ["1", "5", "10"]
    assert (left.get_xlabel(), left.get_ylabel()) == ("crops", "accuracy")


def test_a_title_of_two_lines_is_one_line_of_words():
    assert (
        "digits, moved: 75.0 %"
        in plots.accuracy_over_crops((1, 5, 10), {"digits,\nmoved": RUNS}).alt
    )
