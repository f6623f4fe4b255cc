"""Exercises of lesson 03, boxes and suppression."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

_PAIRS = ((30.0, 0.5), (32.0, 0.6), (7.0, 0.25), (12.0, 1.0), (5.0, 0.0))


def _judge_shift(shift):
    if not callable(shift):
        return (
            f"you gave a {type(shift).__name__}, it needs your function: shift(width, iou) gives "
            "the distance in pixels."
        )
    given = []
    for width, iou in _PAIRS:
        value = shift(width, iou)
        if isinstance(value, bool) or not isinstance(value, Real):
            return f"shift({width:g}, {iou:g}) is {value!r}, it needs to be a number of pixels."
        given.append(float(value))
    given = np.array(given)
    width, iou = np.array(_PAIRS).T
    if np.allclose(given, width * (1 - iou) / (1 + iou)):
        return None
    told = f"shift({width[0]:g}, {iou[0]:g}) is {given[0]:.4g}. "
    if np.allclose(given, width * (1 - iou)):
        return told + (
            "There the intersection is that share of one box. But IoU divides by the union, which "
            "grows as the box moves away."
        )
    if np.allclose(given, width * (1 - iou) / 2):
        return told + "You divide by both widths together. The union counts the shared part once."
    if np.allclose(given, width * iou):
        return told + "A larger IoU needs a smaller distance: put IoU 1 into your function."
    if np.allclose(given, -width * (1 - iou) / (1 + iou)):
        return told + "The distance is negative. Count it as a length."
    return told + (
        "Write the intersection and the union of the two boxes with the width and the distance, "
        "divide, and solve for the distance."
    )


# Intervals on a line, as boxes of height 1: each overlaps the next by 2/3 of the union or more.
_KEPT = [1, 3, 4]


def _judge_kept(kept):
    indices = np.asarray(kept)
    if indices.ndim != 1 or (indices.size and indices.dtype.kind not in "iu"):
        return f"you gave {kept!r}, it needs a list of indices, whole numbers from 0 to 4."
    kept = indices.tolist()
    if len(set(kept)) < len(kept) or not set(kept) <= set(range(5)):
        return f"you gave {kept}: each index from 0 to 4 can stand there once, and no other."
    if kept == _KEPT:
        return None
    if sorted(kept) == _KEPT:
        return f"{kept} are the right boxes, but not in the order in which they are taken."
    told = f"you gave {kept}. "
    if kept == [1, 4]:
        return told + (
            "You let a box that is already gone remove another one. Only boxes that stay remove."
        )
    if kept == [1, 3]:
        return told + "Which box that stays overlaps box 4, and by how much?"
    if kept[:1] == [0]:
        return told + "The turn goes by score, not by place in the list."
    if len(kept) == 5:
        return told + "Some pairs overlap by more than the threshold: see the table of IoU."
    return told + (
        "Take the best score, cross out what overlaps it by more than 0.5, and begin again with "
        "the best that is left."
    )


_TRUE = np.cumsum([1, 0] * 4)
_PRECISION = _TRUE / np.arange(1, 9)
_DOUBLED = float(_PRECISION[::2].mean())  # at recalls 1/4, 2/4, 3/4, 1


def _judge_doubled(value):
    if isinstance(value, bool) or not isinstance(value, Real):
        return f"you gave {value!r}, it needs a number: the average precision, from 0 to 1."
    if abs(value - _DOUBLED) < 1e-3:
        return None
    told = f"you gave {value:g}. "
    if abs(value - 1) < 1e-9:
        return told + (
            "Every object is found, but the second box of each is false, and it comes before the "
            "first box of the next."
        )
    if abs(value - 0.5) < 1e-3:
        return told + (
            "That is the precision after all eight. Average precision asks for it at each recall "
            "on the way."
        )
    if abs(value - _PRECISION.mean()) < 1e-3:
        return told + (
            "You averaged over all eight detections. Recall moves at the true ones alone: the area "
            "has four steps."
        )
    if abs(value - _PRECISION[1::2].mean()) < 1e-3:
        return told + "You took the precision after each false box. What is it when recall rises?"
    if not 0 <= value <= 1:
        return told + "An average precision lies between 0 and 1."
    return told + (
        "Write the eight detections in a row, true, false, true, false …, with the precision after "
        "each. Recall rises by 1/4 at each true one."
    )


EXERCISES = (
    Exercise(
        number="3.7",
        judge=_judge_shift,
        hint_text="Draw both boxes. How wide is the part they share, how wide is the union? The "
        "height cancels.",
        solution_text="""
            # Two boxes of one width w, moved by d: they share w − d and cover w + d together.
            # (w − d) / (w + d) = IoU, so d · (1 + IoU) = w · (1 − IoU).
            def shift(width, iou):
                return width * (1 - iou) / (1 + iou)

            answer = shift
            """,
        insight="At IoU 0.5 a box may be off by a third of its width; at 0.9, by a nineteenth.",
    ),
    Exercise(
        number="3.8",
        judge=_judge_kept,
        hint_text="A box that is gone removes nothing. Go by score, and cross out as you go.",
        solution_text="""
            # Box 1 has the best score. It removes its neighbors 0 and 2, at IoU 0.6.
            # Box 3 is next. Box 2, which overlaps it by 0.6, is gone already; box 4 is at 0.25.
            # So box 4 stays as well.
            answer = [1, 3, 4]
            """,
        insight="What stays depends on the order of the scores, not on the overlaps alone.",
    ),
    Exercise(
        number="3.9",
        judge=_judge_doubled,
        hint_text="Which of the eight detections raise recall, and what is the precision there?",
        solution_text="""
            # true, false, true, false, …: recall rises at detections 1, 3, 5 and 7, by 1/4 each.
            # Precision there is 1/1, 2/3, 3/5 and 4/7; it falls, so each is the best from there on.
            answer = (1 / 1 + 2 / 3 + 3 / 5 + 4 / 7) / 4
            """,
        insight="Boxes that nobody suppressed cost a detector more than a quarter here, "
        "though it found everything.",
    ),
)
