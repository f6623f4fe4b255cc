"""The check of gradients: right ones pass on every kind of layer, wrong ones do not."""

import copy

import numpy as np
import pytest

from cnnlib.datasets import mnist
from cnnlib.scratch import gradients
from cnnlib.scratch.gradients import check_gradients, numerical_gradient
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

RIGHT = 1e-7

NETWORKS = {
    "dense": ([Dense(5), Tanh(), Dense(3)], (4,)),
    "1-D": ([Conv(4, 3), ReLU(), MaxPool(2), Conv(3, 2, stride=2), Flatten(), Dense(3)], (14, 2)),
    "2-D": (
        [
            *(Conv(3, 3, padding="same"), ReLU(), MaxPool(2)),
            *(Conv(4, 2), Tanh(), AveragePool(2)),
            *(Flatten(), Dense(6), ReLU(), Dense(3)),
        ],
        (10, 8, 2),
    ),
    "3-D": (
        [Conv(3, 2, padding=1), ReLU(), AveragePool(2), Conv(2, 2), Flatten(), Dense(3)],
        (5, 4, 6, 1),
    ),
    "dropout": ([Dense(20), ReLU(), Dropout(0.5), Dense(9), Dropout(0.2), Dense(3)], (4,)),
    "pooling first": ([MaxPool(3, stride=2), AveragePool(2), Flatten(), Dense(3)], (9, 9, 2)),
}


def example(kind, **options):
    layers, shape = NETWORKS[kind]
    network = Network(layers, input_shape=shape, **options)
    x = np.random.default_rng(5).normal(size=(4, *shape))
    return network, x, np.array([0, 2, 1, 2])


@pytest.mark.parametrize("kind", NETWORKS)
def test_right_gradients_pass(kind):
    assert check_gradients(*example(kind)) < RIGHT


def test_blank_pixels_raise_no_false_alarm():
    """Where pictures are blank and biases 0, ReLU sits on its kink: the check steps aside."""
    network, x, y = example("2-D")
    assert check_gradients(network, np.zeros_like(x), y) < RIGHT


@pytest.mark.parametrize("seed", range(3))
def test_lenet5_on_real_digits(seed):
    digits = mnist()
    layers = [
        *(Conv(6, 5), ReLU(), MaxPool(2), Conv(16, 5), ReLU(), MaxPool(2), Flatten()),
        *(Dense(120), ReLU(), Dense(84), ReLU(), Dense(10)),
    ]
    network = Network(layers, input_shape=(28, 28, 1), seed=seed)
    assert check_gradients(network, digits.x_test[:2], digits.y_test[:2]) < 1e-6


def forget_factor(layer):
    backward = layer.backward
    layer.backward = lambda grad: 1.02 * backward(grad)


def forget_bias(layer):
    backward = layer.backward

    def wrong(grad):
        grad_x = backward(grad)
        layer.gradients["bias"] = 0 * layer.gradients["bias"]
        return grad_x

    layer.backward = wrong


def flip_kernel(layer):
    backward = layer.backward

    def wrong(grad):
        grad_x = backward(grad)
        layer.gradients["kernel"] = layer.gradients["kernel"][::-1]
        return grad_x

    layer.backward = wrong


@pytest.mark.parametrize(
    ("spoil", "number"),
    [(forget_factor, 3), (forget_factor, 0), (forget_bias, 0), (flip_kernel, 3), (flip_kernel, 7)],
)
def test_wrong_gradients_are_caught(spoil, number, monkeypatch):
    network, x, y = example("2-D")
    spoiled = network.backward

    def backward(self, grad):
        spoil(self.layers[number])
        return spoiled.__func__(self, grad)

    monkeypatch.setattr(Network, "backward", backward)
    assert check_gradients(network, x, y) > 1e-3


def test_the_network_stays_as_it_is():
    network, x, y = example("dropout")
    before = copy.deepcopy(network)
    pictures = x.copy()
    check_gradients(network, x, y)
    np.testing.assert_array_equal(x, pictures)
    for old, new in zip(before.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
        assert new.dtype == np.float32
    np.testing.assert_array_equal(  # dropout has drawn nothing either
        before.forward(x, training=True), network.forward(x, training=True)
    )


def test_the_check_repeats_itself():
    assert check_gradients(*example("1-D")) == check_gradients(*example("1-D"))


def test_numerical_gradient_of_a_known_function():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(
        numerical_gradient(lambda x: np.sin(x).sum() + x[0, 0] * x[2, 3], x),
        np.cos(x) + np.pad([[x[2, 3]]], ((0, 2), (0, 3))) + np.pad([[x[0, 0]]], ((2, 0), (3, 0))),
        atol=1e-9,
    )


def test_numerical_gradient_takes_lists_single_numbers_and_float32():
    assert numerical_gradient(lambda x: x**3, 2.0) == pytest.approx(12)
    gradient = numerical_gradient(lambda x: (x**2).sum(), [1, 2])
    np.testing.assert_allclose(gradient, [2, 4])
    x = np.ones(2, np.float32)
    assert numerical_gradient(np.sum, x).dtype == np.float64
    np.testing.assert_array_equal(x, 1)


@pytest.mark.parametrize(
    ("f", "x", "eps", "error", "words"),
    [
        (np.sum, ["a"], 1e-5, TypeError, "x has dtype"),
        (np.sum, [1j], 1e-5, TypeError, "x has dtype complex128"),
        (np.sum, [], 1e-5, ValueError, "x is empty"),
        (np.sum, [1.0], 0, ValueError, "eps is 0"),
        (np.sum, [1.0], float("nan"), ValueError, "eps is nan"),
        (lambda x: x, [1.0, 2.0], 1e-5, ValueError, r"f returned an array of shape \(2,\)"),
        (lambda x: "1", [1.0], 1e-5, ValueError, "f returned"),
    ],
)
def test_bad_arguments_are_named(f, x, eps, error, words):
    with pytest.raises(error, match=words):
        numerical_gradient(f, x, eps=eps)


def test_check_gradients_refuses_what_does_not_fit():
    network, x, y = example("dense")
    with pytest.raises(ValueError, match="check_gradients: x has shape"):
        check_gradients(network, x[:, :2], y)
    with pytest.raises(ValueError, match="check_gradients: y has labels from 1 to 3"):
        check_gradients(network, x, y + 1)


def test_it_looks_at_no_more_entries_than_it_says(monkeypatch):
    sizes = []

    def counted(f, x, *, eps):
        sizes.append(x.size)
        return numerical_gradient(f, x, eps=eps)

    monkeypatch.setattr(gradients, "numerical_gradient", counted)
    check_gradients(*example("dense"))
    assert sizes[::2] == sizes[1::2] == [16, 20, 5, 15, 3]  # x, and two times kernel and bias
    sizes.clear()
    check_gradients(*example("2-D"))
    assert max(sizes) == gradients.ENTRIES
