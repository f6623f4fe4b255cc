"""Lesson 01's exercises of week 3: solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.detection.localization import MixedLoss, SquaredLoss, encode
from cnnlib.exercises.week3.localization import _ANSWER, EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercises[number].solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names", [("3.1", ("y",)), ("3.2", ("squared", "mixed")), ("3.3", ("mirror",))]
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercises[number].check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


def test_the_solutions_are_what_the_library_computes():
    motorcycle = {"boxes": [[120, 20, 180, 70]], "labels": [2]}
    (y,) = solved("3.1", "y")
    np.testing.assert_allclose([y], encode([motorcycle], classes=3, image_shape=(100, 200)))
    nothing = np.zeros((1, 8))
    by_library = [float(loss(nothing, _ANSWER[None])) for loss in (SquaredLoss(), MixedLoss())]
    np.testing.assert_allclose(solved("3.2", "squared", "mixed"), by_library, rtol=1e-6)


@pytest.mark.parametrize(
    "y, cause",
    [
        ([1, 150, 45, 50, 60, 0, 0, 1], "150 is no share of the picture"),
        ([1, 0.75, 0.45, 0.3, 0.5, 0, 0, 1], "height and width have changed places"),
        ([1, 0.6, 0.2, 0.5, 0.3, 0, 0, 1], "where your box begins"),
        ([1, 0.45, 0.75, 0.5, 0.3, 0, 0, 1], "b_x and b_y have changed places"),
        ([1, 0.75, 0.45, 0.5, 0.3, 0, 1, 0], "Which one, if the classes".lower()),
        ([0, 0.75, 0.45, 0.5, 0.3, 0, 0, 1], "p_c is 0"),
        ([1, 0.75, 0.225, 0.25, 0.3, 0, 0, 1], "b_y = 0.225, b_h = 0.25 does not fit"),
        ([1, 0.9, 0.7, 0.5, 0.3, 0, 0, 1], "between which two edges"),
        ([1, 0.75, 0.45, 0.5, 0.3, 2], "the shape (6,)"),
        (np.zeros((8, 1)), "one row of 8 numbers"),
    ],
)
def test_wrong_answers_y_are_told_by_their_cause(y, cause):
    assert cause in exercises["3.1"].judge(y)


def test_every_right_form_of_y_is_right():
    for y in ((1, 3 / 4, 9 / 20, 1 / 2, 3 / 10, 0, 0, 1), np.array(solved("3.1", "y")[0])):
        assert exercises["3.1"].judge(y) is None


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


@pytest.mark.parametrize(
    "answer, cause",
    [
        (lambda p, w: p * (-1, 1) + (w, 0), "the row of the left eye now holds"),
        (lambda p, w: p[:, PARTNERS], "the points have not moved"),
        (lambda p, w: (p * (1, -1) + (0, w))[:, PARTNERS], "upside down"),
        (lambda p, w: (p * (-1, 1) + (w - 1, 0))[:, PARTNERS], "from 0 to width − 1"),
        (lambda p, w: (p * (-1, 1))[:, PARTNERS], "your x are negative"),
        (lambda p, w: p, "these are not the mirrored points"),
        (lambda p, w: p[0], "gives the shape (5, 2)"),
        (np.zeros((2, 5, 2)), "you gave a ndarray"),
        (lambda p, w: p * np.nan, "these are not the mirrored points"),
    ],
)
def test_wrong_mirrors_are_told_by_their_cause(answer, cause):
    assert cause in exercises["3.3"].judge(answer)


def test_a_loop_is_as_right_as_an_index():
    def mirror(points, width):
        new = points.copy()
        for row, partner in enumerate(PARTNERS):
            new[:, row, 0] = width - points[:, partner, 0]
            new[:, row, 1] = points[:, partner, 1]
        return new

    assert exercises["3.3"].judge(mirror) is None


@pytest.mark.parametrize("number, parts", [("3.1", 1), ("3.2", 2), ("3.3", 1)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercises[number].check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("3.1", "0.75"), ("3.2", "0.04"), ("3.3", "width -")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
