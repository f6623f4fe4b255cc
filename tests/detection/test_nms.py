"""Suppression against TensorFlow, against published results, by its definition, and bad input."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib.detection import nms as module
from cnnlib.detection.boxes import convert, iou
from cnnlib.detection.nms import nms, nms_steps

REFERENCE = Path(__file__).parents[1] / "reference"
ARRAYS = np.load(REFERENCE / "course_inputs.npz")
TORCHVISION = np.load(REFERENCE / "detection.npz")
PUBLISHED = {
    check["id"]: check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["op"] in ("yolo_nms", "yolo_nms_per_class", "yolo_eval")
}
BOXES = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [2, 0, 12, 10], [20, 0, 30, 10.0]])
SCORES = np.array([0.6, 0.9, 0.7, 0.8])


def drawn(n, seed=0, dtype=np.float64):
    """n boxes of which many overlap, and their scores."""
    generator = np.random.default_rng(seed)
    low, size = generator.uniform(0, 100, (n, 2)), generator.uniform(5, 40, (n, 2))
    boxes = np.concatenate([low, low + size], axis=1)
    return boxes.astype(dtype), generator.random(n).astype(dtype)


def by_definition(boxes, scores, iou_threshold, labels):
    """A box stays if no better one that stays overlaps it too much."""
    kept = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        rivals = [j for j in kept if labels is None or labels[i] == labels[j]]
        if all(iou([boxes[i]], [boxes[j]])[0, 0] <= iou_threshold for j in rivals):
            kept.append(i)
    return kept


def value(entry):
    return ARRAYS[entry["array"]] if isinstance(entry, dict) else np.asarray(entry)


def suppressed(check):
    """Boxes (as they were given), scores and classes that stay in a published check."""
    inputs = {name: value(entry) for name, entry in check["inputs"].items()}
    if check["op"] == "yolo_eval":
        scores = inputs["box_confidence"] * inputs["box_class_probs"]
        inputs["classes"] = scores.argmax(axis=-1).ravel()
        inputs["scores"] = scores.max(axis=-1).ravel()
        half = inputs["box_wh"] / 2  # sizes may be negative here, so `convert` would refuse them
        corners = np.concatenate([inputs["box_xy"] - half, inputs["box_xy"] + half], axis=-1)
        height, width = inputs["image_shape"]
        inputs["boxes"] = corners.reshape(-1, 4)[:, [1, 0, 3, 2]] * [height, width, height, width]
    in_order = np.sort(inputs["boxes"].reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    kept = nms(
        convert(in_order, "yxyx", "xyxy"),
        inputs["scores"],
        iou_threshold=float(inputs["iou_threshold"]),
        max_detections=int(inputs["max_boxes"]),
        labels=inputs["classes"] if check["op"] == "yolo_nms_per_class" else None,
    )
    return {name: inputs[name][kept] for name in ("boxes", "scores", "classes")}


@pytest.mark.parametrize("check", PUBLISHED.values(), ids=PUBLISHED)
def test_published_suppression(check):
    found = suppressed(check)
    for name, expected in check["expected"].items():
        array, part = re.fullmatch(r"(\w+)(.*)", name).groups()
        got = {"": np.asarray, "[2]": lambda a: a[2], ".shape": np.shape}[part](found[array])
        np.testing.assert_allclose(got, expected, **check["tol"], err_msg=name)


def test_all_four_published_checks_are_there():
    assert len(PUBLISHED) == 4


cases = st.integers(0, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(*[st.integers(0, 8)] * 4), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
        st.none() | st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


@given(cases, st.sampled_from([0, 0.2, 1 / 3, 0.5, 0.9, 1]))
def test_nms_and_its_steps_keep_what_the_definition_keeps(case, iou_threshold):
    corners, scores, labels = case
    boxes = np.sort(np.reshape(corners, (-1, 2, 2)), axis=1).reshape(-1, 4)
    expected = by_definition(boxes, scores, iou_threshold, labels)
    chosen = {"iou_threshold": iou_threshold, "labels": labels}
    assert nms(boxes, scores, **chosen).tolist() == expected
    steps = list(nms_steps(boxes, scores, **chosen))
    assert [step.kept for step in steps] == expected
    told = [index for step in steps for index in (step.kept, *step.removed)]
    assert sorted(told) == list(range(len(boxes)))  # every box stays or is removed, once


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("per_class", [False, True])
def test_chunks_do_not_change_the_choice(chunk, per_class, monkeypatch):
    boxes, scores = drawn(300)
    labels = np.arange(300) % 3 if per_class else None
    expected = [step.kept for step in nms_steps(boxes, scores, labels=labels)]
    monkeypatch.setattr(module, "_CHUNK", chunk)
    assert nms(boxes, scores, labels=labels).tolist() == expected


@pytest.mark.parametrize("percent", [30, 50, 70])
def test_nms_is_torchvisions(percent):
    kept = nms(TORCHVISION["boxes"], TORCHVISION["scores"], iou_threshold=percent / 100)
    np.testing.assert_array_equal(kept, TORCHVISION[f"nms_{percent}"])


def test_per_class_is_torchvisions():
    boxes, scores, labels = (TORCHVISION[name] for name in ("boxes", "scores", "labels"))
    kept = nms(boxes, scores, labels=labels)
    np.testing.assert_array_equal(kept, TORCHVISION["batched_nms_50"])


@pytest.mark.parametrize("iou_threshold", [0.25, 0.5, 0.75])
def test_nms_is_that_of_an_installed_torchvision(iou_threshold):
    ops = pytest.importorskip("torchvision.ops")
    torch = pytest.importorskip("torch")
    for seed in range(5):
        boxes, scores = drawn(500, seed, np.float32)
        expected = ops.nms(torch.from_numpy(boxes), torch.from_numpy(scores), iou_threshold)
        ours = nms(boxes, scores, iou_threshold=iou_threshold)
        np.testing.assert_array_equal(ours, expected.numpy())


@pytest.mark.tensorflow
@pytest.mark.parametrize("limit", [3, 1000])
@pytest.mark.parametrize("iou_threshold", [0.0, 0.3, 0.5, 0.8])
def test_nms_is_tensorflows(iou_threshold, limit):
    tf = pytest.importorskip("tensorflow")
    for seed in range(5):
        boxes, scores = drawn(400, seed, np.float32)
        boxes = np.concatenate([boxes, np.round(boxes[:100] / 20) * 20])  # touch, nest, are flat
        scores = np.round(np.concatenate([scores, scores[:100]]), 2)  # many are equal
        theirs = tf.image.non_max_suppression(
            boxes[:, [1, 0, 3, 2]], scores, limit, iou_threshold, score_threshold=0.1
        )
        ours = nms(
            boxes,
            scores,
            iou_threshold=iou_threshold,
            score_threshold=0.1,
            max_detections=limit,
        )
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.tensorflow
def test_per_class_is_tensorflow_on_each_class():
    tf = pytest.importorskip("tensorflow")
    boxes, scores = drawn(300, dtype=np.float32)
    labels = np.arange(300) % 4
    theirs = []
    for label in range(4):
        (own,) = np.nonzero(labels == label)
        kept = tf.image.non_max_suppression(boxes[own][:, [1, 0, 3, 2]], scores[own], 300, 0.4)
        theirs.extend(own[kept.numpy()])
    ours = nms(boxes, scores, iou_threshold=0.4, labels=labels)
    assert sorted(ours) == sorted(theirs)
    assert (np.diff(scores[ours]) <= 0).all()


def test_an_overlap_of_exactly_the_threshold_stays():
    half = [[0, 0, 2, 1], [0, 0, 1, 1]]
    assert nms(half, [0.9, 0.8], iou_threshold=0.5).tolist() == [0, 1]
    assert nms(half, [0.9, 0.8], iou_threshold=np.nextafter(0.5, 0)).tolist() == [0]


def test_an_overlap_of_exactly_the_threshold_stays_in_float32():
    """float32's 0.6 is more than float64's: the threshold is rounded as the overlap is."""
    boxes = np.array([[0, 0, 5, 1], [0, 0, 3, 1]], dtype=np.float32)
    assert nms(boxes, [0.9, 0.8], iou_threshold=0.6).tolist() == [0, 1]


def test_of_equal_scores_the_first_index_wins():
    same = np.tile(BOXES[0], (200, 1))
    assert nms(same, np.full(200, 0.5)).tolist() == [0]
    apart = np.arange(200)[:, np.newaxis] * 20 + BOXES[0]
    assert nms(apart, np.full(200, 0.5)).tolist() == list(range(200))


def test_a_score_has_to_be_larger_than_the_threshold():
    assert nms(BOXES, SCORES, score_threshold=0.8).tolist() == [1]
    assert nms(BOXES, SCORES, score_threshold=0.7).tolist() == [1, 3]
    assert nms(BOXES, SCORES, score_threshold=1).tolist() == []


def test_steps_tell_what_each_kept_box_removes():
    (first, second) = nms_steps(BOXES, SCORES)
    assert (first.kept, first.removed.tolist()) == (1, [2, 0])
    assert (second.kept, second.removed.tolist()) == (3, [])


def test_labels_part_the_boxes():
    labels = [0, 0, 1, 0]
    assert nms(BOXES, SCORES, labels=labels).tolist() == [1, 3, 2]
    steps = list(nms_steps(BOXES, SCORES, labels=labels))
    assert [step.kept for step in steps] == [1, 3, 2]
    assert steps[0].removed.tolist() == [0]


@pytest.mark.parametrize("labels", [None, [0, 1, 2, 0]])
def test_at_most_so_many_stay_over_all_classes(labels):
    everything = nms(BOXES, SCORES, labels=labels).tolist()
    for limit in range(5):
        assert (
            nms(BOXES, SCORES, labels=labels, max_detections=limit).tolist() == (everything[:limit])
        )
        steps = nms_steps(BOXES, SCORES, labels=labels, max_detections=limit)
        assert [step.kept for step in steps] == everything[:limit]


@pytest.mark.parametrize("labels", [None, []])
def test_no_boxes_keep_none(labels):
    kept = nms([], [], labels=labels)
    assert kept.shape == (0,) and kept.dtype == np.int64
    assert list(nms_steps([], [], labels=labels)) == []


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        ({"boxes": [[3, 0, 1, 1]] * 4}, ValueError, "boxes row 0 is .*x_min ≤ x_max"),
        ({"boxes": [[np.nan, 0, 1, 1]] * 4}, ValueError, "boxes row 0 is .*finite"),
        ({"boxes": np.zeros((4, 5))}, ValueError, r"boxes has shape \(4, 5\)"),
        ({"scores": SCORES[:3]}, ValueError, r"scores has shape \(3,\), it needs \(4,\)"),
        ({"scores": [1, 2, np.nan, 4]}, ValueError, "scores holds NaN at 2"),
        ({"scores": ["a"] * 4}, TypeError, "scores has type <U1"),
        ({"iou_threshold": 1.5}, ValueError, "iou_threshold is 1.5, it needs a number from 0 to 1"),
        ({"iou_threshold": np.nan}, ValueError, "iou_threshold is nan"),
        ({"iou_threshold": "0.5"}, TypeError, "iou_threshold is '0.5'"),
        ({"score_threshold": -0.1}, ValueError, "score_threshold is -0.1"),
        ({"max_detections": -1}, ValueError, "max_detections is -1"),
        ({"max_detections": 2.5}, TypeError, "max_detections is 2.5"),
        ({"labels": [0, 1]}, ValueError, r"labels has shape \(2,\)"),
        ({"labels": [0, 1, -1, 0]}, ValueError, "labels holds -1, it needs 0 or more"),
        ({"labels": [0.0, 1.0, 1.0, 0.0]}, TypeError, "labels has type float64"),
    ],
)
@pytest.mark.parametrize("function", [nms, nms_steps])
def test_bad_arguments_raise_at_once(function, wrong, error, message):
    arguments = {"boxes": BOXES, "scores": SCORES, **wrong}
    boxes, scores = arguments.pop("boxes"), arguments.pop("scores")
    with pytest.raises(error, match=f"{function.__name__}: {message}"):
        function(boxes, scores, **arguments)
