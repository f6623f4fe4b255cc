"""AlexNet: the paper's counts and shapes, both towers, and that it learns on every backend."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import conv_parameters, layer_table, total_multiplications
from cnnlib.models import alexnet
from cnnlib.models.normalization import LocalResponseNormalization

SHAPES = {
    "conv1": (55, 55, 96),
    "normalize1": (55, 55, 96),
    "pool1": (27, 27, 96),
    "conv2": (27, 27, 256),
    "normalize2": (27, 27, 256),
    "pool2": (13, 13, 256),
    "conv3": (13, 13, 384),
    "conv4": (13, 13, 384),
    "conv5": (13, 13, 256),
    "pool5": (6, 6, 256),
    "flatten": (9216,),
    "dense1": (4096,),
    "dropout1": (4096,),
    "dense2": (4096,),
    "dropout2": (4096,),
    "output": (1000,),
}


@pytest.fixture(scope="module")
def in_two_groups():
    return alexnet()


@pytest.fixture(scope="module")
def small():
    """A grouped network and one tower for small pictures; they differ in three layers alone."""
    return {
        grouped: alexnet(grouped=grouped, input_shape=(67, 67, 3), classes=4)
        for grouped in (True, False)
    }


def test_the_paper_s_network(in_two_groups):
    assert in_two_groups.name == "alexnet"
    assert {layer.name: layer.output.shape[1:] for layer in in_two_groups.layers} == SHAPES
    assert in_two_groups.count_params() == 60_965_224


def test_parameters_of_each_layer(in_two_groups):
    counts = {row.name: row.parameters for row in layer_table(in_two_groups) if row.parameters}
    assert counts == {
        "conv1": conv_parameters(11, 3, 96),
        "conv2": conv_parameters(5, 48, 256),
        "conv3": conv_parameters(3, 256, 384),
        "conv4": conv_parameters(3, 192, 384),
        "conv5": conv_parameters(3, 192, 256),
        "dense1": (6 * 6 * 256 + 1) * 4096,
        "dense2": 4097 * 4096,
        "output": 4097 * 1000,
    }
    assert sum(counts.values()) == 60_965_224


def test_multiplications_of_the_paper_s_network(in_two_groups):
    convolutions = 55**2 * 96 * 363 + 27**2 * 256 * 1200 + 13**2 * 384 * 2304
    convolutions += 13**2 * 384 * 1728 + 13**2 * 256 * 1728
    dense = 9216 * 4096 + 4096 * 4096 + 4096 * 1000
    assert total_multiplications(in_two_groups) == convolutions + dense == 724_406_816


def test_one_tower_has_1_413_120_weights_more(small):
    more = small[False].count_params() - small[True].count_params()
    assert more == (25 * 48 * 256) + (9 * 192 * 384) + (9 * 192 * 256) == 62_378_344 - 60_965_224


def test_the_paper_s_constants(in_two_groups):
    for name in ("normalize1", "normalize2"):
        layer = in_two_groups.get_layer(name)
        assert isinstance(layer, LocalResponseNormalization)
        constants = (layer.depth_radius, layer.bias, layer.alpha, layer.beta)
        assert constants == (2, 2.0, 1e-4, 0.75)
    for name in ("pool1", "pool2", "pool5"):
        pool = in_two_groups.get_layer(name)
        assert (pool.pool_size, pool.strides) == ((3, 3), (2, 2))
    assert in_two_groups.get_layer("dropout1").rate == 0.5


def test_a_group_sees_half_of_the_channels(small):
    """conv2's first filters keep their values when the second half of its input changes."""
    layer = small[True].get_layer("conv2")
    x = np.random.default_rng(0).normal(size=(1, 7, 7, 96)).astype("float32")
    changed = x.copy()
    changed[..., 48:] += 1
    before, after = (keras.ops.convert_to_numpy(layer(maps)) for maps in (x, changed))
    np.testing.assert_allclose(before[..., :128], after[..., :128], atol=1e-6)
    assert np.abs(before[..., 128:] - after[..., 128:]).max() > 0.01


@pytest.mark.parametrize("grouped", [True, False])
def test_training_reduces_the_loss(small, grouped):
    keras.utils.set_random_seed(0)
    model = small[grouped]
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
    y = np.arange(4)
    x = np.random.default_rng(0).random((4, 67, 67, 3), dtype="float32") * 0.1
    for label in y:
        x[label, :, 16 * label : 16 * label + 16] = 1
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=3, batch_size=4, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before


def test_without_dropout_there_is_no_such_layer():
    model = alexnet(input_shape=(67, 70, 1), classes=2, dropout=0)
    names = [name for name in SHAPES if not name.startswith("dropout")]
    assert [layer.name for layer in model.layers] == names


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (
            {"input_shape": (66, 227, 3)},
            ValueError,
            r"input_shape is \(66, 227, 3\), it needs 67×67 pixels at least",
        ),
        ({"input_shape": (227, 227)}, ValueError, r"input_shape is \(227, 227\), it needs 3"),
        ({"input_shape": (227, 227, 0)}, ValueError, "input_shape holds 0, it needs 1 or more"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": 1.0}, ValueError, "dropout is 1.0, it needs a share"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^alexnet: {message}"):
        alexnet(**arguments)
