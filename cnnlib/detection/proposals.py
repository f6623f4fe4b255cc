"""Region proposals: boxes that may hold something, by segmentation and without any training."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import find_objects
from skimage.segmentation import felzenszwalb

from cnnlib.detection.arguments import share, targets_of
from cnnlib.detection.boxes import iou

SMOOTHING = 1.0  # pixels, of the Gaussian before the segmentation
LEAST_SEGMENT = 12  # pixels
BINS = 25  # of a channel's histogram, as in the paper


class Hierarchy(NamedTuple):
    """Segments and everything they were merged to; region n + k is what merge k made."""

    boxes: np.ndarray
    merges: np.ndarray


def segment_proposals(image, *, count=200, scales=(20, 60, 150), least=6, most=0.75, seed=0):
    """Boxes around the segments of a picture and around what they merge to: selective search.

    Each scale gives a segmentation (Felzenszwalb and Huttenlocher), and each segmentation a
    hierarchy by `merge_segments`. The boxes of all hierarchies are pooled, and `count` of them
    drawn. Their order is random: the hierarchy itself would put one size of thing first. So the
    first k of them are a fair draw of k as well.

    Parameters
    ----------
    image : (height, width, 3) array
        Colors in 0…1.
    count : int
        Boxes at most; fewer where the picture has fewer.
    scales : sequence of float
        A larger scale gives larger segments.
    least : float
        Pixels that a box's shorter side has at least.
    most : float
        Its longer side at most, as a share of the picture's longer side.
    seed : int
        Of the order.

    Returns
    -------
    (n, 4) float32 array
        Boxes (x_min, y_min, x_max, y_max) in pixels, all different, n ≤ count.

    Raises
    ------
    ValueError
        Where the image has another shape or values outside 0…1, and for a count below 1.

    References
    ----------
    Uijlings, van de Sande, Gevers and Smeulders, "Selective search for object recognition" (2013),
    https://doi.org/10.1007/s11263-013-0620-5; here in one color space and without texture.
    Felzenszwalb and Huttenlocher, "Efficient graph-based image segmentation" (2004),
    https://doi.org/10.1023/B:VISI.0000022288.19776.77.

    Examples
    --------
    >>> image = np.zeros((40, 60, 3)); image[10:30, 20:50] = 1
    >>> [20.0, 10.0, 50.0, 30.0] in segment_proposals(image).tolist()
    True
    """
    image = _image("segment_proposals", image)
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise ValueError(f"segment_proposals: count is {count!r}, it needs a whole number from 1")
    found = []
    for scale in scales:
        segments = felzenszwalb(image, scale, sigma=SMOOTHING, min_size=LEAST_SEGMENT)
        found.append(merge_segments(image, segments).boxes)
    boxes = np.unique(np.concatenate(found), axis=0)
    lengths = boxes[:, 2:] - boxes[:, :2]
    longest = share("segment_proposals", "most", most) * max(image.shape[:2])
    boxes = boxes[((lengths >= least) & (lengths <= longest)).all(axis=1)]
    return np.random.default_rng(seed).permutation(boxes)[:count]


def merge_segments(image, segments):
    """Merge the two most similar neighbors, again and again, until one region is left.

    Similar are regions whose colors agree (intersection of their histograms), that are small, and
    that fill the box around both: the sum of these three, each in 0…1.

    Parameters
    ----------
    image : (height, width, 3) array
        Colors in 0…1.
    segments : (height, width) int array
        The number of each pixel's segment, from 0 to n − 1, none left out.

    Returns
    -------
    Hierarchy
        `boxes`, (2n − 1, 4) float32: of the n segments, then of what each merge made. `merges`,
        (n − 1, 2) int: the two regions that became region n, n + 1, …

    Raises
    ------
    ValueError
        Where the shapes differ or a number of a segment is left out.

    References
    ----------
    Uijlings et al. (2013), section 3.2, equations 1, 4 and 5.

    Examples
    --------
    >>> gray = np.array([[0.9, 0.9, 0.5, 0.9, 0.5]])
    >>> segments = np.array([[0, 0, 1, 2, 3]])
    >>> merge_segments(np.stack([gray] * 3, axis=-1), segments).merges.tolist()
    [[1, 2], [3, 4], [0, 5]]
    """
    image = _image("merge_segments", image)
    segments = np.asarray(segments)
    if segments.shape != image.shape[:2]:
        raise ValueError(
            f"merge_segments: segments has shape {segments.shape}, it needs {image.shape[:2]}"
        )
    n = int(segments.max()) + 1
    sizes, boxes, colors = (
        np.concatenate([part, np.zeros((n - 1, *part.shape[1:]), part.dtype)])
        for part in (np.bincount(segments.ravel()), _boxes(segments, n), _colors(image, segments))
    )
    pixels = segments.size

    def similarity(region, others):
        low = np.minimum(boxes[region, :2], boxes[others, :2])
        high = np.maximum(boxes[region, 2:], boxes[others, 2:])
        together = sizes[region] + sizes[others]
        color = np.minimum(colors[region], colors[others]).sum(axis=-1)
        empty = (high - low).prod(axis=-1) - together
        return color + (1 - together / pixels) + (1 - empty / pixels)

    pairs = _neighbors(segments)
    likeness = similarity(*pairs.T)
    merges = np.empty((n - 1, 2), int)
    for new in range(n, 2 * n - 1):
        a, b = merges[new - n] = pairs[likeness.argmax()]
        sizes[new] = sizes[a] + sizes[b]
        boxes[new, :2] = np.minimum(boxes[a, :2], boxes[b, :2])
        boxes[new, 2:] = np.maximum(boxes[a, 2:], boxes[b, 2:])
        colors[new] = (sizes[a] * colors[a] + sizes[b] * colors[b]) / sizes[new]
        is_part = (pairs == a) | (pairs == b)
        touched = is_part.any(axis=1)
        others = np.unique(pairs[touched][~is_part[touched]])
        kept = ~touched
        pairs = np.concatenate([pairs[kept], np.stack([others, np.full_like(others, new)], 1)])
        likeness = np.concatenate([likeness[kept], similarity(new, others)])
    return Hierarchy(boxes, merges)


def proposal_recall(proposals, targets, counts, *, iou_threshold=0.5):
    """The share of the true boxes that one of the first proposals of their picture covers.

    Parameters
    ----------
    proposals : list of (n, 4) arrays
        Boxes (x_min, y_min, x_max, y_max) in pixels, a picture each, in the order they are used.
    targets : list of dicts
        Ground truth {"boxes", "labels"} of the same pictures, one box at least in all.
    counts : int or sequence of int
        How many of each picture's proposals are used.
    iou_threshold : float
        The overlap from which on a true box counts as covered.

    Returns
    -------
    array of the shape of `counts`
        Recall in 0…1.

    Raises
    ------
    ValueError
        Where the lists differ in length, there is no true box, or a count is negative.

    Examples
    --------
    >>> target = {"boxes": [[0, 0, 10, 10]], "labels": [0]}
    >>> proposal_recall([[[20, 0, 30, 10], [0, 0, 10, 9]]], [target], [1, 2]).tolist()
    [0.0, 1.0]
    """
    iou_threshold = share("proposal_recall", "iou_threshold", iou_threshold)
    targets = targets_of("proposal_recall", targets)
    counts = np.asarray(counts)
    if len(proposals) != len(targets):
        raise ValueError(
            f"proposal_recall: proposals of {len(proposals)} pictures, targets of {len(targets)}, "
            "it needs one of each"
        )
    if (counts < 0).any():
        raise ValueError(f"proposal_recall: counts is {counts.tolist()}, it needs 0 or more")
    ranks = [np.empty(0)]
    for boxes, target in zip(proposals, targets, strict=True):
        covers = iou(target["boxes"], boxes) >= iou_threshold
        none = np.ones((len(covers), 1), bool)  # a column behind the last proposal, for no cover
        first = np.concatenate([covers, none], axis=1).argmax(axis=1)
        ranks.append(np.where(first < covers.shape[1], first, np.inf))
    ranks = np.concatenate(ranks)
    if len(ranks) == 0:
        raise ValueError("proposal_recall: targets have no box, recall needs one at least")
    return (ranks < counts[..., np.newaxis]).mean(axis=-1)


def _image(name, image):
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"{name}: image has shape {image.shape}, it needs (height, width, 3)")
    if not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"{name}: image has values from {image.min()} to {image.max()}, it needs 0 to 1"
        )
    return image


def _boxes(segments, n):
    """The box around each segment, (n, 4); refuses a number without pixels."""
    places = find_objects(segments + 1, n)
    if None in places:
        raise ValueError(
            f"merge_segments: segments has no pixel of number {places.index(None)}, it needs all "
            f"from 0 to {n - 1}"
        )
    return np.array([(x.start, y.start, x.stop, y.stop) for y, x in places], np.float32)


def _colors(image, segments):
    """The histograms of each segment's channels side by side, (n, 3 · BINS); a row adds up to 1."""
    bins = np.minimum((image * BINS).astype(int), BINS - 1) + BINS * np.arange(3)
    rows = 3 * BINS * segments[..., np.newaxis] + bins
    counts = np.bincount(rows.ravel(), minlength=3 * BINS * (segments.max() + 1))
    counts = counts.reshape(-1, 3 * BINS).astype(np.float32)
    return counts / counts.sum(axis=1, keepdims=True)


def _neighbors(segments):
    """Pairs of segments that share an edge, (pairs, 2), the smaller number first, each once."""
    firsts = np.concatenate([segments[:, :-1].ravel(), segments[:-1].ravel()])
    seconds = np.concatenate([segments[:, 1:].ravel(), segments[1:].ravel()])
    apart = firsts != seconds
    low, high = np.minimum(firsts, seconds)[apart], np.maximum(firsts, seconds)[apart]
    n = segments.max() + 1
    return np.stack(np.divmod(np.unique(low * n + high), n), axis=1)
