"""The pictures of modules and heads: what they draw is what they were given, in words as well."""

import itertools

import numpy as np
import pytest

from cnnlib.plots import inception as plots


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_wanted_and_error_draws_both_and_their_difference_around_zero():
    wanted, given = np.array([[0.2, 0.9]]), np.array([[0.5, 0.4]])
    photograph = np.full((1, 2, 3), 0.3)
    picture = plots.wanted_and_error(photograph, wanted, given)
    assert "from -0.50 (blue, too little) to 0.30 (red, too much)" in picture.alt
    shown = [axes.images[0] for axes in picture.axes[:3]]
    np.testing.assert_array_equal(shown[0].get_array(), photograph)
    np.testing.assert_array_equal(shown[1].get_array(), wanted)
    np.testing.assert_allclose(shown[2].get_array(), [[0.3, -0.5]])
    assert shown[2].get_clim() == (-0.5, 0.5)
    assert len(picture.axes) == 5  # a color bar for each map


def test_two_ways_draws_volumes_to_one_scale_and_adds_the_work():
    picture = plots.two_ways(
        {
            "directly": [(4, 4, 20), ("5 filters", 300, (4, 4, 5))],
            "in two": [(4, 4, 20), ("2 filters", 40, (4, 4, 2)), ("5 filters", 60, (4, 4, 5))],
        }
    )
    assert "directly 300, in two 100" in picture.alt
    first, second = picture.axes
    assert texts(second) == [
        "4 × 4 × 20", "2 filters\n40", "4 × 4 × 2", "5 filters\n60", "4 × 4 × 5"
    ]  # fmt: skip
    assert second.get_title(loc="left") == "in two: 100 multiplications"
    fronts = [patch.get_xy()[:4] for patch in second.patches[::3] if len(patch.get_xy()) == 5]
    assert [round(float(np.ptp(front[:, 0]))) for front in fronts] == [20, 2, 5]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_aspect() == second.get_aspect() == 1


def test_side_by_side_draws_bars_as_high_as_their_channels():
    picture = plots.side_by_side(
        9, {"1×1": [("1×1", 4)], "3×3": [("1×1", 2), ("3×3", 6)], "pool": [("max pool", 9)]}
    )
    assert "3×3, 1×1 with 2 then 3×3 with 6" in picture.alt
    assert picture.alt.endswith("concatenated they are 19 channels")
    (axes,) = picture.axes
    bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
    assert [bar.get_height() for bar in bars] == [9, 4, 4, 2, 6, 6, 9, 9]
    assert bars[1].get_facecolor() == bars[3].get_facecolor()  # one color for one window
    assert bars[3].get_facecolor() != bars[4].get_facecolor()
    joined = [bar for bar in bars if bar.get_x() == 3]
    for upper, lower in itertools.pairwise(joined):
        assert upper.get_y() == lower.get_y() + lower.get_height()
    assert {"1×1, 4", "3×3, 6", "max pool, 9", "input\n9", "concatenated\n19"} <= set(texts(axes))


def test_kept_share_draws_the_shares_beside_equal_ones():
    picture = plots.kept_share([4, 8], [0.5, 0.75], [0.3, 0.6], whole=16)
    assert "4: 50%, 30%, 8: 75%, 60%" in picture.alt
    (axes,) = picture.axes
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[4, 0.5], [8, 0.75]])
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), [0.3, 0.6])
    np.testing.assert_array_equal(axes.lines[2].get_ydata(), [0.25, 0.5])
    assert axes.get_ylabel() == "share of the variance" and "of 16" in axes.get_xlabel()


def test_work_by_window_stacks_the_windows_of_each_part():
    picture = plots.work_by_window({"stem": {"7×7": 3e6}, "3a": {"1×1": 1e6, "3×3": 4e6}})
    assert "most in 3a" in picture.alt
    assert "1×1 1,000,000" in picture.alt
    (axes,) = picture.axes
    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in axes.containers}
    assert heights == {"1×1": [0, 1], "3×3": [0, 4], "7×7": [3, 0]}
    assert axes.containers[1][1].get_y() == 1
    assert axes.get_ylim()[1] > 5
    assert axes.get_ylabel() == "million multiplications"


def test_gradients_with_heads_draws_one_line_for_each_case():
    norms = {"alone": {"a": 0.1, "b": 1.0}, "heads alone": {"a": 0.2, "b": 0.0}}
    picture = plots.gradients_with_heads(norms, marks=("a",))
    assert "at a: alone 0.1, heads alone 0.2" in picture.alt
    (axes,) = picture.axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [0.1, 1.0])
    assert np.isnan(axes.lines[1].get_ydata()[1])  # no place for 0 on a logarithmic axis
    assert axes.lines[2].get_xdata()[0] == 0.5
    assert axes.get_yscale() == "log"


def test_runs_by_network_draws_a_dot_for_each_seed_and_the_mean():
    runs = {"with": [0.5, 0.7], "without": [0.2, 0.3]}
    picture = plots.runs_by_network(runs, ylabel="loss")
    assert picture.alt.startswith("loss, a dot for each seed, its runs joined by a line; means: ")
    assert picture.alt.endswith("with 0.6, without 0.25")
    (axes,) = picture.axes
    first, second, dots, bar, *_ = axes.lines
    np.testing.assert_array_equal(first.get_xydata(), [[0, 0.5], [1, 0.2]])
    np.testing.assert_array_equal(second.get_xydata(), [[0, 0.7], [1, 0.3]])
    np.testing.assert_array_equal(dots.get_xydata(), [[0, 0.5], [0, 0.7]])
    np.testing.assert_allclose(bar.get_ydata(), 0.6)
    assert axes.get_ylabel() == "loss"


def test_runs_by_network_needs_as_many_runs_of_each():
    with pytest.raises(ValueError):
        plots.runs_by_network({"with": [0.5, 0.7], "without": [0.2]}, ylabel="loss")


def test_class_evidence_draws_the_maps_of_the_chosen_classes_on_one_scale():
    images = np.linspace(0, 1, 2 * 4 * 8).reshape(2, 4, 8)
    maps = np.arange(2 * 2 * 4 * 3, dtype=float).reshape(2, 2, 4, 3) - 20
    picture = plots.class_evidence(images, maps, [(0, 2), (1, 0)])
    assert "class maps of 0 and 2; 1 and 0" in picture.alt
    *drawn, bar = picture.axes
    grid = np.reshape(drawn, (3, 2))
    assert bar.get_ylabel() == "number in the class map"
    assert tuple(grid[1, 0].images[0].get_extent()) == (-0.5, 7.5, 3.5, -0.5)  # on the picture
    np.testing.assert_array_equal(grid[0, 1].images[0].get_array(), images[1])
    np.testing.assert_array_equal(grid[2, 0].images[0].get_array(), maps[0, :, :, 2])
    assert grid[1, 1].get_title() == "for 1"
    limits = {axes.images[0].get_clim() for axes in grid[1:].flat}
    assert limits == {(-26.0, 26.0)}


@pytest.mark.parametrize("name", ["kept_share", "runs_by_network"])
def test_pictures_end_up_in_the_room(name):
    from cnnlib import plots as room

    assert getattr(room, name) is getattr(plots, name)
