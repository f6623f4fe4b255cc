"""The pictures of lesson 03 of week 3: they draw what they were given, and say it in words."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnlib import plots
from cnnlib.plots import suppression as module

IMAGE = np.full((20, 20, 3), 0.5)
BOXES = np.array([[2, 2, 8, 8], [3, 2, 9, 8], [12, 12, 18, 18.0]])
SCORES = np.array([0.9, 0.8, 0.7])
STEPS = [(0, np.array([1])), (2, np.array([], dtype=int))]


def frames(axes):
    return [[p.get_x(), p.get_y(), p.get_x() + p.get_width()] for p in axes.patches]


def test_overlap_cells_counts_the_squares():
    picture = plots.overlap_cells((0, 0, 3, 2), (1, 1, 4, 3))
    assert picture.alt.endswith("together they cover 10 squares, 2 of them both")
    (axes,) = picture.axes
    *cells, first, second = axes.patches
    assert len(cells) == 10
    colors = [cell.get_facecolor() for cell in cells]
    full = [cell.get_xy() for cell, color in zip(cells, colors, strict=True) if color != colors[0]]
    assert full == [(1, 1), (2, 1)]
    assert (first.get_xy(), first.get_width(), first.get_height()) == ((0, 0), 3, 2)
    assert (second.get_xy(), second.get_width(), second.get_height()) == ((1, 1), 3, 2)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # y points down, as in pictures
    assert "pixels" in axes.get_xlabel() and "pixels" in axes.get_ylabel()


MEASURES = np.arange(4), [1, 1 / 3, 0, 0], [1, 1 / 3, 0, -0.2]


def test_overlap_over_distance_draws_both_measures():
    animation = plots.overlap_over_distance(*MEASURES, side=2)
    assert "two squares of 2 pixels move apart" in animation.alt
    assert "IoU falls from 1 to 0 and stays there" in animation.alt
    assert animation.alt.endswith("generalized IoU goes on falling to -0.20")
    assert len(animation.png()) < 400_000
    axes = module._apart("alt", *MEASURES, 2, 3).axes[1]
    lines = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert lines["IoU"] == MEASURES[1] and lines["generalized IoU"] == MEASURES[2]
    assert [line.get_ydata() for line in axes.lines[-2:]] == [[-0.2], [0]]  # the dots
    assert "pixels" in axes.get_xlabel() and axes.get_ylabel() == "measure"


@pytest.mark.parametrize("turn, hatched", [(0, []), (2, []), (3, [[2, 0, 3]])])
def test_the_squares_stand_apart_by_the_distance_and_what_neither_covers_is_hatched(turn, hatched):
    axes = module._apart("alt", *MEASURES, 2, turn).axes[0]
    *empty, one, other, around = axes.patches
    assert [[p.get_x(), p.get_y(), p.get_x() + p.get_width()] for p in empty] == hatched
    assert all(patch.get_hatch() for patch in empty)
    assert (one.get_xy(), other.get_xy()) == ((0, 0), (MEASURES[0][turn], 0))
    assert one.get_width() == other.get_width() == one.get_height() == 2
    margin = -around.get_x()
    assert around.get_width() - 2 * margin == pytest.approx(2 + MEASURES[0][turn])
    assert around.get_linestyle() == "--"


def test_suppression_tells_every_step_in_words():
    animation = plots.suppression_steps(IMAGE, BOXES, SCORES, STEPS)
    assert animation.alt == (
        "non-max suppression of 3 boxes, best first: 0.90 stays and removes 1; "
        "0.70 stays and removes 0"
    )
    pages = Image.open(io.BytesIO(animation.png()))
    assert pages.n_frames == 3  # the still, which is no part of the motion, and two steps


def test_a_turn_shows_who_waits_goes_and_stays():
    picture = module._turn("alt", "title", IMAGE, BOXES, SCORES, [2], [0], going=[1], best=[0])
    left, right = picture.axes
    assert frames(left) == [[12, 12, 18], [3, 2, 9], [2, 2, 8]]
    assert [patch.get_linestyle() for patch in left.patches] == ["-", ":", "-"]
    assert frames(right) == [[2, 2, 8]]
    assert [text.get_text() for text in right.texts] == ["0.90"]
    assert (left.get_title(), right.get_title()) == ("title", "stay: 1")


def test_precision_over_recall_fills_what_average_precision_counts():
    recall, precision = [0.25, 0.25, 0.5, 0.75, 0.75], [1, 0.5, 2 / 3, 0.75, 0.6]
    picture = plots.precision_over_recall({"five": (recall, precision)}, {"five": 0.625})
    assert picture.alt == "precision over recall, five: average precision 0.625"
    (axes,) = picture.axes
    values, edges, _ = axes.patches[0].get_data()
    assert np.diff(edges) @ values == pytest.approx(0.625)
    (measured,) = axes.lines
    assert measured.get_xdata().tolist() == recall and measured.get_ydata().tolist() == precision
    assert axes.get_title() == "five: AP = 0.625"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("recall", "precision")


def test_map_over_thresholds_draws_every_way_and_what_was_there_without():
    rows = {"apart": [0.5, 0.7, 0.4], "together": [0.4, 0.6, 0.65]}
    picture = plots.map_over_thresholds([0.1, 0.5, 0.9], rows, without=0.2)
    assert "apart, 0.40 to 0.70, best at 0.5; together, 0.40 to 0.65, best at 0.9" in picture.alt
    assert picture.alt.endswith("without suppression 0.20")
    (axes,) = picture.axes
    drawn = [list(line.get_ydata()) for line in axes.lines]
    assert drawn == [*rows.values(), [0.2, 0.2]]
    assert "IoU" in axes.get_xlabel() and "mAP" in axes.get_ylabel()
