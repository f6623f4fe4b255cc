"""Lesson 02's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week3.sliding_windows import EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}
NAMES = {
    "3.4": ("largest_stride",),
    "3.5": ("as_kernel",),
    "3.6": ("rows", "columns", "outputs_that_see_it"),
}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercises[number].solution().code, space)
    return [space[name] for name in NAMES[number]]


@pytest.mark.parametrize("number", NAMES)
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(*solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(*[None] * len(NAMES[number]))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "stride, cause",
    [
        (4, "a window on the other side"),
        (16, "along one axis only"),
        (14, "with the window alone"),
        (9, "in the middle between four windows has an IoU of 0.49"),
        (24, "an IoU of 0.14"),
        (6, "not the largest"),
        (0, "from 1 to 24"),
        (8.4, "a whole number of pixels"),
        (float("nan"), "a whole number of pixels"),
    ],
)
def test_wrong_strides_are_told_by_their_cause(stride, cause):
    assert cause in exercises["3.4"].judge(stride)


def test_the_right_stride_in_any_type_is_right():
    for stride in (8, 8.0, np.int64(8), np.array(8)):
        assert exercises["3.4"].judge(stride) is None


def test_the_promise_holds_for_every_place_of_a_face():
    """The judge's formula against areas counted for faces everywhere between the windows."""

    def best_iou(stride, x, y):
        overlaps = [
            max(0, 24 - abs(x - column)) * max(0, 24 - abs(y - row))
            for column in (0, stride)
            for row in (0, stride)
        ]
        return max(shared / (2 * 24**2 - shared) for shared in overlaps)

    for stride, kept in ((8, True), (9, False)):
        places = np.linspace(0, stride, 37)
        assert (min(best_iou(stride, x, y) for x in places for y in places) >= 0.5) == kept


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda w, h, v: w.T.reshape(w.shape[1], h, v, -1), "the shape (5, 3, 4, 2)"),
        (lambda w, h, v: w.reshape(-1, h, v, w.shape[1]), "height, width, channels of the map"),
        (lambda w, h, v: w, "How many numbers does one filter hold"),
        (
            lambda w, h, v: w.reshape(-1, h, v, w.shape[1]).transpose(1, 2, 0, 3),
            "channel after channel",
        ),
        (
            lambda w, h, v: w.reshape(v, h, -1, w.shape[1]).transpose(1, 0, 2, 3),
            "down the columns",
        ),
        (
            lambda w, h, v: w.T.reshape(h, v, -1, w.shape[1]),
            "one unit ended up in several filters",
        ),
        (lambda w, h, v: w.reshape(h, v, -1, w.shape[1])[::-1], "than in the dense layer"),
        (lambda w, h, v: 2 * w.reshape(h, v, -1, w.shape[1]), "other numbers than the dense"),
        (np.ones((3, 4, 2, 5)), "you gave a ndarray"),
    ],
)
def test_wrong_kernels_are_told_by_their_cause(answer, cause):
    assert cause in exercises["3.5"].judge(answer)


def test_a_kernel_built_by_loops_is_right():
    def as_kernel(weights, height, width):
        kernel = np.zeros((height, width, len(weights) // (height * width), weights.shape[1]))
        for row, numbers in enumerate(weights):
            position, channel = divmod(row, kernel.shape[2])
            kernel[position // width, position % width, channel] = numbers
        return kernel

    assert exercises["3.5"].judge(as_kernel) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((30, 43, 64), "the wrong way round"),
        ((50, 37, 64), "you divided by the stride only"),
        ((42, 29, 64), "one window more than steps"),
        ((169, 119, 64), "at a stride of 1"),
        ((85, 60, 64), "There are two poolings"),
        ((12, 9, 64), "a map of 12×9 it is not"),
        ((43, 30, 8), "along one axis"),
        ((43, 30, 1), "windows overlap"),
        ((43, 30, 1024), "at every pixel"),
        ((43, 30, 49), "49 outputs are not"),
    ],
)
def test_wrong_maps_are_told_by_their_cause(answer, cause):
    assert cause in exercises["3.6"].judge(*answer)


def test_the_number_of_watchers_is_counted():
    """By trying every window, as a learner might."""
    inside = [
        (row, column)
        for row in range(0, 200 - 31, 4)
        for column in range(0, 150 - 31, 4)
        if row <= 100 < row + 32 and column <= 72 < column + 32
    ]
    rows, columns = (len(range(0, side - 31, 4)) for side in (200, 150))
    assert exercises["3.6"].judge(rows, columns, len(inside)) is None


@pytest.mark.parametrize("number", NAMES)
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercises[number].check(*[answer] * len(NAMES[number]))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("3.4", "8"), ("3.5", "reshape"), ("3.6", "43")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
