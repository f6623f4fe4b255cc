"""The pictures of lesson 02: what they draw is what they were given, and their words say it."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnlib import plots
from cnnlib.plots import sizes


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_shrinking_draws_every_map_in_the_middle_and_to_one_scale():
    maps = [np.arange(64.0).reshape(8, 8), np.eye(6), np.ones((2, 2))]
    picture = plots.shrinking(maps)
    assert "8 by 8 pixels" in picture.alt
    assert "2 layers" in picture.alt
    assert "6, 2 pixels a side" in picture.alt
    extents = [tuple(axes.images[0].get_extent()) for axes in picture.axes]
    assert extents == [(0, 8, 8, 0), (1, 7, 7, 1), (3, 5, 5, 3)]
    for axes, values in zip(picture.axes, maps, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), values)
        assert (axes.get_xlim(), axes.get_ylim()) == ((-0.5, 8.5), (8.5, -0.5))
    assert [axes.get_xlabel() for axes in picture.axes] == ["picture", "layer 1", "layer 2"]
    assert [axes.get_title() for axes in picture.axes] == ["8 × 8", "6 × 6", "2 × 2"]


def test_shrinking_refuses_maps_that_grow():
    with pytest.raises(ValueError, match=r"maps have sides \[3, 5\].*3 at most"):
        plots.shrinking([np.ones((3, 3)), np.ones((5, 5))])


def test_usage_writes_each_count_and_hatches_what_is_never_seen():
    counts = {"all": np.array([[1, 2], [2, 4]]), "gaps": np.array([[9, 0], [0, 0]])}
    picture = plots.usage(counts)
    assert "all: corner 1, most 4;" in picture.alt
    assert picture.alt.endswith("gaps: corner 9, most 9, 3 pixels never")
    for axes, (caption, seen) in zip(picture.axes, counts.items(), strict=True):
        assert axes.get_title() == caption
        assert axes.get_xlabel() == "column"
        np.testing.assert_array_equal(axes.images[0].get_array(), seen)
        assert [int(number) for number in texts(axes)] == seen.ravel().tolist()
        hatched = {(round(box.get_y() + 0.5), round(box.get_x() + 0.5)) for box in axes.patches}
        assert hatched == set(zip(*np.where(seen == 0), strict=True))
    assert picture.axes[0].get_ylabel() == "row"
    assert len({axes.images[0].get_clim() for axes in picture.axes}) == 1


@pytest.mark.parametrize(
    "n, f, padding, stride, starts",
    [
        (5, 3, 0, 1, [0, 1, 2]),
        (5, 3, 1, 1, [-1, 0, 1, 2, 3]),
        (7, 3, 0, 2, [0, 2, 4]),
        (6, 3, 0, 2, [0, 2]),
        (6, 4, 2, 3, [-2, 1, 4]),
        (3, 3, 0, 5, [0]),
    ],
)
def test_kernel_places_visits_every_place_that_lies_wholly_inside(
    n, f, padding, stride, starts, monkeypatch
):
    drawn = []

    def record(n, f, padding, outputs, visited):
        drawn.append((outputs, visited))
        return plots.Picture("a page", width=1, height=1)

    monkeypatch.setattr(sizes, "_place", record)
    animation = plots.kernel_places(n, f, padding=padding, stride=stride)
    places = [(i, j) for i in starts for j in starts]
    *frames, still = drawn
    assert frames == [(len(starts), places[: k + 1]) for k in range(len(places))]
    assert still == (len(starts), places)
    assert f"{n} by {n} pixels" in animation.alt
    assert f"steps of {stride}" in animation.alt
    assert f"{len(starts)} by {len(starts)} places" in animation.alt
    assert (f"zeros around it {padding} deep" in animation.alt) == (padding > 0)
    unread = n + padding - f - starts[-1]
    assert (f"leaves the last {unread} rows and columns unread" in animation.alt) == (unread > 0)


def test_one_page_shows_ring_kernel_and_the_numbers_written_so_far():
    image, output = sizes._place(3, 3, 1, 3, [(-1, -1), (-1, 0)]).axes
    assert image.get_title() == "image 3 × 3, padding 1"
    assert output.get_title() == "output 3 × 3"
    assert texts(image) == ["0"] * (25 - 9)
    kernel = image.patches[-1]
    assert (kernel.get_xy(), kernel.get_width(), kernel.get_height()) == ((-0.5, -1.5), 3, 3)
    colors = [cell.get_facecolor() for cell in output.patches]
    assert len(set(colors)) == 3  # written, just written, still empty
    assert len(set(colors[2:])) == 1


def test_kernel_places_is_one_animated_png_with_a_page_for_each_place():
    png = plots.kernel_places(4, 3).png()
    assert Image.open(io.BytesIO(png)).n_frames == 4 + 1  # the still comes first
    assert len(png) < 50_000


def test_kernel_places_refuses_a_kernel_that_does_not_fit():
    with pytest.raises(ValueError, match="f is 8, it needs 7 at most"):
        plots.kernel_places(5, 8, padding=1)


def test_volumes_draws_one_map_for_each_kernel():
    picture = plots.volumes(6, 3, 2)
    assert "6 by 6 by 3" in picture.alt
    assert "4 by 4 by 2" in picture.alt
    (axes,) = picture.axes
    captions = ["image 6 × 6 × 3", "2 kernels 3 × 3 × 3", "output 4 × 4 × 2"]
    assert [text for text in texts(axes) if text] == captions
    sheets = [box.get_width() for box in axes.patches if getattr(box, "fill", False)]
    assert sorted(side for side in sheets if side) == [3] * 6 + [4] * 2 + [6] * 3


def test_row_places_joins_the_middle_of_each_kernel_to_the_number_it_writes():
    picture = plots.row_places(4, {"odd": (3, 1, 1), "even": (2, 0, 1)})
    assert "one row of 4 pixels" in picture.alt
    assert "odd: kernels start at -1, 0, 1, 2, their middles lie exactly above" in picture.alt
    assert (
        "even: kernels start at 0, 1, 2, 3, their middles lie 0.5 pixels to the right"
        in picture.alt
    )
    odd, even = picture.axes
    assert [middles(axes) for axes in (odd, even)] == [[0, 1, 2, 3], [0.5, 1.5, 2.5, 3.5]]
    assert [targets(axes) for axes in (odd, even)] == [[0, 1, 2, 3]] * 2
    assert texts(odd)[:6] == ["0", "0", "1", "2", "3", "0"]
    assert texts(even)[:5] == ["0", "1", "2", "3", "0"]
    assert texts(even)[-3:] == ["pixels", "kernel", "output"]


def test_row_places_draws_the_kernels_of_a_stride_where_they_start():
    picture = plots.row_places(8, {"same": (3, 0, 1), "p = 1": (3, 1, 1)}, stride=2)
    assert (
        "same: kernels start at 0, 2, 4, 6, their middles lie 0.5 pixels to the right"
        in picture.alt
    )
    assert (
        "p = 1: kernels start at -1, 1, 3, 5, their middles lie 0.5 pixels to the left"
        in picture.alt
    )
    for axes, first in zip(picture.axes, (1, 0), strict=True):
        assert middles(axes) == [first, first + 2, first + 4, first + 6]
        assert targets(axes) == [0.5, 2.5, 4.5, 6.5]
        bars = axes.lines[::2]
        assert [np.mean(bar.get_xdata()) for bar in bars] == pytest.approx(middles(axes))
        assert [np.diff(bar.get_xdata()).item() for bar in bars] == pytest.approx([2.8] * 4)
        outputs = [box for box in axes.patches if box.get_y() == 2.5]
        assert [(box.get_x(), box.get_width()) for box in outputs] == [
            (-0.5, 2), (1.5, 2), (3.5, 2), (5.5, 2)
        ]  # fmt: skip


def test_row_places_refuses_a_kernel_that_does_not_fit():
    with pytest.raises(ValueError, match="f is 5, it needs 4 at most"):
        plots.row_places(3, {"too long": (5, 0, 1)})


def middles(axes):
    return [line.get_xdata()[0] for line in axes.lines[1::2]]


def targets(axes):
    return [line.get_xdata()[1] for line in axes.lines[1::2]]


def test_borders_draws_all_edges_on_one_gray_scale():
    image = np.arange(16.0).reshape(4, 4)
    cases = {
        "zeros: a frame": (image, np.full((2, 2), 9.0)),
        "mirror: none": (image + 1, np.eye(2)),
    }
    picture = plots.borders(cases)
    assert picture.alt.endswith("zeros: a frame; mirror: none")
    drawn = [axes.images[0].get_array() for axes in picture.axes]
    for got, wanted in zip(drawn, (*cases["zeros: a frame"], *cases["mirror: none"]), strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert [axes.images[0].get_clim() for axes in picture.axes[1::2]] == [(0, 9)] * 2
    assert [axes.get_title() for axes in picture.axes[1::2]] == list(cases)


def test_answers_outlines_one_region_on_pictures_and_on_maps():
    maps = {"strong": np.full((4, 4), -3.0), "faint": np.eye(4)}
    picture = plots.answers({"color": np.ones((6, 6, 3))}, maps, np.s_[1:3, 0:4])
    assert picture.alt == (
        "color with a region outlined; strongest answer in it: strong 3.0, faint 1.0"
    )
    color, strong, faint, scale = picture.axes
    assert [strong.images[0].get_clim(), faint.images[0].get_clim()] == [(-3, 3)] * 2
    np.testing.assert_array_equal(faint.images[0].get_array(), maps["faint"])
    assert [axes.patches[0].get_xy() for axes in (color, strong)] == [(0.5, 1.5), (-0.5, 0.5)]
    sizes_drawn = {(a.patches[0].get_width(), a.patches[0].get_height()) for a in (color, faint)}
    assert sizes_drawn == {(4, 2)}
    assert scale.get_ylabel() == "answer of the kernel"


def test_stacked_windows_tells_what_is_seen_and_what_it_takes():
    picture = plots.stacked_windows([(3, 3), (5,)])
    assert "behind 3 × 3 and 3 × 3 it sees 5 × 5 places, with 18 C² weights" in picture.alt
    assert picture.alt.endswith("behind 5 × 5 it sees 5 × 5 places, with 25 C² weights")
    stack, one = picture.axes
    assert [axes.get_title()[:6] for axes in (stack, one)] == ["3 × 3 ", "5 × 5:"]
    frames = [[p.get_width() for p in axes.patches if not p.get_fill()] for axes in (stack, one)]
    assert frames == [[3, 3], [5]]
    cells = [sum(p.get_width() == 1 for p in axes.patches) for axes in (stack, one)]
    assert cells == [25 + 1 + 9 + 1 + 1, 25 + 1 + 1]  # each map, and a filled place behind it


def test_stacked_windows_joins_each_window_to_the_place_it_gives():
    (axes,) = plots.stacked_windows([(3, 3, 3)]).axes
    frames = [patch for patch in axes.patches if not patch.get_fill()]
    filled = [patch for patch in axes.patches if patch.get_zorder() == 2]
    assert [patch.get_width() for patch in frames] == [3, 3, 3]
    for frame, place, lines in zip(frames, filled, np.reshape(axes.lines, (3, 2)), strict=True):
        for line, top in zip(lines, (True, False), strict=True):
            begin, end = (p.get_y() + top * p.get_height() for p in (frame, place))
            corners = [[frame.get_x() + 3, begin], [place.get_x(), end]]
            np.testing.assert_allclose(line.get_xydata(), corners)
