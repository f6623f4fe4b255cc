"""Lesson 04's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in names]


def pulls(*places):
    """A gradient with a pull of 1 at each place, added up."""
    gradient = np.zeros((4, 4))
    for place in places:
        gradient[place] += 1
    return gradient


@pytest.mark.parametrize(
    "number, names",
    [("1.10", ("by_hand",)), ("1.11", ("gradient",)), ("1.12", ("kernel", "stride"))],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercise(number).check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, cause",
    [
        ([[2.89, 2.22], [3.22, 2.56]], "these are the means"),
        ([[8, 6], [8, 6]], "top left pixel is row 1, column 1"),
        ([[5, 6], [8, 7]], "windows of 2 × 2 that do not overlap"),
        ([[5, 6], [8, 8]], "top left pixel is row 0, column 0"),
        ([8], "How many places does a window of 3 find"),
        (np.full((4, 4), 8), "shape (4, 4)"),
    ],
)
def test_wrong_maps_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.10").judge(answer)


@pytest.mark.parametrize(
    "answer, cause",
    [
        (pulls((2, 0), (1, 3), (3, 2)), "wins in several windows"),
        (np.outer([1, 2, 2, 1], [1, 2, 2, 1]) / 9, "you spread the gradient"),
        (pulls((2, 0), (2, 0)), "add up to 2"),
        (np.ones((4, 4)), "add up to 16"),
        (pulls((1, 2), (1, 2), (1, 2), (1, 2)), "the sum is right"),
        (pulls((0, 1), (1, 3), (2, 0), (3, 2)), "the sum is right"),
        (np.ones((2, 2)), "that of the output"),
        (np.ones(16), "one number for each pixel"),
    ],
)
def test_wrong_gradients_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.11").judge(answer)


QUARTERS = np.full((2, 2), 1 / 4)


@pytest.mark.parametrize(
    "kernel, stride, cause",
    [
        (np.ones((2, 2)), 2, "gives the sum of each window"),
        (QUARTERS, 1, "the windows overlap"),
        (QUARTERS, 4, "for the stride you gave 4"),
        (QUARTERS, None, "for the stride you gave None"),
        ([[1, 0], [0, 0]], 2, "may one pixel count more than another"),
        (QUARTERS / 2, 2, "add up to 0.5"),
        (np.full((3, 3), 1 / 9), 2, "How large is a pooling window"),
        (0.25, 2, "the shape ()"),
    ],
)
def test_wrong_kernels_are_told_by_their_cause(kernel, stride, cause):
    assert cause in exercise("1.12").judge(kernel, stride)


@pytest.mark.parametrize("number, parts", [("1.10", 1), ("1.11", 1), ("1.12", 2)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object()])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercise(number).check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("1.10", "8"), ("1.11", "2"), ("1.12", "1 / 4")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercise(number).hint_text
    assert hint and secret not in hint.replace("the four numbers", "")


def test_a_stride_for_each_axis_is_a_stride():
    assert exercise("1.12").judge(np.full((2, 2), 1 / 4), (2, 2)) is None
