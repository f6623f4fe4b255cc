"""Kernels and sliding: the course's pictures, SciPy, scikit-image, and laws for every image."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import skimage.data
import skimage.filters
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnlib import filters
from cnnlib.filters import (
    BOX_BLUR,
    HORIZONTAL_EDGE,
    RED_EDGE,
    SCHARR_HORIZONTAL,
    SCHARR_VERTICAL,
    SOBEL_HORIZONTAL,
    SOBEL_VERTICAL,
    VERTICAL_EDGE,
    convolve,
    correlate,
    gaussian,
)

HALF_BRIGHT = np.repeat([[10, 10, 10, 0, 0, 0]], 6, axis=0)


def whole_numbers(*shape):
    """Integers, so that every sum is exact in whatever order it is taken."""
    return arrays(np.int64, shape, elements=st.integers(-1000, 1000))


# The course's pictures


def test_half_bright_image_gives_two_columns_of_30():
    np.testing.assert_array_equal(correlate(HALF_BRIGHT, VERTICAL_EDGE), [[0, 30, 30, 0]] * 4)


def test_dark_to_light_gives_the_opposite_sign():
    np.testing.assert_array_equal(
        correlate(HALF_BRIGHT[:, ::-1], VERTICAL_EDGE), [[0, -30, -30, 0]] * 4
    )


def test_horizontal_kernel_finds_no_vertical_edge():
    assert not correlate(HALF_BRIGHT, HORIZONTAL_EDGE).any()
    np.testing.assert_array_equal(
        correlate(HALF_BRIGHT.T, HORIZONTAL_EDGE), np.transpose([[0, 30, 30, 0]] * 4)
    )


@pytest.mark.parametrize("channel, height", [(0, 30), (1, 0), (2, 0)])
def test_red_edge_sees_the_red_channel_alone(channel, height):
    image = np.zeros((6, 6, 3), int)
    image[..., channel] = HALF_BRIGHT
    np.testing.assert_array_equal(correlate(image, RED_EDGE), [[0, height, height, 0]] * 4)


# Kernels


@pytest.mark.parametrize(
    "name", [name for name, value in vars(filters).items() if isinstance(value, np.ndarray)]
)
def test_kernels_are_three_by_three_and_read_only(name):
    kernel = getattr(filters, name)
    assert kernel.shape[:2] == (3, 3)
    with pytest.raises(ValueError, match="read-only"):
        kernel[0, 0] = 5
    total = 1 if kernel is BOX_BLUR else 0
    assert kernel.sum() == pytest.approx(total, abs=1e-15)


@pytest.mark.parametrize(
    "kernel, theirs, factor",
    [
        (VERTICAL_EDGE, skimage.filters.prewitt_v, -3),
        (HORIZONTAL_EDGE, skimage.filters.prewitt_h, -3),
        (SOBEL_VERTICAL, skimage.filters.sobel_v, -4),
        (SOBEL_HORIZONTAL, skimage.filters.sobel_h, -4),
        (SCHARR_VERTICAL, skimage.filters.scharr_v, -16),
        (SCHARR_HORIZONTAL, skimage.filters.scharr_h, -16),
    ],
)
def test_scikit_image_divides_by_the_weights_of_one_side_and_counts_dark_to_light(
    kernel, theirs, factor
):
    photo = skimage.data.camera() / 255
    assert kernel[kernel > 0].sum() == -factor
    np.testing.assert_allclose(
        correlate(photo, kernel), factor * theirs(photo)[1:-1, 1:-1], rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("size, sigma", [(1, 2.0), (3, 0.85), (7, 1.0), (9, 2.5)])
def test_gaussian_is_scipys(size, sigma):
    impulse = np.zeros((size, size))
    impulse[size // 2, size // 2] = 1
    expected = scipy.ndimage.gaussian_filter(impulse, sigma, mode="constant", radius=size // 2)
    np.testing.assert_allclose(gaussian(size, sigma), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("blur", [BOX_BLUR, gaussian(5, 1.0)])
def test_blur_keeps_a_flat_image_and_calms_noise(blur):
    np.testing.assert_allclose(correlate(np.full((8, 8), 0.7), blur), 0.7, rtol=0, atol=1e-15)
    noise = np.random.default_rng(0).normal(size=(200, 200))
    # Independent noise of standard deviation 1 leaves with the root of the weights' squared sum.
    assert correlate(noise, blur).std() == pytest.approx(np.sqrt((blur**2).sum()), rel=0.05)


# Sliding


@given(
    image=whole_numbers(7, 9),
    kernel=st.one_of(whole_numbers(3, 3), whole_numbers(2, 2), whole_numbers(1, 4)),
    padding=st.sampled_from(["valid", 0, 1, 3]),
    stride=st.integers(1, 4),
)
def test_scipy_agrees_wherever_the_kernel_fits(image, kernel, padding, stride):
    """correlate2d slides as deep learning does, convolve2d turns its second argument by 180°."""
    border = 0 if padding == "valid" else padding
    padded = np.pad(image, border)
    for ours, theirs in (
        (correlate, scipy.signal.correlate2d),
        (convolve, scipy.signal.convolve2d),
    ):
        np.testing.assert_array_equal(
            ours(image, kernel, padding=padding, stride=stride),
            theirs(padded, kernel, mode="valid")[::stride, ::stride],
        )


@given(image=whole_numbers(6, 8), kernel=whole_numbers(3, 5))
def test_same_padding_of_an_odd_kernel_is_scipys_same(image, kernel):
    np.testing.assert_array_equal(
        correlate(image, kernel, padding="same"), scipy.signal.correlate2d(image, kernel, "same")
    )
    np.testing.assert_array_equal(
        convolve(image, kernel, padding="same"), scipy.signal.convolve2d(image, kernel, "same")
    )


@pytest.mark.tensorflow
@given(
    image=whole_numbers(6, 7, 2),
    f=st.integers(1, 5),
    padding=st.sampled_from(["VALID", "SAME"]),
    stride=st.integers(1, 4),
    data=st.data(),
)
def test_padding_words_follow_tensorflow(image, f, padding, stride, data):
    import tensorflow as tf

    kernel = data.draw(whole_numbers(f, f, 2))
    expected = tf.nn.conv2d(
        image[None].astype("float64"), kernel[..., None].astype("float64"), stride, padding
    )
    np.testing.assert_array_equal(
        correlate(image, kernel, padding=padding.lower(), stride=stride), expected[0, ..., 0]
    )


@given(image=whole_numbers(5, 6, 3), kernel=whole_numbers(3, 2, 3))
def test_channels_are_added_up(image, kernel):
    for slide in (correlate, convolve):
        one_by_one = [slide(image[..., c], kernel[..., c]) for c in range(3)]
        np.testing.assert_array_equal(slide(image, kernel), sum(one_by_one))


@given(image=whole_numbers(5, 6), kernel=whole_numbers(3, 3))
def test_convolving_is_correlating_with_the_flipped_kernel(image, kernel):
    np.testing.assert_array_equal(convolve(image, kernel), correlate(image, kernel[::-1, ::-1]))
    unchanged_by_half_a_turn = kernel + kernel[::-1, ::-1]
    np.testing.assert_array_equal(
        convolve(image, unchanged_by_half_a_turn), correlate(image, unchanged_by_half_a_turn)
    )


@given(image=whole_numbers(4, 4), kernel=whole_numbers(3, 3))
def test_image_and_kernel_change_places_in_a_convolution_but_not_in_a_correlation(image, kernel):
    """Over every overlap, convolution commutes; correlation comes out turned by half a turn."""
    around_image, around_kernel = np.pad(image, 2), np.pad(kernel, 3)
    np.testing.assert_array_equal(convolve(around_image, kernel), convolve(around_kernel, image))
    np.testing.assert_array_equal(
        correlate(around_image, kernel), correlate(around_kernel, image)[::-1, ::-1]
    )


@given(
    first=whole_numbers(5, 6),
    second=whole_numbers(5, 6),
    kernel=whole_numbers(3, 3),
    weight=st.integers(-9, 9),
)
def test_sliding_is_linear_in_the_image(first, second, kernel, weight):
    for slide in (correlate, convolve):
        np.testing.assert_array_equal(
            slide(first + weight * second, kernel),
            slide(first, kernel) + weight * slide(second, kernel),
        )


@given(image=whole_numbers(6, 8), kernel=whole_numbers(3, 3))
def test_moving_the_image_moves_the_map(image, kernel):
    moved = np.pad(image, ((1, 0), (2, 0)))
    np.testing.assert_array_equal(correlate(moved, kernel)[1:, 2:], correlate(image, kernel))


def test_types_of_the_result():
    small = np.full((3, 3), 200, np.uint8)
    assert correlate(small, np.full((3, 3), 200, np.uint8)) == 9 * 200 * 200
    assert correlate(small.astype(np.float32), SOBEL_VERTICAL).dtype == np.float32
    assert correlate(small.astype(np.float32), BOX_BLUR).dtype == np.float32
    assert correlate(small, BOX_BLUR).dtype == np.float64


def test_arguments_stay_as_they_were():
    image, kernel = HALF_BRIGHT.copy(), SOBEL_VERTICAL.copy()
    convolve(image, kernel, padding=2)
    np.testing.assert_array_equal(image, HALF_BRIGHT)
    np.testing.assert_array_equal(kernel, SOBEL_VERTICAL)


def test_filters_load_no_framework():
    code = (
        "import sys; import cnnlib.filters; "
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Bad input

IMAGE, KERNEL = np.ones((6, 6)), np.ones((3, 3))


@pytest.mark.parametrize("slide", [correlate, convolve])
@pytest.mark.parametrize(
    "arguments, options, error, message",
    [
        ((np.ones(6), KERNEL), {}, ValueError, r"image has shape \(6,\), it needs \(height"),
        ((IMAGE, 3), {}, ValueError, r"kernel has shape \(\), it needs \(height"),
        ((np.ones((2, 6, 6, 1)), KERNEL), {}, ValueError, r"image has shape \(2, 6, 6, 1\)"),
        ((np.ones((0, 6)), KERNEL), {}, ValueError, r"image has shape \(0, 6\).*none of them 0"),
        ((np.ones((6, 6, 3)), KERNEL), {}, ValueError, "need the same number of axes"),
        ((IMAGE, np.ones((3, 3, 3))), {}, ValueError, "need the same number of axes"),
        ((np.ones((6, 6, 3)), np.ones((3, 3, 1))), {}, ValueError, "1 channels, image has 3"),
        ((IMAGE, np.ones((7, 3))), {}, ValueError, "7×3, which does not fit .* of 6×6"),
        ((IMAGE, np.ones((9, 9))), {"padding": 1}, ValueError, "9×9, .* of 8×8"),
        (([["a", "b"]], KERNEL), {}, TypeError, "image holds <U1, it needs real numbers"),
        ((IMAGE * 1j, KERNEL), {}, TypeError, "image holds complex128"),
        ((IMAGE > 0, KERNEL), {}, TypeError, "image holds bool"),
        ((None, KERNEL), {}, TypeError, "image holds object"),
        (([[1, 2], [3]], KERNEL), {}, ValueError, "image has rows of different lengths"),
        ((IMAGE * np.nan, KERNEL), {}, ValueError, "image holds NaN or infinity"),
        ((IMAGE, KERNEL * [1, np.inf, 1]), {}, ValueError, "kernel holds NaN or infinity"),
        ((IMAGE, KERNEL), {"padding": "full"}, ValueError, 'padding is "full", it needs "valid"'),
        ((IMAGE, KERNEL), {"padding": -1}, ValueError, "padding is -1, it needs 0 or more"),
        ((IMAGE, KERNEL), {"padding": 1.0}, TypeError, "padding is 1.0, it needs an integer"),
        ((IMAGE, KERNEL), {"padding": True}, TypeError, "padding is True, it needs an integer"),
        ((IMAGE, KERNEL), {"padding": None}, TypeError, "padding is None, it needs an integer"),
        ((IMAGE, KERNEL), {"stride": 0}, ValueError, "stride is 0, it needs 1 or more"),
        ((IMAGE, KERNEL), {"stride": 1.5}, TypeError, "stride is 1.5, it needs an integer"),
        ((IMAGE, KERNEL), {"stride": True}, TypeError, "stride is True, it needs an integer"),
        ((IMAGE, KERNEL), {"stride": (1, 1)}, TypeError, "stride is .1, 1., it needs an integer"),
    ],
)
def test_bad_input_is_named(slide, arguments, options, error, message):
    with pytest.raises(error, match=f"^{slide.__name__}: .*{message}"):
        slide(*arguments, **options)


@pytest.mark.parametrize(
    "size, sigma, error, message",
    [
        (4, 1.0, ValueError, "size is 4, it needs an odd number"),
        (0, 1.0, ValueError, "size is 0, it needs 1 or more"),
        (3.0, 1.0, TypeError, "size is 3.0, it needs an integer"),
        (True, 1.0, TypeError, "size is True, it needs an integer"),
        (3, 0, ValueError, "sigma is 0, it needs a finite number above 0"),
        (3, np.nan, ValueError, "sigma is nan"),
        (3, np.inf, ValueError, "sigma is inf"),
        (3, "1", TypeError, "sigma is '1', it needs a number"),
    ],
)
def test_gaussian_names_bad_input(size, sigma, error, message):
    with pytest.raises(error, match=f"^gaussian: {message}"):
        gaussian(size, sigma)
