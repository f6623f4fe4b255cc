"""Corrections, matching and the suppression inside a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from cnnlib.detection.boxes import iou
from cnnlib.detection.nms import nms
from cnnlib.detection.rcnn.detector import smooth_l1
from cnnlib.detection.rcnn.matching import (
    best_apart,
    decode_corrections,
    encode_corrections,
    match,
    overlaps,
)


def boxes(random, *shape, least=2.0):
    corner = random.uniform(0, 60, (*shape, 2))
    sides = random.uniform(least, 35, (*shape, 2))
    return np.concatenate([corner, corner + sides], axis=-1).astype("float32")


@given(st.integers(0, 2**32 - 1))
def test_decoding_undoes_encoding(seed):
    random = np.random.default_rng(seed)
    wanted, regions = boxes(random, 3, 5), boxes(random, 3, 5)
    corrections = encode_corrections(wanted, regions)
    back = ops.convert_to_numpy(decode_corrections(corrections, regions, (96, 96)))
    np.testing.assert_allclose(back, wanted, atol=1e-3)


def test_corrections_are_those_of_the_paper():
    """Appendix C of R-CNN, for a region (x, y, w, h) = (30, 40, 20, 10): d·0.1, d·0.1, …·0.2."""
    region, box = [[20.0, 35.0, 40.0, 45.0]], [[24.0, 30.0, 44.0, 50.0]]
    corrections = ops.convert_to_numpy(encode_corrections(box, region))
    np.testing.assert_allclose(corrections, [[4 / 20 / 0.1, 0, 0, np.log(2) / 0.2]], atol=1e-5)


def test_decoded_boxes_stay_in_the_picture_and_finite():
    region = np.array([[10, 10, 60, 60], [0, 0, 0, 0]], "float32")
    wild = np.array([[1e6, -1e6, 1e6, 1e6], [0, 0, 1e6, 1e6]], "float32")
    decoded = ops.convert_to_numpy(decode_corrections(wild, region, (50, 70)))
    assert np.isfinite(decoded).all() and (decoded >= 0).all()
    assert (decoded <= [70, 50, 70, 50]).all() and (decoded[:, 2:] >= decoded[:, :2]).all()


@given(st.integers(0, 2**32 - 1))
def test_overlaps_are_those_of_boxes_iou(seed):
    random = np.random.default_rng(seed)
    a, b = boxes(random, 2, 4), boxes(random, 2, 3)
    a[0, 0] = b[0, 0]
    ours = ops.convert_to_numpy(overlaps(ops.convert_to_tensor(a), ops.convert_to_tensor(b)))
    for i in range(2):
        np.testing.assert_allclose(ours[i], iou(a[i], b[i]), atol=1e-5)


def test_a_region_answers_for_the_box_it_covers_most():
    regions = np.array([[[0, 0, 10, 10], [0, 0, 10, 6], [30, 30, 40, 40], [0, 0, 4, 4]]], "float32")
    truth = np.array([[[0, 0, 10, 8], [0, 0, 10, 5], [0, 0, 0, 0]]], "float32")
    labels, matched = match(
        ops.convert_to_tensor(regions),
        ops.convert_to_tensor(truth),
        ops.convert_to_tensor([[2, 1, 0]]),
        background=3,
    )
    assert ops.convert_to_numpy(labels).tolist() == [[2, 1, 3, 3]]
    np.testing.assert_array_equal(ops.convert_to_numpy(matched)[0, :2], truth[0, :2])


@pytest.mark.parametrize("seed", range(5))
def test_best_apart_is_non_max_suppression(seed):
    random = np.random.default_rng(seed)
    found, scores = boxes(random, 2, 40), random.random((2, 40)).astype("float32")
    chosen = ops.convert_to_numpy(
        best_apart(ops.convert_to_tensor(found), ops.convert_to_tensor(scores), 8, 0.3)
    )
    for i in range(2):
        wanted = nms(found[i], scores[i], iou_threshold=0.3)[:8]
        np.testing.assert_array_equal(chosen[i, : len(wanted)], wanted)


def test_best_apart_takes_no_box_twice_though_it_has_no_area():
    found = ops.convert_to_tensor(np.zeros((1, 3, 4), "float32"))
    scores = ops.convert_to_tensor(np.array([[0.1, 0.3, 0.2]], "float32"))
    assert ops.convert_to_numpy(best_apart(found, scores, 3, 0.5)).tolist() == [[1, 2, 0]]


def test_smooth_l1_meets_at_one_with_one_slope():
    step = 1e-3
    near = np.array([[1 - step], [1.0], [1 + step]], "float32")
    values = ops.convert_to_numpy(smooth_l1(ops.convert_to_tensor(near)))
    np.testing.assert_allclose(np.diff(values), step, rtol=1e-2)
    assert values[1] == pytest.approx(0.5)
