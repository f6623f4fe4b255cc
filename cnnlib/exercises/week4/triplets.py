"""Exercises of lesson 02, siamese networks and triplets."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

# The distances of the exercise, not squared: the anchor from its positive, and from negatives 1-6.
POSITIVE, MARGIN = 0.7, 0.3
NEGATIVES = np.array([0.5, 0.65, 0.75, 0.85, 0.95, 1.2])
_GAPS = POSITIVE**2 - NEGATIVES**2  # d(A, P) - d(A, N)


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


_FIRST = np.array([[0.5, 0.0, 0.2, 0.0], [0.9, 0.3, 0.0, 0.0], [0.1, 0.4, 0.2, 0.7]])
_SECOND = np.array([[0.1, 0.0, 0.2, 0.6], [0.9, 0.0, 0.0, 0.4], [0.3, 0.4, 0.5, 0.1]])
_WEIGHTS, _BIAS = np.array([-2.0, 3.0, -1.0, -4.0]), 0.7


def _chi_square(f, g):
    total = f + g
    return np.divide((f - g) ** 2, total, out=np.zeros_like(total), where=total > 0)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _judge_probability(probability):
    if not callable(probability):
        return (
            f"you gave a {type(probability).__name__}, it needs your function: "
            "probability(f, g, w, b) gives one number for each pair."
        )
    with np.errstate(all="ignore"):
        given = probability(_FIRST.copy(), _SECOND.copy(), _WEIGHTS.copy(), _BIAS)
    given = np.asarray(given)
    if given.dtype.kind not in "iuf" or given.size != len(_FIRST):
        return (
            f"it gave an array of shape {given.shape} and type {given.dtype} for {len(_FIRST)} "
            "pairs, it needs one number for each."
        )
    given = given.ravel().astype(float)
    difference = _chi_square(_FIRST, _SECOND)
    logit = difference @ _WEIGHTS + _BIAS
    if np.allclose(given, _sigmoid(logit), atol=1e-4):
        return None
    if np.isnan(given).any():
        return "it gave NaN. What is the form where both numbers are 0?"
    causes = {
        "Those are the sums before the sigmoid.": logit,
        "There is no b in it.": _sigmoid(logit - _BIAS),
        "That is the sigmoid of the sum without the weights w.": _sigmoid(
            difference.sum(axis=1) + _BIAS
        ),
        "That is the form with |f − g|.": _sigmoid(abs(_FIRST - _SECOND) @ _WEIGHTS + _BIAS),
        "Nothing divides the squares.": _sigmoid((_FIRST - _SECOND) ** 2 @ _WEIGHTS + _BIAS),
        "Those are the probabilities of two identities.": _sigmoid(-logit),
    }
    for cause, values in causes.items():
        if np.allclose(given, values, atol=1e-4):
            return cause
    return (
        f"for the first pair it gave {given[0]:.4g}. Write the four (f − g)² / (f + g) down, "
        "multiply by w, add b, and take the sigmoid."
    )


EXERCISES = (
    Exercise(
        number="4.4",
        judge=_judge_semi_hard,
        hint_text="The loss compares squares. Two conditions: farther than the positive, and a "
        "loss above 0.",
        solution_text="""
            # d(A, P) = 0.7² = 0.49, and with the margin 0.49 + 0.3 = 0.79.
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
            # the other side of the sphere: the diameter is 2, so d(A, N) = 4.
            answer = 0 - 4 + 5
            """,
        insight="A margin that no triplet can keep leaves all of them with a loss for ever.",
    ),
    Exercise(
        number="4.6",
        judge=_judge_probability,
        hint_text="Four steps: the difference of each number, 0 where both are 0, the weighted "
        "sum with b, the sigmoid. Its sign lies in w.",
        solution_text="""
            import numpy as np


            def probability(f, g, w, b):
                total = np.where(f + g == 0, 1, f + g)  # where both are 0, 0² / 1 is 0
                z = (f - g) ** 2 / total @ w + b
                return 1 / (1 + np.exp(-z))


            answer = probability
            """,
        insight="The difference of 0.5 from 0.1 counts more than that of 0.9 from 0.5: χ² weighs "
        "by the sum.",
    ),
)
