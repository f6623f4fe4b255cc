"""Formulas and tables against Keras, the course's numbers, and what pixels really change."""

import json
import math
import subprocess
import sys
from functools import reduce
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keras import layers

from cnnlib.arithmetic import (
    LayerRow,
    conv_parameters,
    layer_table,
    output_size,
    receptive_field,
    same_padding,
    total_multiplications,
)

REFERENCE = Path(__file__).parent / "reference" / "course_vectors.json"


def functional(input_shape, build):
    x = keras.Input(input_shape, name="input")
    return keras.Model(x, build(x), name="model")


def row_of(model, name):
    return next(row for row in layer_table(model) if row.name == name)


# Sizes


@given(
    n=st.integers(1, 40),
    f=st.integers(1, 9),
    padding=st.sampled_from(["valid", "same", 0, 1, 2, 5]),
    stride=st.integers(1, 5),
    dilation=st.integers(1, 3),
)
def test_output_size_is_keras(n, f, padding, stride, dilation):
    assume(stride == 1 or dilation == 1)  # Keras has no convolution with both
    word, border = (padding, 0) if isinstance(padding, str) else ("valid", padding)
    assume(word == "same" or dilation * (f - 1) + 1 <= n + 2 * border)
    conv = layers.Conv1D(1, f, strides=stride, padding=word, dilation_rate=dilation)
    expected = conv.compute_output_shape((None, n + 2 * border, 1))[1]
    assert output_size(n, f, padding=padding, stride=stride, dilation=dilation) == expected


@given(
    n=st.integers(1, 40),
    f=st.integers(1, 9),
    padding=st.integers(0, 5),
    stride=st.integers(1, 5),
    dilation=st.integers(1, 3),
)
def test_output_size_counts_the_places_where_the_kernel_lies_inside(
    n, f, padding, stride, dilation
):
    last = n + 2 * padding - dilation * (f - 1) - 1
    assume(last >= 0)
    places = len(range(0, last + 1, stride))
    assert output_size(n, f, padding=padding, stride=stride, dilation=dilation) == places


@given(n=st.integers(1, 40), half=st.integers(0, 6), dilation=st.integers(1, 4))
def test_same_padding_keeps_the_size(n, half, dilation):
    f = 2 * half + 1
    padding = same_padding(f, dilation=dilation)
    assert output_size(n, f, padding=padding, dilation=dilation) == n


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_conv_parameters_are_keras(dims, bias):
    conv = getattr(layers, f"Conv{dims}D")(7, 3, use_bias=bias)
    conv.build((None, *(8,) * dims, 5))
    assert conv_parameters(3, 5, 7, bias=bias, dims=dims) == conv.count_params()


