"""What a region should answer: the class of the object it covers, and how to correct its box."""

import math

from keras import ops

# Corrections are divided by these, so that all four are about as large as the class's scores.
VARIANCES = (0.1, 0.1, 0.2, 0.2)
COVERED = 0.5  # IoU from which on a region shows an object
_MOST_GROWTH = math.log(1000 / 16)  # of a side, in the logarithm, as in the authors' code


def encode_corrections(boxes, regions):
    """How each region has to move and grow to become its box.

    With midpoints (x, y) and sizes (w, h): (Δx / w, Δy / h, log w'/w, log h'/h) / `VARIANCES`.

    Parameters
    ----------
    boxes, regions : (…, 4) tensors
        Corners (x_min, y_min, x_max, y_max) in pixels; a side below a pixel counts as one.

    Returns
    -------
    (…, 4) tensor

    References
    ----------
    Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object detection
    and semantic segmentation" (2013), appendix C, https://arxiv.org/abs/1311.2524.

    Examples
    --------
    >>> moved = encode_corrections([[12.0, 10.0, 32.0, 30.0]], [[10.0, 10.0, 30.0, 30.0]])
    >>> ops.convert_to_numpy(moved).round(4).tolist()
    [[1.0, 0.0, 0.0, 0.0]]
    """
    (centers, sizes), (region_centers, region_sizes) = map(_centers_and_sizes, (boxes, regions))
    moves = (centers - region_centers) / region_sizes
    growth = ops.log(sizes / region_sizes)
    return ops.concatenate([moves, growth], axis=-1) / ops.convert_to_tensor(VARIANCES)


def decode_corrections(corrections, regions, image_shape):
    """The corrected regions, cut off at the picture's border; undoes `encode_corrections`.

    Parameters
    ----------
    corrections, regions : (…, 4) tensors
    image_shape : tuple
        (height, width) of the picture in pixels.

    Returns
    -------
    (…, 4) tensor
        Corners in pixels.

    Examples
    --------
    >>> boxes = decode_corrections([[1.0, 0.0, 0.0, 0.0]], [[10.0, 10.0, 30.0, 30.0]], (96, 31))
    >>> ops.convert_to_numpy(boxes).round(4).tolist()
    [[12.0, 10.0, 31.0, 30.0]]
    """
    centers, sizes = _centers_and_sizes(regions)
    corrections = ops.convert_to_tensor(corrections, "float32") * ops.convert_to_tensor(VARIANCES)
    centers = centers + corrections[..., :2] * sizes
    sizes = sizes * ops.exp(ops.minimum(corrections[..., 2:], _MOST_GROWTH))
    height, width = image_shape
    border = ops.convert_to_tensor([width, height] * 2, "float32")
    corners = ops.concatenate([centers - sizes / 2, centers + sizes / 2], axis=-1)
    return ops.minimum(ops.maximum(corners, 0.0), border)


def overlaps(a, b):
    """IoU of all pairs as a tensor, picture by picture: (m, r, 4) and (m, g, 4) to (m, r, g).

    The formula of `boxes.iou` once more, where it has to run inside a network.
    """
    a, b = a[:, :, None], b[:, None]
    shared = ops.relu(ops.minimum(a[..., 2:], b[..., 2:]) - ops.maximum(a[..., :2], b[..., :2]))
    shared = shared[..., 0] * shared[..., 1]
    area_a, area_b = ((x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1]) for x in (a, b))
    return shared / ops.maximum(area_a + area_b - shared, 1e-6)


def match(regions, boxes, labels, *, background):
    """The class and the box that each region should answer.

    Parameters
    ----------
    regions : (m, r, 4) tensor
    boxes : (m, g, 4) tensor
        Ground truth, filled up to g boxes with zeros, which nothing covers.
    labels : (m, g) tensor
        Their classes.
    background : int
        The class of a region that overlaps no box by `COVERED`.

    Returns
    -------
    classes : (m, r) int tensor
    matched : (m, r, 4) tensor
        The box that the region overlaps most.
    """
    overlap = overlaps(regions, boxes)
    best = ops.argmax(overlap, axis=2)
    label = ops.take_along_axis(ops.cast(labels, "int32"), best, axis=1)
    classes = ops.where(ops.max(overlap, axis=2) >= COVERED, label, background)
    return classes, ops.take_along_axis(boxes, best[..., None], axis=1)


def best_apart(boxes, scores, count, iou_threshold):
    """The `count` best boxes that overlap by no more than the threshold: (m, count) numbers.

    Non-max suppression of a fixed length, inside a network. Where fewer boxes are apart, box 0
    fills the rest.

    Parameters
    ----------
    boxes : (m, n, 4) tensor
    scores : (m, n) tensor
    count : int
    iou_threshold : float

    Examples
    --------
    >>> boxes = ops.convert_to_tensor([[[0.0, 0, 9, 9], [0, 0, 9, 8], [9, 9, 12, 12]]])
    >>> scores = ops.convert_to_tensor([[0.8, 0.9, 0.1]])
    >>> ops.convert_to_numpy(best_apart(boxes, scores, 2, 0.5)).tolist()
    [[1, 2]]
    """
    boxes, scores = ops.stop_gradient(boxes), ops.stop_gradient(scores)
    places, turns = ops.arange(boxes.shape[1]), ops.arange(count)

    def choose(turn, state):
        scores, chosen = state
        best = ops.cast(ops.argmax(scores, axis=1), "int32")[:, None]
        box = ops.take_along_axis(boxes, best[..., None], axis=1)
        dropped = (overlaps(box, boxes)[:, 0] > iou_threshold) | (places == best)
        return ops.where(dropped, -math.inf, scores), ops.where(turns == turn, best, chosen)

    none = ops.cast(ops.zeros_like(scores[:, :count]), "int32")
    return ops.fori_loop(0, count, choose, (scores, none))[1]


def _centers_and_sizes(boxes):
    boxes = ops.convert_to_tensor(boxes, "float32")
    low, high = boxes[..., :2], boxes[..., 2:]
    return (low + high) / 2, ops.maximum(high - low, 1.0)
