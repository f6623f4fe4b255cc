"""The pictures of what networks see: what they draw is what they were given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cnnlib import plots
from cnnlib.plots.picture import BLUE, ORANGE, VERMILION

RNG = np.random.default_rng(0)


def test_patch_grids_draw_each_patch_in_its_place_and_leave_the_border_white():
    patches = [RNG.random((4, 4, 3)) for _ in range(10)]
    patches[1][:, 0] = np.nan
    layers = {
        "conv1\n4 pixels": {"unit 3": patches, "unit 5": patches[:2]},
        "conv2": {"unit 0": []},
    }
    picture = plots.patch_grids(layers)
    assert picture.alt.endswith("conv1, 4 pixels: unit 3, unit 5; conv2: unit 0")
    nine, _, none, _ = picture.axes
    assert [axes.get_title() for axes in picture.axes] == ["unit 3", "unit 5", "unit 0", ""]
    assert [axes.get_ylabel() for axes in (nine, none)] == ["conv1\n4 pixels", "conv2"]
    assert [len(axes.images) for axes in picture.axes] == [9, 2, 0, 0]
    np.testing.assert_array_equal(nine.images[0].get_array(), patches[0])
    shown = nine.images[1].get_array()
    assert (shown[:, 0] == 1).all()
    np.testing.assert_array_equal(shown[:, 1:], patches[1][:, 1:])
    lefts, tops = zip(*[(i.get_extent()[0], i.get_extent()[3]) for i in nine.images], strict=True)
    assert lefts[:3] == lefts[3:6] == lefts[6:] and lefts[0] < lefts[1] < lefts[2]
    assert len(set(tops[:3])) == 1 and tops[0] < tops[3] < tops[6]


def test_directions_are_drawn_on_the_turn_next_to_the_filters_own():
    picture = plots.directions([170, -20], [[-175, 165], [10, -60]])
    (axes,) = picture.axes
    _, points = axes.lines
    np.testing.assert_allclose(points.get_xdata(), [170, 170, -20, -20])
    np.testing.assert_allclose(points.get_ydata(), [185, 165, 10, -60])
    assert "2 filters" in picture.alt and "2 patches each" in picture.alt
    assert "degrees" in axes.get_xlabel() and "degrees" in axes.get_ylabel()


def test_over_depth_draws_a_line_for_each_measure_and_tells_its_way():
    measures = {"pixels": [0.9, 0.5, 0.1], "color": [0.2, 0.5, 0.9], "second": [0.9, 0.8, 0.85]}
    picture = plots.over_depth(["a_1", "b_2", "c_3"], measures, ylabel="share")
    (axes,) = picture.axes
    for line, (name, values) in zip(axes.lines, measures.items(), strict=True):
        assert line.get_label() == name
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert [line.get_color() for line in axes.lines[:2]] == [BLUE, ORANGE]
    for told in ("pixels falls", "color rises", "second stays about the same"):
        assert told in picture.alt
    assert axes.get_ylabel() == "share" and axes.get_xlabel().startswith("layer")
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a\n1", "b\n2", "c\n3"]


@pytest.mark.parametrize("one_scale", [True, False])
def test_heat_is_opacity_over_the_gray_photograph(one_scale):
    photo, weak, strong = RNG.random((6, 8, 3)), np.eye(2), np.array([[4.0, 0], [0, 2]])
    panels = {"cat": (photo, weak), "cup": (photo, strong)}
    picture = plots.heat(panels, alt="two maps", one_scale=one_scale)
    assert picture.alt == "two maps"
    for axes, name, values, top in zip(
        picture.axes, panels, (weak, strong), (4 if one_scale else 1, 4), strict=True
    ):
        gray, over = (image.get_array() for image in axes.images)
        np.testing.assert_allclose(gray, photo.mean(axis=-1))
        np.testing.assert_allclose(over[..., :3], np.broadcast_to(to_rgb(VERMILION), (2, 2, 3)))
        np.testing.assert_allclose(over[..., 3], 0.85 * values / top)
        np.testing.assert_allclose(axes.images[1].get_extent(), (0, 1, 6 / 8, 0))
        assert axes.get_title() == name


def test_a_map_of_zeros_is_no_heat():
    picture = plots.heat({"none": (np.ones((4, 4, 3)), np.zeros((2, 2)))}, alt="nothing")
    assert (picture.axes[0].images[1].get_array()[..., 3] == 0).all()


def test_field_boxes_are_squares_around_the_center_and_carry_their_names():
    picture = plots.field_boxes(RNG.random((60, 90, 3)), [3, 5, 14, 40], (45, 30), list("abcd"))
    whole, near = picture.axes
    for axes, sides in ((whole, [14, 40]), (near, [3, 5, 14])):
        assert [box.get_width() for box in axes.patches] == sides
        for box in axes.patches:
            assert box.get_width() == box.get_height()
            np.testing.assert_allclose(box.get_xy() + np.array(box.get_width() / 2), (45, 30))
    assert [text.get_text() for text in whole.texts] == ["c: 14", "d: 40"]
    assert [text.get_text() for text in near.texts] == ["a: 3", "b: 5", "c: 14"]
    assert picture.alt.endswith("a 3, b 5, c 14, d 40")


def test_maps_beside_stand_on_their_own_scales_after_the_photograph():
    photo, maps = RNG.random((6, 6, 3)), {"one": RNG.random((6, 6)), "two": 9 * np.eye(6)}
    picture = plots.maps_beside(photo, maps, alt="two maps", columns=2)
    assert picture.alt == "two maps" and len(picture.axes) == 4
    assert [axes.get_title() for axes in picture.axes] == ["photograph", "one", "two", ""]
    np.testing.assert_array_equal(picture.axes[0].images[0].get_array(), photo)
    for axes, values in zip(picture.axes[1:], maps.values(), strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), values)
        assert axes.images[0].get_clim() == (0, np.quantile(values, 0.99))


def test_weighted_maps_draw_signs_the_sum_and_what_relu_keeps():
    maps, weights, heat = RNG.random((7, 7, 3)), np.array([0.5, 0.1, -0.2]), np.eye(7) - 0.5
    picture = plots.weighted_maps(maps, weights, heat)
    shown = [axes.images[0] for axes in picture.axes]
    for number in range(3):
        np.testing.assert_array_equal(
            shown[number].get_array(), np.sign(weights[number]) * maps[..., number]
        )
    np.testing.assert_array_equal(shown[3].get_array(), heat)
    np.testing.assert_array_equal(shown[4].get_array(), np.maximum(heat, 0))
    assert shown[3].get_clim() == shown[4].get_clim() == (-0.5, 0.5)
    assert picture.axes[2].get_title() == "-0.2000 ×"
    assert picture.alt.startswith("plus a map, plus a map, minus a map")
