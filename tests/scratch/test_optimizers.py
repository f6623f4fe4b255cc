"""The rules against Keras's, step by step, and on a hill of known shape."""

import numpy as np
import pytest

from cnnlib.scratch.optimizers import SGD, Adam, Momentum

CURVATURE = np.array([1.0, 10.0, 0.1], np.float32)
START = np.array([1.0, -2.0, 3.0], np.float32)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SGD(0.02), ("SGD", {"learning_rate": 0.02})),
        (Momentum(0.02, 0.8), ("SGD", {"learning_rate": 0.02, "momentum": 0.8})),
        (Adam(0.05), ("Adam", {"learning_rate": 0.05, "epsilon": 1e-8})),
    ],
    ids=["SGD", "Momentum", "Adam"],
)
def test_twenty_steps_are_kerass(ours, theirs):
    """On ½ Σ c w², whose gradient is c w; Keras has 1 − 0.999ᵗ in float32, so 1e-5 is all."""
    import keras

    kind, options = theirs
    optimizer = getattr(keras.optimizers, kind)(**options)
    variable = keras.Variable(START)
    parameters = {"w": START.copy()}
    for _ in range(20):
        ours.update(parameters, {"w": CURVATURE * parameters["w"]})
        gradient = CURVATURE * keras.ops.convert_to_numpy(1 * variable)
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        expected = keras.ops.convert_to_numpy(1 * variable)
        np.testing.assert_allclose(parameters["w"], expected, rtol=0, atol=1e-5)
    assert np.abs(parameters["w"] - START).max() > 0.1  # there was a way to go


@pytest.mark.parametrize("optimizer", [SGD(0.1), Momentum(0.01), Adam(0.1)], ids=repr)
def test_the_minimum_is_found(optimizer):
    parameters = {"a": START.copy(), "b": 2 * START}
    for _ in range(1000):
        optimizer.update(parameters, {name: CURVATURE * w for name, w in parameters.items()})
    for w in parameters.values():
        assert w.dtype == np.float32
        np.testing.assert_allclose(w, 0, atol=0.01)


def test_steps_change_the_arrays_themselves():
    w = START.copy()
    SGD(0.5).update({"w": w}, {"w": np.ones(3, np.float32)})
    np.testing.assert_array_equal(w, START - 0.5)


def test_the_first_step_of_adam_is_the_learning_rate():
    parameters = {"w": np.zeros(3)}
    Adam(0.01).update(parameters, {"w": np.array([1e-3, -1.0, 1e3])})
    np.testing.assert_allclose(parameters["w"], [-0.01, 0.01, -0.01], rtol=1e-4)


def test_defaults():
    assert repr(SGD()) == "SGD(learning_rate=0.01)"
    assert repr(Momentum()) == "Momentum(learning_rate=0.01, momentum=0.9)"
    assert repr(Adam()) == "Adam(learning_rate=0.001)"


@pytest.mark.parametrize("kind", [SGD, Momentum, Adam])
@pytest.mark.parametrize(
    ("rate", "error"),
    [
        (0, ValueError),
        (-0.1, ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ("0.1", TypeError),
        (None, TypeError),
        (True, TypeError),
        (1j, TypeError),
    ],
)
def test_bad_learning_rates_are_named(kind, rate, error):
    with pytest.raises(error, match=f"{kind.__name__}: learning_rate is "):
        kind(rate)


@pytest.mark.parametrize(
    ("momentum", "error"), [(1, ValueError), (-0.1, ValueError), ("much", TypeError)]
)
def test_bad_momentum_is_named(momentum, error):
    with pytest.raises(error, match="Momentum: momentum is "):
        Momentum(momentum=momentum)
