"""Exercises of lesson 06, why convolutions work."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

# The picture is twice as high and twice as wide; the padding keeps the size.
_GROWTH = {
    "growth_dense": (
        16,
        {
            2: "twice as many along one side. How many pixels are that?",
            4: "the inputs or the outputs grow like that. Which of them does a dense layer join?",
            8: "you counted one side too few. Inputs and outputs are both of height and width.",
            1: "that is so for a layer whose weights do not know how large the picture is.",
        },
    ),
    "growth_sparse": (
        4,
        {
            2: "twice as many along one side. How many outputs are that?",
            16: "that is so where each output sees every input. How large is the window now?",
            1: "the window stays. But how many outputs have one, with weights of their own?",
        },
    ),
    "growth_shared": (
        1,
        {
            2: "you let the filters grow with the picture. What does a filter depend on?",
            4: "there are more places. Do they need new weights?",
            16: "you let inputs and outputs count. What does a filter depend on?",
        },
    ),
}

_KERNEL = np.array([1.0, 2, 3])
_MATRIX = np.array([[1.0, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]])


def _judge_growth(dense, sparse, shared):
    for given, (name, (right, slips)) in zip((dense, sparse, shared), _GROWTH.items(), strict=True):
        if given is not True and given == right:
            continue
        if given is not True and given in slips:
            return f"for `{name}` you gave {given}: {slips[given]}"
        return (
            f"for `{name}` you gave {given!r}. It is the number of weights after, divided by that "
            "before. How many outputs has the layer then, and how many weights has each?"
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


def _standing(column):
    image = np.zeros((20, 20))
    image[:, column : column + 2] = 1
    return image


def _judge_invariant(function):
    answers = {}
    for kind, turned in (("standing", False), ("lying", True)):
        for place in range(2, 17):
            image = _standing(place).T if turned else _standing(place)
            answer = np.asarray(function(image.copy()), dtype=float)
            if answer.size != 1:
                return (
                    f"your answer has {answer.size} numbers, one is asked for. A map moves with "
                    "the bar: what is left of it when the place is forgotten?"
                )
            if not np.isfinite(answer):
                return f"your answer is {answer.item()}, a finite number is asked for."
            first = answers.setdefault(kind, answer.item())
            if not np.isclose(answer.item(), first):
                return (
                    f"the {kind} bar has moved by at most {place - 2} pixels, and your answer "
                    "changes. It says something about the place, or about one pixel."
                )
    standing, lying = answers["standing"], answers["lying"]
    if np.isclose(standing, lying):
        return _same_cause(standing)
    if standing < lying:
        return (
            "your number is larger for the lying bar. Which edges does your kernel answer to, and "
            "which edges has a standing bar?"
        )
    return None


def _same_cause(answer):
    if np.isclose(answer, 0):
        return "your answer is 0 for both bars. Do positive and negative numbers of a map cancel?"
    return (
        "your answer to a lying bar is that to a standing bar. What sees a difference between "
        "left and right, but none between above and below?"
    )


EXERCISES = (
    Exercise(
        "1.16",
        _judge_growth,
        "Weights are outputs times weights of each, unless outputs share. Ask for each layer: do "
        "the outputs become more, does each need more weights, and are the new ones copies?",
        """
        # Four times as many inputs for each of four times as many outputs,
        growth_dense = 4 * 4
        # the same window for each of four times as many outputs,
        growth_sparse = 4
        # and the same filters at more places.
        growth_shared = 1
        """,
        "Both savings are four times as large: the larger the picture, the more weights the guess "
        "saves.",
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
        # The map moves with the bar (equivariance); its strongest answer stays (invariance).
        def invariant(image):
            return np.abs(filters.correlate(image, filters.VERTICAL_EDGE)).max()
        """,
        "A detector that is shared over all places, and a maximum over them: the pooled network "
        "of this lesson is built like that.",
    ),
)
