"""Lesson 04's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in names]


NAMES = {
    "2.11": ("every_epoch", "computed_once", "five_versions"),
    "2.12": ("frozen", "trained", "running_mean"),
}


@pytest.mark.parametrize("number", NAMES)
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    right = solved(number, *NAMES[number])
    exercise(number).check(*right)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*np.array(right))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(right))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize("number", NAMES)
@pytest.mark.parametrize("odd", ["12", True, (1, 2), {}])
def test_what_is_no_number_is_refused(number, odd, capsys):
    for place in range(len(NAMES[number])):
        answer = solved(number, *NAMES[number])
        answer[place] = odd
        exercise(number).check(*answer)
        assert f"one number, not {type(odd).__name__}" in capsys.readouterr().out


def test_the_choice_of_the_solution_is_right_and_the_stub_is_none(capsys):
    (right,) = solved("2.10", "choice")
    exercise("2.10").check(right)
    assert capsys.readouterr().out.startswith("Exercise 2.10 — right.")
    exercise("2.10").check(None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes, cause",
    [
        ({"A": "initialize"}, "How far do draws lie apart"),
        ({"A": "freeze_some"}, "what does it cost to train more"),
        ({"B": "freeze_all"}, "What can a head not mend"),
        ({"B": "freeze_some"}, "to see whether it helps"),
        ({"C": "initialize"}, "Which pictures are there to choose by"),
        ({"C": "freeze_all"}, "on the validation pictures"),
        ({"D": "initialize"}, "When can it be kept"),
        ({"D": "freeze all"}, "for D you gave 'freeze all'. The regimes are freeze_all"),
        ({"B": 7}, "for B you gave 7"),
        ({"C": ["freeze_some"]}, "for C you gave ['freeze_some']"),
    ],
)
def test_wrong_choices_are_told_by_their_cause(changes, cause):
    (right,) = solved("2.10", "choice")
    assert cause in exercise("2.10").judge(right | changes)


def test_each_case_needs_a_choice():
    (right,) = solved("2.10", "choice")
    del right["C"]
    assert exercise("2.10").judge(right) == "you gave no regime for C."


@pytest.mark.parametrize("odd", ["freeze_all", ["freeze_all"], 4, True])
def test_a_choice_that_is_no_dictionary_is_refused(odd, capsys):
    exercise("2.10").check(odd)
    assert f"a dictionary of A, B, C and D, not {type(odd).__name__}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((1_608_000, 48_000, 208_000), "these are milliseconds"),
        ((1200, 48, 208), "through the base and through the head"),
        ((1608, 40.2, 208), "the head still learns for 40 epochs"),
        ((1608, 80, 208), "which part 40 times"),
        ((1608, 48, 240), "in one of its five versions"),
        ((1608, 48, 48), "How often does the base run for each picture"),
        ((48, 1608, 208), "for pictures in every epoch you gave 48 s"),
    ],
)
def test_wrong_seconds_are_told_by_their_cause(answer, cause):
    assert cause in exercise("2.11").judge(*answer)


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((-1, 2, 4.09), "stand in each other's place"),
        ((2 / 3, -1, 4.09), "divided by the variance"),
        ((-1, -1, 4.09), "for the frozen layer you gave -1"),
        ((2, 2, 4.09), "which deviation do 10 and 16 have together"),
        ((2, -1, 12.91), "Does a momentum of 0.99 keep the old mean"),
        ((2, -1, 13), "for the new running mean you gave 13"),
        ((2, -1, 4), "0.01 of the mean of the batch"),
    ],
)
def test_wrong_normalizations_are_told_by_their_cause(answer, cause):
    assert cause in exercise("2.12").judge(*answer)
