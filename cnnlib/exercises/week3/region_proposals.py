"""Exercises of lesson 05, region proposals."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

PIXELS = 100
# name -> (pixels, box (x_min, y_min, x_max, y_max), histogram of three bins)
REGIONS = {
    "A": (12, (0, 0, 4, 4), (0.5, 0.5, 0.0)),
    "B": (16, (4, 0, 8, 4), (0.5, 0.25, 0.25)),
    "C": (50, (0, 4, 10, 10), (0.5, 0.5, 0.0)),
}


def _terms(pair):
    """Color, size and fill of a pair of regions."""
    (size_a, box_a, color_a), (size_b, box_b, color_b) = (REGIONS[name] for name in pair)
    low, high = np.minimum(box_a[:2], box_b[:2]), np.maximum(box_a[2:], box_b[2:])
    together = size_a + size_b
    around = np.prod(high - low)
    color = np.minimum(color_a, color_b).sum()
    return color, 1 - together / PIXELS, 1 - (around - together) / PIXELS


def _judge_merge(pair, similarity):
    if not isinstance(pair, str) or len(pair) != 2 or not set(pair.upper()) <= set(REGIONS):
        return f"you gave the pair {pair!r}. Two of the letters A, B and C are expected, as 'AC'."
    pair = "".join(sorted(pair.upper()))
    if pair[0] == pair[1]:
        return f"you gave {pair!r}: it takes two regions to merge."
    similarity = float(similarity)
    color, size, fill = _terms(pair)
    if pair != "AB":
        if pair == "AC":
            return (
                "A and C have the same colors, and that counts 1. But what is left of the other "
                "two terms when half of the picture takes part?"
            )
        return "for B and C every term is smaller than for another pair. Write down all three sums."
    if abs(similarity - (color + size + fill)) < 1e-6:
        return None
    for missing, cause in (
        (color + size, "the fill is missing"),
        (color + fill, "the size is missing"),
        (size + fill, "the color is missing"),
        ((color + size + fill) / 3, "that is the mean of the three terms; they are added up"),
    ):
        if abs(similarity - missing) < 1e-6:
            return f"the pair is right, but {cause}."
    if abs(similarity - (1 + size + fill)) < 1e-6:
        return "the pair is right. Do its two histograms agree in every bin?"
    return (
        f"the pair is right, its similarity is not {similarity:g}. Color: the smaller of the two "
        "shares in each bin, added up. Fill: what neither covers of the box around both."
    )


ROWS, COLUMNS = np.mgrid[:8, :8]
MAP = 10 * ROWS + 7 - COLUMNS  # grows downward and to the left
ROI = (13, 22, 50, 53)
_POOLED = [[55, 53], [75, 73]]


def _judge_pooling(pooled):
    pooled = np.asarray(pooled, dtype=float)
    if pooled.shape != (2, 2):
        return f"you gave the shape {pooled.shape}. Two rows of two maxima are expected."
    if (pooled == _POOLED).all():
        return None
    if (pooled == np.transpose(_POOLED)).all():
        return "rows and columns are swapped: y runs down, and the first row is the upper one."
    for wrong, cause in (
        ([[46, 43], [66, 63]], "you cut the corners off; they are rounded to the nearest cell"),
        ([[45, 43], [65, 63]], "the last row and column are missing; both ends belong to a region"),
        ([[55, 52], [75, 72]], "a part of 2.5 cells takes in every cell that it touches"),
        ([[45, 43], [75, 73]], "a part of 2.5 cells takes in every cell that it touches"),
        ([[33, 31], [53, 51]], "these are no maxima: they stand in the upper right corners"),
    ):
        if (pooled == wrong).all():
            return f"{cause}."
    return (
        "these are not the maxima. Which cells do the rounded corners take in, from the first row "
        "and column to the last? Then divide them by two in each direction."
    )


BEFORE, NETWORK, SHARED = 2.0, 47.0, 0.3
_WHOLE = (BEFORE + NETWORK) / (BEFORE + SHARED)
_LIMIT = (BEFORE + NETWORK) / BEFORE


def _judge_speed(factor, limit):
    factor, limit = float(factor), float(limit)
    if abs(factor - NETWORK / SHARED) < 1:
        return (
            f"{factor:.4g} is the network's own gain. The picture is not done before its proposals "
            "are there."
        )
    if abs(factor * _WHOLE - 1) < 0.01:
        return "that is how much time is left over. How many times as fast is it?"
    if not abs(factor - _WHOLE) < 0.05:
        return (
            f"Fast R-CNN as a whole is not {factor:g} times as fast. "
            "How long does one picture take before, and after?"
        )
    if not np.isfinite(limit):
        return "even a network that takes no time at all has to wait for something. For what?"
    if not abs(limit - _LIMIT) < 0.05:
        return (
            f"the factor is right, the limit is not {limit:g}. What does a picture take when the "
            "network takes nothing?"
        )
    return None


EXERCISES = (
    Exercise(
        "3.13",
        _judge_merge,
        "Three pairs, three terms each. The box around A and C reaches from the top to the bottom.",
        """
        pixels = 100
        color_ab = min(0.5, 0.5) + min(0.5, 0.25) + min(0.0, 0.25)
        size_ab = 1 - (12 + 16) / pixels
        fill_ab = 1 - (8 * 4 - 12 - 16) / pixels
        pair, similarity = "AB", color_ab + size_ab + fill_ab  # 0.75 + 0.72 + 0.96 = 2.43
        # A and C: 1 + (1 - 62 / 100) + (1 - (10 * 10 - 62) / 100) = 2, though the colors agree.
        # B and C: 0.75 + (1 - 66 / 100) + (1 - (10 * 10 - 66) / 100) = 1.75.
        """,
        "Two of the three terms speak for small and compact. That is how things grow everywhere in "
        "the picture at once, and no large region swallows one neighbor after the other.",
    ),
    Exercise(
        "3.14",
        _judge_pooling,
        "Divide the corners by 8 and round each. How many columns, how many rows, both ends "
        "included? Half of that is the size of a part.",
        """
        # 13/8, 22/8, 50/8, 53/8 round to columns 2 to 6 and rows 3 to 7: five of each.
        # Parts of 2.5 cells: the first takes cells 0 to 2 of the five, the second cells 2 to 4.
        rows, columns = [(3, 5), (5, 7)], [(2, 4), (4, 6)]
        # The map grows downward and to the left: the maximum stands in the lower left corner.
        pooled = [[10 * row[1] + 7 - column[0] for column in columns] for row in rows]
        """,
        "Row 5 and column 4 belong to both parts: RoI pooling may look at a cell twice, and a "
        "region a few pixels away may give the same four numbers.",
    ),
    Exercise(
        "3.15",
        _judge_speed,
        "Add up what one picture takes, with each of the two. Which part of it did not change?",
        """
        before, network, shared = 2.0, 47.0, 0.3
        factor = (before + network) / (before + shared)  # 49 / 2.3 = 21.3
        limit = (before + network) / before  # 49 / 2 = 24.5
        """,
        "These are about the seconds that the papers report for VGG-16. So Fast R-CNN spends most "
        "of its time on proposals, which is the reason for Faster R-CNN.",
    ),
)
