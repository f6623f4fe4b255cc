"""The blocks against the course's printed numbers, and against what a shortcut promises."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import receptive_field
from cnnlib.models.layers import (
    LocalResponseNormalization,
    convolution_block,
    identity_block,
    residual_block,
)

REFERENCE = Path(__file__).parents[1] / "reference"
ARRAYS = np.load(REFERENCE / "course_inputs.npz")
CHECKS = {
    check["id"]: check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["op"] in ("identity_block", "convolutional_block")
}


def value(entry):
    return ARRAYS[entry["array"]] if isinstance(entry, dict) else entry


def output_of(check):
    """The block of the check with the check's weights, applied to its X."""
    inputs = {name: value(entry) for name, entry in check["inputs"].items()}
    kernels = [inputs[name] for name in ("W1", "W2", "W3")]
    choices = {"kernel": len(kernels[1]), "epsilon": inputs["eps"], "name": "block"}
    image = keras.Input(inputs["X"].shape[1:])
    filters = tuple(kernel.shape[-1] for kernel in kernels)
    if check["op"] == "identity_block":
        block = keras.Model(image, identity_block(image, filters, **choices))
    else:
        block = keras.Model(image, convolution_block(image, filters, stride=inputs["s"], **choices))
        kernels.insert(0, inputs["Ws"])
    start = 4 - len(kernels)
    for number, kernel in enumerate(kernels, start=start):
        block.get_layer(f"block_{number}_conv").kernel.assign(kernel)
    x = inputs["X"].astype("float32")
    return keras.ops.convert_to_numpy(block(x, training=inputs["training"]))


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_published_numbers(check):
    A = output_of(check)
    expected = {name: value(entry) for name, entry in check["expected"].items()}
    if "A_rows" in expected:  # first and last image row, averaged over channels
        rows = A.mean(axis=-1)[:, (0, -1)]
        np.testing.assert_allclose(rows, expected["A_rows"], **check["tol"])
    if "A" in expected:
        np.testing.assert_allclose(A, expected["A"], **check["tol"])
    if "A.shape" in expected:
        assert list(A.shape) == list(expected["A.shape"])


def test_all_three_checks_are_there():
    assert len(CHECKS) == 3


def pictures(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype("float32")


@pytest.mark.parametrize("shape", [(6, 6, 8), (5, 7, 8)])
def test_a_branch_of_zeros_leaves_the_identity(shape):
    image = keras.Input(shape)
    block = keras.Model(image, identity_block(image, (2, 2, 8), name="block"))
    block.get_layer("block_3_bn").gamma.assign(np.zeros(8))
    x = np.maximum(pictures(3, *shape), 0)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(block(x)), x)


def test_a_plain_block_of_zeros_leaves_nothing():
    image = keras.Input((6, 6, 8))
    convolutions = (2, 1, 1), (2, 3, 1), (8, 1, 1)
    block = keras.Model(image, residual_block(image, convolutions, shortcut=None, name="block"))
    block.get_layer("block_3_bn").gamma.assign(np.zeros(8))
    assert not keras.ops.convert_to_numpy(block(pictures(3, 6, 6, 8))).any()


@pytest.mark.parametrize("shape", [(6, 6, 3), (5, 7, 3)])
def test_padding_takes_every_second_pixel_and_adds_channels_of_zeros(shape):
    image = keras.Input(shape)
    convolutions = (4, 3, 2), (5, 3, 1)
    output = residual_block(
        image, convolutions, shortcut="padding", batch_norm=False, use_bias=True, name="block"
    )
    block = keras.Model(image, output)
    assert not block.get_layer("block_2_conv").get_weights()[0].any()  # where the branch starts
    x = np.maximum(pictures(2, *shape), 0)
    answer = keras.ops.convert_to_numpy(block(x))
    np.testing.assert_array_equal(answer[..., :3], x[:, ::2, ::2])
    assert answer.shape[-1] == 5 and not answer[..., 3:].any()
    # 3×3 with stride 2, then 3×3: 3 + 2·2 pixels
    assert receptive_field(block, "block_out").size == (7, 7)


