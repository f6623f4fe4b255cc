"""Exercises of lesson 03, what networks see."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise


def _pair(answer, wanted):
    """Two numbers, and a complaint where the answer is none."""
    numbers = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if (
        not isinstance(numbers, tuple | list)
        or len(numbers) != 2
        or any(isinstance(one, bool) or not isinstance(one, Real) for one in numbers)
    ):
        return None, f"you gave {answer!r}, it needs a pair of numbers: {wanted}."
    return tuple(map(float, numbers)), None


def _judge_field(answer):
    given, fault = _pair(answer, "the sides of the fields of A and of B")
    if fault:
        return fault
    if given == (27, 19):
        return None
    a, b = given
    told = f"you gave {a:g} and {b:g}. "
    if given == (19, 27):
        return told + "Both numbers are right, in the other order."
    if a == 13:
        return told + (
            "13 would be A's side if every stride were 1. After a stride of 2, one step of the "
            "next window is two pixels of the picture."
        )
    if a == 47:
        return told + (
            "For A you count a layer's own stride for its own window. Only the strides of the "
            "layers before it spread its window over the picture."
        )
    if a == 105:
        return told + "Windows do not multiply. Each layer adds a border to what one number saw."
    if b == 27:
        return told + "For B you add whole windows. Neighbors overlap: a window of 3 adds 2."
    if b == 18:
        return told + "For B you forget the pixel that you start from: the first window sees 3."
    if a == 27:
        return told + "A's side is right. By how much does each layer of B widen the field?"
    return told + (
        "Go from the picture on, with two numbers: the side r and the step d. A window of f adds "
        "(f − 1) · d to r; then its stride multiplies d."
    )


def _judge_cam(cam):
    if not callable(cam):
        return (
            f"you gave a {type(cam).__name__}, it needs your function: cam(maps, gradient) gives "
            "one map."
        )
    generator = np.random.default_rng(0)
    maps, gradient = generator.standard_normal((2, 5, 7, 6))
    given = cam(maps.copy(), gradient.copy())
    if not hasattr(given, "shape") or given.shape != (5, 7):
        what = f"an array of shape {given.shape}" if hasattr(given, "shape") else repr(given)
        return f"for maps of 5 × 7 × 6 your function gives {what}, it needs one map of 5 × 7."
    given = np.asarray(given)
    weights = gradient.mean(axis=(0, 1))
    mixed = maps @ weights
    if np.allclose(given, np.maximum(mixed, 0)):
        return None
    if np.allclose(given, mixed):
        return "your map has numbers below 0. What speaks against the class is left out."
    for wrong, cause in (
        (np.maximum(maps * weights, 0).sum(-1), "You cut before the sum: maps must first cancel."),
        (np.maximum((maps * gradient).sum(-1), 0), "Each place has its own weight in yours."),
        (np.maximum(maps @ maps.mean(axis=(0, 1)), 0), "Your weights come from the maps."),
        (np.maximum(gradient @ maps.mean(axis=(0, 1)), 0), "You took one for the other."),
        (np.abs(mixed), "You took the absolute value: that makes evidence of what speaks against."),
        (
            np.maximum(maps @ np.maximum(weights, 0), 0),
            "You dropped the maps of negative weight.",
        ),
    ):
        if np.allclose(given, wrong):
            return cause + " One weight a map: the mean of its gradient over the places."
    if np.allclose(given, 35 * np.maximum(mixed, 0)):
        return "your map is 35 times too large: α is a mean over the 5 · 7 places, not a sum."
    return (
        "the numbers are others. One weight a map, the mean of its gradient over the places; the "
        "weighted sum of the maps; then nothing below 0."
    )


def _judge_selective(answer):
    given, fault = _pair(answer, "the share of cats, and how many times more often")
    if fault:
        return fault
    share, times = given
    if abs(share - 0.09) < 1e-6 and abs(times - 9) < 1e-4:
        return None
    told = f"you gave {share:g} and {times:g}. "
    if abs(share - 9) < 1e-6:
        return told + "The first number is a share, from 0 to 1, and not per cent."
    if abs(share - 1) < 1e-6:
        return told + "You looked at the nine best alone. The unit responds to many more patches."
    if abs(share - 0.36) < 1e-6:
        return told + (
            "That is the share of the cats to which the unit responds. The question starts from "
            "the patches to which it responds."
        )
    if abs(share - 0.09) < 1e-6:
        return told + "The share is right. Divide it by the share of cats among all patches."
    if abs(share - 0.0036) < 1e-6:
        return told + "You divided by all patches. Divide by those to which the unit responds."
    return told + "Count within the 400 patches first; then compare with all 10,000."


EXERCISES = (
    Exercise(
        number="4.7",
        judge=_judge_field,
        hint_text="Keep two numbers from layer to layer: the side of the field, and how many "
        "pixels one step in this map is.",
        solution_text="""
            def side(layers):
                r, d = 1, 1
                for f, s in layers:
                    r = r + (f - 1) * d
                    d = d * s
                return r

            a = side([(7, 2), (3, 2), (5, 2)])  # 7, then 7 + 2·2 = 11, then 11 + 4·4 = 27
            b = side([(3, 1)] * 9)  # 1 + 9·2 = 19
            answer = (a, b)
            """,
        insight="Only A sees the eye whole: strides make fields grow faster than layers do.",
    ),
    Exercise(
        number="4.8",
        judge=_judge_cam,
        hint_text="Two of the three axes are places. Which mean leaves one number for each map?",
        solution_text="""
            import numpy as np


            def cam(maps, gradient):
                alpha = gradient.mean(axis=(0, 1))  # one weight for each map
                return np.maximum((alpha * maps).sum(axis=-1), 0)

            answer = cam
            """,
        insight="Three lines, and they work for any layer whose maps lead to a score.",
    ),
    Exercise(
        number="4.9",
        judge=_judge_selective,
        hint_text="Nine patches are the top of a list. How long is it, and who else is on it?",
        solution_text="""
            share = 36 / 400  # of the patches to which it responds
            among_all = 100 / 10_000
            answer = (share, share / among_all)
            """,
        insight="9 % cats: not a detector, though cats are 9 times as frequent as by chance. Nine "
        "patches alone cannot tell.",
    ),
)
