"""The volume of a picture: for each anchor of each cell whether something is there, where, what.

A volume has the shape (S_h, S_w, A, 5 + C): for each of the A anchors of a cell the numbers
p_c, b_x, b_y, b_h, b_w, c_1 … c_C, in one of two parametrizations.

- `"cell"`, the course's: p_c and the classes from 0 to 1, the midpoint b_x, b_y as a share of the
  cell, height b_h and width b_w in cells, which may exceed 1.
- `"priors"`, the later paper's: raw numbers t of a network. p_c, b_x and b_y are σ(t), height and
  width are the anchor's times exp(t_h) and exp(t_w), the classes a softmax, or a sigmoid each
  (Redmon and Farhadi, "YOLO9000", 2016, https://arxiv.org/abs/1612.08242).
"""

import numpy as np
from scipy.special import expit, logit, softmax

from cnnlib.detection.anchors import assign, grid_cells, shape_iou, size_array
from cnnlib.detection.arguments import (
    box_array,
    one_of,
    picture_size,
    share,
    whole_labels,
    whole_number,
)
from cnnlib.detection.boxes import convert, iou

PARAMETRIZATIONS = "cell", "priors"
CLASS_ACTIVATIONS = "softmax", "sigmoid"
RESPONSIBLE = 0.5  # IoU of shapes from which a second anchor of the cell learns the object as well
IGNORED = 0.6  # IoU of an anchor in its cell's middle with an object from which it is not blamed


def encode(
    boxes,
    labels,
    *,
    grid,
    anchors,
    classes,
    image_shape,
    parametrization="cell",
    class_activation="softmax",
):
    """The volume that a perfect network would give for a picture.

    Each box goes to the cell of its midpoint and the anchor with the best IoU, or the next one
    where an earlier box has taken that (`anchors.assign`). Everything else is 0.

    Parameters
    ----------
    boxes : (n, 4) array
        Corners (x_min, y_min, x_max, y_max) in pixels. They may reach out of the picture.
    labels : (n,) array of int
        0 to classes − 1; all 0 where classes is 0.
    grid : int or tuple
        Cells in a column and in a row (S_h, S_w); one number for both.
    anchors : (A, 2) array
        Width and height in pixels.
    classes : int
        Number of classes C, 0 for a single kind of thing.
    image_shape : tuple
        (height, width) of the picture in pixels.
    parametrization, class_activation : str
        As in `decode`. `"priors"` gives the raw numbers t, among them −∞ and ∞ for shares of 0
        and 1.

    Returns
    -------
    (S_h, S_w, A, 5 + C) float64 array

    Raises
    ------
    ValueError
        Where a midpoint lies outside the picture, a cell has more boxes than anchors, a box is
        inside out or not finite, or a label is no class.

    Examples
    --------
    >>> car = [[50, 50, 170, 110]]  # a picture of 300 × 300 pixels and a grid of 3 × 3
    >>> y = encode(
    ...     car, [1], grid=3, anchors=[[40, 90], [90, 40]], classes=3, image_shape=(300, 300)
    ... )
    >>> y.shape, y[0, 1, 1].round(4).tolist()
    ((3, 3, 2, 8), [1.0, 0.1, 0.8, 0.6, 1.2, 0.0, 1.0, 0.0])
    """
    boxes = box_array("encode", "boxes", boxes).astype(float)
    labels = whole_labels("encode", labels, len(boxes), max(class_count("encode", classes), 1))
    anchors = size_array("encode", "anchors", anchors)
    rows, columns = grid_cells("encode", grid)
    cell = cell_size("encode", image_shape, (rows, columns))
    _require_choices("encode", parametrization, class_activation)
    row, column, _ = places = tuple(assign(boxes, anchors, (rows, columns), image_shape).T)

    y = np.zeros((rows, columns, len(anchors), 5 + classes))
    in_cells = convert(boxes, "xyxy", "center_yxhw") / np.tile(cell, 2)
    y[(*places, 0)] = 1
    y[(*places, 1)] = np.clip(in_cells[:, 1] - column, 0, 1)  # rounding may carry it beyond
    y[(*places, 2)] = np.clip(in_cells[:, 0] - row, 0, 1)
    y[(*places, slice(3, 5))] = in_cells[:, 2:]
    if classes:
        y[(*places, 5 + labels)] = 1
    if parametrization == "cell":
        return y
    return _raw(y, anchors[:, ::-1] / cell, class_activation)


