"""Transfer learning: a network that was trained on other pictures, with a new head for yours.

The base is cut at a layer and the maps there are averaged over their places. A new head
standardizes these features and gives the probabilities of your classes by a softmax. How much of
the base learns with the head is the regime.
"""

import hashlib
import os
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import layers

from cnnlib.models.arguments import class_count, image_shape, one_of

REGIMES = ("freeze_all", "freeze_some", "initialize")
HEAD = "new_head"


def features(model, x, *, layer=None, batch_size=32, cache=None):
    """What a frozen network says of each picture, computed once for all epochs of a head.

    Parameters
    ----------
    model : keras.Model
        Trained, with a graph of layers; it stays as it is.
    x : (m, height, width, channels) array
        Pictures, in the range that the network takes. A convolutional network takes any size that
        it does not shrink to nothing, whatever size it was built for.
    layer : str, optional
        Whose activations; by default those that the last dense layer reads. Maps are averaged over
        their places.
    batch_size : int
        Pictures computed at once.
    cache : str or path, optional
        A folder that keeps the features, under a name made of the network, its weights and the
        pictures: a change of any of them computes anew. A damaged file is replaced. None, the
        default, keeps nothing.

    Returns
    -------
    (m, channels) float32 array

    Raises
    ------
    TypeError
        Where model is no Keras model, or x no array of numbers.
    ValueError
        For a model without a graph of layers, a layer it does not have or that gives neither maps
        nor a row of numbers, and for pictures that are none or not of its kind.

    References
    ----------
    Razavian, Azizpour, Sullivan and Carlsson, "CNN features off-the-shelf: an astounding baseline
    for recognition", https://arxiv.org/abs/1403.6382.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> features(lenet5(), np.zeros((3, 32, 32, 1)), layer="pool2").shape
    (3, 16)
    """
    x = _pictures("features", x)
    base = _cut("features", model, layer, x.shape[1:])
    if cache is None:
        return _computed(base, x, batch_size)
    path = Path(cache) / f"{_fingerprint(base, x)}.npz"
    kept = _kept(path)
    if kept is None:
        kept = _computed(base, x, batch_size)
        _keep(path, kept)
    return kept


def fine_tune(
    base,
    classes,
    *,
    regime="freeze_all",
    layer=None,
    train_from=None,
    input_shape=None,
    learning_rate=1e-2,
    base_learning_rate=1e-4,
):
    """A new classifier on a copy of a trained network, compiled with Adam and ready to fit.

    Three regimes, for few, more and many pictures. `"freeze_all"` trains the head alone,
    `"freeze_some"` the head and the layers from `train_from` on, `"initialize"` all of them. The
    base's batch normalization always stays as it was trained, its averages and its factors: in
    Keras a frozen one works with its averages in training as well, and the few pictures of a batch
    would replace what the base has learned from many. The head's own one, which standardizes the
    features, learns their averages.

    Parameters
    ----------
    base : keras.Model
        Trained, with a graph of layers. The result works on a copy; `base` stays as it is.
    classes : int
        Number of probabilities the new head gives, 2 or more.
    regime : "freeze_all", "freeze_some" or "initialize"
        Which layers of the base learn.
    layer : str, optional
        Where to cut the base; by default at what its last dense layer reads.
    train_from : str
        With `"freeze_some"`, and only there: the first layer that learns.
    input_shape : tuple of int, optional
        (height, width, channels) of your pictures; by default the base's.
    learning_rate, base_learning_rate : float
        Of the head, which starts at random, and of the base, which only has to adapt.

    Returns
    -------
    Classifier
        A keras.Model, (m, height, width, channels) to (m, classes). The head is its last two
        layers, `"new_norm"` and `"new_head"`. Labels are integers from 0 to classes − 1; `fit`
        refuses others, and those of a single class.

    Raises
    ------
    TypeError
        Where base is no Keras model, or an argument of a wrong type.
    ValueError
        For an unknown regime or layer, a `train_from` that is missing, out of place or behind the
        cut, fewer than two classes, and a learning rate that is not positive.

    References
    ----------
    Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?",
    https://arxiv.org/abs/1411.1792.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> mine = fine_tune(lenet5(), 3, layer="pool2")
    >>> sum(int(np.prod(weight.shape)) for weight in mine.trainable_weights)  # 16 · 3 + 3
    51
    """
    classes = class_count("fine_tune", classes)
    regime = one_of("fine_tune", "regime", regime, REGIMES)
    for argument, rate in (
        ("learning_rate", learning_rate),
        ("base_learning_rate", base_learning_rate),
    ):
        if not rate > 0:
            raise ValueError(f"fine_tune: {argument} is {rate}, it needs to be positive")
    if input_shape is not None:
        input_shape = image_shape("fine_tune", input_shape, least=1)
    trunk = _cut("fine_tune", base, layer, input_shape)
    learning = _learning_layers(trunk, regime, train_from)
    for part in trunk.layers:
        part.trainable = part in learning
    for part in _with_inner(trunk):
        if isinstance(part, layers.BatchNormalization):
            part.trainable = False
    model = Classifier(
        trunk.inputs[0],
        layers.Dense(classes, activation="softmax", name=HEAD)(_standardized(trunk.output)),
        name=f"{base.name}_{regime}",
    )
    _compile(model, TwoRateAdam(learning_rate, base_rate=base_learning_rate / learning_rate))
    return model


