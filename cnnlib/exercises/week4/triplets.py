"""Exercises of lesson 02, siamese networks and triplets."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

# The distances of the exercise, not squared: the anchor from its positive, and from negatives 1-6.
POSITIVE, MARGIN = 0.7, 0.3
NEGATIVES = np.array([0.5, 0.65, 0.75, 0.85, 0.95, 1.2])
_GAPS = POSITIVE**2 - NEGATIVES**2  # d(A, P)² - d(A, N)²


def _numbers(chosen):
    return (np.flatnonzero(chosen) + 1).tolist()


_HARD = _numbers(_GAPS >= 0)
_SEMI_HARD = _numbers((_GAPS < 0) & (_GAPS + MARGIN > 0))
_EASY = _numbers(_GAPS + MARGIN <= 0)
_NOT_SQUARED = _numbers((POSITIVE < NEGATIVES) & (NEGATIVES < POSITIVE + MARGIN))


def _judge_semi_hard(chosen):
    if isinstance(chosen, set | frozenset):
        chosen = list(chosen)
    indices = np.asarray(chosen)
    if indices.ndim != 1 or (indices.size and indices.dtype.kind not in "iu"):
        return f"you gave {chosen!r}, it needs a list of numbers of negatives, from 1 to 6."
    chosen = sorted(indices.tolist())
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(1, 7)):
        return f"you gave {chosen}: each number from 1 to 6 can stand there once, and no other."
    if chosen == _SEMI_HARD:
        return None
    told = f"you gave {chosen}. "
    if chosen == _NOT_SQUARED:
        return told + "Those distances are not squared, and the margin is added to squares."
    if chosen == _HARD:
        return told + "These are nearer than the positive: what is that kind called?"
    if chosen == sorted(_HARD + _SEMI_HARD):
        return told + "All of these have a loss, but some are nearer than the positive."
    if chosen == _EASY:
        return told + "These cost nothing: they are easy."
    if chosen in ([i] for i in _SEMI_HARD):
        return told + "That one is. Mining takes one of them; the question asks for all of them."
    return told + (
        "Square all distances. Semi-hard negatives are farther than the positive, and cost "
        "something still."
    )


def _judge_least_loss(value):
    if isinstance(value, bool) or not isinstance(value, Real):
        return f"you gave {value!r}, it needs a number: the least loss of a triplet."
    if abs(value - 1) < 1e-6:
        return None
    told = f"you gave {value:g}. "
    if value < 0:
        return told + "The loss is a maximum with 0."
    if value == 0:
        return told + "How far apart can the anchor and the negative be, if both have length 1?"
    if abs(value - 3) < 1e-6:
        return told + "You subtracted the largest distance. The loss has its square."
    if abs(value - 5) < 1e-6:
        return told + "That is the loss where all encodings are equal. Others cost less."
    if abs(value - 4) < 1e-6:
        return told + "Two points on a sphere of radius 1: the far end is a diameter away."
    return told + (
        "Make the first distance as small and the second as large as encodings of length 1 allow."
    )


_KINDS = "random", "semi-hard", "hard"
_BRACKET, _SHRUNK = -0.2, 0.5  # of the triplet in the exercise, and the factor of all differences
_AFTER = _SHRUNK**2 * _BRACKET + MARGIN


def _judge_shrinking(given):
    if not isinstance(given, tuple | list) or len(given) != 2:
        return f"you gave {given!r}, it needs two things: the kind of triplet, and its loss."
    kind, loss = given
    if isinstance(kind, str):
        kind = kind.strip().lower().replace("_", "-").replace("semihard", "semi-hard")
    if kind not in _KINDS:
        return f"the first is {kind!r}, it needs one of {', '.join(_KINDS)}."
    if isinstance(loss, bool) or not isinstance(loss, Real):
        return f"the second is {loss!r}, it needs a number: the loss after shrinking."
    if kind == "random":
        return "at random the order may be right or wrong. Which choice looks at the order?"
    if kind == "hard":
        return "hard negatives are nearer than the positive, where they can be: which sign is that?"
    if abs(loss - _AFTER) < 1e-6:
        return None
    told = f"the kind is right. You gave a loss of {loss:g}. "
    before = _BRACKET + MARGIN
    causes = {
        "That is the loss before shrinking.": before,
        "The distances shrink by s. What do their squares do?": _SHRUNK * _BRACKET + MARGIN,
        "The margin does not shrink.": _SHRUNK**2 * before,
        "The margin does not shrink, and the squares shrink by s².": _SHRUNK * before,
        "That is the loss where all encodings are equal.": MARGIN,
        "Where is the margin?": _SHRUNK**2 * _BRACKET,
    }
    for cause, value in causes.items():
        if abs(loss - value) < 1e-6:
            return told + cause
    return told + "Put s, the bracket and α into L(s)."


EXERCISES = (
    Exercise(
        number="4.4",
        judge=_judge_semi_hard,
        hint_text="The loss compares squares. Two conditions: farther than the positive, and a "
        "loss above 0.",
        solution_text="""
            # d(A, P)² = 0.7² = 0.49, and with the margin 0.49 + 0.3 = 0.79.
            # Squared, the negatives are 0.25, 0.42, 0.56, 0.72, 0.90 and 1.44.
            # Between 0.49 and 0.79 lie the third and the fourth.
            answer = [3, 4]
            """,
        insight="Of six negatives two are hard, two semi-hard, and two teach nothing.",
    ),
    Exercise(
        number="4.5",
        judge=_judge_least_loss,
        hint_text="Encodings of length 1 lie on a sphere. What is the largest squared distance?",
        solution_text="""
            # The best triplet has its positive at the anchor, d(A, P) = 0, and its negative on
            # the other side of the sphere: the diameter is 2, so d(A, N)² = 4.
            answer = 0 - 4 + 5
            """,
        insight="A margin that no triplet can keep leaves all of them with a loss for ever.",
    ),
    Exercise(
        number="4.6",
        judge=_judge_shrinking,
        hint_text="Which choice asks for the right order first? Then L(s) is one line.",
        solution_text="""
            # A semi-hard negative is farther than the positive: its bracket is below 0.
            # Squares of halved distances are a quarter: s² = 0.25. Before, the loss was 0.1.
            answer = "semi-hard", 0.5**2 * -0.2 + 0.3
            """,
        insight="Shrinking costs in every semi-hard triplet: their loss never pulls all encodings "
        "together.",
    ),
)
