"""From a map and boxes of any size to features of one size: RoI pooling and RoI align."""

import math
from numbers import Real

from keras import ops

from cnnlib.models.arguments import whole_numbers


def roi_pool(features, rois, size, *, scale=1.0):
    """RoI pooling: a grid of whole cells over each region, and the maximum of each part.

    The corners are rounded to whole cells, and so are the parts' borders, which may overlap by a
    cell. A part outside the map gives 0. Equal to torchvision's, but for a few large regions (57
    cells in 7 parts) where its 32-bit division takes one cell too many.

    Parameters
    ----------
    features : (m, height, width, channels) tensor
        Maps of m pictures.
    rois : (m, r, 4) tensor
        r regions of each picture, (x_min, y_min, x_max, y_max) in pixels of the picture.
    size : int or (int, int)
        Rows and columns of the answer.
    scale : float
        Cells of the map per pixel of the picture: 1/8 where the network has stride 8.

    Returns
    -------
    (m, r, rows, columns, channels) tensor
        Its gradient goes to `features` alone: the rounded corners have none.

    Raises
    ------
    ValueError, TypeError
        For other shapes, a size below 1, and a scale that is not positive.

    References
    ----------
    Girshick, "Fast R-CNN" (2015), section 2.1, https://arxiv.org/abs/1504.08083.

    Examples
    --------
    >>> maps = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> ops.convert_to_numpy(roi_pool(maps, [[[0, 0, 3, 3]]], 2))[0, 0, :, :, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    features, rois, (rows, columns) = _arguments("roi_pool", features, rois, size, scale)
    height, width = features.shape[1:3]
    corners = rois * scale
    corners = ops.sign(corners) * ops.floor(ops.abs(corners) + 0.5)  # halves away from zero, as C
    left, top, right, bottom = (corners[..., i] for i in range(4))
    beside = [
        _maximum(features[:, None], part[:, :, None, :, None], axis=3)
        for part in _parts(left, right, columns, width)
    ]
    beside = ops.stack(beside, axis=3)  # (m, r, height, columns, channels)
    below = [
        _maximum(beside, part[:, :, :, None, None], axis=2)
        for part in _parts(top, bottom, rows, height)
    ]
    pooled = ops.stack(below, axis=2)
    return ops.where(pooled > -math.inf, pooled, 0.0)


def roi_align(features, rois, size, *, scale=1.0, sampling_ratio=2, aligned=True):
    """RoI align: nothing is rounded, each part is the mean of points read between the cells.

    Parameters
    ----------
    features, rois, size, scale
        As for `roi_pool`.
    sampling_ratio : int
        Points a part in each direction; their values are interpolated linearly in both.
    aligned : bool
        Whether a cell's value stands at its center, half a cell from its corner. The first
        version forgot that half, and made a region one cell large at least.

    Returns
    -------
    (m, r, rows, columns, channels) tensor
        Its gradient goes to `features` alone.

    Raises
    ------
    ValueError, TypeError
        As `roi_pool`, and for a sampling ratio below 1.

    References
    ----------
    He, Gkioxari, Dollár and Girshick, "Mask R-CNN" (2017), section 3,
    https://arxiv.org/abs/1703.06870.

    Examples
    --------
    >>> maps = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> ops.convert_to_numpy(roi_align(maps, [[[0, 0, 4, 4]]], 2))[0, 0, :, :, 0].tolist()
    [[2.5, 4.5], [10.5, 12.5]]
    """
    features, rois, (rows, columns) = _arguments("roi_align", features, rois, size, scale)
    whole_numbers("roi_align", "sampling_ratio", (sampling_ratio,))
    height, width = features.shape[1:3]
    corners = rois * scale - (0.5 if aligned else 0.0)
    start, length = corners[..., :2], corners[..., 2:] - corners[..., :2]
    if not aligned:
        length = ops.maximum(length, 1.0)
    across = _tents(start[..., 0], length[..., 0], columns, sampling_ratio, width)
    down = _tents(start[..., 1], length[..., 1], rows, sampling_ratio, height)
    # The grid of points is a product of rows and columns, so the two directions separate.
    beside = ops.einsum("mrqw,mhwc->mrqhc", across, features)
    return ops.einsum("mrph,mrqhc->mrpqc", down, beside)


def _parts(start, end, count, cells):
    """For each part of the regions in turn, which cells of an axis are in it: (m, r, cells)."""
    start, end = ops.cast(start, "int32"), ops.cast(end, "int32")
    length = ops.maximum(end - start + 1, 1)
    cell = ops.arange(cells, dtype="int32")
    for part in range(count):
        # Whole numbers, so that no backend rounds a border away.
        first = start + ops.floor_divide(part * length, count)
        last = start + ops.floor_divide((part + 1) * length + count - 1, count)
        yield (cell >= first[..., None]) & (cell < last[..., None])


def _maximum(x, chosen, axis):
    """The maximum over the chosen cells of an axis, −∞ where none is chosen."""
    return ops.max(ops.where(chosen, x, -math.inf), axis=axis, initial=-math.inf)


def _tents(start, length, count, ratio, cells):
    """What each cell of an axis counts in each part: (m, r, count, cells), rows add up to 1.

    A point between two cells takes from each as much as it is near: a tent of height 1 over each
    cell. Beyond the last cell's center the map goes on as it ends, for one cell; then it is 0.
    """
    step = (ops.arange(count * ratio, dtype="float32") + 0.5) / (count * ratio)
    places = start[..., None] + length[..., None] * step
    inside = ops.cast((places >= -1) & (places <= cells), "float32")
    places = ops.clip(places, 0, cells - 1)[..., None]
    tents = ops.relu(1 - ops.abs(places - ops.arange(cells, dtype="float32")))
    tents = tents * inside[..., None]
    parts = ops.reshape(tents, (*ops.shape(start), count, ratio, cells))
    return ops.mean(parts, axis=-2)


def _arguments(name, features, rois, size, scale):
    """Maps and regions as float32 tensors, the regions without gradient; (rows, columns)."""
    features = ops.convert_to_tensor(features, "float32")
    rois = ops.stop_gradient(ops.convert_to_tensor(rois, "float32"))
    if len(features.shape) != 4:
        raise ValueError(
            f"{name}: features has shape {tuple(features.shape)}, it needs "
            "(m, height, width, channels)"
        )
    pictures = {features.shape[0], rois.shape[0]} - {None}  # a graph may not know m yet
    if len(rois.shape) != 3 or rois.shape[2] != 4 or len(pictures) > 1:
        raise ValueError(
            f"{name}: rois has shape {tuple(rois.shape)}, it needs (m, r, 4), features have "
            f"m = {features.shape[0]}"
        )
    size = size if isinstance(size, tuple | list) else (size, size)
    whole_numbers(name, "size", size, length=2)
    if isinstance(scale, bool) or not isinstance(scale, Real):
        raise TypeError(f"{name}: scale is {scale!r}, it needs a number")
    if not 0 < scale < math.inf:
        raise ValueError(f"{name}: scale is {scale}, it needs a positive number")
    return features, rois, size
