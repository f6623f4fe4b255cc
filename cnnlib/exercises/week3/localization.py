"""Exercises of lesson 01, localization and landmarks."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

# A motorcycle in a picture 200 pixels wide and 100 high.
_WIDTH, _HEIGHT = 200, 100
_BOX = (120, 20, 180, 70)
_Y = np.array([1, 0.75, 0.45, 0.5, 0.3, 0, 0, 1])

# An empty picture, and what a network answers.
_P_C = 0.2
_ANSWER = np.array([_P_C, 0.9, 0.5, 0.5, 0.5, 0.8, 0.1, 0.1])
_SQUARED, _MIXED = _P_C**2, -np.log(1 - _P_C)

# Two faces of five landmarks, of which the last lies on the middle line.
_PARTNERS = (1, 0, 3, 2, 4)
_POINTS = np.random.default_rng(0).uniform(5, 55, (2, 5, 2))
_FACE_WIDTH = 64


def _judge_y(y):
    y = np.asarray(y, dtype=float)
    if y.shape != (8,):
        return f"you gave the shape {y.shape}; with three classes y is one row of 8 numbers."
    if np.allclose(y, _Y, atol=1e-6):
        return None
    if not np.allclose(y[5:], _Y[5:]):
        return (
            f"c_1, c_2, c_3 are {y[5:].tolist()}. One of the three is 1: which one, if the classes "
            "are pedestrian, car, motorcycle?"
        )
    if y[0] != 1:
        return f"p_c is {y[0]:g}. What does it say, and is there an object?"
    x, y_mid, h, w = y[1:5]
    _, right_y, right_h, right_w = _Y[1:5]
    if max(abs(y[1:5])) > 1:
        return f"{max(y[1:5], key=abs):g} is no share of the picture. By what do you divide pixels?"
    if np.allclose([h, w], [right_w, right_h]) and h != w:
        return "height and width have changed places. Which of the two stands first in y?"
    if np.allclose([x, y_mid], [_BOX[0] / _WIDTH, _BOX[1] / _HEIGHT]):
        return "b_x and b_y are where your box begins. Which of its points do they mean?"
    if np.allclose([x, y_mid], [right_y, _Y[1]]):
        return "b_x and b_y have changed places."
    wrong = [
        f"{name} = {given:g}"
        for name, given, right in zip(("b_x", "b_y", "b_h", "b_w"), y[1:5], _Y[1:5], strict=True)
        if abs(given - right) > 1e-6
    ]
    return (
        f"{', '.join(wrong)} does not fit the box. Which side of the picture does each number "
        "share in, and between which two edges of the box does it lie?"
    )


def _judge_empty(squared, mixed):
    squared, mixed = float(squared), float(mixed)
    everything = float((_ANSWER**2).sum())
    if abs(squared - everything) < 5e-3:
        return (
            f"{squared:g} counts all eight errors. Which numbers of y mean something where no "
            "object is?"
        )
    if abs(squared - (1 - _P_C) ** 2) < 5e-4:
        return f"{squared:g} is the squared error of a picture with an object. What is p_c here?"
    if not abs(squared - _SQUARED) < 5e-4:
        return f"the squared loss is not {squared:g}. Which error is squared, and how large is it?"
    if abs(mixed + np.log(_P_C)) < 5e-3:
        return (
            f"{mixed:g} is the log loss if an object were there. Which of the two probabilities "
            "was given to what is true?"
        )
    if abs(mixed - _MIXED / np.log(2)) < 2e-3 or abs(mixed - _MIXED / np.log(10)) < 2e-3:
        return f"{mixed:g} is right up to the base of the logarithm. The course takes the natural."
    if abs(mixed + _MIXED) < 5e-3:
        return "the logarithm of a probability is negative; a loss is not."
    if abs(mixed - _MIXED) < 2e-3:
        return None
    return (
        f"the squared loss is right, {mixed:g} for the mixed one is not. Which of its three terms "
        "is left where p_c = 0?"
    )


def _judge_mirror(answer):
    if not callable(answer):
        return f"you gave a {type(answer).__name__}; it takes a function of points and width."
    given = np.asarray(answer(_POINTS.copy(), _FACE_WIDTH), dtype=float)
    if given.shape != _POINTS.shape:
        return f"your function gives the shape {given.shape}, the points have {_POINTS.shape}."
    moved = _POINTS * (-1, 1) + (_FACE_WIDTH, 0)
    partners = list(_PARTNERS)
    if np.allclose(given, moved[:, partners]):
        return None
    if np.allclose(given, moved):
        return (
            "every point is in its new place, but the row of the left eye now holds the eye on "
            "the right. Which row does each point belong to in the mirror image?"
        )
    if np.allclose(given, _POINTS[:, partners]):
        return "the rows have changed, the points have not moved. Where is x after mirroring?"
    upside_down = _POINTS * (1, -1) + (0, _FACE_WIDTH)
    if np.allclose(given, upside_down[:, partners]) or np.allclose(given, upside_down):
        return "you turned the picture upside down. Which of x and y changes in a mirror?"
    if np.allclose(given, (moved - (1, 0))[:, partners]):
        return (
            "you count pixels from 0 to width − 1. Points are places, not pixels: which x has "
            "the right edge of the picture?"
        )
    if np.allclose(given, (_POINTS * (-1, 1))[:, partners]):
        return "your x are negative. Where is the left edge of the picture after mirroring?"
    return "these are not the mirrored points. What happens to x, and what to the rows?"


EXERCISES = (
    Exercise(
        "3.1",
        _judge_y,
        "Find the midpoint of the box first. Then divide what is measured across by the width of "
        "the picture, and what is measured down by its height.",
        """
        # p_c, the midpoint (150, 45), the height 50 and the width 60, as shares, and the class.
        y = [1, 150 / 200, 45 / 100, 50 / 100, 60 / 200, 0, 0, 1]
        """,
        "So the same y stands for the same box at any size of the picture.",
    ),
    Exercise(
        "3.2",
        _judge_empty,
        "In both losses, look at the case p_c = 0. How many of the eight numbers does it read?",
        """
        # Only p_c counts: it should be 0, and the network says 0.2.
        squared = 0.2**2
        mixed = -np.log(1 - 0.2)
        """,
        "The other seven numbers are free: the network may draw any box where nothing is.",
    ),
    Exercise(
        "3.3",
        _judge_mirror,
        "Two things happen: each point moves, and each point gets another name.",
        """
        def mirror(points, width):
            # x is measured from the other edge, and left and right change their names.
            moved = points * (-1, 1) + (width, 0)
            return moved[:, [1, 0, 3, 2, 4]]
        """,
        "Done twice, it gives the points you began with: a quick test of any such list of names.",
    ),
)
