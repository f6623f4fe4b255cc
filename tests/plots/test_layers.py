"""The pictures of lesson 03: what they draw is what they were given, and their words say it."""

import io
import itertools

import numpy as np
from PIL import Image

from cnnlib import plots
from cnnlib.plots import layers
from cnnlib.scratch import ops

GRAD = np.array([[1.0, -2], [3, 4]])
KERNEL = np.array([[1.0, 0, 2], [0, 1, 0], [-1, 0, 1]])
IMAGE = np.array([[1, 0, 2], [0, 3, 1], [2, 1, 5]])
WINDOWS = np.array([[1, 0, 0, 3], [0, 2, 3, 1], [0, 3, 2, 1], [3, 1, 1, 5]])
FILTERS = np.array([[1, 0], [2, 0], [0, 3], [0, -4]])


def grad_x():
    x, kernel = np.ones((1, 4, 4, 1)), KERNEL[:, :, None, None]
    return ops.conv_backward(GRAD[None, :, :, None], x, kernel)[0][0, :, :, 0]


def written(axes):
    return [float(text.get_text()) for text in axes.texts]


def drawn(axes):
    return np.asarray(axes.images[0].get_array())


def boxes(axes):
    return [(*box.get_xy(), box.get_width(), box.get_height()) for box in axes.patches]


def cell_and_top(axes):
    """How many inches wide and high a cell is, and where the highest row begins."""
    box = axes.get_position().transformed(axes.figure.transSubfigure)
    rows, columns = drawn(axes).shape
    return box.width / columns, box.height / rows, box.y1


def test_layer_maps_draws_the_picture_gray_and_kernels_and_maps_signed():
    rng = np.random.default_rng(0)
    image, kernels, maps = (
        rng.random((6, 6)),
        rng.normal(size=(3, 3, 2)),
        rng.normal(size=(4, 4, 2)),
    )
    picture = plots.layer_maps(image, kernels, maps)
    assert "6 by 6 pixels, 2 kernels of 3 by 3" in picture.alt
    captions = [axes.get_title() for axes in picture.axes]
    assert captions == ["the picture", "kernel 0", "kernel 1", "map 0", "map 1"]
    first, *signed = picture.axes
    np.testing.assert_array_equal(drawn(first), image)
    assert first.images[0].get_cmap().name == "gray"
    for axes, values in zip(
        signed, [*np.moveaxis(kernels, -1, 0), *np.moveaxis(maps, -1, 0)], strict=True
    ):
        np.testing.assert_array_equal(drawn(axes), values)
    for stack, pair in ((kernels, signed[:2]), (maps, signed[2:])):
        limit = np.abs(stack).max()
        assert [axes.images[0].get_clim() for axes in pair] == [(-limit, limit)] * 2


def test_kernel_rows_gives_each_row_its_own_scale_and_writes_it_down():
    rng = np.random.default_rng(0)
    rows = {"start": rng.normal(0, 0.1, size=(3, 3, 2)), "end": rng.normal(size=(3, 3, 2))}
    picture = plots.kernel_rows(rows)
    assert len(picture.axes) == 4
    for line, (name, kernels) in zip(
        (picture.axes[:2], picture.axes[2:]), rows.items(), strict=True
    ):
        limit = np.abs(kernels).max()
        assert line[0].get_ylabel() == f"{name}\n± {limit:.2f}"
        assert f"{name} {limit:.2f}" in picture.alt
        for c, axes in enumerate(line):
            np.testing.assert_array_equal(drawn(axes), kernels[..., c])
            assert axes.images[0].get_clim() == (-limit, limit)


def test_matrix_product_writes_all_grids_from_the_picture_to_the_map():
    outputs = WINDOWS @ FILTERS
    picture = plots.matrix_product(IMAGE, WINDOWS, FILTERS, outputs)
    assert "picture of 3 by 3 pixels" in picture.alt
    assert "4 rows by 4 pixels" in picture.alt
    assert "map of 2 by 2" in picture.alt
    grids = (IMAGE, WINDOWS, FILTERS, outputs, outputs[:, 0])
    for axes, values in zip(picture.axes, grids, strict=True):
        assert written(axes) == values.ravel().tolist()
    captions = [axes.get_title().replace("\n", " ") for axes in picture.axes]
    assert captions == [
        "picture 3 × 3",
        "windows 4 × 4",
        "filters 4 × 2",
        "outputs 4 × 2",
        "first map 2 × 2",
    ]
    assert [text.get_text() for text in picture.texts] == ["→", "×", "=", "→", ""]


