"""The YOLO for street scenes that ships: what it finds, from its file alone."""

import numpy as np
import pytest

from cnnlib import pretrained
from cnnlib.datasets import streets
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.yolo import Yolo


@pytest.fixture(scope="module")
def model():
    network = pretrained.load("street_yolo")
    return Yolo(network, anchors=pretrained.anchors("street_yolo"), classes=3)


def test_its_anchors_fit_its_volume():
    anchors = pretrained.anchors("street_yolo")
    assert anchors.shape == (5, 2) and anchors.dtype == np.float32
    assert (np.diff(anchors.prod(axis=1)) > 0).all()


def test_it_finds_what_stands_on_unseen_streets(model):
    scenes = streets(60, seed=123, part="test")
    found = model.detect(scenes.images, score_threshold=0.02)
    measured = mean_average_precision(scenes.targets, found)
    assert measured.map > 0.8
    assert min(measured.per_class, key=measured.per_class.get) == 0  # pedestrians


def test_it_finds_nothing_in_a_gray_picture(model):
    (found,) = model.detect(np.full((1, 96, 96, 3), 0.5, "float32"), score_threshold=0.3)
    assert len(found["boxes"]) == 0