def decode(
    y,
    *,
    anchors,
    image_shape,
    score_threshold=0.0,
    parametrization="cell",
    class_activation="softmax",
):
    """The boxes, scores and labels that a volume stands for, best score first.

    A score is p_c times the probability of the likeliest class, p_c alone where there are no
    classes. Nothing is suppressed here: that is left to `nms`.

    Parameters
    ----------
    y : (S_h, S_w, A, 5 + C) array
        What `encode` or a network gives for one picture.
    anchors : (A, 2) array
        Width and height in pixels.
    image_shape : tuple
        (height, width) of the picture in pixels.
    score_threshold : float
        From 0 to 1; only larger scores are kept.
    parametrization : "cell" or "priors"
        How the numbers are meant, see above.
    class_activation : "softmax" or "sigmoid"
        What makes probabilities of the raw classes, with `"priors"`.

    Returns
    -------
    dict
        `boxes` (n, 4) corners in pixels, `scores` (n,), `labels` (n,) int64.

    Raises
    ------
    ValueError
        Where y has another form or holds NaN, and for a threshold outside 0…1.

    Examples
    --------
    >>> form = {"anchors": [[40, 90], [90, 40]], "image_shape": (300, 300)}
    >>> y = encode([[50, 50, 170, 110]], [1], grid=3, classes=3, **form)
    >>> {name: value.round(6).tolist() for name, value in decode(y, **form).items()}
    {'boxes': [[50.0, 50.0, 170.0, 110.0]], 'scores': [1.0], 'labels': [1]}
    """
    anchors = size_array("decode", "anchors", anchors)
    y = _volume("decode", y, len(anchors))
    cell = cell_size("decode", image_shape, y.shape[:2])
    score_threshold = share("decode", "score_threshold", score_threshold)
    _require_choices("decode", parametrization, class_activation)
    if parametrization == "priors":
        y = _activated(y, anchors[:, ::-1] / cell, class_activation)
    scores, labels = class_scores(y)
    kept = scores > score_threshold
    row, column, _ = np.nonzero(kept)
    b_x, b_y, b_h, b_w = y[kept][:, 1:5].T
    center = np.column_stack([column + b_x, row + b_y]) * cell[::-1]
    half = np.column_stack([b_w, b_h]) * cell[::-1] / 2
    best_first = np.argsort(-scores[kept], kind="stable")
    boxes = np.concatenate([center - half, center + half], axis=1)
    return {
        "boxes": boxes[best_first],
        "scores": scores[kept][best_first],
        "labels": labels[kept][best_first],
    }


def class_scores(y):
    """The score of each answer, p_c times its best class, and which class that is.

    Parameters
    ----------
    y : (…, 5 + C) array
        In the parametrization `"cell"`. Without classes, C = 0, the score is p_c and the label 0.

    Returns
    -------
    scores, labels : (…) arrays, float and int64

    Examples
    --------
    >>> scores, labels = class_scores(np.array([[0.5, 0.2, 0.7, 1, 2, 0.1, 0.9]]))
    >>> scores.tolist(), labels.tolist()
    ([0.45], [1])
    """
    y = np.asarray(y)
    if y.shape[-1] == 5:
        return y[..., 0], np.zeros(y.shape[:-1], np.int64)
    products = y[..., :1] * y[..., 5:]
    return products.max(axis=-1), products.argmax(axis=-1)


