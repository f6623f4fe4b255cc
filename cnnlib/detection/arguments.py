"""What every detector and measure asks of boxes, labels and scores before it computes with them."""

from numbers import Integral, Real

import numpy as np


def box_array(function, name, boxes):
    """Boxes as a float array (n, 4) of corners (x_min, y_min, x_max, y_max); [] has none."""
    boxes = four_columns(function, name, boxes)
    inside_out = (boxes[:, 2] < boxes[:, 0]) | (boxes[:, 3] < boxes[:, 1])
    if inside_out.any():
        row = inside_out.argmax()
        raise ValueError(
            f"{function}: {name} row {row} is {boxes[row].tolist()}, it needs x_min ≤ x_max and "
            "y_min ≤ y_max"
        )
    return boxes


def four_columns(function, name, boxes):
    """Boxes of any format as a float array (n, 4) of finite numbers, float32 at least."""
    boxes = _numbers(function, name, boxes)
    if boxes.shape == (0,):
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{function}: {name} has shape {boxes.shape}, it needs (n, 4)")
    if not np.isfinite(boxes).all():
        row = (~np.isfinite(boxes)).any(axis=1).argmax()
        raise ValueError(
            f"{function}: {name} row {row} is {boxes[row].tolist()}, it needs finite numbers"
        )
    return boxes


def score_array(function, scores, n, *, name="scores"):
    """Scores as a float array (n,), none of them NaN."""
    scores = _numbers(function, name, scores)
    _one_each(function, name, scores, n)
    if np.isnan(scores).any():
        raise ValueError(f"{function}: {name} holds NaN at {np.isnan(scores).argmax()}")
    return scores


def whole_labels(function, labels, n, classes=None, *, name="labels"):
    """Labels as an int64 array (n,) of 0 or more, below `classes` where that is given."""
    labels = _array(function, name, labels)
    if labels.size and labels.dtype.kind not in "iu":
        raise TypeError(f"{function}: {name} has type {labels.dtype}, it needs whole numbers")
    _one_each(function, name, labels, n)
    limit = np.inf if classes is None else classes
    outside = (labels < 0) | (labels >= limit)
    if outside.any():
        wanted = "0 or more" if classes is None else f"0 to {classes - 1}"
        raise ValueError(f"{function}: {name} holds {labels[outside][0]}, it needs {wanted}")
    return labels.astype(np.int64)


def targets_of(function, targets, classes=None):
    """Ground truth, a list with {"boxes", "labels"} for each picture, checked."""
    return [
        _boxes_and_labels(function, f"targets[{i}]", target, ("boxes", "labels"), classes)
        for i, target in enumerate(_pictures(function, "targets", targets))
    ]


def detections_of(function, detections, classes=None):
    """Detections, a list with {"boxes", "scores", "labels"} for each picture, checked."""
    keys = ("boxes", "scores", "labels")
    return [
        _boxes_and_labels(function, f"detections[{i}]", found, keys, classes)
        for i, found in enumerate(_pictures(function, "detections", detections))
    ]


def share(function, name, value):
    """A number from 0 to 1, such as a threshold."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} is {value!r}, it needs a number from 0 to 1")
    if not 0 <= value <= 1:
        raise ValueError(f"{function}: {name} is {value}, it needs a number from 0 to 1")
    return float(value)


def whole_number(function, name, value, *, least):
    """A whole number that is not below the least."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {name} is {value!r}, it needs a whole number")
    if value < least:
        raise ValueError(f"{function}: {name} is {value}, it needs {least} or more")
    return int(value)


def picture_size(function, image_shape):
    """(height, width) in pixels, from a shape that may have channels behind them."""
    if not isinstance(image_shape, tuple | list) or len(image_shape) not in (2, 3):
        raise ValueError(f"{function}: image_shape is {image_shape!r}, it needs (height, width)")
    for side in image_shape[:2]:
        if isinstance(side, bool) or not isinstance(side, Real):
            raise TypeError(f"{function}: image_shape holds {side!r}, it needs numbers of pixels")
        if not 0 < side < np.inf:
            raise ValueError(f"{function}: image_shape is {tuple(image_shape)}, it needs sides > 0")
    return tuple(image_shape[:2])


def one_of(function, name, value, choices):
    """The value, which has to be among the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{function}: {name} is {value!r}, it needs one of {list(choices)}")
    return value


def _pictures(function, name, pictures):
    if not isinstance(pictures, list | tuple):
        raise TypeError(
            f"{function}: {name} is a {type(pictures).__name__}, it needs a list with a "
            "dictionary for each picture"
        )
    return pictures


def _boxes_and_labels(function, name, picture, keys, classes):
    if not isinstance(picture, dict):
        raise TypeError(
            f"{function}: {name} is a {type(picture).__name__}, it needs a dictionary with "
            f"{list(keys)}"
        )
    missing = [key for key in keys if key not in picture]
    if missing:
        raise ValueError(f"{function}: {name} has no {missing[0]!r}, it needs {list(keys)}")
    boxes = box_array(function, f"{name}['boxes']", picture["boxes"])
    checked = {"boxes": boxes}
    if "scores" in keys:
        checked["scores"] = score_array(
            function, picture["scores"], len(boxes), name=f"{name}['scores']"
        )
    checked["labels"] = whole_labels(
        function, picture["labels"], len(boxes), classes, name=f"{name}['labels']"
    )
    return checked


def _array(function, name, values):
    try:
        return np.asarray(values)
    except (ValueError, TypeError) as error:  # rows of different lengths
        raise ValueError(f"{function}: {name} is no array: {error}") from error


def _numbers(function, name, values):
    values = _array(function, name, values)
    if values.dtype.kind not in "iuf":
        raise TypeError(f"{function}: {name} has type {values.dtype}, it needs numbers")
    return values.astype(np.promote_types(values.dtype, np.float32), copy=False)


def _one_each(function, name, values, n):
    if values.shape != (n,):
        raise ValueError(
            f"{function}: {name} has shape {values.shape}, it needs ({n},), one for each box"
        )
