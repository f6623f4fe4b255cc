"""The network of YOLO: its weights, its volume, and what it refuses."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import conv_parameters
from cnnlib.models import yolo_network


def test_parameters_and_volume():
    model = yolo_network()
    filters = (3, 16, 32, 64, 64, 96, 128)
    convolutions = sum(
        conv_parameters(3, before, after, bias=False) for before, after in pairwise(filters)
    )
    assert model.count_params() == (
        convolutions + 4 * sum(filters[1:]) + conv_parameters(1, 128, 3 * 8)
    )
    assert model.count_params() == 230_920
    assert model.output_shape == (None, 6, 6, 3, 8)
    assert model.name == "yolo"


@pytest.mark.parametrize(
    "choices, volume",
    [
        ({"input_shape": (48, 160, 1), "anchors": 2, "classes": 0}, (3, 10, 2, 5)),
        ({"input_shape": (100, 90, 3), "anchors": 5, "classes": 80}, (7, 6, 5, 85)),
        ({"convolutions": [(4, 2), (8, 2), (8, 1)]}, (24, 24, 3, 8)),
    ],
)
def test_any_picture_grid_anchors_and_classes(choices, volume):
    model = yolo_network(**choices)
    x = np.zeros((2, *model.input_shape[1:]), "float32")
    assert keras.ops.convert_to_numpy(model(x)).shape == (2, *volume)


@pytest.mark.parametrize(
    "choices, error, message",
    [
        ({"input_shape": (15, 96, 3)}, ValueError, "input_shape is .* it needs 16×16 pixels"),
        ({"anchors": 0}, ValueError, "anchors holds 0, it needs 1 or more"),
        ({"classes": -1}, ValueError, "classes is -1, it needs 0 or more"),
        ({"classes": 2.5}, TypeError, "classes is 2.5, it needs a whole number"),
        ({"convolutions": [(16, 2, 3)]}, ValueError, "convolutions is"),
        ({"convolutions": [(16, 0)]}, ValueError, "convolutions holds 0"),
    ],
)
def test_bad_input_is_named(choices, error, message):
    with pytest.raises(error, match=f"^yolo_network: {message}"):
        yolo_network(**choices)
