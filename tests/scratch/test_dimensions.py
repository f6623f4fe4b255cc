"""The same layers on signals and volumes: against Keras, step by step, and trained."""

import numpy as np
import pytest

from cnnlib.datasets import sequences, videos
from cnnlib.scratch import naive, ops
from cnnlib.scratch.gradients import check_gradients
from cnnlib.scratch.layers import Conv, Dense, Flatten, MaxPool, ReLU
from cnnlib.scratch.network import Network
from cnnlib.scratch.optimizers import SGD, Adam

SHAPES = {1: (20, 2), 2: (10, 9, 2), 3: (7, 8, 6, 2)}


def network(axes, *, classes=3):
    """Two convolutions, a maximum over all places, and a dense layer, for any number of axes."""
    shape = SHAPES[axes]
    left = tuple(-(-(n - 2) // 2) for n in shape[:-1])  # f = 3 without padding, then stride 2
    layers = [
        Conv(4, 3, name="conv1"),
        ReLU(),
        Conv(5, 3, stride=2, padding="same", name="conv2"),
        ReLU(),
        MaxPool(left),
        Flatten(),
        Dense(classes, name="output"),
    ]
    return Network(layers, input_shape=shape)


def keras_twin(axes, ours, *, classes=3):
    keras = pytest.importorskip("keras")
    layers = keras.layers
    conv, pool = (getattr(layers, f"{name}{axes}D") for name in ("Conv", "GlobalMaxPooling"))
    twin = keras.Sequential(
        [
            keras.Input(SHAPES[axes]),
            conv(4, 3, activation="relu"),
            conv(5, 3, strides=2, padding="same", activation="relu"),
            pool(),
            layers.Dense(classes),
        ]
    )
    twin.set_weights(list(ours.parameters.values()))
    return twin


def batch(axes, m=6):
    generator = np.random.default_rng(axes)
    x = generator.normal(size=(m, *SHAPES[axes])).astype(np.float32)
    return x, generator.integers(3, size=m)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_network_and_its_gradients_are_kerass(axes):
    """One step of gradient descent with η = 1 on the same batch moves each weight by −gradient."""
    keras = pytest.importorskip("keras")
    ours = network(axes)
    twin = keras_twin(axes, ours)
    x, y = batch(axes)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(twin(x)))
    np.testing.assert_allclose(ours.predict(x), expected, rtol=0, atol=1e-5)

    before = [values.copy() for values in ours.parameters.values()]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    twin.compile(keras.optimizers.SGD(1.0), loss)
    twin.train_on_batch(x, y)
    ours.fit(x, y, epochs=1, batch_size=len(x), optimizer=SGD(1.0), progress=False)
    for was, our, theirs in zip(before, ours.parameters.values(), twin.get_weights(), strict=True):
        assert np.abs(our - was).max() > 1e-3  # there was a gradient
        np.testing.assert_allclose(our - was, theirs - was, rtol=0, atol=1e-5)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_gradients_of_a_whole_network_are_the_numerical_ones(axes):
    assert check_gradients(network(axes), *batch(axes, m=3)) < 1e-6


@pytest.mark.parametrize("axes", [1, 3])
def test_a_network_is_saved_and_loaded(axes, tmp_path):
    ours = network(axes)
    ours.save(tmp_path / "network.h5")
    x, _ = batch(axes)
    np.testing.assert_array_equal(Network.load(tmp_path / "network.h5").predict(x), ours.predict(x))


def test_the_shapes_of_the_lecture():
    signal, volume = np.ones((1, 14, 1)), np.ones((1, 14, 14, 14, 1))
    for module in (ops, naive):
        z = module.conv(signal, np.ones((5, 1, 16)))
        assert z.shape == (1, 10, 16)
        assert module.conv(z, np.ones((5, 16, 32))).shape == (1, 6, 32)
    z = ops.conv(volume, np.ones((5, 5, 5, 1, 16)))
    assert z.shape == (1, 10, 10, 10, 16)
    assert ops.conv(z, np.ones((5, 5, 5, 16, 32))).shape == (1, 6, 6, 6, 32)


@pytest.mark.parametrize("axes", [1, 2])
def test_a_thin_volume_is_a_picture_and_a_thin_picture_a_signal(axes):
    x, _ = batch(axes)
    kernel = np.random.default_rng(0).normal(size=(*[3] * axes, 2, 4)).astype(np.float32)
    thin = ops.conv(x[:, np.newaxis], kernel[np.newaxis])
    np.testing.assert_allclose(thin[:, 0], ops.conv(x, kernel), rtol=0, atol=1e-5)


def test_signals_are_learned():
    data, test = sequences(500, seed=0), sequences(300, seed=0, part="test")
    layers = [Conv(16, 5), ReLU(), Conv(32, 5, stride=2), ReLU(), MaxPool(28), Flatten(), Dense(10)]
    learner = Network(layers, input_shape=(64, 1))
    learner.fit(
        data.signals, data.labels, epochs=12, batch_size=32, optimizer=Adam(0.003), progress=False
    )
    _, accuracy = learner.evaluate(test.signals, test.labels)
    assert accuracy > 0.7


def test_directions_of_films_are_learned():
    data, test = videos(300, seed=0), videos(150, seed=0, part="test")
    layers = [
        Conv(8, (3, 5, 5), stride=(1, 2, 2)),
        ReLU(),
        MaxPool((4, 10, 10)),
        Flatten(),
        Dense(4),
    ]
    learner = Network(layers, input_shape=(6, 24, 24, 1))
    learner.fit(
        data.clips, data.labels, epochs=8, batch_size=32, optimizer=Adam(0.01), progress=False
    )
    _, accuracy = learner.evaluate(test.clips, test.labels)
    assert accuracy > 0.7
