"""Lesson 05's exercises: their own solutions pass, typical slips are told by their cause."""

import keras
import numpy as np
import pytest

from cnnlib.exercises import exercise
from cnnlib.exercises.week4.dimensions import EXERCISES

exercises = {made.number: made for made in EXERCISES}


def solved(number):
    """What the exercise's own solution computes, as the arguments of `check`."""
    space = {}
    exec(exercises[number].solution().code, space)
    answer = space["answer"]
    return answer if isinstance(answer, tuple) else (answer,)


@pytest.mark.parametrize("number", ["4.13", "4.14", "4.15"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercise(number).check(*solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(solved(number)))
    assert "no answer yet" in capsys.readouterr().out
    exercise(number).hint()
    assert len(capsys.readouterr().out) > 60


def test_the_layer_of_the_solution_is_kerass():
    shape, parameters = solved("4.13")
    layer = keras.layers.Conv1D(20, 8, strides=4)
    output = layer(np.zeros((1, 1000, 3), "float32"))
    assert tuple(output.shape[1:]) == shape
    assert layer.count_params() == parameters


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (((20, 249), 500), "channels come last"),
        (((993, 20), 500), "stride 1"),
        (((248, 20), 500), "the first window"),
        (((250, 20), 500), "has to end inside"),
        (((1000, 20), 500), "Without padding"),
        (((249, 60), 500), "sees all electrodes at once"),
        (((249, 3), 500), "How many channels"),
        (((249,), 500), "two axes"),
        (((100, 20), 500), "the rule for the size"),
        (((249, 20), 480), "biases are missing"),
        (((249, 20), 180), "each electrode"),
        (((249, 20), 3860), "not f · f"),
        (((249, 20), 481), "a bias of its own"),
        (((249, 20), 500 * 249), "shared by all places"),
        (((249, 20), 7), "numbers of one filter"),
        ((249, 500), "a tuple of whole numbers"),
        (((249.0, 20), 500), "a tuple of whole numbers"),
        (((249, 20), "500"), "needs a whole number"),
        (((249, 20), True), "needs a whole number"),
    ],
)
def test_slips_of_the_layer_are_told_by_their_cause(answer, phrase, capsys):
    exercises["4.13"].check(*answer)
    told = capsys.readouterr().out
    assert "not yet" in told and phrase in told, told
    assert "(249, 20)" not in told or answer[0] == (249, 20)


@pytest.mark.parametrize(
    "kernel",
    [[[0, 1], [1, 0]], [[-1, 1], [1, -1]], np.array([[-3, 2.5], [2, -9]]), [[0, 5], [0.5, 0]]],
)
def test_every_kernel_that_prefers_the_left_is_right(kernel, capsys):
    exercises["4.14"].check(kernel)
    assert "right." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kernel", "phrase"),
    [
        ([[1, 0], [0, 1]], "motion to the right"),
        ([[1, -1], [-1, 1]], "motion to the right"),
        ([[1, -1], [1, -1]], "cannot see a change"),
        ([[1, 1], [-1, -1]], "cannot see where"),
        ([[1, 1], [1, 1]], "cannot see a change"),
        ([[0, -1], [-1, -2]], "never gives more"),
        ([[0, 1], [0, 0]], "under each other"),
        ([[1, 2], [3, 4]], "under each other"),
        ([1, 2], "2 × 2 numbers"),
        ([[1, 2, 3], [4, 5, 6]], "2 × 2 numbers"),
        ([["a", "b"], ["c", "d"]], "2 × 2 numbers"),
        ([[np.nan, 1], [1, 0]], "not finite"),
        ("left", "2 × 2 numbers"),
    ],
)
def test_slips_of_the_kernel_are_told_by_their_cause(kernel, phrase, capsys):
    exercises["4.14"].check(kernel)
    told = capsys.readouterr().out
    assert "not yet" in told and phrase in told, told


@pytest.mark.parametrize(
    ("answers", "phrase"),
    [
        ((False, False, True, False, True), "(a). Does one frame"),
        ((True, True, True, True, True), "3 of 5 are right. Look again at (b)"),
        ((True, False, False, False, True), "(c). A long exposure"),
        ((True, False, True, True, True), "(d). Play a film"),
        ((True, False, True, False, False), "(e). How long"),
        ((True, False, 1, False, True), "(c) is 1, it needs True or False"),
        ((True, False), "it needs five"),
        (("yes", False, True, False, True), "(a) is 'yes'"),
    ],
)
def test_slips_about_blindness_are_told_by_their_cause(answers, phrase, capsys):
    exercises["4.15"].check(*answers)
    told = capsys.readouterr().out
    assert "not yet" in told and phrase in told, told
