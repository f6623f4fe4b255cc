"""The pictures of lesson 03: what they draw is what they were given, and their words say it."""

import io

import numpy as np
from PIL import Image

from cnnlib import plots
from cnnlib.plots import layers
from cnnlib.scratch import ops

GRAD = np.array([[1.0, -2], [3, 4]])
KERNEL = np.array([[1.0, 0, 2], [0, 1, 0], [-1, 0, 1]])


def grad_x():
    x, kernel = np.ones((1, 4, 4, 1)), KERNEL[:, :, None, None]
    return ops.conv_backward(GRAD[None, :, :, None], x, kernel)[0][0, :, :, 0]


def written(axes):
    return [float(text.get_text()) for text in axes.texts]


def test_matrix_product_writes_all_three_matrices_and_frames_what_belongs_together():
    windows = np.arange(12.0).reshape(3, 4)
    kernel = np.array([[1.0, 0], [2, 0], [0, 3], [0, 4]])
    picture = plots.matrix_product(windows, kernel, windows @ kernel)
    assert "3 windows by 4 pixels" in picture.alt
    assert "4 weights by 2 filters" in picture.alt
    for axes, values in zip(picture.axes, (windows, kernel, windows @ kernel), strict=True):
        assert written(axes) == values.ravel().tolist()
    assert [axes.get_title() for axes in picture.axes] == [
        "windows\n3 × 4",
        "filters\n4 × 2",
        "outputs\n3 × 2",
    ]
    frames = [axes.patches[0] for axes in picture.axes]  # a row, a column, and their number
    assert [(frame.get_width(), frame.get_height()) for frame in frames] == [(4, 1), (1, 4), (1, 1)]
    assert {frame.get_xy() for frame in frames} == {(-0.5, -0.5)}


def test_gradient_painting_is_a_still_and_a_page_for_each_output():
    result = grad_x()
    animation = plots.gradient_painting(GRAD, KERNEL, result)
    assert "4 numbers of dZ" in animation.alt
    assert f"grow to {result.max():g}" in animation.alt
    assert f"a corner gets {result[0, 0]:g}" in animation.alt
    png = animation.png()
    with Image.open(io.BytesIO(png)) as image:
        assert image.n_frames == GRAD.size + 1
    assert len(png) < 100_000


def test_gradient_painting_ends_at_the_gradient_of_the_layer():
    """The last page is the still: the sum that was painted is the one that was computed."""
    right = plots.gradient_painting(GRAD, KERNEL, grad_x())
    with Image.open(io.BytesIO(right.png())) as image:
        still = np.array(image.convert("RGB"))
        image.seek(GRAD.size)
        last = np.array(image.convert("RGB"))
    np.testing.assert_array_equal(still, last)


def test_a_painting_frame_shows_pull_kernel_and_sum_with_the_place_framed():
    picture = layers._painting_frame(GRAD, KERNEL, grad_x(), grad_x(), (0, 1))
    pull, weights, total = picture.axes
    assert [axes.get_title() for axes in picture.axes] == ["dZ", "kernel W", "dA: the sum so far"]
    for axes, values in ((pull, GRAD), (weights, KERNEL), (total, grad_x())):
        assert written(axes) == values.ravel().tolist()
    assert [box.get_xy() for box in (*pull.patches, *total.patches)] == [(0.5, -0.5), (0.5, -0.5)]
    assert (total.patches[0].get_width(), total.patches[0].get_height()) == (3, 3)
