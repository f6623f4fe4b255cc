"""Localization: y there and back, both losses by hand and by numerical gradient, the metrics."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from cnnlib.datasets import streets
from cnnlib.detection.boxes import iou
from cnnlib.detection.localization import (
    MixedLoss,
    SquaredLoss,
    accuracy,
    decode,
    encode,
    localizer,
    mean_iou,
)

CAR = {"boxes": [[20, 40, 60, 60]], "labels": [1]}
NOTHING = {"boxes": [], "labels": []}

coordinate = st.floats(-40, 140, allow_nan=False, width=32)


def test_the_lectures_answer_for_a_car_and_for_an_empty_picture():
    y = encode([CAR, NOTHING], classes=3, image_shape=(80, 100))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y[0], [1, 0.4, 0.625, 0.25, 0.4, 0, 1, 0], atol=1e-7)
    np.testing.assert_array_equal(y[1], np.zeros(8))


@settings(max_examples=100, deadline=None)
@given(st.tuples(coordinate, coordinate, coordinate, coordinate), st.integers(0, 4))
def test_what_is_encoded_decodes_to_itself(numbers, label):
    """For every box whose midpoint lies in the picture, also one that sticks out of it."""
    x, y = sorted(numbers[::2]), sorted(numbers[1::2])
    box = np.array([x[0], y[0], x[1], y[1]])
    answer = {"boxes": [box], "labels": [label]}
    if not (0 <= x[0] + x[1] <= 200 and 0 <= y[0] + y[1] <= 160):
        with pytest.raises(ValueError, match=r"encode: targets\[0\] has its midpoint at"):
            encode([answer], classes=5, image_shape=(80, 100))
        return
    (found,) = decode(encode([answer], classes=5, image_shape=(80, 100)), image_shape=(80, 100))
    np.testing.assert_allclose(found["boxes"], [box], atol=1e-3)
    assert found["labels"].tolist() == [label] and found["scores"].tolist() == [1]


def test_scenes_with_one_object_or_none_go_there_and_back():
    targets = streets(20, seed=0, size=64, objects=(0, 1)).targets
    found = decode(encode(targets, classes=3, image_shape=(64, 64)), image_shape=(64, 64))
    for target, detection in zip(targets, found, strict=True):
        np.testing.assert_allclose(detection["boxes"], target["boxes"], atol=1e-4)
        np.testing.assert_array_equal(detection["labels"], target["labels"])


def test_an_empty_list_has_no_answers():
    assert encode([], classes=3, image_shape=(64, 64)).shape == (0, 8)
    assert decode(np.zeros((0, 8)), image_shape=(64, 64)) == []


def test_an_object_counts_above_the_threshold_only():
    y = np.tile([0.5, 0.5, 0.5, 0.2, 0.2, 0, 1, 0], (3, 1))
    y[:, 0] = 0.4, 0.5, 0.6
    counts = [len(found["boxes"]) for found in decode(y, image_shape=(10, 10))]
    assert counts == [0, 0, 1]
    lower = decode(y, image_shape=(10, 10), threshold=0.45)
    assert [len(found["boxes"]) for found in lower] == [0, 1, 1]
    assert lower[0]["boxes"].shape == (0, 4) and lower[0]["labels"].shape == (0,)


def test_both_losses_by_hand_where_an_object_is():
    y = np.array([[1, 0.5, 0.6, 0.2, 0.4, 0, 1, 0]])
    answer = np.array([[0.8, 0.6, 0.6, 0.3, 0.2, 0.1, 0.7, 0.2]])
    box = 0.1**2 + 0**2 + 0.1**2 + 0.2**2
    squared = 0.2**2 + box + 0.1**2 + 0.3**2 + 0.2**2
    mixed = -np.log(0.8) + box - np.log(0.7)
    np.testing.assert_allclose(float(SquaredLoss()(y, answer)), squared, rtol=1e-6)
    np.testing.assert_allclose(float(MixedLoss()(y, answer)), mixed, rtol=1e-6)


def test_a_weight_multiplies_the_box_alone():
    y, answers = _answers(np.random.default_rng(4), 6)
    box = (y[:, :1] * (answers - y)[:, 1:5] ** 2).sum(axis=1).mean()
    for kind in (SquaredLoss, MixedLoss):
        more = float(kind(box_weight=5)(y, answers)) - float(kind()(y, answers))
        np.testing.assert_allclose(more, 4 * box, rtol=1e-4)


@pytest.mark.parametrize("kind", [SquaredLoss, MixedLoss])
@pytest.mark.parametrize("weight", [0, -1, np.nan, "5", True])
def test_a_weight_that_is_no_number_above_0_is_refused(kind, weight):
    with pytest.raises(ValueError, match=rf"{kind.__name__}: box_weight is .* above 0"):
        kind(box_weight=weight)


def test_only_p_c_counts_where_no_object_is():
    y = np.zeros((1, 8))
    for seed in range(3):
        answer = np.random.default_rng(seed).random((1, 8))
        answer[0, 0] = 0.3
        np.testing.assert_allclose(float(SquaredLoss()(y, answer)), 0.3**2, rtol=1e-6)
        np.testing.assert_allclose(float(MixedLoss()(y, answer)), -np.log(0.7), rtol=1e-6)


def test_a_batch_counts_the_mean_of_its_pictures():
    random = np.random.default_rng(0)
    y, answers = _answers(random, 6)
    for loss in (SquaredLoss(), MixedLoss()):
        each = [float(loss(y[i : i + 1], answers[i : i + 1])) for i in range(6)]
        np.testing.assert_allclose(float(loss(y, answers)), np.mean(each), rtol=1e-5)


def test_log_loss_and_cross_entropy_are_keras_own():
    y, answers = _answers(np.random.default_rng(1), 8)
    there = y[:, 0]
    log_loss = keras.losses.BinaryCrossentropy(reduction=None)(y[:, :1], answers[:, :1])
    entropy = keras.losses.CategoricalCrossentropy(reduction=None)(y[:, 5:], answers[:, 5:])
    box = ((y[:, 1:5] - answers[:, 1:5]) ** 2).sum(axis=1)
    expected = np.mean(
        ops.convert_to_numpy(log_loss) + there * (box + ops.convert_to_numpy(entropy))
    )
    np.testing.assert_allclose(float(MixedLoss()(y, answers)), expected, rtol=1e-4)


@pytest.mark.parametrize("loss", [SquaredLoss(), MixedLoss()])
def test_weights_learn_by_the_gradient_of_the_loss(loss):
    """One step of plain gradient descent on a layer equals the numerical gradient of the loss."""
    y, answers = _answers(np.random.default_rng(2), 4)
    network = keras.Sequential([keras.Input((8,)), _Answers()])
    network.compile(keras.optimizers.SGD(1.0), loss)
    start = ops.convert_to_numpy(network.layers[-1].kernel)
    network.fit(np.ones_like(answers), y, batch_size=4, epochs=1, verbose=0)
    step = start - ops.convert_to_numpy(network.layers[-1].kernel)
    numerical = np.empty(8)
    for k in range(8):
        moved = [start + sign * 1e-3 * np.eye(8)[k] for sign in (1, -1)]
        values = [float(loss(y, np.tile(answer.astype("float32"), (4, 1)))) for answer in moved]
        numerical[k] = (values[0] - values[1]) / 2e-3
    np.testing.assert_allclose(step, numerical, atol=2e-3)


class _Answers(keras.layers.Layer):
    """Gives its eight weights, in 0.2…0.8, as the answer for every picture."""

    def build(self, _):
        self.kernel = self.add_weight(shape=(8,), name="kernel")
        self.kernel.assign(np.linspace(0.2, 0.8, 8, dtype="float32"))

    def call(self, x):
        return x * self.kernel


def _answers(random, m):
    """Targets with and without objects, and answers as a network gives them."""
    y, answers = random.random((m, 8)), random.uniform(0.05, 0.95, (m, 8))
    y[:, 0] = np.arange(m) % 2
    y[:, 5:] = np.eye(3)[random.integers(3, size=m)]
    answers[:, 5:] /= answers[:, 5:].sum(axis=1, keepdims=True)
    return (y * y[:, :1]).astype("float32"), answers.astype("float32")


@pytest.mark.parametrize("loss", [SquaredLoss(), MixedLoss()])
def test_certain_and_wrong_answers_cost_a_finite_sum(loss):
    y = np.array([[1, 0.5, 0.5, 0.2, 0.2, 1, 0], [0, 0, 0, 0, 0, 0, 0]])
    wrong = np.array([[0, 0.5, 0.5, 0.2, 0.2, 0, 1], [1, 0, 0, 0, 0, 0, 0]])
    assert np.isfinite(float(loss(y, wrong))) and float(loss(y, wrong)) > 1
    assert abs(float(loss(y, y))) < 1e-6


def test_mean_iou_is_that_of_the_boxes():
    y, answers = _answers(np.random.default_rng(3), 20)
    there = y[:, 0] == 1
    boxes = []
    for numbers in (y[there], answers[there]):
        found = decode(numbers, image_shape=(1, 1), threshold=0)
        boxes.append(np.concatenate([one["boxes"] for one in found]))
    np.testing.assert_allclose(mean_iou(y, answers), np.diag(iou(*boxes)).mean(), rtol=1e-6)
    assert mean_iou(y, y) == pytest.approx(1)


def test_accuracy_asks_for_the_class_where_an_object_is_and_only_there():
    there, none = np.array([1, 0.5, 0.5, 0.2, 0.2, 0, 1.0]), np.zeros(7)
    answers = np.array(
        [
            [0.9, 0, 0, 0, 0, 0.2, 0.8],  # right
            [0.9, 0, 0, 0, 0, 0.8, 0.2],  # another class
            [0.4, 0, 0, 0, 0, 0.2, 0.8],  # overlooked
            [0.1, 0, 0, 0, 0, 0.9, 0.1],  # rightly nothing
            [0.6, 0, 0, 0, 0, 0.2, 0.8],  # seen where nothing is
        ]
    )
    y = np.array([there, there, there, none, none])
    assert accuracy(y, answers) == pytest.approx(2 / 5)
    assert accuracy(y, answers, threshold=0.3) == pytest.approx(3 / 5)


def test_the_network_answers_in_probabilities_and_shares():
    network = localizer(input_shape=(48, 64, 3), classes=5)
    answers = ops.convert_to_numpy(
        network(np.random.default_rng(0).random((3, 48, 64, 3), "float32"))
    )
    assert answers.shape == (3, 10)
    assert (answers > 0).all() and (answers < 1).all()
    np.testing.assert_allclose(answers[:, 5:].sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("loss", [SquaredLoss(), MixedLoss(box_weight=5)])
def test_a_compiled_localizer_learns_saves_and_reloads(loss, tmp_path):
    keras.utils.set_random_seed(0)
    scenes = streets(48, seed=0, size=48, objects=(0, 1))
    y = encode(scenes.targets, classes=3, image_shape=(48, 48))
    network = localizer(input_shape=(48, 48, 3), filters=(8, 16), units=16)
    network.compile("adam", loss)
    history = network.fit(scenes.images, y, epochs=8, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < 0.9 * history[0]
    network.save(tmp_path / "localizer.keras")
    again = keras.models.load_model(tmp_path / "localizer.keras")
    assert type(again.loss) is type(loss) and again.loss.box_weight == loss.box_weight
    np.testing.assert_allclose(
        again.predict(scenes.images, verbose=0),
        network.predict(scenes.images, verbose=0),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "targets, message",
    [
        ([{"boxes": [[0, 0, 9, 9]] * 2, "labels": [0, 1]}], "2 boxes, a localizer needs one"),
        ([CAR, {"boxes": [[90, 0, 130, 9]], "labels": [0]}], r"targets\[1\] .* at \(110, 4\.5\)"),
        ([{"boxes": [[0, 0, 9, 9]], "labels": [3]}], "holds 3, it needs 0 to 2"),
        ([{"boxes": [[0, 0, 9, 9]], "labels": [-1]}], "holds -1, it needs 0 to 2"),
        ([{"boxes": [[9, 0, 0, 9]], "labels": [0]}], "it needs x_min ≤ x_max"),
        ([{"boxes": [[0, 0, 9, np.nan]], "labels": [0]}], "needs finite numbers"),
        ([{"boxes": [[0, 0, 9]], "labels": [0]}], r"shape \(1, 3\), it needs \(n, 4\)"),
        ([{"boxes": []}], "has no 'labels'"),
    ],
)
def test_what_a_localizer_cannot_answer_is_refused(targets, message):
    with pytest.raises(ValueError, match=message):
        encode(targets, classes=3, image_shape=(80, 100))


def test_encode_refuses_other_types_and_too_few_classes():
    with pytest.raises(TypeError, match=r"encode: targets is a dict, it needs a list"):
        encode(CAR, classes=3, image_shape=(80, 100))
    with pytest.raises(TypeError, match=r"type float64, it needs whole numbers"):
        encode([{"boxes": [[0, 0, 9, 9]], "labels": [0.5]}], classes=3, image_shape=(80, 100))
    with pytest.raises(ValueError, match=r"encode: classes is 1, it needs 2 or more"):
        encode([CAR], classes=1, image_shape=(80, 100))


@pytest.mark.parametrize("bad", [np.zeros(8), np.zeros((2, 6)), np.full((1, 8), np.nan)])
def test_decode_refuses_what_is_no_answer(bad):
    with pytest.raises(ValueError, match=r"decode: y (has shape|row 0 is)"):
        decode(bad, image_shape=(64, 64))


@pytest.mark.parametrize("threshold", [-0.1, 1.5, np.nan])
def test_thresholds_outside_0_to_1_are_refused(threshold):
    with pytest.raises(ValueError, match=r"decode: threshold is .* from 0 to 1"):
        decode(np.zeros((1, 8)), image_shape=(64, 64), threshold=threshold)
    with pytest.raises(ValueError, match=r"accuracy: threshold is"):
        accuracy(np.zeros((1, 8)), np.zeros((1, 8)), threshold=threshold)


@pytest.mark.parametrize("loss", [SquaredLoss(), MixedLoss()])
@pytest.mark.parametrize("shapes", [((2, 8), (2, 7)), ((2, 8, 1), (2, 8, 1)), ((8,), (8,))])
def test_losses_refuse_other_shapes(loss, shapes):
    with pytest.raises(ValueError, match=rf"{type(loss).__name__}: y_true has shape"):
        loss(*map(np.zeros, shapes))


@pytest.mark.parametrize("measure", [mean_iou, accuracy])
@pytest.mark.parametrize(
    "shapes", [((2, 8), (3, 8)), ((2, 8), (2, 9)), ((0, 8), (0, 8)), ((8,), (8,))]
)
def test_measures_refuse_other_shapes(measure, shapes):
    with pytest.raises(ValueError, match=rf"{measure.__name__}: y_"):
        measure(*map(np.zeros, shapes))


def test_mean_iou_needs_an_object():
    with pytest.raises(ValueError, match=r"mean_iou: y_true has no object"):
        mean_iou(np.zeros((2, 8)), np.zeros((2, 8)))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"input_shape": (8, 8, 3)}, ValueError, r".* it needs 16×16 pixels"),
        ({"input_shape": (64, 64)}, ValueError, "input_shape"),
        ({"filters": (16, 0)}, ValueError, "filters holds 0"),
        ({"units": 2.5}, TypeError, "units holds 2.5"),
    ],
)
def test_the_builder_refuses_what_makes_no_network(arguments, error, message):
    with pytest.raises(error, match=rf"localizer: {message}"):
        localizer(**arguments)
