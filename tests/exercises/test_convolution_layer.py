"""Lesson 03's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise
from cnnlib.scratch import ops

SHAPE, PARAMETERS = (17, 17, 20), 5_020
COUNTS = np.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1])


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names",
    [("1.7", ("shape", "parameters")), ("1.8", ("right_strides",)), ("1.9", ("dA_by_hand",))],
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
    ],
)
def test_wrong_shapes_and_parameters_are_told_by_their_cause(shape, parameters, cause, capsys):
    exercise("1.7").check(shape, parameters)
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 1.7 — not yet: ")
    assert cause in printed


@pytest.mark.parametrize("answer", [[3, 4, 5], (5, 4, 3), range(3, 6), np.array([3, 4, 5])])
def test_the_strides_may_come_in_any_collection_and_order(answer):
    assert exercise("1.8").judge(answer) is None


@pytest.mark.parametrize("s", range(1, 6))
def test_the_right_strides_are_those_at_which_overwriting_gives_the_gradient(s):
    """The mistake of the exercise, made: `=` in the place of `+=`."""
    rng = np.random.default_rng(0)
    grad, kernel = rng.normal(size=(1, 3, 3, 1)), rng.normal(size=(3, 3, 1, 1))
    side = 2 * s + 3
    written = np.zeros((side, side))
    for i, j in np.ndindex(3, 3):
        window = written[i * s : i * s + 3, j * s : j * s + 3]
        window[:] = grad[0, i, j, 0] * kernel[:, :, 0, 0]
    right, *_ = ops.conv_backward(grad, np.zeros((1, side, side, 1)), kernel, stride=s)
    (strides,) = solved("1.8", "right_strides")
    assert np.allclose(written, right[0, :, :, 0]) == (s in strides)


@pytest.mark.parametrize(
    "answer, cause",
    [
        ({1, 2, 3, 4, 5}, "you gave every stride"),
        (set(), "you gave none"),
        ({1}, "where windows overlap most"),
        ({1, 2}, "where windows overlap most"),
        ({2, 3, 4, 5}, "you gave stride 2"),
        ({4, 5}, "touch and not overlap"),
        ({3}, "that no window sees"),
        ({3, 4}, "that no window sees"),
        (3, "a set of strides is wanted"),
        ([3, 4, 6], "a whole number from 1 to 5"),
        ([3, 3, 4, 5], "named once"),
    ],
)
def test_wrong_strides_are_told_by_their_cause(answer, cause, capsys):
    exercise("1.8").check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 1.8 — not yet: ")
    assert cause in printed


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
    "number, secrets",
    [("1.7", ["17", "5,020"]), ("1.8", ["3", "4", "5", "three"]), ("1.9", ["2", "3"])],
)
def test_the_hint_keeps_the_answer(number, secrets):
    assert not any(
        secret in exercise(number).hint_text.replace("lesson 2", "") for secret in secrets
    )
