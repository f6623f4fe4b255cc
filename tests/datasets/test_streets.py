"""Street scenes: reproducible, with tight boxes, and too hard for a threshold on color."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from skimage import measure

from cnnlib.datasets import photo, scenes, streets
from cnnlib.datasets.streets import LARGEST_OVERLAP, NAMES, PHOTOS, _layout, _picture
from cnnlib.detection.metrics import mean_average_precision


@pytest.fixture(scope="module")
def drawn():
    return streets(100, seed=0)


def test_shapes_types_and_ranges(drawn):
    assert drawn.images.shape == (100, 96, 96, 3) and drawn.images.dtype == np.float32
    assert drawn.images.min() >= 0 and drawn.images.max() <= 1
    assert len(drawn.targets) == 100 and drawn.names == NAMES
    for target in drawn.targets:
        boxes, labels = target["boxes"], target["labels"]
        assert boxes.dtype == np.float32 and boxes.shape == (len(labels), 4)
        assert labels.dtype == np.int64 and 1 <= len(labels) <= 4
        assert set(labels) <= {0, 1, 2}
        assert boxes.min() >= 0 and boxes.max() <= 96
        assert (boxes[:, 2:] - boxes[:, :2] >= 3).all()


def test_every_number_of_objects_and_every_class_appears(drawn):
    counts = np.bincount([len(target["labels"]) for target in drawn.targets], minlength=5)
    assert (counts[1:] >= 10).all()
    labels = np.bincount(np.concatenate([target["labels"] for target in drawn.targets]))
    assert (labels > 0.2 * labels.sum()).all()


def test_boxes_overlap_less_than_allowed(drawn):
    for target in drawn.targets:
        boxes = target["boxes"].tolist()
        for place, box in enumerate(boxes):
            assert scenes.overlap(box, boxes[:place]) < LARGEST_OVERLAP + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([48, 96, 160]))
def test_a_box_holds_its_object_and_no_more(seed, size):
    """Against the pixels of the object alone, painted at four times the size with a margin."""
    for box, _, polygons in _layout(np.random.default_rng(seed), (1, 4), size, 1.0):
        canvas = Image.new("L", (12 * size, 12 * size))
        for points, _ in polygons:
            ImageDraw.Draw(canvas).polygon((4 * (points + size)).ravel().tolist(), fill=255)
        rows, columns = np.nonzero(np.asarray(canvas))
        painted = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        expected = (np.array(painted) / 4 - size).clip(0, size)
        np.testing.assert_allclose(box, expected, atol=0.4)


def test_a_box_tells_where_an_object_changes_the_picture():
    """The same picture is drawn without its object: it differs in the box, and in the shadow."""
    for seed in range(30):
        (placed,) = [_layout(np.random.default_rng(seed), (1, 1), 96, 1.0)]
        shown, empty = (
            _picture(np.random.default_rng(seed), objects, "train", 96) for objects in (placed, [])
        )
        changed = np.abs(shown - empty).max(axis=-1) > 0.02
        left, top, right, bottom = placed[0][0]
        rows, columns = np.nonzero(changed[: int(bottom) - 3])
        assert top - 2 < rows.min() < top + 3
        assert left - 2 < columns.min() and columns.max() < right + 2
        assert not changed[int(bottom) + 6 :].any()


def test_objects_grow_toward_the_bottom(drawn):
    boxes = np.concatenate([target["boxes"] for target in drawn.targets])
    labels = np.concatenate([target["labels"] for target in drawn.targets])
    for label in range(3):
        mine = boxes[labels == label]
        heights = mine[:, 3] - mine[:, 1]
        assert np.corrcoef(heights, mine[:, 3])[0, 1] > 0.3


def test_the_same_seed_gives_the_same_scenes_and_another_seed_others(drawn):
    again, other = streets(10, seed=0), streets(10, seed=1)
    np.testing.assert_array_equal(again.images, drawn.images[:10])
    for mine, same in zip(again.targets, drawn.targets, strict=False):
        np.testing.assert_array_equal(mine["boxes"], same["boxes"])
        np.testing.assert_array_equal(mine["labels"], same["labels"])
    assert (other.images != again.images).any(axis=(1, 2, 3)).all()


def test_training_and_test_scenes_differ(drawn):
    test = streets(10, seed=0, part="test")
    assert (test.images != drawn.images[:10]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("part, low, high", [("train", 0, 0.6), ("test", 0.6, 1)])
def test_backgrounds_come_from_their_part_of_the_photograph(part, low, high, monkeypatch):
    """A photograph that is 1 where the part lies, 0 elsewhere: every crop of it is all ones."""
    columns = (np.arange(500) + 0.5) / 500
    ramp = np.uint8(255 * ((columns > low) & (columns < high)))
    monkeypatch.setattr(
        scenes, "_pixels", lambda name: Image.fromarray(np.tile(ramp[:, None], (400, 1, 3)))
    )
    random = np.random.default_rng(0)
    for _ in range(50):
        crop = np.asarray(scenes.background(random, ("any",), part, 64))
        assert crop.shape == (64, 64, 3) and (crop[:, 2:-2] == 255).all()


def test_scenes_for_localization_have_one_object_or_none():
    targets = streets(60, seed=2, objects=(0, 1)).targets
    counts = [len(target["labels"]) for target in targets]
    assert set(counts) == {0, 1} and 15 < sum(counts) < 45
    empty = targets[counts.index(0)]
    assert empty["boxes"].shape == (0, 4) and empty["labels"].shape == (0,)


def test_light_and_objects_vary(drawn):
    brightness = drawn.images.mean(axis=(1, 2, 3))
    assert brightness.max() > 3 * brightness.min()
    widths = np.concatenate([t["boxes"][:, 2] - t["boxes"][:, 0] for t in drawn.targets])
    assert np.quantile(widths, 0.95) > 2.5 * np.quantile(widths, 0.05)


def test_the_drawing_grows_with_the_size():
    small, large = streets(5, seed=3), streets(5, seed=3, size=192)
    assert large.images.shape == (5, 192, 192, 3)
    for mine, twice in zip(small.targets, large.targets, strict=True):
        np.testing.assert_allclose(2 * mine["boxes"], twice["boxes"], rtol=1e-5)


def test_zoom_enlarges_the_objects_and_keeps_them_in_the_frame():
    heights = []
    for zoom in (0.5, 1.0, 1.5):
        boxes = [t["boxes"][0] for t in streets(60, seed=4, objects=(1, 1), zoom=zoom).targets]
        heights.append(np.mean([bottom - top for _, top, _, bottom in boxes]))
        assert min(top for _, top, _, _ in boxes) >= 0
    np.testing.assert_allclose(np.divide(heights, heights[1]), [0.5, 1, 1.5], rtol=0.02)


def test_the_origin_of_each_photograph_is_told(drawn):
    for name in PHOTOS:
        assert f"{name}: {photo(name).source}" in drawn.source
        assert f"{name}: {photo(name).license}" in drawn.license
    assert "drawn" in drawn.source


def test_a_threshold_on_color_fails_as_a_detector(drawn):
    """Its mAP stays below 0.2, at the best of many thresholds chosen on these very scenes.

    Every patch beyond the threshold is a box. It scores by its size and gets every object's class
    for nothing: all classes count as one.
    """
    targets = [{**target, "labels": 0 * target["labels"]} for target in drawn.targets]
    best = 0
    for kind in (_saturation, _brightness, _reddish):
        values = kind(drawn.images)
        for threshold in np.quantile(values, [0.5, 0.8, 0.95]):
            for beyond in (values > threshold, values < threshold):
                found = [_patches(picture) for picture in beyond]
                best = max(best, mean_average_precision(targets, found).map)
    assert 0.005 < best < 0.2


def _saturation(images):
    return 1 - images.min(axis=-1) / (images.max(axis=-1) + 1e-6)


def _brightness(images):
    return images.mean(axis=-1)


def _reddish(images):
    return images[..., 0] - images[..., 1:].mean(axis=-1)


def _patches(beyond):
    """The connected patches of a picture as detections, larger ones first."""
    patches = [patch for patch in measure.regionprops(measure.label(beyond)) if patch.area >= 30]
    boxes = [(b, a, d, c) for a, b, c, d in (patch.bbox for patch in patches)]
    return {
        "boxes": np.array(boxes, dtype=float).reshape(-1, 4),
        "scores": np.array([patch.area for patch in patches], dtype=float),
        "labels": np.zeros(len(patches), int),
    }


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"n": 0}, "n is 0, it needs 1 or more"),
        ({"size": 47}, "size is 47, it needs 48 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"part": "validation"}, r"part is 'validation', it needs one of \['train', 'test'\]"),
        ({"objects": (2, 1)}, r"objects is \(2, 1\), it needs 0 ≤ the least ≤ the largest"),
        ({"objects": (-1, 1)}, r"objects is \(-1, 1\), it needs 0 ≤ the least"),
        ({"objects": 3}, "objects is 3, it needs the least and the largest number"),
        ({"zoom": 2}, "zoom is 2, it needs 0.5 to 1.5"),
        ({"objects": (40, 40)}, r"objects is \(40, 40\), a scene has no room for 40 apart"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"streets: {message}"):
        streets(**{"n": 1, "seed": 0, **arguments})


@pytest.mark.parametrize(
    "arguments", [{"n": 2.0}, {"seed": None}, {"size": "96"}, {"n": True}, {"objects": (1, 2.5)}]
)
def test_what_is_no_whole_number_is_refused(arguments):
    with pytest.raises(TypeError, match=r"streets: .* whole number"):
        streets(**{"n": 1, "seed": 0, **arguments})


def test_a_zoom_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"streets: zoom is 'much', it needs a number"):
        streets(1, seed=0, zoom="much")
