"""How good a detector is: precision and recall, and the mean of their areas over the classes."""

from typing import NamedTuple

import numpy as np

from cnnlib.detection.arguments import detections_of, one_of, share, targets_of
from cnnlib.detection.boxes import iou

_POINTS = {"11-point": 11, "101-point": 101}
_COCO_DETECTIONS = 100  # of one class in one picture, where the method is COCO's


class Curve(NamedTuple):
    """Recall and precision of the best 1, 2, 3 … detections of a class, over all pictures."""

    recall: np.ndarray
    precision: np.ndarray


class Evaluation(NamedTuple):
    """What `mean_average_precision` finds.

    `map`: float, the mean over the classes that have ground truth, and over the thresholds.
    `per_class`: dict, label to its average precision, over the thresholds.
    `per_threshold`: (t,) array, the mean over the classes at each threshold.
    `curves`: dict, label to its `Curve` of (n,) arrays, (t, n) where thresholds came as a sequence.
    """

    map: float
    per_class: dict
    per_threshold: np.ndarray
    curves: dict


def average_precision(recall, precision, *, method="area"):
    """The area under precision over recall, precision taken as the best at that recall or more.

    Parameters
    ----------
    recall, precision : (n,) arrays
        Of the best 1, 2, … n detections; recall never falls.
    method : str
        `"area"`: the whole area, as PASCAL VOC has it since 2010. `"11-point"`, `"101-point"`: the
        mean of the precision at 11 or 101 recalls from 0 to 1, as VOC 2007 and COCO have it.
        Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", 2010, section 4.2
        (https://doi.org/10.1007/s11263-009-0275-4).

    Returns
    -------
    float
        From 0 to 1; 0 where there is no detection.

    Raises
    ------
    ValueError
        Where the shapes differ, a number lies outside 0…1, or recall falls.

    Examples
    --------
    >>> average_precision([0.5, 0.5, 1.0], [1.0, 0.5, 2 / 3])
    0.8333333333333333
    """
    one_of("average_precision", "method", method, ("area", *_POINTS))
    recall = _shares("recall", recall)
    precision = _shares("precision", precision)
    if recall.shape != precision.shape:
        raise ValueError(
            f"average_precision: recall has shape {recall.shape}, precision {precision.shape}, "
            "they need one (n,)"
        )
    if (np.diff(recall) < 0).any():
        raise ValueError("average_precision: recall falls, it needs the best detections first")
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    if method == "area":
        return float(np.diff(recall, prepend=0) @ best_from_here)
    points = np.linspace(0, 1, _POINTS[method])  # rounded as in the programs of VOC and COCO
    reached = np.searchsorted(recall, points)
    return float(np.append(best_from_here, 0)[reached].mean())


def mean_average_precision(
    targets, detections, *, iou_thresholds=0.5, method="area", matching="coco"
):
    """The mean average precision (mAP) of detections against the ground truth.

    Detections of a class, best first over all pictures, are true where they match an object of
    their class that no better one has matched, with an IoU of the threshold or more. With
    `matching="coco"`, `method="101-point"` and the thresholds 0.5, 0.55 … 0.95 this is COCO's AP
    (Lin et al., "Microsoft COCO", 2014, https://arxiv.org/abs/1405.0312, without its crowds).

    Parameters
    ----------
    targets : list of dict
        For each picture `"boxes"` (n, 4), corners in pixels, and `"labels"` (n,), integers.
    detections : list of dict
        For each picture `"boxes"` (k, 4), `"scores"` (k,) and `"labels"` (k,). Of equal scores the
        first counts as the better one.
    iou_thresholds : float or sequence of float
        From 0 to 1.
    method : str
        As in `average_precision`. With `"101-point"` the 100 best detections of each class in a
        picture count, as in COCO's program.
    matching : str
        `"coco"`: a detection takes the box that it overlaps most of those that are left. `"voc"`:
        where the box that it overlaps most is taken, it is false.

    Returns
    -------
    Evaluation
        `.map`, `.per_class`, `.per_threshold`, `.curves`. Classes without an object in any picture
        are left out.

    Raises
    ------
    ValueError
        Where the numbers of pictures differ, no picture has an object, a detection has no score, or
        a box, label, score or threshold is out of range.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 9, 9], [20, 0, 29, 9]], "labels": [0, 0]}
    >>> found = {"boxes": [[0, 0, 9, 8]], "scores": [0.7], "labels": [0]}
    >>> mean_average_precision([truth], [found]).map
    0.5
    """
    function = "mean_average_precision"
    one_of(function, "method", method, ("area", *_POINTS))
    one_of(function, "matching", matching, ("coco", "voc"))
    targets, detections = targets_of(function, targets), detections_of(function, detections)
    if len(targets) != len(detections):
        raise ValueError(
            f"{function}: there are {len(targets)} targets and {len(detections)} detections, it "
            "needs one of each for every picture"
        )
    thresholds = _thresholds(function, iou_thresholds)
    if method == "101-point":
        detections = [_best_of_each_class(found, _COCO_DETECTIONS) for found in detections]
    objects = np.concatenate([target["labels"] for target in targets] or [[]]).astype(int)
    if not objects.size:
        raise ValueError(f"{function}: targets hold no object, it needs at least one")
    true, labels = _true(targets, detections, thresholds, matching)

    curves, found = {}, {}
    for label, count in zip(*np.unique(objects, return_counts=True), strict=True):
        hits = true[:, labels == label].cumsum(axis=1)
        recall, precision = hits / count, hits / np.arange(1, hits.shape[1] + 1)
        found[int(label)] = [
            average_precision(*pair, method=method) for pair in zip(recall, precision, strict=True)
        ]
        single = np.ndim(iou_thresholds) == 0
        curves[int(label)] = Curve(*(c[0] if single else c for c in (recall, precision)))
    table = np.array(list(found.values()))
    return Evaluation(
        map=float(table.mean()),
        per_class={label: float(np.mean(values)) for label, values in found.items()},
        per_threshold=table.mean(axis=0),
        curves=curves,
    )


