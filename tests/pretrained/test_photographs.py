"""Photographs cut and fitted for networks, and the way back to their own pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import pretrained
from cnnlib.datasets import photo


def test_center_crop_takes_the_middle():
    """Of 8×10 pixels the middle 4×4 where the share is a half, unchanged at their own size."""
    image = np.random.default_rng(0).integers(0, 256, (8, 10, 3)) / 255
    crop = pretrained.center_crop(image, 4, share=0.5)
    assert crop.dtype == np.float32
    np.testing.assert_allclose(crop, image[2:6, 3:7], atol=1e-6)


def test_center_crop_makes_every_photograph_a_square_in_0_to_1():
    for name in ("astronaut", "china", "chelsea"):
        crop = pretrained.center_crop(photo(name).image)
        assert crop.shape == (224, 224, 3)
        assert crop.min() >= 0 and crop.max() <= 1


@pytest.mark.parametrize(
    "image, arguments, error, message",
    [
        (np.zeros((8, 8)), {}, ValueError, r"image has shape \(8, 8\), it needs \(height, width"),
        (np.zeros((0, 8, 3)), {}, ValueError, r"image has shape \(0, 8, 3\)"),
        (np.full((8, 8, 3), 200), {}, ValueError, "image holds 200, it needs 0 to 1"),
        (np.full((8, 8, 3), np.nan), {}, ValueError, "image holds nan, it needs 0 to 1"),
        (np.full((8, 8, 3), "a"), {}, TypeError, "image holds <U1, it needs numbers"),
        (np.zeros((8, 8, 3)), {"size": 0}, ValueError, "size is 0, it needs 1 or more"),
        (np.zeros((8, 8, 3)), {"size": 2.0}, TypeError, r"size is 2\.0, it needs a whole number"),
        (np.zeros((8, 8, 3)), {"share": 0}, ValueError, "share is 0, it needs a number above 0"),
        (np.zeros((8, 8, 3)), {"share": 1.5}, ValueError, r"share is 1\.5, it needs a number"),
    ],
)
def test_center_crop_refuses(image, arguments, error, message):
    with pytest.raises(error, match=f"center_crop: {message}"):
        pretrained.center_crop(image, **arguments)


SIDES = st.integers(1, 90)


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from(["corner", "center"]))
def test_a_letterbox_has_the_size_asked_for_and_the_whole_photograph(
    height, width, new_height, new_width, place
):
    fitted = pretrained.letterbox(np.ones((height, width, 3)), (new_height, new_width), place=place)
    assert fitted.image.shape == (new_height, new_width, 3)
    assert fitted.image.dtype == np.float32
    scale = min(new_height / height, new_width / width)
    assert fitted.scale == (scale, scale)
    white = scale**2 * height * width  # no light is lost or made
    assert fitted.image[..., 0].sum() == pytest.approx(white, rel=0.03, abs=3)


@given(SIDES, SIDES, SIDES, st.sampled_from(["corner", "center"]))
def test_corners_come_back_to_the_photographs_pixels(height, width, size, place):
    fitted = pretrained.letterbox(np.ones((height, width, 3)), size, place=place)
    box = np.array([0, 0, width, height])
    inside = np.tile(fitted.scale, 2) * (box + np.tile(fitted.corner, 2))
    assert inside.min() >= 0 and inside.max() <= size + 1e-9
    np.testing.assert_allclose(fitted.to_photograph([inside]), [box], atol=1e-9)
    np.testing.assert_allclose(fitted.to_photograph(inside.reshape(2, 2))[1], [width, height])


@pytest.mark.parametrize("place, left, top", [("corner", 0, 0), ("center", 2, 0)])
def test_a_photograph_at_its_own_size_lies_unchanged_on_black(place, left, top):
    image = np.random.default_rng(0).integers(0, 256, (8, 4, 3)) / 255
    fitted = pretrained.letterbox(image, 8, place=place)
    assert (fitted.scale, fitted.corner) == ((1, 1), (left, top))
    np.testing.assert_allclose(fitted.image[:, left : left + 4], image, atol=1e-6)
    assert fitted.image.sum() == pytest.approx(image.sum(), rel=1e-5)


def test_a_stretched_photograph_fills_the_picture_and_its_boxes_come_back():
    """Each half of the photograph has a color; so have the halves of the picture."""
    image = np.zeros((30, 80, 3))
    image[:, 40:, 0] = image[15:, :, 1] = 1
    fitted = pretrained.stretched(image, (60, 40))
    assert fitted.image.shape == (60, 40, 3) and fitted.image.dtype == np.float32
    np.testing.assert_array_equal(fitted.image[0, [0, 18, 21, 39], 0], [0, 0, 1, 1])
    np.testing.assert_array_equal(fitted.image[[0, 28, 31, 59], 0, 1], [0, 0, 1, 1])
    boxes = fitted.to_photograph([[20, 30, 40, 60], [0, 0, 20, 30]])
    np.testing.assert_allclose(boxes, [[40, 15, 80, 30], [0, 0, 40, 15]])


def test_no_boxes_come_back_as_no_boxes():
    fitted = pretrained.letterbox(photo("chelsea").image, 96)
    assert fitted.to_photograph(np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("points", [3.0, np.zeros((2, 3)), np.zeros((68,))])
def test_points_of_another_shape_are_refused(points):
    fitted = pretrained.letterbox(np.ones((8, 8, 3)), 8)
    with pytest.raises(ValueError, match=r"to_photograph: points has shape .*it needs \(…, 2\)"):
        fitted.to_photograph(points)


@pytest.mark.parametrize(
    "image, size, place, error, message",
    [
        (np.zeros((8, 8)), 8, "corner", ValueError, r"image has shape \(8, 8\), it needs"),
        (np.full((8, 8, 3), 2.0), 8, "corner", ValueError, r"image holds 2\.0, it needs 0 to 1"),
        (np.zeros((8, 8, 3)), 0, "corner", ValueError, "size is 0, it needs 1 or more"),
        (np.zeros((8, 8, 3)), (8, 2.5), "corner", TypeError, r"size is 2\.5, it needs a whole"),
        (np.zeros((8, 8, 3)), (8, 8, 3), "corner", ValueError, r"size is \(8, 8, 3\), it needs"),
        (np.zeros((8, 8, 3)), 8, "left", ValueError, "place is 'left', it needs 'corner' or"),
    ],
)
def test_bad_arguments_are_refused(image, size, place, error, message):
    with pytest.raises(error, match=f"letterbox: {message}"):
        pretrained.letterbox(image, size, place=place)
    if place == "corner":
        with pytest.raises(error, match=f"stretched: {message}"):
            pretrained.stretched(image, size)
