"""Average precision by hand, by its definition, against pycocotools, and bad input."""

import runpy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.detection.boxes import iou
from cnnlib.detection.metrics import average_precision, mean_average_precision

REFERENCE = Path(__file__).parents[1] / "reference"
COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
TRUTH = [
    {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [0, 1]},
    {"boxes": [[0, 0, 10, 10]], "labels": [0]},
    {"boxes": [], "labels": []},
]
FOUND = [
    {"boxes": [[0, 0, 10, 8], [0, 0, 9, 10]], "scores": [0.9, 0.8], "labels": [0, 0]},
    {"boxes": [[0, 0, 10, 6]], "scores": [0.7], "labels": [0]},
    {"boxes": [[5, 5, 9, 9]], "scores": [0.95], "labels": [0]},
]


def drawn(pictures, classes, seed, *, per_picture=6, step=1.0):
    """Ground truth and detections near it, some doubled, some alone; whole numbers make ties."""
    generator = np.random.default_rng(seed)
    targets, detections = [], []
    for _ in range(pictures):
        n = generator.integers(0, per_picture + 1)
        low, size = generator.uniform(0, 60, (n, 2)), generator.uniform(4, 30, (n, 2))
        boxes = np.concatenate([low, low + size], axis=1)
        targets.append({"boxes": boxes, "labels": generator.integers(0, classes, n)})
        copies = generator.integers(0, n, 2 * n) if n else np.zeros(0, int)
        near = boxes[copies] + generator.normal(0, 2, (len(copies), 4))
        alone = generator.uniform(0, 60, (3, 2))
        found = np.concatenate([near, np.concatenate([alone, alone + 15], axis=1)])
        found[:, 2:] = np.maximum(found[:, 2:], found[:, :2])
        labels = np.concatenate([targets[-1]["labels"][copies], generator.integers(0, classes, 3)])
        scores = np.round(generator.random(len(found)), 1)
        detections.append({"boxes": found, "scores": scores, "labels": labels})
    for picture in (*targets, *detections):
        picture["boxes"] = np.round(picture["boxes"] / step) * step
    return targets, detections


def by_definition(targets, detections, threshold, method, matching):
    """Class by class, detection by detection, in the plainest words."""
    values = []
    for label in sorted({label for target in targets for label in target["labels"].tolist()}):
        queue = []
        for i, found in enumerate(detections):
            of_class = np.flatnonzero(found["labels"] == label).tolist()
            of_class.sort(key=lambda k: -found["scores"][k])
            if method == "101-point":
                of_class = of_class[:100]
            queue += [(-found["scores"][k], i, k) for k in of_class]
        taken, hits = set(), []
        for _, i, k in sorted(queue):
            best, best_overlap = None, threshold
            for j, box in enumerate(targets[i]["boxes"]):
                if targets[i]["labels"][j] != label or (matching == "coco" and (i, j) in taken):
                    continue
                overlap = iou([detections[i]["boxes"][k]], [box])[0, 0]
                later = matching == "coco" or best is None
                if overlap > best_overlap or (overlap == best_overlap and later):
                    best, best_overlap = (i, j), overlap
            hits.append(best is not None and best not in taken)
            taken.add(best)
        count = sum(int((target["labels"] == label).sum()) for target in targets)
        recall = np.cumsum(hits) / count
        precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
        values.append(area_by_definition(recall, precision, method))
    return np.mean(values)


def area_by_definition(recall, precision, method):
    def best(least):
        return max((p for r, p in zip(recall, precision, strict=True) if r >= least), default=0)

    if method != "area":
        return np.mean([best(least) for least in np.linspace(0, 1, int(method.split("-")[0]))])
    levels = sorted({0.0, *recall})
    return sum((b - a) * best(b) for a, b in pairwise(levels))


def test_five_detections_by_hand():
    """Four objects; the detections are true, false, true, true, false, best first."""
    hits = np.cumsum([1, 0, 1, 1, 0])
    recall, precision = hits / 4, hits / [1, 2, 3, 4, 5]
    # precision 1 up to recall 1/4; then at best 3/4, up to recall 3/4; then none
    assert average_precision(recall, precision) == pytest.approx(1 / 4 + 2 / 4 * 3 / 4, abs=1e-15)
    # recalls 0, .1, .2 find 1; .3 … .7 find 3/4; .8, .9, 1 find nothing
    by_points = (3 * 1 + 5 * 3 / 4) / 11
    assert average_precision(recall, precision, method="11-point") == pytest.approx(by_points)
    by_points = (26 * 1 + 50 * 3 / 4) / 101
    assert average_precision(recall, precision, method="101-point") == pytest.approx(by_points)


@pytest.mark.parametrize("method", ["area", "11-point", "101-point"])
@given(hits=st.lists(st.booleans(), max_size=30), missed=st.integers(0, 10))
def test_average_precision_is_its_definition(method, hits, missed):
    true = np.cumsum(hits)
    recall = true / max(1, sum(hits) + missed)
    precision = true / np.arange(1, len(hits) + 1)
    expected = area_by_definition(recall, precision, method)
    assert average_precision(recall, precision, method=method) == pytest.approx(expected, abs=1e-12)


