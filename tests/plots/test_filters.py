"""The pictures of lesson 01: what they draw is what they were given, and their words say it."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from cnnlib import filters, plots
from cnnlib.plots.picture import ORANGE, SIGNED

HALF_BRIGHT = np.repeat([[10.0, 10, 10, 0, 0, 0]], 6, axis=0)


def drawn(axes):
    return np.asarray(axes.images[0].get_array())


def numbers(axes):
    return [text.get_text() for text in axes.texts]


def frame(axes):
    """The orange frame on a grid, as its first row and column, height and width."""
    (box,) = [patch for patch in axes.patches if patch.get_edgecolor()[:3] == to_rgb(ORANGE)]
    x, y = box.get_xy()
    return y + 0.5, x + 0.5, box.get_height(), box.get_width()


@pytest.fixture
def pictures():
    generator = np.random.default_rng(0)
    return {"small": generator.random((6, 8)), "large": 10 * generator.random((6, 8))}


def test_gallery_draws_each_picture_under_its_caption(pictures):
    picture = plots.gallery(pictures, alt="two pictures of noise")
    assert picture.alt == "two pictures of noise"
    for axes, (caption, values) in zip(picture.axes, pictures.items(), strict=True):
        assert axes.get_title() == caption
        np.testing.assert_array_equal(drawn(axes), values)
        low, high = axes.images[0].get_clim()
        assert low == 0
        assert 0.9 * values.max() < high <= values.max()


def test_signed_gallery_has_one_scale_with_white_at_zero(pictures):
    maps = {name: values - values.mean() for name, values in pictures.items()}
    picture = plots.gallery(maps, alt="two signed maps", signed=True)
    limits = {axes.images[0].get_clim() for axes in picture.axes}
    ((low, high),) = limits
    assert low == -high
    assert {axes.images[0].get_cmap().name for axes in picture.axes} == {SIGNED}
    np.testing.assert_allclose(axes_color(picture.axes[0], 0.0), [1, 1, 1], atol=0.05)


def axes_color(axes, value):
    return axes.images[0].to_rgba(np.array([[value]]))[0, 0, :3]


def test_gallery_wraps_into_rows_and_leaves_the_rest_of_the_last_row_empty(pictures):
    three = pictures | {"color": np.zeros((6, 8, 3))}
    picture = plots.gallery(three, alt="three pictures", columns=2)
    assert [len(axes.images) for axes in picture.axes] == [1, 1, 1, 0]
    assert not any(axes.axison for axes in picture.axes)


def test_gallery_needs_words(pictures):
    with pytest.raises(ValueError, match="it needs words"):
        plots.gallery(pictures, alt=" ")


def test_weight_counts_draws_and_names_every_count():
    counts = {"dense layer": 3_000_000_000, "convolution layer": 280}
    picture = plots.weight_counts(counts)
    assert "dense layer 3,000,000,000" in picture.alt
    assert "convolution layer 280" in picture.alt
    (axes,) = picture.axes
    assert [bar.get_width() for bar in axes.patches] == list(counts.values())
    assert numbers(axes) == ["3,000,000,000", "280"]
    assert axes.get_xscale() == "log"
    assert "weights" in axes.get_xlabel()
    assert axes.get_xlim()[1] > max(counts.values())


def test_gallery_marks_the_same_window_on_every_picture():
    picture = plots.gallery(
        {"a": np.ones((9, 9)), "b": np.ones((9, 9))}, alt="two", frames=[(2, 3, 4, 5)]
    )
    for axes in picture.axes:
        (frame,) = axes.patches
        assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((2.5, 1.5), 5, 4)


def test_number_grids_writes_the_numbers_on_one_scale():
    picture = plots.number_grids({"a": np.eye(2), "b": -4 * np.eye(2)}, alt="two small maps")
    assert [text.get_text() for text in picture.axes[1].texts] == ["-4", "0", "0", "-4"]
    assert {axes.images[0].get_clim() for axes in picture.axes} == {(-4, 4)}


def test_gray_row_plots_the_marked_row():
    image = np.random.default_rng(1).random((5, 20))
    picture = plots.gray_row(image, row=3, steps=(4, 11))
    assert "row 3" in picture.alt
    assert "columns 4, 11" in picture.alt
    photograph, profile = picture.axes
    np.testing.assert_array_equal(drawn(photograph), image)
    assert set(photograph.lines[0].get_ydata()) == {3}
    np.testing.assert_array_equal(profile.lines[0].get_ydata(), image[3])
    np.testing.assert_array_equal(profile.lines[1].get_xdata(), [4.5, 11.5])
    halfway = image[3, [4, 11]] / 2 + image[3, [5, 12]] / 2
    np.testing.assert_allclose(profile.lines[1].get_ydata(), halfway)
    assert "column" in profile.get_xlabel()
    assert profile.get_ylabel() == "gray value"


def test_patch_times_kernel_shows_the_products_and_their_sum():
    patch = np.array([[10, 10, 0]] * 3)
    picture = plots.patch_times_kernel(patch, filters.VERTICAL_EDGE)
    assert "add up to 30" in picture.alt
    *grids, result = picture.axes
    expected = [patch, filters.VERTICAL_EDGE, patch * filters.VERTICAL_EDGE]
    for axes, values in zip(grids, expected, strict=True):
        np.testing.assert_array_equal(drawn(axes), values)
        assert [float(number) for number in numbers(axes)] == values.ravel().tolist()
    assert grids[0].images[0].get_cmap().name == "gray"
    assert {axes.images[0].get_cmap().name for axes in grids[1:]} == {SIGNED}
    assert numbers(result) == ["sum\n30"]


def test_kernel_sliding_tells_its_story_in_words_and_has_a_page_for_each_place():
    result = filters.correlate(HALF_BRIGHT, filters.VERTICAL_EDGE)
    animation = plots.kernel_sliding(HALF_BRIGHT, filters.VERTICAL_EDGE, result)
    assert animation.alt.startswith("animation: a 3 by 3 kernel slides over an image of 6 by 6")
    assert "4 by 4 numbers, the first row 0, 30, 30, 0" in animation.alt
    png = animation.png()
    assert Image.open(io.BytesIO(png)).n_frames == 16 + 1  # the still comes first
    assert len(png) < 400_000


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (3, 3)])
def test_one_page_frames_the_patch_and_the_number_it_gives(place):
    result = filters.correlate(HALF_BRIGHT, filters.VERTICAL_EDGE)
    page = plots.filters._sliding_frame(HALF_BRIGHT, filters.VERTICAL_EDGE, result, place)
    pixels, weights, output = page.axes
    np.testing.assert_array_equal(drawn(pixels), HALF_BRIGHT)
    np.testing.assert_array_equal(drawn(weights), filters.VERTICAL_EDGE)
    assert frame(pixels) == (*place, 3, 3)
    assert frame(output) == (*place, 1, 1)
    visited = np.arange(16).reshape(4, 4) <= 4 * place[0] + place[1]
    shown = np.ma.filled(np.ma.masked_invalid(drawn(output)), np.nan)
    np.testing.assert_array_equal(shown, np.where(visited, result, np.nan))
    assert len(numbers(output)) == visited.sum()


def test_kernel_learning_draws_the_losses_and_the_kernels_at_their_steps():
    losses = [4.0, 1.0, 0.25, 0.0625]
    kernels = {0: np.full((3, 3), 0.5), 3: filters.SOBEL_VERTICAL.astype(float)}
    picture = plots.kernel_learning(losses, kernels)
    assert "the loss falls from 4 by 4 steps" in picture.alt
    assert "steps 0, 3" in picture.alt
    curve, *grids = picture.axes
    np.testing.assert_array_equal(curve.lines[0].get_ydata(), losses)
    assert (curve.get_xlabel(), curve.get_ylabel(), curve.get_yscale()) == ("step", "loss", "log")
    assert [line.get_xdata()[0] for line in curve.lines[1:]] == [0, 3]
    for axes, (step, kernel) in zip(grids, kernels.items(), strict=True):
        assert axes.get_title() == f"step {step}"
        np.testing.assert_array_equal(drawn(axes), kernel)
    assert {axes.images[0].get_clim() for axes in grids} == {(-2, 2)}
