"""Exercises of lesson 02, residual networks."""

import math
from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

# Exercise 2.4: 28 × 28 × 512 into a convolution block with filters (256, 256, 1024) and stride 2.
SHAPE = (14, 14, 1024)
SHORTCUT = 512 * 1024
BRANCH = 512 * 256 + 3 * 3 * 256 * 256 + 256 * 1024
_SLIPS_SHORTCUT = {
    1024 * 1024: "W_s reads a, and a has not that many channels yet",
    512 * 512: "W_s has to give as many channels as the branch ends with",
    3 * 3 * 512 * 1024: "W_s looks at one pixel at a time",
    512 * 1024 + 1024: "biases were not asked for",
    0: "the shape changes, so a itself cannot be added",
    512 * 256: "the sum needs as many channels as the branch ends with",
}
_SLIPS_BRANCH = {
    BRANCH + SHORTCUT: "that is the whole block, W_s included",
    BRANCH + 256 + 256 + 1024: "biases were not asked for",
    3 * 3 * (512 * 256 + 256 * 256 + 256 * 1024): "two of the three convolutions are 1 × 1",
    3 * 3 * 256 * 256: "that is the convolution in the middle alone",
    512 * 256 + 256 * 256 + 256 * 1024: "the convolution in the middle is 3 × 3",
    256 + 3 * 3 * 256 + 1024: "a filter is as deep as the volume that it reads",
}

CHANNELS = 2  # exercise 2.5
LAYERS, W = 20, 0.1  # exercise 2.6


def _judge_block(shape, shortcut, branch):
    given = tuple(shape) if isinstance(shape, tuple | list) else shape
    if given != SHAPE:
        return f"for the shape you gave {shape!r}: {_shape_cause(given)}."
    for name, value, right, slips in (
        ("W_s", shortcut, SHORTCUT, _SLIPS_SHORTCUT),
        ("the branch", branch, BRANCH, _SLIPS_BRANCH),
    ):
        if not _is_number(value):
            return f"for {name} you gave {value!r}; a number of weights was asked for."
        if value != right:
            cause = slips.get(
                value, "a convolution has f · f · channels in · channels out; add up what it has"
            )
            return f"for {name} you gave {value:,.12g}: {cause}."
    return None


def _shape_cause(given):
    if not isinstance(given, tuple) or len(given) != 3:
        return "height, width and channels were asked for"
    if given[:2] == (28, 28):
        return "a stride of 2 is somewhere in the branch, and in W_s"
    if given[:2] == (7, 7):
        return "the stride is in the branch once, and beside it in W_s"
    if given[2] in (256, 512):
        return "the last filters decide the channels"
    return "which layer has the stride, and which decides the channels?"


def _judge_kernels(plain, branch):
    kernels = {}
    for name, kernel in (("plain", plain), ("branch", branch)):
        kernel = np.asarray(kernel, dtype=float)
        if kernel.shape != (3, 3, CHANNELS, CHANNELS):
            return (
                f"{name} has the shape {kernel.shape}; a kernel of 3 × 3 from {CHANNELS} channels "
                f"to {CHANNELS} was asked for."
            )
        if not np.isfinite(kernel).all():
            return f"{name} holds a number that is not finite."
        kernels[name] = kernel
    same = np.zeros((3, 3, CHANNELS, CHANNELS))
    same[1, 1] = np.eye(CHANNELS)
    if not np.array_equal(kernels["plain"], same):
        return f"plain does not give the map back: {_plain_cause(kernels['plain'], same)}."
    if kernels["branch"].any():
        if np.array_equal(kernels["branch"], same):
            return "with that branch the block gives 2a: a comes along the shortcut already."
        return "the block gives a plus what the branch gives. What may the branch give?"
    return None


