"""Lesson 01's exercises of week 3: solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.detection.localization import MixedLoss, SquaredLoss, decode
from cnnlib.exercises.week3.localization import _ANSWER, _Y, EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercises[number].solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names", [("3.1", ("corners",)), ("3.2", ("squared", "mixed")), ("3.3", ("mirror",))]
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercises[number].check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


def test_the_solutions_are_what_the_library_computes():
    (found,) = decode([_Y], image_shape=(100, 200))
    np.testing.assert_allclose(solved("3.1", "corners"), found["boxes"])
    nothing = np.zeros((1, 8))
    by_library = [float(loss(nothing, _ANSWER[None])) for loss in (SquaredLoss(), MixedLoss())]
    np.testing.assert_allclose(solved("3.2", "squared", "mixed"), by_library, rtol=1e-6)


@pytest.mark.parametrize(
    "corners, cause",
    [
        ([0.6, 0.2, 0.9, 0.7], "these are shares"),
        ([150, 45, 60, 50], "a midpoint, a width and a height"),
        ([100, 30, 200, 60], "height and width have changed places"),
        ([60, 40, 90, 140], "which side of the picture"),
        ([20, 120, 70, 180], "x and y have changed places"),
        ([150, 45, 210, 95], "begins at b_x, b_y"),
        ([90, -5, 210, 95], "twice as wide"),
        ([120, 20, 180, 75], "y_max = 75 does not fit"),
        ([120, 20, 180, float("nan")], "y_max = nan does not fit"),
        ([120, 20], "the shape (2,)"),
    ],
)
def test_wrong_corners_are_told_by_their_cause(corners, cause):
    assert cause in exercises["3.1"].judge(corners)


def test_every_right_form_of_the_corners_is_right():
    for corners in ((120, 20, 180, 70), np.array(solved("3.1", "corners")[0])):
        assert exercises["3.1"].judge(corners) is None


@pytest.mark.parametrize(
    "squared, mixed, cause",
    [
        ((_ANSWER**2).sum(), 0.223, "counts all eight errors"),
        (0.64, 0.223, "of a picture with an object"),
        (0.2, 0.223, "the squared loss is not 0.2"),
        (0.04, 1.609, "if an object were there"),
        (0.04, 0.322, "up to the base of the logarithm"),
        (0.04, 0.0969, "up to the base of the logarithm"),
        (0.04, -0.223, "a loss is not"),
        (0.04, 0.9, "the squared loss is right, 0.9 for the mixed"),
        (float("nan"), 0.2, "the squared loss is not nan"),
        (0.04, float("nan"), "nan for the mixed"),
    ],
)
def test_wrong_losses_are_told_by_their_cause(squared, mixed, cause):
    message = exercises["3.2"].judge(squared, mixed)
    assert message is not None and cause in message


def test_rounded_losses_are_right():
    assert exercises["3.2"].judge(0.04, 0.223) is None


PARTNERS = [1, 0, 3, 2, 4]


def bits_left_behind(y):
    new = (y * (1, -1, 1) + (0, 1, 0))[:, PARTNERS]
    new[..., 0] = y[..., 0]
    return new


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda y: y * (1, -1, 1) + (0, 1, 0), "the row of the left eye now holds"),
        (lambda y: y[:, PARTNERS], "the points have not moved"),
        (lambda y: (y * (1, 1, -1) + (0, 0, 1))[:, PARTNERS], "upside down"),
        (lambda y: (y * (1, -1, 1))[:, PARTNERS], "your l_x are negative"),
        (lambda y: (y * (-1, 1, 1) + (1, 0, 0))[:, PARTNERS] * 0.5, "neither 0 nor 1"),
        (bits_left_behind, "Whose are the presence bits"),
        (lambda y: y, "not the mirrored y"),
        (lambda y: y[0], "gives the shape (5, 3)"),
        (np.zeros((2, 5, 3)), "you gave a ndarray"),
        (lambda y: y * np.nan, "neither 0 nor 1"),
    ],
)
def test_wrong_mirrors_are_told_by_their_cause(answer, cause):
    assert cause in exercises["3.3"].judge(answer)


def test_other_right_mirrors_are_right():
    def with_a_loop(y):
        new = y.copy()
        for row, partner in enumerate(PARTNERS):
            new[:, row] = y[:, partner]
            new[:, row, 1] = 1 - y[:, partner, 1]
        return new

    def with_zeros_where_hidden(y):
        new = with_a_loop(y)
        return new * new[..., :1]

    assert exercises["3.3"].judge(with_a_loop) is None
    assert exercises["3.3"].judge(with_zeros_where_hidden) is None


@pytest.mark.parametrize("number, parts", [("3.1", 1), ("3.2", 2), ("3.3", 1)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercises[number].check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("3.1", "150"), ("3.2", "0.04"), ("3.3", "1 -")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
