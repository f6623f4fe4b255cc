"""Exercises of lesson 01, edge detection."""

import numpy as np

from cnnlib import filters
from cnnlib.exercises.exercise import Exercise

CHECKERBOARD = np.kron([[10.0, 0.0], [0.0, 10.0]], np.ones((3, 3)))
_DIAGONAL = 10.0 * np.triu(np.ones((8, 8)), k=1)
_OTHER_DIAGONAL = _DIAGONAL[:, ::-1]


def _judge_size_and_row(size, answer):
    if tuple(size) != (396, 596):
        return (
            f"for the size you gave {tuple(size)}. Along one side of n pixels, how many places "
            "does a kernel of 5 find if it has to lie wholly inside?"
        )
    answer = np.asarray(answer, dtype=float)
    right = filters.correlate(CHECKERBOARD, filters.HORIZONTAL_EDGE)[1]
    if answer.shape != right.shape:
        return (
            f"you gave numbers of shape {answer.shape}; one row of the map was asked for. "
            "How many places does a kernel of 3 find along 6 pixels?"
        )
    if np.array_equal(answer, right):
        return None
    if np.array_equal(answer, -right):
        return "every sign is the other way round. Which row of the kernel is the positive one?"
    if np.array_equal(answer, right / 3):
        return "your numbers are three times too small: do you add up all three columns?"
    if np.array_equal(np.abs(answer), [30, 30, 30, 30]):
        return (
            "you gave four strong edges. In the two middle places the patch holds columns from "
            "both halves, and their edges have different signs."
        )
    return (
        f"you gave {answer.tolist()}. Write down the nine pixels under the kernel at each place "
        "and look at their top and bottom rows alone: the middle row has weight zero."
    )


def _judge_diagonal(answer):
    kernel = np.asarray(answer, dtype=float)
    if kernel.shape != (3, 3):
        return f"you gave an array of shape {kernel.shape}; a kernel of shape (3, 3) was asked for."
    if abs(kernel.sum()) > 1e-9:
        return (
            f"your weights add up to {kernel.sum():g}, so a uniform area of brightness 1 gives "
            f"{kernel.sum():g}. What must they add up to for a uniform area to give 0?"
        )
    response = filters.correlate(_DIAGONAL, kernel)
    if not response.any():
        return "your kernel gives 0 everywhere on this edge: it is blind to it."
    if response.max() <= 0 or -response.min() > response.max():
        return "your kernel finds the edge with the wrong sign: where do the positive weights lie?"
    if np.abs(filters.correlate(_OTHER_DIAGONAL, kernel)).max() > 1e-9:
        return (
            "your kernel also answers to the edge that runs from top right to bottom left. "
            "Mirror the kernel at its main diagonal: what must become of each weight?"
        )
    return None


def _judge_one_pass(answer):
    kernel = np.asarray(answer, dtype=float)
    if kernel.shape != (5, 5):
        return (
            f"you gave a kernel of shape {kernel.shape}. A Sobel patch of 3 × 3 blurred pixels "
            "sees a larger patch of the photograph: how large?"
        )
    image = np.random.default_rng(0).normal(size=(9, 9))
    two_passes = filters.correlate(
        filters.correlate(image, filters.BOX_BLUR), filters.SOBEL_VERTICAL
    )
    one_pass = filters.correlate(image, kernel)
    if np.allclose(one_pass, two_passes):
        return None
    if np.allclose(one_pass, -two_passes):
        return (
            "every sign is the other way round: your kernel is mirrored. "
            "Which of correlation and convolution flips?"
        )
    if not one_pass.any():
        return "your kernel gives 0 everywhere: it sees nothing."
    scale = (one_pass * two_passes).sum() / (one_pass**2).sum()
    if np.allclose(scale * one_pass, two_passes):
        return f"your kernel is right up to a factor: its output must be {scale:g} times as large."
    return (
        "on random pixels the two passes and your single one differ by up to "
        f"{np.abs(one_pass - two_passes).max():.2g}. Send an image that is 0 but for a single 1 "
        "through both passes: what comes out is the kernel, seen through a mirror."
    )


EXERCISES = (
    Exercise(
        "1.1",
        _judge_size_and_row,
        "The size is n - f + 1 along each side. For the row: above the middle the left half is "
        "bright, below it the right half. At the first place all three columns go from light to "
        "dark. At the next place, how many of them do?",
        """
        size = (400 - 5 + 1, 600 - 5 + 1)
        # Row 1 of the output comes from rows 1 to 3 of the image: its top row is bright on the
        # left, its bottom row on the right.
        # The sum is (top row) - (bottom row), and each column of the patch adds its own share:
        # columns 0, 1, 2 go from 10 to 0 (+10 each), columns 3, 4, 5 from 0 to 10 (-10 each).
        second_row = [30, 10, -10, -30]
        """,
        "The two numbers in between come from patches that see both edges at once.",
    ),
    Exercise(
        "1.2",
        _judge_diagonal,
        "Start from positive weights above the main diagonal and negative ones below it. Then "
        "compare each weight with its mirror image at the diagonal.",
        """
        # Bright above the diagonal, dark below: positive weights above, negative below, zero on it.
        # Mirrored at the diagonal, the kernel changes its sign. An edge along the other diagonal
        # stays as it is when it is mirrored there, so it must give 0.
        diagonal = np.array([[0, 1, 1], [-1, 0, 1], [-1, -1, 0]])
        """,
        "Weights that add up to zero ignore uniform light; their layout chooses the direction.",
    ),
    Exercise(
        "1.3",
        _judge_one_pass,
        "Send an image that is 0 but for a single 1 in its middle through both passes with "
        "padding, and look at what comes out. Then remember the mirror in the formula.",
        """
        # A single 1 shows the weights of the two passes together, mirrored along both axes.
        impulse = np.zeros((9, 9))
        impulse[4, 4] = 1
        blurred = filters.correlate(impulse, filters.BOX_BLUR)
        seen = filters.correlate(blurred, filters.SOBEL_VERTICAL)
        one_pass = seen[::-1, ::-1]
        """,
        "Two linear passes are one: only what stands between, such as a ReLU, makes depth pay.",
    ),
)
