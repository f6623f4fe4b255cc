"""Exercises of lesson 01, localization and landmarks."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

# What a localizer answers about a picture 200 pixels wide and 100 high, and what it means.
_WIDTH, _HEIGHT = 200, 100
_Y = (1, 0.75, 0.45, 0.5, 0.3, 0, 0, 1)
_CORNERS = np.array([120, 20, 180, 70])

# An empty picture, and what a network answers.
_P_C = 0.2
_ANSWER = np.array([_P_C, 0.9, 0.5, 0.5, 0.5, 0.8, 0.1, 0.1])
_SQUARED, _MIXED = _P_C**2, -np.log(1 - _P_C)

# The answers y for two faces of five landmarks, of which the last lies on the middle line.
_PARTNERS = [1, 0, 3, 2, 4]
_FACES = np.random.default_rng(0).uniform(0.1, 0.9, (2, 5, 3))
_FACES[..., 0] = [[1, 0, 1, 1, 1], [1, 1, 0, 1, 1]]
_FACES[_FACES[..., 0] == 0] = 0


def _judge_corners(corners):
    corners = np.asarray(corners, dtype=float)
    if corners.shape != (4,):
        return f"you gave the shape {corners.shape}; a box has 4 numbers, two for each corner."
    if np.allclose(corners, _CORNERS, atol=1e-6):
        return None
    _, x, y, h, w = _Y[:5]
    if np.abs(corners).max() <= 1:
        return "these are shares. By what do you multiply to get pixels?"
    if np.allclose(corners, [x * _WIDTH, y * _HEIGHT, w * _WIDTH, h * _HEIGHT]):
        return "this is a midpoint, a width and a height. Where are the edges of the box?"
    if np.allclose(corners, _box(x * _WIDTH, y * _HEIGHT, h * _WIDTH, w * _HEIGHT)):
        return "height and width have changed places. Which of the two stands first in y?"
    if np.allclose(corners, _box(x * _HEIGHT, y * _WIDTH, w * _HEIGHT, h * _WIDTH)):
        return "which side of the picture does a place across share in, which one a place down?"
    if np.allclose(corners, _CORNERS[[1, 0, 3, 2]]):
        return "x and y have changed places: the order is x_min, y_min, x_max, y_max."
    left, top = x * _WIDTH, y * _HEIGHT
    if np.allclose(corners, [left, top, left + w * _WIDTH, top + h * _HEIGHT]):
        return "your box begins at b_x, b_y. Which of its points do they mean?"
    if np.allclose(corners, _box(left, top, 2 * w * _WIDTH, 2 * h * _HEIGHT)):
        return "your box is twice as wide and high. How far is an edge from the midpoint?"
    wrong = [
        f"{name} = {given:g}"
        for name, given, right in zip(
            ("x_min", "y_min", "x_max", "y_max"), corners, _CORNERS, strict=True
        )
        if not abs(given - right) <= 1e-6
    ]
    return (
        f"{', '.join(wrong)} does not fit y. Where is the midpoint in pixels, and how far from it "
        "are the edges?"
    )


def _box(x, y, width, height):
    """The corners of a box around a midpoint."""
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


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
        return f"you gave a {type(answer).__name__}; it takes a function of y."
    given = np.asarray(answer(_FACES.copy()), dtype=float)
    if given.shape != _FACES.shape:
        return f"your function gives the shape {given.shape}, y has {_FACES.shape}."
    moved = _FACES * (1, -1, 1) + (0, 1, 0)
    right = moved[:, _PARTNERS]
    if _same(given, right):
        return None
    if _same(given, moved):
        return (
            "every point is in its new place, but the row of the left eye now holds the eye on "
            "the right. Which row does each point belong to in the mirror image?"
        )
    if _same(given, _FACES[:, _PARTNERS]):
        return "the rows have changed, the points have not moved. Where is l_x after mirroring?"
    if np.allclose(given[..., 0], _FACES[..., 0]) and np.allclose(given[..., 1:], right[..., 1:]):
        return "the places have changed their rows. Whose are the presence bits now?"
    upside_down = _FACES * (1, 1, -1) + (0, 0, 1)
    if _same(given, upside_down[:, _PARTNERS]) or _same(given, upside_down):
        return "you turned the picture upside down. Which of l_x and l_y changes in a mirror?"
    if _same(given, (_FACES * (1, -1, 1))[:, _PARTNERS]):
        return "your l_x are negative. Where is the left edge of the picture after mirroring?"
    if not np.isin(given[..., 0], (0, 1)).all():
        return "a presence bit is neither 0 nor 1. Which of the three numbers of a row move?"
    return "this is not the mirrored y. What happens to l_x, and what to the rows?"


def _same(given, y):
    """Whether the bits agree, and the places where they count."""
    seen = y[..., 0] == 1
    return np.allclose(given[..., 0], y[..., 0]) and np.allclose(given[seen], y[seen])


EXERCISES = (
    Exercise(
        "3.1",
        _judge_corners,
        "Turn the shares into pixels first: the midpoint, the height, the width. Then go from the "
        "midpoint to the edges.",
        """
        # The midpoint (150, 45), the height 50 and the width 60, in pixels; half of each to a side.
        x, y, h, w = 0.75 * 200, 0.45 * 100, 0.5 * 100, 0.3 * 200
        corners = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
        """,
        "The same y stands for the same box at any size of the picture.",
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
        def mirror(y):
            # l_x is measured from the other edge, and left and right change their names.
            moved = y * (1, -1, 1) + (0, 1, 0)
            return moved[:, [1, 0, 3, 2, 4]]
        """,
        "A whole row changes its place: the bit says whether this very point can be seen.",
    ),
)
