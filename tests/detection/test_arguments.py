"""The checks that all of detection shares; those of single boxes are tested where they are used."""

import numpy as np
import pytest

from cnnlib.detection import arguments

PICTURE = {"boxes": [[0, 0, 2, 2]], "labels": [1]}


def test_targets_come_back_as_arrays_of_one_type():
    checked, empty = arguments.targets_of("f", [PICTURE, {"boxes": [], "labels": []}], classes=2)
    assert checked["boxes"].shape == (1, 4) and checked["boxes"].dtype == np.float64
    assert checked["labels"].tolist() == [1] and checked["labels"].dtype == np.int64
    assert empty["boxes"].shape == (0, 4) and empty["labels"].dtype == np.int64


def test_float32_boxes_stay_float32():
    boxes = np.array([[0, 0, 2, 2]], dtype=np.float32)
    assert arguments.box_array("f", "boxes", boxes) is boxes


def test_detections_keep_their_scores():
    (checked,) = arguments.detections_of("f", [{**PICTURE, "scores": [0.5]}])
    assert list(checked) == ["boxes", "scores", "labels"] and checked["scores"].tolist() == [0.5]


@pytest.mark.parametrize(
    "call, error, message",
    [
        (
            lambda: arguments.targets_of("f", [PICTURE], classes=1),
            ValueError,
            r"f: targets\[0\]\['labels'\] holds 1, it needs 0 to 0",
        ),
        (
            lambda: arguments.targets_of("f", [{"boxes": []}]),
            ValueError,
            r"f: targets\[0\] has no 'labels'",
        ),
        (
            lambda: arguments.whole_labels("f", [True], 1),
            TypeError,
            "f: labels has type bool, it needs whole numbers",
        ),
        (
            lambda: arguments.score_array("f", [[0.5]], 1),
            ValueError,
            r"f: scores has shape \(1, 1\), it needs \(1,\)",
        ),
        (lambda: arguments.share("f", "t", True), TypeError, "f: t is True, it needs a number"),
        (lambda: arguments.share("f", "t", 1.01), ValueError, "f: t is 1.01, it needs a number"),
        (
            lambda: arguments.picture_size("f", (4, True)),
            TypeError,
            "f: image_shape holds True",
        ),
        (
            lambda: arguments.picture_size("f", 4),
            ValueError,
            r"f: image_shape is 4, it needs \(height, width\)",
        ),
        (
            lambda: arguments.one_of("f", "method", None, ("a", "b")),
            ValueError,
            r"f: method is None, it needs one of \['a', 'b'\]",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_shape_may_have_channels():
    assert arguments.picture_size("f", (4, 5, 3)) == (4, 5)
