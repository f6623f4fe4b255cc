"""LeNet-5: its numbers, its files, that it learns, and that the NumPy network is the same."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import conv_parameters
from cnnlib.models import lenet5
from cnnlib.scratch.layers import (
    AveragePool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    ReLU,
    Tanh,
)
from cnnlib.scratch.network import Network

NAMES = ["conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "dense2", "output"]


def pictures(count, shape):
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


@pytest.mark.parametrize("original", [False, True])
def test_layers_shapes_and_parameters(original):
    model = lenet5(original=original)
    assert model.name == "lenet5"
    assert [layer.name for layer in model.layers] == NAMES
    assert [layer.output.shape[1:] for layer in model.layers] == [
        (28, 28, 6),
        (14, 14, 6),
        (10, 10, 16),
        (5, 5, 16),
        (400,),
        (120,),
        (84,),
        (10,),
    ]
    assert model.count_params() == 61_706
    assert model.count_params() == (
        conv_parameters(5, 1, 6) + conv_parameters(5, 6, 16) + 401 * 120 + 121 * 84 + 85 * 10
    )


@pytest.mark.parametrize(
    "original, activation, pooling",
    [(False, "relu", keras.layers.MaxPooling2D), (True, "tanh", keras.layers.AveragePooling2D)],
)
def test_modern_and_original_differ_in_activation_and_pooling(original, activation, pooling):
    model = lenet5(original=original)
    for name in ("conv1", "conv2", "dense1", "dense2"):
        assert model.get_layer(name).activation.__name__ == activation
    for name in ("pool1", "pool2"):
        assert type(model.get_layer(name)) is pooling
    assert model.get_layer("output").activation.__name__ == "softmax"


def test_the_wide_network_has_80_thousand_parameters():
    model = lenet5(input_shape=(28, 28, 1), filters=(16, 32), units=(128,), dropout=0.3)
    assert model.count_params() == 416 + 12_832 + 513 * 128 + 129 * 10 == 80_202
    assert [layer.name for layer in model.layers] == [*NAMES[:5], "dropout", "dense1", "output"]
    assert model.get_layer("dropout").rate == 0.3


@pytest.mark.parametrize("input_shape, classes", [((16, 16, 1), 2), ((28, 40, 3), 26)])
def test_outputs_are_probabilities(input_shape, classes):
    x = pictures(3, input_shape)
    model = lenet5(input_shape=input_shape, classes=classes)
    probabilities = keras.ops.convert_to_numpy(model(x))
    assert probabilities.shape == (3, classes)
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-6)


@pytest.mark.parametrize("original", [False, True])
def test_saved_and_loaded_it_answers_the_same(original, tmp_path):
    model = lenet5(original=original)
    model.save(tmp_path / "lenet5.keras")
    loaded = keras.models.load_model(tmp_path / "lenet5.keras")
    assert [layer.name for layer in loaded.layers] == NAMES
    x = pictures(3, (32, 32, 1))
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(x)), keras.ops.convert_to_numpy(model(x))
    )


@pytest.mark.parametrize("original", [False, True])
def test_training_reduces_the_loss(original):
    keras.utils.set_random_seed(0)
    model = lenet5(original=original, input_shape=(16, 16, 1), classes=2, dropout=0.1)
    model.compile("adam", "sparse_categorical_crossentropy")
    x = pictures(64, (16, 16, 1))
    y = np.arange(64) % 2
    x[y == 1, :, 8:] = 0
    losses = model.fit(x, y, epochs=12, batch_size=32, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def numpy_twin(original):
    activation, pool = (Tanh, AveragePool) if original else (ReLU, MaxPool)
    return Network(
        [
            Conv(6, 5, name="conv1"),
            activation(),
            pool(2, name="pool1"),
            Conv(16, 5, name="conv2"),
            activation(),
            pool(2, name="pool2"),
            Flatten(name="flatten"),
            Dropout(0.3),
            Dense(120, name="dense1"),
            activation(),
            Dense(84, name="dense2"),
            activation(),
            Dense(10, name="output"),
        ],
        input_shape=(32, 32, 1),
    )


@pytest.mark.parametrize("original", [False, True])
def test_weights_go_to_the_numpy_network_and_back(original):
    x = pictures(5, (32, 32, 1))
    model, network = lenet5(original=original, dropout=0.3), numpy_twin(original)

    network.set_weights(model.get_weights())
    expected = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(network.predict(x), expected, rtol=0, atol=1e-5)

    drawn = numpy_twin(original)
    model.set_weights(drawn.get_weights())
    answer = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(answer, drawn.predict(x), rtol=0, atol=1e-5)
    assert np.abs(answer - expected).max() > 1e-3  # the two sets of weights are not the same


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (
            {"input_shape": (15, 32, 1)},
            ValueError,
            r"input_shape is \(15, 32, 1\), it needs 16×16 pixels",
        ),
        (
            {"input_shape": (32, 12, 1)},
            ValueError,
            r"input_shape is \(32, 12, 1\), it needs 16×16 pixels",
        ),
        ({"input_shape": (32, 32)}, ValueError, r"input_shape is \(32, 32\), it needs 3 integers"),
        ({"input_shape": 32}, ValueError, "input_shape is 32, it needs 3 integers"),
        ({"input_shape": (32, 32, 0)}, ValueError, "input_shape holds 0, it needs 1 or more"),
        ({"input_shape": (None, None, 1)}, TypeError, "input_shape holds None, it needs integers"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"classes": -3}, ValueError, "classes holds -3, it needs 1 or more"),
        ({"classes": 10.0}, TypeError, "classes holds 10.0, it needs integers"),
        ({"classes": True}, TypeError, "classes holds True, it needs integers"),
        ({"filters": (6, 16, 32)}, ValueError, "filters is .*, it needs 2 integers"),
        ({"filters": (6, 0)}, ValueError, "filters holds 0, it needs 1 or more"),
        ({"units": 84}, ValueError, "units is 84, it needs a tuple of integers"),
        ({"units": (84.5,)}, TypeError, "units holds 84.5, it needs integers"),
        ({"dropout": 1}, ValueError, "dropout is 1, it needs a share"),
        ({"dropout": -0.1}, ValueError, "dropout is -0.1, it needs a share"),
        ({"dropout": float("nan")}, ValueError, "dropout is nan, it needs a share"),
        ({"dropout": "0.3"}, TypeError, "dropout is '0.3', it needs a number"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^lenet5: {message}"):
        lenet5(**arguments)


def test_the_least_picture_is_named_rightly():
    smallest = lenet5(input_shape=(16, 16, 1))
    assert smallest.get_layer("pool2").output.shape[1:3] == (1, 1)