def head(model, *, learning_rate=1e-2):
    """The head of a fine-tuned network alone: it reads features and shares the network's weights.

    Train it on `features(base, x, layer=…)`, and the network answers with the trained head. With
    `"freeze_all"` that is the whole training, in a fraction of the time: the base was computed once
    and not in every epoch. In the other regimes it is a good start, for the gradient of a random
    head would spoil the base.

    Parameters
    ----------
    model : Classifier
        What `fine_tune` made.
    learning_rate : float
        Of Adam.

    Returns
    -------
    Classifier
        Compiled; (m, channels) features to (m, classes) probabilities.

    Raises
    ------
    ValueError
        For a model that `fine_tune` did not make.

    References
    ----------
    Kumar, Raghunathan, Jones, Ma and Liang, "Fine-tuning can distort pretrained features and
    underperform out-of-distribution", https://arxiv.org/abs/2202.10054.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> base, x = lenet5(), np.random.default_rng(0).random((6, 32, 32, 1))
    >>> whole = fine_tune(base, 2, layer="pool2")
    >>> history = head(whole).fit(features(base, x, layer="pool2"), np.arange(6) % 2, verbose=0)
    >>> whole.predict(x, verbose=0).shape
    (6, 2)
    """
    if not isinstance(model, Classifier) or model.layers[-1].name != HEAD:
        raise ValueError(f"head: model is {model!r}, it needs to be one that fine_tune made")
    norm, dense = model.layers[-2:]
    row = keras.Input(dense.kernel.shape[:1], name="features")
    alone = Classifier(row, dense(norm(row)), name="head")
    _compile(alone, keras.optimizers.Adam(learning_rate))
    return alone


@keras.saving.register_keras_serializable("cnnlib")
class Classifier(keras.Model):
    """A model of layers whose `fit` refuses labels that a softmax would learn nothing from."""

    def fit(self, x=None, y=None, **choices):
        """As `keras.Model.fit`; labels outside the head's classes, or of one class, are refused."""
        if isinstance(y, np.ndarray | list | tuple):
            _require_labels(np.asarray(y), self.output_shape[-1])
        return super().fit(x, y, **choices)