def _plain_cause(kernel, same):
    if not kernel.any():
        return "a plain block of zeros gives zeros; there is no shortcut to bring a"
    if np.array_equal(kernel[1, 1], np.ones((CHANNELS, CHANNELS))):
        return "each output adds up both channels; which one should it read?"
    if np.array_equal(kernel[1, 1], np.eye(CHANNELS)[::-1]):
        return "it swaps the channels"
    if any(
        np.array_equal(np.roll(kernel, (i, j), (0, 1)), same) for i in (0, 1, 2) for j in range(3)
    ):
        return "it moves the map by a pixel; which of the nine lies on the output's own place?"
    return "each output should be one number of the input, the one at its place in its channel"


def _judge_gradients(plain, residual, paths):
    for name, value in (("plain", plain), ("residual", residual), ("paths", paths)):
        if not _is_number(value):
            return f"for {name} you gave {value!r}; a number was asked for."
    if not math.isclose(plain, W**LAYERS, rel_tol=0.02):
        slips = {
            W * LAYERS: "the chain rule multiplies the slopes, it does not add them",
            W: "that is the slope of one layer",
            (1 + W) ** LAYERS: "that is the residual chain; the plain one has no 1",
        }
        return f"for plain you gave {plain:g}: {_cause(plain, slips)}."
    if not math.isclose(residual, (1 + W) ** LAYERS, rel_tol=0.02):
        slips = {
            1 + W * LAYERS: "that stops after the first terms: multiply the slopes of the layers",
            1 + W**LAYERS: "each layer has a shortcut of its own, not the whole chain one",
            1 + W: "that is the slope of one layer",
            W**LAYERS: "that leaves out what comes along the shortcuts",
        }
        return f"for residual you gave {residual:g}: {_cause(residual, slips)}."
    if paths != 2**LAYERS:
        slips = {
            LAYERS: "that counts layers; at each of them a path has a choice",
            LAYERS + 1: "paths of the same length can still be different paths",
            2 * LAYERS: "the choices multiply",
            LAYERS**2: "two choices at each layer, one layer after the other",
        }
        return f"for paths you gave {paths:,.12g}: {_cause(paths, slips)}."
    return None


def _cause(value, slips):
    for slip, cause in slips.items():
        if math.isclose(value, slip, rel_tol=1e-6):
            return cause
    return "write down the slope of one layer first, then what twenty of them do"


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


EXERCISES = (
    Exercise(
        "2.4",
        _judge_block,
        "Both ways must end in the same shape. A convolution has a weight for each pixel of its "
        "window, each channel that it reads and each filter.",
        """
        shape_out = (14, 14, 1024)
        in_shortcut = 1 * 1 * 512 * 1024
        # The first convolution has the stride; the one in the middle reads 256 channels.
        in_branch = 1 * 1 * 512 * 256 + 3 * 3 * 256 * 256 + 1 * 1 * 256 * 1024
        """,
        "Where the shape changes, W_s costs about half as much as the branch; elsewhere nothing.",
    ),
    Exercise(
        "2.5",
        _judge_kernels,
        "Which single number of a window of 3 × 3 × 2 should each output be? And what should be "
        "added to a so that a stays?",
        """
        # Each output reads the middle of the window, in its own channel.
        plain_kernel = np.zeros((3, 3, 2, 2))
        plain_kernel[1, 1, 0, 0] = plain_kernel[1, 1, 1, 1] = 1
        # The shortcut brings a; the branch has nothing to add.
        branch_kernel = np.zeros((3, 3, 2, 2))
        """,
        "Doing nothing is one point among many for a plain layer, and the origin for a branch.",
    ),
    Exercise(
        "2.6",
        _judge_gradients,
        "Slopes of layers in a chain multiply. What is the slope of a + w·a? And when you multiply "
        "out twenty factors with two terms each, how many products do you get?",
        """
        plain_slope = 0.1**20
        residual_slope = (1 + 0.1) ** 20
        # At each layer a path goes through the branch or along the shortcut.
        paths = 2**20
        """,
        "The plain gradient is gone. With shortcuts one path is never multiplied by w at all.",
    ),
)
