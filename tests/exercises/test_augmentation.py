"""Lesson 05's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.exercise import Exercise
from cnnlib.exercises.week2.augmentation import EXERCISES

ALL = {entry.number: entry for entry in EXERCISES}


def solved(number, name):
    space = {"np": np}
    exec(ALL[number].solution().code, space)
    return space[name]


@pytest.mark.parametrize(
    "number, name", [("2.13", "views"), ("2.15", "shift_of_gray"), ("2.14", "mirror")]
)
def test_the_solution_is_right_and_the_stub_is_not(number, name, capsys):
    assert isinstance(ALL[number], Exercise)
    ALL[number].check(solved(number, name))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    ALL[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, cause",
    [
        (2048, "one place too few along each side"),
        (1089, "can be mirrored as well"),
        (1024, "two things are missing"),
        (66, "along one side"),
        (132, "do not add up"),
        (4356, "only left and right"),
        (7, "How many rows can the window start at"),
        (2178.5, "one whole number"),
        ([2178], "one whole number"),
        (True, "one whole number"),
    ],
)
def test_wrong_counts_are_told_by_their_cause(answer, cause):
    assert cause in ALL["2.13"].judge(answer)


@pytest.mark.parametrize("right", [2178, 2178.0, np.int64(2178)])
def test_every_form_of_the_count_is_right(right):
    assert ALL["2.13"].judge(right) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        ([0.12] * 3, "the eigenvalue itself"),
        ([0.0231] * 3, "is not the eigenvalue"),
        ([0.04] * 3, "the variance of one channel"),
        ([0.2] * 3, "square root"),
        ([0.0693, 0.1386, -0.0693], "stay gray"),
        ([0.5] * 3, "Write the covariance"),
        (0.0693, "three numbers"),
    ],
)
def test_wrong_shifts_are_told_by_their_cause(answer, cause):
    assert cause in ALL["2.15"].judge(answer)


@pytest.mark.parametrize("sign", [1, -1])
def test_either_sign_of_the_eigenvector_is_right(sign):
    eigenvalues, eigenvectors = np.linalg.eigh(np.full((3, 3), 0.04))
    for right in (eigenvalues[-1] * eigenvectors[:, -1], solved("2.15", "shift_of_gray")):
        assert ALL["2.15"].judge(sign * right) is None
        assert "the eigenvalue itself" in ALL["2.15"].judge(sign * np.sqrt(3) * right)


@pytest.mark.parametrize(
    "mirror, cause",
    [
        (lambda picture, eye: (picture[:, ::-1], eye), "and the eye with it"),
        (
            lambda picture, eye: (picture[:, ::-1], (eye[0], picture.shape[1] - eye[1])),
            "Columns count from 0",
        ),
        (lambda picture, eye: (picture[::-1], (len(picture) - 1 - eye[0], eye[1])), "upside down"),
        (
            lambda picture, eye: (
                picture[:, ::-1],
                (len(picture) - 1 - eye[0], picture.shape[1] - 1 - eye[1]),
            ),
            "leaves each row",
        ),
        (lambda picture, eye: (picture[:, ::-1], (eye[0], 0)), "How far from the left border"),
        (lambda picture, eye: picture[:, ::-1], "return two things"),
        (lambda picture, eye: (picture, eye), "came back as it was"),
        (lambda picture, eye: (picture[..., ::-1], eye), "not the mirrored one"),
        (lambda picture, eye: (picture[:, ::-1], eye[0]), "a row and a column"),
        (lambda picture, eye: (picture[:, 1:], eye), "came back as"),
        (7, "it needs a function"),
    ],
)
def test_wrong_mirrors_are_told_by_their_cause(mirror, cause):
    assert cause in ALL["2.14"].judge(mirror)


@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object()])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    ALL[number].check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("2.13", "33"), ("2.15", "0.12"), ("2.14", "- 1")])
def test_the_hint_keeps_the_answer(number, secret):
    assert ALL[number].hint_text and secret not in ALL[number].hint_text
