"""Sizes, parameters, multiplications and receptive fields of convolutional networks.

The formulas take numbers; `layer_table`, `total_multiplications` and `receptive_field` take a Keras
model. Nothing here imports a framework before it is given such a model.
"""

import math
import re
from numbers import Integral
from typing import Any, NamedTuple

# A kind is the name of a Keras class with N for the number of axes: Conv2D is a ConvND.
_CONVOLUTIONS = frozenset(["ConvND", "DepthwiseConvND", "SeparableConvND"])
_POOLINGS = frozenset(["MaxPoolingND", "AveragePoolingND"])

# Weights that are not multiplied as a matrix is: the course counts no products for them.
_FREE = frozenset(
    """
    BatchNormalization Embedding GroupNormalization LayerNormalization Normalization PReLU
    RMSNormalization
    """.split()  # noqa: SIM905
)
# Products without weights of the layer's own, of which the course has no count.
_UNCOUNTED = frozenset(
    """
    Attention Conv ConvTranspose DepthwiseConv Dot Einsum Matmul SeparableConv Tensordot
    """.split()  # noqa: SIM905
)

# An output depends on the input at the same position alone, as the network works after training:
# batch normalization then scales by fixed numbers.
_POINTWISE = frozenset(
    """
    Absolute Activation ActivityRegularization Add AlphaDropout Average BatchNormalization Cast Clip
    Concatenate Dense Divide Dropout ELU Elu Exp Flip GaussianDropout GaussianNoise Gelu HardSigmoid
    HardSilu Identity LayerNormalization LeakyReLU LeakyRelu LocalResponseNormalization Log Maximum
    Minimum Multiply Negative Normalization PReLU Pad Power RMSNormalization ReLU Relu Relu6
    Rescaling Selu Sigmoid Silu Softmax Softplus SpatialDropoutND Sqrt Square Subtract Tanh
    TrueDivide UnitNormalization
    """.split()  # noqa: SIM905
)
# Of these, the ones that join or mix what lies along `axis`, which has to be the channels'.
_ALONG_AXIS = frozenset(
    """
    Concatenate Flip LayerNormalization RMSNormalization Softmax UnitNormalization
    """.split()  # noqa: SIM905
)
_WHOLE = frozenset(
    """
    Flatten GlobalAveragePoolingND GlobalMaxPoolingND GroupNormalization
    """.split()  # noqa: SIM905
)
_UNEVEN = frozenset(["ConvNDTranspose", "UpSamplingND"])


