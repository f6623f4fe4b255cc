"""Lesson 03's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise

SHAPE, PARAMETERS = (17, 17, 20), 5_020
COUNTS = np.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1])


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names",
    [("1.7", ("shape", "parameters")), ("1.8", ("bias_gradient",)), ("1.9", ("dA",))],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercise(number).check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("shape", [[17, 17, 20], np.array([17, 17, 20])])
def test_the_shape_may_be_a_list_or_an_array(shape):
    assert exercise("1.7").judge(shape, PARAMETERS) is None


@pytest.mark.parametrize(
    "shape, parameters, cause",
    [
        ((33, 33, 20), PARAMETERS, "that of stride 1"),
        ((16, 16, 20), PARAMETERS, "does the first place count"),
        ((17, 17, 10), PARAMETERS, "repeats the input's channels"),
        ((17, 17, 1), PARAMETERS, "How many filters are there"),
        ((19, 19, 20), PARAMETERS, "the formula of lesson 2"),
        ((17, 17), PARAMETERS, "three numbers (height, width, channels)"),
        (SHAPE, 5_000, "the weights alone make 5,000"),
        (SHAPE, 520, "How deep is a filter"),
        (SHAPE, 5_010, "one bias for each filter"),
        (SHAPE, 251, "one filter with its bias"),
        (SHAPE, 17 * 17 * 20, "count the weights of one filter"),
        (SHAPE, None, "the shape is right. For the parameters you gave None"),
    ],
)
def test_wrong_shapes_and_parameters_are_told_by_their_cause(shape, parameters, cause, capsys):
    exercise("1.7").check(shape, parameters)
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 1.7 — not yet: ")
    assert cause in printed


@pytest.mark.parametrize(
    "function, cause",
    [
        (lambda grad: grad.mean(axis=(0, 1, 2)), "your function averages. Each output"),
        (lambda grad: grad.sum(axis=(1, 2)).mean(axis=0), "averages over the examples"),
        (lambda grad: grad[0].sum(axis=(0, 1)), "the first example alone"),
        (lambda grad: grad[:, 0, 0].sum(axis=0), "which outputs does a bias take part in"),
        (lambda grad: -grad.sum(axis=(0, 1, 2)), "which outputs does a bias take part in"),
        (lambda grad: grad.sum(), "gives the shape ()"),
        (lambda grad: grad.sum(axis=0), "gives the shape (5, 6, 3)"),
        (lambda grad: grad.sum(axis=(1, 2)), "gives the shape (4, 3)"),
        (
            lambda grad: grad.sum(axis=(0, 1, 2), keepdims=True),
            "one number for each filter is (3,)",
        ),
        (lambda grad: grad.sum(axis=(0, 1, 2, 3, 4)), "stopped with AxisError"),
    ],
)
def test_wrong_bias_gradients_are_told_by_their_cause(function, cause, capsys):
    exercise("1.8").check(function)
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 1.8 — not yet: ")
    assert cause in printed


def test_a_function_that_writes_into_its_argument_is_judged_by_what_it_returns():
    def in_place(grad):
        total = grad.sum(axis=(0, 1, 2))
        grad[:] = 0
        return total

    assert exercise("1.8").judge(in_place) is None


CORNERS_FOUR = COUNTS.copy()
CORNERS_FOUR[[0, 0, -1, -1], [0, -1, 0, -1]] = 4
MIDDLE_EIGHT = COUNTS.copy()
MIDDLE_EIGHT[2, 2] = 8


@pytest.mark.parametrize(
    "answer, cause",
    [
        (np.full((3, 3), 9), "that of dZ"),
        (np.full((5, 5), 9), "How many windows does the corner pixel lie in"),
        (np.ones((5, 5)), "collects a pull from each"),
        (CORNERS_FOUR, "you gave 4 for the corner"),
        (MIDDLE_EIGHT, "the corner is right"),
        (np.ones((7, 7)), "(7, 7)"),
        (9, "the shape ()"),
    ],
)
def test_wrong_counts_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.9").judge(answer)


@pytest.mark.parametrize("number, parts", [("1.7", 2), ("1.8", 1), ("1.9", 1)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), 3.5])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercise(number).check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize(
    "number, secrets", [("1.7", ["17", "5,020"]), ("1.8", ["axis"]), ("1.9", ["2", "3"])]
)
def test_the_hint_keeps_the_answer(number, secrets):
    assert not any(
        secret in exercise(number).hint_text.replace("lesson 2", "") for secret in secrets
    )