@pytest.mark.parametrize("bad, error", [(0, ValueError), (-1, ValueError), (1.0, TypeError)])
@pytest.mark.parametrize(
    "function, argument",
    [
        (output_size, "n"),
        (output_size, "f"),
        (output_size, "stride"),
        (output_size, "dilation"),
        (same_padding, "f"),
        (same_padding, "dilation"),
        (conv_parameters, "f"),
        (conv_parameters, "channels_in"),
        (conv_parameters, "channels_out"),
        (conv_parameters, "dims"),
    ],
)
def test_sizes_are_positive_integers(function, argument, bad, error):
    good = {
        output_size: {"n": 6, "f": 3},
        same_padding: {"f": 3},
        conv_parameters: {"f": 3, "channels_in": 3, "channels_out": 10},
    }[function]
    with pytest.raises(error, match=f"^{function.__name__}: {argument} is {bad}, it needs"):
        function(**(good | {argument: bad}))
    with pytest.raises(TypeError, match=f"^{function.__name__}: {argument} is True, it needs"):
        function(**(good | {argument: True}))


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: output_size(6, 7), ValueError, "kernel covers 7 pixels, .* the 6 of the padded"),
        (lambda: output_size(6, 4, dilation=2), ValueError, "kernel covers 7 pixels"),
        (lambda: output_size(6, 3, padding=-1), ValueError, "padding is -1, it needs 0 or more"),
        (lambda: output_size(6, 3, padding=0.5), TypeError, "padding is 0.5, it needs an integer"),
        (lambda: output_size(6, 3, padding=True), TypeError, "padding is True"),
        (lambda: output_size(6, 3, padding=None), TypeError, "padding is None"),
        (lambda: output_size(6, 3, padding="full"), ValueError, 'padding is "full", it needs'),
        (lambda: output_size("6", 3), TypeError, "n is '6', it needs an integer"),
        (lambda: same_padding(4), ValueError, "f is 4, it needs an odd number"),
        (lambda: same_padding(4, dilation=2), ValueError, "f is 4, it needs an odd number"),
    ],
)
def test_impossible_sizes_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_no_framework_is_imported():
    code = (
        "import sys; import cnnlib.arithmetic; "
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The table


def test_the_courses_table():
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3), name="input"),
            layers.Conv2D(8, 5, name="CONV1"),
            layers.MaxPooling2D(name="POOL1"),
            layers.Conv2D(16, 5, name="CONV2"),
            layers.MaxPooling2D(name="POOL2"),
            layers.Flatten(name="flatten"),
            layers.Dense(120, name="FC3"),
            layers.Dense(84, name="FC4"),
            layers.Dense(10, activation="softmax", name="softmax"),
        ]
    )
    table = layer_table(model)
    assert [(row.name, row.activation_size, row.parameters) for row in table] == [
        ("input", 3072, 0),
        ("CONV1", 6272, 608),
        ("POOL1", 1568, 0),
        ("CONV2", 1600, 3216),
        ("POOL2", 400, 0),
        ("flatten", 400, 0),
        ("FC3", 120, 48120),
        ("FC4", 84, 10164),
        ("softmax", 10, 850),
    ]
    assert isinstance(table, list)
    assert table[1] == LayerRow("CONV1", "Conv2D", (28, 28, 8), 6272, 608, 28 * 28 * 8 * 75)
    assert repr(table).splitlines()[:3] == [
        "layer    kind          output shape  activation size  parameters  multiplications",
        "input    InputLayer    32 × 32 × 3             3,072           0                0",
        "CONV1    Conv2D        28 × 28 × 8             6,272         608          470,400",
    ]


def test_the_assignments_happy_model():
    entry = next(
        entry
        for entry in json.loads(REFERENCE.read_text())
        if entry["id"] == "w1_params_happy_model"
    )
    make = {
        "input": lambda shape: keras.Input(shape),
        "zero_pad": layers.ZeroPadding2D,
        "conv": lambda filters, f, s, p: layers.Conv2D(filters, f, strides=s, padding=p),
        "batch_norm": layers.BatchNormalization,
        "relu": layers.ReLU,
        "max_pool": lambda f, s, p: layers.MaxPooling2D(f, strides=s, padding=p),
        "flatten": layers.Flatten,
        "dense": layers.Dense,
    }
    model = keras.Sequential(
        [make[kind](*arguments) for kind, *arguments in entry["inputs"]["layers"]]
    )
    assert [row.parameters for row in layer_table(model)] == entry["expected"]["per_layer"]
    assert total_multiplications(model) == 64 * 64 * 32 * 7 * 7 * 3 + 32768


def test_the_courses_bottleneck():
    five = functional((28, 28, 192), layers.Conv2D(32, 5, padding="same"))
    bottleneck = functional(
        (28, 28, 192), lambda x: layers.Conv2D(32, 5, padding="same")(layers.Conv2D(16, 1)(x))
    )
    assert total_multiplications(five) == 120_422_400
    assert total_multiplications(bottleneck) == 12_443_648


