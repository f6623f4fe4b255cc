"""A network: layers in a row, trained by gradient descent, kept in a file.

The layers of `models.lenet5` that hold weights are, under the same names and in the same order:

>>> from cnnlib.scratch.layers import Conv, Dense, Flatten, MaxPool, ReLU
>>> Network([
...     Conv(6, 5, name="conv1"), ReLU(), MaxPool(2, name="pool1"),
...     Conv(16, 5, name="conv2"), ReLU(), MaxPool(2, name="pool2"), Flatten(name="flatten"),
...     Dense(120, name="dense1"), ReLU(), Dense(84, name="dense2"), ReLU(),
...     Dense(10, name="output"),
... ], input_shape=(28, 28, 1))
Network from (28, 28, 1) to (10,), 44,426 parameters
  conv1    Conv(6, 5)   (24, 24, 6)
  relu1    ReLU()       (24, 24, 6)
  pool1    MaxPool(2)   (12, 12, 6)
  conv2    Conv(16, 5)  (8, 8, 16)
  relu2    ReLU()       (8, 8, 16)
  pool2    MaxPool(2)   (4, 4, 16)
  flatten  Flatten()    (256,)
  dense1   Dense(120)   (120,)
  relu3    ReLU()       (120,)
  dense2   Dense(84)    (84,)
  relu4    ReLU()       (84,)
  output   Dense(10)    (10,)
"""

import copy
import math
import sys
from collections import Counter

import numpy as np
from tqdm import tqdm

from cnnlib.scratch.geometry import real_array
from cnnlib.scratch.layers import Layer, SoftmaxCrossEntropy, count
from cnnlib.scratch.optimizers import Adam, Optimizer

PREDICTED_AT_ONCE = 256  # pictures, to bound the memory of a prediction


