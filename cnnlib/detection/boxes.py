"""Boxes: their formats, their areas, and how much two of them overlap.

Coordinates are continuous: a box from x = 2 to x = 4 is 2 wide, and boxes that touch share nothing.
"""

import numpy as np

from cnnlib.detection.arguments import box_array, four_columns, one_of, picture_size

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)
_BLOCK = 1 << 15  # numbers in one block of pairs: a few such arrays fit into the processor's cache


def convert(boxes, source, target, *, image_shape=None):
    """Boxes in another format, by the names that Keras gives the formats.

    Parameters
    ----------
    boxes : (n, 4) array
        In the format `source`.
    source, target : str
        `"xyxy"` corners, `"yxyx"` corners with y first, `"xywh"` upper left corner and size,
        `"center_xywh"` and `"center_yxhw"` midpoint and size; with `"rel_"` before one of the first
        four, as shares of the picture's width and height.
    image_shape : tuple, optional
        (height, width) of the picture in pixels, for formats with `rel_`.

    Returns
    -------
    (n, 4) float array
        float32 for float32 boxes, else float64.

    Raises
    ------
    ValueError
        Where a format is unknown, `image_shape` is missing, or a box is inside out, of negative
        size, or not finite.

    Examples
    --------
    >>> convert([[10, 20, 30, 60]], "xyxy", "center_xywh").tolist()
    [[20.0, 40.0, 20.0, 40.0]]
    """
    boxes = four_columns("convert", "boxes", boxes)
    one_of("convert", "source", source, FORMATS)
    one_of("convert", "target", target, FORMATS)
    relative = [name.startswith("rel_") for name in (source, target)]
    if any(relative) and image_shape is None:
        raise ValueError(
            f"convert: image_shape is None, it needs (height, width) to go from {source!r} to "
            f"{target!r}"
        )
    height, width = picture_size("convert", image_shape) if any(relative) else (1, 1)
    corners = _corners(boxes, source.removeprefix("rel_"))
    box_array("convert", "boxes (as corners)", corners)
    if relative[0] != relative[1]:
        scale = np.asarray((width, height, width, height), dtype=corners.dtype)
        corners = corners * scale if relative[0] else corners / scale
    return _from_corners(corners, target.removeprefix("rel_"))


def area(boxes):
    """The area of each box, (n,), in square pixels.

    Parameters
    ----------
    boxes : (n, 4) array
        Corners (x_min, y_min, x_max, y_max).

    Examples
    --------
    >>> area([[10, 20, 30, 60], [5, 5, 5, 9]]).tolist()
    [800.0, 0.0]
    """
    return _area(box_array("area", "boxes", boxes))


def iou(a, b):
    """Intersection over union of every box of `a` with every box of `b`.

    Parameters
    ----------
    a, b : (n, 4) and (m, 4) arrays
        Corners (x_min, y_min, x_max, y_max).

    Returns
    -------
    (n, m) float array
        0 for boxes that are apart, 1 for equal ones. Where the union has no area it is 0.

    Raises
    ------
    ValueError
        Where a box is inside out or not finite, or the last axis is not 4.

    Examples
    --------
    >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [2, 2, 3, 3], [0, 0, 2, 2]]).round(4).tolist()
    [[0.3333, 0.0, 1.0]]
    """
    a, b = _two("iou", a, b)
    result = np.empty((len(a), len(b)), dtype=a.dtype)
    with np.errstate(invalid="ignore"):  # 0 / 0, which the last line settles
        for rows, intersection, union in _overlaps(a, b):
            np.divide(intersection, union, out=result[rows])
    result[np.ix_(_area(a) == 0, _area(b) == 0)] = 0
    return result


