"""Exercises of lesson 01, classic networks."""

import math

from cnnlib.arithmetic import output_size
from cnnlib.exercises.exercise import Exercise

_LAYERS = ((11, 4), (3, 2), (3, 2), (3, 2))  # f and s of conv1, pool1, pool2, pool5
_CONVOLUTIONS = 14_714_688, 15_346_630_656  # VGG-16's: parameters, multiplications


def _sides(n, padding):
    sides = []
    for (f, stride), border in zip(_LAYERS, (padding, 0, 0, 0), strict=True):
        n = output_size(n, f, padding=border, stride=stride)
        sides.append(n)
    return sides


def _judge_sides(sides, padding):
    given = [_number(side, "a side") for side in sides]
    right = _sides(224, 0)
    if len(given) != len(right):
        return f"you gave {len(given)} sides, it needs four: after conv1, pool1, pool2 and pool5."
    if given == _sides(227, 0):
        return "these are the sides for 227 pixels. What does the first layer make of 224?"
    if [round(side) for side in given] != given:
        return (
            f"you gave {sides}. A kernel that does not fit any more is left out: sides are whole."
        )
    if given != right:
        wrong = [ours == theirs for ours, theirs in zip(given, right, strict=True)].index(False)
        layer = ("conv1", "pool1", "pool2", "pool5")[wrong]
        return f"the side after {layer} is not {given[wrong]:g}. Which f and which s has it?"
    zeros = _number(padding, "a padding")
    if zeros != round(zeros) or zeros < 0:
        return f"you gave a padding of {padding}, it needs a whole number of zeros on each side."
    if _sides(224, int(zeros))[0] != 55:
        return (
            f"the sides are right. With {zeros:g} zeros on each side conv1 gives "
            f"{_sides(224, int(zeros))[0]}. Both sides count, and ⌊ ⌋ forgives a rest."
        )
    return None


def _judge_stack(layers, share):
    layers, share = _number(layers, "the layers"), _number(share, "the share")
    if layers != 5:
        if layers == 4:
            return "four layers see 9 pixels. How much does each further layer of 3 × 3 add?"
        if layers in (11 / 3, 3.5):
            return "pixels seen do not add up as 3 + 3 + …: neighboring windows overlap."
        return (
            f"{layers:g} layers of 3 × 3 see {1 + 2 * layers:g} pixels. The first sees 3: "
            "what does one more add on each side?"
        )
    if math.isclose(share, 45 / 121, abs_tol=0.006):
        return None
    if math.isclose(share, 9 / 121, abs_tol=0.006):
        return "the layers are right. The share is that of one of them: you need all five."
    if math.isclose(share, 121 / 45, abs_tol=0.06):
        return "the layers are right. The share is upside down: which of both has fewer weights?"
    return (
        f"the layers are right, the share is not {share:g}. Each layer has f · f · C · C weights: "
        "what stays of the two C?"
    )


def _judge_without_dense(parameters, multiplications):
    parameters = _number(parameters, "the parameters")
    multiplications = _number(multiplications, "the multiplications")
    weights, work = _CONVOLUTIONS
    slips = {
        weights + 512 * 1000: "The thousand outputs have biases too.",
        weights + (7 * 7 * 512 + 1) * 1000: "You still flatten: the mean leaves one number a map.",
        weights: "Something has to make a thousand scores of the means.",
        138_357_544: "That is VGG-16 as it was.",
    }
    if parameters != weights + 513 * 1000:
        reason = slips.get(parameters, "What does the last layer read, and how many biases has it?")
        return f"the parameters are not {parameters:,.0f}. {reason}"
    slips = {
        work: "The last layer multiplies as well.",
        work + 513 * 1000: "A bias is added, not multiplied.",
        work + 7 * 7 * 512 * 1000: "The last layer reads one number a map.",
        15_470_264_320: "That is VGG-16 as it was.",
    }
    if multiplications != work + 512 * 1000:
        reason = slips.get(multiplications, "A convolution's work does not change. What is new?")
        return f"the parameters are right, the work is not {multiplications:,.0f}. {reason}"
    return None


def _number(value, what):
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise TypeError(f"{what} should be a number, not {value!r}")
    return float(value)


EXERCISES = (
    Exercise(
        "2.1",
        _judge_sides,
        "⌊(n + 2p − f) / s⌋ + 1, layer by layer; conv2 to conv5 keep the side. For the padding ask "
        "which n + 2p takes 54 strides.",
        """
        from cnnlib.arithmetic import output_size

        n, sides = 224, []
        for f, s in ((11, 4), (3, 2), (3, 2), (3, 2)):  # conv1, pool1, pool2, pool5
            n = output_size(n, f, stride=s)
            sides.append(n)
        # 55 places are 54 strides of 4 and 11 pixels more: at least 227, of which 224 are there.
        # That would be a zero and a half on each side; whole zeros: 2, and one column is not used.
        padding = 2
        """,
        "Three pixels less at the start, and dense1 would read 5 × 5 maps in place of 6 × 6.",
    ),
    Exercise(
        "2.2",
        _judge_stack,
        "One layer of 3 × 3 sees 3 pixels. What does the second layer see of the picture, beyond "
        "what the first one sees? For the share let C stand, it cancels.",
        """
        layers = (11 - 1) // 2  # each layer sees one pixel more on both sides: 3, 5, 7, 9, 11
        share = layers * 3 * 3 / (11 * 11)  # C · C stands on both sides
        """,
        "And five ReLUs stand where there was one.",
    ),
    Exercise(
        "2.3",
        _judge_without_dense,
        "The mean of a map has no parameters and, as the course counts, no multiplications. How "
        "many numbers does it leave of 7 × 7 × 512?",
        """
        from cnnlib import arithmetic, models

        rows = arithmetic.layer_table(models.vgg(16, input_shape=(224, 224, 3)))
        convolutions = [row for row in rows if row.kind == "Conv2D"]
        # 512 means, a thousand scores, a bias for each score.
        parameters = sum(row.parameters for row in convolutions) + (512 + 1) * 1000
        multiplications = sum(row.multiplications for row in convolutions) + 512 * 1000
        """,
        "A ninth of the weights is left, and nearly all of the work. Lesson 2's networks end so.",
    ),
)
