"""GoogLeNet and Inception-ResNet: numbers of the papers, Keras's own network, heads and files."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import conv_parameters, layer_table, total_multiplications
from cnnlib.models import googlenet, inception_module, inception_resnet
from cnnlib.models.inception import MODULES
from cnnlib.scratch import ops

# Output channels of the modules, table 1 of Szegedy et al. 2014, and the places of the pooling.
CHANNELS = {
    "3a": (28, 256),
    "3b": (28, 480),
    "4a": (14, 512),
    "4b": (14, 512),
    "4c": (14, 512),
    "4d": (14, 528),
    "4e": (14, 832),
    "5a": (7, 832),
    "5b": (7, 1024),
}
SMALL = {"stem": "short", "blocks": (1, 1, 2), "width": 1 / 8, "input_shape": (28, 28, 1)}


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


def halves(count, size, seed=0):
    """Noise whose right half is dark in every second picture, and which half it is."""
    x = np.random.default_rng(seed).random((count, size, size, 1), dtype="float32")
    y = np.arange(count) % 2
    x[y == 1, :, size // 2 :] = 0
    return x, y


# The module


def module(filters, *, channels, **choices):
    x = keras.Input((6, 7, channels))
    return keras.Model(x, inception_module(x, filters, **choices))


@pytest.mark.parametrize("bottleneck", [True, False])
def test_the_module_is_its_four_branches_side_by_side(bottleneck):
    model = module((3, 2, 4, 3, 5, 2), channels=4, bottleneck=bottleneck)
    rng = np.random.default_rng(0)
    weights = {}
    for layer in model.layers:
        if layer.weights:
            drawn = [rng.normal(size=w.shape) for w in layer.weights]
            layer.set_weights(drawn)
            weights[layer.name.removeprefix("inception_")] = drawn

    def step(x, name):
        return np.maximum(ops.conv(x, *weights[name], padding="same"), 0)

    x = rng.normal(size=(2, 6, 7, 4))
    threes = step(x, "3x3_reduce") if bottleneck else x
    fives = step(x, "5x5_reduce") if bottleneck else x
    pooled = ops.max_pool(x, 3, stride=1, padding="same")
    expected = [
        step(x, "1x1"),
        step(threes, "3x3"),
        step(fives, "5x5"),
        step(pooled, "pool_project") if bottleneck else pooled,
    ]
    answer = numbers(model(x.astype("float32")))
    np.testing.assert_allclose(answer, np.concatenate(expected, axis=-1), rtol=1e-4, atol=1e-4)


def test_the_naive_module_grows_by_the_channels_of_its_input():
    naive = module(MODULES["3a"], channels=192, bottleneck=False)
    assert naive.output.shape[1:] == (6, 7, 64 + 128 + 32 + 192)
    assert naive.count_params() == (
        conv_parameters(1, 192, 64) + conv_parameters(3, 192, 128) + conv_parameters(5, 192, 32)
    )


@pytest.mark.parametrize("filters, channels", [(MODULES["3a"], 192), (MODULES["5b"], 832)])
def test_the_bottleneck_costs_what_its_six_convolutions_cost(filters, channels):
    one, before_three, three, before_five, five, after = filters
    model = module(filters, channels=channels)
    assert total_multiplications(model) == 6 * 7 * (
        channels * (one + before_three + before_five + after)
        + 9 * before_three * three
        + 25 * before_five * five
    )


@pytest.mark.parametrize(
    "filters, error, message",
    [
        ((64, 128, 32, 32), ValueError, r"filters is \(64, 128, 32, 32\), it needs 6 integers"),
        (64, ValueError, "filters is 64, it needs 6 integers"),
        ((64, 0, 128, 16, 32, 32), ValueError, "filters holds 0, it needs 1 or more"),
        ((64, 96.0, 128, 16, 32, 32), TypeError, "filters holds 96.0, it needs integers"),
    ],
)
def test_bad_filters_of_a_module_are_named(filters, error, message):
    with pytest.raises(error, match=f"^inception_module: {message}"):
        module(filters, channels=3)


# GoogLeNet


@pytest.fixture(scope="module")
def paper():
    return googlenet()


@pytest.fixture(scope="module")
def small():
    keras.utils.set_random_seed(0)
    return googlenet(input_shape=(65, 65, 1), classes=2, dropout=0.1)


def test_googlenet_has_the_papers_volumes_and_the_known_counts(paper):
    assert paper.count_params() == 13_378_280
    assert paper.get_layer("norm2").output.shape[1:] == (56, 56, 192)
    for place, (pixels, channels) in CHANNELS.items():
        assert paper.get_layer(f"inception_{place}").output.shape[1:] == (pixels, pixels, channels)
    assert [output.shape for output in paper.outputs] == [(None, 1000)] * 3
    main = keras.Model(paper.input, paper.get_layer("output").output)
    assert main.count_params() == 6_998_552
    heads = sum(
        conv_parameters(1, channels, 128) + (4 * 4 * 128 + 1) * 1024 + 1025 * 1000
        for channels in (512, 528)
    )
    assert paper.count_params() - main.count_params() == heads


def test_two_layers_of_a_module_stand_one_upon_another_so_there_are_22(paper):
    rows = layer_table(keras.Model(paper.input, paper.get_layer("output").output))
    weighted = [row.name for row in rows if row.parameters]
    deepest = [name for name in weighted if not name.endswith(("1x1", "5x5_reduce", "5x5"))]
    assert len([name for name in deepest if "project" not in name]) == 22


def test_without_heads_there_is_one_output_and_no_head():
    model = googlenet(auxiliary=False, input_shape=(32, 32, 3), classes=10, dropout=0)
    assert model.output.shape == (None, 10)
    assert not [layer for layer in model.layers if "auxiliary" in layer.name]
    assert not [layer for layer in model.layers if "dropout" in layer.name]
    assert model.count_params() == 6_998_552 - 1025 * 990
    assert model.get_layer("inception_5b").output.shape[1:3] == (1, 1)


def test_outputs_are_probabilities_and_the_main_one_stands_alone(small):
    x, _ = halves(3, 65)
    outputs = [numbers(output) for output in small(x)]
    for probabilities in outputs:
        assert probabilities.shape == (3, 2)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-6)
    main = keras.Model(small.input, small.get_layer("output").output)
    np.testing.assert_allclose(numbers(main(x)), outputs[0], rtol=0, atol=1e-6)


def test_saved_and_loaded_it_answers_the_same(small, tmp_path):
    small.save(tmp_path / "googlenet.keras")
    loaded = keras.models.load_model(tmp_path / "googlenet.keras")
    x, _ = halves(2, 65)
    for mine, again in zip(small(x), loaded(x), strict=True):
        np.testing.assert_allclose(numbers(again), numbers(mine), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_the_heads_train_what_lies_before_them_and_nothing_after(small):
    model = keras.models.clone_model(small)
    losses = ["sparse_categorical_crossentropy"] * 3
    model.compile("adam", losses, loss_weights=[0, 0.3, 0.3], run_eagerly=True)
    before = {layer.name: layer.get_weights() for layer in model.layers}
    x, y = halves(4, 65)
    model.train_on_batch(x, [y, y, y])
    moved = {
        name: any((old != new).any() for old, new in zip(weights, after, strict=True))
        for name, weights in before.items()
        if (after := model.get_layer(name).get_weights())
    }
    assert moved["auxiliary1"] and moved["auxiliary2"]
    assert moved["conv1"] and moved["inception_4d_1x1"]
    assert not moved["inception_4e_1x1"] and not moved["output"]


@pytest.mark.slow
def test_training_reduces_the_loss_of_all_three_outputs(small):
    model = keras.models.clone_model(small)
    losses = ["sparse_categorical_crossentropy"] * 3
    model.compile(keras.optimizers.Adam(3e-4), losses, loss_weights=[1, 0.3, 0.3])
    x, y = halves(16, 65)
    history = model.fit(x, [y, y, y], epochs=14, batch_size=16, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 2
    assert history["output_loss"][-1] < history["output_loss"][0] / 2


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"input_shape": (64, 65, 3)}, ValueError, r"input_shape is .*, it needs 65×65 pixels"),
        (
            {"input_shape": (40, 31, 3), "auxiliary": False},
            ValueError,
            r"input_shape is .*, it needs 32×32 pixels",
        ),
        ({"input_shape": (224, 224)}, ValueError, "input_shape is .*, it needs 3 integers"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": 1.0}, ValueError, "dropout is 1.0, it needs a share"),
    ],
)
def test_bad_input_of_googlenet_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^googlenet: {message}"):
        googlenet(**arguments)


# Inception-ResNet


def test_inception_resnet_has_the_number_of_parameters_that_keras_has():
    assert inception_resnet().count_params() == 55_873_736


@pytest.mark.slow
def test_inception_resnet_is_the_network_of_keras_weight_by_weight():
    ours, theirs = inception_resnet(), keras.applications.InceptionResNetV2(weights=None)
    weighted = [[layer for layer in model.layers if layer.weights] for model in (ours, theirs)]
    for mine, other in zip(*weighted, strict=True):
        assert mine.output.shape == other.output.shape
        assert [w.shape for w in mine.weights] == [w.shape for w in other.weights]
    rng = np.random.default_rng(0)
    for layer in weighted[1]:  # means and variances as if trained, or the norms would do nothing
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.beta.shape
            layer.set_weights([*rng.normal(0, 0.1, (2, *shape)), rng.uniform(0.75, 1.25, shape)])
    ours.set_weights(theirs.get_weights())
    x = rng.uniform(-1, 1, (1, 299, 299, 3)).astype("float32")
    answer, expected = numbers(ours(x)), numbers(theirs(x))
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-4)
    assert expected.max() - expected.min() > 1e-3  # an answer that depends on the network


@pytest.fixture(scope="module")
def small_resnet():
    keras.utils.set_random_seed(0)
    return inception_resnet(**SMALL, classes=2, dropout=0.1)


def test_width_and_blocks_make_a_small_network(small_resnet):
    shapes = {
        layer.name: layer.output.shape[1:]
        for layer in small_resnet.layers
        if layer.name in ("stem_1", "a1", "b1", "c2", "final")
    }
    assert shapes == {
        "stem_1": (13, 13, 4),
        "a1": (13, 13, 40),
        "b1": (6, 6, 136),
        "c2": (2, 2, 260),
        "final": (2, 2, 192),
    }
    assert small_resnet.get_layer("dropout").rate == 0.1


def test_a_block_adds_what_its_branches_say_to_its_input(small_resnet):
    names = ("entrance_a", "a1_project", "a1", "c1", "c2_project", "c2")
    inner = keras.Model(small_resnet.input, [small_resnet.get_layer(name).output for name in names])
    before, a1_project, a1, c1, c2_project, c2 = map(numbers, inner(halves(4, 28)[0]))
    np.testing.assert_allclose(a1, np.maximum(before + 0.17 * a1_project, 0), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(c2, c1 + c2_project, rtol=1e-5, atol=1e-5)
    assert (c2 < 0).any()


def test_the_plain_network_has_the_same_weights_and_no_sums(small_resnet):
    plain = inception_resnet(**SMALL, classes=2, residual=False)
    assert [w.shape for w in plain.weights] == [w.shape for w in small_resnet.weights]
    assert total_multiplications(plain) == total_multiplications(small_resnet)
    kinds = {type(layer).__name__ for layer in plain.layers}
    assert "Add" not in kinds and "Rescaling" not in kinds


def test_inception_resnet_comes_back_from_its_file(small_resnet, tmp_path):
    x, _ = halves(4, 28)
    small_resnet.save(tmp_path / "inception_resnet.keras")
    loaded = keras.models.load_model(tmp_path / "inception_resnet.keras")
    np.testing.assert_allclose(numbers(loaded(x)), numbers(small_resnet(x)), rtol=0, atol=1e-6)


@pytest.mark.slow
def test_inception_resnet_learns(small_resnet):
    model = keras.models.clone_model(small_resnet)
    x, y = halves(32, 28)
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, epochs=5, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("stem, least", [("full", 75), ("short", 15)])
def test_the_least_picture_leaves_one_pixel(stem, least):
    choices = {"stem": stem, "blocks": (1, 1, 1), "width": 1 / 32, "classes": 2}
    model = inception_resnet(**choices, input_shape=(least, least, 1))
    assert model.get_layer("final").output.shape[1:3] == (1, 1)
    with pytest.raises(
        ValueError, match=f"^inception_resnet: input_shape is .*, it needs {least}×{least} pixels"
    ):
        inception_resnet(**choices, input_shape=(least, least - 1, 1))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"stem": "long"}, ValueError, r"stem is 'long', it needs one of \['full', 'short'\]"),
        ({"blocks": (10, 20)}, ValueError, r"blocks is \(10, 20\), it needs 3 integers"),
        ({"blocks": (10, 0, 10)}, ValueError, "blocks holds 0, it needs 1 or more"),
        ({"width": 0}, ValueError, "width is 0, it needs to be above 0"),
        ({"width": float("nan")}, ValueError, "width is nan, it needs to be above 0"),
        ({"width": "half"}, TypeError, "width is 'half', it needs a number"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": -1}, ValueError, "dropout is -1, it needs a share"),
    ],
)
def test_bad_input_of_inception_resnet_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^inception_resnet: {message}"):
        inception_resnet(**arguments)
