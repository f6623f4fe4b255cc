"""Week 2, lesson 01's exercises: their solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise

NAMES = {
    "2.1": ("sides", "padding"),
    "2.2": ("heaviest", "busiest", "uses"),
    "2.3": ("parameters", "multiplications"),
}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in NAMES[number]]


@pytest.mark.parametrize("number", ["2.1", "2.2", pytest.param("2.3", marks=pytest.mark.slow)])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercise(number).check(*solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(NAMES[number]))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "number, answer",
    [
        ("2.1", ((54, 26, 12, 5), 2)),
        ("2.1", (np.array([54, 26, 12, 5]), np.int64(2))),
        ("2.2", ("dense1", "conv3", 256)),
        ("2.2", (" Dense1", "CONV3", np.int64(256))),
        ("2.3", (15_227_688, 15_347_142_656)),
        ("2.3", (np.int64(15_227_688), 15_347_142_656.0)),
    ],
)
def test_every_right_form_is_taken(number, answer):
    assert exercise(number).judge(*answer) is None


@pytest.mark.parametrize(
    "number, answer, cause",
    [
        ("2.1", ((55, 27, 13, 6), 2), "the sides for 227 pixels"),
        ("2.1", ((54.25, 26, 12, 5), 2), "is left out: sides are whole"),
        ("2.1", ((54, 27, 13, 6), 2), "the side after pool1 is not 27"),
        ("2.1", ((54, 26, 12), 2), "it needs four"),
        ("2.1", ((54, 26, 12, 5), 1), "With 1 zeros on each side conv1 gives 54"),
        ("2.1", ((54, 26, 12, 5), 1.5), "a whole number of zeros"),
        ("2.1", ((54, 26, 12, 5), 3), "fewer do so"),
        ("2.2", ("conv4", "conv3", 256), "the heaviest convolution"),
        ("2.2", ("dense2", "conv3", 256), "only ten numbers"),
        ("2.2", ("conv1", "conv3", 256), "Multiply f · f"),
        ("2.2", ("dense1", "conv1", 256), "reads three channels only"),
        ("2.2", ("dense1", "conv4", 256), "At how many places does each"),
        ("2.2", ("dense1", "dense1", 256), "each of its weights once"),
        ("2.2", ("dense1", "conv2", 256), "by the places of its maps"),
        ("2.2", ("dense1", "conv3", 16), "a height and a width"),
        ("2.2", ("dense1", "conv3", 32_768), "weights of its own"),
        ("2.2", ("dense1", "conv3", 64), "behind the pooling"),
        ("2.2", ("dense1", "conv3", 1024), "the map of conv2"),
        ("2.2", ("dense1", "conv3", 9), "apply a kernel"),
        ("2.3", (138_357_544, 15_347_142_656), "as it was"),
        ("2.3", (15_226_688, 15_347_142_656), "have biases too"),
        ("2.3", (39_803_688, 15_347_142_656), "You still flatten"),
        ("2.3", (14_714_688, 15_347_142_656), "make a thousand scores"),
        ("2.3", (1, 15_347_142_656), "What does the last layer read"),
        ("2.3", (15_227_688, 15_346_630_656), "The last layer multiplies as well"),
        ("2.3", (15_227_688, 15_347_143_656), "A bias is added"),
        ("2.3", (15_227_688, 2), "What is new"),
    ],
)
def test_wrong_answers_are_told_by_their_cause(number, answer, cause):
    assert cause in exercise(number).judge(*answer)


@pytest.mark.parametrize(
    "number, answer",
    [
        ("2.1", (54, 2)),
        ("2.2", (5, "conv3", 256)),
        ("2.2", ("dense1", "conv3", "256")),
        ("2.3", (True, 1)),
    ],
)
def test_what_is_no_number_is_said_to_be_none(number, answer, capsys):
    exercise(number).check(*answer)
    out = capsys.readouterr().out
    assert out.startswith(f"Exercise {number} — not yet: it cannot be read, TypeError")


def test_a_layer_that_is_not_there_is_refused(capsys):
    exercise("2.2").check("pool1", "conv3", 256)
    assert "no layer with weights named 'pool1'" in capsys.readouterr().out
