"""Exercises of lesson 04, anchors and YOLO."""

import numpy as np

from cnnlib.detection.anchors import assign
from cnnlib.detection.boxes import iou
from cnnlib.exercises.exercise import Exercise

_SIDE = 300  # of the picture in the exercises, in pixels
_ANCHORS = np.array([[40, 90], [90, 40]])

_BOX = np.array([130, 20, 250, 80])
_PLACE = 0, 1
_Y = np.array([1, 0.9, 0.5, 0.6, 1.2, 0, 0, 1])


def _judge_crowd(boxes):
    boxes = np.asarray(boxes, dtype=float)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        return (
            f"you gave the shape {boxes.shape}. There is a row for each box, with its corners "
            "x_min, y_min, x_max, y_max."
        )
    low, high = boxes[:, :2], boxes[:, 2:]
    if not (low < high).all():
        return f"row {(low >= high).any(axis=1).argmax()} has no width or no height."
    if (boxes < 0).any() or (boxes > _SIDE).any():
        return f"a corner lies outside the picture of {_SIDE} × {_SIDE} pixels."
    if np.triu(iou(boxes, boxes), 1).any():
        return "two of your boxes overlap. How large may boxes be that share a cell and do not?"
    if _fits(boxes, 3):
        return (
            "3 × 3 cells hold all of your boxes. What decides about the cell of a box, and how "
            "many can one cell take?"
        )
    if not _fits(boxes, 6):
        return "6 × 6 cells do not hold them either. How far apart do midpoints have to be there?"
    return None


def _fits(boxes, grid):
    try:
        assign(boxes, _ANCHORS, grid, (_SIDE, _SIDE))
    except ValueError:
        return False
    return True


def _judge_vector(place, y):
    place = tuple(np.asarray(place, dtype=float).ravel().tolist())
    if len(place) != 2:
        return f"you gave {len(place)} numbers for the place. It takes a row and a column."
    if place == _PLACE[::-1] and place != _PLACE:
        return "your place is a column and a row. The row, counted from the top, comes first."
    if place != _PLACE:
        return (
            f"the place {place} is not the cell that answers. Which single point of the box "
            "decides, and how many pixels has a cell?"
        )
    y = np.asarray(y, dtype=float)
    if y.shape != _Y.shape:
        return f"your vector has the shape {y.shape}. How many numbers are five and the classes?"
    if y[0] != 1:
        return f"you say p_c = {y[0]:g}. Is there an object?"
    if not np.array_equal(y[5:], _Y[5:]):
        return f"your classes are {y[5:].tolist()}. A motorcycle is class 2, and 0 the first one."
    return _judge_numbers(y[1:5])


def _judge_numbers(given):
    """What is wrong with b_x, b_y, b_h, b_w, if anything."""
    wanted = _Y[1:5]
    if np.allclose(given, wanted, rtol=0, atol=1e-6):
        return None
    x, y = (_BOX[:2] + _BOX[2:]) / 2
    width, height = _BOX[2:] - _BOX[:2]
    if np.allclose(given, np.array([x, y, height, width]) / _SIDE):
        return "your numbers are shares of the picture. What is the unit of a cell's answer?"
    if np.allclose(given, [x, y, height, width]):
        return "your numbers are pixels. What is the unit of a cell's answer?"
    if np.allclose(given, wanted[[1, 0, 2, 3]]):
        return "you swapped the two numbers of the midpoint: b_x, from left to right, comes first."
    if np.allclose(given, wanted[[0, 1, 3, 2]]):
        return "you swapped the two numbers of the size: in b_h, b_w the height comes first."
    if np.allclose(given[:2], np.array([x, y]) / 100):
        return "your midpoint is counted from the corner of the picture. Where does its cell begin?"
    if np.allclose(given[:2], _BOX[:2] / 100 - (1, 0)):
        return "you took a corner of the box for its midpoint."
    if np.allclose(given, np.minimum(wanted, 1)):
        return "a box may be larger than its cell. Then what of b_h and b_w?"
    if np.allclose(given[:2], wanted[:2]):
        return f"the midpoint is right, the size {given[2:].tolist()} is not. It counts in cells."
    return f"the midpoint {given[:2].tolist()} is not right. It is a share of the cell it lies in."


def _sigmoid(t):
    return 1 / (1 + np.exp(-t))


def _box_of(t, row, column, anchor, cell):
    """The right answer to the third exercise, in pieces that its mistakes can be made of."""
    middle = (column + _sigmoid(t[0])) * cell, (row + _sigmoid(t[1])) * cell
    size = anchor[0] * np.exp(t[3]), anchor[1] * np.exp(t[2])
    return np.array(middle), np.array(size)


