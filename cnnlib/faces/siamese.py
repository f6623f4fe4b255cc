"""Siamese networks: two pictures through one encoder, and the probability that they are the same.

The encoder is one object that is called twice, so there is one set of weights: what a training
step changes for the first picture is changed for the second.
"""

import math

import keras
import numpy as np
from keras import layers, ops

from cnnlib.detection.arguments import one_of
from cnnlib.faces.arguments import encoding_rows

COMPARISONS = "absolute", "chi_square"


@keras.saving.register_keras_serializable("cnnlib")
class Comparison(layers.Layer):
    """How two encodings differ, number by number: `|f_i − f_j|` or `(f_i − f_j)² / (f_i + f_j)`.

    The second is the χ² form, for encodings of 0 or more; where both numbers are 0 it is 0.

    Parameters
    ----------
    kind : "absolute" or "chi_square"

    Raises
    ------
    ValueError
        For another kind, and for encodings of different shapes.

    References
    ----------
    Taigman, Yang, Ranzato and Wolf, "DeepFace: closing the gap to human-level performance in face
    verification" (2014), section 4, https://doi.org/10.1109/CVPR.2014.220.

    Examples
    --------
    >>> pair = ops.array([[3.0, 0.0]]), ops.array([[1.0, 0.0]])
    >>> [Comparison(kind)(pair)[0].numpy().tolist() for kind in COMPARISONS]
    [[2.0, 0.0], [1.0, 0.0]]
    """

    def __init__(self, kind="absolute", **kwargs):
        super().__init__(**kwargs)
        self.kind = one_of("Comparison", "kind", kind, COMPARISONS)

    def call(self, inputs):
        first, second = inputs
        if tuple(first.shape[1:]) != tuple(second.shape[1:]):
            raise ValueError(
                f"Comparison: encodings have shapes {tuple(first.shape)} and "
                f"{tuple(second.shape)}, it needs one shape"
            )
        if self.kind == "absolute":
            return ops.abs(first - second)
        total = first + second
        # Where both are 0 the division is by 1, so that the gradient is a number there too.
        return ops.square(first - second) / ops.where(total == 0, ops.ones_like(total), total)

    def compute_output_shape(self, shapes):
        return shapes[0]

    def get_config(self):
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("cnnlib")
class Siamese(keras.Model):
    """The network that `siamese` makes: two pictures in, (m, 1) probabilities out.

    `.encoder` is the one encoder of both pictures, `.comparison` says how the encodings differ,
    `.same` is the logistic unit.
    """

    def __init__(self, encoder, *, comparison="absolute", name="siamese"):
        first, second = (
            keras.Input(encoder.input_shape[1:], name=side) for side in ("first", "second")
        )
        difference = Comparison(comparison, name="comparison")
        # At the start every difference speaks against the same identity: with weights of random
        # signs the encoder would learn to tell pictures of one identity apart in half its numbers.
        same = layers.Dense(
            1,
            activation="sigmoid",
            kernel_initializer=keras.initializers.Constant(-1),
            bias_initializer=keras.initializers.Constant(math.sqrt(encoder.output_shape[1]) / 2),
            name="same",
        )
        probability = same(difference([encoder(first), encoder(second)]))
        super().__init__(inputs=[first, second], outputs=probability, name=name)
        self.encoder, self.comparison, self.same = encoder, difference, same

    def compare(self, first, second):
        """The probability that two pictures are of one identity, from encodings made before.

        Parameters
        ----------
        first, second : (m, d) arrays
            What `.encoder` gave for the pictures of m pairs.

        Returns
        -------
        (m,) array
            float32.

        Raises
        ------
        TypeError, ValueError
            For other shapes, numbers that are not finite, and for encodings below 0 under χ².
        """
        given = [
            encoding_rows("Siamese.compare", name, encodings).astype(np.float32)
            for name, encodings in (("first", first), ("second", second))
        ]
        wanted = len(given[0]), self.encoder.output_shape[1]
        for name, encodings in zip(("first", "second"), given, strict=True):
            if encodings.shape != wanted:
                raise ValueError(
                    f"Siamese.compare: {name} has shape {encodings.shape}, it needs {wanted}"
                )
            if self.comparison.kind == "chi_square":
                _not_below_0("Siamese.compare", name, encodings)
        probability = self.same(self.comparison([ops.convert_to_tensor(side) for side in given]))
        return ops.convert_to_numpy(probability)[:, 0]

    def get_config(self):
        return {
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "comparison": self.comparison.kind,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The network whose `get_config` this was, with fresh weights."""
        encoder = keras.saving.deserialize_keras_object(config["encoder"], custom_objects)
        return cls(**{**config, "encoder": encoder})


def siamese(encoder, *, comparison="absolute"):
    """Verification as binary classification: `σ(Σ_k w_k |f(x_i)_k − f(x_j)_k| + b)`.

    Taigman, Yang, Ranzato and Wolf, "DeepFace" (2014), section 4,
    https://doi.org/10.1109/CVPR.2014.220. Train it on pairs with "binary_crossentropy", the answer
    1 for pictures of one identity; `cnnlib.faces.mining.pairs` draws them. The encoder is not
    copied: it learns with the network, unless its `trainable` is False. Before training w_k is −1
    and b is √d / 2, about half of what `|f(x_i) − f(x_j)|` sums to for unrelated encodings of
    length 1.

    Parameters
    ----------
    encoder : keras.Model
        One picture to one encoding (m, d).
    comparison : "absolute" or "chi_square"
        `|f(x_i)_k − f(x_j)_k|`, or `(f(x_i)_k − f(x_j)_k)² / (f(x_i)_k + f(x_j)_k)` for encoders
        that give no number below 0, as those that end in a ReLU.

    Returns
    -------
    Siamese
        A keras.Model: [(m, height, width, channels), the same] to (m, 1) probabilities that both
        show one identity. Its `.compare` does the same for encodings made before.

    Raises
    ------
    TypeError
        Where encoder is no Keras model.
    ValueError
        Where it has not one input and one output (m, d); for another comparison; for χ² where it
        gives numbers below 0 for a few pictures of noise.

    Examples
    --------
    >>> from cnnlib.models.embedding import embedding_network
    >>> encoder = embedding_network(size=8)
    >>> siamese(encoder).count_params() - encoder.count_params()  # eight w_k and b
    9
    """
    one_of("siamese", "comparison", comparison, COMPARISONS)
    if not isinstance(encoder, keras.Model):
        raise TypeError(f"siamese: encoder is a {type(encoder).__name__}, it needs a keras.Model")
    taken, given = (getattr(encoder, side, None) or [] for side in ("inputs", "outputs"))
    if len(taken) != 1 or len(given) != 1 or len(given[0].shape) != 2:
        raise ValueError(
            f"siamese: encoder '{encoder.name}' gives {[tuple(side.shape) for side in given]}, it "
            "needs to be built, with one input and one output (m, d)"
        )
    if comparison == "chi_square":
        shape = [side or 64 for side in taken[0].shape[1:]]
        noise = np.random.default_rng(0).random((4, *shape), dtype=np.float32)
        _not_below_0("siamese", "encoder", ops.convert_to_numpy(encoder(noise)))
    return Siamese(encoder, comparison=comparison)


def _not_below_0(function, name, encodings):
    if encodings.min() < 0:
        raise ValueError(
            f"{function}: {name} has numbers such as {encodings.min():.3g}, the χ² comparison "
            "needs 0 or more (end the encoder in a ReLU)"
        )
