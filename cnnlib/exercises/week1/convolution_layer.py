"""Exercises of lesson 03, a convolution layer."""

import numpy as np

from cnnlib.exercises.exercise import Exercise
from cnnlib.scratch import ops

# What may come for 20 filters of 5 × 5 at stride 2 on the 37 × 37 × 10 output of the layer before.
_LAYER_SLIPS = {
    (33, 33, 20): "the side 33 is that of stride 1. What does a stride of 2 do to the places?",
    (16, 16, 20): "the side came out one too small: does the first place count as well?",
    (17, 17, 10): "the last entry repeats the input's channels. What makes the output's channels?",
    (17, 17, 1): "each filter writes a map of its own. How many filters are there?",
}
_PARAMETER_SLIPS = {
    5_000: "the weights alone make 5,000. Which numbers does a layer learn besides?",
    520: "520 counts a filter as 5 × 5. How deep is a filter on an input with 10 channels?",
    5_010: "there is one bias for each filter, not for each channel of the input.",
    251: "251 is one filter with its bias. How many filters are there?",
}


def _judge_layer(shape, parameters):
    shape = tuple(shape)
    if shape in _LAYER_SLIPS:
        return f"for the shape you gave {shape}: {_LAYER_SLIPS[shape]}"
    if shape != (17, 17, 20):
        return (
            f"for the shape you gave {shape}; three numbers (height, width, channels) are wanted. "
            "Put n = 37, f = 5, p = 0, s = 2 into the formula of lesson 2."
        )
    if parameters in _PARAMETER_SLIPS:
        return f"the shape is right. For the parameters, {_PARAMETER_SLIPS[parameters]}"
    if parameters != 5_020:
        return (
            f"the shape is right. For the parameters you gave {parameters!r}: count the weights of "
            "one filter, add its bias, and multiply with the number of filters."
        )
    return None


def _judge_strides(answer):
    if not isinstance(answer, set | frozenset | list | tuple | range | np.ndarray):
        return f"you gave {answer!r}; a set of strides is wanted, such as {{1, 2}}."
    strides = {stride for stride in answer if stride in range(1, 6)}
    if len(strides) != len(answer):
        return f"you gave {answer!r}; each stride is a whole number from 1 to 5, named once."
    if strides == set(range(1, 6)):
        return (
            "you gave every stride. At stride 1, neighboring windows of side 3 share pixels: "
            "what does `=` leave of the pull that arrived there first?"
        )
    if not strides:
        return "you gave none. Draw windows of side 3 at stride 5: is anything overwritten?"
    if 1 in strides:
        return "you gave stride 1 among them, where windows overlap most. What does `=` do there?"
    if 2 in strides:
        return "you gave stride 2. One window begins at pixel 0, the next at 2: do they share one?"
    if 3 not in strides:
        return "a stride is missing. At which stride do windows of side 3 touch and not overlap?"
    if strides != {3, 4, 5}:
        return (
            "a stride is missing. Larger strides leave pixels between the windows out. Is the "
            "gradient wrong for a pixel that no window sees?"
        )
    return None


def _judge_counts(answer):
    answer = np.asarray(answer, dtype=float)
    one = np.ones((1, 3, 3, 1))
    right = ops.conv_backward(one, np.ones((1, 5, 5, 1)), np.ones((3, 3, 1, 1)))[0][0, ..., 0]
    if answer.shape == (3, 3):
        return "you gave a shape of (3, 3), that of dZ. The gradient dA has one number a pixel."
    if answer.shape != right.shape:
        return f"you gave the shape {answer.shape}; dA has one number for each of the 5 × 5 pixels."
    if np.array_equal(answer, right):
        return None
    if np.array_equal(answer, np.full((5, 5), 9.0)):
        return "you gave 9 everywhere. How many windows does the corner pixel lie in?"
    if np.array_equal(answer, np.ones((5, 5))):
        return (
            "you gave 1 everywhere. A pixel in several windows collects a pull from each of them."
        )
    if answer[0, 0] != 1:
        return f"you gave {answer[0, 0]:g} for the corner. Count the windows that it lies in."
    return "the corner is right. Count, for the other pixels, the windows of 3 × 3 they lie in."


EXERCISES = (
    Exercise(
        "1.7",
        _judge_layer,
        "The side follows from the formula of lesson 2. A filter is as deep as its input, and has "
        "one bias.",
        """
        # (37 - 5) / 2 + 1 = 17 places along each side, one map for each of the 20 filters.
        shape = (17, 17, 20)
        # A filter has 5 · 5 · 10 weights and one bias.
        parameters = (5 * 5 * 10 + 1) * 20  # = 5020
        """,
        "Neither answer needed the picture itself: a layer is known by its settings.",
    ),
    Exercise(
        "1.8",
        _judge_strides,
        "`=` forgets what stood there before. For which pixels has something arrived before?",
        """
        # `=` loses a pull where a pixel lies in two windows. Windows of side 3 share no pixel
        # once the next one begins three pixels on, or later.
        right_strides = {s for s in range(1, 6) if s >= 3}
        """,
        "Where no windows overlap there is nothing to add up, and the mistake stays hidden: "
        "check a gradient at the settings in which you use it.",
    ),
    Exercise(
        "1.9",
        _judge_counts,
        "When all weights and all of dZ are 1, each window adds 1 to every pixel in it.",
        """
        # Each window adds 1 to its nine pixels, so a pixel gets the number of windows it lies in.
        along_one_side = np.array([1, 2, 3, 2, 1])
        dA_by_hand = np.outer(along_one_side, along_one_side)
        """,
        "It is the usage map of lesson 2: a pixel that is used more often is also taught more.",
    ),
)
