"""What in a picture speaks for a class: gradients with respect to pixels and to maps."""

import keras
import numpy as np
from keras import layers, ops

from cnnlib.insight import arguments
from cnnlib.training.gradients import KeepGradients


def input_gradient(model, images, labels):
    """How a class's score changes with each number of the picture.

    The score is what the last softmax or sigmoid reads, where the model ends in one; else the
    model's output. A softmax would let the gradient tell what speaks against other classes too.

    Parameters
    ----------
    model : keras.Model
        A classifier: (m, height, width, channels) to (m, classes). It works as after training.
    images : (m, height, width, channels) array
    labels : int, or a sequence of m
        The class whose score is asked for; one for all, or one for each picture.

    Returns
    -------
    (m, height, width, channels) float32 array

    Raises
    ------
    TypeError
        For anything but a Keras model, numbers as pictures and whole numbers as labels.
    ValueError
        For a model without a graph of layers or that gives no row of scores, pictures it does not
        take, and a label it does not have.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", https://arxiv.org/abs/1312.6034, section 3.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> input_gradient(lenet5(), np.zeros((2, 32, 32, 1)), 7).shape
    (2, 32, 32, 1)
    """
    model = arguments.graph("input_gradient", model)
    images = arguments.pictures("input_gradient", "images", model, images)
    one_hot = _one_hot("input_gradient", model, labels, len(images))
    return _gradient(keras.Model(model.inputs[0], _scores(model)), images, one_hot)


def saliency(model, images, labels):
    """How strongly each pixel moves a class's score: its largest gradient over the channels.

    Parameters and errors as `input_gradient`.

    Returns
    -------
    (m, height, width) float32 array
        `max_c |∂score / ∂x_c|`, 0 or more.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> saliency(lenet5(), np.zeros((2, 32, 32, 1)), [3, 7]).shape
    (2, 32, 32)
    """
    return np.abs(input_gradient(model, images, labels)).max(axis=-1)


def grad_cam(model, images, labels, *, layer):
    """Where a layer's maps speak for a class: Grad-CAM.

    A_k are the maps of the layer, y the class's score. Each map is weighed by how much the score
    gains from it, on average over the places: α_k = mean over i, j of ∂y / ∂A_ijk. The result is
    ReLU(Σ_k α_k A_k), the paper's equations 1 and 2.

    Parameters
    ----------
    model, images, labels
        As `input_gradient`.
    layer : str
        A layer whose maps are all that the score is computed from; the last one with maps as a
        rule.

    Returns
    -------
    (m, rows, columns) float32 array
        0 or more, in the layer's resolution, not rescaled: pictures and classes may be compared.

    Raises
    ------
    TypeError, ValueError
        As `input_gradient`; for a layer that the model does not have or that gives no maps; and
        where a branch of the network leads past the layer.

    References
    ----------
    Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
    localization", https://arxiv.org/abs/1610.02391.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> grad_cam(lenet5(), np.zeros((2, 32, 32, 1)), 7, layer="pool2").shape
    (2, 5, 5)
    """
    model = arguments.graph("grad_cam", model)
    start = arguments.maps_of("grad_cam", model, layer)
    images = arguments.pictures("grad_cam", "images", model, images)
    one_hot = _one_hot("grad_cam", model, labels, len(images))
    try:
        rest = keras.Model(start, _scores(model))
    except ValueError as error:
        raise ValueError(
            f"grad_cam: layer is '{layer}', it needs to be one that all scores of model "
            f"'{model.name}' are computed from, and from nothing else"
        ) from error
    maps = ops.convert_to_numpy(keras.Model(model.inputs[0], start)(images, training=False))
    weights = _gradient(rest, maps, one_hot).mean(axis=(1, 2), keepdims=True)
    return np.maximum(np.sum(weights * maps, axis=-1), 0)


def _scores(model):
    """The model's symbolic output, before a softmax or sigmoid that ends it."""
    output = model.outputs[0]
    last = output._keras_history.operation
    ends = getattr(last, "activation", None) in (
        keras.activations.softmax,
        keras.activations.sigmoid,
    )
    if isinstance(last, layers.Softmax) or (ends and isinstance(last, layers.Activation)):
        return last.input
    if ends:
        config = last.get_config() | {"activation": "linear", "name": f"{last.name}_scores"}
        linear = type(last).from_config(config)
        scores = linear(last.input)
        linear.set_weights(last.get_weights())
        return scores
    return output


def _one_hot(function, model, labels, count):
    """(m, classes), 1 at each picture's label."""
    if len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
        raise ValueError(
            f"{function}: model '{model.name}' gives {[o.shape for o in model.outputs]}, it needs "
            "to give one row of scores, (m, classes)"
        )
    classes = model.outputs[0].shape[-1]
    each = [labels] * count if np.ndim(labels) == 0 else list(labels)
    if len(each) != count:
        raise ValueError(f"{function}: labels has {len(each)}, it needs 1 or {count}, as images")
    told = f"model '{model.name}' has {classes} classes"
    chosen = [arguments.index(function, "labels", one, classes, of=told) for one in each]
    return np.eye(classes, dtype=np.float32)[chosen]


def _gradient(network, start, direction):
    """The gradient of Σ direction · network(start) with respect to start.

    Keras has a call for the gradient of weights alone, so the start is made a weight.
    """
    probe = _Probe(network, start)
    probe.compile(KeepGradients(), run_eagerly=True)
    probe.train_on_batch(np.zeros((len(start), 1), np.float32), direction)
    return probe.optimizer.gradient(probe.start).numpy()


class _Probe(keras.Model):
    """A network at one point, as a model whose only weight is that point."""

    def __init__(self, network, start):
        super().__init__()
        # In a function, the network is no part of this model: its weights are constants.
        self.answer = lambda point: network(point, training=False)
        self.start = self.add_weight(shape=start.shape, name="start")
        self.start.assign(start)

    def call(self, x):
        return self.answer(self.start)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.sum(ops.convert_to_tensor(y) * y_pred)  # PyTorch: y comes as an array