def generalized_iou(a, b):
    """IoU less the share of the smallest box around both that neither covers.

    Between −1 and 1, equal to IoU where one box holds the other; of boxes that are apart it tells
    how far. Rezatofighi et al., "Generalized Intersection over Union", 2019
    (https://arxiv.org/abs/1902.09630), algorithm 1.

    Parameters
    ----------
    a, b : (n, 4) and (m, 4) arrays
        Corners (x_min, y_min, x_max, y_max).

    Returns
    -------
    (n, m) float array
        Where the box around both has no area it is 0.

    Raises
    ------
    ValueError
        Where a box is inside out or not finite, or the last axis is not 4.

    Examples
    --------
    >>> generalized_iou([[0, 0, 1, 1]], [[1, 0, 2, 1], [3, 0, 4, 1]]).tolist()
    [[0.0, -0.5]]
    """
    a, b = _two("generalized_iou", a, b)
    result = iou(a, b)
    for rows, _, union in _overlaps(a, b):
        around = _around(a[rows], b)
        uncovered = around - union
        result[rows] -= np.divide(uncovered, around, out=uncovered, where=around > 0)
    return result


def clip(boxes, image_shape):
    """The part of each box that lies in the picture; one that lies outside has no area left.

    Parameters
    ----------
    boxes : (n, 4) array
        Corners (x_min, y_min, x_max, y_max) in pixels.
    image_shape : tuple
        (height, width) of the picture.

    Examples
    --------
    >>> clip([[-5, 10, 30, 120], [70, 0, 90, 9]], (100, 60)).tolist()
    [[0.0, 10.0, 30.0, 100.0], [60.0, 0.0, 60.0, 9.0]]
    """
    boxes = box_array("clip", "boxes", boxes)
    height, width = picture_size("clip", image_shape)
    return np.clip(boxes, 0, np.asarray((width, height, width, height), dtype=boxes.dtype))


def _corners(boxes, source):
    """From a format in pixels to corners."""
    if source.startswith("y") or source.endswith("yxhw"):
        boxes = boxes[:, [1, 0, 3, 2]]
    first, second = boxes[:, :2], boxes[:, 2:]
    if source.startswith("center"):
        return np.concatenate([first - second / 2, first + second / 2], axis=1)
    if source == "xywh":
        return np.concatenate([first, first + second], axis=1)
    return boxes


def _from_corners(corners, target):
    """From corners to a format in pixels, always a new array."""
    low, high = corners[:, :2], corners[:, 2:]
    if target.startswith("center"):
        low, high = (low + high) / 2, high - low
    elif target == "xywh":
        high = high - low
    boxes = np.concatenate([low, high], axis=1)
    yx = target.startswith("y") or target.endswith("yxhw")
    return boxes[:, [1, 0, 3, 2]] if yx else boxes


def _area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _two(function, a, b):
    """Both sets of boxes, checked, in the wider of their types."""
    a, b = box_array(function, "a", a), box_array(function, "b", b)
    common = np.promote_types(a.dtype, b.dtype)
    return a.astype(common, copy=False), b.astype(common, copy=False)


def _overlaps(a, b):
    """Rows of a, and the areas of intersection and union of these with all of b.

    Block by block, so that what is computed on the way stays in the cache; the two arrays are
    written over by the next block.
    """
    rows_at_once = max(1, _BLOCK // max(1, len(b)))
    buffers = np.empty((3, min(rows_at_once, len(a)), len(b)), dtype=a.dtype)
    x_min, y_min, x_max, y_max = np.ascontiguousarray(b.T)
    area_a, area_b = _area(a), _area(b)
    for start in range(0, len(a), rows_at_once):
        rows = slice(start, min(start + rows_at_once, len(a)))
        left, top, right, bottom = a[rows].T[..., np.newaxis]
        width, height, other = buffers[:, : rows.stop - start]
        np.minimum(right, x_max, out=width)
        width -= np.maximum(left, x_min, out=other)
        np.maximum(width, 0, out=width)
        np.minimum(bottom, y_max, out=height)
        height -= np.maximum(top, y_min, out=other)
        np.maximum(height, 0, out=height)
        intersection = np.multiply(width, height, out=width)
        union = np.add(area_a[rows, np.newaxis], area_b, out=height)
        union -= intersection
        yield rows, intersection, union


def _around(a, b):
    """The area of the smallest box around each pair, (n, m)."""
    low = np.minimum(a[:, np.newaxis, :2], b[:, :2])
    high = np.maximum(a[:, np.newaxis, 2:], b[:, 2:])
    return np.prod(high - low, axis=-1)
