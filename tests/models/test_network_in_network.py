"""Network in network: its counts, its class maps, its files, and that it learns."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import conv_parameters
from cnnlib.models import network_in_network

FEW = ((8, 6, 4), (6, 6, 6), (6, 6))


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_the_network_for_cifar_has_the_counts_of_its_nine_convolutions():
    model = network_in_network()
    assert model.count_params() == 966_986
    sizes = [
        (5, 3, 192),
        (1, 192, 160),
        (1, 160, 96),
        (5, 96, 192),
        (1, 192, 192),
        (1, 192, 192),
        (3, 192, 192),
        (1, 192, 192),
        (1, 192, 10),
    ]
    weighted = [layer for layer in model.layers if layer.weights]
    assert [layer.count_params() for layer in weighted] == [conv_parameters(*s) for s in sizes]
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    assert shapes["mlp1_2"] == (32, 32, 96)
    assert shapes["pool1"] == (16, 16, 96)
    assert shapes["mlp2_2"] == (16, 16, 192)
    assert shapes["class_maps"] == (8, 8, 10)
    assert shapes["output"] == (10,)
    assert [model.get_layer(name).rate for name in ("dropout1", "dropout2")] == [0.5, 0.5]


def test_the_answer_is_the_softmax_of_the_mean_of_the_class_maps():
    model = network_in_network(input_shape=(12, 9, 1), classes=3, filters=FEW, dropout=0)
    x = np.random.default_rng(0).random((2, 12, 9, 1), dtype="float32")
    maps = numbers(keras.Model(model.input, model.get_layer("class_maps").output)(x))
    scores = np.exp(maps.mean(axis=(1, 2)))
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(numbers(model(x)), expected, rtol=0, atol=1e-6)
    assert maps.min() < 0
    assert not [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]


def test_it_learns_and_comes_back_from_its_file(tmp_path):
    keras.utils.set_random_seed(0)
    model = network_in_network(input_shape=(12, 12, 1), classes=2, filters=FEW, dropout=0.1)
    x = np.random.default_rng(0).random((64, 12, 12, 1), dtype="float32")
    y = np.arange(64) % 2
    x[y == 1, :, 6:] = 0
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    losses = model.fit(x, y, epochs=15, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    model.save(tmp_path / "network_in_network.keras")
    loaded = keras.models.load_model(tmp_path / "network_in_network.keras")
    np.testing.assert_allclose(numbers(loaded(x)), numbers(model(x)), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"input_shape": (3, 32, 3)}, ValueError, "input_shape is .*, it needs 4×4 pixels"),
        ({"input_shape": (32, 32)}, ValueError, "input_shape is .*, it needs 3 integers"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"filters": (192, 192)}, ValueError, r"filters is \(192, 192\), it needs 3 tuples"),
        ({"filters": (192, 192, 192)}, ValueError, "filters is 192, it needs a tuple of integers"),
        ({"filters": ((8,), (8, 0), (8,))}, ValueError, "filters holds 0, it needs 1 or more"),
        ({"filters": ((8,), (), (8,))}, ValueError, r"filters is .*, it needs a number or more"),
        ({"dropout": 1}, ValueError, "dropout is 1, it needs a share"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^network_in_network: {message}"):
        network_in_network(**arguments)