def test_every_method_gives_one_for_a_perfect_detector_and_zero_for_none():
    for method in ("area", "11-point", "101-point"):
        assert average_precision([0.5, 1], [1, 1], method=method) == pytest.approx(1, abs=1e-15)
        assert average_precision([], [], method=method) == 0


def test_an_evaluation_by_hand():
    """Class 0: false (no object there), true, false (taken), true; class 1: nothing found."""
    evaluation = mean_average_precision(TRUTH, FOUND)
    recall, precision = evaluation.curves[0]
    np.testing.assert_allclose(recall, [0, 1 / 2, 1 / 2, 1])
    np.testing.assert_allclose(precision, [0, 1 / 2, 1 / 3, 1 / 2])
    assert evaluation.per_class == {0: pytest.approx(0.5), 1: 0}
    assert evaluation.map == pytest.approx(0.25)
    assert evaluation.per_threshold.tolist() == [evaluation.map]
    assert evaluation.curves[1].recall.shape == (0,)


def test_several_thresholds_are_averaged():
    several = mean_average_precision(TRUTH, FOUND, iou_thresholds=[0.5, 0.7, 0.85])
    alone = [mean_average_precision(TRUTH, FOUND, iou_thresholds=t) for t in (0.5, 0.7, 0.85)]
    np.testing.assert_allclose(several.per_threshold, [one.map for one in alone])
    assert several.map == pytest.approx(np.mean([one.map for one in alone]))
    assert several.per_class[0] == pytest.approx(np.mean([one.per_class[0] for one in alone]))
    for row, one in enumerate(alone):
        np.testing.assert_array_equal(several.curves[0].recall[row], one.curves[0].recall)


@pytest.mark.parametrize("method", ["area", "11-point", "101-point"])
@pytest.mark.parametrize("matching", ["coco", "voc"])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.1, 1 / 3, 0.5, 0.75]))
def test_the_evaluation_is_its_definition(method, matching, seed, threshold):
    targets, detections = drawn(5, 2, seed, step=4)  # equal overlaps and exact thresholds
    if not any(len(target["labels"]) for target in targets):
        return
    got = mean_average_precision(
        targets, detections, iou_thresholds=threshold, method=method, matching=matching
    )
    expected = by_definition(targets, detections, threshold, method, matching)
    assert got.map == pytest.approx(expected, abs=1e-12)


def pictures(stored, name, keys):
    """One dictionary for each of the 60 pictures, from the flat arrays of the stored file."""
    of_picture = stored[f"{name}_picture"]
    return [{key: stored[f"{name}_{key}"][of_picture == i] for key in keys} for i in range(60)]


def test_coco_s_figures_are_those_of_pycocotools():
    stored = np.load(REFERENCE / "detection.npz")
    targets = pictures(stored, "targets", ("boxes", "labels"))
    detections = pictures(stored, "detections", ("boxes", "scores", "labels"))
    ours = mean_average_precision(
        targets, detections, iou_thresholds=COCO_THRESHOLDS, method="101-point"
    )
    figures = [ours.map, *ours.per_threshold[[0, 5]]]
    np.testing.assert_allclose(figures, stored["stats"], rtol=0, atol=1e-6)
    with_truth = {k: p for k, p in enumerate(stored["precision"].mean(axis=0)) if p > -1}
    assert ours.per_class == pytest.approx(with_truth, abs=1e-6)
    assert set(with_truth) == {0, 1, 2, 4}  # 3 is without ground truth, 4 without detections


@pytest.mark.parametrize("step", [0.001, 3])
def test_coco_s_figures_are_those_of_an_installed_pycocotools(step):
    pytest.importorskip("pycocotools")
    reference = runpy.run_path(str(REFERENCE / "make_detection.py"))
    targets, detections = drawn(100, 3, 0, step=step)
    expected, _ = reference["figures"](reference["coco"](targets, detections))
    ours = mean_average_precision(
        targets, detections, iou_thresholds=COCO_THRESHOLDS, method="101-point"
    )
    figures = [ours.map, *ours.per_threshold[[0, 5]]]
    np.testing.assert_allclose(figures, expected, rtol=0, atol=1e-6)


def test_a_second_detection_of_a_taken_object_tells_the_matchings_apart():
    targets = [{"boxes": [[0, 0, 10, 10], [3, 0, 13, 10]], "labels": [0, 0]}]
    found = {"boxes": [[0, 0, 10, 10], [1, 0, 11, 10]], "scores": [0.9, 0.8], "labels": [0, 0]}
    assert mean_average_precision(targets, [found], matching="voc").map == 0.5
    assert mean_average_precision(targets, [found], matching="coco").map == 1