@pytest.mark.parametrize(
    "layer, input_shape, multiplications",
    [
        (layers.Conv1D(4, 3), (10, 2), 8 * 4 * 3 * 2),
        (layers.Conv3D(4, 3), (5, 6, 7, 2), 3 * 4 * 5 * 4 * 27 * 2),
        (layers.Conv2D(4, (1, 3), strides=2), (9, 9, 2), 5 * 4 * 4 * 3 * 2),
        (layers.Conv2D(4, 3, dilation_rate=2), (9, 9, 2), 5 * 5 * 4 * 9 * 2),
        (layers.Conv2D(4, 3, groups=2), (9, 9, 6), 7 * 7 * 4 * 9 * 3),
        (layers.DepthwiseConv2D(3), (9, 9, 6), 7 * 7 * 6 * 9),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (9, 9, 6), 7 * 7 * 12 * 9),
        (layers.DepthwiseConv1D(3), (9, 6), 7 * 6 * 3),
        (layers.SeparableConv2D(5, 3), (9, 9, 6), 7 * 7 * 6 * 9 + 7 * 7 * 6 * 5),
        (layers.SeparableConv1D(5, 3), (9, 6), 7 * 6 * 3 + 7 * 6 * 5),
        (layers.Conv2DTranspose(4, 3, strides=2), (5, 5, 6), 5 * 5 * 6 * 9 * 4),
        (layers.Conv1DTranspose(4, 3, strides=2), (5, 6), 5 * 6 * 3 * 4),
        (layers.Conv2D(4, 3, data_format="channels_first"), (2, 9, 8), 7 * 6 * 4 * 9 * 2),
        (layers.TimeDistributed(layers.Conv2D(4, 3)), (5, 9, 9, 2), 5 * 7 * 7 * 4 * 9 * 2),
        (layers.Dense(4), (6,), 24),
        (layers.Dense(4, use_bias=False), (5, 7, 6), 5 * 7 * 24),
        (layers.BatchNormalization(), (5, 5, 3), 0),
        (layers.LayerNormalization(axis=(1, 2, 3)), (5, 5, 3), 0),
        (layers.PReLU(), (5, 5, 3), 0),
        (layers.AveragePooling2D(2), (4, 4, 3), 0),
        (layers.Activation("relu"), (4, 4, 3), 0),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_multiplications_by_hand(layer, input_shape, multiplications):
    layer = type(layer).from_config(layer.get_config())  # a layer serves one model
    model = functional(input_shape, layer)
    row = layer_table(model)[1]
    assert row.multiplications == multiplications == total_multiplications(model)
    assert row.parameters == model.count_params()
    assert row.output_shape == model.output_shape[1:]
    assert row.activation_size == math.prod(model.output_shape[1:])


def test_multiplications_are_counted_in_the_loops_of_a_convolution():
    """One by one, as the course counts them: each place, each filter, each weight of the filter."""
    model = functional((7, 6, 2), layers.Conv2D(3, (3, 2), strides=(2, 1), padding="same"))
    kernel_shape = model.layers[-1].kernel.shape
    counted = sum(1 for _ in np.ndindex(*model.output_shape[1:], *kernel_shape[:3]))
    assert total_multiplications(model) == counted


def test_a_shared_layer_has_its_parameters_once_and_its_products_each_time():
    conv = layers.Conv2D(3, 3, padding="same", name="shared")
    model = functional((8, 8, 3), lambda x: conv(conv(x)))
    rows = [row for row in layer_table(model) if row.name == "shared"]
    assert [row.parameters for row in rows] == [84, 0]
    assert [row.multiplications for row in rows] == [8 * 8 * 3 * 27] * 2


def test_models_within_a_model_are_opened():
    inner = keras.Sequential(
        [keras.Input((None, None, 3)), layers.Conv2D(3, 3, name="conv"), layers.ReLU(name="relu")],
        name="inner",
    )
    outer = functional((12, 12, 3), lambda x: inner(inner(x)))
    model = keras.Sequential([keras.Input((12, 12, 3), name="input"), outer, layers.Flatten()])
    table = layer_table(model)
    assert [(row.name, row.output_shape) for row in table[:-1]] == [
        ("input", (12, 12, 3)),
        ("model/inner/conv", (10, 10, 3)),
        ("model/inner/relu", (10, 10, 3)),
        ("model/inner/conv", (8, 8, 3)),
        ("model/inner/relu", (8, 8, 3)),
    ]
    assert sum(row.parameters for row in table) == model.count_params() == 84
    assert total_multiplications(model) == (10 * 10 + 8 * 8) * 3 * 27


def test_several_inputs_and_outputs_and_operations():
    left, right = keras.Input((4,), name="left"), keras.Input((8,), name="right")
    short = layers.Dense(4, name="short")(right)
    model = keras.Model([left, right], [left * 2 + short, short])
    table = layer_table(model)
    assert [row.name for row in table[:2]] == ["left", "right"]
    assert {row.kind for row in table[2:]} == {"Dense", "Multiply", "Add"}
    assert sum(row.parameters for row in table) == 36
    assert total_multiplications(model) == 32


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, published, rounding",
    [
        ("MobileNetV2", 300e6, 0.01),  # Sandler 2018, table 4: 300 M multiply-adds
        ("ResNet50", 3.8e9, 0.02),  # He 2015, table 1: 3.8 · 10⁹
    ],
)
def test_known_networks(name, published, rounding):
    model = getattr(keras.applications, name)(weights=None)
    assert sum(row.parameters for row in layer_table(model)) == model.count_params()
    assert total_multiplications(model) == pytest.approx(published, rel=rounding)


