"""The pictures of lesson 05, one and three dimensions: they draw what they were given."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnnlib import plots
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION

RANDOM = np.random.default_rng(0)


def drawn(axes):
    return [np.asarray(line.get_ydata()) for line in axes.lines]


def test_a_piece_of_a_signal_is_in_color():
    signal = RANDOM.normal(size=80)
    picture = plots.piece_in_signal(signal, (16, 24), rate=8)
    assert "10 seconds" in picture.alt and "from second 2 to 3" in picture.alt
    (axes,) = picture.axes
    whole, piece = axes.lines
    np.testing.assert_array_equal(whole.get_ydata(), signal)
    np.testing.assert_array_equal(piece.get_ydata(), signal[16:24])
    np.testing.assert_array_equal(piece.get_xdata(), np.arange(16, 24) / 8)
    assert piece.get_color() == ORANGE
    assert "seconds" in axes.get_xlabel() and "voltage" in axes.get_ylabel()


def test_what_a_filter_finds_is_marked_in_signal_and_response():
    signal, response = RANDOM.normal(size=80), RANDOM.normal(size=73)
    picture = plots.piece_in_signal(signal, (16, 24), rate=8, response=response, found=[40])
    assert "response of a filter" in picture.alt and "mark at second 5" in picture.alt
    upper, lower = picture.axes
    np.testing.assert_array_equal(drawn(upper)[2], signal[40:48])
    np.testing.assert_array_equal(drawn(lower)[0], response)
    marks = {
        line.get_color(): (line.get_xdata()[0], line.get_ydata()[0]) for line in lower.lines[1:]
    }
    assert marks == {VERMILION: (5, response[40]), ORANGE: (2, response[16])}
    assert "response" in lower.get_ylabel() and "begins" in lower.get_xlabel()


def test_growth_draws_three_dots_for_each_count():
    counts = {"weights": (96, 416, 2016), "multiplications": (800, 40_000, 2_000_000)}
    picture = plots.growth_by_dimension(counts)
    assert "weights: 96, 416, 2,016; multiplications: 800, 40,000, 2,000,000" in picture.alt
    for axes, (what, numbers) in zip(picture.axes, counts.items(), strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), numbers)
        assert [t.get_text() for t in axes.texts] == [f"{number:,}" for number in numbers]
        assert [t.get_text() for t in axes.get_yticklabels()] == ["1-D", "2-D", "3-D"]
        assert what in axes.get_xlabel() and axes.get_xscale() == "log"


def test_strips_show_every_picture_and_leave_the_rest_empty():
    rows = {"volume": RANDOM.random((4, 5, 6)), "output": RANDOM.normal(size=(2, 3, 3))}
    picture = plots.strips(rows, alt="two strips", signed=["output"], unit="slice")
    assert picture.alt == "two strips"
    assert picture.get_supxlabel() == "number of the slice"
    grid = np.array(picture.axes).reshape(2, 4)
    for panels, (caption, pictures) in zip(grid, rows.items(), strict=True):
        assert panels[0].get_ylabel() == caption
        for axes, expected in zip(panels, pictures, strict=False):
            np.testing.assert_array_equal(axes.images[0].get_array(), expected)
    assert not grid[1, 2].images and not grid[1, 3].images
    assert not any(spine.get_visible() for spine in grid[1, 3].spines.values())
    low, high = grid[1, 0].images[0].get_clim()
    assert low == -high == -np.abs(rows["output"]).max()
    assert grid[0, 0].images[0].get_clim()[0] == 0


def test_strips_can_begin_at_a_later_number():
    rows = {"volume": RANDOM.random((4, 5, 6)), "output": RANDOM.normal(size=(2, 3, 3))}
    picture = plots.strips(rows, alt="two strips", starts={"output": 2})
    lower = np.array(picture.axes).reshape(2, 4)[1]
    assert [bool(axes.images) for axes in lower] == [False, True, True, False]
    assert [axes.get_title() for axes in lower] == ["", "2", "3", ""]
    np.testing.assert_array_equal(lower[1].images[0].get_array(), rows["output"][0])


def test_patterns_stand_beside_their_signals():
    templates, signals = RANDOM.normal(size=(3, 24)), RANDOM.normal(size=(3, 2, 64))
    picture = plots.patterns_and_signals(templates, signals)
    assert "3 patterns" in picture.alt and "2 signals of 64 samples" in picture.alt
    grid = np.array(picture.axes).reshape(3, 3)
    for row, template, examples in zip(grid, templates, signals, strict=True):
        np.testing.assert_array_equal(drawn(row[0])[0], template)
        for axes, signal in zip(row[1:], examples, strict=True):
            np.testing.assert_array_equal(drawn(axes)[0], signal)
    assert all(axes.get_xlabel() == "sample" for axes in grid[-1])


def test_accuracies_are_bars_in_the_color_of_their_network():
    rows = {
        "fixed": {"conv": 0.9, "dense": 0.8, "blind": 0.2},
        "random": {"conv": 0.7, "dense": 0.4, "blind": 0.1},
    }
    picture = plots.accuracies_by_condition(rows, chance=0.1)
    assert "bars for conv, dense, blind, in each of: fixed; random" in picture.alt
    (axes,) = picture.axes
    heights = {}
    for bar in axes.patches:
        heights.setdefault(to_hex(bar.get_facecolor()).upper(), []).append(bar.get_height())
    assert heights == {BLUE: [0.9, 0.7], ORANGE: [0.8, 0.4], GREEN: [0.2, 0.1]}
    assert [t.get_text() for t in axes.get_xticklabels()] == ["fixed", "random"]
    assert list(axes.lines[0].get_ydata()) == [0.1, 0.1]
    assert "share" in axes.get_ylabel()


def test_accuracies_need_the_same_networks_in_each_condition():
    with pytest.raises(ValueError, match="need to be the same for each condition"):
        plots.accuracies_by_condition({"a": {"conv": 1}, "b": {"dense": 1}}, chance=0.1)
    with pytest.raises(ValueError, match="3 at most"):
        plots.accuracies_by_condition({"a": dict.fromkeys("vwxyz", 1)}, chance=0.1)


def test_walks_are_two_curves_under_their_digit():
    images, signals = RANDOM.random((2, 28, 28)), RANDOM.uniform(-1, 1, (2, 64, 2))
    picture = plots.walks(images, signals)
    assert "2 handwritten digits;" in picture.alt and "64 steps" in picture.alt
    upper, middle, lower = picture.axes[:2], picture.axes[2:4], picture.axes[4:6]
    for above, path, below, image, signal in zip(
        upper, middle, lower, images, signals, strict=True
    ):
        np.testing.assert_array_equal(above.images[0].get_array(), image)
        dots = path.collections[0]
        np.testing.assert_allclose(dots.get_offsets(), signal.cumsum(axis=0))
        np.testing.assert_array_equal(dots.get_array(), np.arange(1, 65))
        np.testing.assert_allclose(path.lines[0].get_xydata()[0], signal.sum(axis=0))
        assert path.yaxis_inverted()
        np.testing.assert_array_equal(drawn(below), signal.T)
        assert "step" in below.get_xlabel()


def test_walks_can_be_titled():
    picture = plots.walks(RANDOM.random((1, 28, 28)), RANDOM.random((1, 64, 2)), titles=["4 as 9"])
    assert picture.axes[0].get_title() == "4 as 9" and "4 as 9" not in picture.alt


def test_a_window_lies_in_its_volume_and_gives_one_voxel():
    picture = plots.window_in_volume(14, 5)
    assert "5 by 5 by 5 voxels inside a cube of 14 by 14 by 14" in picture.alt
    assert "a cube of 10 by 10 by 10" in picture.alt
    (axes,) = picture.axes
    faces = axes.collections[::2]  # each cube is drawn as faces and edges
    widths = [np.ptp(cube.get_paths()[0].vertices[:, 0]) for cube in faces]
    assert widths == [14, 5, 10, 1]


def test_films_move_and_their_still_shows_where_to():
    clips = np.zeros((2, 3, 8, 8))
    for t in range(3):
        clips[0, t, 4, 6 - 2 * t] = 1  # to the left
        clips[1, t, 1 + 2 * t, 4] = 1  # down
    animation = plots.films(clips, ["left", "down"])
    assert "2 films of 3 frames" in animation.alt and "left, down" in animation.alt
    assert len(animation._pages) == 4  # the still and three frames
    from cnnlib.plots.sequences import _middle

    assert _middle(clips[0, 0]) == (6, 4) and _middle(clips[1, 2]) == (4, 5)
    assert len(animation.png()) < 400_000


def test_a_cut_along_time_has_a_row_for_each_frame():
    cuts = {"left": RANDOM.random((6, 24)), "right": RANDOM.random((6, 24))}
    picture = plots.space_time(cuts)
    assert "left, right" in picture.alt
    for axes, (caption, pixels) in zip(picture.axes, cuts.items(), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), pixels)
        assert axes.get_title() == caption and "column" in axes.get_xlabel()
        assert [t.get_text() for t in axes.get_yticklabels()] == list("123456")
    assert picture.axes[0].get_ylabel() == "frame"


def test_direction_tables_hold_the_shares_of_each_row():
    labels = [0, 0, 0, 0, 1, 1]
    picture = plots.direction_tables(
        labels, {"seeing": labels, "blind": [0, 1, 1, 1, 0, 1]}, ["left", "right"]
    )
    assert "seeing, blind" in picture.alt and "left, right" in picture.alt
    seeing, blind = picture.axes
    np.testing.assert_array_equal(seeing.images[0].get_array(), np.eye(2))
    np.testing.assert_array_equal(blind.images[0].get_array(), [[0.25, 0.75], [0.5, 0.5]])
    assert [t.get_text() for t in blind.texts] == ["0.25", "0.75", "0.50", "0.50"]
    assert seeing.get_ylabel() == "true direction" and blind.get_xlabel() == "answer"


def test_responses_are_signed_and_named():
    differences = RANDOM.normal(size=(4, 16))
    names = ("left", "right", "up", "down")
    picture = plots.responses_by_direction(differences, names)
    assert "16 filters" in picture.alt and "left, right, up, down" in picture.alt
    axes = picture.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), differences)
    low, high = axes.images[0].get_clim()
    assert low == -high
    assert [t.get_text() for t in axes.get_yticklabels()] == list(names)
    assert axes.get_xlabel() == "number of the filter" and axes.get_ylabel() == "direction"