def output_size(n, f, *, padding=0, stride=1, dilation=1):
    """Pixels of a convolution's or pooling's output along one axis: ⌊(n + 2p − f) / s⌋ + 1.

    Parameters
    ----------
    n, f : int
        Pixels of the input and of the kernel along that axis.
    padding : int, "valid" or "same"
        Zeros on each side; "valid" is 0, "same" gives ⌈n / s⌉ whatever the kernel.
    stride : int
        Pixels between two positions of the kernel.
    dilation : int
        Pixels between two neighbors in the kernel, which then covers (f − 1)·dilation + 1.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        For anything but integers, sizes below 1, a negative padding, an unknown word, or a kernel
        that is larger than the padded input: it must lie wholly inside.

    Examples
    --------
    >>> output_size(39, 3), output_size(37, 5, stride=2), output_size(6, 3, padding="same")
    (37, 17, 6)
    """
    for argument, value in (("n", n), ("f", f), ("stride", stride), ("dilation", dilation)):
        _require_integer("output_size", argument, value, least=1)
    if isinstance(padding, str):
        if padding == "same":
            return -(-n // stride)
        if padding != "valid":
            raise ValueError(
                f'output_size: padding is "{padding}", it needs "valid", "same" or an integer'
            )
        padding = 0
    _require_integer("output_size", "padding", padding, least=0)
    covered = dilation * (f - 1) + 1
    if covered > n + 2 * padding:
        raise ValueError(
            f"output_size: the kernel covers {covered} pixels, "
            f"it needs to fit into the {n + 2 * padding} of the padded input"
        )
    return (n + 2 * padding - covered) // stride + 1


def same_padding(f, *, dilation=1):
    """Zeros on each side with which a convolution of stride 1 keeps the size: p = (f − 1) / 2.

    Parameters
    ----------
    f : int
        Pixels of the kernel along one axis; odd, else the two sides would differ.
    dilation : int
        Pixels between two neighbors in the kernel; the padding grows by that factor.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        For an even f, and for anything but positive integers.

    Examples
    --------
    >>> same_padding(3), same_padding(5), same_padding(3, dilation=2)
    (1, 2, 2)
    """
    _require_integer("same_padding", "f", f, least=1)
    _require_integer("same_padding", "dilation", dilation, least=1)
    if f % 2 == 0:
        raise ValueError(f"same_padding: f is {f}, it needs an odd number")
    return dilation * (f - 1) // 2


def conv_parameters(f, channels_in, channels_out, *, bias=True, dims=2):
    """Weights and biases of a convolution layer: (f·f·C + 1)·C′, whatever the size of the image.

    Parameters
    ----------
    f : int
        Pixels of the kernel along each axis.
    channels_in, channels_out : int
        C, the channels of the input, and C′, the number of filters.
    bias : bool
        Whether each filter has a bias.
    dims : int
        Number of spatial axes: 1 for sequences, 2 for images, 3 for volumes.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        For anything but positive integers.

    Examples
    --------
    >>> conv_parameters(3, 3, 10)
    280
    """
    arguments = {"f": f, "channels_in": channels_in, "channels_out": channels_out, "dims": dims}
    for argument, value in arguments.items():
        _require_integer("conv_parameters", argument, value, least=1)
    return (f**dims * channels_in + bool(bias)) * channels_out


class LayerRow(NamedTuple):
    """One application of a layer, as `layer_table` lists it."""

    name: str
    kind: str
    output_shape: tuple
    activation_size: int
    parameters: int
    multiplications: int | None


class LayerTable(list):
    """A list of LayerRow that prints as an aligned table."""

    def __repr__(self):
        header = (
            "layer",
            "kind",
            "output shape",
            "activation size",
            "parameters",
            "multiplications",
        )
        cells = [header, *(_cells(row) for row in self)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                text.ljust(width) if column < 3 else text.rjust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in cells
        )


def layer_table(model):
    """Shape, size, parameters and multiplications of every layer, in the order of computation.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, of any kind of layers, with an input of fixed size.

    Returns
    -------
    list of LayerRow
        The inputs first, then one row for each time a layer is applied. `kind` is the layer's
        class. `output_shape` leaves out the batch and `activation_size` is its product. Layers of
        a model within the model have rows of their own, named "inner/layer". A weight that is
        shared counts in the first row that uses it, so that the parameters add up to
        `model.count_params()`; its multiplications count each time.

        `multiplications` are the products of a weight and an activation for one example, biases
        left out: f·f·C for each number of a convolution's output (a transposed one: f·f·C′ for
        each number of its input), in·out for a dense layer at each position, zeros of the padding
        counted like other pixels. Layers that have no such weights count 0, normalizations too;
        None stands where a layer has weights and no such rule (a recurrent one, attention, your
        own).

    Raises
    ------
    TypeError
        For anything but a Keras model.
    ValueError
        For a model that has no graph of layers (not built yet, or subclassed), or whose input
        size is open.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> layer_table(lenet5())[1]  # doctest: +NORMALIZE_WHITESPACE
    LayerRow(name='conv1', kind='Conv2D', output_shape=(28, 28, 6), activation_size=4704,
             parameters=156, multiplications=117600)
    """
    graph = _graph("layer_table", model)
    for tensor in graph.inputs:
        if None in tensor.shape[1:]:
            raise ValueError(
                f"layer_table: model '{model.name}' takes inputs of shape {tensor.shape[1:]}, "
                "it needs a fixed size"
            )
    counted = set()
    return LayerTable(_row(call, counted) for call in _calls(graph, graph.inputs))


def total_multiplications(model):
    """Products of a weight and an activation that a model takes for one example.

    n_H′·n_W′·C′ · f·f·C for each convolution, in·out for each dense layer, added up over the rows
    of `layer_table`, which has the details.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        As `layer_table`; and where a layer has weights but no rule to count by.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> f"{total_multiplications(lenet5()):,}"
    '416,520'
    """
    rows = layer_table(model)
    for row in rows:
        if row.multiplications is None:
            raise ValueError(
                f"total_multiplications: layer '{row.name}' is a {row.kind}, "
                "it needs to be a convolution, a dense layer or one without a matrix of weights"
            )
    return sum(row.multiplications for row in rows)


class ReceptiveField(NamedTuple):
    """The pixels of the input that one output of a layer can depend on, an entry per axis.

    Output k sees the `size` pixels from `offset + k·stride` on; in a border of zeros that is
    below 0 or beyond the last pixel.
    """

    size: tuple
    stride: tuple
    offset: tuple


def receptive_field(model, layer_name):
    """Which pixels of the input one output of a layer can depend on.

    A layer with kernel f (the pixels it covers), stride s and p zeros before the first pixel turns
    size r, stride j and offset o into r + (f − 1)·j, j·s and o − p·j (Araujo, Norris and Sim 2019,
    doi.org/10.23915/distill.00021). Where branches meet, the field spans all of them. Batch
    normalization counts as it works after training.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional.
    layer_name : str
        "inner/layer" for a layer of a model within the model.

    Returns
    -------
    ReceptiveField
        size, stride, offset: tuples with one entry per spatial axis.

    Raises
    ------
    TypeError
        For anything but a Keras model.
    ValueError
        For an unbuilt or subclassed model, an unknown layer, and where the field is undefined:
        after layers that see the whole input (flatten, global pooling), after those whose field
        differs from output to output (transposed convolution, upsampling), where branches of
        different strides meet, or for a layer that is applied in places with different fields.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> receptive_field(lenet5(), "pool2")
    ReceptiveField(size=(16, 16), stride=(4, 4), offset=(0, 0))
    """
    graph = _graph("receptive_field", model)
    fields, found, names = {}, set(), []
    for call in _calls(graph, graph.inputs):
        try:
            field = _field(call, [fields[id(tensor)] for tensor in call.inputs])
        except _Undefined as reason:
            field = reason
        fields.update((id(tensor), field) for tensor in call.outputs)
        names.append(call.name)
        if call.name == layer_name:
            found.add(field)
    if not found:
        raise ValueError(
            f"receptive_field: layer_name is {layer_name!r}, it needs one of {', '.join(names)}"
        )
    for field in found:
        if isinstance(field, _Undefined):
            raise ValueError(f"receptive_field: undefined for layer '{layer_name}': {field}")
    if len(found) > 1:
        raise ValueError(
            f"receptive_field: layer '{layer_name}' is applied in places with different fields, "
            f"it needs a single one: {sorted(found)}"
        )
    return found.pop()


# The walk through a model


class _Call(NamedTuple):
    """One application of a layer: tensors are symbolic, and new for every application."""

    name: str
    layer: Any
    inputs: list
    outputs: list


def _graph(name, model):
    """The graph of layers of a Sequential or functional model."""
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"{name}: model is a {type(model).__name__}, it needs a keras.Model")
    if _is_graph(model):
        return getattr(model, "_functional", model)
    if isinstance(model, keras.Sequential):
        raise ValueError(
            f"{name}: model '{model.name}' is not built, it needs an input shape: start it with "
            "keras.Input(shape), or call model.build"
        )
    raise ValueError(
        f"{name}: model '{model.name}' is a subclassed {type(model).__name__}, "
        "it needs a graph of layers: a Sequential or functional model"
    )


