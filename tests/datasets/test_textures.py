"""Crops of photographs: training and test crops never meet, and a seed gives the same ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import photo, textures
from cnnlib.datasets.textures import FLAT, GAP, PHOTOS, scaled


@pytest.fixture(scope="module")
def crops():
    return textures(20, test_per_class=10)


def test_shapes_range_and_turns(crops):
    assert crops.x_train.shape == (200, 64, 64, 3) and crops.x_test.shape == (100, 64, 64, 3)
    assert crops.x_train.dtype == crops.x_test.dtype == np.float32
    for x in (crops.x_train, crops.x_test):
        assert x.min() >= 0 and x.max() <= 1
        assert (x == x[..., :1]).all()
    np.testing.assert_array_equal(crops.y_train, np.arange(200) % 10)
    np.testing.assert_array_equal(crops.y_test, np.arange(100) % 10)
    assert crops.names == PHOTOS


def test_brightness_and_contrast_give_nothing_away(crops):
    """Standardized: the mean gray of a class says as little as that of a crop within it."""
    means = crops.x_train.mean(axis=(1, 2, 3))
    deviations = crops.x_train[..., 0].std(axis=(1, 2))
    assert np.abs(means - 128 / 255).max() < 0.05
    assert np.median(np.abs(deviations - 48 / 255)) < 0.03
    assert deviations.min() > 0.08 and deviations.max() <= 48 / 255 + 1e-6


@pytest.mark.parametrize("name", PHOTOS)
def test_training_and_test_crops_come_from_halves_that_do_not_touch(name):
    crops = textures(40, test_per_class=40, names=(name, "retina"))
    height, width = scaled(name).shape
    train, test = crops.boxes_train[::2], crops.boxes_test[::2]
    for boxes in (train, test):
        assert boxes.min() >= 0
        assert boxes[:, 2].max() <= width and boxes[:, 3].max() <= height
    axis = 0 if width >= height else 1
    assert test[:, axis].min() - train[:, axis + 2].max() >= GAP


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(16, 64))
def test_any_seed_and_size_keeps_the_gap_and_the_range(seed, size):
    crops = textures(2, test_per_class=2, seed=seed, size=size, names=("coins", "flower"))
    sides = crops.boxes_train[:, 2:] - crops.boxes_train[:, :2]
    assert (sides[:, 0] == sides[:, 1]).all()
    assert 3 * size // 4 <= sides.min() and sides.max() <= 3 * size // 2
    for kind in (0, 1):  # both photographs are cut into a left and a right half
        right = crops.boxes_train[kind::2, 2].max()
        assert crops.boxes_test[kind::2, 0].min() - right >= GAP
    assert crops.x_train.shape == (4, size, size, 3)
    assert crops.x_train.min() >= 0 and crops.x_train.max() <= 1


def test_a_crop_shows_what_its_box_holds(crops):
    """Up to its mirror image, its brightness and its contrast; averaged, as sizes differ."""
    for x, y, (left, top, right, bottom) in zip(
        crops.x_train[:40, ..., 0], crops.y_train, crops.boxes_train, strict=False
    ):
        inside = scaled(PHOTOS[y])[top:bottom, left:right]
        assert inside.std() >= FLAT
        places = np.linspace(0, right - left - 1, 64).round().astype(int)
        taken = inside[np.ix_(places, places)]
        best = max(np.corrcoef(x.ravel(), view.ravel())[0, 1] for view in (taken, taken[:, ::-1]))
        assert best > 0.6


def test_half_of_the_crops_are_mirrored():
    """A ramp gets brighter to the right in about half of them."""
    crops = textures(100, test_per_class=1, names=("retina", "page"))
    for kind in (0, 1):
        columns = crops.x_train[kind::2, ..., 0].mean(axis=1)
        rises = np.mean(columns[:, 32:].mean(axis=1) > columns[:, :32].mean(axis=1))
        assert 0.3 < rises < 0.7


def test_the_same_seed_gives_the_same_crops_and_another_seed_others(crops):
    again, other = textures(20, test_per_class=10), textures(20, test_per_class=10, seed=1)
    for mine, same in zip(crops[:6], again[:6], strict=True):
        np.testing.assert_array_equal(mine, same)
    for name in ("x_train", "x_test", "boxes_train", "boxes_test"):
        assert (getattr(crops, name) != getattr(other, name)).any()


def test_fewer_crops_are_the_first_of_more(crops):
    few = textures(5, test_per_class=4)
    for name in ("x_train", "y_train", "boxes_train"):
        np.testing.assert_array_equal(getattr(few, name), getattr(crops, name)[:50])
    for name in ("x_test", "y_test", "boxes_test"):
        np.testing.assert_array_equal(getattr(few, name), getattr(crops, name)[:40])


def test_the_other_photographs_do_not_change_a_photographs_crops(crops):
    two = textures(20, test_per_class=1, names=("coffee", "brick"))
    np.testing.assert_array_equal(two.x_train[1::2], crops.x_train[0::10])
    np.testing.assert_array_equal(two.x_train[0::2], crops.x_train[4::10])


def test_the_origin_of_each_photograph_is_told(crops):
    for name in PHOTOS:
        assert f"{name}: {photo(name).source}" in crops.source
        assert f"{name}: {photo(name).license}" in crops.license


def test_an_unknown_photograph_is_refused():
    with pytest.raises(ValueError, match=r"photo: name is 'lena', it needs one of .*'brick'"):
        textures(5, names=("brick", "lena"))


@pytest.mark.parametrize("names", [(), ("brick",), ("brick", "brick")])
def test_fewer_than_two_different_classes_are_refused(names):
    with pytest.raises(ValueError, match=r"textures: names is .* two or more, all different"):
        textures(5, names=names)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"per_class": 0}, "per_class is 0, it needs 1 or more"),
        ({"per_class": -3}, "per_class is -3, it needs 1 or more"),
        ({"test_per_class": 0}, "test_per_class is 0, it needs 1 or more"),
        ({"size": 15}, "size is 15, it needs 16 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"size": 124}, "size is 124, so crops have up to 186 pixels; half of coins has 184"),
        ({"size": 600}, "size is 600, so crops have up to 900 pixels; half of brick has 248"),
    ],
)
def test_numbers_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"textures: {message}"):
        textures(**{"per_class": 1, **arguments})


def test_the_largest_crops_still_fit():
    assert textures(1, test_per_class=1, size=123).x_train.shape == (10, 123, 123, 3)


@pytest.mark.parametrize("argument", ["per_class", "test_per_class", "size", "seed"])
@pytest.mark.parametrize("value", [2.0, True, "5", None])
def test_what_is_no_whole_number_is_refused(argument, value):
    with pytest.raises(TypeError, match=f"textures: {argument} is .* whole number"):
        textures(**{"per_class": 1, argument: value})