def test_what_cannot_be_counted_is_not_counted_as_zero():
    model = functional((6, 4), layers.LSTM(5, name="recurrent"))
    row = row_of(model, "recurrent")
    assert row.multiplications is None
    assert row.parameters == model.count_params()
    assert repr(layer_table(model)).endswith("?")
    with pytest.raises(ValueError, match="layer 'recurrent' is a LSTM, it needs to be a conv"):
        total_multiplications(model)


@pytest.mark.parametrize("function", [layer_table, total_multiplications])
def test_open_sizes_are_refused(function):
    model = functional((None, None, 3), layers.Conv2D(2, 3))
    with pytest.raises(
        ValueError, match=r"takes inputs of shape .None, None, 3., it needs a fixed"
    ):
        function(model)


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize("function", [layer_table, lambda m: receptive_field(m, "conv")])
@pytest.mark.parametrize(
    "model, error, message",
    [
        (keras.Sequential([layers.Dense(3)], name="m"), ValueError, "'m' is not built, it needs"),
        (keras.Sequential(name="m"), ValueError, "model 'm' is not built, it needs an input shape"),
        (Subclassed(name="m"), ValueError, "'m' is a subclassed Subclassed, it needs a graph"),
        (layers.Dense(3), TypeError, "model is a Dense, it needs a keras.Model"),
        (None, TypeError, "model is a NoneType, it needs a keras.Model"),
    ],
)
def test_models_without_a_graph_are_refused(function, model, error, message):
    with pytest.raises(error, match=message):
        function(model)


# Receptive fields


def ones(kind, *arguments, **options):
    """A convolution whose weights are all 1, so that no pixel's effect cancels."""
    initializer = "depthwise_initializer" if "Depthwise" in kind else "kernel_initializer"
    return getattr(layers, kind)(*arguments, **options, **{initializer: "ones"})


def assert_field_is_what_pixels_change(model):
    """Light one pixel after the other on a black picture and see which outputs answer."""
    shape = model.input_shape[1:-1]
    pictures = np.eye(math.prod(shape), dtype="float32").reshape(-1, *shape, 1)
    pictures = np.repeat(pictures, model.input_shape[-1], axis=-1)
    answers = keras.ops.convert_to_numpy(model(pictures)).max(axis=-1) > 0
    pixels = np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=-1)
    field = receptive_field(model, model.operations[-1].name)
    inside = 0
    for output in np.ndindex(answers.shape[1:]):
        first = np.add(field.offset, np.multiply(output, field.stride))
        last = first + field.size - 1
        seen = pixels[answers[(slice(None), *output)]]
        assert (seen >= first).all() and (seen <= last).all()
        if (first >= 0).all() and (last < shape).all():
            inside += 1
            np.testing.assert_array_equal(seen.min(axis=0), first)
            np.testing.assert_array_equal(seen.max(axis=0), last)
    assert inside, "no field lies within the picture: the test needs a larger one"


