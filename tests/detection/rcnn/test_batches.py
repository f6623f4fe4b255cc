"""What the detectors learn from: fair draws, mirrored pictures with mirrored boxes."""

import numpy as np

from cnnlib.detection.boxes import iou
from cnnlib.detection.rcnn.batches import JITTERED, REGIONS, RegionBatches, balanced, jittered

TRUTH = [
    {
        "boxes": np.array([[10, 20, 30, 50], [60, 40, 90, 60]], "float32"),
        "labels": np.array([1, 0]),
    },
    {"boxes": np.zeros((0, 4), "float32"), "labels": np.zeros(0, int)},
]


def spread(n):
    corner = np.random.default_rng(0).uniform(0, 70, (n, 2))
    return np.concatenate([corner, corner + 20], axis=1).astype("float32")


def test_balanced_draws_regions_on_objects_and_beside_them():
    near = TRUTH[0]["boxes"][[0] * 40] + np.linspace(0, 3, 40)[:, None].astype("float32")
    draw = balanced([np.concatenate([near, spread(100)]), spread(5)], TRUTH)
    random = np.random.default_rng(1)
    regions = draw(0, random)
    covering = (iou(regions, TRUTH[0]["boxes"]) >= 0.5).any(axis=1)
    assert regions.shape == (REGIONS, 4) and covering.sum() == REGIONS // 2
    assert not np.array_equal(regions, draw(0, random))
    assert draw(1, random).shape == (REGIONS, 4)  # five proposals, none on an object: they repeat


def test_balanced_counts_true_boxes_among_the_proposals():
    draw = balanced([spread(0), spread(3)], TRUTH)
    assert (iou(draw(0, np.random.default_rng(0)), TRUTH[0]["boxes"]) >= 0.5).any(axis=1).all()


def test_jittered_boxes_stay_on_their_object():
    draw, random = jittered(TRUTH, (96, 96)), np.random.default_rng(0)
    for _ in range(50):
        regions = draw(0, random)
        assert regions.shape == (JITTERED, 4)
        assert (iou(regions, TRUTH[0]["boxes"]).max(axis=1) >= 0.5).all()
    assert draw(1, random).tolist() == np.zeros((JITTERED, 4)).tolist()


def test_a_mirrored_picture_has_mirrored_boxes_and_regions():
    """Pictures that are dark but for their boxes: whatever is shown, each box is bright."""
    images = np.zeros((8, 96, 96, 3), "float32")
    images[:, 20:50, 10:30] = 0.2, 0.5, 0.9
    images[:, 40:60, 60:90] = 0.2, 0.5, 0.9
    truth = [TRUTH[0]] * 8
    batches = RegionBatches(
        images, truth, lambda i, random: truth[i]["boxes"], batch_size=3, seed=0
    )
    assert len(batches) == 3
    mirrored, orders = set(), set()
    for number in range(3):
        inputs, wanted = batches[number]
        assert len(inputs["images"]) == (3, 3, 2)[number]
        np.testing.assert_array_equal(inputs["regions"], wanted["boxes"])
        assert wanted["labels"].tolist() == [[1, 0]] * len(inputs["images"])
        for image, boxes in zip(inputs["images"], wanted["boxes"], strict=True):
            bright = np.zeros((96, 96), bool)
            for x_min, y_min, x_max, y_max in boxes.astype(int):
                bright[y_min:y_max, x_min:x_max] = True
            np.testing.assert_array_equal(image.max(axis=2) > 0, bright)
            mirrored.add(boxes[0, 0])
            orders.add(tuple(image[boxes[0, 1].astype(int), boxes[0, 0].astype(int)].round(1)))
    assert mirrored == {10, 66} and len(orders) > 2
    assert (images[0, 20, 10] == np.float32([0.2, 0.5, 0.9])).all()  # the pictures stay as they are


def test_an_epoch_shows_every_picture_once():
    images = np.arange(7, dtype="float32")[:, None, None, None] * np.ones((1, 4, 4, 3), "float32")
    truth = [TRUTH[1]] * 7
    batches = RegionBatches(images, truth, lambda i, r: np.zeros((2, 4)), batch_size=2, seed=0)
    for _ in range(2):
        shown = np.concatenate([batches[i][0]["images"][:, 0, 0, 0] for i in range(len(batches))])
        assert sorted(shown) == list(range(7))
        batches.on_epoch_end()
