"""Lesson 05's exercises: their own solutions pass, typical slips are told by their cause."""

import re

import numpy as np
import pytest

from cnnlib import arithmetic, models
from cnnlib.exercises import exercise
from cnnlib.exercises.week1 import convnet

RIGHT = (312, 2616, 55_360, 650)
NUMBERS = {"1.13": ["counts"], "1.14": ["filters", "units"]} | {"1.15": ["lead", "times_as_many"]}


def solved(number):
    """The answers that the exercise's own solution computes."""
    space = {}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in NUMBERS[number]]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    answers = solved(number)
    exercise(number).check(*answers)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(answers))
    assert "no answer yet" in capsys.readouterr().out


def test_the_counts_are_those_of_the_network_in_keras():
    import keras

    network = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(12, 5),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(24, 3),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(64),
            keras.layers.Dense(10),
        ]
    )
    counts = [row.parameters for row in arithmetic.layer_table(network) if row.parameters]
    assert tuple(counts) == RIGHT == tuple(right for right, _ in convnet.LAYERS.values())


@pytest.mark.parametrize("filters, units", [((6, 16), (120, 84)), ((6, 3), (120, 84))])
def test_the_cost_is_that_of_lenet5_in_keras(filters, units):
    network = models.lenet5(input_shape=(28, 28, 1), filters=filters, units=units)
    cost = network.count_params(), arithmetic.total_multiplications(network)
    assert convnet._cost(*filters, *units) == cost


@pytest.mark.parametrize(
    "layer, count, cause",
    [
        (0, 300, "12 filters of 5 × 5 you gave 300: the biases are missing"),
        (0, 26, "one filter"),
        (0, 301, "a bias for each filter"),
        (0, 9408, "counts activations"),
        (1, 240, "as deep as the volume"),
        (1, 2592, "biases are missing"),
        (2, 55_296, "biases are missing, one for each unit"),
        (2, 2368, "takes all channels"),
        (2, 221_248, "second pooling is missing"),
        (2, 98_368, "no padding"),
        (2, 1, "count the weights of one filter or unit"),
        (3, 640, "biases are missing"),
        (3, 8650, "reads the dense layer before it"),
    ],
)
def test_a_wrong_count_names_the_layer_and_the_slip(layer, count, cause):
    counts = [*RIGHT[:layer], count, *RIGHT[layer + 1 :]]
    assert cause in exercise("1.13").judge(counts)


def test_pooling_and_flatten_have_no_count():
    message = exercise("1.13").judge([312, 0, 2616, 0, 0, 55_360, 650])
    assert "shape (7,); 4 layers have parameters" in message


@pytest.mark.parametrize("maps", [1, 2, 3])
def test_any_number_of_filters_that_halves_both_is_right(maps):
    assert exercise("1.14").judge([6, maps], np.array([120, 84])) is None


@pytest.mark.parametrize(
    "filters, units, cause",
    [
        ((6, 16), (120, 84), "changed 0 of the four"),
        ((3, 8), (120, 84), "changed 2 of the four"),
        ((6, 16), (54, 84), "Small, but slow"),
        ((6, 5), (120, 84), "Small, but slow"),
        ((2, 16), (120, 84), "Fast, but large"),
        ((6, 8), (120, 84), "not far enough"),
        ((6, 16), (120, 10), "counts in the work and in the largest dense layer"),
        ((6,), (120, 84), "two whole numbers"),
        ((6, 0), (120, 84), "two whole numbers"),
        ((6, 3.5), (120, 84), "two whole numbers"),
        ((6, 3), None, "two whole numbers"),
    ],
)
def test_a_wrong_change_names_what_it_leaves(filters, units, cause):
    assert cause in exercise("1.14").judge(filters, units)


@pytest.mark.parametrize("lead, times", [(1.2, 2.8), (1.195, 2.75), (10 / 70**0.5, 2.8)])
def test_rounded_answers_are_right(lead, times):
    assert exercise("1.15").judge(lead, times) is None


@pytest.mark.parametrize(
    "lead, times, cause",
    [
        (-1.2, 2.8, "A misreads fewer"),
        (10, 2.8, "that is the difference"),
        (1 / 7, 2.8, "that is a share"),
        (0.69, 2.8, "counts digits that both misread"),
        (1.005, 2.8, "one rate as if it were exact"),
        (0.707, 2.8, "counts digits that both misread"),
        (5, 2.8, "exactly one of them misreads"),
        (1.2, 1.67, "scatters by grows as well"),
        (1.2, 28_000, "how many times as many"),
        (1.2, 1.2, "too few"),
        (1.2, 4, "too many"),
        (1.2, None, "the digits you gave None"),
        (float("nan"), 2.8, "the lead you gave nan"),
    ],
)
def test_a_wrong_lead_or_number_of_digits_names_the_slip(lead, times, cause):
    assert cause in exercise("1.15").judge(lead, times)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), True])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(*[answer] * len(NUMBERS[number]))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize(
    "number, secrets",
    [
        ("1.13", ["312", "2,616", "864"]),
        ("1.14", [r"\b3\b", "filters = "]),
        ("1.15", ["70", r"1\.2", r"2\.8"]),
    ],
)
def test_the_hint_keeps_the_answer(number, secrets, capsys):
    exercise(number).hint()
    printed = capsys.readouterr().out
    assert not any(re.search(secret, printed) for secret in secrets)


@pytest.mark.parametrize("units", [(120, 84, -5), (120, "84"), (120, 84.5)])
def test_one_odd_entry_is_not_passed_over(units):
    assert "two whole numbers" in exercise("1.14").judge((6, 3), units)


def test_whole_floats_are_whole():
    assert exercise("1.14").judge((6, 3.0), np.array([120, 84.0])) is None
