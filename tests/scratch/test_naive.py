"""The loops, by hand: cases small enough to work out on paper."""

import numpy as np
import pytest

from cnnlib.scratch import naive


def test_half_bright_image_gives_two_columns_of_30():
    image = np.zeros((1, 6, 6, 1))
    image[:, :, :3] = 10
    kernel = np.array([[1, 0, -1]] * 3, float)[..., None, None]
    assert naive.conv(image, kernel)[0, ..., 0].tolist() == [[0, 30, 30, 0]] * 4


def test_kernel_is_not_flipped():
    assert naive.conv([[[1.0], [0.0]]], [[[2.0]], [[5.0]]]).tolist() == [[[2.0]]]


def test_dilation_skips_pixels():
    row = np.arange(5.0).reshape(1, 5, 1)
    assert naive.conv(row, np.ones((3, 1, 1)), dilation=2).tolist() == [[[0.0 + 2 + 4]]]


def test_same_puts_the_extra_zero_after():
    row = np.array([1.0, 2, 3]).reshape(1, 3, 1)
    assert naive.conv(row, np.ones((2, 1, 1)), padding="same").ravel().tolist() == [3, 5, 3]


def test_window_in_the_padding_gives_the_bias():
    assert naive.conv([[[1.0]]], [[[1.0]]], [0.5], padding=1).ravel().tolist() == [0.5, 1.5, 0.5]


def test_padding_never_wins_a_maximum():
    row = np.array([-3.0, -2, -5]).reshape(1, 3, 1)
    pooled = naive.max_pool(row, 2, stride=1, padding=((1, 1),))
    assert pooled.ravel().tolist() == [-3, -2, -2, -5]


def test_padding_is_left_out_of_the_mean():
    row = np.array([4.0, 2, 6]).reshape(1, 3, 1)
    assert naive.average_pool(row, 2, stride=1, padding=1).ravel().tolist() == [4, 3, 4, 6]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_sum_of_ones_on_any_number_of_axes(axes):
    z = naive.conv(np.ones((2, *[4] * axes, 3)), np.ones((*[2] * axes, 3, 5)))
    assert z.shape == (2, *[3] * axes, 5)
    assert (z == 3 * 2**axes).all()