def test_an_overlap_of_exactly_the_threshold_counts():
    targets = [{"boxes": [[0, 0, 2, 1]], "labels": [0]}]
    found = [{"boxes": [[0, 0, 1, 1]], "scores": [0.9], "labels": [0]}]
    for matching in ("coco", "voc"):
        assert mean_average_precision(targets, found, matching=matching).map == 1
    exact = [{"boxes": [[0, 0, 2, 1]], "scores": [0.9], "labels": [0]}]
    assert mean_average_precision(targets, exact, iou_thresholds=1).map == 1
    assert mean_average_precision(targets, found, iou_thresholds=1).map == 0


def test_only_101_point_forgets_what_comes_after_the_best_hundred_of_a_class():
    boxes = np.tile([[50.0, 50, 60, 60]], (101, 1))
    boxes[100] = [0, 0, 10, 10]
    found = [{"boxes": boxes, "scores": np.linspace(0.9, 0.1, 101), "labels": np.zeros(101, int)}]
    targets = [{"boxes": boxes[100:], "labels": [0]}]
    assert mean_average_precision(targets, found, method="101-point").map == 0
    assert mean_average_precision(targets, found, method="area").map == pytest.approx(1 / 101)
    found[0]["labels"][:50] = 1
    assert mean_average_precision(targets, found, method="101-point").map == pytest.approx(1 / 51)


def test_a_class_without_ground_truth_is_left_out():
    found = [dict(picture, labels=[7] * len(picture["labels"])) for picture in FOUND]
    with_strangers = [
        {key: [*a[key], *b[key]] for key in a} for a, b in zip(FOUND, found, strict=True)
    ]
    assert mean_average_precision(TRUTH, with_strangers).per_class == (
        mean_average_precision(TRUTH, FOUND).per_class
    )


def test_pictures_in_which_nothing_is_found_count():
    nothing = [{"boxes": [], "scores": [], "labels": []}] * 3
    evaluation = mean_average_precision(TRUTH, nothing)
    assert evaluation.map == 0 and evaluation.per_class == {0: 0, 1: 0}


@pytest.mark.parametrize(
    "targets, detections, wrong, error, message",
    [
        (TRUTH[:2], FOUND, {}, ValueError, "there are 2 targets and 3 detections"),
        ([], [], {}, ValueError, "targets hold no object"),
        (TRUTH[2:], FOUND[2:], {}, ValueError, "targets hold no object"),
        (TRUTH, TRUTH, {}, ValueError, r"detections\[0\] has no 'scores'"),
        (FOUND[0], FOUND, {}, TypeError, "targets is a dict, it needs a list"),
        ([[]], FOUND, {}, TypeError, r"targets\[0\] is a list"),
        (
            [{"boxes": [[5, 0, 1, 1]], "labels": [0]}],
            FOUND[:1],
            {},
            ValueError,
            r"targets\[0\]\['boxes'\] row 0 is .*x_min ≤ x_max",
        ),
        (
            TRUTH[1:2],
            [{"boxes": [[0, 0, 1, 1]], "scores": [np.nan], "labels": [0]}],
            {},
            ValueError,
            r"detections\[0\]\['scores'\] holds NaN",
        ),
        (
            TRUTH[1:2],
            [{"boxes": [[0, 0, 1, 1]], "scores": [0.5, 0.4], "labels": [0]}],
            {},
            ValueError,
            r"detections\[0\]\['scores'\] has shape \(2,\), it needs \(1,\)",
        ),
        (
            TRUTH[1:2],
            [{"boxes": [[0, 0, 1, 1]], "scores": [0.5], "labels": [-1]}],
            {},
            ValueError,
            r"detections\[0\]\['labels'\] holds -1",
        ),
        (TRUTH, FOUND, {"iou_thresholds": 1.2}, ValueError, "iou_thresholds is 1.2"),
        (TRUTH, FOUND, {"iou_thresholds": [0.5, -1]}, ValueError, "iou_thresholds is -1"),
        (TRUTH, FOUND, {"iou_thresholds": []}, ValueError, "iou_thresholds is empty"),
        (TRUTH, FOUND, {"method": "10-point"}, ValueError, "method is '10-point', it needs one of"),
        (TRUTH, FOUND, {"matching": "both"}, ValueError, "matching is 'both'"),
    ],
)
def test_bad_arguments_are_named(targets, detections, wrong, error, message):
    with pytest.raises(error, match=f"mean_average_precision: {message}"):
        mean_average_precision(targets, detections, **wrong)


@pytest.mark.parametrize(
    "recall, precision, method, message",
    [
        ([0.5, 0.4], [1, 1], "area", "recall falls"),
        ([0.5, 1.1], [1, 1], "area", "recall is .*0 to 1"),
        ([0.5], [np.nan], "area", "precision is .*nan"),
        ([0.5, 0.6], [1], "area", r"recall has shape \(2,\), precision \(1,\)"),
        ([[0.5]], [[1]], "area", "recall is .*it needs"),
        ([0.5], [1], "7-point", "method is '7-point'"),
    ],
)
def test_bad_curves_are_named(recall, precision, method, message):
    with pytest.raises(ValueError, match=f"average_precision: {message}"):
        average_precision(recall, precision, method=method)
