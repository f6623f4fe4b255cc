"""R-CNN, Fast R-CNN and Faster R-CNN: they learn, detect, save, and refuse."""

import keras
import numpy as np
import pytest
from keras import ops

from cnnlib import datasets
from cnnlib.detection.proposals import proposal_recall, segment_proposals
from cnnlib.detection.rcnn import RCNN, FasterRCNN, FastRCNN, small_backbone
from cnnlib.detection.rcnn.fast_rcnn import map_scale
from cnnlib.detection.rcnn.networks import proposal_head, region_head

SCENES = datasets.streets(8, seed=0)
REGIONS = [segment_proposals(image, count=60 + i) for i, image in enumerate(SCENES.images)]
ANCHORS = [[12.0, 36.0], [24.0, 24.0], [40.0, 24.0]]
KINDS = ("rcnn", "fast", "faster")


def build(kind):
    keras.utils.set_random_seed(0)
    if kind == "rcnn":
        return RCNN(small_backbone(input_shape=(32, 32, 3)), classes=3)
    if kind == "fast":
        return FastRCNN(small_backbone(), classes=3)
    return FasterRCNN(small_backbone(), anchors=ANCHORS, classes=3)


def given(kind, pictures=slice(None)):
    return {} if kind == "faster" else {"proposals": REGIONS[pictures]}


