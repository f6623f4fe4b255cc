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
    "2.10": ("averaged", "flattened"),
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


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((1344, 263_424), "these are the weights alone"),
        ((263_436, 1356), "stand in each other's place"),
        ((263_436, 263_436), "how many numbers are left of a map"),
        ((1356, 1356), "for the flattened maps you gave 1,356"),
        ((1356, 2364), "How many numbers are there in maps of 14 × 14"),
        ((112, 263_436), "for the averaged maps you gave 112"),
    ],
)
def test_wrong_counts_are_told_by_their_cause(answer, cause):
    assert cause in exercise("2.10").judge(*answer)


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
