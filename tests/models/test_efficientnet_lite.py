"""EfficientNet-Lite0: its numbers and shapes, its files, and that it learns."""

import math

import keras
import numpy as np
import pytest

from cnnlib.models import efficientnet_lite0

# Side and filters of each block's output, for pictures of 224×224.
BLOCKS = [
    (112, 16),
    *2 * [(56, 24)],
    *2 * [(28, 40)],
    *3 * [(14, 80)],
    *3 * [(14, 112)],
    *4 * [(7, 192)],
    (7, 320),
]
ADDED = {2, 4, 6, 7, 9, 10, 12, 13, 14}


@pytest.fixture(scope="module")
def lite0():
    return efficientnet_lite0()


@pytest.fixture(scope="module")
def small():
    return efficientnet_lite0(input_shape=(32, 40, 1), classes=3, dropout=0)


def run(model, x):
    return keras.ops.convert_to_numpy(model(x))


def pictures(count, shape):
    return np.random.default_rng(0).random((count, *shape), dtype="float32")


def test_parameters_and_shapes_of_the_whole(lite0):
    assert lite0.name == "efficientnet_lite0"
    assert lite0.count_params() == 4_694_024
    assert sum(math.prod(weight.shape) for weight in lite0.trainable_weights) == 4_652_008
    assert lite0.input_shape == (None, 224, 224, 3)
    assert lite0.output_shape == (None, 1000)


def test_shape_of_every_block(lite0):
    assert lite0.get_layer("stem_relu").output.shape == (None, 112, 112, 32)
    for number, (side, filters) in enumerate(BLOCKS):
        end = "add" if number in ADDED else "project_norm"
        output = lite0.get_layer(f"block{number}_{end}").output
        assert output.shape == (None, side, side, filters)
    assert lite0.get_layer("head_relu").output.shape == (None, 7, 7, 1280)
    assert lite0.get_layer("pool").output.shape == (None, 1280)
    assert lite0.get_layer("logits").output.shape == (None, 1000)


def test_inputs_are_added_where_the_shape_stays(lite0):
    added = {layer.name for layer in lite0.layers if isinstance(layer, keras.layers.Add)}
    assert added == {f"block{number}_add" for number in ADDED}


def test_every_convolution_is_normalized_and_a_projection_has_no_activation(lite0):
    convolutions = keras.layers.Conv2D, keras.layers.DepthwiseConv2D
    names = [layer.name for layer in lite0.layers]
    for place, layer in enumerate(lite0.layers):
        if isinstance(layer, convolutions):
            assert not layer.use_bias
            following = lite0.layers[place + 1]
            assert isinstance(following, keras.layers.BatchNormalization)
            assert following.epsilon == 1e-3
            activated = names[place + 2].endswith("_relu")
            assert activated != layer.name.endswith("_project_conv")


@pytest.mark.parametrize("number, kernel", [(0, 3), (2, 3), (4, 5), (7, 3), (10, 5), (15, 3)])
def test_side_of_the_depthwise_kernels(lite0, number, kernel):
    assert lite0.get_layer(f"block{number}_depthwise").kernel_size == (kernel, kernel)


def test_relu_stops_at_six(small):
    stem = keras.Model(small.get_layer("rescaling").output, small.get_layer("stem_relu").output)
    x = 1000 * pictures(1, (32, 40, 1))
    assert run(stem, x).max() == 6


def test_pixels_of_0_to_1_are_centered(small):
    rescaled = keras.Model(small.input, small.get_layer("rescaling").output)
    x = np.zeros((1, 32, 40, 1), "float32")
    x[0, 0, 0], x[0, 0, 1] = 127 / 255, 1
    found = run(rescaled, x)[0, 0, :3, 0]
    np.testing.assert_allclose(found, [0, 1, -127 / 128], atol=1e-6)


def test_other_pictures_and_classes(small, lite0):
    """Two input channels fewer in the 3×3 stem of 32 filters, 997 classes fewer."""
    assert small.count_params() == lite0.count_params() - 2 * 9 * 32 - 997 * (1280 + 1)
    probabilities = run(small, pictures(2, (32, 40, 1)))
    assert probabilities.shape == (2, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_dropout_is_a_layer_only_where_it_drops(small, lite0):
    assert lite0.get_layer("dropout").rate == 0.2
    assert "dropout" not in [layer.name for layer in small.layers]


@pytest.mark.slow
def test_a_step_of_training_reaches_every_weight():
    model = efficientnet_lite0(input_shape=(32, 32, 3), classes=4)
    before = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    eager = keras.backend.backend() != "jax"  # there every operation would be compiled alone
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eager)
    model.train_on_batch(pictures(8, (32, 32, 3)), np.arange(8) % 4)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        assert (keras.ops.convert_to_numpy(weight) != old).any(), weight.path


def test_a_saved_model_gives_the_same_probabilities(small, tmp_path):
    small.save(tmp_path / "lite0.keras")
    again = keras.models.load_model(tmp_path / "lite0.keras")
    x = pictures(2, (32, 40, 1))
    np.testing.assert_allclose(run(again, x), run(small, x), rtol=1e-5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"input_shape": (31, 224, 3)}, r"input_shape is \(31, 224, 3\), it needs 32×32"),
        ({"input_shape": (224, 224)}, r"input_shape is \(224, 224\), it needs 3 integers"),
        ({"classes": 1}, "classes is 1, it needs 2 or more"),
        ({"dropout": 1}, "dropout is 1, it needs a share"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=f"efficientnet_lite0: {message}"):
        efficientnet_lite0(**arguments)


def test_arguments_of_another_type_are_named():
    with pytest.raises(TypeError, match=r"efficientnet_lite0: classes holds 2\.5"):
        efficientnet_lite0(classes=2.5)
