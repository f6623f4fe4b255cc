"""Layers of a network: each computes forward, and passes gradients back.

Forward turns x into y. Backward is given ∂loss/∂y and returns ∂loss/∂x by the chain rule; on the
way it leaves ∂loss/∂parameter in `gradients`. In the course's letters x is A of the layer before,
y is Z (of a convolution or dense layer) or A (of an activation), and ∂loss/∂y is dZ or dA.
"""

import inspect
import math
from numbers import Integral, Real

import numpy as np

from cnnlib.scratch import ops


class Layer:
    """What all layers share: a name, parameters, their gradients, and a memory for backward.

    Parameters
    ----------
    name : str, optional
        A network names its unnamed layers by kind and number: `"conv1"`, `"relu1"`, `"conv2"`.

    Attributes
    ----------
    parameters : dict of str to array
        What the layer learns, filled by `build`.
    gradients : dict of str to array
        The gradient of the loss for each parameter, filled by `backward`.
    """

    def __init__(self, *, name=None):
        self.name = name
        self.parameters = {}
        self.gradients = {}
        self._memory = None

    def build(self, input_shape, rng):
        """Draw the parameters for inputs of one shape.

        Parameters
        ----------
        input_shape : tuple of int
            Of one input, without the batch axis: `(height, width, channels)`.
        rng : numpy.random.Generator
            Where random numbers come from.

        Returns
        -------
        tuple of int
            The shape of one output: that of a batch of one blank input, computed.
        """
        blank = np.zeros((1, *input_shape), np.float32)
        return self.forward(blank, training=False).shape[1:]

    def forward(self, x, training=False):
        """The output for a batch x; `training=True` remembers what `backward` needs."""
        raise NotImplementedError

    def backward(self, grad):
        """The gradient for x of the last training `forward`, given the one for its output."""
        raise NotImplementedError

    def _remember(self, training, value):
        self._memory = value if training else None

    def _recall(self):
        """What the last `forward` remembered; it serves once, so that memory is free again."""
        if self._memory is None:
            raise ValueError(
                f"{type(self).__name__}: backward needs forward(x, training=True) before it"
            )
        value, self._memory = self._memory, None
        return value

    @property
    def arguments(self):
        """The arguments that make this layer again, by name; each is an attribute, too."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def __repr__(self):
        given = []
        for parameter in inspect.signature(type(self)).parameters.values():
            value = getattr(self, parameter.name)
            if parameter.default is parameter.empty:
                given.append(repr(value))
            elif parameter.name != "name" and value != parameter.default:
                given.append(f"{parameter.name}={value!r}")
        return f"{type(self).__name__}({', '.join(given)})"


class Conv(Layer):
    """A convolution over one, two or three spatial axes: Z = W * A + b.

    Parameters
    ----------
    filters : int
        How many maps come out (n_C of this layer).
    size : int or one per spatial axis
        Of a filter (f).
    stride : int or one per spatial axis
        Pixels from one window to the next (s).
    padding : "valid", "same", int, or a (before, after) pair per spatial axis
        Zeros around the input (p).

    Examples
    --------
    >>> Conv(10, 3).build((39, 39, 3), np.random.default_rng(0))
    (37, 37, 10)
    """

    def __init__(self, filters, size, *, stride=1, padding="valid", name=None):
        super().__init__(name=name)
        self.filters = count("Conv", "filters", filters)
        self.size = size
        self.stride = stride
        self.padding = padding

    def build(self, input_shape, rng):
        axes = len(input_shape) - 1
        size = self.size if isinstance(self.size, tuple | list) else (self.size,) * axes
        size = tuple(count("Conv", "size", f) for f in size)
        kernel = he_normal((*size, input_shape[-1], self.filters), rng)
        self.parameters = {"kernel": kernel, "bias": np.zeros(self.filters, np.float32)}
        return super().build(input_shape, rng)

    def forward(self, x, training=False):
        self._remember(training, x)
        kernel, bias = self.parameters["kernel"], self.parameters["bias"]
        return ops.conv(x, kernel, bias, stride=self.stride, padding=self.padding)

    def backward(self, grad):
        x, kernel = self._recall(), self.parameters["kernel"]
        grad_x, grad_kernel, grad_bias = ops.conv_backward(
            grad, x, kernel, stride=self.stride, padding=self.padding
        )
        self.gradients = {"kernel": grad_kernel, "bias": grad_bias}
        return grad_x


class MaxPool(Layer):
    """The largest number of each window, channel by channel; it has no parameters.

    Parameters
    ----------
    size : int or one per spatial axis
        Of a window (f).
    stride : int or one per spatial axis, optional
        Pixels from one window to the next (s); the size where it is not given.

    Examples
    --------
    >>> MaxPool(2).build((28, 28, 6), np.random.default_rng(0))
    (14, 14, 6)
    """

    def __init__(self, size, *, stride=None, name=None):
        super().__init__(name=name)
        self.size = size
        self.stride = stride

    def forward(self, x, training=False):
        self._remember(training, x)
        return ops.max_pool(x, self.size, stride=self.stride)

    def backward(self, grad):
        return ops.max_pool_backward(grad, self._recall(), self.size, stride=self.stride)


class AveragePool(Layer):
    """The mean of each window, channel by channel; it has no parameters.

    Parameters
    ----------
    size : int or one per spatial axis
        Of a window (f).
    stride : int or one per spatial axis, optional
        Pixels from one window to the next (s); the size where it is not given.

    Examples
    --------
    >>> AveragePool(3, stride=2).build((7, 7, 5), np.random.default_rng(0))
    (3, 3, 5)
    """

    def __init__(self, size, *, stride=None, name=None):
        super().__init__(name=name)
        self.size = size
        self.stride = stride

    def forward(self, x, training=False):
        self._remember(training, x)
        return ops.average_pool(x, self.size, stride=self.stride)

    def backward(self, grad):
        return ops.average_pool_backward(grad, self._recall(), self.size, stride=self.stride)


class Flatten(Layer):
    """Everything of one input in a row: row by row, the channels of a pixel side by side.

    Examples
    --------
    >>> Flatten().build((7, 7, 40), np.random.default_rng(0))
    (1960,)
    """

    def forward(self, x, training=False):
        self._remember(training, x.shape)
        return x.reshape(len(x), -1)

    def backward(self, grad):
        return grad.reshape(self._recall())


class Dense(Layer):
    """Every output is joined to every input: y = x W + b.

    Parameters
    ----------
    units : int
        How many numbers come out.

    Examples
    --------
    >>> Dense(120).build((400,), np.random.default_rng(0))
    (120,)
    """

    def __init__(self, units, *, name=None):
        super().__init__(name=name)
        self.units = count("Dense", "units", units)

    def build(self, input_shape, rng):
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense: one input has shape {tuple(input_shape)}, it needs a single axis: "
                "put Flatten() before Dense"
            )
        kernel = he_normal((*input_shape, self.units), rng)
        self.parameters = {"kernel": kernel, "bias": np.zeros(self.units, np.float32)}
        return super().build(input_shape, rng)

    def forward(self, x, training=False):
        self._remember(training, x)
        return x @ self.parameters["kernel"] + self.parameters["bias"]

    def backward(self, grad):
        x = self._recall()
        self.gradients = {"kernel": x.T @ grad, "bias": grad.sum(axis=0)}
        return grad @ self.parameters["kernel"].T


class _Elementwise(Layer):
    """A layer that treats every number alone: forward remembers its derivative."""

    def backward(self, grad):
        derivative = self._recall()
        if grad.shape != derivative.shape:
            raise ValueError(
                f"{type(self).__name__}: grad has shape {grad.shape}, "
                f"it needs the output's, {derivative.shape}"
            )
        return grad * derivative


class ReLU(_Elementwise):
    """max(0, x); the gradient passes where x is positive, and at 0 it does not.

    Examples
    --------
    >>> ReLU().forward(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """

    def forward(self, x, training=False):
        self._remember(training, x > 0)
        return np.maximum(x, 0)


class Tanh(_Elementwise):
    """The hyperbolic tangent, from −1 to 1, as in LeNet-5 of 1998.

    Examples
    --------
    >>> Tanh().forward(np.array([0.0, 100.0]))
    array([0., 1.])
    """

    def forward(self, x, training=False):
        y = np.tanh(x)
        self._remember(training, 1 - y**2)
        return y


class Dropout(_Elementwise):
    """Drop a random share of the numbers while training; change nothing while predicting.

    What stays is scaled by 1 / (1 − rate), so that the mean stays the same ("inverted" dropout;
    Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html).

    Parameters
    ----------
    rate : float
        The share to drop, from 0 up to, not including, 1.

    Examples
    --------
    >>> Dropout(0.5).forward(np.ones(4), training=False)
    array([1., 1., 1., 1.])
    """

    def __init__(self, rate, *, name=None):
        super().__init__(name=name)
        if isinstance(rate, bool) or not isinstance(rate, Real):
            raise TypeError(f"Dropout: rate is {rate!r}, it needs a number")
        if not 0 <= rate < 1:
            raise ValueError(f"Dropout: rate is {rate}, it needs 0 ≤ rate < 1")
        self.rate = rate

    def build(self, input_shape, rng):
        (self._rng,) = rng.spawn(1)
        return super().build(input_shape, rng)

    def forward(self, x, training=False):
        if not training:
            self._remember(training, None)
            return x
        kept = self._rng.random(x.shape, np.float32) >= self.rate
        factor = kept.astype(x.dtype) / (1 - self.rate)
        self._remember(training, factor)
        return x * factor


class SoftmaxCrossEntropy:
    """The loss of a classifier: minus the logarithm of the probability of the right class.

    Softmax turns the last layer's numbers z into probabilities p = exp(z) / Σ exp(z). Together
    with the logarithm its gradient is p minus 1 at the right class, 0 elsewhere.

    Parameters
    ----------
    name : str, optional
        For the reader.

    Examples
    --------
    >>> SoftmaxCrossEntropy().probabilities(np.zeros((1, 4)))
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, *, name=None):
        self.name = name

    def probabilities(self, z):
        """Softmax of z (m, classes), each row less its maximum: exp never overflows."""
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def forward(self, z, labels):
        """The mean loss over a batch: z (m, classes), labels (m,) whole numbers from 0."""
        z = z - z.max(axis=1, keepdims=True)
        right = z[np.arange(len(z)), labels]
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - right))

    def backward(self, z, labels):
        """The gradient of the mean loss for z."""
        grad = self.probabilities(z)
        grad[np.arange(len(z)), labels] -= 1
        return grad / len(z)


def he_normal(shape, rng):
    """Random weights whose variance, 2 / inputs, keeps signals the same size through ReLU layers.

    He et al. 2015, https://arxiv.org/abs/1502.01852, equation 10. Every kernel of `scratch` starts
    so, every bias at 0.

    Parameters
    ----------
    shape : tuple of int
        Of the kernel; the last axis counts outputs, the others what one output adds up.
    rng : numpy.random.Generator
        Where random numbers come from.

    Returns
    -------
    array of float32

    Examples
    --------
    >>> round(float(he_normal((200, 300), np.random.default_rng(0)).std()), 3)  # √(2 / 200)
    0.1
    """
    deviation = math.sqrt(2 / math.prod(shape[:-1]))
    return deviation * rng.standard_normal(shape, np.float32)


def count(function, name, value):
    """A whole number of at least 1, or a clear error in the name of `function`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {name} is {value!r}, it needs a whole number")
    if value < 1:
        raise ValueError(f"{function}: {name} is {value}, it needs at least 1")
    return int(value)
