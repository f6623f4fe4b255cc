"""Landmarks: y there and back, the loss by hand and by numerical gradient, the mean error."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import ops

from cnnlib.datasets import landmark_faces
from cnnlib.detection.landmarks import (
    MIRRORED_68,
    Gaze,
    LandmarkLoss,
    decode,
    encode,
    landmark_net,
    normalized_mean_error,
)


@settings(max_examples=50, deadline=None)
@given(arrays(float, (3, 4, 2), elements=st.floats(0, 48)), arrays(bool, (3, 4)))
def test_what_is_encoded_decodes_to_itself(points, present):
    y = encode(points, present, image_shape=(48, 64))
    assert y.shape == (3, 4, 3) and y.dtype == np.float32
    again, seen = decode(y, image_shape=(48, 64))
    np.testing.assert_array_equal(seen, present)
    np.testing.assert_allclose(again[present], points[present], atol=1e-4)
    assert (y[~present] == 0).all()


def test_a_mirror_swaps_the_68_rows_within_their_parts_and_twice_gives_them_back():
    mirror = np.array(MIRRORED_68)
    np.testing.assert_array_equal(mirror[mirror], np.arange(68))
    pairs = {0: 16, 17: 26, 31: 35, 36: 45, 37: 44, 39: 42, 41: 46, 48: 54, 59: 55, 60: 64, 67: 65}
    assert {row: MIRRORED_68[row] for row in pairs} == pairs
    middle = [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]
    np.testing.assert_array_equal(np.flatnonzero(mirror == np.arange(68)), middle)


def test_x_is_a_share_of_the_width_and_y_of_the_height():
    y = encode([[[32, 12]]], [[True]], image_shape=(48, 64))
    np.testing.assert_allclose(y, [[[1, 0.5, 0.25]]])


def test_the_loss_by_hand():
    y = np.array([[[1, 0.5, 0.5], [0, 0, 0]]])
    answer = np.array([[[0.9, 0.6, 0.3], [0.2, 0.7, 0.7]]])
    expected = (-np.log(0.9) + 7 * (0.1**2 + 0.2**2) - np.log(0.8)) / 2
    np.testing.assert_allclose(float(LandmarkLoss(weight=7)(y, answer)), expected, rtol=1e-6)


def test_the_place_of_a_landmark_that_cannot_be_seen_does_not_count():
    y = np.zeros((1, 3, 3))
    near, far = np.full((1, 3, 3), 0.1), np.full((1, 3, 3), 0.9)
    far[..., 0] = 0.1
    assert float(LandmarkLoss()(y, near)) == float(LandmarkLoss()(y, far))


def test_the_gradient_of_the_loss_is_the_numerical_one():
    """One step of plain gradient descent on the answers themselves."""
    y = np.array([[[1, 0.5, 0.5], [0, 0, 0], [1, 0.1, 0.9]]], "float32")
    network = keras.Sequential([keras.Input((3, 3)), _Answers()])
    network.compile(keras.optimizers.SGD(1.0), LandmarkLoss(weight=5))
    start = ops.convert_to_numpy(network.layers[-1].kernel)
    network.fit(np.ones((1, 3, 3), "float32"), y, batch_size=1, epochs=1, verbose=0)
    step = start - ops.convert_to_numpy(network.layers[-1].kernel)
    loss = LandmarkLoss(weight=5)
    for place in np.ndindex(3, 3):
        shift = np.zeros((3, 3), "float32")
        shift[place] = 1e-3
        ahead, back = (float(loss(y, start[None] + sign * shift)) for sign in (1, -1))
        np.testing.assert_allclose(step[place], (ahead - back) / 2e-3, atol=2e-3)


class _Answers(keras.layers.Layer):
    """Gives its nine weights, in 0.2…0.8, as the answer for every picture."""

    def build(self, _):
        self.kernel = self.add_weight(shape=(3, 3), name="kernel")
        self.kernel.assign(np.linspace(0.2, 0.8, 9, dtype="float32").reshape(3, 3))

    def call(self, x):
        return x * self.kernel


def test_certain_and_wrong_answers_cost_a_finite_sum():
    y, wrong = np.array([[[1, 0, 0], [0, 0, 0]]]), np.array([[[0, 1, 1], [1, 1, 1]]])
    assert 5 < float(LandmarkLoss()(y, wrong)) < np.inf
    assert abs(float(LandmarkLoss()(y, y))) < 1e-6


def test_a_compiled_network_learns_saves_and_reloads(tmp_path):
    keras.utils.set_random_seed(0)
    faces = landmark_faces(48, seed=0, size=48)
    y = encode(faces.points, faces.present, image_shape=(48, 48))
    network = landmark_net(input_shape=(48, 48, 3), filters=(8, 16, 16))
    network.compile("adam", LandmarkLoss(weight=20.0))
    history = network.fit(faces.images, y, epochs=8, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < 0.9 * history[0]
    network.save(tmp_path / "landmarks.keras")
    again = keras.models.load_model(tmp_path / "landmarks.keras")
    assert again.loss.weight == 20
    np.testing.assert_allclose(
        again.predict(faces.images, verbose=0), network.predict(faces.images, verbose=0), atol=1e-6
    )


def test_the_network_answers_in_shares_for_any_shape():
    network = landmark_net(input_shape=(40, 64, 1), landmarks=3)
    answers = ops.convert_to_numpy(network(np.zeros((2, 40, 64, 1), "float32")))
    assert answers.shape == (2, 3, 3) and (answers > 0).all() and (answers < 1).all()


def test_a_gaze_is_the_mean_under_a_softmax():
    """By loops over two maps of 3 × 4 places with five features."""
    random = np.random.default_rng(0)
    scores, seen = random.normal(size=(2, 3, 4, 2)), random.normal(size=(2, 3, 4, 5))
    given = ops.convert_to_numpy(Gaze()([scores.astype("f4"), seen.astype("f4")]))
    assert given.shape == (2, 2, 7)
    for picture, k in np.ndindex(2, 2):
        weights = np.exp(scores[picture, :, :, k])
        weights /= weights.sum()
        x = sum(weights[i, j] * (j + 0.5) / 4 for i in range(3) for j in range(4))
        y = sum(weights[i, j] * (i + 0.5) / 3 for i in range(3) for j in range(4))
        what = sum(weights[i, j] * seen[picture, i, j] for i in range(3) for j in range(4))
        np.testing.assert_allclose(given[picture, k], [x, y, *what], atol=1e-5)


def test_a_gaze_at_one_place_gives_that_place_and_what_is_there():
    scores, seen = np.zeros((1, 4, 4, 1), "f4"), np.arange(16, dtype="f4").reshape(1, 4, 4, 1)
    scores[0, 2, 1] = 100
    np.testing.assert_allclose(
        ops.convert_to_numpy(Gaze()([scores, seen]))[0, 0], [0.375, 0.625, 9], atol=1e-5
    )


def test_a_gaze_refuses_maps_of_different_places():
    with pytest.raises(ValueError, match=r"Gaze: scores cover 4×4 places, features 2×4"):
        Gaze()([np.zeros((1, 4, 4, 1)), np.zeros((1, 2, 4, 3))])


def test_the_mean_error_by_hand():
    points = np.array([[[0, 0], [10, 0]], [[5, 5], [9, 9]]])
    predicted = points + np.array([[[3, 4], [0, 0]], [[0, 2], [100, 100]]])
    present = np.array([[True, True], [True, False]])
    in_pixels = normalized_mean_error(points, predicted, present=present, scale=1)
    assert in_pixels == pytest.approx((5 + 0 + 2) / 3)
    shares = normalized_mean_error(points, predicted, present=present, scale=[10, 20])
    assert shares == pytest.approx((0.5 + 0 + 0.1) / 3)
    assert normalized_mean_error(points, points, present=present, scale=[10, 20]) == 0


def test_a_larger_picture_of_the_same_face_has_the_same_normalized_error():
    random = np.random.default_rng(0)
    points, predicted = random.random((2, 4, 5, 2))
    scale, present = random.random(4) + 1, np.ones((4, 5), bool)
    small = normalized_mean_error(points, predicted, present=present, scale=scale)
    large = normalized_mean_error(3 * points, 3 * predicted, present=present, scale=3 * scale)
    assert small == pytest.approx(large)


@pytest.mark.parametrize(
    "points, present, error, message",
    [
        ([[[70, 5]]], [[True]], ValueError, r"landmark 0 of picture 0 is at \[70\.0, 5\.0\]"),
        ([[[5, np.nan]]], [[True]], ValueError, "needs to lie in the picture of 48×64"),
        ([[[5, 5]]], [[1]], TypeError, "present has type int64, it needs bool"),
        (
            [[[5, 5]]],
            [[True, False]],
            ValueError,
            r"present has shape \(1, 2\), points need \(1, 1\)",
        ),
        ([[5, 5]], [[True]], ValueError, r"points has shape \(1, 2\)"),
    ],
)
def test_encode_refuses_what_is_no_landmark(points, present, error, message):
    with pytest.raises(error, match=rf"encode: .*{message}|encode: {message}"):
        encode(points, present, image_shape=(48, 64))


def test_a_landmark_that_cannot_be_seen_may_lie_anywhere():
    y = encode([[[np.nan, -900]]], [[False]], image_shape=(48, 64))
    np.testing.assert_array_equal(y, np.zeros((1, 1, 3)))


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.zeros((2, 8, 2)), np.full((1, 1, 3), np.inf)])
def test_decode_refuses_what_is_no_answer(bad):
    with pytest.raises(ValueError, match=r"decode: y (has shape|holds inf)"):
        decode(bad, image_shape=(64, 64))


def test_thresholds_outside_0_to_1_are_refused():
    with pytest.raises(ValueError, match=r"decode: threshold is 2, it needs"):
        decode(np.zeros((1, 1, 3)), image_shape=(64, 64), threshold=2)


@pytest.mark.parametrize(
    "shapes", [((2, 8, 3), (2, 7, 3)), ((2, 8), (2, 8)), ((2, 8, 2), (2, 8, 2))]
)
def test_the_loss_refuses_other_shapes(shapes):
    with pytest.raises(ValueError, match=r"LandmarkLoss: y_true has shape"):
        LandmarkLoss()(*map(np.zeros, shapes))


@pytest.mark.parametrize("weight", [0, -1, np.nan])
def test_the_loss_refuses_a_weight_that_is_not_positive(weight):
    with pytest.raises(ValueError, match=r"LandmarkLoss: weight is .* positive"):
        LandmarkLoss(weight)


@pytest.mark.parametrize(
    "changed, error, message",
    [
        ({"predicted": np.zeros((1, 3, 2))}, ValueError, r"predicted has shape \(1, 3, 2\)"),
        ({"present": np.zeros((1, 2), bool)}, ValueError, "0 landmarks"),
        ({"present": np.ones((1, 2))}, TypeError, "it needs bool"),
        ({"scale": [1, 2]}, ValueError, r"scale has shape \(2,\), it needs \(1,\)"),
        ({"scale": 0}, ValueError, "scale holds 0"),
        ({"points": np.full((1, 2, 2), np.nan)}, ValueError, "is not finite"),
    ],
)
def test_the_mean_error_refuses_what_it_cannot_measure(changed, error, message):
    right = {
        "points": np.zeros((1, 2, 2)),
        "predicted": np.zeros((1, 2, 2)),
        "present": np.ones((1, 2), bool),
        "scale": 1,
    }
    with pytest.raises(error, match=rf"normalized_mean_error: .*{message}"):
        normalized_mean_error(**{**right, **changed})


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"landmarks": 0}, "landmarks holds 0"),
        ({"input_shape": (7, 8, 3)}, r".*it needs 8×8 pixels"),
        ({"filters": (8, 16)}, r"filters is \(8, 16\), it needs three"),
    ],
)
def test_the_builder_refuses_what_makes_no_network(arguments, message):
    with pytest.raises(ValueError, match=rf"landmark_net: {message}"):
        landmark_net(**arguments)
