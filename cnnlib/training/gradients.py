"""How large the gradient of each layer is, over training: whether it vanishes or explodes."""

import contextlib

import keras
from keras import ops

from cnnlib.models.arguments import whole_numbers


class GradientNorms(keras.callbacks.Callback):
    """Callback that records the gradient norm of every layer over training.

    Before the first step and after every so many, it computes the gradient of the loss on a fixed
    batch, in training mode (batch normalization uses the batch's own mean and variance). Training
    goes on exactly as without it. A norm is the root of the sum of squares over all the trainable
    weights of a layer.

    Parameters
    ----------
    x, y : array
        The batch, as `fit` takes it.
    every : int
        Steps between two records.

    Attributes
    ----------
    steps : list of int
        When each record was made; 0 is before the first step. Each `fit` begins anew.
    norms : dict
        Name of each layer with trainable weights, in the order of the model ("inner/layer" for a
        layer of a model within the model), to a list of its norms, one for each of `steps`.

    Raises
    ------
    TypeError, ValueError
        Where `every` is no integer of 1 or more, or x and y are empty or of different length; and,
        when training begins, for a subclassed model: it has no graph to compute gradients from.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="dense")])
    >>> model.compile("sgd", "mse")
    >>> x, y = np.ones((4, 2)), np.ones((4, 1))
    >>> record = GradientNorms(x, y, every=2)
    >>> _ = model.fit(x, y, batch_size=1, verbose=0, callbacks=[record])
    >>> record.steps, len(record.norms["dense"])
    ([0, 2, 4], 3)
    """

    def __init__(self, x, y, *, every=1):
        super().__init__()
        if len(x) != len(y) or len(x) == 0:
            raise ValueError(
                f"GradientNorms: x has {len(x)} examples and y {len(y)}, "
                "they need the same number, 1 or more"
            )
        self.x, self.y = x, y
        (self.every,) = whole_numbers("GradientNorms", "every", (every,))
        self.steps, self.norms = [], {}

    def on_train_begin(self, logs=None):
        self._probe = _probe(self.model)
        self._layers = dict(_layers_with_weights(self.model))
        self._step = 0
        self.steps, self.norms = [], {name: [] for name in self._layers}
        self._record()

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        if self._step % self.every == 0:
            self._record()

    def _record(self):
        model = self.model  # on JAX, asking for it writes what `fit` holds into the variables
        state = [ops.copy(variable) for variable in model.non_trainable_variables]
        with _dropout_of_its_own():
            self._probe.train_on_batch(self.x, self.y)
        for variable, value in zip(model.non_trainable_variables, state, strict=True):
            variable.assign(value)
        gradient = self._probe.optimizer.gradient
        for name, layer in self._layers.items():
            squares = [ops.sum(ops.square(gradient(v))) for v in layer.trainable_variables]
            self.norms[name].append(float(ops.sqrt(sum(squares))))
        self.steps.append(self._step)


@keras.saving.register_keras_serializable("cnnlib")
class KeepGradients(keras.optimizers.Optimizer):
    """An optimizer that keeps each gradient and leaves the weights alone."""

    def __init__(self, learning_rate=0.0, name="keep_gradients", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def build(self, variables):
        super().build(variables)
        self._gradients = [
            self.add_variable_from_reference(variable, name="gradient") for variable in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        self.assign(self._gradients[self._get_variable_index(variable)], gradient)

    def gradient(self, variable):
        """The gradient with respect to a variable, of the batch last seen."""
        return self._gradients[self._get_variable_index(variable)]


def _probe(model):
    """A second model on the same layers and loss, whose training changes no weight."""
    graph = getattr(model, "_functional", model)
    if not isinstance(graph, keras.Function):
        raise TypeError(
            f"GradientNorms: model '{model.name}' is a subclassed {type(model).__name__}, it needs "
            "a graph of layers: a Sequential or functional model"
        )
    probe = keras.Model(graph.input, graph.output)
    weights = model.get_compile_config().get("loss_weights")
    probe.compile(
        KeepGradients(), loss=model.loss, loss_weights=weights, run_eagerly=model.run_eagerly
    )
    return probe


def _dropout_of_its_own():
    """Keras's dropout on PyTorch draws from PyTorch's own generator: put that back afterwards."""
    if keras.backend.backend() != "torch":
        return contextlib.nullcontext()
    import torch

    return torch.random.fork_rng()


def _layers_with_weights(model, prefix=""):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers_with_weights(layer, f"{prefix}{layer.name}/")
        elif layer.trainable_variables:
            yield prefix + layer.name, layer