def branches(x):
    narrow = ones("Conv2D", 2, 1)(x)
    middle = ones("Conv2D", 2, 3, padding="same")(x)
    wide = ones("Conv2D", 2, 5, padding="same")(middle)
    return layers.Concatenate()([narrow, wide, layers.MaxPooling2D(3, 1, padding="same")(x)])


def residual(x):
    y = ones("Conv2D", 1, 3, strides=2, padding="same")(x)
    y = layers.ReLU()(layers.BatchNormalization()(ones("Conv2D", 1, 3, padding="same")(y)))
    return layers.Add()([y, ones("Conv2D", 1, 1, strides=2)(x)])


def lopsided(x):
    """Branches whose fields begin at different pixels: theirs together is larger than each."""
    left = ones("Conv1D", 1, 4, padding="causal")(x)
    right = ones("Conv1D", 1, 4)(layers.ZeroPadding1D((0, 3))(x))
    return left + right


@pytest.mark.parametrize(
    "input_shape, build",
    [
        ((15, 14, 1), ones("Conv2D", 2, (3, 4))),
        ((15, 14, 1), ones("Conv2D", 2, (3, 4), padding="same")),
        ((16, 15, 1), ones("Conv2D", 2, (3, 4), strides=2, padding="same")),
        ((15, 16, 1), ones("Conv2D", 2, 3, dilation_rate=2, padding="same")),
        ((16, 16, 1), layers.MaxPooling2D(3, strides=2)),
        ((16, 15, 1), layers.AveragePooling2D(3, strides=2, padding="same")),
        ((12, 12, 2), ones("DepthwiseConv2D", 3)),
        ((12, 12, 1), branches),
        ((13, 14, 1), residual),
        ((20, 1), ones("Conv1D", 1, 3, dilation_rate=2, padding="causal")),
        ((20, 1), lopsided),
        ((6, 7, 6, 1), ones("Conv3D", 1, (2, 3, 1), padding="same")),
        ((12, 12, 1), lambda x: layers.Cropping2D(((2, 1), (0, 3)))(ones("Conv2D", 1, 3)(x))),
        (
            (22, 22, 1),
            lambda x: ones("Conv2D", 1, 5)(layers.MaxPooling2D()(ones("Conv2D", 1, 5)(x))),
        ),
        (
            (21, 1),
            lambda x: ones("Conv1D", 1, 4, strides=3, padding="same")(
                layers.AveragePooling1D(3, 2, padding="same")(layers.ZeroPadding1D((2, 1))(x))
            ),
        ),
    ],
)
def test_receptive_field_is_what_pixels_change(input_shape, build):
    if isinstance(build, layers.Layer):
        build = type(build).from_config(build.get_config())
    assert_field_is_what_pixels_change(functional(input_shape, build))


@settings(max_examples=30)
@given(
    steps=st.lists(
        st.tuples(
            st.booleans(), st.integers(1, 4), st.integers(1, 3), st.sampled_from(["valid", "same"])
        ),
        min_size=1,
        max_size=3,
    )
)
def test_receptive_field_of_any_stack(steps):
    stack = [
        ones("Conv1D", 1, f, strides=s, padding=p)
        if convolution
        else layers.MaxPooling1D(f, strides=s, padding=p)
        for convolution, f, s, p in steps
    ]
    assert_field_is_what_pixels_change(
        functional((90, 1), lambda x: reduce(lambda y, layer: layer(y), stack, x))
    )


@pytest.mark.slow
def test_published_receptive_fields():
    """Araujo, Norris and Sim 2019: 212 pixels for VGG-16, 483 for ResNet-50, stride 32 for both."""
    vgg = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    assert receptive_field(vgg, "block5_pool")[:2] == ((212, 212), (32, 32))
    resnet = keras.applications.ResNet50(weights=None, include_top=False)
    assert receptive_field(resnet, "conv1_conv") == ((7, 7), (2, 2), (-3, -3))
    fixed = keras.applications.ResNet50(weights=None, input_shape=(224, 224, 3))
    assert receptive_field(fixed, "conv5_block3_out")[:2] == ((483, 483), (32, 32))


