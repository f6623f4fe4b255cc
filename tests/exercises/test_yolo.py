"""Exercises 3.10 to 3.12: solutions are right, typical mistakes are named, odd types refused."""

import numpy as np
import pytest

from cnnlib.detection.yolo import decode, encode
from cnnlib.exercises import exercise


def checked(capsys, number, *answer):
    exercise(number).check(*answer)
    return capsys.readouterr().out


def solved(number, *names):
    """What the solution's code gives these names."""
    made = {"np": np}
    exec(exercise(number).solution().code, made)
    return [made[name] for name in names]


@pytest.mark.parametrize(
    "number, names", [("3.10", ["crowd"]), ("3.11", ["place", "y_cell"]), ("3.12", ["box_of"])]
)
def test_the_solution_is_right(number, names, capsys):
    assert " — right. " in checked(capsys, number, *solved(number, *names))


@pytest.mark.parametrize("number", ["3.10", "3.11", "3.12"])
def test_no_answer_yet(number, capsys):
    assert "no answer yet" in checked(capsys, number, None)


CROWD = [[10, 10, 40, 40], [60, 10, 90, 40], [10, 60, 40, 90]]


@pytest.mark.parametrize(
    "boxes, phrase",
    [
        ([10, 10, 40, 40], "There is a row for each box"),
        ([[10, 10, 40, 10], *CROWD[1:]], "row 0 has no width or no height"),
        ([[-10, 10, 20, 40], *CROWD[1:]], "a corner lies outside the picture"),
        ([[10, 10, 61, 40], *CROWD[1:]], "two of your boxes overlap"),
        (CROWD[:2], "3 × 3 cells hold all of your boxes"),
        ([*CROWD[:2], [110, 60, 140, 90]], "3 × 3 cells hold all of your boxes"),
        ([[2, 2, 12, 12], [20, 2, 30, 12], [2, 20, 12, 30]], "6 × 6 cells do not hold them"),
    ],
)
def test_crowds_that_are_none(boxes, phrase, capsys):
    assert phrase in checked(capsys, "3.10", boxes)


def test_any_crowd_will_do(capsys):
    boxes = np.array([[210, 110, 220, 120], [280, 110, 290, 120], [210, 180, 220, 190]], float)
    assert "right" in checked(capsys, "3.10", boxes)


Y = [1, 0.9, 0.5, 0.6, 1.2, 0, 0, 1]


def test_the_vector_of_the_exercise_is_what_encode_writes(capsys):
    form = {"grid": 3, "anchors": [[90, 40]], "classes": 3, "image_shape": (300, 300)}
    y = encode([[130, 20, 250, 80]], [2], **form)
    assert "right" in checked(capsys, "3.11", (0, 1), y[0, 1, 0])


@pytest.mark.parametrize(
    "place, y, phrase",
    [
        ((1, 0), Y, "The row, counted from the top, comes first"),
        ((1, 2), Y, "Which single point of the box decides"),
        ((0, 1, 0), Y, "you gave 3 numbers for the place"),
        ((0, 1), Y[:7], "How many numbers are five and the classes"),
        ((0, 1), [0, *Y[1:]], "Is there an object?"),
        ((0, 1), [*Y[:5], 0, 1, 0], "A motorcycle is class 2"),
        ((0, 1), [1, 0.5, 0.9, *Y[3:]], "b_x, from left to right, comes first"),
        ((0, 1), [1, 0.9, 0.5, 1.2, 0.6, 0, 0, 1], "the height comes first"),
        ((0, 1), [1, 190 / 300, 50 / 300, 0.2, 0.4, 0, 0, 1], "shares of the picture"),
        ((0, 1), [1, 190, 50, 60, 120, 0, 0, 1], "your numbers are pixels"),
        ((0, 1), [1, 1.9, 0.5, 0.6, 1.2, 0, 0, 1], "Where does its cell begin?"),
        ((0, 1), [1, 0.3, 0.2, 0.6, 1.2, 0, 0, 1], "a corner of the box for its midpoint"),
        ((0, 1), [1, 0.9, 0.5, 0.6, 1, 0, 0, 1], "a box may be larger than its cell"),
        ((0, 1), [1, 0.9, 0.5, 0.2, 0.4, 0, 0, 1], "It counts in cells"),
        ((0, 1), [1, 0.1, 0.1, 0.6, 1.2, 0, 0, 1], "It is a share of the cell"),
    ],
)
def test_mistakes_in_the_vector_are_named(place, y, phrase, capsys):
    out = checked(capsys, "3.11", place, y)
    assert "not yet" in out and phrase in out


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def boxes_by(middle, size):
    """A function for exercise 3.12 out of its two formulas."""

    def box_of(t, row, column, anchor, cell):
        place = np.array([column, row])
        m, s = middle(t, place, cell), size(t[[3, 2]], np.array(anchor), cell)
        return np.concatenate([m - s / 2, m + s / 2])

    return box_of


