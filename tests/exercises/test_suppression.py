"""Lesson 03's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.detection.boxes import iou
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.nms import nms
from cnnlib.exercises.week3.suppression import EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercises[number].solution().code, space)
    return space["answer"]


@pytest.mark.parametrize("number", ["3.7", "3.8", "3.9"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


def test_a_box_moved_by_the_solution_has_that_iou():
    shift = solved("3.7")
    for width, wanted in [(30, 0.5), (19, 0.9), (8, 0.1)]:
        d = shift(width, wanted)
        assert iou([[0, 0, width, 4]], [[d, 0, width + d, 4]])[0, 0] == pytest.approx(wanted)


def test_the_table_of_the_lesson_is_that_of_five_boxes_and_the_library_keeps_the_solution():
    boxes = np.array([[x, 0, x + 24, 10] for x in (0, 6, 12, 18, 32.4)])
    table = [
        [1, 0.60, 0.33, 0.14, 0],
        [0.60, 1, 0.60, 0.33, 0],
        [0.33, 0.60, 1, 0.60, 0.08],
        [0.14, 0.33, 0.60, 1, 0.25],
        [0, 0, 0.08, 0.25, 1],
    ]
    np.testing.assert_allclose(iou(boxes, boxes), table, atol=0.005)
    assert nms(boxes, [0.5, 0.9, 0.8, 0.7, 0.6]).tolist() == solved("3.8")


def test_the_library_measures_doubles_as_the_solution_does():
    boxes = np.array([[20 * i, 0, 20 * i + 10, 10] for i in range(4)])
    targets = [{"boxes": boxes, "labels": [0] * 4}]
    scores = np.linspace(0.9, 0.2, 8)
    found = [{"boxes": np.repeat(boxes, 2, axis=0), "scores": scores, "labels": [0] * 8}]
    assert mean_average_precision(targets, found).map == pytest.approx(solved("3.9"))


@pytest.mark.parametrize(
    "shift, cause",
    [
        (lambda w, t: w * (1 - t), "the union, which grows"),
        (lambda w, t: w * (1 - t) / 2, "counts the shared part once"),
        (lambda w, t: w * t, "put IoU 1 into your function"),
        (lambda w, t: -w * (1 - t) / (1 + t), "Count it as a length"),
        (lambda w, t: w / 3, "solve for the distance"),
        (lambda w, t: "8", "it needs to be a number of pixels"),
        (8, "you gave a int, it needs your function"),
    ],
)
def test_wrong_shifts_are_told_by_their_cause(shift, cause):
    assert cause in exercises["3.7"].judge(shift)


@pytest.mark.parametrize(
    "kept, cause",
    [
        ([1, 4], "Only boxes that stay remove"),
        ([1, 3], "overlaps box 4, and by how much"),
        ([3, 1, 4], "not in the order"),
        ([0, 2, 4], "by score, not by place"),
        ([1, 2, 3, 4, 0], "Some pairs overlap by more"),
        ([1], "begin again with the best that is left"),
        ([1, 1], "each index from 0 to 4 can stand there once"),
        ([1, 7], "each index from 0 to 4 can stand there once"),
        ([1.0, 3.0], "it needs a list of indices"),
        (4, "it needs a list of indices"),
    ],
)
def test_wrong_choices_are_told_by_their_cause(kept, cause):
    assert cause in exercises["3.8"].judge(kept)


@pytest.mark.parametrize("kept", [(1, 3, 4), np.array([1, 3, 4])])
def test_any_sequence_of_the_right_boxes_is_right(kept):
    assert exercises["3.8"].judge(kept) is None


@pytest.mark.parametrize(
    "value, cause",
    [
        (1.0, "the second box of each is false"),
        (0.5, "the precision after all eight"),
        (0.6047619, "the area has four steps"),
        (0.5, "after all eight"),
        (1.7, "lies between 0 and 1"),
        (0.33, "with the precision after each"),
        ("0.7", "it needs a number"),
    ],
)
def test_wrong_areas_are_told_by_their_cause(value, cause):
    assert cause in exercises["3.9"].judge(value)


def test_a_rounded_area_is_right():
    assert exercises["3.9"].judge(0.71) is None


@pytest.mark.parametrize("number", ["3.7", "3.8", "3.9"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercises[number].check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("3.7", "1 + iou"), ("3.8", "4"), ("3.9", "0.7")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
