"""The pictures of lesson 04: what they draw is what they were given, and their words say it."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnlib import plots
from cnnlib.plots import pooling

X = np.array([[1.0, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2]])
LARGEST, MEAN = np.array([[9.0, 2], [6, 3]]), np.array([[3.75, 1.25], [3.75, 2]])


def written(axes):
    return [float(text.get_text()) for text in axes.texts]


def framed(axes):
    """First row, first column, height and width of each frame."""
    return {
        (box.get_y() + 0.5, box.get_x() + 0.5, box.get_height(), box.get_width())
        for box in axes.patches
    }


WINDOWS = {(0, 0, 2, 2), (0, 2, 2, 2), (2, 0, 2, 2), (2, 2, 2, 2)}


def test_pooled_frames_the_windows_and_writes_what_each_kind_keeps():
    picture = plots.pooled(X, {"max": LARGEST, "average": MEAN}, size=2)
    assert "4 by 4 numbers in windows of 2 by 2" in picture.alt
    assert "by max and average pooling" in picture.alt
    assert [axes.get_title() for axes in picture.axes] == ["input", "max", "average"]
    for axes, values in zip(picture.axes, (X, LARGEST, MEAN), strict=True):
        assert written(axes) == values.ravel().tolist()
        assert axes.images[0].get_clim() == (-9, 9)  # one scale: a 9 looks alike everywhere
    assert [framed(axes) for axes in picture.axes] == [WINDOWS, set(), set()]


def test_gradient_routes_frames_windows_where_there_are_any():
    arriving = np.array([[4.0, 8], [-4, 2]])
    routes = {
        "max routes": np.where(np.isin(X, [9, 6]), 4.0, 0),
        "average": np.kron(arriving / 4, np.ones((2, 2))),
    }
    picture = plots.gradient_routes(X, arriving, routes, size=2)
    assert "max pooling sends each number to the largest pixel" in picture.alt
    titles = ["input A", "arriving gradient", "max routes", "average"]
    assert [axes.get_title() for axes in picture.axes] == titles
    for axes, values in zip(picture.axes, (X, arriving, *routes.values()), strict=True):
        assert written(axes) == values.ravel().tolist()
    assert [framed(axes) for axes in picture.axes] == [WINDOWS, set(), WINDOWS, WINDOWS]
    assert [axes.images[0].get_clim()[1] for axes in picture.axes] == [9, 8, 8, 8]
    rings = [[tuple(line.get_xydata()[0][::-1]) for line in axes.lines] for axes in picture.axes]
    assert rings == [[(1, 1), (0, 2), (3, 1), (2, 3)], [], [], []]


def test_walk_frames_the_windows_and_marks_the_step_that_changes_a_maximum():
    rows, maxima = np.eye(4), np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    animation = plots.walk(rows, maxima, size=2)
    assert "a row of 4 cells with windows of 2" in animation.alt
    assert "changes at 1 of 3 steps" in animation.alt and animation.alt.endswith("step 2")
    assert (
        Image.open(io.BytesIO(animation.png())).n_frames == 1 + 4
    )  # the still, then a frame a step


@pytest.mark.parametrize("step", range(4))
def test_a_frame_of_the_walk_shows_the_steps_so_far(step):
    rows, maxima = np.eye(4), np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    source, target = pooling._walked(rows, maxima, 2, step, np.array([2])).axes
    assert written(source) == rows[: step + 1].ravel().tolist()
    marks = [text for text in target.texts if "changed" in text.get_text()]
    assert [mark.get_position()[1] for mark in marks] == [2] * (step >= 2)
    numbers = [float(text.get_text()) for text in target.texts if text not in marks]
    assert numbers == maxima[: step + 1].ravel().tolist()
    assert framed(source) == {(0, 0, 4, 2), (0, 2, 4, 2)}
    assert (source.get_xlabel(), source.get_ylabel()) == ("cell", "step")
    assert target.get_xlabel() == "window"


def test_shift_curves_draws_a_named_line_for_each_size():
    changes = {1: [0.0, 0.7, 0.9], 2: [0.0, 0.5, 0.8], 8: [0.0, 0.3, 0.5]}
    picture = plots.shift_curves(range(3), changes)
    assert "0 to 2 pixels" in picture.alt
    assert "windows of 1)" in picture.alt and picture.alt.endswith("windows of 8")
    (axes,) = picture.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == list(changes.values())
    assert [line.get_xdata().tolist() for line in axes.lines] == [[0, 1, 2]] * 3
    assert len({line.get_color() for line in axes.lines}) == 3
    names = {text.get_text(): text.get_color() for text in axes.texts}
    assert list(names) == ["windows of 1 × 1", "windows of 2 × 2", "windows of 8 × 8"]
    assert list(names.values()) == [line.get_color() for line in axes.lines]
    assert "pixels" in axes.get_xlabel() and axes.get_ylabel() == "relative change of the map"
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize(
    "by_shift, verdict", [([0.6, 0.3, 0.2], "falls faster"), ([0.6, 0.6, 0.6], "falls no faster")]
)
def test_shift_and_difference_writes_the_quotient_to_each_size(by_shift, verdict):
    by_digit = [1.2, 1.0, 0.8]
    picture = plots.shift_and_difference([1, 2, 8], by_shift, by_digit)
    assert "windows of 1 to 8" in picture.alt and picture.alt.endswith(verdict)
    (axes,) = picture.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [by_digit, by_shift]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2, 8]] * 2
    names = {text.get_text(): text.get_color() for text in axes.texts[:2]}
    assert list(names) == ["a different digit", "the same digit, shifted"]
    assert list(names.values()) == [line.get_color() for line in axes.lines]
    shares = [f"{shift / digit:.2f} of it" for shift, digit in zip(by_shift, by_digit, strict=True)]
    assert [text.get_text() for text in axes.texts[2:]] == shares
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "8"]
    assert "windows" in axes.get_xlabel() and axes.get_ylabel() == "relative change of the map"
    assert axes.get_ylim()[0] == 0
