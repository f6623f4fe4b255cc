"""Exercises of lesson 03, one by one and inception."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

# Exercise 2.7: 14 × 14 × 256 to 14 × 14 × 256 by 3 × 3, at most half the work through c channels.
CHANNELS, WINDOW = 256, 9
DIRECT = WINDOW * CHANNELS * CHANNELS  # multiplications at one place
PAIR = CHANNELS + WINDOW * CHANNELS  # at one place, for each of the c channels

# Exercise 2.9: class maps of 2 × 2 places and three classes.
MAPS = np.array([[[4, 1, 0], [1, 3, -3]], [[-3, 2, 1], [2, 1, 2]]])


def _judge_width(answer):
    if not isinstance(answer, Real) or isinstance(answer, bool) or not np.isfinite(answer):
        return f"you gave {answer!r}; a whole number of channels was asked for."
    right = DIRECT // 2 // PAIR
    if answer == right:
        return None
    causes = {
        DIRECT / 2 / PAIR: "filters are whole: which whole number stays within the half?",
        DIRECT // 2 // (WINDOW * CHANNELS): "the 1 × 1 convolution has its own multiplications.",
        DIRECT // 2 // CHANNELS: "the 3 × 3 convolution still has to be done.",
        DIRECT // PAIR: "with so many the pair costs as much as before; half was asked for.",
        right + 1: "with one channel fewer it would be within the half.",
    }
    for slip, cause in causes.items():
        if np.isclose(answer, slip):
            return f"you gave {answer:g}: {cause}"
    share = answer * PAIR / DIRECT
    return (
        f"with c = {answer:g} the pair takes {share:.1%} of the multiplications. Write the work "
        "of both convolutions as a multiple of c."
    )


def _judge_larger(first, second):
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.ndim != 2 or first.shape[0] != 3:
        return (
            f"first has the shape {first.shape}. A 1 × 1 convolution of colors is a matrix with a "
            "row for red, green and blue, and a column for each filter."
        )
    if second.shape != (first.shape[1], 1):
        return (
            f"second has the shape {second.shape}. It needs a row for each filter of the first, "
            "and one column."
        )
    colors = np.random.default_rng(0).random((500, 3))
    hidden = colors @ first
    given = (np.maximum(hidden, 0) @ second)[:, 0]
    red, green, _ = colors.T
    right = np.maximum(red, green)
    if np.allclose(given, right, rtol=0, atol=1e-6):
        return None
    if (hidden >= 0).all():
        return (
            "no filter of the first ever gives less than 0, so the ReLU changes nothing, and two "
            "matrices in a row are one. What must a filter compute to be cut off at times?"
        )
    causes = {
        "the smaller of the two": np.minimum(red, green),
        "by how much they differ": np.abs(red - green),
        "by how much red exceeds green, and 0 elsewhere": np.maximum(red - green, 0),
        "by how much green exceeds red, and 0 elsewhere": np.maximum(green - red, 0),
    }
    for cause, values in causes.items():
        if np.allclose(given, values, rtol=0, atol=1e-6):
            return f"this gives {cause}. What is missing to the larger one?"
    worst = np.abs(given - right).argmax()
    color = ", ".join(f"{value:.2f}" for value in colors[worst])
    return (
        f"for the color ({color}) it gives {given[worst]:.2f}, and the larger of red and green is "
        f"{right[worst]:.2f}. Where red is larger, which of your filters pass something on?"
    )


def _judge_places(winner, place):
    if isinstance(winner, bool) or winner not in (0, 1, 2):
        return f"for the class you gave {winner!r}; it needs 0, 1 or 2."
    scores = MAPS.sum(axis=(0, 1))
    if winner != scores.argmax():
        cause = (
            "It has the largest single number, but the score is a mean over all places."
            if winner == 0
            else "Take the mean of its map, and of the two others."
        )
        return f"for the class you gave {winner}. {cause}"
    place = np.asarray(place)
    if place.shape != (2,) or not np.isin(place, (0, 1)).all():
        return f"for the place you gave {place.tolist()!r}; it needs a row and a column, 0 or 1."
    row, column = place.astype(int)
    left = scores - MAPS[row, column]
    if left.argmax() != winner:
        return None
    sums = ", ".join(map(str, left))
    cause = (
        "It is the strongest place for the answer, but it speaks against a rival as well."
        if MAPS[row, column, winner] == MAPS[..., winner].max()
        else "The answer stays. Which place holds its closest rival back?"
    )
    return f"without the place ({row}, {column}) the sums are {sums}. {cause}"


EXERCISES = (
    Exercise(
        "2.7",
        _judge_width,
        "The 14 · 14 places are the same for all three convolutions. At one place, how many "
        "multiplications does each of the c channels cost: to make it, and to use it?",
        """
        # At one place: 9·256·256 directly, 256·c + 9·c·256 in two steps.
        c = (9 * 256 * 256 // 2) // (256 + 9 * 256)
        """,
        "Both convolutions grow with c, so the work falls in proportion to it.",
    ),
    Exercise(
        "2.8",
        _judge_larger,
        "The larger of two numbers is one of them, plus what the other one has beyond it, if "
        "anything. Which function is 0 where there is nothing beyond?",
        """
        import numpy as np

        # max(R, G) = G + ReLU(R − G), and ReLU leaves G as it is, since no color is below 0.
        first = np.array([[1, 0], [-1, 1], [0, 0]])
        second = np.array([[1], [1]])
        """,
        "No single 1 × 1 convolution can do this: it gives the mean color of two colors the mean "
        "of their answers.",
    ),
    Exercise(
        "2.9",
        _judge_places,
        "Add up each map: the largest sum wins. Then take away one place at a time, from all three "
        "sums.",
        """
        # The sums are 4, 7 and 0. Without the place (1, 0) they are 7, 5 and -1.
        winner = 1
        place = (1, 0)
        """,
        "A place decides by what it says for the answer and by what it says against the others.",
    ),
)