def test_shapes_of_the_networks():
    assert small_backbone(input_shape=(64, 80, 3)).output_shape == (None, 8, 10, 64)
    assert map_scale(small_backbone()) == 1 / 8
    scores, corrections = region_head((5, 5, 64), 3)(np.zeros((7, 5, 5, 64)))
    assert tuple(scores.shape) == (7, 4) and tuple(corrections.shape) == (7, 4)
    scores, corrections = proposal_head((12, 12, 64), 3)(np.zeros((2, 12, 12, 64)))
    assert tuple(scores.shape) == (2, 432) and tuple(corrections.shape) == (2, 432, 4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_detector_learns_detects_and_reloads(kind, tmp_path):
    model = build(kind)
    losses = model.fit(
        SCENES.images, SCENES.targets, epochs=6, batch_size=4, **given(kind)
    ).history["loss"]
    assert losses[-1] < 0.75 * losses[0]

    found = model.detect(SCENES.images, **given(kind))
    assert len(found) == len(SCENES.images)
    for one in found:
        n = len(one["boxes"])
        assert one["boxes"].shape == (n, 4) and one["scores"].shape == one["labels"].shape == (n,)
        assert (one["scores"] > 0.05).all() and (np.diff(one["scores"]) <= 0).all()
        assert set(one["labels"]) <= {0, 1, 2}
        assert (one["boxes"] >= 0).all() and (one["boxes"] <= 96).all()
    assert sum(len(one["boxes"]) for one in found) > 0
    none = model.detect(SCENES.images, score_threshold=1.0, **given(kind))
    assert [one["boxes"].shape for one in none] == [(0, 4)] * 8

    model.save(tmp_path / "detector.keras")
    again = keras.saving.load_model(tmp_path / "detector.keras").detect(
        SCENES.images, **given(kind)
    )
    for one, other in zip(found, again, strict=True):
        np.testing.assert_allclose(other["scores"], one["scores"], atol=1e-5)


@pytest.mark.parametrize("kind", ["rcnn", "fast"])
def test_a_picture_is_judged_alike_alone_and_beside_one_with_more_proposals(kind):
    model = build(kind)
    together = model.detect(SCENES.images[:2], **given(kind, slice(2)), score_threshold=0.2)
    alone = model.detect(SCENES.images[:1], **given(kind, slice(1)), score_threshold=0.2)
    np.testing.assert_allclose(alone[0]["boxes"], together[0]["boxes"], atol=1e-3)


def test_without_proposals_they_are_found():
    model = build("fast")
    found = model.detect(SCENES.images[:1])
    wanted = model.detect(SCENES.images[:1], proposals=[segment_proposals(SCENES.images[0])])
    np.testing.assert_allclose(found[0]["boxes"], wanted[0]["boxes"], atol=1e-3)


def test_the_loss_of_regions_is_the_formula():
    """Two regions, one on an object: cross entropy and smooth L1 by NumPy."""
    model = build("fast")
    regions = np.array([[[10, 10, 30, 50], [60, 60, 80, 80]]], "float32")
    truth = {"boxes": np.array([[[12, 10, 32, 50]]], "float32"), "labels": np.array([[1]], "int32")}
    scores = np.array([[[0.5, 2.0, -1.0, 0.0], [1.0, 0.0, 0.0, 3.0]]], "float32")
    corrections = np.array([[[0.5, 3.0, 0.0, 0.0], [9, 9, 9, 9]]], "float32")
    answers = {"regions": regions, "scores": scores, "corrections": corrections}
    answers, truth = (
        {name: ops.convert_to_tensor(value) for name, value in one.items()}
        for one in (answers, truth)
    )
    loss = float(model.compute_loss(None, truth, answers))
    log_p = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    entropy = -(log_p[0, 0, 1] + log_p[0, 1, 3]) / 2
    box = ((1.0 - 0.5) ** 2 / 2 + (3.0 - 0.5)) / 2  # wanted: 2 / 20 / 0.1 = 1, and zeros
    assert loss == pytest.approx(entropy + box, rel=1e-4)


@pytest.mark.slow
def test_the_proposal_network_learns_where_objects_are():
    model = build("faster")
    before = proposal_recall(model.propose(SCENES.images), SCENES.targets, 10)
    model.fit(SCENES.images, SCENES.targets, epochs=40, batch_size=4)
    proposals = model.propose(SCENES.images)
    assert {boxes.shape for boxes in proposals} == {(30, 4)}
    assert proposal_recall(proposals, SCENES.targets, 10) > max(0.8, before)


def test_the_number_of_proposals_is_the_callers_and_is_saved(tmp_path):
    """The first ten of twelve are the ten of a detector that proposes ten."""
    keras.utils.set_random_seed(0)
    few, more = (
        FasterRCNN(small_backbone(), anchors=ANCHORS, classes=3, proposals=n) for n in (10, 12)
    )
    more.set_weights(few.get_weights())
    ten, twelve = few.propose(SCENES.images[:2]), more.propose(SCENES.images[:2])
    assert [boxes.shape for boxes in ten + twelve] == [(10, 4)] * 2 + [(12, 4)] * 2
    for one, other in zip(ten, twelve, strict=True):
        np.testing.assert_allclose(other[:10], one, atol=1e-4)
    more.save(tmp_path / "detector.keras")
    again = keras.saving.load_model(tmp_path / "detector.keras").propose(SCENES.images[:2])
    np.testing.assert_allclose(again, twelve, atol=1e-4)
    assert build("faster").proposals == 30


@pytest.mark.parametrize(
    "proposals, error, words",
    [
        (0, ValueError, "proposals is 0, it needs 1 or more"),
        (433, ValueError, "proposals is 433, it needs at most 432, one for each of 3 anchors"),
        (2.5, TypeError, "proposals is 2.5"),
    ],
)
def test_a_number_of_proposals_that_cannot_be_is_named(proposals, error, words):
    with pytest.raises(error, match=f"FasterRCNN: {words}"):
        FasterRCNN(small_backbone(), anchors=ANCHORS, classes=3, proposals=proposals)


def test_no_pictures_give_no_detections():
    assert build("faster").detect(np.zeros((0, 96, 96, 3))) == []


GOOD = {"images": SCENES.images, "targets": SCENES.targets, "epochs": 1}


@pytest.mark.parametrize(
    "change, error, words",
    [
        ({"images": SCENES.images[0]}, ValueError, r"images has shape \(96, 96, 3\)"),
        ({"images": SCENES.images[..., :1]}, ValueError, r"images has shape \(8, 96, 96, 1\)"),
        ({"targets": SCENES.targets[:3]}, ValueError, "targets has 3 elements, it needs 8"),
        ({"targets": [{"boxes": []}] * 8}, ValueError, r"targets\[0\] has no 'labels'"),
        (
            {"targets": [{"boxes": [[0, 0, 5, 5]], "labels": [3]}] * 8},
            ValueError,
            "holds 3, it needs 0 to 2",
        ),
        ({"proposals": REGIONS[:2]}, ValueError, "proposals has 2 elements, it needs 8"),
        ({"proposals": [[[5, 0, 0, 5]]] * 8}, ValueError, r"proposals\[0\] row 0"),
    ],
)
def test_bad_input_of_fit_is_named(change, error, words):
    with pytest.raises(error, match=f"FastRCNN.fit: .*{words}"):
        build("fast").fit(**GOOD | change)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"score_threshold": 2}, "score_threshold is 2"),
        ({"iou_threshold": -0.1}, "iou_threshold is -0.1"),
        ({"proposals": REGIONS}, "proposals has 8 elements, it needs None"),
    ],
)
def test_bad_input_of_detect_is_named(change, words):
    with pytest.raises(ValueError, match=f"FasterRCNN.detect: {words}"):
        build("faster").detect(SCENES.images, **change)


def test_bad_anchors_and_classes_are_named():
    with pytest.raises(ValueError, match=r"FasterRCNN: anchors has shape \(2,\)"):
        FasterRCNN(small_backbone(), anchors=[10, 20], classes=3)
    with pytest.raises(ValueError, match="classes holds 0, it needs 1 or more"):
        FastRCNN(small_backbone(), classes=0)
