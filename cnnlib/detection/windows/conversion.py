"""The same network as one convolution, for pictures of any size."""

import keras
import numpy as np
from keras import layers

from cnnlib.arithmetic import receptive_field

_SLIDING = (
    layers.Conv2D,
    layers.DepthwiseConv2D,
    layers.SeparableConv2D,
    layers.MaxPooling2D,
    layers.AveragePooling2D,
)
# What treats each number by itself, and so may stand anywhere.
_SINGLE = (
    layers.Activation,
    layers.AlphaDropout,
    layers.Dropout,
    layers.ELU,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.Identity,
    layers.LeakyReLU,
    layers.ReLU,
)
# What treats each position by itself, with all its channels.
_CHANNELS = (
    layers.BatchNormalization,
    layers.Dense,
    layers.LayerNormalization,
    layers.Rescaling,
    layers.Softmax,
    layers.SpatialDropout2D,
    layers.UnitNormalization,
)
_ACROSS_CHANNELS = keras.activations.softmax, keras.activations.log_softmax
_WHOLE = (
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling2D,
    layers.GroupNormalization,
)


def convolutional(model):
    """The same network for pictures of any size: its dense layers become convolutions.

    Flatten and the dense layer behind it become a convolution with kernels of the map's size,
    5×5×16 and 400 units one of 400 filters of 5×5; each dense layer after it becomes a 1×1
    convolution. No weight changes. On a larger picture the answers are those for every window at
    a distance of the network's total stride, the product of all strides before Flatten.

    Parameters
    ----------
    model : keras.Model
        Sequential, or functional in one chain of layers; models within are taken apart.
        Convolutions and poolings have "valid" padding.

    Returns
    -------
    keras.Model
        With copies of the weights and the names of the layers: (m, height, width, channels) to
        (m, rows, columns, outputs). `arithmetic.receptive_field` tells the window and the stride.

    Raises
    ------
    TypeError
        For anything but a Keras model.
    ValueError
        For a model that is not built or that branches, and, by its name, for a layer whose answer
        for a window depends on where the window ends: "same" padding, global pooling, anything
        that is neither convolution, pooling, dense layer nor works on each position by itself.

    References
    ----------
    Sermanet et al. (2014), https://arxiv.org/abs/1312.6229, section 3.5.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> anywhere = convolutional(lenet5())  # made for 32×32, with a total stride of 4
    >>> tuple(anywhere(np.zeros((1, 32, 40, 1))).shape)
    (1, 1, 3, 10)
    """
    chain = _chain(model)
    taken = model.inputs[0]
    if len(taken.shape) != 4:
        raise ValueError(
            f"convolutional: model '{model.name}' takes {tuple(taken.shape[1:])}, it needs "
            "(height, width, channels)"
        )
    inputs = x = keras.Input((None, None, taken.shape[-1]), dtype=taken.dtype, name=taken.name)
    map_size = None  # of what Flatten has laid out in a row, until a dense layer has read it
    for layer, shape in chain:
        if type(layer) is layers.Flatten:
            map_size = _map_size(layer, shape, map_size)
        elif type(layer) is layers.Dense and map_size:
            x = _as_convolution(layer, map_size, x)
            map_size = 1, 1
        else:
            _require_carried(layer, map_size)
            copy = type(layer).from_config(layer.get_config())
            x = copy(x)
            copy.set_weights(layer.get_weights())
    if map_size not in (None, (1, 1)):
        raise ValueError(
            f"convolutional: model '{model.name}' ends with {map_size[0]}×{map_size[1]} positions "
            "in a row, it needs a dense layer after Flatten"
        )
    return keras.Model(inputs, x, name=f"{model.name}_convolutional")


