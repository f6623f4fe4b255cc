"""Exercises of lesson 04 of week 4, style transfer."""

from collections.abc import Iterable
from numbers import Real

from cnnlib.exercises.exercise import Exercise

_CHANGES = "ABCDEF"
_UNSEEN = set("ABCF")


def _judge_changes(changes):
    if not isinstance(changes, Iterable) or not all(
        isinstance(letter, str) and len(letter) == 1 for letter in changes
    ):
        return f"you gave {changes!r}, it needs letters from A to F, such as 'AD' or ['A', 'D']."
    letters = {letter.upper() for letter in changes}
    if not letters <= set(_CHANGES):
        return f"you gave {sorted(letters)}, it needs letters from A to F."
    if letters == _UNSEEN:
        return None
    told = f"you gave {''.join(sorted(letters))}. "
    if "D" in letters:
        return told + "In D each product of two activations changes. Does the matrix notice?"
    if "E" in letters:
        return (
            told + "In E look at one entry: which two channels does G[0, 1] belong to, afterward?"
        )
    if "C" not in letters:
        return told + (
            "One of the changes adds places, and the sums grow with them. What is each sum divided "
            "by?"
        )
    return told + (
        "You leave out a change that only moves activations to other places. Is there an i or a j "
        "in what the sum adds up?"
    )


def _judge_factors(factors):
    if not isinstance(factors, tuple | list) or len(factors) != 2:
        return f"you gave {factors!r}, it needs two numbers: of the content, and of the style."
    for factor in factors:
        if isinstance(factor, bool) or not isinstance(factor, Real):
            return f"you gave {factors!r}, both factors need to be numbers."
    content, style = factors
    if (content, style) == (4, 16):
        return None
    told = f"you gave ({content:g}, {style:g}). "
    if (content, style) == (16, 4):
        return told + "Those are the two factors, the other way around."
    if (content, style) == (1, 1):
        return told + (
            "Costs in the relative scale would stay. The course's scale divides by counts of "
            "numbers, which do not grow."
        )
    if content != 4:
        return told + (
            "The content first: a difference doubles with its two activations. What is then done "
            "with the difference?"
        )
    if style == 4:
        return (
            told
            + "A Gram matrix does not double. Each of its terms is a product of two activations."
        )
    return told + "How much larger is one entry of a Gram matrix? Then square the differences."


_STRIDE, _SIDE = 8, 216
_DIFFERENT = 512 * 513 // 2


def _judge_side(side):
    if isinstance(side, bool) or not isinstance(side, Real):
        return f"you gave {side!r}, it needs a number of pixels."
    if side == _SIDE:
        return None
    told = f"you gave {side:g}. "
    if side == _SIDE / _STRIDE:
        return told + "That counts places of the map. One of them stands for 8×8 pixels."
    if side == 136:
        return told + (
            "You count the layer's activations. They follow from the picture: what can the painter "
            "vary?"
        )
    if side == 296:
        return told + "You count G[k, l] and G[l, k] as two numbers. Are they ever different?"
    if side == 368:
        return told + "You count pixels. How many numbers does a pixel have?"
    if side == 208:
        return told + (
            "Very near. Count the numbers above the diagonal of G and those on it, and compare."
        )
    if side % _STRIDE:
        return told + "The side needs to be a multiple of 8, so that the map has whole places."
    more = "more" if 3 * side**2 > _DIFFERENT else "fewer"
    return told + (
        f"There the picture has {more} numbers than G has different ones, but is it the smallest "
        "side with more? Write both counts with the side as the unknown."
    )


EXERCISES = (
    Exercise(
        number="4.10",
        judge=_judge_changes,
        hint_text="Write G[k, l] as a sum over places, divided by their number. Which changes "
        "alter the terms of that sum, and which only their order?",
        solution_text="""
            # G[k, l] is the mean over all places of a[i, j, k] * a[i, j, l].
            # A, B and F move activations to other places: the same terms in another order.
            # C has each term four times, and four times as many places: the same mean.
            # D makes each term four times as large. E swaps rows and columns of G.
            answer = "ABCF"
            """,
        insight="The Gram matrix of a layer forgets where things are and how many places there "
        "are. That is why content and style may differ in size.",
    ),
    Exercise(
        number="4.11",
        judge=_judge_factors,
        hint_text="Count how many activations are multiplied with each other in one term of each "
        "cost.",
        solution_text="""
            # Content: the square of a difference of activations. Both double: 2 ** 2.
            # Style: a term of G is a product of two activations, so G grows 2 ** 2 times,
            # and the cost squares a difference of such numbers: (2 ** 2) ** 2.
            answer = (2**2, 2**4)
            """,
        insight="The style cost grows with the fourth power of the activations. A layer that "
        "answers ten times as loudly weighs ten thousand times as much.",
    ),
    Exercise(
        number="4.12",
        judge=_judge_side,
        hint_text="A picture of s × s pixels: how many numbers can the painter vary? How many "
        "different numbers has a symmetric matrix of 512 rows?",
        solution_text="""
            # A picture of s × s pixels has 3 * s * s numbers.
            # A symmetric 512 × 512 matrix has 512 * 513 / 2 different numbers.
            # 3 * s * s > 512 * 513 / 2 means s * s > 43,776: more than 209, and so 8 * 27.
            answer = 8 * 27
            """,
        insight="On a smaller picture the matrix asks for more numbers than the painter can vary. "
        "Though it names no place, it may leave few pictures to choose from. That is a count, and "
        "no proof.",
    ),
)
