"""VGG-16 and VGG-19: layer by layer what keras.applications has, and the paper's counts."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import layer_table, total_multiplications
from cnnlib.models import vgg

THEIRS = {16: keras.applications.VGG16, 19: keras.applications.VGG19}


def forms(model):
    """Name, output shape and shapes of the weights of each layer."""
    return [
        (layer.name, layer.output.shape, [weight.shape for weight in layer.weights])
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]


@pytest.fixture(scope="module", params=[16, 19])
def pair(request):
    """Ours and keras.applications' for small pictures."""
    depth, shape = request.param, (32, 32, 3)
    theirs = THEIRS[depth](weights=None, input_shape=shape, classes=5)
    return vgg(depth, input_shape=shape, classes=5), theirs


def test_layers_are_those_of_keras_applications(pair):
    ours, theirs = pair
    assert ours.name == theirs.name
    assert forms(ours) == forms(theirs)


def test_with_their_weights_it_answers_as_they_do(pair):
    ours, theirs = pair
    ours.set_weights(theirs.get_weights())
    x = np.random.default_rng(0).random((2, 32, 32, 3), dtype="float32") * 100
    answers = [keras.ops.convert_to_numpy(model(x)) for model in (ours, theirs)]
    np.testing.assert_allclose(*answers, rtol=0, atol=1e-6)
    assert np.ptp(answers[0]) > 1e-3  # not all alike


@pytest.mark.slow
@pytest.mark.parametrize("depth, parameters", [(16, 138_357_544), (19, 143_667_240)])
def test_at_full_size(depth, parameters):
    ours = vgg(depth)
    assert ours.count_params() == parameters
    assert forms(ours) == forms(THEIRS[depth](weights=None))


@pytest.mark.parametrize("depth, parameters", [(16, 138_357_544), (19, 143_667_240)])
def test_counts_by_the_rule(depth, parameters):
    """What only the full size has: more inputs of fc1, more classes."""
    small = vgg(depth, input_shape=(32, 32, 3), classes=2)
    missing = (7 * 7 - 1) * 512 * 4096 + 998 * 4097
    assert small.count_params() + missing == parameters


def test_one_rule():
    rows = layer_table(vgg(16, input_shape=(64, 96, 3), classes=2))
    convolutions = [row for row in rows if row.kind == "Conv2D"]
    pools = [row.output_shape for row in rows if row.kind == "MaxPooling2D"]
    assert len(convolutions) == 13
    assert pools == [(32, 48, 64), (16, 24, 128), (8, 12, 256), (4, 6, 512), (2, 3, 512)]
    channels = [3, *(row.output_shape[-1] for row in convolutions)]
    for row, before in zip(convolutions, channels, strict=False):
        assert row.parameters == (9 * before + 1) * row.output_shape[-1]
        assert row.multiplications == row.activation_size * 9 * before


def test_multiplications_of_the_small_one():
    model = vgg(16, input_shape=(32, 32, 3), classes=2)
    channels = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    sides = [32, 32, 16, 16, 8, 8, 8, 4, 4, 4, 2, 2, 2]
    pairs = zip(channels, channels[1:], sides, strict=False)
    convolutions = sum(9 * before * after * n * n for before, after, n in pairs)
    assert total_multiplications(model) == convolutions + 512 * 4096 + 4096**2 + 4096 * 2


def test_dropout_follows_the_two_dense_layers():
    names = [layer.name for layer in vgg(input_shape=(32, 32, 3), classes=2, dropout=0.5).layers]
    assert names[-6:] == ["flatten", "fc1", "dropout1", "fc2", "dropout2", "predictions"]


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"depth": 17}, ValueError, r"depth is 17, it needs one of \[16, 19\]"),
        ({"depth": "16"}, ValueError, r"depth is '16', it needs one of \[16, 19\]"),
        ({"depth": None}, ValueError, r"depth is None, it needs one of \[16, 19\]"),
        (
            {"input_shape": (224, 31, 3)},
            ValueError,
            r"input_shape is \(224, 31, 3\), it needs 32×32 pixels at least",
        ),
        ({"input_shape": (224, 224, -3)}, ValueError, "input_shape holds -3, it needs 1 or more"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": "half"}, TypeError, "dropout is 'half', it needs a number"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^vgg: {message}"):
        vgg(**arguments)
