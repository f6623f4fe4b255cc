"""Lesson 03's exercises: their own solutions pass, typical slips are told by their cause."""

import re

import numpy as np
import pytest

from cnnlib.exercises import exercise
from cnnlib.exercises.week2 import inception

NUMBERS = {"2.7": ["c"], "2.8": ["first", "second"], "2.9": ["winner", "place"]}


def solved(number):
    """The answers that the exercise's own solution computes."""
    space = {}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in NUMBERS[number]]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    answers = solved(number)
    exercise(number).check(*answers)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(answers))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("c, within", [(115, True), (116, False)])
def test_the_widest_bottleneck_is_that_of_the_models_in_keras(c, within):
    import keras

    from cnnlib.arithmetic import total_multiplications

    def work(*convolutions):
        convolutions = [keras.layers.Conv2D(n, f, padding="same") for n, f in convolutions]
        return total_multiplications(keras.Sequential([keras.Input((14, 14, 256)), *convolutions]))

    assert (2 * work((c, 1), (256, 3)) <= work((256, 3))) is within
    assert (inception._judge_width(c) is None) is within


@pytest.mark.parametrize(
    "c, cause",
    [
        (128, "has its own multiplications"),
        (1152, "still has to be done"),
        (230, "costs as much as before"),
        (115.2, "filters are whole"),
        (116, "one channel fewer"),
        (64, "27.8% of the multiplications"),
        ("115", "a whole number"),
        (True, "a whole number"),
        (float("nan"), "a whole number"),
    ],
)
def test_a_wrong_width_names_the_slip(c, cause):
    assert cause in exercise("2.7").judge(c)


@pytest.mark.parametrize(
    "first, second",
    [
        ([[0, 1], [1, -1], [0, 0]], [[1], [1]]),
        ([[-1, 1, 0], [1, 0, 0], [0, 0, 1]], [[1], [1], [0]]),
        (
            np.array([[0.5, 0.5, -0.5], [0.5, -0.5, 0.5], [0, 0, 0]]),
            np.array([[1], [1], [1]]),
        ),
    ],
)
def test_any_two_matrices_that_give_the_larger_are_right(first, second):
    assert exercise("2.8").judge(first, second) is None


@pytest.mark.parametrize(
    "first, second, cause",
    [
        ([[1, 0], [0, 1], [0, 0]], [[0.5], [0.5]], "the ReLU changes nothing"),
        ([[1, -1], [-1, 1], [0, 0]], [[1], [1]], "by how much they differ"),
        ([[1, 0], [-1, 1], [0, 0]], [[1], [0]], "red exceeds green"),
        ([[-1, 0], [1, 1], [0, 0]], [[1], [0]], "green exceeds red"),
        ([[1, 0], [-1, 1], [0, 0]], [[-1], [1]], "it gives"),
        ([[1, 1], [-1, 0], [0, 0]], [[-1], [1]], "the smaller of the two"),
        ([[1, 0], [-1, 0], [0, 1]], [[1], [1]], "for the color"),
        ([[1, -1, 0], [0, 1, 0]], [[1], [1], [1]], "first has the shape (2, 3)"),
        ([[1, 0], [-1, 1], [0, 0]], [[1, 1]], "second has the shape (1, 2)"),
        (5, [[1]], "first has the shape ()"),
    ],
)
def test_a_wrong_pair_of_matrices_names_what_it_does(first, second, cause):
    assert cause in exercise("2.8").judge(first, second)


@pytest.mark.parametrize(
    "winner, place, cause",
    [
        (0, (1, 0), "largest single number"),
        (2, (1, 0), "mean of its map"),
        (7, (1, 0), "it needs 0, 1 or 2"),
        (1, (0, 1), "strongest place for the answer"),
        (1, (0, 0), "The answer stays"),
        (1, (1, 1), "The answer stays"),
        (1, (1, 2), "it needs a row and a column"),
        (1, 2, "it needs a row and a column"),
        (1, (0.5, 1), "it needs a row and a column"),
    ],
)
def test_a_wrong_class_or_place_names_the_slip(winner, place, cause):
    assert cause in exercise("2.9").judge(winner, place)


def test_exactly_one_place_changes_the_answer():
    right = [(i, j) for i in (0, 1) for j in (0, 1) if exercise("2.9").judge(1, (i, j)) is None]
    assert right == [(1, 0)]
    assert exercise("2.9").judge(np.int64(1), [1.0, 0.0]) is None


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), True])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(*[answer] * len(NUMBERS[number]))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize(
    "number, secrets",
    [("2.7", [r"\b115\b", "2560"]), ("2.8", ["first =", r"R − G"]), ("2.9", [r"\(1, 0\)"])],
)
def test_the_hint_keeps_the_answer(number, secrets, capsys):
    exercise(number).hint()
    printed = capsys.readouterr().out
    assert not any(re.search(secret, printed) for secret in secrets)
