"""Each layer against Keras's with the same weights, and against numerical gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.scratch.gradients import numerical_gradient
from cnnlib.scratch.layers import (
    AveragePool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
    he_normal,
)

IMAGES = {1: (11,), 2: (8, 7), 3: (5, 6, 4)}


def built(layer, input_shape):
    layer.build(input_shape, np.random.default_rng(1))
    return layer


def batch(shape, seed=2):
    return np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)


def keras_layer(kind, axes, *arguments, **options):
    import keras

    return getattr(keras.layers, f"{kind}{axes}D")(*arguments, **options)


def keras_output(layer, x, weights=()):
    import keras

    layer.build(x.shape)
    layer.set_weights(list(weights))
    return keras.ops.convert_to_numpy(layer(x))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("stride", "padding"), [(1, "valid"), (2, "valid"), (1, "same"), (2, "same")]
)
def test_convolution_is_kerass(axes, stride, padding):
    x = batch((*IMAGES[axes], 3))
    layer = built(Conv(4, 3, stride=stride, padding=padding), x.shape[1:])
    layer.parameters["bias"] += np.arange(4, dtype=np.float32)
    twin = keras_layer("Conv", axes, 4, 3, strides=stride, padding=padding)
    expected = keras_output(twin, x, layer.parameters.values())
    result = layer.forward(x)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), (2, 3)])
def test_pooling_is_kerass(axes, kind, size, stride):
    x = batch((*IMAGES[axes], 3))
    layer = {"Max": MaxPool, "Average": AveragePool}[kind](size, stride=stride)
    expected = keras_output(keras_layer(f"{kind}Pooling", axes, size, strides=stride), x)
    np.testing.assert_allclose(layer.forward(x), expected, rtol=0, atol=1e-6)


def test_dense_flatten_and_activations_are_kerass():
    import keras

    x = batch((3, 4, 2))
    flat = Flatten().forward(x)
    np.testing.assert_array_equal(flat, keras_output(keras.layers.Flatten(), x))
    dense = built(Dense(5), flat.shape[1:])
    expected = keras_output(keras.layers.Dense(5), flat, dense.parameters.values())
    np.testing.assert_allclose(dense.forward(flat), expected, rtol=0, atol=1e-5)
    for layer, word in ((ReLU(), "relu"), (Tanh(), "tanh")):
        expected = keras_output(keras.layers.Activation(word), x)
        np.testing.assert_allclose(layer.forward(x), expected, rtol=0, atol=1e-6)


def test_loss_is_kerass():
    import keras

    z, labels = 5 * batch((7,)), np.array([3, 6])
    loss = SoftmaxCrossEntropy()
    expected = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, z)
    assert loss.forward(z, labels) == pytest.approx(float(expected), abs=1e-5)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(z))
    np.testing.assert_allclose(loss.probabilities(z), expected, rtol=0, atol=1e-6)


LAYERS = [
    *((Conv(3, 2), (*IMAGES[axes], 2)) for axes in (1, 2, 3)),
    (Conv(2, (3, 2), stride=(2, 1), padding="same"), (6, 5, 2)),
    (Conv(2, 2, padding=((1, 0), (0, 2))), (4, 5, 3)),
    *((MaxPool(2), (*IMAGES[axes], 2)) for axes in (1, 2, 3)),
    (MaxPool(3, stride=1), (6, 5, 2)),
    *((AveragePool(2), (*IMAGES[axes], 2)) for axes in (1, 2, 3)),
    (AveragePool(2, stride=1), (6, 5, 2)),
    (Flatten(), (3, 2, 2)),
    (Dense(4), (6,)),
    (ReLU(), (4, 3)),
    (Tanh(), (4, 3)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=[f"{a!r} of {b}" for a, b in LAYERS])
def test_backward_is_the_numerical_gradient(layer, shape):
    """Of a weighted sum of the outputs: the weights are then the gradient that comes in."""
    built(layer, shape)
    layer.parameters = {name: p.astype(np.float64) for name, p in layer.parameters.items()}
    x = batch(shape).astype(np.float64)
    weights = np.random.default_rng(3).normal(size=layer.forward(x).shape)

    layer.forward(x, training=True)
    grad_x = layer.backward(weights)
    expected = numerical_gradient(lambda x: (weights * layer.forward(x)).sum(), x)
    np.testing.assert_allclose(grad_x, expected, rtol=0, atol=1e-8)

    for name, values in layer.parameters.items():

        def value(parameter, name=name):
            layer.parameters[name] = parameter
            return (weights * layer.forward(x)).sum()

        expected = numerical_gradient(value, values)
        layer.parameters[name] = values
        np.testing.assert_allclose(layer.gradients[name], expected, rtol=0, atol=1e-8)


def test_loss_gradient_is_the_numerical_one():
    z, labels = batch((5,)).astype(np.float64), np.array([0, 4])
    loss = SoftmaxCrossEntropy()
    expected = numerical_gradient(lambda z: loss.forward(z, labels), z)
    np.testing.assert_allclose(loss.backward(z, labels), expected, rtol=0, atol=1e-9)


def test_loss_of_huge_scores_is_finite():
    z = np.array([[1e4, -1e4, 0]], np.float32)
    loss = SoftmaxCrossEntropy()
    assert loss.forward(z, np.array([1])) == 2e4
    np.testing.assert_array_equal(loss.probabilities(z), [[1, 0, 0]])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_build_foretells_the_output_shape(data):
    axes = data.draw(st.integers(1, 3))
    shape = (*(data.draw(st.integers(3, 6)) for _ in range(axes)), data.draw(st.integers(1, 3)))
    size, stride = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    layer = data.draw(
        st.sampled_from(
            [
                Conv(2, size, stride=stride, padding="same"),
                Conv(2, size, stride=stride),
                MaxPool(size, stride=stride),
                AveragePool(size),
                Flatten(),
                ReLU(),
                Dropout(0.5),
            ]
        )
    )
    foretold = layer.build(shape, np.random.default_rng(0))
    y = layer.forward(batch(shape), training=True)
    assert y.shape == (2, *foretold)
    assert layer.backward(np.ones_like(y)).shape == (2, *shape)


def test_dropout_drops_its_share_and_keeps_the_mean():
    layer = built(Dropout(0.3), (1000,))
    x = np.ones((100, 1000), np.float32)
    y = layer.forward(x, training=True)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(layer.backward(x), y)  # what is dropped gets no gradient
    assert (layer.forward(x, training=True) != y).any()  # every batch drops others
    assert layer.forward(x, training=False) is x


def test_relu_passes_no_gradient_at_zero():
    layer = ReLU()
    layer.forward(np.array([[-1.0, 0.0, 2.0]]), training=True)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3))), [[0, 0, 1]])


def test_he_initialization():
    kernel = he_normal((5, 5, 6, 2000), np.random.default_rng(0))
    assert kernel.dtype == np.float32
    assert kernel.std() == pytest.approx(np.sqrt(2 / 150), rel=0.01)
    assert kernel.mean() == pytest.approx(0, abs=1e-3)


def test_he_keeps_the_signal_through_twenty_relu_layers():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 500), np.float32)
    before = (x**2).mean() / 2
    for _ in range(20):
        x = ReLU().forward(built_with(Dense(500), rng).forward(x))
    assert 1 / 3 < (x**2).mean() / 2 / before < 3


def built_with(layer, rng):
    layer.build((500,), rng)
    return layer


def test_predicting_remembers_nothing():
    for layer, shape in LAYERS:
        built(layer, shape)
        layer.forward(batch(shape), training=True)
        layer.forward(batch(shape), training=False)
        assert layer._memory is None


def test_a_training_forward_serves_one_backward():
    layer = built(Dense(2), (3,))
    layer.forward(batch((3,)), training=True)
    layer.backward(np.ones((2, 2), np.float32))
    with pytest.raises(ValueError, match=r"Dense: backward needs forward\(x, training=True\)"):
        layer.backward(np.ones((2, 2), np.float32))


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=[f"{a!r} of {b}" for a, b in LAYERS])
def test_a_gradient_of_the_wrong_shape_is_refused(layer, shape):
    y = built(layer, shape).forward(batch(shape), training=True)
    with pytest.raises(ValueError):
        layer.backward(np.ones((1, *y.shape[1:]), np.float32))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Conv(0, 3), ValueError, "Conv: filters is 0, it needs at least 1"),
        (lambda: Conv(True, 3), TypeError, "Conv: filters is True, it needs a whole number"),
        (lambda: Conv(2.5, 3), TypeError, "Conv: filters is 2.5"),
        (lambda: built(Conv(2, -1), (5, 5, 1)), ValueError, "Conv: size is -1"),
        (lambda: built(Conv(2, "3"), (5, 5, 1)), TypeError, "Conv: size is '3'"),
        (lambda: built(Conv(2, (3, 3)), (5, 1)), ValueError, "kernel has 4 axes"),
        (lambda: built(Conv(2, 6), (5, 5, 1)), ValueError, "kernel spans 6 pixels"),
        (lambda: built(Conv(2, 3, stride=0), (5, 5, 1)), ValueError, "stride is 0"),
        (lambda: built(Conv(2, 3, padding="full"), (5, 5, 1)), ValueError, "padding is 'full'"),
        (lambda: built(MaxPool(0), (5, 5, 1)), ValueError, "size is 0"),
        (lambda: built(AveragePool(2, stride=0.5), (5, 5, 1)), TypeError, "stride is 0.5"),
        (lambda: Dense(-3), ValueError, "Dense: units is -3"),
        (lambda: Dense("ten"), TypeError, "Dense: units is 'ten'"),
        (lambda: built(Dense(3), (4, 4, 2)), ValueError, r"put Flatten\(\) before Dense"),
        (lambda: Dropout(1), ValueError, "Dropout: rate is 1, it needs 0 ≤ rate < 1"),
        (lambda: Dropout(float("nan")), ValueError, "Dropout: rate is nan"),
        (lambda: Dropout("half"), TypeError, "Dropout: rate is 'half'"),
    ],
)
def test_bad_arguments_are_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_a_layer_shows_what_makes_it():
    assert repr(Conv(6, 5)) == "Conv(6, 5)"
    assert repr(Conv(6, 5, stride=2, name="first")) == "Conv(6, 5, stride=2)"
    assert repr(MaxPool(2)) == "MaxPool(2)"
    assert Conv(6, 5, padding="same", name="first").arguments == {
        "filters": 6,
        "size": 5,
        "stride": 1,
        "padding": "same",
        "name": "first",
    }