def test_matrix_product_frames_one_window_on_its_way():
    picture = plots.matrix_product(IMAGE, WINDOWS, FILTERS, WINDOWS @ FILTERS)
    window, row, column, output, place = (boxes(axes)[0] for axes in picture.axes)
    assert window == (-0.5, 0.5, 2, 2)  # row 1, column 0 of the picture
    assert IMAGE[1:3, 0:2].ravel().tolist() == WINDOWS[2].tolist()
    assert row == (-0.5, 1.5, 4, 1)
    assert column == (-0.5, -0.5, 1, 4)
    assert output == (-0.5, 1.5, 1, 1)
    assert place == (-0.5, 0.5, 1, 1)


def test_grids_in_line_have_one_cell_size_and_their_tops_level():
    picture = plots.matrix_product(IMAGE, WINDOWS, FILTERS, WINDOWS @ FILTERS)
    sizes = np.array([cell_and_top(axes) for axes in picture.axes])
    np.testing.assert_allclose(sizes - sizes[0], 0, atol=1e-9)
    np.testing.assert_allclose(sizes[:, 0], sizes[:, 1])
    edges = [axes.get_position() for axes in picture.axes]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(edges))
    assert edges[0].x0 >= 0 and edges[-1].x1 <= 1 and min(box.y0 for box in edges) >= 0


def test_gradient_painting_is_a_still_an_empty_page_and_one_for_each_output():
    result = grad_x()
    animation = plots.gradient_painting(GRAD, KERNEL)
    assert "4 numbers of dZ" in animation.alt
    assert f"becomes {result[1, 1]:g}" in animation.alt
    assert f"corner gets {result[0, 0]:g}" in animation.alt
    png = animation.png()
    with Image.open(io.BytesIO(png)) as image:
        assert image.n_frames == GRAD.size + 2
    assert len(png) < 100_000


def test_gradient_painting_ends_at_the_gradient_of_the_layer(monkeypatch):
    painted = {}
    original = layers._painting_frame

    def watched(grad, kernel, sums, place, limit):
        painted.setdefault(place, (sums, limit))
        return original(grad, kernel, sums, place, limit)

    monkeypatch.setattr(layers, "_painting_frame", watched)
    plots.gradient_painting(GRAD, KERNEL)
    assert list(painted) == [None, (0, 0), (0, 1), (1, 0), (1, 1)]
    assert not painted[None][0].any()
    np.testing.assert_array_equal(painted[1, 1][0], grad_x())
    assert {limit for _, limit in painted.values()} == {8.0}  # 4 · 2, the strongest paint


def test_a_painting_frame_shows_pull_kernel_paint_and_sum_with_the_place_framed():
    picture = layers._painting_frame(GRAD, KERNEL, grad_x(), (0, 1), 8)
    grids = (GRAD, KERNEL, GRAD[0, 1] * KERNEL, grad_x())
    for axes, values in zip(picture.axes, grids, strict=True):
        assert written(axes) == values.ravel().tolist()
        assert axes.images[0].get_clim() == (-8, 8)
    assert boxes(picture.axes[0]) == [(0.5, -0.5, 1, 1)]
    assert boxes(picture.axes[3]) == [(0.5, -0.5, 3, 3)]


def test_the_first_painting_frame_has_no_place_and_no_paint_yet():
    picture = layers._painting_frame(GRAD, KERNEL, np.zeros((4, 4)), None, 8)
    assert [len(axes.patches) for axes in picture.axes] == [0, 0, 0, 0]
    assert picture.axes[2].texts == [] or not written(picture.axes[2])
    assert written(picture.axes[3]) == [0] * 16
