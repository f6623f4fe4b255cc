"""Exercises of lesson 04, pooling."""

import numpy as np

from cnnlib import filters
from cnnlib.exercises.exercise import Exercise
from cnnlib.scratch import ops

MAP = np.array([[1.0, 5, 2, 0], [4, 3, 1, 6], [8, 2, 0, 1], [3, 1, 7, 2]])
_BATCH = MAP[None, :, :, None]


def _judge_pooled(answer):
    answer = np.asarray(answer, dtype=float)
    right = ops.max_pool(_BATCH, 3, stride=1)[0, :, :, 0]
    if answer.shape != right.shape:
        return (
            f"you gave the shape {answer.shape}. How many places does a window of 3 find along "
            "4 pixels, moving one pixel at a time?"
        )
    if np.array_equal(answer, right):
        return None
    if np.allclose(answer, ops.average_pool(_BATCH, 3, stride=1)[0, :, :, 0], atol=0.01):
        return "these are the means of the windows. What does the maximum keep?"
    if np.array_equal(answer, ops.max_pool(_BATCH, 2)[0, :, :, 0]):
        return "these are the maxima of windows of 2 × 2 that do not overlap: f is 3 and s is 1."
    wrong = np.argwhere(answer != right)[0]
    return f"look again at the window whose top left pixel is row {wrong[0]}, column {wrong[1]}."


def _judge_gradient(answer):
    answer = np.asarray(answer, dtype=float)
    right = ops.max_pool_backward(np.ones((1, 2, 2, 1)), _BATCH, 3, stride=1)[0, :, :, 0]
    if answer.shape == (2, 2):
        return "you gave a shape of (2, 2), that of the output. Every input pixel gets a number."
    if answer.shape != right.shape:
        return f"you gave the shape {answer.shape}; the gradient has one number for each pixel."
    if np.array_equal(answer, right):
        return None
    if np.array_equal(answer, (right > 0).astype(float)):
        return (
            "the places are right. A pixel that wins in several windows collects from each of them."
        )
    if np.allclose(
        answer,
        ops.average_pool_backward(np.ones((1, 2, 2, 1)), _BATCH, 3, stride=1)[0, :, :, 0],
        atol=0.01,
    ):
        return "you spread the gradient, as the mean does. Whose change does a maximum notice?"
    if answer.sum() != right.sum():
        return (
            f"your numbers add up to {answer.sum():g}. Four windows passed a pull of 1 on: what "
            "must they add up to?"
        )
    return "the sum is right. For each window, find its largest pixel and add the pull there."


def _judge_kernel(kernel, stride):
    kernel = np.asarray(kernel, dtype=float)
    if kernel.shape != (2, 2):
        return f"for the kernel you gave the shape {kernel.shape}. How large is a pooling window?"
    strides = set(np.ravel(stride).tolist())
    if strides == {1}:
        return "with a stride of 1 the windows overlap. How far apart do the pooling windows lie?"
    if strides != {2}:
        return f"for the stride you gave {stride!r}. How far apart do the pooling windows lie?"
    right = ops.average_pool(_BATCH, 2)[0, :, :, 0]
    ours = filters.correlate(MAP, kernel, stride=2)
    if np.allclose(ours, right):
        return None
    if np.allclose(ours, 4 * right):
        return "your kernel gives the sum of each window, four times the mean."
    return (
        f"your weights add up to {kernel.sum():g}. On an even map a mean changes nothing: what "
        "must the weights add up to, and may one pixel count more than another?"
    )


EXERCISES = (
    Exercise(
        "1.10",
        _judge_pooled,
        "There are two places along each side: rows 0 to 2 and rows 1 to 3, and columns alike.",
        """
        # The 8 lies in both windows on the left, the 6 and the 7 in those on the right.
        by_hand = np.array([[8, 6], [8, 7]])
        """,
        "Overlapping windows repeat a strong number.",
    ),
    Exercise(
        "1.11",
        _judge_gradient,
        "Which pixel of the input would have to rise for the first of the four numbers to rise? "
        "And for the second?",
        """
        # The 8 wins both windows on the left and collects two pulls. On the right the 6 wins
        # above, and loses to the 7 below.
        gradient = np.zeros((4, 4))
        gradient[2, 0] = 2
        gradient[1, 3] = gradient[3, 2] = 1
        """,
        "Only winners learn; all other pixels could change a little without being noticed.",
    ),
    Exercise(
        "1.12",
        _judge_kernel,
        "A mean is a weighted sum. What is the weight of each of the four pixels?",
        """
        # Four pixels count a quarter each; the next window begins two pixels further on.
        kernel = np.full((2, 2), 1 / 4)
        stride = 2
        # The maximum is not a convolution: a weighted sum gives for the sum of two maps the sum of
        # its results. But max(1, 0) + max(0, 1) = 2, and the sum of both has max(1, 1) = 1.
        """,
        "A mean is a weighted sum. A maximum is not: max(1, 0) + max(0, 1) = 2, but max(1, 1) = 1.",
    ),
)