class Network:
    """Layers in a row, from a picture to one number per class.

    Parameters
    ----------
    layers : list of Layer
        From input to output, without softmax, which belongs to the loss. The network works on
        copies, so that one list can serve several networks. Unnamed layers are named by kind and
        number.
    input_shape : tuple of int
        Of one picture: `(height, width, channels)`, or whatever the first layer takes.
    loss : SoftmaxCrossEntropy
        What training makes small.
    seed : int or numpy.random.Generator
        Decides the first weights, the order of the pictures and what dropout drops: the same seed
        repeats a training bit for bit on the same machine.

    Attributes
    ----------
    layers : list of Layer
        With their `parameters`, arrays of float32.
    parameters, gradients : dict of str to array
        Those of all layers, by `"layer/parameter"`, such as `"conv1/kernel"`.

    Raises
    ------
    ValueError, TypeError
        Where a layer does not fit the output of the one before it, or two have the same name.

    Examples
    --------
    >>> from cnnlib.scratch.layers import Dense
    >>> Network([Dense(2)], input_shape=(3,)).predict(np.zeros((1, 3)))
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(
        self,
        layers,
        *,
        input_shape,
        loss=SoftmaxCrossEntropy(),  # noqa: B008 it holds no state
        seed=0,
    ):
        self.layers = _named_copies(layers)
        self.input_shape = _shape(input_shape)
        self.loss = loss
        self._rng = np.random.default_rng(seed)
        self._output_shapes = []
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.build(shape, self._rng)
            self._output_shapes.append(shape)
        if len(shape) != 1:
            raise ValueError(
                f"Network: the last layer gives shape {shape}, the loss needs one number per "
                "class: end with Flatten() and Dense(classes)"
            )

    def forward(self, x, training=False):
        """The last layer's numbers, before softmax, for a batch x."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, grad):
        """Fill `gradients`, given the gradient for the last layer's numbers; returns that for x."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    @property
    def parameters(self):
        return {
            f"{layer.name}/{name}": values
            for layer in self.layers
            for name, values in layer.parameters.items()
        }

    @property
    def gradients(self):
        return {
            f"{layer.name}/{name}": values
            for layer in self.layers
            for name, values in layer.gradients.items()
        }

    def fit(
        self, x, y, *, epochs, batch_size=64, optimizer=None, validation_data=None, progress=True
    ):
        """Train on pictures and their labels.

        Parameters
        ----------
        x : array (m, *input_shape)
            Pictures, computed with in float32.
        y : array of int (m,)
            Labels from 0 to classes − 1.
        epochs : int
            How often every picture is seen.
        batch_size : int
            Pictures per step.
        optimizer : SGD, Momentum or Adam, optional
            Adam(0.001) where not given; `fit` works on a copy, so every call starts it afresh.
        validation_data : (x, y), optional
            Pictures to measure after each epoch, not to learn from.
        progress : bool
            Show a bar, unless a program runs the notebook.

        Returns
        -------
        dict of str to list of float
            One number per epoch: `"loss"` and `"accuracy"`, means over the epoch's batches, each
            measured before the step that learns from it; with `validation_data` also `"val_loss"`
            and `"val_accuracy"`.

        Raises
        ------
        ValueError, TypeError
            Where an argument does not fit, or the loss is no longer a finite number. The weights
            are spoiled then: begin again with a new network.

        Examples
        --------
        >>> from cnnlib.scratch.layers import Dense
        >>> network = Network([Dense(2)], input_shape=(1,))
        >>> network.fit([[0], [1]], [0, 1], epochs=99, optimizer=Adam(0.1))["accuracy"][-1]
        1.0
        """
        x, y = self.checked("fit", x, y)
        epochs = count("fit", "epochs", epochs)
        batch_size = count("fit", "batch_size", batch_size)
        if validation_data is not None:
            x_val, y_val = self.checked("fit: validation_data", *_pair(validation_data))
        optimizer = _fresh(optimizer)
        history = {"loss": [], "accuracy": []}
        if validation_data is not None:
            history |= {"val_loss": [], "val_accuracy": []}
        with progress_bar(epochs * math.ceil(len(x) / batch_size), progress) as bar:
            for epoch in range(1, epochs + 1):
                bar.set_description(f"epoch {epoch}/{epochs}")
                measured = self._epoch(epoch, x, y, batch_size, optimizer, bar)
                if validation_data is not None:
                    measured += self.evaluate(x_val, y_val)
                for series, value in zip(history.values(), measured, strict=True):
                    series.append(value)
        return history

    def _epoch(self, epoch, x, y, batch_size, optimizer, bar):
        """See every picture once, in random order; returns the mean loss and the accuracy."""
        loss, right = 0.0, 0
        order = self._rng.permutation(len(x))
        for step, start in enumerate(range(0, len(x), batch_size), 1):
            batch = order[start : start + batch_size]
            with np.errstate(over="ignore", invalid="ignore"):  # the loss tells, in words
                z = self.forward(x[batch], training=True)
                batch_loss = self.loss.forward(z, y[batch])
                if not math.isfinite(batch_loss):
                    raise ValueError(
                        f"fit: the loss is {batch_loss} at step {step} of epoch {epoch}; the "
                        f"learning rate of {optimizer} is probably too large: try a tenth"
                    )
                self.backward(self.loss.backward(z, y[batch]))
                optimizer.update(self.parameters, self.gradients)
            loss += batch_loss * len(batch)
            right += int((z.argmax(axis=1) == y[batch]).sum())
            bar.set_postfix_str(f"loss {batch_loss:.3f}", refresh=False)
            bar.update()
        return loss / len(x), right / len(x)

    def predict(self, x):
        """The probability of each class.

        Parameters
        ----------
        x : array (m, *input_shape)
            Pictures.

        Returns
        -------
        array of float32 (m, classes)
            Each row adds up to 1; `argmax(axis=1)` is the label.

        Examples
        --------
        >>> from cnnlib.scratch.layers import Dense
        >>> Network([Dense(4)], input_shape=(3,)).predict(np.zeros((1, 3)))
        array([[0.25, 0.25, 0.25, 0.25]], dtype=float32)
        """
        return self.loss.probabilities(self._scores("predict", self._pictures("predict", x)))

    def evaluate(self, x, y):
        """How well pictures are told apart.

        Parameters
        ----------
        x : array (m, *input_shape)
            Pictures.
        y : array of int (m,)
            Their labels.

        Returns
        -------
        (float, float)
            The mean loss, and the share of pictures whose most probable class is the right one.

        Examples
        --------
        >>> from cnnlib.scratch.layers import Dense
        >>> Network([Dense(2)], input_shape=(3,)).evaluate(np.zeros((4, 3)), [0, 0, 0, 1])
        (0.6931471824645996, 0.75)
        """
        x, y = self.checked("evaluate", x, y)
        z = self._scores("evaluate", x)
        return self.loss.forward(z, y), float((z.argmax(axis=1) == y).mean())

    def _scores(self, function, x):
        starts = range(0, len(x), PREDICTED_AT_ONCE)
        with np.errstate(over="ignore", invalid="ignore"):
            z = np.concatenate([self.forward(x[i : i + PREDICTED_AT_ONCE]) for i in starts])
        if not np.isfinite(z).all():
            raise ValueError(
                f"{function}: the network's numbers overflow; its weights have grown too large, "
                "train a new one with a smaller learning rate"
            )
        return z

    def get_weights(self):
        """Copies of all parameters in Keras's order: layer by layer, kernel before bias.

        `keras_model.set_weights(network.get_weights())` makes the same layers in Keras agree.
        """
        return [values.copy() for values in self.parameters.values()]

    def set_weights(self, weights):
        """Take a list of arrays as `get_weights`, here or in Keras, returns it."""
        parameters = self.parameters
        if len(weights) != len(parameters):
            raise ValueError(
                f"set_weights: weights has {len(weights)} arrays, the network {len(parameters)}"
            )
        arrays = [
            _float32("set_weights", name, values)
            for name, values in zip(parameters, weights, strict=True)
        ]
        for (name, values), array in zip(parameters.items(), arrays, strict=True):
            if array.shape != values.shape:
                raise ValueError(
                    f"set_weights: {name} has shape {values.shape}, the array for it {array.shape}"
                )
        for values, array in zip(parameters.values(), arrays, strict=True):
            values[...] = array

    def save(self, path):
        """Write layers and weights to an HDF5 file; the optimizer and the seed are not kept.

        The file is written beside the old one, `path` with `.part` added, and then takes its
        place: where writing fails, what was there stays whole.

        Parameters
        ----------
        path : str or Path
            Of the file, `"digits.h5"`.

        Raises
        ------
        OSError
            Where the file cannot be written (`PermissionError`, `FileNotFoundError` and so on).
        ValueError
            Where a layer is of a kind that `load` does not know.

        Examples
        --------
        >>> import tempfile
        >>> from cnnlib.scratch.layers import Dense
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Network([Dense(2)], input_shape=(3,)).save(f"{folder}/tiny.h5")
        ...     Network.load(f"{folder}/tiny.h5")
        Network from (3,) to (2,), 8 parameters
          dense1  Dense(2)  (2,)
        """
        from cnnlib.scratch import storage  # h5py takes a moment, and training needs none

        storage.write(path, self)

    @classmethod
    def load(cls, path):
        """The network that `save` wrote.

        Parameters
        ----------
        path : str or Path
            Of the file.

        Raises
        ------
        FileNotFoundError, PermissionError
            Where there is no such file, or it may not be read.
        ValueError
            Where it is damaged, or something else.
        """
        from cnnlib.scratch import storage

        return storage.read(path, cls)

    def checked(self, function, x, y):
        """Pictures in float32 and their labels, or a clear error in the name of `function`."""
        x = self._pictures(function, x)
        y = real_array(function, "y", y)
        if y.dtype.kind not in "iu":
            raise TypeError(f"{function}: y has dtype {y.dtype}, it needs whole numbers")
        if y.shape != (len(x),):
            raise ValueError(
                f"{function}: y has shape {y.shape}, it needs ({len(x)},), one label per picture"
            )
        (classes,) = self._output_shapes[-1]
        if y.min() < 0 or y.max() >= classes:
            raise ValueError(
                f"{function}: y has labels from {y.min()} to {y.max()}, "
                f"the network has classes 0 to {classes - 1}"
            )
        return x, y

    def _pictures(self, function, x):
        x = _float32(function, "x", x)
        if x.shape[1:] != self.input_shape:
            sizes = ", ".join(str(n) for n in self.input_shape)
            raise ValueError(f"{function}: x has shape {x.shape}, it needs (m, {sizes})")
        return x

    def __repr__(self):
        rows = [
            (layer.name, repr(layer), str(shape))
            for layer, shape in zip(self.layers, self._output_shapes, strict=True)
        ]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        total = sum(values.size for values in self.parameters.values())
        lines = [f"  {name:{widths[0]}}  {kind:{widths[1]}}  {shape}" for name, kind, shape in rows]
        title = f"Network from {self.input_shape} to {rows[-1][2]}, {total:,} parameters"
        return "\n".join([title, *lines])


def _named_copies(layers):
    if not isinstance(layers, list | tuple) or not layers:
        raise TypeError(f"Network: layers is {layers!r}, it needs a list of layers")
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"Network: layers holds {layer!r}, it needs layers of cnnlib.scratch.layers"
            )
    layers = [copy.deepcopy(layer) for layer in layers]
    numbers = Counter()
    for layer in layers:
        kind = type(layer).__name__.lower()
        numbers[kind] += 1
        if layer.name is None:
            layer.name = f"{kind}{numbers[kind]}"
        if not isinstance(layer.name, str) or not layer.name or "/" in layer.name:
            raise ValueError(f"Network: a layer's name is {layer.name!r}, it needs text without /")
    for name, times in Counter(layer.name for layer in layers).items():
        if times > 1:
            raise ValueError(f"Network: {times} layers are named {name!r}, names need to differ")
    return layers


def _shape(input_shape):
    if not isinstance(input_shape, tuple | list):
        raise TypeError(f"Network: input_shape is {input_shape!r}, it needs a tuple of sizes")
    return tuple(count("Network", "input_shape", size) for size in input_shape)


def _pair(validation_data):
    if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
        raise TypeError("fit: validation_data needs a pair (x, y): pictures and their labels")
    return validation_data


def _fresh(optimizer):
    if optimizer is None:
        return Adam()
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit: optimizer is {optimizer!r}, it needs one of cnnlib.scratch.optimizers: "
            "Adam(0.001)"
        )
    return copy.deepcopy(optimizer)


def _float32(function, name, values):
    """The values in float32, each a finite number; min and max would show a NaN or infinity."""
    with np.errstate(over="ignore"):
        values = real_array(function, name, values).astype(np.float32, copy=False)
    if not np.isfinite([values.min(), values.max()]).all():
        places = np.argwhere(~np.isfinite(values))
        first = tuple(places[0].tolist())
        raise ValueError(
            f"{function}: {name} has {len(places)} values that are not finite in float32, "
            f"the first is {values[first]} at {first}"
        )
    return values


def progress_bar(steps, progress):
    """A bar on stderr that leaves nothing behind; none where a program runs the notebook."""
    return tqdm(total=steps, unit="step", leave=False, disable=not (progress and _watched()))


def _watched():
    """Whether someone may be watching.

    A notebook's kernel knows: JupyterLab lets a cell ask for input, nbclient and nbval do not.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(getattr(shell, "kernel", None), "_allow_stdin", True)
