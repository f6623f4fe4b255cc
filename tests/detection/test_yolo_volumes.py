"""The volume of a picture: what encode writes, and that decode reads the very boxes back."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib.detection.boxes import convert
from cnnlib.detection.nms import nms
from cnnlib.detection.yolo import class_scores, decode, encode, training_target

ANCHORS = [[20, 50], [50, 20]]
FORM = {"grid": 3, "anchors": ANCHORS, "classes": 3, "image_shape": (300, 300)}
REFERENCE = Path(__file__).parents[1] / "reference"


def in_order(detections):
    """Rows of corners and label, sorted: a volume does not keep the order of the boxes."""
    rows = np.column_stack([detections["boxes"], detections["labels"]])
    return rows[np.lexsort(rows.T)]


def scene(seed, *, count, shape, classes, anchors):
    """Boxes whose midpoints share no cell of a 40×40 grid, which may reach out of the picture."""
    generator = np.random.default_rng(seed)
    cells = generator.choice(1600, size=count, replace=False)
    centers = (np.stack([cells % 40, cells // 40], axis=1) + generator.random((count, 2))) / 40
    half = generator.gamma(1, 30, size=(count, 2)) / 2
    centers = centers * shape[::-1]
    boxes = np.concatenate([centers - half, centers + half], axis=1)
    labels = generator.integers(max(classes, 1), size=count)
    return boxes, labels, generator.gamma(2, 20, size=(anchors, 2)) + 1


def test_the_numbers_of_the_lecture():
    """A picture of 3×3 cells; the midpoint .4 and .3 into the middle one, .9 high and .5 wide."""
    box = convert([[140, 130, 50, 90]], "center_xywh", "xyxy")
    y = encode(box, [1], **FORM)
    assert y.shape == (3, 3, 2, 8)
    np.testing.assert_allclose(y[1, 1, 0], [1, 0.4, 0.3, 0.9, 0.5, 0, 1, 0], atol=1e-12)
    y[1, 1, 0] = 0
    assert not y.any()


def test_no_boxes_are_a_volume_of_zeros_and_back():
    y = encode([], [], **FORM)
    assert y.shape == (3, 3, 2, 8) and not y.any()
    found = decode(y, anchors=ANCHORS, image_shape=(300, 300))
    assert {name: value.shape for name, value in found.items()} == {
        "boxes": (0, 4),
        "scores": (0,),
        "labels": (0,),
    }
    assert found["labels"].dtype == np.int64


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 30),
    st.tuples(st.integers(1, 1000), st.integers(1, 1000)),
    st.sampled_from([0, 1, 3, 80]),
    st.integers(1, 5),
    st.sampled_from([("cell", "softmax"), ("priors", "softmax"), ("priors", "sigmoid")]),
)
def test_the_round_trip_is_exact(seed, count, shape, classes, anchors, form):
    boxes, labels, anchors = scene(seed, count=count, shape=shape, classes=classes, anchors=anchors)
    form = dict(zip(("parametrization", "class_activation"), form, strict=True))
    form |= {"anchors": anchors, "image_shape": shape}
    y = encode(boxes, labels, grid=40, classes=classes, **form)
    assert y.shape == (40, 40, len(anchors), 5 + classes)
    found = decode(y, score_threshold=0.5, **form)
    np.testing.assert_array_equal(found["scores"], np.ones(count))
    np.testing.assert_allclose(
        in_order(found), in_order({"boxes": boxes, "labels": labels}), rtol=0, atol=1e-8
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
def test_any_grid_holds_boxes_of_one_cell_in_as_many_anchors(seed, rows, columns):
    boxes, labels, anchors = scene(seed, count=5, shape=(90, 200), classes=4, anchors=5)
    form = {"anchors": anchors, "image_shape": (90, 200)}
    y = encode(boxes, labels, grid=(rows, columns), classes=4, **form)
    assert y[..., 0].sum() == 5
    assert ((y[..., 1:3] >= 0) & (y[..., 1:3] <= 1)).all()
    np.testing.assert_allclose(
        in_order(decode(y, **form)), in_order({"boxes": boxes, "labels": labels}), atol=1e-9
    )


def test_float32_boxes_come_back_as_they_were():
    boxes, labels, anchors = scene(5, count=12, shape=(96, 96), classes=3, anchors=3)
    boxes = boxes.astype("float32")
    form = {"anchors": anchors, "image_shape": (96, 96)}
    found = decode(encode(boxes, labels, grid=40, classes=3, **form), **form)
    np.testing.assert_array_equal(
        in_order({**found, "boxes": found["boxes"].astype("float32")}),
        in_order({"boxes": boxes, "labels": labels}),
    )


def test_the_second_of_one_shape_takes_the_other_anchor_and_comes_back():
    twins = [[110, 110, 130, 160], [112, 110, 132, 160]]
    y = encode(twins, [0, 2], **FORM)
    assert y[1, 1, :, 0].tolist() == [1, 1]
    assert y[1, 1, :, 5:].argmax(axis=1).tolist() == [0, 2]
    found = decode(y, anchors=ANCHORS, image_shape=(300, 300))
    np.testing.assert_allclose(found["boxes"], twins, rtol=0, atol=1e-9)


def test_a_third_box_in_the_cell_is_reported():
    boxes = [[110, 110, 130, 160], [112, 110, 132, 160], [120, 120, 160, 140]]
    with pytest.raises(ValueError, match=r"boxes \[0, 1, 2\] all .* row 1, column 1"):
        encode(boxes, [0, 0, 0], **FORM)


def test_raw_numbers_of_a_box_like_its_anchor_in_the_middle_of_a_cell_are_zero():
    box = convert([[150, 50, 20, 50]], "center_xywh", "xyxy")
    t = encode(box, [2], parametrization="priors", **FORM)
    np.testing.assert_allclose(t[0, 1, 0, 1:5], 0, atol=1e-12)
    assert t[0, 1, 0, 0] == np.inf
    assert t[0, 1, 0, 5:].tolist() == [-np.inf, -np.inf, 0]
    assert (np.delete(t[..., 0].ravel(), 2) == -np.inf).all()


def test_raw_numbers_are_read_as_the_formulas_say():
    """Each answer once more, number by number, with the formulas of the paper."""
    t = np.random.default_rng(0).normal(size=(2, 4, 2, 8))
    form = {"anchors": ANCHORS, "image_shape": (100, 240), "parametrization": "priors"}
    for activation in ("softmax", "sigmoid"):
        found = decode(t, class_activation=activation, **form)
        assert len(found["scores"]) == 2 * 4 * 2
        assert (np.diff(found["scores"]) <= 0).all()
        expected = []
        for row, column, anchor in np.ndindex(2, 4, 2):
            t_c, t_x, t_y, t_h, t_w, *classes = t[row, column, anchor]
            x, y = (column + 1 / (1 + np.exp(-t_x))) * 60, (row + 1 / (1 + np.exp(-t_y))) * 50
            w, h = ANCHORS[anchor][0] * np.exp(t_w), ANCHORS[anchor][1] * np.exp(t_h)
            p = np.exp(classes) / np.exp(classes).sum()
            if activation == "sigmoid":
                p = 1 / (1 + np.exp(-np.array(classes)))
            score = p.max() / (1 + np.exp(-t_c))
            expected.append([score, x - w / 2, y - h / 2, x + w / 2, y + h / 2, p.argmax()])
        expected.sort(key=lambda one: -one[0])
        given = np.column_stack([found["scores"], found["boxes"], found["labels"]])
        np.testing.assert_allclose(given, expected, rtol=0, atol=1e-9)


def test_scores_have_to_be_larger_than_the_threshold():
    y = encode([[110, 110, 130, 160]], [1], **FORM)
    y[1, 1, 0, 0] = 0.25
    form = {"anchors": ANCHORS, "image_shape": (300, 300)}
    assert len(decode(y, score_threshold=0.25, **form)["scores"]) == 0
    assert decode(y, score_threshold=0.24, **form)["scores"].tolist() == [0.25]


def test_without_classes_the_score_is_p_c():
    y = np.zeros((1, 1, 2, 5))
    y[0, 0, :, 0] = 0.3, 0.8
    found = decode(y, anchors=ANCHORS, image_shape=(90, 90))
    assert found["scores"].tolist() == [0.8, 0.3]
    assert found["labels"].tolist() == [0, 0]


def test_helpers_and_ignored_anchors():
    """A box of 20 × 50 in the middle of a cell, and anchors that fit it more and less."""
    anchors = [[20, 50], [20, 46], [18, 30], [90, 90]]
    form = {"grid": (2, 8), "anchors": anchors, "classes": 2, "image_shape": (100, 64)}
    box = convert([[28, 25, 20, 50]], "center_xywh", "xyxy")
    target = training_target(box, [1], **form)
    alone = encode(box, [1], **form)
    assert alone[..., 0].sum() == 1
    # Shapes: 46/50 = .92 and 18·30/(20·50) = .54 are above .5, 20·50/(90·90) = .12 is not.
    assert target[0, 3, :, 0].tolist() == [1, 1, 1, 0]
    for anchor in (1, 2):
        np.testing.assert_array_equal(target[0, 3, anchor], alone[0, 3, 0])
    # A neighboring cell is 8 pixels off: overlaps of (20 − 8)/(20 + 8) = .43 are not ignored.
    assert (target[..., 0] == -1).sum() == 0
    finer = form | {"grid": (2, 32)}  # now 2 pixels: 18/22 = .82 is
    target = training_target(box, [1], **finer)
    assert target[0, 13:16, 0, 0].tolist() == [-1, 1, -1]
    assert target[0, 13, 3, 0] == 0
    assert not target[target[..., 0] < 0, 1:].any()


def test_a_helper_does_not_displace_a_box_of_its_own():
    anchors = [[20, 50], [22, 50]]
    form = {"grid": 1, "anchors": anchors, "classes": 0, "image_shape": (100, 100)}
    boxes = [[10, 10, 30, 60], [40, 10, 62, 60]]
    np.testing.assert_array_equal(
        training_target(boxes, [0, 0], **form), encode(boxes, [0, 0], **form)
    )


def test_a_box_without_width_cannot_be_learned():
    with pytest.raises(
        ValueError, match=r"^training_target: sizes of boxes, row 0 is \[0.0, 9.0\]"
    ):
        training_target([[5, 5, 5, 14]], [0], **FORM)


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"labels": [3]}, ValueError, "labels holds 3, it needs 0 to 2"),
        ({"labels": [-1]}, ValueError, "labels holds -1"),
        ({"labels": [0.0]}, TypeError, "labels has type float64"),
        ({"labels": [0, 1]}, ValueError, r"labels has shape \(2,\), it needs \(1,\)"),
        ({"classes": -1}, ValueError, "classes is -1, it needs 0 or more"),
        ({"classes": 3.0}, TypeError, "classes is 3.0, it needs a whole number"),
        ({"classes": 0, "labels": [1]}, ValueError, "labels holds 1, it needs 0 to 0"),
        ({"boxes": [[9, 0, 3, 3]]}, ValueError, "boxes row 0 .* x_min ≤ x_max"),
        ({"boxes": [[0, 0, np.nan, 3]]}, ValueError, "boxes row 0 .* finite"),
        ({"boxes": [[0, 0, 3]]}, ValueError, r"boxes has shape \(1, 3\)"),
        ({"anchors": [20, 50]}, ValueError, r"anchors has shape \(2,\), it needs \(n, 2\)"),
        ({"anchors": [[20, 0]]}, ValueError, "anchors row 0"),
        ({"grid": (3, 0)}, ValueError, r"grid is \(3, 0\)"),
        ({"image_shape": (300,)}, ValueError, r"image_shape is \(300,\)"),
        ({"parametrization": "raw"}, ValueError, "parametrization is 'raw'"),
        ({"class_activation": "relu"}, ValueError, "class_activation is 'relu'"),
    ],
)
def test_encode_names_bad_input(changes, error, message):
    arguments = {"boxes": [[0, 0, 20, 20]], "labels": [0], **FORM, **changes}
    with pytest.raises(error, match=f"^encode: {message}"):
        encode(arguments.pop("boxes"), arguments.pop("labels"), **arguments)


def test_a_midpoint_outside_raises_and_a_corner_outside_does_not():
    encode([[-100, 250, 180, 349]], [0], **FORM)
    with pytest.raises(ValueError, match=r"midpoint \[301.0, 20.0\]"):
        encode([[291, 10, 311, 30]], [0], **FORM)


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"y": np.zeros((3, 3, 3, 8))}, ValueError, r"y has shape \(3, 3, 3, 8\), 2 anchors need"),
        ({"y": np.zeros((3, 3, 8))}, ValueError, r"y has shape \(3, 3, 8\)"),
        ({"y": np.zeros((3, 3, 2, 4))}, ValueError, r"y has shape \(3, 3, 2, 4\)"),
        ({"y": np.full((1, 1, 2, 8), np.nan)}, ValueError, r"y holds NaN at \[0, 0, 0, 0\]"),
        ({"y": np.full((1, 1, 2, 8), "a")}, TypeError, "y has type <U1"),
        ({"score_threshold": 1.5}, ValueError, "score_threshold is 1.5"),
        ({"score_threshold": -0.1}, ValueError, "score_threshold is -0.1"),
        ({"parametrization": "paper"}, ValueError, "parametrization is 'paper'"),
        ({"image_shape": (0, 5)}, ValueError, r"image_shape is \(0, 5\)"),
    ],
)
def test_decode_names_bad_input(changes, error, message):
    form = {"y": np.zeros((3, 3, 2, 8)), "anchors": ANCHORS, "image_shape": (9, 9)}
    with pytest.raises(error, match=f"^decode: {message}"):
        decode(**form | changes)


@pytest.fixture(scope="module")
def course():
    """The checks of the programming assignment, with their arrays."""
    arrays = np.load(REFERENCE / "course_inputs.npz")
    checks = {}
    for check in json.loads((REFERENCE / "course_vectors.json").read_text()):
        check["inputs"] = {
            name: arrays[value["array"]] if isinstance(value, dict) else value
            for name, value in check["inputs"].items()
        }
        checks[check["id"]] = check
    return checks


def test_the_score_filter_of_the_assignment(course):
    check = course["w3_yolo_filter_boxes_row"]
    given, expected = check["inputs"], check["expected"]
    y = [given["box_confidence"], given["boxes"], given["box_class_probs"]]
    y = np.concatenate(y, axis=-1).astype(float)
    scores, labels = class_scores(y)
    kept = scores >= given["threshold"]
    assert kept.sum() == check["float64"]["scores.shape"][0]
    assert scores[kept].sum() == pytest.approx(check["float64"]["scores.sum"], abs=1e-9)
    assert scores[kept][2] == pytest.approx(expected["scores[2]"], abs=check["tol"]["atol"])
    np.testing.assert_allclose(y[kept][2, 1:5], expected["boxes[2]"], atol=check["tol"]["atol"])
    assert labels[kept][2] == expected["classes[2]"]


def test_the_whole_way_of_the_assignment(course):
    """Its numbers are shares of the picture, any real number, and its boxes may be inside out."""
    check = course["w3_yolo_eval_a"]
    given, expected = check["inputs"], check["expected"]
    rows, columns = given["box_xy"].shape[:2]
    row, column = np.indices((rows, columns))[:, :, :, np.newaxis]
    xy, wh = given["box_xy"].astype(float), given["box_wh"].astype(float)
    y = np.stack(
        [
            given["box_confidence"][..., 0],
            xy[..., 0] * columns - column,
            xy[..., 1] * rows - row,
            wh[..., 1] * rows,
            wh[..., 0] * columns,
        ],
        axis=-1,
    )
    y = np.concatenate([y, given["box_class_probs"]], axis=-1)
    found = decode(
        y,
        anchors=np.ones((5, 2)),
        image_shape=tuple(given["image_shape"]),
        score_threshold=given["score_threshold"],
    )
    corners = found["boxes"].reshape(-1, 2, 2)
    kept = nms(
        np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1),
        found["scores"],
        iou_threshold=given["iou_threshold"],
        max_detections=given["max_boxes"],
    )
    tolerance = {"atol": check["tol"]["atol"], "rtol": check["tol"]["rtol"]}
    assert len(kept) == expected["scores.shape"][0]
    np.testing.assert_allclose(found["scores"][kept[2]], expected["scores[2]"], **tolerance)
    np.testing.assert_allclose(
        found["boxes"][kept[2]][[1, 0, 3, 2]], expected["boxes[2]"], **tolerance
    )
    assert found["labels"][kept[2]] == expected["classes[2]"]
