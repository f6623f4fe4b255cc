"""Region proposals: scikit-image's segments, merged; recall by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import regionprops
from skimage.segmentation import felzenszwalb

from cnnlib import datasets
from cnnlib.detection.boxes import iou
from cnnlib.detection.proposals import merge_segments, proposal_recall, segment_proposals

PHOTO = datasets.photo("coffee", size=120).image


def blocks(*sizes):
    """A row of blocks of these widths, 4 high, each of one gray value, and their segments."""
    grays = np.random.default_rng(0).random(len(sizes))
    row = np.repeat(np.arange(len(sizes)), sizes)
    segments = np.tile(row, (4, 1))
    return np.repeat(grays[segments][..., None], 3, axis=2), segments


def test_the_first_boxes_are_those_of_the_segments():
    segments = felzenszwalb(PHOTO, 60, sigma=1.0, min_size=12)
    boxes = merge_segments(PHOTO, segments).boxes
    wanted = [region.bbox for region in regionprops(segments + 1)]
    np.testing.assert_array_equal(boxes[: len(wanted)][:, [1, 0, 3, 2]], wanted)


def test_every_merge_joins_two_neighbors_and_their_boxes():
    segments = felzenszwalb(PHOTO, 60, sigma=1.0, min_size=12)
    boxes, merges = merge_segments(PHOTO, segments)
    n = segments.max() + 1
    assert boxes.shape == (2 * n - 1, 4) and merges.shape == (n - 1, 2)
    # Every region but the last is used up once.
    np.testing.assert_array_equal(np.sort(merges.ravel()), np.arange(2 * n - 2))
    members = [{i} for i in range(n)]
    right, down = (
        zip(segments[:, :-1].flat, segments[:, 1:].flat, strict=True),
        zip(segments[:-1].flat, segments[1:].flat, strict=True),
    )
    touching = {frozenset(map(int, pair)) for pairs in (right, down) for pair in pairs}
    for (a, b), box in zip(merges, boxes[n:], strict=True):
        assert any(frozenset((i, j)) in touching for i in members[a] for j in members[b])
        members.append(members[a] | members[b])
        ys, xs = np.nonzero(np.isin(segments, list(members[-1])))
        np.testing.assert_array_equal(box, [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])


def test_the_most_similar_pair_goes_first():
    """Against the formulas of the paper, computed for all pairs of segments from their pixels."""
    segments = felzenszwalb(PHOTO, 150, sigma=1.0, min_size=40)
    first = merge_segments(PHOTO, segments).merges[0]

    def similarity(a, b):
        masks = [segments == a, segments == b]
        color = 0
        for channel in range(3):
            p, q = (
                np.histogram(PHOTO[..., channel][mask], 25, (0, 1))[0] / mask.sum() / 3
                for mask in masks
            )
            color += np.minimum(p, q).sum()
        ys, xs = np.nonzero(masks[0] | masks[1])
        area = (np.ptp(ys) + 1) * (np.ptp(xs) + 1)
        both = masks[0].sum() + masks[1].sum()
        return color + (1 - both / segments.size) + (1 - (area - both) / segments.size)

    flat = np.concatenate(
        [
            np.stack([segments[:, :-1].ravel(), segments[:, 1:].ravel()], 1),
            np.stack([segments[:-1].ravel(), segments[1:].ravel()], 1),
        ]
    )
    pairs = {tuple(sorted(map(int, pair))) for pair in flat if pair[0] != pair[1]}
    assert max(pairs, key=lambda pair: similarity(*pair)) == tuple(sorted(map(int, first)))


def test_alike_colors_merge_before_others():
    image, segments = blocks(5, 5, 5)
    image[:, :5] = image[:, 5:10] = (0.2, 0.4, 0.6)
    assert merge_segments(image, segments).merges[0].tolist() == [0, 1]


def test_small_regions_merge_before_large_ones():
    image, segments = blocks(20, 3, 3, 20)
    assert set(merge_segments(image, segments).merges[0]) == {1, 2}


def test_one_segment_needs_no_merge():
    boxes, merges = merge_segments(np.zeros((4, 6, 3)), np.zeros((4, 6), int))
    assert boxes.tolist() == [[0, 0, 6, 4]] and merges.shape == (0, 2)


def test_proposals_are_a_draw_of_different_boxes_within_the_limits():
    every = segment_proposals(PHOTO, count=10_000, least=8, most=0.5)
    assert every.dtype == np.float32 and len(np.unique(every, axis=0)) == len(every) > 50
    sides = every[:, 2:] - every[:, :2]
    assert sides.min() >= 8 and sides.max() <= 60
    few = segment_proposals(PHOTO, count=40, least=8, most=0.5)
    np.testing.assert_array_equal(few, every[:40])
    other = segment_proposals(PHOTO, count=10_000, least=8, most=0.5, seed=1)
    assert not np.array_equal(other, every)
    np.testing.assert_array_equal(np.sort(other, axis=0), np.sort(every, axis=0))


def test_the_order_favors_no_size():
    """The first half of the boxes is as large as the second, over some pictures."""
    scenes = datasets.streets(6, seed=3)
    halves = [
        np.sqrt(np.prod(part[:, 2:] - part[:, :2], axis=1)).mean()
        for image in scenes.images
        for part in np.array_split(segment_proposals(image), 2)
    ]
    assert 0.8 < np.mean(halves[::2]) / np.mean(halves[1::2]) < 1.25


def test_a_plain_picture_has_no_proposals():
    assert segment_proposals(np.full((40, 40, 3), 0.5)).shape == (0, 4)


@given(st.integers(0, 2**32 - 1))
def test_recall_is_the_share_of_covered_boxes(seed):
    random = np.random.default_rng(seed)

    def boxes(n):
        return np.sort(random.integers(0, 12, (n, 2, 2)), axis=1).reshape(n, 4).astype(float)

    proposals = [boxes(n) for n in (0, 4, 9)]
    targets = [{"boxes": boxes(n), "labels": np.zeros(n, int)} for n in (2, 0, 3)]
    for count in (0, 1, 5, 20):
        covered = [
            (iou(target["boxes"][i : i + 1], given[:count]) >= 0.3).any()
            for given, target in zip(proposals, targets, strict=True)
            for i in range(len(target["boxes"]))
        ]
        assert proposal_recall(proposals, targets, count, iou_threshold=0.3) == np.mean(covered)


BOX = {"boxes": [[0, 0, 4, 4]], "labels": [0]}


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: segment_proposals(PHOTO[..., 0]), ValueError, r"image has shape \(80, 120\)"),
        (lambda: segment_proposals(PHOTO * 255), ValueError, "it needs 0 to 1"),
        (lambda: segment_proposals(PHOTO * np.nan), ValueError, "values from nan to nan"),
        (lambda: segment_proposals(PHOTO, count=0), ValueError, "count is 0"),
        (lambda: segment_proposals(PHOTO, count=2.5), ValueError, "count is 2.5"),
        (lambda: segment_proposals(PHOTO, most=70), ValueError, "most is 70"),
        (
            lambda: merge_segments(PHOTO, np.zeros((3, 3), int)),
            ValueError,
            r"segments has shape \(3, 3\), it needs \(80, 120\)",
        ),
        (
            lambda: merge_segments(PHOTO, np.full((80, 120), 2)),
            ValueError,
            "segments has no pixel of number 0, it needs all from 0 to 2",
        ),
        (lambda: proposal_recall([], [BOX], 1), ValueError, "proposals of 0 pictures, targets of"),
        (lambda: proposal_recall([[]], [{"boxes": [], "labels": []}], 1), ValueError, "no box"),
        (lambda: proposal_recall([[]], [BOX], -1), ValueError, "counts is -1"),
        (lambda: proposal_recall([[]], [BOX], 1, iou_threshold=2), ValueError, "iou_threshold is"),
        (lambda: proposal_recall([[[4, 0, 0, 4]]], [BOX], 1), ValueError, "x_min ≤ x_max"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
