"""Anchors: a few box shapes, so that several objects whose midpoints share a cell have a place."""

from numbers import Integral

import numpy as np

from cnnlib.detection.arguments import box_array, picture_size

RESTARTS = 10


def fit_anchors(sizes, k, *, seed):
    """The k shapes that cover many boxes best: k-means with the distance 1 − IoU.

    Boxes are compared as if they had one midpoint, so that large and small ones count alike. Each
    shape moves to the median width and height of the boxes nearest to it, as long as the mean IoU
    grows; the best of ten starts counts (Redmon and Farhadi, "YOLO9000: better, faster, stronger",
    2016, https://arxiv.org/abs/1612.08242, section 2). A start is spread as in k-means++.

    Parameters
    ----------
    sizes : (n, 2) array
        Width and height of each box, in pixels.
    k : int
        Number of anchors, at most the number of different sizes.
    seed : int or numpy.random.Generator

    Returns
    -------
    anchors : (k, 2) float array
        Widths and heights in pixels, by growing area.
    mean_iou : float
        Of every box with its best anchor, both with the same midpoint.

    Raises
    ------
    ValueError, TypeError
        Where a size is not positive, k is no whole number or exceeds the number of different sizes.

    Examples
    --------
    >>> anchors, mean_iou = fit_anchors([[40, 20], [42, 20], [44, 20], [10, 30]], 2, seed=0)
    >>> anchors.tolist(), round(mean_iou, 3)
    ([[10.0, 30.0], [42.0, 20.0]], 0.977)
    """
    sizes = size_array("fit_anchors", "sizes", sizes)
    if isinstance(k, bool) or not isinstance(k, Integral):
        raise TypeError(f"fit_anchors: k is {k!r}, it needs a whole number")
    different = len(np.unique(sizes, axis=0))
    if not 1 <= k <= different:
        raise ValueError(f"fit_anchors: k is {k}, {different} different sizes need 1 to that many")
    generator = np.random.default_rng(seed)
    starts = [_spread_start(sizes, k, generator) for _ in range(RESTARTS)]
    anchors, mean_iou = max((_moved(sizes, start) for start in starts), key=lambda found: found[1])
    return anchors[np.argsort(anchors.prod(axis=1), kind="stable")], mean_iou


def shape_iou(a, b):
    """IoU of every size in `a` with every size in `b`, as boxes with the same midpoint.

    Parameters
    ----------
    a, b : (n, 2) and (m, 2) arrays
        Width and height in pixels.

    Returns
    -------
    (n, m) float array

    Examples
    --------
    >>> shape_iou([[40, 20]], [[20, 40], [40, 10]]).round(4).tolist()
    [[0.3333, 0.5]]
    """
    a, b = size_array("shape_iou", "a", a), size_array("shape_iou", "b", b)
    return _shape_iou(a, b)


