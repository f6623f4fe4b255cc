"""Exercises of lesson 06, why convolutions work."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

# From 14 × 14 × 8 to 12 × 12 × 16 by kernels of 3 × 3, biases left out.
_INPUTS, _OUTPUTS, _WINDOW = 14 * 14 * 8, 12 * 12 * 16, 3 * 3 * 8
_WEIGHTS = {
    "weights_dense": (
        _INPUTS * _OUTPUTS,
        {
            14 * 14 * 12 * 12: "you joined pixels with pixels and left the channels out.",
            (_INPUTS + 1) * _OUTPUTS: "you counted the biases as well.",
            _INPUTS + _OUTPUTS: "you added. How many weights does each output number have?",
            _INPUTS * 16: "you gave each map one unit. How many numbers does the output have?",
        },
    ),
    "weights_sparse": (
        _WINDOW * _OUTPUTS,
        {
            9 * _OUTPUTS: "a window of 3 × 3 has depth: how many channels does it look at?",
            _WINDOW * 12 * 12: "that serves a single map. How many maps are there?",
            _WINDOW * 16: "that is the layer in which the places share. Here none does.",
            _WINDOW * _INPUTS: "there is one window for each output number, not for each input.",
        },
    ),
    "weights_shared": (
        _WINDOW * 16,
        {
            9 * 16: "a filter of 3 × 3 has depth: how many channels does it look at?",
            (_WINDOW + 1) * 16: "you counted the biases as well.",
            _WINDOW: "that is one filter. How many maps are there?",
            _WINDOW * _OUTPUTS: "that is the layer in which no place shares.",
        },
    ),
}

_KERNEL = np.array([1.0, 2, 3])
_MATRIX = np.array([[1.0, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]])


def _judge_weights(dense, sparse, shared):
    for given, (name, (right, slips)) in zip(
        (dense, sparse, shared), _WEIGHTS.items(), strict=True
    ):
        if given == right:
            continue
        if given in slips:
            return f"for `{name}` you gave {given:,}: {slips[given]}"
        return (
            f"for `{name}` you gave {given!r}. How many output numbers are there, how many weights "
            "has each, and which of them are the same?"
        )
    return None


def _judge_matrix(answer):
    matrix = np.asarray(answer, dtype=float)
    if np.array_equal(matrix, _MATRIX):
        return None
    if matrix.shape == _MATRIX.T.shape:
        return (
            "you gave 5 rows of 3. The matrix multiplies the 5 pixels: how long has a row to be? "
            "(Turned over, it is the matrix that carries the gradient back.)"
        )
    if matrix.shape == (5, 5):
        return "you gave 5 rows, one for each pixel. Without padding, how many places are there?"
    if matrix.shape != _MATRIX.shape:
        return (
            f"you gave the shape {matrix.shape}. One row for each output number, and in it one "
            "weight for each pixel."
        )
    if np.array_equal(matrix, _MATRIX[::-1, ::-1]):
        return "your kernel stands reversed in the rows. This course does not flip it."
    if all(np.array_equal(row, matrix[0]) for row in matrix):
        return "your rows are all the same: every output would look at the same three pixels."
    for place, row in enumerate(matrix):
        if not set(np.flatnonzero(row)) <= set(range(place, place + 3)):
            return f"row {place} has weights outside its window. Which pixels lie in that window?"
    if not all(np.array_equal(row[i : i + 3], matrix[0, :3]) for i, row in enumerate(matrix)):
        return "the windows are right, and their weights differ from row to row. What is shared?"
    return f"the rows share {matrix[0, :3]}; the kernel was {_KERNEL}."


def _bar(rows, columns, top, left):
    image = np.zeros((20, 20))
    image[top : top + rows, left : left + columns] = 1
    return image


def _judge_invariant(function):
    standing = [_bar(6, 2, *place) for place in ((4, 4), (4, 5), (7, 6), (10, 14))]
    first, *moved = (np.asarray(function(image.copy()), dtype=float) for image in standing)
    for answer, step in zip(moved, ("by one pixel", "by a few pixels", "far"), strict=True):
        if answer.shape != first.shape:
            return "the shape of your answer depends on where the bar stands."
        if not np.allclose(answer, first):
            return f"the bar has moved {step}, and your answer changes. {_moving_cause(first)}"
    lying = np.asarray(function(_bar(2, 6, 9, 8)), dtype=float)
    if lying.shape == first.shape and np.allclose(lying, first):
        if not first.any():
            return (
                "your answer is 0 for both bars. Do positive and negative numbers of a map cancel?"
            )
        return (
            "your answer to a lying bar is that to a standing bar. What sees a difference between "
            "left and right, but none between above and below?"
        )
    return None


def _moving_cause(answer):
    if answer.size == 1:
        return "It says something about the place, or about one pixel."
    return (
        f"Your {answer.size} numbers still hold the place, as a map does that moves with its input."
        " What is left of a map when the place is forgotten?"
    )


EXERCISES = (
    Exercise(
        "1.16",
        _judge_weights,
        "Count the output numbers first. Then ask for each of the three layers: how many weights "
        "does one output number have, and does another output number use the same ones?",
        """
        # 12 · 12 · 16 output numbers; each has a weight for all of the 14 · 14 · 8 inputs,
        weights_dense = (12 * 12 * 16) * (14 * 14 * 8)
        # or for the 3 · 3 · 8 in its window only,
        weights_sparse = (12 * 12 * 16) * (3 * 3 * 8)
        # and all places of a map share one filter.
        weights_shared = 16 * (3 * 3 * 8)
        """,
        "Sharing divides by the number of places, 144; sparseness divides by the share of the "
        "input that a window covers.",
    ),
    Exercise(
        "1.17",
        _judge_matrix,
        "Row i of the matrix makes output number i. Write the kernel over the pixels of its window "
        "and zeros over the others.",
        """
        # The kernel, one pixel further in each row; zeros where a row does not look.
        matrix = np.array([[1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]])
        """,
        "Fifteen weights, three of them free: the rest are zeros and copies.",
    ),
    Exercise(
        "1.18",
        _judge_invariant,
        "Make a map first that answers to one of the bars more than to the other, and that moves "
        "with the bar. Then take from it what does not depend on the place.",
        """
        # The map moves with the bar (equivariance); its maximum stays (invariance).
        def invariant(image):
            return filters.correlate(image, filters.VERTICAL_EDGE).max()
        """,
        "A detector that is shared over all places, and a maximum over them: the pooled network "
        "of this lesson is built like that.",
    ),
)
