"""Lesson 06's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week2.ensembles import EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercises[number].solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names",
    [
        ("2.16", ("members_answers",)),
        ("2.18", ("mirror_proof",)),
        ("2.17", ("of_five", "of_any_number")),
    ],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercises[number].check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "members, cause",
    [
        ([[0.6, 0.4], [0.7, 0.3], [0.4, 0.6]], "How sure are the two"),
        ([[0.6, 0.4], [0.6, 0.4], [0.3, 0.7]], "the mean gives class 0 a probability of 0.5"),
        ([[0.6, 0.4], [0.4, 0.6], [0.1, 0.9]], "1 of your three members"),
        ([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]], "3 of your three members"),
        ([[0.5, 0.5], [0.6, 0.4], [0.1, 0.9]], "the same probability"),
        ([[0.6, 0.5], [0.6, 0.4], [0.1, 0.9]], "row 0 is [0.6, 0.5]"),
        ([[0.6, 0.4], [0.6, 0.4], [-0.1, 1.1]], "row 2 is"),
        ([[60, 40], [60, 40], [10, 90]], "these are no probabilities"),
        ([[0.6, 0.6, 0.1], [0.4, 0.4, 0.9]], "the shape (2, 3)"),
        ([0.6, 0.6, 0.1], "a row for each of the three members"),
    ],
)
def test_wrong_members_are_told_by_their_cause(members, cause):
    assert cause in exercises["2.16"].judge(members)


def test_every_right_form_of_members_is_right():
    for members in (
        [[0.1, 0.9], [0.6, 0.4], [0.6, 0.4]],
        ((0.51, 0.49), (0, 1), (0.9, 0.1)),
    ):
        assert exercises["2.16"].judge(members) is None


def geometric(network, x):
    mean = np.sqrt(network(x) * network(x[:, :, ::-1]))
    return mean / mean.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda network, x: network(x), "one of the two only"),
        (lambda network, x: network(x[:, :, ::-1]), "one of the two only"),
        (lambda network, x: (network(x) + network(x[:, ::-1])) / 2, "the rows, top to bottom"),
        (lambda network, x: (network(x) + network(x[..., ::-1])) / 2, "the channels"),
        (lambda network, x: (network(x) + network(x[::-1])) / 2, "the order of the pictures"),
        (lambda network, x: network((x + x[:, :, ::-1]) / 2), "you averaged the pixels"),
        (lambda network, x: network(x) + network(x[:, :, ::-1]), "add up to 2"),
        (lambda network, x: network(x).mean(), "gives the shape ()"),
        (lambda network, x: 0.6 * network(x) + 0.4 * network(x[:, :, ::-1]), "still answers diff"),
        (lambda network, x: np.full((len(x), 3), 1 / 3), "the same answer for every picture"),
        (np.ones((4, 3)), "you gave a ndarray"),
    ],
)
def test_wrong_functions_are_told_by_their_cause(answer, cause):
    assert cause in exercises["2.18"].judge(answer)


def test_a_function_that_asks_once_for_both_is_right():
    def both(network, x):
        answers = network(np.concatenate([x, np.flip(x, axis=2)]))
        return np.mean([answers[: len(x)], answers[len(x) :]], axis=0)

    assert exercises["2.18"].judge(both) is None


def test_any_mean_of_the_two_answers_is_right():
    assert exercises["2.18"].judge(geometric) is None


@pytest.mark.parametrize(
    "of_five, of_any_number, cause",
    [
        (0.04, 0.0, "What the members have in common stays"),
        (0.17, 0.15, "the second one takes half of the way from 0.20"),
        (0.14, 0.152, "Did you swap the two"),
        (0.148, 0.14, "which share is still left with five"),
        (0.2, 0.14, "the limit is right, your 0.2"),
        (float("nan"), float("nan"), "with a limit of nan"),
    ],
)
def test_wrong_errors_are_told_by_their_cause(of_five, of_any_number, cause):
    assert cause in exercises["2.17"].judge(of_five, of_any_number)


@pytest.mark.parametrize("number, parts", [("2.16", 1), ("2.18", 1), ("2.17", 2)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercises[number].check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("2.16", "0.1"), ("2.18", "::-1"), ("2.17", "0.14")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
