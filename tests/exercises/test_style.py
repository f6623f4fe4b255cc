"""Lesson 04's exercises of week 4: the solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week4.style import EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercises[number].solution().code, space)
    return space["answer"]


def gram(a):
    return np.einsum("ijk,ijl->kl", a, a) / (a.shape[0] * a.shape[1])


@pytest.mark.parametrize("number", ["4.10", "4.11", "4.12"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


def test_the_changes_of_the_solution_are_those_that_the_matrix_does_not_see():
    random = np.random.default_rng(0)
    a = random.random((3, 4, 5))
    changed = {
        "A": a[:, ::-1],
        "B": np.rot90(a),
        "C": np.tile(a, (2, 2, 1)),
        "D": 2 * a,
        "E": a[..., ::-1],
        "F": random.permutation(a.reshape(12, 5)).reshape(a.shape),
    }
    same = "".join(name for name, b in changed.items() if np.allclose(gram(a), gram(b)))
    assert same == solved("4.10")


def test_the_factors_of_the_solution_are_those_of_the_costs():
    random = np.random.default_rng(0)
    a, b = random.random((2, 3, 4, 5))
    content = np.sum((2 * a - 2 * b) ** 2) / np.sum((a - b) ** 2)
    style = np.sum((gram(2 * a) - gram(2 * b)) ** 2) / np.sum((gram(a) - gram(b)) ** 2)
    assert (content, style) == pytest.approx(solved("4.11"))


def test_the_side_of_the_solution_is_the_smallest():
    upper = len(np.triu_indices(512)[0])
    sides = [side for side in range(8, 400, 8) if np.zeros((side, side, 3)).size > upper]
    assert min(sides) == solved("4.12")


@pytest.mark.parametrize(
    "form", ["abcf", ["F", "C", "B", "A"], {"A", "B", "C", "F"}, tuple("CABF")]
)
def test_letters_may_come_in_any_form(form):
    assert exercises["4.10"].judge(form) is None


@pytest.mark.parametrize(
    "changes, cause",
    [
        ("ABCDF", "each product of two activations changes"),
        ("ABCEF", "which two channels does G[0, 1] belong to"),
        ("ABF", "What is each sum divided by"),
        ("ACF", "only moves activations to other places"),
        ("ABC", "only moves activations to other places"),
        ("XYZ", "it needs letters from A to F"),
        (["AB"], "such as 'AD'"),
        (4, "such as 'AD'"),
        ([1, 2], "such as 'AD'"),
    ],
)
def test_wrong_changes_are_told_by_their_cause(changes, cause):
    assert cause in exercises["4.10"].judge(changes)


@pytest.mark.parametrize(
    "factors, cause",
    [
        ((2, 4), "What is then done with the difference"),
        ((4, 4), "A Gram matrix does not double"),
        ((4, 8), "square the differences"),
        ((16, 4), "the other way around"),
        ((1, 1), "relative scale would stay"),
        (4, "it needs two numbers"),
        ((4, "16"), "both factors need to be numbers"),
        ((True, 16), "both factors need to be numbers"),
    ],
)
def test_wrong_factors_are_told_by_their_cause(factors, cause):
    assert cause in exercises["4.11"].judge(factors)


@pytest.mark.parametrize(
    "side, cause",
    [
        (27, "One of them stands for 8×8 pixels"),
        (136, "what can the painter vary"),
        (296, "Are they ever different"),
        (368, "How many numbers does a pixel have"),
        (208, "Very near"),
        (210, "a multiple of 8"),
        (64, "fewer numbers"),
        (256, "more numbers"),
        ("216", "it needs a number of pixels"),
        (True, "it needs a number of pixels"),
    ],
)
def test_wrong_sides_are_told_by_their_cause(side, cause):
    assert cause in exercises["4.12"].judge(side)


def test_no_message_gives_the_answer():
    wrong = {
        "4.10": ["D", "ABCDF", "ABF", "AB"],
        "4.11": [(2, 4), (4, 4), (1, 1)],
        "4.12": [8, 27, 136, 208, 296, 368],
    }
    for number, answers in wrong.items():
        told = " ".join(exercises[number].judge(answer) for answer in answers)
        assert "ABCF" not in told and "(4, 16)" not in told and "216" not in told
