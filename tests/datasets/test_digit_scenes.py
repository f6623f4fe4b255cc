"""Scenes of real digits: reproducible, tight to the ink, and training never meets test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import digit_scenes, mnist, scenes
from cnnlib.datasets.digit_scenes import INK, LARGEST_OVERLAP, _digits, _layout


@pytest.fixture(scope="module")
def drawn():
    return digit_scenes(200, seed=0)


def test_shapes_types_and_ranges(drawn):
    assert drawn.images.shape == (200, 96, 96, 3) and drawn.images.dtype == np.float32
    assert drawn.images.min() >= 0 and drawn.images.max() <= 1
    assert (drawn.images == drawn.images[..., :1]).all()
    assert drawn.names == tuple("0123456789")
    for target in drawn.targets:
        boxes, labels = target["boxes"], target["labels"]
        assert boxes.dtype == np.float32 and boxes.shape == (len(labels), 4)
        assert labels.dtype == np.int64 and 1 <= len(labels) <= 4
        assert boxes.min() >= 0 and boxes.max() <= 96
        for place, box in enumerate(boxes.tolist()):
            assert scenes.overlap(box, boxes[:place].tolist()) < LARGEST_OVERLAP


def test_all_ten_classes_and_every_number_of_digits_appear(drawn):
    labels = np.concatenate([target["labels"] for target in drawn.targets])
    assert (np.bincount(labels, minlength=10) > 0.04 * len(labels)).all()
    counts = np.bincount([len(target["labels"]) for target in drawn.targets], minlength=5)
    assert (counts[1:] > 25).all()


def test_digits_touch_and_differ_in_size_and_brightness(drawn):
    boxes = [target["boxes"].tolist() for target in drawn.targets]
    shared = [scenes.overlap(box, mine[:place]) for mine in boxes for place, box in enumerate(mine)]
    assert max(shared) > 0.05
    heights = np.array([box[3] - box[1] for mine in boxes for box in mine])
    assert heights.max() > 1.7 * heights.min()
    brightest = drawn.images.max(axis=(1, 2, 3))
    assert brightest.min() < 0.75 < brightest.max()


def test_a_box_is_tight_around_the_ink_before_noise():
    digits = _digits("train")[0]
    for seed in range(40):
        for (left, top, right, bottom), _, ink in _layout(np.random.default_rng(seed), digits, 96):
            assert ink.shape == (bottom - top, right - left)
            touched = ink > INK * 0.6 - 1e-6  # the faintest keep 0.6 of their brightness
            for edge in (touched[0], touched[-1], touched[:, 0], touched[:, -1]):
                assert edge.any()


def test_what_stands_in_a_box_is_its_digit(drawn):
    """Nearer, resized to 28 × 28, to the mean of its class than to most other classes' means."""
    digits = mnist()
    means = np.stack(
        [_centered(digits.x_train[digits.y_train == c][:500, ..., 0]) for c in range(10)]
    )
    ranks = []
    for image, target in zip(drawn.images, drawn.targets, strict=True):
        for box, label in zip(target["boxes"].astype(int), target["labels"], strict=True):
            crop = _resized(image[box[1] : box[3], box[0] : box[2], 0])
            alike = [np.corrcoef(crop.ravel(), mean.ravel())[0, 1] for mean in means]
            ranks.append((np.array(alike) > alike[label]).sum())
    assert np.mean(np.array(ranks) == 0) > 0.6


def _centered(digits):
    """The mean of digits, each cut to its ink and resized to 16 × 16."""
    return np.mean([_resized(_cut(digit)) for digit in digits], axis=0)


def _cut(digit):
    rows, columns = (np.flatnonzero((digit > INK).any(axis=axis)) for axis in (1, 0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(picture):
    rows, columns = (np.linspace(0, side - 1, 16).round().astype(int) for side in picture.shape)
    return picture[np.ix_(rows, columns)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([48, 96, 160]), st.sampled_from(["train", "test"]))
def test_any_seed_and_size_stays_inside_the_frame(seed, size, part):
    scene = digit_scenes(1, seed=seed, size=size, part=part)
    boxes = scene.targets[0]["boxes"]
    assert scene.images.shape == (1, size, size, 3)
    assert boxes.min() >= 0 and boxes.max() <= size
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_the_same_seed_gives_the_same_scenes_and_another_seed_others(drawn):
    again, other = digit_scenes(10, seed=0), digit_scenes(10, seed=1)
    np.testing.assert_array_equal(again.images, drawn.images[:10])
    for mine, same in zip(again.targets, drawn.targets, strict=False):
        np.testing.assert_array_equal(mine["boxes"], same["boxes"])
    assert (other.images != again.images).any(axis=(1, 2, 3)).all()


def test_training_and_test_scenes_hold_digits_of_their_part():
    for part, count in (("train", 60_000), ("test", 10_000)):
        pixels, labels, *_ = _digits(part)
        digits = mnist()
        assert pixels.shape == (count, 28, 28)
        np.testing.assert_allclose(pixels / 255, getattr(digits, f"x_{part}")[..., 0], atol=1e-6)
        np.testing.assert_array_equal(labels, getattr(digits, f"y_{part}"))


def test_the_origin_is_told(drawn):
    assert mnist().source in drawn.source and "arranged" in drawn.source
    assert drawn.license == mnist().license


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"n": 0}, "n is 0, it needs 1 or more"),
        ({"size": 40}, "size is 40, it needs 48 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"part": "all"}, r"part is 'all', it needs one of \['train', 'test'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"digit_scenes: {message}"):
        digit_scenes(**{"n": 1, "seed": 0, **arguments})


@pytest.mark.parametrize("arguments", [{"n": 2.0}, {"seed": None}, {"size": "96"}, {"n": True}])
def test_what_is_no_whole_number_is_refused(arguments):
    with pytest.raises(TypeError, match=r"digit_scenes: .* whole number"):
        digit_scenes(**{"n": 1, "seed": 0, **arguments})