def cells_by_layer(model, side, names):
    """How many cells of each layer's map there are, and how many of them one answer depends on.

    Parameters
    ----------
    model : keras.Model
        In the form that `convolutional` gives it; its windows are square.
    side : int
        Of a square picture, in pixels.
    names : sequence of str
        Layers, from the input to the last, which gives the answers.

    Returns
    -------
    list of (str, int, int, int)
        The picture, then each layer: its name, the cells along a side of its map, the cells along
        an axis that an answer depends on, and the cells from one answer's to the next one's.

    Raises
    ------
    ValueError
        Where the picture is smaller than a window, and as `arithmetic.receptive_field`.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> cells_by_layer(convolutional(lenet5()), 36, ["pool2", "output"])
    [('picture', 36, 32, 4), ('pool2', 6, 5, 1), ('output', 2, 1, 1)]
    """
    fields = [receptive_field(model, name) for name in names]
    window, step = fields[-1].size[0], fields[-1].stride[0]
    if side < window:
        raise ValueError(f"cells_by_layer: side is {side}, a window needs {window} pixels")
    cells = [("picture", side, window, step)]
    for name, field in zip(names, fields, strict=True):
        size, stride = field.size[0], field.stride[0]
        counts = ((pixels - size) // stride + 1 for pixels in (side, window))
        cells.append((name, *counts, step // stride))
    return cells


def _chain(model):
    """The layers in the order of computation, each with the shape that it takes."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"convolutional: model is a {type(model).__name__}, it needs a keras.Model")
    ends = [getattr(model, side, None) or [] for side in ("inputs", "outputs")]
    if any(len(end) != 1 for end in ends):
        raise ValueError(
            f"convolutional: model '{model.name}' has {len(ends[0])} inputs and {len(ends[1])} "
            "outputs, it needs one of each and to be built, Sequential or functional"
        )
    chain, tensor = [], model.outputs[0]
    while not isinstance(tensor._keras_history.operation, layers.InputLayer):
        layer, node, _ = tensor._keras_history
        taken = layer._inbound_nodes[node].input_tensors
        if len(taken) != 1:
            raise _refusal(layer, "joins branches", "a single chain of layers")
        tensor = taken[0]
        inner = _chain(layer) if isinstance(layer, keras.Model) else [(layer, tensor.shape)]
        chain = inner + chain
    names = [layer.name for layer, _ in chain]
    for layer, _ in chain:
        if names.count(layer.name) > 1:
            raise _refusal(layer, "is applied more than once", "a name of its own in each place")
    return chain


def _map_size(layer, shape, before):
    """Height and width of the map that Flatten lays out; what is in a row already stays so."""
    if len(shape) != 4:
        return before
    if layer.data_format != "channels_last":
        raise _refusal(layer, "has its channels first", "channels last")
    if None in shape[1:3]:
        raise _refusal(layer, "lays out a map of open size", "a model with a fixed input size")
    return tuple(shape[1:3])


def _as_convolution(dense, map_size, x):
    """What a dense layer says about a map, said at every position of a larger one."""
    convolution = layers.Conv2D(
        dense.units,
        map_size,
        activation=dense.activation,
        use_bias=dense.use_bias,
        dtype=dense.dtype_policy,
        name=dense.name,
    )
    y = convolution(x)
    kernel, *bias = dense.get_weights()
    convolution.set_weights([kernel.reshape(*map_size, -1, dense.units), *bias])
    return y


def _require_carried(layer, map_size):
    """The layer has to treat a window alike whether or not it is part of a larger picture."""
    kind = type(layer)
    in_a_row = map_size not in (None, (1, 1))
    across_channels = (
        kind in _CHANNELS or getattr(layer, "activation", None) in _ACROSS_CHANNELS
    ) and kind not in _SLIDING
    if kind in _WHOLE:
        raise _refusal(layer, "looks at the whole map, however large", "a layer that slides")
    if kind not in (*_SLIDING, *_SINGLE, *_CHANNELS):
        raise _refusal(
            layer, "has no rule here", "a convolution, pooling, dense layer or one per position"
        )
    if kind in _SLIDING and layer.padding != "valid":
        raise _refusal(
            layer,
            f"has padding {layer.padding!r}, so a window's border meets zeros in its crop and "
            "pixels in a larger picture",
            "'valid' padding",
        )
    if kind in _SLIDING and layer.data_format != "channels_last":
        raise _refusal(layer, "has its channels first", "channels last")
    if across_channels and in_a_row:
        raise _refusal(
            layer, "mixes or tells apart positions that Flatten has laid out", "to stand elsewhere"
        )
    axis = np.atleast_1d(getattr(layer, "axis", -1)).tolist()
    if axis not in ([-1], [3]):
        raise _refusal(layer, f"works along axis {axis}", "axis -1, that of the channels")


def _refusal(layer, fault, needed):
    return ValueError(
        f"convolutional: layer '{layer.name}' ({type(layer).__name__}) {fault}; it needs {needed}"
    )