def _is_graph(layer):
    import keras

    return isinstance(getattr(layer, "_functional", layer), keras.Function)


def _calls(graph, inputs, prefix=""):
    """Every application of a layer, in the order of computation, models within included.

    Goes as Keras itself does when it runs a graph, but with shapes in place of numbers: a model
    within may be applied twice, and to other sizes than it was made with.
    """
    import keras

    if not prefix:
        for tensor in inputs:
            layer = tensor._keras_history.operation
            yield _Call(layer.name, layer, [], [tensor])
    actual = {id(made): given for made, given in zip(graph.inputs, inputs, strict=True)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            layer = node.operation
            if node.is_input:
                continue
            given = [actual[id(tensor)] for tensor in node.input_tensors]
            if _is_graph(layer):
                inner = getattr(layer, "_functional", layer)
                outputs = yield from _calls(inner, given, f"{prefix}{layer.name}/")
            else:
                arguments, options = node.arguments.fill_in(actual)
                outputs = keras.tree.flatten(layer.compute_output_spec(*arguments, **options))
                yield _Call(prefix + layer.name, layer, given, outputs)
            actual.update(zip(map(id, node.outputs), outputs, strict=True))
    return [actual[id(tensor)] for tensor in graph.outputs]


def _kinds(layer):
    """Names of the classes a layer is of, N for the number of axes: {"ConvND", "BaseConv", …}."""
    return {
        re.sub(r"\dD", "ND", base.__name__)
        for base in type(layer).__mro__
        if base.__module__.startswith(("keras.", "cnnlib."))
    }


# Rows


def _row(call, counted):
    new = {id(weight): weight for weight in getattr(call.layer, "weights", ())}
    parameters = sum(math.prod(weight.shape) for key, weight in new.items() if key not in counted)
    counted.update(new)
    shapes = [tuple(tensor.shape[1:]) for tensor in call.outputs]
    return LayerRow(
        call.name,
        type(call.layer).__name__,
        shapes[0] if len(shapes) == 1 else tuple(shapes),
        sum(math.prod(shape) for shape in shapes),
        parameters,
        _multiplications(call),
    )


def _multiplications(call):
    layer = call.layer
    if "TimeDistributed" in _kinds(layer):
        layer = layer.layer
    kinds, weights = _kinds(layer), getattr(layer, "weights", ())
    if "ConvNDTranspose" in kinds:  # every position of the input meets the whole kernel
        return _positions(layer, call.inputs[0]) * math.prod(layer.kernel.shape)
    if kinds & (_CONVOLUTIONS | {"Dense"}):
        matrices = [weight.shape for weight in weights if len(weight.shape) > 1]
        return _positions(layer, call.outputs[0]) * sum(map(math.prod, matrices))
    return None if kinds & _UNCOUNTED or (weights and not kinds & _FREE) else 0


def _positions(layer, tensor):
    """In how many places a layer finds all channels of the tensor."""
    channels = -1
    if getattr(layer, "data_format", None) == "channels_first":
        channels -= layer.rank
    return math.prod(tensor.shape[1:]) // tensor.shape[channels]


def _cells(row):
    shape = " × ".join(map(str, row.output_shape))
    numbers = (row.activation_size, row.parameters, row.multiplications)
    return (row.name, row.kind, shape, *("?" if n is None else f"{n:,}" for n in numbers))


# Receptive fields


class _Undefined(Exception):
    """Why a layer has no receptive field."""


def _field(call, incoming):
    for field in incoming:
        if isinstance(field, _Undefined):
            raise field
    axes = len(call.outputs[0].shape) - 2
    if axes < 1:
        raise _Undefined(
            f"the output of '{call.name}' ({type(call.layer).__name__}) has no spatial axes, "
            "each number may depend on the whole input"
        )
    if not incoming:
        return ReceptiveField((1,) * axes, (1,) * axes, (0,) * axes)
    field = _span(call, incoming)
    steps = [_step(call, axis) for axis in range(axes)]
    size, stride, offset = zip(
        *(
            (r + (covered - 1) * j, j * s, o - before * j)
            for r, j, o, (covered, s, before) in zip(*field, steps, strict=True)
        ),
        strict=True,
    )
    return ReceptiveField(size, stride, offset)


def _span(call, fields):
    """The smallest field that holds all of them."""
    strides = {field.stride for field in fields}
    if len(strides) > 1:
        raise _Undefined(f"'{call.name}' joins branches of strides {sorted(strides)}")
    offset = tuple(map(min, zip(*(field.offset for field in fields), strict=True)))
    ends = ([o + r for o, r in zip(f.offset, f.size, strict=True)] for f in fields)
    size = tuple(max(end) - o for o, end in zip(offset, zip(*ends, strict=True), strict=True))
    return ReceptiveField(size, strides.pop(), offset)


def _step(call, axis):
    """Pixels covered, stride and pixels of border before the first, along one spatial axis."""
    layer, kinds = call.layer, _kinds(call.layer)
    if kinds & _CONVOLUTIONS:
        covered = layer.dilation_rate[axis] * (layer.kernel_size[axis] - 1) + 1
        return covered, layer.strides[axis], _before(call, axis, covered)
    if kinds & _POOLINGS:
        covered = layer.pool_size[axis]
        return covered, layer.strides[axis], _before(call, axis, covered)
    if "ZeroPaddingND" in kinds:
        return 1, 1, _first(layer.padding, axis)
    if "CroppingND" in kinds:
        return 1, 1, -_first(layer.cropping, axis)
    if kinds & _POINTWISE and _keeps_positions(call):
        return 1, 1, 0
    described = f"'{call.name}' ({type(layer).__name__})"
    if kinds & _WHOLE:
        raise _Undefined(f"each output of {described} sees the whole input")
    if kinds & _UNEVEN:
        raise _Undefined(f"what an output of {described} sees differs from output to output")
    raise _Undefined(f"there is no rule for {described}")


def _keeps_positions(call):
    """Whether nothing is spread over, joined or mixed along a spatial axis."""
    if len({tuple(tensor.shape[:-1]) for tensor in (*call.inputs, *call.outputs)}) > 1:
        return False
    if not _kinds(call.layer) & _ALONG_AXIS:
        return True
    axis, axes = call.layer.axis, len(call.outputs[0].shape)
    if axis is None:  # all of them
        return False
    return {a % axes for a in (axis if isinstance(axis, list | tuple) else (axis,))} == {axes - 1}


def _before(call, axis, covered):
    """Border that the padding word puts before the first pixel; TensorFlow's rule for "same"."""
    layer = call.layer
    if layer.padding == "valid":
        return 0
    if layer.padding == "causal":
        return covered - 1
    stride = layer.strides[axis]
    if stride == 1:
        return (covered - 1) // 2
    shape = call.inputs[0].shape
    n = shape[2 + axis] if layer.data_format == "channels_first" else shape[1 + axis]
    if n is None:
        raise _Undefined(
            f"the border of '{call.name}' depends on the input's size, which the model leaves open"
        )
    return max((-(-n // stride) - 1) * stride + covered - n, 0) // 2


def _first(borders, axis):
    """What a padding or cropping layer does before the first pixel of an axis."""
    return borders[0] if isinstance(borders[0], int) else borders[axis][0]


def _require_integer(name, argument, value, *, least):
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: {argument} is {value!r}, it needs an integer")
    if value < least:
        raise ValueError(f"{name}: {argument} is {value}, it needs {least} or more")
