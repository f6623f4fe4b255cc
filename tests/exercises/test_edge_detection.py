"""Lesson 01's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib import filters
from cnnlib.exercises import exercise

TWO_SIDES = np.array([[0, 1, 1], [-1, 0, 1], [-1, -1, 0]])


def solved(number, name):
    """The answer that the exercise's own solution computes."""
    space = {"np": np, "filters": filters}
    exec(exercise(number).solution().code, space)
    return space[name]


@pytest.fixture(scope="module")
def one_pass():
    return solved("1.3", "one_pass")


@pytest.mark.parametrize(
    "number, names",
    [("1.1", ("size", "second_row")), ("1.2", ("diagonal",)), ("1.3", ("one_pass",))],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    answers = [solved(number, name) for name in names]
    exercise(number).check(*answers)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*answers[:-1], None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("size", [(395, 595), (400, 600), (596, 396), (396,), (398, 598)])
def test_wrong_sizes_are_told_by_their_cause(size):
    assert "how many places" in exercise("1.1").judge(size, [30, 10, -10, -30])


@pytest.mark.parametrize(
    "answer, cause",
    [
        ([-30, -10, 10, 30], "every sign is the other way round"),
        ([10, 10 / 3, -10 / 3, -10], "do you add up all three columns"),
        ([30, 30, -30, -30], "edges have different signs"),
        ([30, 30, 30, 30], "edges have different signs"),
        ([0, 0, 0, 0], "top and bottom rows alone"),
        ([30, 0, 0, -30], "top and bottom rows alone"),
        ([30, 10, 0, 0, -10, -30], "How many places"),
        ([[30, 10, -10, -30]] * 4, "How many places"),
    ],
)
def test_wrong_rows_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.1").judge((396, 596), answer)


@pytest.mark.parametrize("factor", [1, 0.5, 7])
def test_any_strength_of_a_diagonal_kernel_is_right(factor):
    assert exercise("1.2").judge(factor * TWO_SIDES) is None


def test_other_weights_along_the_diagonal_are_right_too():
    assert exercise("1.2").judge([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        (-TWO_SIDES, "the wrong sign"),
        (filters.HORIZONTAL_EDGE, "the edge that runs from top right"),
        (TWO_SIDES[:, ::-1], "blind"),
        (np.zeros((3, 3)), "blind"),
        (np.triu(np.ones((3, 3)), 1), "your weights add up to 3"),
        (TWO_SIDES[:2], r"shape (2, 3)"),
    ],
)
def test_wrong_diagonals_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.2").judge(answer)


@pytest.mark.parametrize("factor", [9, 0.5])
def test_a_factor_on_the_one_pass_kernel_is_named(one_pass, factor):
    assert f"must be {1 / factor:g} times" in exercise("1.3").judge(factor * one_pass)


def test_a_mirrored_one_pass_kernel_is_told_to_look_at_the_flip(one_pass):
    assert "Which of correlation and convolution flips" in exercise("1.3").judge(
        one_pass[::-1, ::-1]
    )


@pytest.mark.parametrize(
    "answer, cause",
    [
        (filters.BOX_BLUR * filters.SOBEL_VERTICAL, "sees a larger patch"),
        (np.pad(filters.SOBEL_VERTICAL, 1), "differ by up to"),
        (np.full((5, 5), 1 / 25), "differ by up to"),
        (np.zeros((7, 7)), "sees a larger patch"),
        (np.zeros((5, 5)), "gives 0 everywhere"),
    ],
)
def test_wrong_one_pass_kernels_are_told_by_their_cause(answer, cause):
    assert cause in exercise("1.3").judge(answer)


def test_a_transposed_one_pass_kernel_is_wrong(one_pass):
    assert "differ by up to" in exercise("1.3").judge(one_pass.T)


@pytest.mark.parametrize("number", ["1.1", "1.2", "1.3"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), np.nan])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("1.1", "30"), ("1.2", "[0, 1, 1]"), ("1.3", "2.0")])
def test_the_hint_keeps_the_answer(number, secret, capsys):
    exercise(number).hint()
    assert secret not in capsys.readouterr().out