def assign(boxes, anchors, grid, image_shape):
    """The cell and the anchor that answer for each box.

    The cell is the one with the box's midpoint, the anchor the one with the best IoU. Where an
    earlier box has taken it, the best anchor that is still free answers.

    Parameters
    ----------
    boxes : (n, 4) array
        Corners in pixels; only their midpoints need to lie in the picture.
    anchors : (A, 2) array
        Width and height in pixels.
    grid : int or tuple
        Cells in a column and in a row (S_h, S_w); one number for both.
    image_shape : tuple
        (height, width) of the picture in pixels.

    Returns
    -------
    (n, 3) int array
        Row, column, anchor.

    Raises
    ------
    ValueError
        Where a midpoint lies outside the picture, and where a cell has more boxes than anchors.

    Examples
    --------
    >>> assign([[0, 10, 60, 40], [20, 0, 40, 50]], [[20, 50], [60, 30]], (3, 3), (90, 90)).tolist()
    [[0, 1, 1], [0, 1, 0]]
    """
    boxes = box_array("assign", "boxes", boxes).astype(float)
    anchors = size_array("assign", "anchors", anchors)
    rows, columns = grid_cells("assign", grid)
    height, width = picture_size("assign", image_shape)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    outside = ((centers < 0) | (centers > (width, height))).any(axis=1)
    if outside.any():
        i = outside.argmax()
        raise ValueError(
            f"assign: boxes row {i} is {boxes[i].tolist()} with the midpoint {centers[i].tolist()},"
            f" it needs one inside the picture of {height}×{width} pixels (height×width)"
        )
    # A midpoint on the lower or right border of the picture belongs to the last cell.
    column = np.minimum(centers[:, 0] / width * columns, columns - 1).astype(int)
    row = np.minimum(centers[:, 1] / height * rows, rows - 1).astype(int)
    liked = np.argsort(-_shape_iou(boxes[:, 2:] - boxes[:, :2], anchors), axis=1, kind="stable")
    taken = {}
    for i in range(len(boxes)):
        places = [(int(row[i]), int(column[i]), int(anchor)) for anchor in liked[i]]
        free = [place for place in places if place not in taken]
        if not free:
            there = sorted([taken[place] for place in places] + [i])
            raise ValueError(
                f"assign: boxes {there} all have their midpoints in the cell of row {row[i]}, "
                f"column {column[i]}, which has {len(anchors)} anchors; it needs a finer grid than "
                f"{rows}×{columns} or more anchors"
            )
        taken[free[0]] = i
    return np.array(list(taken), dtype=int).reshape(-1, 3)


def size_array(function, name, sizes):
    """Widths and heights as a float64 array (n, 2), all positive, at least one of them."""
    sizes = np.asarray(sizes)
    if sizes.ndim != 2 or sizes.shape[1] != 2 or len(sizes) == 0:
        raise ValueError(
            f"{function}: {name} has shape {sizes.shape}, it needs (n, 2): width and height"
        )
    if sizes.dtype.kind not in "iuf":
        raise TypeError(f"{function}: {name} has type {sizes.dtype}, it needs numbers")
    wrong = ~((sizes > 0) & np.isfinite(sizes)).all(axis=1)
    if wrong.any():
        row = wrong.argmax()
        raise ValueError(
            f"{function}: {name} row {row} is {sizes[row].tolist()}, it needs a width and a height "
            "above 0"
        )
    return sizes.astype(float)


def grid_cells(function, grid):
    """(S_h, S_w), from one number for both or a pair."""
    pair = grid if isinstance(grid, tuple | list) else (grid, grid)
    if len(pair) != 2:
        raise ValueError(f"{function}: grid is {grid!r}, it needs (rows, columns)")
    for cells in pair:
        if isinstance(cells, bool) or not isinstance(cells, Integral):
            raise TypeError(f"{function}: grid is {grid!r}, it needs whole numbers")
        if cells < 1:
            raise ValueError(f"{function}: grid is {grid!r}, it needs 1 or more cells each way")
    return tuple(int(cells) for cells in pair)


def _shape_iou(a, b):
    shared = np.minimum(a[:, np.newaxis], b).prod(axis=2)
    return shared / (a.prod(axis=1)[:, np.newaxis] + b.prod(axis=1) - shared)


def _spread_start(sizes, k, generator):
    """k different sizes, each drawn the more likely the worse those before it cover it."""
    chosen = sizes[generator.integers(len(sizes), size=1)]
    while len(chosen) < k:
        uncovered = 1 - _shape_iou(sizes, chosen).max(axis=1)
        drawn = generator.choice(len(sizes), p=uncovered / uncovered.sum())
        chosen = np.concatenate([chosen, sizes[[drawn]]])
    return chosen


def _moved(sizes, anchors):
    """The anchors after k-means has moved them as long as the mean IoU grew, and that mean."""
    overlap = _shape_iou(sizes, anchors)
    while True:
        nearest = overlap.argmax(axis=1)
        medians = [
            np.median(sizes[nearest == i], axis=0) if (nearest == i).any() else anchor
            for i, anchor in enumerate(anchors)
        ]
        moved = _shape_iou(sizes, np.array(medians))
        if moved.max(axis=1).mean() <= overlap.max(axis=1).mean():
            return anchors, float(overlap.max(axis=1).mean())
        anchors, overlap = np.array(medians), moved