def _true(targets, detections, thresholds, matching):
    """Which detections are true at each threshold (t, n), and their labels (n,), best first."""
    scores = np.concatenate([found["scores"] for found in detections])
    labels = np.concatenate([found["labels"] for found in detections])
    order = np.argsort(-scores, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    ranks, objects, overlaps = _pairs(targets, detections, rank, min(thresholds), matching)
    true = np.zeros((len(thresholds), len(order)), dtype=bool)
    for row, threshold in zip(true, thresholds, strict=True):
        enough = overlaps >= threshold
        row[_taken(ranks[enough].tolist(), objects[enough].tolist())] = True
    return true, labels[order]


def _pairs(targets, detections, rank, threshold, matching):
    """Detections (by rank) and objects of one class and picture that overlap enough.

    In the order in which they are matched: the best detection first, and of its objects the one
    that it overlaps most. Equal overlaps: COCO's program takes the last object, VOC's the first.
    """
    first_rank, first_object, pairs = 0, 0, []
    for target, found in zip(targets, detections, strict=True):
        of_one_class = found["labels"][:, np.newaxis] == target["labels"]
        overlap = iou(found["boxes"].astype(float), target["boxes"])
        overlap[~of_one_class] = -1
        if matching == "voc" and overlap.size:
            best = overlap.argmax(axis=1)
            others = np.arange(overlap.shape[1]) != best[:, np.newaxis]
            overlap[others] = -1
        i, j = np.nonzero(overlap >= threshold)
        pairs.append((rank[first_rank + i], first_object + j, overlap[i, j]))
        first_rank += len(found["labels"])
        first_object += len(target["labels"])
    ranks, objects, overlaps = map(np.concatenate, zip(*pairs, strict=True))
    order = np.lexsort((-objects, -overlaps, ranks))
    return ranks[order], objects[order], overlaps[order]


def _taken(detections, objects):
    """The detections that get an object when the pairs choose in turn, each of both once."""
    free = set(objects)
    last, taken = None, []
    for detection, thing in zip(detections, objects, strict=True):
        if detection != last and thing in free:
            free.remove(thing)
            taken.append(detection)
            last = detection
    return taken


def _best_of_each_class(found, limit):
    """The detections of one picture without those that `limit` of their class outdo."""
    order = np.argsort(-found["scores"], kind="stable")
    labels = found["labels"][order]
    kept = [order[labels == label][:limit] for label in np.unique(labels)]
    kept = np.sort(np.concatenate([order[:0], *kept]))
    return {key: values[kept] for key, values in found.items()}


def _thresholds(function, iou_thresholds):
    """Thresholds as a list; 1 a trifle lower, for rounded overlaps, as in COCO's program."""
    values = [iou_thresholds] if np.ndim(iou_thresholds) == 0 else list(iou_thresholds)
    if not values:
        raise ValueError(f"{function}: iou_thresholds is empty, it needs at least one")
    return [min(share(function, "iou_thresholds", value), 1 - 1e-10) for value in values]


def _shares(name, values):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"average_precision: {name} is {values}, it needs (n,) numbers from 0 to 1"
        )
    return values
