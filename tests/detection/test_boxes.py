"""Boxes against Keras, TensorFlow and torchvision, against a grid of pixels, and bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnlib.detection import boxes as module
from cnnlib.detection.boxes import FORMATS, area, clip, convert, generalized_iou, iou

REFERENCE = Path(__file__).parents[1] / "reference"
TORCHVISION = np.load(REFERENCE / "detection.npz")
PUBLISHED = [
    check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["op"] == "iou"
]
CASES = [[0, 0, 4, 4], [4, 0, 8, 4], [4, 4, 6, 6], [1, 1, 3, 3], [2, 2, 2, 2], [2, 0, 2, 9]]


def random_boxes(n, seed=0, dtype=np.float64):
    generator = np.random.default_rng(seed)
    low, size = generator.uniform(-20, 100, (n, 2)), generator.exponential(20, (n, 2))
    return np.concatenate([low, low + size], axis=1).astype(dtype)


def drawn(max_side):
    """Strategy: up to six boxes with whole corners, so that many touch, nest or are flat."""
    points = arrays(np.int64, st.tuples(st.integers(0, 6), st.just(4)), elements=st.integers(0, 12))
    return points.map(
        lambda p: np.sort(p.reshape(-1, 2, 2), axis=1).reshape(-1, 4).clip(0, max_side)
    )


@pytest.mark.parametrize("check", PUBLISHED, ids=lambda check: check["id"])
def test_published_iou(check):
    value = iou([check["inputs"]["box1"]], [check["inputs"]["box2"]])
    np.testing.assert_allclose(value, [[check["expected"]["iou"]]], **check["tol"])


def test_both_published_checks_are_there():
    assert len(PUBLISHED) == 2


@given(drawn(12), drawn(12))
def test_iou_counts_pixels(a, b):
    def masks(boxes):
        rows, columns = np.mgrid[:12, :12] + 0.5
        x_min, y_min, x_max, y_max = boxes.T[..., np.newaxis, np.newaxis]
        return (x_min < columns) & (columns < x_max) & (y_min < rows) & (rows < y_max)

    both = (masks(a)[:, np.newaxis] & masks(b)).sum(axis=(2, 3))
    either = (masks(a)[:, np.newaxis] | masks(b)).sum(axis=(2, 3))
    np.testing.assert_allclose(iou(a, b), both / np.maximum(either, 1), rtol=1e-15)


@given(drawn(12), drawn(12))
def test_generalized_iou_is_the_formula_of_its_paper(a, b):
    values = generalized_iou(a, b)
    for i, j in np.ndindex(values.shape):
        p, q = a[i], b[j]
        around = np.prod(np.maximum(p[2:], q[2:]) - np.minimum(p[:2], q[:2]))
        shared = np.prod(np.maximum(np.minimum(p[2:], q[2:]) - np.maximum(p[:2], q[:2]), 0))
        union = np.prod(p[2:] - p[:2]) + np.prod(q[2:] - q[:2]) - shared
        expected = (shared / union if union else 0) - ((around - union) / around if around else 0)
        assert values[i, j] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("function", [iou, generalized_iou])
def test_blocks_do_not_change_a_number(function, monkeypatch):
    a, b = random_boxes(37), random_boxes(23, seed=1)
    whole = function(a, b)
    monkeypatch.setattr(module, "_BLOCK", 100)  # four rows of 23 at a time, one in the last block
    np.testing.assert_array_equal(function(a, b), whole)


def test_iou_is_symmetric_and_one_for_equal_boxes():
    a, b = random_boxes(40), random_boxes(30, seed=1)
    np.testing.assert_array_equal(iou(a, b), iou(b, a).T)
    np.testing.assert_array_equal(np.diag(iou(a, a)), np.ones(40))
    np.testing.assert_array_equal(np.diag(generalized_iou(a, a)), np.ones(40))


@pytest.mark.parametrize("function", [iou, generalized_iou])
def test_tables_are_torchvisions(function):
    expected = TORCHVISION[function.__name__]
    without_area = np.isnan(expected)
    ours = function(TORCHVISION["a"], TORCHVISION["b"])
    np.testing.assert_allclose(ours[~without_area], expected[~without_area], rtol=0, atol=1e-6)
    both_flat = np.ix_(area(TORCHVISION["a"]) == 0, area(TORCHVISION["b"]) == 0)
    assert without_area[both_flat].all() and 0 < without_area.sum() == ours[both_flat].size
    assert np.isfinite(ours).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tables_are_those_of_an_installed_torchvision(dtype):
    ops = pytest.importorskip("torchvision.ops")
    torch = pytest.importorskip("torch")
    a, b = random_boxes(200, dtype=dtype), random_boxes(300, seed=1, dtype=dtype)
    theirs = ops.box_iou, ops.generalized_box_iou
    for ours, other in zip((iou, generalized_iou), theirs, strict=True):
        expected = other(torch.from_numpy(a), torch.from_numpy(b)).numpy()
        np.testing.assert_allclose(ours(a, b), expected, rtol=0, atol=1e-6)


def test_generalized_iou_tells_how_far_apart_boxes_are():
    apart = [[2 + gap, 0, 4 + gap, 2] for gap in range(5)]
    values = generalized_iou([[0, 0, 2, 2]], apart)[0]
    np.testing.assert_allclose(values, [-gap / (4 + gap) for gap in range(5)], rtol=1e-15)


@pytest.mark.parametrize("function", [iou, generalized_iou])
def test_no_boxes_give_an_empty_table(function):
    some = random_boxes(3)
    for a, b, shape in [([], some, (0, 3)), (some, [], (3, 0)), ([], [], (0, 0))]:
        assert function(a, b).shape == shape


def test_the_type_of_the_boxes_is_kept():
    single, double = random_boxes(2, dtype=np.float32), random_boxes(2)
    assert iou(single, single).dtype == np.float32
    assert iou(single, double).dtype == np.float64
    assert iou([[0, 0, 1, 1]], single).dtype == np.float64
    assert generalized_iou(single, single).dtype == np.float32


def test_arguments_stay_as_they_are():
    a = random_boxes(5)
    before = a.copy()
    for result in (iou(a, a), generalized_iou(a, a), convert(a, "xyxy", "xyxy"), clip(a, (9, 9))):
        result += 1
    np.testing.assert_array_equal(a, before)


def test_boxes_without_area_overlap_nothing():
    np.testing.assert_array_equal(iou([[2, 2, 2, 2]], [[2, 2, 2, 2], [2, 2, 2, 5]]), [[0, 0]])
    np.testing.assert_array_equal(generalized_iou([[2, 2, 2, 2]], [[2, 2, 2, 2]]), [[0]])
    np.testing.assert_array_equal(generalized_iou([[2, 2, 2, 2]], [[4, 4, 4, 4]]), [[-1]])


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_formats_are_those_of_keras(source, target):
    keras = pytest.importorskip("keras")
    known = {"height": 50, "width": 80}
    corners = random_boxes(20, dtype=np.float32)
    kerass = keras.utils.bounding_boxes.convert_format
    given = np.asarray(keras.ops.convert_to_numpy(kerass(corners, "xyxy", source, **known)))
    expected = keras.ops.convert_to_numpy(kerass(given, source, target, **known))
    ours = convert(given, source, target, image_shape=(50, 80))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=2e-5)


@given(drawn(12), st.sampled_from(FORMATS))
def test_a_format_and_back_is_where_it_began(boxes, target):
    there = convert(boxes, "xyxy", target, image_shape=(7, 5, 3))
    back = convert(there, target, "xyxy", image_shape=(7, 5, 3))
    np.testing.assert_allclose(back, boxes, rtol=0, atol=1e-13)


def test_clip_keeps_what_lies_in_the_picture():
    boxes = random_boxes(50)
    clipped = clip(boxes, (60, 90))
    assert (clipped >= 0).all() and (clipped <= [90, 60, 90, 60]).all()
    picture = [[0, 0, 90, 60]]
    shared = iou(boxes, picture)[:, 0]
    union = area(boxes) + 90 * 60 - area(clipped)
    np.testing.assert_allclose(area(clipped), shared * union, rtol=1e-12, atol=1e-12)


def test_area_is_width_times_height():
    np.testing.assert_array_equal(area(CASES), [16, 16, 4, 4, 0, 0])
    assert area([]).shape == (0,)


@pytest.mark.parametrize(
    "bad, error, message",
    [
        ([[0, 0, 1, 1], [3, 0, 1, 1]], ValueError, r"row 1 is \[3.0, 0.0, 1.0, 1.0\]"),
        ([[0, 2, 1, 1]], ValueError, "y_min ≤ y_max"),
        ([[0, 0, 1, np.nan]], ValueError, "row 0 is .*nan.*finite"),
        ([[0, 0, np.inf, 1]], ValueError, "row 0 is .*inf.*finite"),
        ([[0, 0, 1]], ValueError, r"shape \(1, 3\), it needs \(n, 4\)"),
        ([0, 0, 1, 1], ValueError, r"shape \(4,\), it needs \(n, 4\)"),
        (np.zeros((0, 5)), ValueError, r"shape \(0, 5\), it needs \(n, 4\)"),
        (np.zeros((1, 1, 4)), ValueError, r"shape \(1, 1, 4\)"),
        ([[0, 0, 1, 1], [0, 0]], ValueError, "is no array"),
        ([["a", "b", "c", "d"]], TypeError, "it needs numbers"),
        ([[True, False, True, True]], TypeError, "bool, it needs numbers"),
        (None, TypeError, "object, it needs numbers"),
    ],
)
@pytest.mark.parametrize(
    "name, call",
    [
        ("iou: a", lambda bad: iou(bad, CASES)),
        ("iou: b", lambda bad: iou(CASES, bad)),
        ("generalized_iou: b", lambda bad: generalized_iou(CASES, bad)),
        ("area: boxes", area),
        ("clip: boxes", lambda bad: clip(bad, (5, 5))),
        ("convert: boxes", lambda bad: convert(bad, "xyxy", "xywh")),
    ],
)
def test_bad_boxes_are_named(name, call, bad, error, message):
    with pytest.raises(error, match=f"{name}.*{message}"):
        call(bad)


@pytest.mark.parametrize(
    "source, target, image_shape, error, message",
    [
        ("xyxy", "corners", None, ValueError, "target is 'corners', it needs one of"),
        ("XYXY", "xywh", None, ValueError, "source is 'XYXY'"),
        (4, "xywh", None, ValueError, "source is 4"),
        ("xyxy", "rel_xyxy", None, ValueError, "image_shape is None, it needs"),
        ("rel_xywh", "rel_xyxy", None, ValueError, "image_shape is None, it needs"),
        ("xyxy", "rel_xyxy", (0, 5), ValueError, r"image_shape is \(0, 5\)"),
        ("xyxy", "rel_xyxy", (5,), ValueError, r"image_shape is \(5,\)"),
        ("xyxy", "rel_xyxy", ("a", 5), TypeError, "image_shape holds 'a'"),
        ("xywh", "xyxy", None, ValueError, "row 1 is .*it needs x_min ≤ x_max"),
        ("center_yxhw", "xyxy", None, ValueError, "row 1 is"),
    ],
)
def test_bad_formats_are_named(source, target, image_shape, error, message):
    with pytest.raises(error, match=f"convert: .*{message}"):
        convert([[0, 0, 1, 1], [5, 5, 6, -1]], source, target, image_shape=image_shape)
