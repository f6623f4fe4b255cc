"""Is the gradient right? Backward, derived by hand, against differences, which need no derivation.

>>> numerical_gradient(lambda x: (x**2).sum(), np.array([1.0, -3.0])).round(6)
array([ 2., -6.])
"""

import copy

import numpy as np

from cnnlib.scratch.geometry import real_array

ENTRIES = 25  # of each array that `check_gradients` looks at: four losses are computed per entry
STEP = 0.1  # standard deviation of the random step that `check_gradients` takes first
SMALL = 1e-3  # a shorter gradient counts as this long: there the differences are mostly rounding


def numerical_gradient(f, x, *, eps=1e-5):
    """The gradient of f at x by central differences: (f(x + ε) − f(x − ε)) / 2ε, entry by entry.

    Parameters
    ----------
    f : callable
        Takes an array like x, returns a number.
    x : array
        The point, computed with in float64.
    eps : float
        ε, the step to each side. The error of the method falls with ε², that of rounding grows
        with 1 / ε; in float64 they meet near 1e-5.

    Returns
    -------
    array of float64, shaped like x

    Raises
    ------
    ValueError, TypeError
        Where x holds no real numbers, f returns no single number, or ε is not positive.

    Examples
    --------
    >>> numerical_gradient(np.sum, np.zeros((1, 2))).round(6)
    array([[1., 1.]])
    """
    if not eps > 0:
        raise ValueError(f"numerical_gradient: eps is {eps}, it needs a positive number")
    point = real_array("numerical_gradient", "x", x).astype(np.float64)
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        center = point[index]
        point[index] = center + eps
        above = _number(f(point))
        point[index] = center - eps
        below = _number(f(point))
        point[index] = center
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def check_gradients(network, x, y, *, eps=1e-5):
    """How far a network's gradients lie from numerical ones, at worst.

    For the pictures and for each parameter, the two gradients a and n are compared at 25 entries
    drawn at random (at all where there are fewer): ‖a − n‖ / (‖a‖ + ‖n‖), where a sum below 1e-3
    counts as 1e-3. Right gradients give 1e-6 or less, a wrong formula as a rule 1e-3 or more.

    It works on a copy in float64, with pictures and weights a random step away from those given:
    blank pixels and biases of 0 lie exactly on the kinks of ReLU and max pooling, where there is
    no gradient. A kink may still lie within ε by chance, so the smaller error of two steps counts,
    ε and ε / 100. Dropout draws the same numbers for every loss, so it is checked as well.

    Parameters
    ----------
    network : Network
        Stays as it is.
    x : array (m, *input_shape)
        A few pictures.
    y : array of int (m,)
        Their labels.
    eps : float
        The step to each side, as in `numerical_gradient`.

    Returns
    -------
    float
        The largest of the relative errors.

    Examples
    --------
    >>> from cnnlib.scratch.layers import Dense
    >>> from cnnlib.scratch.network import Network
    >>> check_gradients(Network([Dense(3)], input_shape=(4,)), np.ones((2, 4)), [0, 2]) < 1e-7
    True
    """
    rng = np.random.default_rng(0)
    x, y = network.checked("check_gradients", x, y)
    network, x = copy.deepcopy(network), _near(x, rng)
    for layer in network.layers:
        layer.parameters = {name: _near(p, rng) for name, p in layer.parameters.items()}

    twin = copy.deepcopy(network)  # so that the network's dropout has not drawn yet
    grad_x = twin.backward(twin.loss.backward(twin.forward(x, training=True), y))
    pairs = [(x, grad_x)]
    pairs += [(values, twin.gradients[name]) for name, values in network.parameters.items()]
    return max(_error(network, x, y, values, grad, eps, rng) for values, grad in pairs)


def _near(values, rng):
    """A copy in float64, a random step away, in C order so that it can be flattened."""
    return np.ascontiguousarray(values + STEP * rng.standard_normal(values.shape))


def _error(network, x, y, values, grad, eps, rng):
    """The relative error of `grad` at some entries of `values`, which the loss depends on."""
    entries = rng.permutation(values.size)[:ENTRIES]
    flat = values.reshape(-1)  # a view: to set an entry is to change the network or the pictures

    def loss(numbers):
        flat[entries] = numbers
        twin = copy.deepcopy(network)
        return twin.loss.forward(twin.forward(x, training=True), y)

    before, analytic = flat[entries], grad.reshape(-1)[entries]
    errors = []
    for step in (eps, eps / 100):
        numerical = numerical_gradient(loss, before, eps=step)
        length = np.linalg.norm(analytic) + np.linalg.norm(numerical)
        errors.append(float(np.linalg.norm(analytic - numerical) / max(length, SMALL)))
    flat[entries] = before
    return min(errors)


def _number(value):
    value = np.asarray(value)
    if value.size != 1 or value.dtype.kind not in "iuf":
        raise ValueError(
            f"numerical_gradient: f returned an array of shape {value.shape} and dtype "
            f"{value.dtype}, it needs one real number"
        )
    return float(value.reshape(()))