def right_middle(t, place, cell):
    return (place + sigmoid(t[:2])) * cell


def right_size(t, anchor, cell):
    return anchor * np.exp(t)


def test_another_form_of_the_answer_is_right(capsys):
    assert "right" in checked(capsys, "3.12", boxes_by(right_middle, right_size))


def test_the_answer_is_what_decode_computes():
    t = np.array([9.0, 0.4, -1.1, 0.3, -0.2])
    volume = np.full((6, 6, 1, 5), -20.0)
    volume[2, 4, 0] = t
    form = {"anchors": [[20, 50]], "image_shape": (96, 96), "parametrization": "priors"}
    found = decode(volume, score_threshold=0.5, **form)["boxes"][0]
    (box_of,) = solved("3.12", "box_of")
    np.testing.assert_allclose(box_of(t[1:], 2, 4, (20, 50), 16), found)


@pytest.mark.parametrize(
    "answer, phrase",
    [
        (boxes_by(lambda t, place, cell: (place + t[:2]) * cell, right_size), "without σ"),
        (
            boxes_by(lambda t, place, cell: place * cell + sigmoid(t[:2]), right_size),
            "adds a share of a cell to pixels",
        ),
        (
            boxes_by(lambda t, place, cell: sigmoid(t[:2]) * cell, right_size),
            "counted from the corner of its cell",
        ),
        (
            boxes_by(lambda t, place, cell: (place[::-1] + sigmoid(t[:2])) * cell, right_size),
            "you took the row for x",
        ),
        (
            boxes_by(right_middle, lambda t, anchor, cell: anchor * np.exp(t[::-1])),
            "the third number is t_h",
        ),
        (
            boxes_by(right_middle, lambda t, anchor, cell: anchor * np.exp(t) * cell),
            "In what unit is the anchor?",
        ),
        (boxes_by(right_middle, lambda t, anchor, cell: np.exp(t) * cell), "leaves out the anchor"),
        (boxes_by(right_middle, lambda t, anchor, cell: anchor + t), "adds t to the anchor"),
        (
            boxes_by(right_middle, lambda t, anchor, cell: 2 * anchor * np.exp(t)),
            "twice as large",
        ),
        (boxes_by(right_middle, lambda t, anchor, cell: anchor), "the midpoint is right, the size"),
        (boxes_by(lambda t, place, cell: place * cell, right_size), "Begin with a t of zeros"),
        (
            lambda t, row, column, anchor, cell: [
                *right_middle(t, np.array([column, row]), cell),
                *right_size(t[[3, 2]], np.array(anchor), cell),
            ],
            "Where are the corners?",
        ),
        (
            lambda t, row, column, anchor, cell: boxes_by(right_middle, right_size)(
                t, row, column, (20, 50), 16
            ),
            "but not for others",
        ),
        (lambda t, row, column, anchor, cell: 3.0, "A box has four numbers"),
        (7, "it takes a function"),
    ],
)
def test_mistakes_in_the_function_are_named(answer, phrase, capsys):
    out = checked(capsys, "3.12", answer)
    assert "not yet" in out and phrase in out


@pytest.mark.parametrize("number", ["3.10", "3.11", "3.12"])
@pytest.mark.parametrize("odd", ["a car", {"y": 1}, object()])
def test_odd_types_are_refused(number, odd, capsys):
    answer = (odd, odd) if number == "3.11" else (odd,)
    assert "not yet" in checked(capsys, number, *answer)