def training_target(boxes, labels, *, grid, anchors, classes, image_shape):
    """What the loss compares with: `encode`'s volume, with helpers, and with some left in peace.

    The cell's other anchors whose shape has an IoU above 0.5 with the box are responsible for it
    as well, unless they have a box of their own. Any other anchor that overlaps a box by more than
    0.6, put in the middle of its cell, is ignored: its p_c is −1, and it costs nothing whatever it
    says.

    Parameters and errors are those of `encode`; in addition a box without width or height raises,
    for it has no logarithm.

    Returns
    -------
    (S_h, S_w, A, 5 + C) float64 array
        p_c is 1 for responsible anchors, 0 for empty ones, −1 for ignored ones.
    """
    form = {"grid": grid, "anchors": anchors, "classes": classes, "image_shape": image_shape}
    y = encode(boxes, labels, **form)
    boxes, anchors = box_array("training_target", "boxes", boxes), np.asarray(anchors, dtype=float)
    if len(boxes) == 0:
        return y
    sizes = size_array("training_target", "sizes of boxes,", boxes[:, 2:] - boxes[:, :2])
    fits = shape_iou(sizes, anchors) > RESPONSIBLE
    for (row, column, anchor), fitting in zip(
        assign(boxes, anchors, grid, image_shape), fits, strict=True
    ):
        helpers = fitting & (y[row, column, :, 0] == 0)
        y[row, column, helpers] = y[row, column, anchor]
    rows, columns = y.shape[:2]
    cell = cell_size("training_target", image_shape, (rows, columns))
    middle = (np.moveaxis(np.indices((rows, columns)), 0, 2) + 0.5) * cell
    middle = middle[:, :, np.newaxis, ::-1]
    placed = np.concatenate([middle - anchors / 2, middle + anchors / 2], axis=3)
    overlap = iou(placed.reshape(-1, 4), boxes).max(axis=1).reshape(y.shape[:3])
    y[(overlap > IGNORED) & (y[..., 0] == 0), 0] = -1
    return y


def class_count(function, classes):
    """A number of classes, 0 for a single kind of thing."""
    return whole_number(function, "classes", classes, least=0)


def cell_size(function, image_shape, grid):
    """Height and width of a cell in pixels, (2,) float array."""
    return np.array(picture_size(function, image_shape)) / grid


def _require_choices(function, parametrization, class_activation):
    one_of(function, "parametrization", parametrization, PARAMETRIZATIONS)
    one_of(function, "class_activation", class_activation, CLASS_ACTIVATIONS)


def _volume(function, y, anchors):
    """A volume as a float64 array, with as many anchors as there have to be."""
    y = np.asarray(y)
    if y.dtype.kind not in "iuf":
        raise TypeError(f"{function}: y has type {y.dtype}, it needs numbers")
    if y.ndim != 4 or y.shape[2] != anchors or y.shape[3] < 5 or 0 in y.shape:
        raise ValueError(
            f"{function}: y has shape {y.shape}, {anchors} anchors need "
            f"(S_h, S_w, {anchors}, 5 + classes)"
        )
    if np.isnan(y).any():
        raise ValueError(f"{function}: y holds NaN at {np.argwhere(np.isnan(y))[0].tolist()}")
    return y.astype(float)


def _activated(t, priors, class_activation):
    """From `"priors"` to `"cell"`; priors are the anchors' height and width in cells, (A, 2)."""
    y = np.empty_like(t)
    y[..., :3] = expit(t[..., :3])
    y[..., 3:5] = priors * np.exp(t[..., 3:5])
    if class_activation == "sigmoid":
        y[..., 5:] = expit(t[..., 5:])
    elif t.shape[-1] > 5:
        y[..., 5:] = softmax(t[..., 5:], axis=-1)
    return y


def _raw(y, priors, class_activation):
    """From `"cell"` to `"priors"`; an anchor without a box says so, and 0 for all the rest."""
    full = y[..., 0] > 0
    t = np.zeros_like(y)
    t[..., 0] = logit(y[..., 0])
    t[full, 1:3] = logit(y[full, 1:3])
    with np.errstate(divide="ignore"):
        t[full, 3:5] = np.log((y[..., 3:5] / priors)[full])
        classes = y[full, 5:]
        t[full, 5:] = logit(classes) if class_activation == "sigmoid" else np.log(classes)
    return t
