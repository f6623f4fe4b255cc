"""Lesson 01's exercises: their own solutions pass, typical slips are told by their cause."""

import math

import numpy as np
import pytest

from cnnlib.exercises.week4.verification import _CASES, _DIFFERENT, _SAME, EXERCISES
from cnnlib.faces.verification import best_threshold, identification_error

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercises[number].solution().code, space)
    answer = space["answer"]
    return answer if isinstance(answer, tuple) else (answer,)


@pytest.mark.parametrize("number", ["4.1", "4.2", "4.3"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(*solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("e, error", [(0.01, 0.5), (0.003, 0.2), (0.2, 0.9)])
def test_the_library_has_the_error_of_the_solutions_number_of_people(e, error):
    (people,) = solved("4.1")
    k = people(e, error)
    assert identification_error(e, k) <= error < identification_error(e, k + 1)


def test_no_case_is_so_near_a_whole_number_that_rounding_decides():
    for e, error in _CASES:
        k = math.log(1 - error) / math.log(1 - e)
        assert abs(k - round(k)) > 1e-3


def test_the_library_chooses_a_threshold_that_is_right():
    distances = np.concatenate([_SAME, _DIFFERENT])
    same = np.repeat([True, False], 3)
    assert exercises["4.2"].judge(best_threshold(distances, same, goal=0.0)) is None


@pytest.mark.parametrize("threshold", [0.4, 0.45, 0.499, np.float32(0.45)])
def test_every_threshold_between_is_right(threshold):
    assert exercises["4.2"].judge(threshold) is None


@pytest.mark.parametrize(
    "people, cause",
    [
        (lambda e, error: error / e, "You add up the errors"),
        (lambda e, error: int(error / e), "You add up the errors"),
        (lambda e, error: math.log(1 - error) / math.log(1 - e), "people come whole"),
        (lambda e, error: math.ceil(math.log(1 - error) / math.log(1 - e)), "already above"),
        (lambda e, error: math.floor(math.log(error) / math.log(1 - e)), "you set it equal"),
        (lambda e, error: 7, "solve for the K"),
        (lambda e, error: "68", "a whole number of people"),
        (lambda e, error: math.inf, "a whole number of people"),
        (lambda e, error: True, "a whole number of people"),
        (68, "you gave a int, it needs your function"),
    ],
)
def test_wrong_numbers_of_people_are_told_by_their_cause(people, cause):
    assert cause in exercises["4.1"].judge(people)


def test_a_function_that_stops_is_told(capsys):
    exercises["4.1"].check(lambda e: e)
    assert "your code stopped with TypeError" in capsys.readouterr().out


@pytest.mark.parametrize(
    "threshold, cause",
    [
        (0.5, "exactly as far as the threshold passes as well"),
        (0.3, "more people are turned away than needed"),
        (0.0, "more people are turned away than needed"),
        (0.7, "Everybody passes who should"),
        (0.55, "Which kind of error"),
        (-0.1, "a distance is 0 or more"),
        (math.nan, "a distance is 0 or more"),
        ("0.45", "it needs a number"),
        (True, "it needs a number"),
        ([0.4, 0.5], "it needs a number"),
    ],
)
def test_wrong_thresholds_are_told_by_their_cause(threshold, cause):
    assert cause in exercises["4.2"].judge(threshold)


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((0.54, 0.0494), "near enough and caught"),
        ((0.64, 0.0494), "where both checks fail"),
        ((0.1, 0.0494), "still has to be near enough"),
        ((0.3, 0.0494), "which share is not caught"),
        ((0.06, 0.0006), "where one check says no"),
        ((0.06, 0.05), "You count those twice"),
        ((0.06, 0.9506), "those who get in"),
        ((0.06, 0.5), "has to pass both checks"),
        ((6, 4.94), "a share lies between 0 and 1"),
        (("6 %", 0.05), "the first share is '6 %'"),
        ((0.06, True), "the second share is True"),
    ],
)
def test_wrong_shares_are_told_by_their_cause(answer, cause):
    assert cause in exercises["4.3"].judge(*answer)


def test_one_share_alone_is_told_what_is_missing(capsys):
    exercises["4.3"].check(0.06)
    assert "missing 1 required positional argument" in capsys.readouterr().out


@pytest.mark.parametrize("number, secret", [("4.1", "floor"), ("4.2", "0.4"), ("4.3", "0.06")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
