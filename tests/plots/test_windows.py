"""The pictures of sliding windows: they draw what they were given, and say it in words."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnnlib import plots
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION
from cnnlib.plots.windows import _layers_with_windows

IMAGE = np.random.default_rng(0).random((40, 60))
BOXES = np.array([[1, 2, 11, 12], [20, 5, 40, 25], [30, 10, 50, 30.0]])
LECTURE = [("picture", 16, 14, 2), ("conv", 12, 10, 2), ("pool", 6, 5, 1), ("output", 2, 1, 1)]


def corners(patch):
    x, y = patch.get_xy()
    return [x, y, x + patch.get_width(), y + patch.get_height()]


def test_searches_color_what_is_found_and_false_alarms():
    panels = {
        "before": (IMAGE, BOXES[:1], BOXES, [0.2, 0.5, 0.0]),
        "after": (1 - IMAGE, BOXES[:2], BOXES[1:2], np.array([0.9])),
    }
    picture = plots.searches(panels)
    assert "before: 1 on target, 2 false alarms; after: 1 on target, 0 false alarms" in picture.alt
    before, after = picture.axes
    assert before.get_title() == "before\nfound, 2 false alarms"
    assert after.get_title() == "after\nfound, 0 false alarms"
    np.testing.assert_allclose(before.images[0].get_array(), IMAGE)
    np.testing.assert_allclose(after.images[0].get_array(), 1 - IMAGE)
    colors = {tuple(corners(p)): to_hex(p.get_edgecolor()).upper() for p in before.patches[:3]}
    assert colors == {
        tuple(BOXES[0]): VERMILION,
        tuple(BOXES[1]): GREEN,
        tuple(BOXES[2]): VERMILION,
    }
    assert [corners(p) for p in before.patches[3:]] == BOXES[:1].tolist()  # the targets
    assert [corners(p) for p in after.patches] == BOXES[[1, 0, 1]].tolist()


def test_a_search_may_find_nothing():
    picture = plots.searches({"once": (IMAGE, BOXES[:1], np.zeros((0, 4)), [])})
    assert "once: 0 on target, 0 false alarms" in picture.alt
    assert picture.axes[0].get_title() == "once\nmissed, 0 false alarms"


def test_searches_need_one_overlap_for_each_box():
    with pytest.raises(ValueError, match="'once' has 3 boxes and 1 overlaps"):
        plots.searches({"once": (IMAGE, BOXES, BOXES, [0.7])})
    with pytest.raises(ValueError, match="panels is empty"):
        plots.searches({})


def test_score_maps_draw_every_map_on_one_scale_and_name_its_peak():
    maps = {10: np.zeros((5, 7)), 20: np.full((3, 4), 0.25)}
    maps[10][4, 2] = 0.75
    picture = plots.score_maps(IMAGE, maps, window=5, stride=2)
    assert "10 pixels, 5 by 7, highest 0.75 in row 4, column 2" in picture.alt
    photograph, *panels, bar = picture.axes
    assert photograph.get_title() == "photograph"
    for axes, (size, scores) in zip(panels, maps.items(), strict=True):
        assert axes.get_title() == f"{size} pixels"
        np.testing.assert_array_equal(axes.images[0].get_array(), scores)
        assert axes.images[0].get_clim() == (0, 1)
        assert (axes.get_xlim(), axes.get_ylim()) == ((0, 60), (40, 0))
        left, right, bottom, top = axes.images[0].get_extent()
        step = size * 2 / 5
        assert left + step / 2 == top + step / 2 == size / 2  # the middle of the first window
        rows, columns = scores.shape
        np.testing.assert_allclose((right - left, bottom - top), (columns * step, rows * step))
    assert bar.get_ylabel() == "score"


def test_dense_as_filter_draws_the_same_weights_three_times():
    weights = np.random.default_rng(0).normal(size=2 * 3 * 4)
    picture = plots.dense_as_filter(weights, (2, 3, 4), place=(1, 2))
    assert (
        "the 24 weights of one unit as a row of numbers and as a filter of 4 slices of 2 by 3"
        in (picture.alt)
    )
    assert picture.alt.endswith("numbers 20 to 23 of the row and one in each slice")
    (axes,) = picture.axes
    row, *others = (np.asarray(image.get_array()) for image in axes.images)
    np.testing.assert_array_equal(row, weights[np.newaxis])
    np.testing.assert_array_equal(np.ravel(others[::2]), weights[20:24])
    np.testing.assert_array_equal(np.stack(others[1::2], axis=-1).ravel(), weights)
    marks = [patch for patch in axes.patches if patch.get_linewidth() == 2]
    in_row, in_slices = marks[0], marks[2::2]
    left, _, right, _ = corners(in_row)
    whole = axes.images[0].get_extent()[1]
    np.testing.assert_allclose([left / whole, right / whole], [20 / 24, 1])
    for mark, image in zip(in_slices, axes.images[2::2], strict=True):
        slice_left, slice_right, bottom, top = image.get_extent()
        expected = [slice_left + 2 * (slice_right - slice_left) / 3, top + (bottom - top) / 2]
        np.testing.assert_allclose(mark.get_xy(), expected)
    assert len({image.get_clim() for image in axes.images}) == 1


@pytest.mark.parametrize(
    "shape, place, words",
    [((2, 3, 5), (0, 0), r"a map of 2×3×5 needs \(30,\)"), ((2, 3, 4), (2, 0), "a cell of 2×3")],
)
def test_dense_as_filter_refuses_another_map(shape, place, words):
    with pytest.raises(ValueError, match=words):
        plots.dense_as_filter(np.zeros(24), shape, place=place)


def test_windows_by_layer_shows_each_output_and_in_the_still_two():
    animation = plots.windows_by_layer(LECTURE)
    assert "2 by 2 outputs, each of 14 by 14 cells of the 16 by 16 of the picture, 2 apart" in (
        animation.alt
    )
    assert animation.alt.endswith("the first and the last share 12 by 12")
    assert len(animation._pages) == 1 + 4
    assert len(animation.png()) < 400_000


def test_windows_by_layer_marks_what_an_output_depends_on():
    picture = _layers_with_windows("two", LECTURE, {BLUE: (0, 0), ORANGE: (1, 0)})
    expected = {
        "picture": ([0, 0, 14, 14], [0, 2, 14, 16]),
        "conv": ([0, 0, 10, 10], [0, 2, 10, 12]),
        "pool": ([0, 0, 5, 5], [0, 1, 5, 6]),
        "output": ([0, 0, 1, 1], [0, 1, 1, 2]),
    }
    for axes, (name, side, *_) in zip(picture.axes, LECTURE, strict=True):
        assert axes.get_title() == f"{name}\n{side} × {side}"
        filled = [corners(patch) for patch in axes.patches[1::2]]
        assert filled == [*expected[name]]


def test_windows_by_layer_refuses_outputs_that_see_more_than_there_is():
    with pytest.raises(ValueError, match="'picture' has 15 cells, 2 outputs of 14 cells"):
        plots.windows_by_layer([("picture", 15, 14, 2), ("output", 2, 1, 1)])


def test_work_by_layer_draws_both_counts():
    picture = plots.work_by_layer({"conv": (1000, 50), "dense": (300, 300)})
    assert picture.alt.endswith("conv: 20.0 times, dense: 1.0 times")
    (axes,) = picture.axes
    assert [bar.get_width() for bar in axes.patches] == [1000, 50, 300, 300]
    assert [text.get_text() for text in axes.texts] == [
        *("1,000", "50", "20 ×"),
        *("300", "300", "1 ×"),
    ]
    assert axes.get_xscale() == "log" and "multiplications" in axes.get_xlabel()
    assert [text.get_text() for text in axes.get_legend().texts] == ["crop by crop", "in one pass"]
