"""What holds for every network of the course: answers, files, pictures, counts, refusals."""

import keras
import numpy as np
import pytest

from cnnlib import models, plots
from cnnlib.arithmetic import layer_table, total_multiplications

SMALL = {"stem": "short", "blocks": (1, 1, 1), "width": 1 / 8}
# what it is called here: the builder, its choices, and the least side of a picture
NETWORKS = {
    "LeNet-5": ("lenet5", {}, 16),
    "LeNet-5 of 1998": ("lenet5", {"original": True}, 16),
    "AlexNet": ("alexnet", {}, 67),
    "AlexNet in one tower": ("alexnet", {"grouped": False}, 67),
    "VGG-16": ("vgg", {}, 32),
    "VGG-19": ("vgg", {"depth": 19}, 32),
    "ResNet-18": ("resnet", {"depth": 18}, 32),
    "plain 18": ("resnet", {"depth": 18, "residual": False}, 32),
    "ResNet-50": ("resnet", {"use_bias": True}, 32),
    "ResNet-152": ("resnet", {"depth": 152}, 32),
    "ResNet-20": ("small_resnet", {"n": 3}, 4),
    "plain 20": ("small_resnet", {"n": 3, "residual": False}, 4),
    "network in network": ("network_in_network", {}, 4),
    "GoogLeNet": ("googlenet", {}, 65),
    "GoogLeNet without heads": ("googlenet", {"auxiliary": False}, 32),
    "Inception-ResNet": ("inception_resnet", {}, 75),
    "small Inception-ResNet": ("inception_resnet", SMALL, 15),
    "EfficientNet-Lite0": ("efficientnet_lite0", {}, 32),
}
SLOW = ("ResNet-152", "Inception-ResNet", "VGG-19", "ResNet-50")
PARAMETERS = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in NETWORKS
]
PIECES = {"inception_module"}  # tensor in, tensor out
DETECTORS = {"yolo_network"}  # no probabilities but raw answers: see test_yolo.py
ENCODERS = {"embedding_network"}  # no classes but encodings: see test_embedding.py
NO_PICTURES = {"sequence_network", "video_network"}  # signals and films: see test_sequences.py


def build(network, **changes):
    builder, choices, least = NETWORKS[network]
    choices = {"input_shape": (least, least, 3), "classes": 3, **choices, **changes}
    return getattr(models, builder)(**choices)


def numbers(answer):
    """The outputs as arrays, of one head or of several."""
    heads = answer if isinstance(answer, list | tuple) else [answer]
    return [keras.ops.convert_to_numpy(head) for head in heads]


@pytest.fixture(scope="module", params=PARAMETERS)
def network(request):
    """The name of a network, and the smallest there is of it, for three classes."""
    return request.param, build(request.param)


@pytest.fixture(scope="module")
def pictures(network):
    least = NETWORKS[network[0]][-1]
    return np.random.default_rng(0).random((2, least, least, 3), dtype="float32")


def test_all_of_them_are_here():
    others = PIECES | DETECTORS | ENCODERS | NO_PICTURES
    assert {builder for builder, *_ in NETWORKS.values()} == set(models.__all__) - others


def test_gives_probabilities(network, pictures):
    for head in numbers(network[1](pictures)):
        assert head.shape == (2, 3)
        assert (head >= 0).all()
        np.testing.assert_allclose(head.sum(axis=1), 1, rtol=0, atol=1e-5)


def test_saved_and_loaded_it_answers_the_same(network, pictures, tmp_path):
    _, model = network
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    for ours, theirs in zip(numbers(model(pictures)), numbers(loaded(pictures)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_is_drawn(network):
    name, model = network
    picture = plots.architecture(model)
    least = NETWORKS[name][-1]
    assert picture.alt.startswith(f"{model.name} as a row of boxes: {least} × {least} × 3, then")
    width, height = picture.get_size_inches()
    assert width <= 11 and height <= 5


def test_every_layer_is_counted_once(network):
    _, model = network
    assert sum(row.parameters for row in layer_table(model)) == model.count_params()
    assert total_multiplications(model) > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_refuses_pictures_that_are_too_small(name):
    least = NETWORKS[name][-1]
    with pytest.raises(ValueError, match=f"input_shape is .*, it needs {least}×{least} pixels"):
        build(name, input_shape=(least, least - 1, 3))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [1, 0, -2])
def test_refuses_a_single_class(name, classes):
    builder = NETWORKS[name][0]
    with pytest.raises(ValueError, match=f"^{builder}: classes .*, it needs"):
        build(name, classes=classes)


@pytest.mark.parametrize("name", NETWORKS)
def test_refuses_pictures_without_channels(name):
    with pytest.raises(ValueError, match=r"input_shape is \(80, 80\), it needs 3 integers"):
        build(name, input_shape=(80, 80))
    with pytest.raises(ValueError, match="input_shape holds 0, it needs 1 or more"):
        build(name, input_shape=(80, 80, 0))


def test_refuses_pictures_with_other_channels(network, pictures):
    with pytest.raises(ValueError, match="incompatible"):
        network[1].predict(pictures[..., :1], verbose=0)
