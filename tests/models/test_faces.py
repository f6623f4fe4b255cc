"""The networks for faces reproduce what was published with their weights.

The expected numbers were measured once from the published bytes, with a loader of its own.
"""

import keras
import numpy as np
import pytest

from cnnlib import pretrained
from cnnlib.datasets import photo
from cnnlib.detection.yolo import Yolo

FACE = slice(75, 185), slice(163, 278)  # of the astronaut: rows, columns
# Box of the astronaut's face, left, top, right, bottom, and its score, by the side of the square.
ASTRONAUT = {
    224: ((164.7, 84.6, 283.7, 187.1), 0.612),
    320: ((151.3, 72.0, 288.6, 191.7), 0.886),
    416: ((163.7, 75.3, 278.7, 185.9), 0.973),
    512: ((158.7, 68.8, 285.7, 190.4), 0.926),
    608: ((160.2, 76.8, 280.7, 187.5), 0.940),
}


@pytest.fixture(scope="module")
def detector():
    return pretrained.load("tiny_face_detector")


@pytest.fixture(scope="module")
def landmarks():
    return pretrained.load("face_landmarks_68")


@pytest.fixture(scope="module")
def encoder():
    return pretrained.load("face_encoder")


def run(model, x):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(x))


def of_pattern(model, outputs, side):
    """What the network makes of a sine along rows, columns and channels, given preprocessed."""
    i = np.arange(side)
    pattern = np.sin(0.05 * i[:, None, None] + 0.07 * i[:, None] + np.arange(3))
    inside = keras.Model(model.get_layer("preprocessed").output, outputs)
    return run(inside, (0.5 * pattern[np.newaxis]).astype(np.float32))


def test_the_detector_of_a_sine_pattern(detector):
    conv8, volume = of_pattern(detector, [detector.get_layer("conv8").output, detector.output], 416)
    assert conv8.shape == (1, 13, 13, 25)
    assert np.linalg.norm(conv8) == pytest.approx(365.947, rel=1e-5)
    assert conv8.mean() == pytest.approx(-2.44491, rel=1e-5)
    np.testing.assert_allclose(conv8[0, 0, 0, :4], (0.35140, 0.37261, 0.08034, -0.23461), atol=2e-5)
    assert volume.shape == (1, 13, 13, 5, 5)
    x, y, width, height, p_c = np.moveaxis(conv8.reshape(volume.shape), -1, 0)
    np.testing.assert_array_equal(volume, np.stack([p_c, x, y, height, width], axis=-1))


def test_the_landmarks_of_a_sine_pattern(landmarks):
    points = of_pattern(landmarks, landmarks.output, 112)
    assert points.shape == (1, 68, 2)
    assert np.linalg.norm(points) == pytest.approx(7.2652, rel=1e-4)
    assert points.mean() == pytest.approx(0.59930, rel=1e-4)
    np.testing.assert_allclose(points.ravel()[:4], (0.4225, 0.5955, 0.6935, 0.7156), atol=1e-4)


def test_the_encoding_of_a_sine_pattern(encoder):
    """Kernels in int8 may move an encoding by 0.02; without, it differs by 1e-5."""
    (encoding,) = of_pattern(encoder, encoder.output, 150)
    assert encoding.shape == (128,)
    assert np.linalg.norm(encoding) == pytest.approx(1.28993, abs=2e-3)
    assert encoding.mean() == pytest.approx(-0.002536, abs=2e-4)
    np.testing.assert_allclose(encoding[:4], (-0.05742, 0.12285, 0.05899, 0.01095), atol=2e-3)


def test_the_encoding_of_the_astronaut_and_of_her_mirror_image(encoder):
    face = pretrained.letterbox(photo("astronaut").image[FACE], 150, place="center").image
    first, mirrored = run(encoder, np.stack([face, face[:, ::-1]]))
    assert np.linalg.norm(first) == pytest.approx(1.4606, abs=2e-3)
    np.testing.assert_allclose(first[:4], (-0.0379, 0.0003, -0.0233, -0.0228), atol=2e-3)
    assert np.linalg.norm(first - mirrored) == pytest.approx(0.233, abs=1e-3)


def test_preprocessing_is_inside(detector, landmarks, encoder):
    color = np.full((1, 150, 150, 3), (1, 0.5, 0), np.float32)
    for model, side, mean in [
        (detector, 32, (117.001, 114.697, 97.404)),
        (landmarks, 112, (122.782, 117.001, 104.298)),
        (encoder, 150, (122.782, 117.001, 104.298)),
    ]:
        image = color[:, :side, :side]
        inside = run(keras.Model(model.input, model.get_layer("preprocessed").output), image)
        expected = (np.array([255, 127.5, 0]) - mean) / 255
        np.testing.assert_allclose(inside[0, 5, 5], expected, atol=1e-6)