def test_only_without_normalization_and_with_a_shortcut_the_branch_starts_at_zero():
    for shortcut, batch_norm in (("identity", True), (None, False), (None, True)):
        image = keras.Input((4, 4, 2))
        output = residual_block(
            image, [(2, 3, 1)], shortcut=shortcut, batch_norm=batch_norm, name="block"
        )
        block = keras.Model(image, output)
        assert block.get_layer("block_1_conv").get_weights()[0].any()


def test_parameters_of_the_two_blocks_with_and_without_bias():
    image = keras.Input((8, 8, 16))
    weights = 16 * 4 + 9 * 4 * 4 + 4 * 16
    norms = 4 * (4 + 4 + 16)
    for use_bias in (False, True):
        same = keras.Model(image, identity_block(image, (4, 4, 16), use_bias=use_bias))
        assert same.count_params() == weights + norms + use_bias * (4 + 4 + 16)
        changed = keras.Model(image, convolution_block(image, (4, 4, 16), use_bias=use_bias))
        past = 16 * 16 + 4 * 16 + use_bias * 16
        assert changed.count_params() == same.count_params() + past


def test_unnamed_blocks_follow_each_other_and_reload(tmp_path):
    image = keras.Input((8, 8, 4))
    x = identity_block(convolution_block(image, (2, 2, 6)), (2, 2, 6))
    model = keras.Model(image, residual_block(x, [(8, 3, 2)], shortcut="padding"))
    model.save(tmp_path / "blocks.keras")
    loaded = keras.models.load_model(tmp_path / "blocks.keras")
    x = pictures(2, 8, 8, 4)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(x)), keras.ops.convert_to_numpy(model(x))
    )


@pytest.mark.parametrize(
    "build, arguments, error, message",
    [
        (identity_block, {"filters": (4, 4)}, ValueError, "filters is .*, it needs 3 integers"),
        (identity_block, {"filters": (4, 4, 9)}, ValueError, "the last needs to be 16"),
        (identity_block, {"filters": (4, 4.0, 16)}, TypeError, "filters holds 4.0"),
        (identity_block, {"filters": (4, 4, 16), "kernel": 0}, ValueError, "kernel holds 0"),
        (convolution_block, {"filters": (0, 4, 16)}, ValueError, "filters holds 0"),
        (convolution_block, {"filters": (4, 4, 9), "stride": 0}, ValueError, "stride holds 0"),
        (convolution_block, {"filters": (4, 4, 9), "stride": "2"}, TypeError, "stride holds '2'"),
    ],
)
def test_bad_input_is_named(build, arguments, error, message):
    with pytest.raises(error, match=f"^{build.__name__}: .*{message}"):
        build(keras.Input((8, 8, 16)), **arguments)


@pytest.mark.parametrize(
    "convolutions, shortcut, message",
    [
        ([(16, 3, 2)], "identity", "past 16 filters with stride 2, it needs stride 1"),
        ([(8, 3, 1)], "identity", "it needs stride 1 and the 16 channels of x"),
        ([(8, 3, 1)], "padding", "it needs the 16 channels of x or more"),
        ([(16, 3, 1)], "projection", "shortcut is 'projection', it needs one of"),
        ([(16, 3, 1)], True, "shortcut is True, it needs one of"),
    ],
)
def test_a_shortcut_that_cannot_be_added_is_refused(convolutions, shortcut, message):
    with pytest.raises(ValueError, match=f"^residual_block: .*{message}"):
        residual_block(keras.Input((8, 8, 16)), convolutions, shortcut=shortcut)


def test_local_response_normalization_is_reached_from_here():
    assert issubclass(LocalResponseNormalization, keras.layers.Layer)
