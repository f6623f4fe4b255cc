"""Non-max suppression: of boxes that mean the same object, the one with the best score stays."""

from itertools import islice
from typing import NamedTuple

import numpy as np

from cnnlib.detection.arguments import box_array, score_array, share, whole_labels, whole_number
from cnnlib.detection.boxes import iou

_CHUNK = 64  # boxes decided at a time: the rows of one table of overlaps


class Step(NamedTuple):
    """One turn of the suppression: the index that stays, and those that it removes, best first."""

    kept: int
    removed: np.ndarray


def nms(
    boxes,
    scores,
    *,
    iou_threshold=0.5,
    score_threshold=None,
    max_detections=None,
    labels=None,
):
    """The boxes that stay when each removes those below it that it overlaps too much.

    The best box stays, every box whose IoU with it is larger than the threshold goes; the same
    with the best of the rest, to the end. (The course says "at or above" the threshold; TensorFlow,
    torchvision and OpenCV compare with >, and so does this.)

    Parameters
    ----------
    boxes : (n, 4) array
        Corners (x_min, y_min, x_max, y_max).
    scores : (n,) array
        Equal scores: the first index counts as the better one.
    iou_threshold : float
        From 0 to 1.
    score_threshold : float, optional
        From 0 to 1. Boxes take part whose score is larger.
    max_detections : int, optional
        How many boxes stay at most, over all classes.
    labels : (n,) array of int, optional
        The class of each box; a box then removes boxes of its own class only.

    Returns
    -------
    (k,) int array
        Indices of the boxes that stay, best first.

    Raises
    ------
    ValueError
        Where a box is inside out or not finite, a score is NaN, a threshold lies outside 0…1, or
        the lengths differ.

    Examples
    --------
    >>> boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]]
    >>> nms(boxes, [0.6, 0.9, 0.7]).tolist()
    [1, 2]
    """
    boxes, order, labels, limit = _candidates(
        "nms", boxes, scores, score_threshold, max_detections, labels
    )
    iou_threshold = share("nms", "iou_threshold", iou_threshold)
    ranked = boxes[order]
    if labels is None:
        return order[_greedy(ranked, iou_threshold, limit)]
    kept = np.zeros(len(order), dtype=bool)
    for label in np.unique(labels[order]):
        places = np.flatnonzero(labels[order] == label)
        kept[places[_greedy(ranked[places], iou_threshold, limit)]] = True
    return order[kept][:limit]


def nms_steps(
    boxes,
    scores,
    *,
    iou_threshold=0.5,
    score_threshold=None,
    max_detections=None,
    labels=None,
):
    """Non-max suppression one kept box at a time: the same choice as `nms`, told step by step.

    Takes the arguments of `nms` and raises what it raises.

    Returns
    -------
    iterator of Step
        `kept`, the index of a box that stays, and `removed`, the indices that go because of it.

    Examples
    --------
    >>> boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]]
    >>> [(step.kept, step.removed.tolist()) for step in nms_steps(boxes, [0.6, 0.9, 0.7])]
    [(1, [0]), (2, [])]
    """
    boxes, order, labels, limit = _candidates(
        "nms_steps", boxes, scores, score_threshold, max_detections, labels
    )
    iou_threshold = share("nms_steps", "iou_threshold", iou_threshold)
    return islice(_steps(boxes, order, labels, iou_threshold), limit)


def _steps(boxes, remaining, labels, iou_threshold):
    while remaining.size:
        best, rest = remaining[0], remaining[1:]
        goes = iou(boxes[[best]], boxes[rest])[0] > iou_threshold
        if labels is not None:
            goes &= labels[rest] == labels[best]
        yield Step(int(best), rest[goes])
        remaining = rest[~goes]


def _greedy(boxes, iou_threshold, limit):
    """Positions of the boxes that stay, of boxes that come best first.

    A chunk at a time: the boxes of a chunk are decided among themselves, then those of them that
    stay remove what they overlap of the rest, all in one table.
    """
    kept, remaining = [], np.arange(len(boxes))
    while remaining.size and (limit is None or len(kept) < limit):
        chunk, rest = remaining[:_CHUNK], remaining[_CHUNK:]
        chunk = chunk[_stay(iou(boxes[chunk], boxes[chunk]) > iou_threshold)]
        kept.extend(chunk.tolist())
        gone = (iou(boxes[chunk], boxes[rest]) > iou_threshold).any(axis=0)
        remaining = rest[~gone]
    return np.asarray(kept[:limit], dtype=np.int64)


def _stay(overlaps):
    """Which boxes stay, by who overlaps whom too much, (n, n) booleans, best first."""
    stays = np.ones(len(overlaps), dtype=bool)
    for i in range(len(overlaps)):
        if stays[i]:
            stays[i + 1 :] &= ~overlaps[i, i + 1 :]
    return stays


def _candidates(function, boxes, scores, score_threshold, max_detections, labels):
    """Boxes, the indices that take part (best first), labels and the largest number, checked."""
    boxes = box_array(function, "boxes", boxes)
    scores = score_array(function, scores, len(boxes))
    if labels is not None:
        labels = whole_labels(function, labels, len(boxes))
    if max_detections is not None:
        max_detections = whole_number(function, "max_detections", max_detections, least=0)
    order = np.argsort(-scores, kind="stable")
    if score_threshold is not None:
        order = order[scores[order] > share(function, "score_threshold", score_threshold)]
    return boxes, order, labels, max_detections