def test_layers_within_a_model_and_shared_ones():
    conv = layers.Conv2D(3, 3, name="conv")
    inner = keras.Sequential([keras.Input((None, None, 3)), conv], name="inner")
    once = functional((12, 12, 3), inner)
    assert receptive_field(once, "inner/conv").size == (3, 3)
    twice = functional((12, 12, 3), lambda x: inner(inner(x)))
    with pytest.raises(ValueError, match="'inner/conv' is applied in places with different fields"):
        receptive_field(twice, "inner/conv")
    left, right = keras.Input((12, 12, 3)), keras.Input((12, 12, 3))
    siamese = keras.Model([left, right], layers.Subtract(name="less")([inner(left), inner(right)]))
    assert receptive_field(siamese, "inner/conv") == receptive_field(siamese, "less")


def test_turning_the_channels_around_moves_no_field():
    model = functional((8, 8, 3), lambda x: ones("Conv2D", 2, 3)(keras.ops.flip(x, axis=-1)))
    assert_field_is_what_pixels_change(model)


def squeeze_and_excite(x):
    return layers.Multiply()([x, layers.GlobalAveragePooling2D(keepdims=True, name="mean")(x)])


@pytest.mark.parametrize(
    "input_shape, build, reason",
    [
        ((8, 8, 2), layers.Flatten(name="flat"), "the output of 'flat' .Flatten. has no spatial"),
        ((8, 8, 2), layers.GlobalMaxPooling2D(name="top"), "'top' .GlobalMaxPooling2D. has no"),
        ((8, 8, 2), squeeze_and_excite, "each output of 'mean' .* sees the whole input"),
        ((6,), layers.Dense(3), "the output of 'input' .InputLayer. has no spatial axes"),
        ((8, 8, 2), layers.Conv2DTranspose(3, 2, name="up"), "an output of 'up' .* sees differs"),
        ((8, 8, 2), layers.UpSampling2D(name="up"), "of 'up' .UpSampling2D. sees differs from"),
        ((8, 8, 2), layers.Permute((2, 1, 3), name="turn"), "there is no rule for 'turn' .Permute"),
        ((8, 8, 2), layers.Softmax(axis=(1, 2), name="all"), "there is no rule for 'all' .Softmax"),
        ((8, 8, 2), lambda x: layers.Concatenate(axis=1)([x, x]), "no rule for 'concatenate"),
        ((8, 8, 2), lambda x: layers.ReLU()(keras.ops.flip(x, axis=1)), "no rule for 'flip"),
        ((8, 8, 2), lambda x: layers.ReLU()(keras.ops.flip(x)), "no rule for 'flip"),
        ((8, 8, 2), layers.GroupNormalization(1), "'group_normal.* sees the whole input"),
        (
            (None, 2),
            layers.Conv1D(2, 3, strides=2, padding="same", name="c"),
            "border of 'c' depends on the input's size, which the model leaves open",
        ),
        (
            (4, 2),
            lambda x: layers.Add()(
                [layers.MaxPooling1D(4)(x), layers.Conv1D(2, 4)(x)],
            ),
            "joins branches of strides",
        ),
    ],
)
def test_undefined_fields_say_why(input_shape, build, reason):
    if isinstance(build, layers.Layer):
        build = type(build).from_config(build.get_config())
    model = functional(input_shape, build)
    last = model.layers[-1].name
    with pytest.raises(ValueError, match=f"undefined for layer '{last}': .*{reason}"):
        receptive_field(model, last)


def test_an_unknown_layer_is_answered_with_the_known_ones():
    model = functional((8, 8, 2), layers.Conv2D(3, 3, name="conv"))
    with pytest.raises(ValueError, match=r"layer_name is 'conv9', it needs one of input, conv$"):
        receptive_field(model, "conv9")
