"""Lesson 03's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week4.insight import EXERCISES

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercises[number].solution().code, space)
    return space["answer"]


@pytest.mark.parametrize("number", ["4.7", "4.8", "4.9"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


def test_the_library_sees_the_field_of_the_solution():
    keras = pytest.importorskip("keras")
    from cnnlib.arithmetic import receptive_field

    layers = keras.layers
    picture = keras.Input((64, 64, 3))
    a = layers.MaxPooling2D(3, strides=2)(layers.Conv2D(2, 7, strides=2)(picture))
    a, b = layers.Conv2D(2, 5, strides=2, name="a")(a), picture
    for number in range(9):
        b = layers.Conv2D(2, 3, name=f"b{number}")(b)
    sides = [
        receptive_field(keras.Model(picture, end), name).size[0]
        for end, name in ((a, "a"), (b, "b8"))
    ]
    assert tuple(sides) == solved("4.7")


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((19, 27), "in the other order"),
        ((13, 19), "if every stride were 1"),
        ((47, 19), "a layer's own stride"),
        ((105, 19), "Windows do not multiply"),
        ((27, 27), "you add whole windows"),
        ((27, 18), "the pixel that you start from"),
        ((27, 81), "By how much does each layer of B"),
        ((20, 8), "Go from the picture on"),
        (27, "it needs a pair of numbers"),
        ((27, True), "it needs a pair of numbers"),
        (("27", "19"), "it needs a pair of numbers"),
    ],
)
def test_wrong_fields_are_told_by_their_cause(answer, cause):
    assert cause in exercises["4.7"].judge(answer)


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize(
    "cam, cause",
    [
        (lambda a, g: a @ g.mean((0, 1)), "numbers below 0"),
        (lambda a, g: relu(a * g.mean((0, 1))).sum(-1), "You cut before the sum"),
        (lambda a, g: relu((a * g).sum(-1)), "Each place has its own weight"),
        (lambda a, g: relu(a @ a.mean((0, 1))), "Your weights come from the maps"),
        (lambda a, g: relu(g @ a.mean((0, 1))), "You took one for the other"),
        (lambda a, g: np.abs(a @ g.mean((0, 1))), "You took the absolute value"),
        (lambda a, g: relu(a @ relu(g.mean((0, 1)))), "You dropped the maps"),
        (lambda a, g: relu(a @ g.sum((0, 1))), "35 times too large"),
        (lambda a, g: a[..., 0], "the numbers are others"),
        (lambda a, g: a * g, "it needs one map of 5 × 7"),
        (lambda a, g: 3, "your function gives 3"),
        ("relu", "you gave a str, it needs your function"),
    ],
)
def test_wrong_maps_are_told_by_their_cause(cam, cause):
    assert cause in exercises["4.8"].judge(cam)


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((1.0, 100), "the nine best alone"),
        ((0.36, 36), "share of the cats to which"),
        ((9, 9), "not per cent"),
        ((0.09, 0.9), "The share is right"),
        ((0.0036, 0.36), "You divided by all patches"),
        ((0.5, 3), "within the 400"),
        (0.09, "it needs a pair of numbers"),
        ((0.09, None), "it needs a pair of numbers"),
    ],
)
def test_wrong_shares_are_told_by_their_cause(answer, cause):
    assert cause in exercises["4.9"].judge(answer)


@pytest.mark.parametrize(
    "number, answer", [("4.7", [27, 19]), ("4.7", np.array([27, 19])), ("4.9", [9 / 100, 9.0])]
)
def test_other_forms_of_the_right_pair_are_right(number, answer):
    assert exercises[number].judge(answer) is None


@pytest.mark.parametrize("number", ["4.7", "4.8", "4.9"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercises[number].check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("4.7", "27"), ("4.8", "mean(axis"), ("4.9", "36")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