@keras.saving.register_keras_serializable("cnnlib")
class TwoRateAdam(keras.optimizers.Adam):
    """Adam whose steps are shorter for the weights that are not the new head's.

    Adam divides a gradient by its own size, so to scale the gradients of the base would change
    nothing: the step itself is scaled.

    Parameters
    ----------
    learning_rate : float
        Of the head.
    base_rate : float
        The base's learning rate as a share of the head's.
    """

    def __init__(self, learning_rate=1e-3, *, base_rate=0.1, **choices):
        super().__init__(learning_rate, **choices)
        self.base_rate = base_rate

    def build(self, variables):
        super().build(variables)
        self._shares = [
            1.0 if HEAD in variable.path.split("/") else self.base_rate for variable in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        share = self._shares[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * share)

    def get_config(self):
        return {**super().get_config(), "base_rate": self.base_rate}


def _standardized(row):
    """Features with mean 0 and deviation 1: one rate of learning then suits them all."""
    norm = layers.BatchNormalization(momentum=0.9, center=False, scale=False, name="new_norm")
    return norm(row)


def _compile(model, optimizer):
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def _cut(function, model, layer, input_shape):
    """A copy of the model up to a layer, for pictures of a shape, with maps averaged."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"{function}: model is {model!r}, it needs a keras.Model")
    if not getattr(model, "inputs", None) or not hasattr(model, "get_layer"):
        raise ValueError(f"{function}: model {model.name!r} needs a graph of layers, built")
    end = _end(function, model, layer)
    part = keras.Model(model.inputs[0], end)
    shape = part.input_shape[1:] if input_shape is None else tuple(input_shape)
    if shape[-1] != part.input_shape[-1] or len(shape) != 3:
        raise ValueError(
            f"{function}: pictures have the shape {shape}, model {model.name!r} needs "
            f"(height, width, {part.input_shape[-1]})"
        )
    try:
        copy = keras.models.clone_model(part, input_tensors=keras.Input(shape, name="picture"))
        copy.set_weights(part.get_weights())
    except ValueError as error:
        raise ValueError(
            f"{function}: model {model.name!r} does not take pictures of {shape}: {error}"
        ) from error
    row = copy.output
    if len(row.shape) == 4:
        row = layers.GlobalAveragePooling2D(name="new_pool")(row)
    return keras.Model(copy.inputs[0], row, name="trunk")


def _end(function, model, layer):
    """The tensor at which to cut: (m, height, width, channels) or (m, numbers)."""
    if layer is None:
        dense = [part for part in model.layers if isinstance(part, layers.Dense)]
        end = dense[-1].input if dense else model.output
    else:
        names = [part.name for part in model.layers]
        if layer not in names:
            raise ValueError(
                f"{function}: layer is {layer!r}, model {model.name!r} has {', '.join(names)}"
            )
        end = model.get_layer(layer).output
    if isinstance(end, list | tuple) or len(end.shape) not in (2, 4):
        raise ValueError(
            f"{function}: layer {layer!r} needs to give maps, (m, height, width, channels), "
            "or a row of numbers, (m, numbers)"
        )
    return end


def _learning_layers(trunk, regime, train_from):
    """The layers of the base that the regime trains."""
    if regime != "freeze_some":
        if train_from is not None:
            raise ValueError(
                f"fine_tune: train_from is {train_from!r}, regime {regime!r} needs none"
            )
        return trunk.layers if regime == "initialize" else []
    names = [part.name for part in trunk.layers]
    if train_from not in names:
        raise ValueError(
            f"fine_tune: train_from is {train_from!r}, it needs one of {', '.join(names)}"
        )
    return trunk.layers[names.index(train_from) :]


def _with_inner(model):
    """The layers of a model, and those of the models among them."""
    for part in model.layers:
        yield part
        if isinstance(part, keras.Model):
            yield from _with_inner(part)


def _pictures(function, x):
    x = np.asarray(x)
    if not np.issubdtype(x.dtype, np.number):
        raise TypeError(f"{function}: x holds {x.dtype}, it needs numbers")
    if x.ndim != 4 or not x.size:
        raise ValueError(
            f"{function}: x has the shape {x.shape}, it needs (m, height, width, channels)"
        )
    return np.ascontiguousarray(x, dtype=np.float32)


def _computed(model, x, batch_size):
    """What the model gives; the last batch is filled up, so that one shape is compiled for all."""
    size, rows = min(batch_size, len(x)), []
    for start in range(0, len(x), size):
        batch = x[start : start + size]
        spare = np.zeros((size - len(batch), *x.shape[1:]), x.dtype)
        rows.append(model.predict_on_batch(np.concatenate([batch, spare]))[: len(batch)])
    return np.concatenate(rows)


def _require_labels(y, classes):
    if not y.size:
        raise ValueError("fit: y is empty, it needs a label for each picture")
    if not np.issubdtype(y.dtype, np.integer):
        raise TypeError(f"fit: y holds {y.dtype}, it needs whole numbers from 0 to {classes - 1}")
    low, high = y.min(), y.max()
    if low < 0 or high >= classes:
        raise ValueError(f"fit: y has labels from {low} to {high}, it needs 0 to {classes - 1}")
    if low == high:
        raise ValueError(f"fit: y has the label {low} alone, it needs two classes at least")


def _fingerprint(model, x):
    """A name for what the model makes of x: both computed anew give the same."""
    digest = hashlib.sha256(model.to_json().encode())
    for array in (*model.get_weights(), x):
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def _kept(path):
    """The features in a file; None where there is none, or no whole one."""
    try:
        with np.load(path) as file:
            return file["features"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path, values):
    """Write the file under another name first, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, features=values)
    unfinished.replace(path)
