"""Lesson 02's exercises: their own solutions pass, typical slips are told by their cause."""

import re

import numpy as np
import pytest

from cnnlib import filters
from cnnlib.exercises import exercise

EDGE = np.array(filters.VERTICAL_EDGE)
NONE = np.zeros((3, 3))
RIGHT = [(25, 19, 16), (12, 9, 32), (12, 9, 32), (6, 4, 64)]


def solved(number, name):
    """The answer that the exercise's own solution computes."""
    space = {"np": np, "filters": filters}
    exec(exercise(number).solution().code, space)
    return space[name]


def instead(layer, shape):
    return [*RIGHT[:layer], shape, *RIGHT[layer + 1 :]]


@pytest.mark.parametrize(
    "number, name", [("1.4", "shapes"), ("1.5", "halving"), ("1.6", "red_to_green")]
)
def test_the_solution_is_right_and_the_stub_is_not(number, name, capsys):
    exercise(number).check(solved(number, name))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [np.array(RIGHT), [list(shape) for shape in RIGHT]])
def test_shapes_may_be_an_array_or_lists(answer):
    assert exercise("1.4").judge(answer) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        (instead(0, (26, 20, 16)), "layer 1.*rounded up"),
        (instead(0, (24, 18, 16)), "layer 1.*first place is missing"),
        (instead(0, (23, 17, 16)), "layer 1.*counted one side"),
        (instead(0, (21, 15, 16)), "layer 1.*zeros around the image are missing"),
        (instead(0, (50, 38, 16)), "layer 1.*stride is missing"),
        (instead(0, (19, 25, 16)), "layer 1.*changed places"),
        (instead(0, (25.5, 19.5, 16)), "layer 1.*whole number"),
        (instead(0, (25, 19, 3)), "layer 1.*channels of its input"),
        (instead(0, (25, 19, 48)), "layer 1.*look at its channels"),
        (instead(1, (11, 8, 32)), "layer 2 gets 25 × 19 × 16.*first place is missing"),
        (instead(2, (11, 8, 32)), "layer 3.*first place is missing.*, or .*counted one side"),
        (instead(2, (10, 7, 32)), "layer 3.*zeros around the image are missing"),
        (instead(3, (6, 5, 64)), "layer 4.*rounded up"),
        (instead(3, (7, 7, 64)), "layer 4.*into the formula"),
        (RIGHT[:3], r"shape \(3, 3\)"),
        ([(25, 19)] * 4, r"shape \(4, 2\)"),
    ],
)
def test_wrong_shapes_name_the_layer_and_the_slip(answer, cause, capsys):
    exercise("1.4").check(answer)
    assert re.search("not yet: .*" + cause, capsys.readouterr().out)


@pytest.mark.parametrize("f", [3, 5, 7, 11])
def test_any_odd_kernel_that_leaves_no_gap_can_halve(f):
    assert exercise("1.5").judge((f, (f - 1) // 2, 2)) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((3, 0, 2), "too few zeros"),
        ((3, 2, 2), "too many zeros"),
        ((3, 1, 1), "how many places more does your stride give"),
        ((3, 1, 3), "how many places more does your stride give"),
        ((2, 0, 2), "even"),
        ((1, 0, 2), "32 are never seen"),
        ((99, 2, 2), "does not fit"),
        ((3, -1, 2), "p from 0"),
        ((3, 1), "three whole numbers"),
        ((3, 0.5, 2), "three whole numbers"),
    ],
)
def test_halving_names_what_is_wrong_with_f_p_or_s(answer, cause):
    assert cause in exercise("1.5").judge(answer)


@pytest.mark.parametrize(
    "answer, cause",
    [
        (np.stack([-EDGE, EDGE, NONE], axis=-1), "the sign is wrong"),
        (np.stack([EDGE, NONE, NONE], axis=-1), "a gray patch"),
        (np.stack([EDGE, -EDGE / 2, -EDGE / 2], axis=-1), "blue channel has weights"),
        (np.stack([EDGE.T, -EDGE.T, NONE], axis=-1), "it is blind"),
        (np.stack([EDGE, -EDGE, NONE]), "channels: they come last"),
        (np.stack([NONE + 1, NONE - 1, NONE], axis=-1), "an even red area gives 9"),
        (np.zeros((3, 3, 3)), "it is blind"),
        (EDGE, "as deep as the image has channels"),
    ],
)
def test_red_to_green_names_what_the_kernel_still_sees(answer, cause):
    assert cause in exercise("1.6").judge(answer)


@pytest.mark.parametrize("number", ["1.4", "1.5", "1.6"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object()])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize(
    "number, secrets",
    [("1.4", ["25 × 19 × 16", "12 × 9", "6 × 4"]), ("1.5", ["3, 1, 2"]), ("1.6", ["-EDGE"])],
)
def test_the_hint_keeps_the_answer(number, secrets, capsys):
    exercise(number).hint()
    printed = capsys.readouterr().out
    assert not any(secret in printed for secret in secrets)


def test_a_kernel_that_answers_one_column_early_with_the_wrong_sign_is_refused():
    edge = np.array([[-1, 2, -1]] * 3)
    fault = exercise("1.6").judge(np.stack([edge, -edge, 0 * edge], axis=-1))
    assert "the sign is wrong" in fault
