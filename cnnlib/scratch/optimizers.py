"""Rules by which gradients change parameters; g is the gradient, η the learning rate.

>>> import numpy as np
>>> parameters = {"w": np.array([1.0, 2.0])}
>>> SGD(0.1).update(parameters, {"w": np.array([10.0, 0.0])})
>>> parameters["w"]
array([0., 2.])
"""

import math
from numbers import Real

import numpy as np


class Optimizer:
    """What all rules share: a learning rate, and `update`, one step of all parameters."""

    def __init__(self, learning_rate):
        kind = type(self).__name__
        self.learning_rate = _number(kind, "learning_rate", learning_rate)
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(
                f"{kind}: learning_rate is {learning_rate}, it needs a positive, finite number"
            )

    def update(self, parameters, gradients):
        """Change every array of the dict `parameters` in place; `gradients` has the same names."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}(learning_rate={self.learning_rate})"


class SGD(Optimizer):
    """Gradient descent: w ← w − η g.

    "Stochastic" because g comes from a random batch (Robbins and Monro 1951,
    https://doi.org/10.1214/aoms/1177729586).

    Parameters
    ----------
    learning_rate : float
        η, the length of a step in units of the gradient.

    Examples
    --------
    >>> SGD()
    SGD(learning_rate=0.01)
    """

    def __init__(self, learning_rate=0.01):
        super().__init__(learning_rate)

    def update(self, parameters, gradients):
        for name, w in parameters.items():
            w -= self.learning_rate * gradients[name]


class Momentum(Optimizer):
    """Gradient descent with a velocity: v ← β v − η g, w ← w + v.

    Polyak 1964, https://doi.org/10.1016/0041-5553(64)90137-5, in the form of Sutskever et al.
    2013, https://proceedings.mlr.press/v28/sutskever13.html, equations 1 and 2.

    Parameters
    ----------
    learning_rate : float
        η.
    momentum : float
        β, the share of the velocity that stays at each step, 0 ≤ β < 1.

    Examples
    --------
    >>> Momentum(0.05)
    Momentum(learning_rate=0.05, momentum=0.9)
    """

    def __init__(self, learning_rate=0.01, momentum=0.9):
        super().__init__(learning_rate)
        self.momentum = _number("Momentum", "momentum", momentum)
        if not 0 <= self.momentum < 1:
            raise ValueError(f"Momentum: momentum is {momentum}, it needs 0 ≤ momentum < 1")
        self._v = {}

    def update(self, parameters, gradients):
        for name, w in parameters.items():
            v = self.momentum * self._v.get(name, 0) - self.learning_rate * gradients[name]
            w += v
            self._v[name] = v

    def __repr__(self):
        return f"Momentum(learning_rate={self.learning_rate}, momentum={self.momentum})"


class Adam(Optimizer):
    """Steps of a length near η in each parameter, longest where the gradient is steady.

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g² are running means of g and g². They start at
    0, so at step t each is divided by the weight it has gathered, 1 − βᵗ; then
    w ← w − η m / (√v + ε). Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1, with
    β₁, β₂ and ε as recommended there.

    Parameters
    ----------
    learning_rate : float
        η.

    Examples
    --------
    >>> Adam()
    Adam(learning_rate=0.001)
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def __init__(self, learning_rate=0.001):
        super().__init__(learning_rate)
        self._t = 0
        self._m = {}
        self._v = {}

    def update(self, parameters, gradients):
        self._t += 1
        for name, w in parameters.items():
            g = gradients[name]
            m = self.beta1 * self._m.get(name, 0) + (1 - self.beta1) * g
            v = self.beta2 * self._v.get(name, 0) + (1 - self.beta2) * g**2
            self._m[name], self._v[name] = m, v
            m = m / (1 - self.beta1**self._t)
            v = v / (1 - self.beta2**self._t)
            w -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


def _number(function, name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {name} is {value!r}, it needs a number")
    return float(value)