def test_parameters(detector, landmarks, encoder):
    """The published encoder has a scale and a shift besides for each of its 3,552 filters."""
    assert detector.count_params() == 193_321
    assert landmarks.count_params() == 356_840
    assert encoder.count_params() == 5_614_592 - 2 * 3552


def test_maps_of_the_encoder(encoder):
    """Two of its halving blocks make a map one smaller than the pooled one, and pad it."""
    sides = {
        "conv32_down": 72,
        "pool": 35,
        "conv32_3_out": 35,
        "conv64_down_out": 17,
        "conv128_down_out": 8,
        "conv256_down_conv2": 3,
        "conv256_down_out": 4,
        "conv256_down_out_conv2": 1,
        "conv256_down_out_out": 2,
    }
    for name, side in sides.items():
        assert tuple(encoder.get_layer(name).output.shape[1:3]) == (side, side)


def test_points_of_the_astronaut(landmarks):
    """They may differ by half a pixel: in which of two middles the crop of 110 rows lies."""
    fitted = pretrained.letterbox(photo("astronaut").image[FACE], 112, place="center")
    (shares,) = run(landmarks, fitted.image[np.newaxis])
    points = fitted.to_photograph(112 * shares) + np.array([163, 75])
    means = {
        range(0, 68): (223.31, 125.71),
        range(36, 42): (202.68, 100.32),
        range(42, 48): (245.65, 102.73),
        range(27, 36): (223.22, 123.90),
        range(30, 31): (223.01, 127.00),
        range(48, 68): (222.88, 144.39),
        range(8, 9): (221.36, 177.21),
    }
    for part, expected in means.items():
        np.testing.assert_allclose(points[list(part)].mean(0), expected, atol=0.6)


def faces(detector, name, size):
    """Boxes in the photograph's pixels, and scores, by the course's own YOLO, as published."""
    yolo = Yolo(detector, anchors=pretrained.anchors("tiny_face_detector"), classes=0)
    fitted = pretrained.letterbox(photo(name).image, size)
    (found,) = yolo.detect(fitted.image[np.newaxis], score_threshold=0.5, iou_threshold=0.4)
    assert set(found["labels"]) <= {0}
    return fitted.to_photograph(found["boxes"]), found["scores"]


@pytest.mark.parametrize("size", sorted(ASTRONAUT))
def test_the_astronauts_face_and_no_other(detector, size):
    boxes, scores = faces(detector, "astronaut", size)
    box, score = ASTRONAUT[size]
    np.testing.assert_allclose(boxes, [box], atol=0.1)
    np.testing.assert_allclose(scores, [score], atol=0.001)


def test_a_face_in_profile(detector):
    boxes, scores = faces(detector, "camera", 416)
    np.testing.assert_allclose(boxes, [(187.9, 129.4, 259.4, 201.8)], atol=0.1)
    np.testing.assert_allclose(scores, [0.670], atol=0.001)


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_no_face_where_there_is_none(detector, name):
    boxes, scores = faces(detector, name, 416)
    assert boxes.shape == (0, 4) and scores.shape == (0,)


def test_pictures_need_not_be_square(detector):
    """Rows of black below change no cell whose field does not reach them."""
    image = pretrained.letterbox(photo("astronaut").image, (416, 608)).image
    wide = run(detector, image[np.newaxis])
    assert wide.shape == (1, 13, 19, 5, 5)
    square = run(detector, image[np.newaxis, :, :416])
    np.testing.assert_allclose(wide[:, :, :9], square[:, :, :9], atol=1e-4)


@pytest.mark.parametrize("shape", [(100, 96), (96, 100), (416, 31)])
def test_sides_that_are_no_multiples_of_32_are_refused(detector, shape):
    message = f"pictures are {shape[0]}×{shape[1]}, the network needs multiples of 32 pixels"
    with pytest.raises(ValueError, match=message):
        detector(np.zeros((1, *shape, 3), np.float32))


@pytest.mark.parametrize("network, side", [("detector", 64), ("landmarks", 112), ("encoder", 150)])
def test_a_saved_network_gives_the_same(network, side, request, tmp_path):
    model = request.getfixturevalue(network)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).random((2, side, side, 3), dtype="float32")
    np.testing.assert_allclose(run(again, x), run(model, x), atol=1e-5)