def _corners(middle, size):
    return np.concatenate([middle - size / 2, middle + size / 2])


def _judge_box_of(answer):
    if not callable(answer):
        return f"you gave a {type(answer).__name__}; it takes a function of t and of its place."
    t, row, column, anchor, cell = np.array([0.4, -1.1, 0.3, -0.2]), 2, 4, (20.0, 50.0), 16
    given = np.asarray(answer(t.copy(), row, column, anchor, cell), dtype=float)
    if given.shape != (4,):
        return f"your function gives the shape {given.shape}. A box has four numbers."
    middle, size = _box_of(t, row, column, anchor, cell)
    if np.allclose(given, _corners(middle, size)):
        other = np.array([-0.7, 2.0, -0.5, 0.9]), 5, 0, (60.0, 30.0), 32
        if np.allclose(np.asarray(answer(*other), dtype=float), _corners(*_box_of(*other))):
            return None
        return "your function is right for a cell of 16 pixels and one anchor, but not for others."
    at = np.array([column, row])
    sigmoid, swapped = _sigmoid(t[:2]), np.array([anchor[0], anchor[1]]) * np.exp(t[2:])
    for mistake, what in (
        (np.concatenate([middle, size]), "you give midpoint and size. Where are the corners?"),
        (_corners(at * cell + t[:2] * cell, size), "your midpoint uses t as it is, without σ."),
        (_corners(at * cell + sigmoid, size), "your midpoint adds a share of a cell to pixels."),
        (_corners(sigmoid * cell, size), "your midpoint is counted from the corner of its cell."),
        (
            _corners((at[::-1] + sigmoid) * cell, size),
            "you took the row for x. Which of row and column tells how far right?",
        ),
        (_corners(middle, swapped), "the third number is t_h and the fourth is t_w."),
        (
            _corners(middle, size * cell),
            "your size is a multiple of the cell. In what unit is the anchor?",
        ),
        (_corners(middle, np.exp(t[[3, 2]]) * cell), "your size leaves out the anchor."),
        (
            _corners(middle, np.array(anchor) + t[[3, 2]]),
            "your size adds t to the anchor. Could it become negative?",
        ),
        (
            np.concatenate([middle - size, middle + size]),
            "your box is twice as large as the size says.",
        ),
    ):
        if np.allclose(given, mistake):
            return what
    if np.allclose(given[:2] + given[2:], 2 * middle):
        return (
            f"the midpoint is right, the size {(given[2:] - given[:2]).round(2).tolist()} is not."
        )
    return "the midpoint is not right. Begin with a t of zeros: where should that box be?"


EXERCISES = (
    Exercise(
        "3.10",
        _judge_crowd,
        "A cell knows midpoints only. Small boxes have their midpoints close together without "
        "touching. How many do you need for one cell of 100 × 100 pixels?",
        """
        # Three midpoints in the first cell of 3 x 3, which has two anchors. In a grid of 6 x 6 a
        # cell has 50 x 50 pixels: these three lie in three of them.
        crowd = [[10, 10, 40, 40], [60, 10, 90, 40], [10, 60, 40, 90]]
        """,
        "It is not the overlap that fills a cell, but small objects in a group: a flock of birds. "
        "The first YOLO had a coarse grid and was weak on just these.",
    ),
    Exercise(
        "3.11",
        _judge_vector,
        "First the midpoint, then its cell. Divide all lengths by the side of a cell; of the "
        "midpoint only what lies beyond the cell's corner counts.",
        """
        # The midpoint is (190, 50), a cell has 100 x 100 pixels: row 0, column 1. From that cell's
        # corner (100, 0) it is 90 to the right and 50 down. The box is 60 high and 120 wide.
        place = (0, 1)
        y_cell = [1, 0.9, 0.5, 0.6, 1.2, 0, 0, 1]
        """,
        "b_w exceeds 1, because the box is wider than its cell. b_x and b_y never do.",
    ),
    Exercise(
        "3.12",
        _judge_box_of,
        "Two lines: the midpoint is (column + σ(t_x)) cells from the left, and so on downward; "
        "the size is the anchor's, stretched by e to the power of t. Then take half of the size "
        "to each side.",
        """
        def box_of(t, row, column, anchor, cell):
            t_x, t_y, t_h, t_w = t
            x = (column + 1 / (1 + np.exp(-t_x))) * cell
            y = (row + 1 / (1 + np.exp(-t_y))) * cell
            width, height = anchor[0] * np.exp(t_w), anchor[1] * np.exp(t_h)
            return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
        """,
        "Whatever four numbers come in, a real box comes out, and its midpoint is in its cell.",
    ),
)
