"""Grad-CAM against a closed form, gradients of pictures against numerical ones."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlib import insight
from cnnlib.scratch.gradients import numerical_gradient

RNG = np.random.default_rng(0)
X = RNG.random((3, 6, 7, 2), dtype="float32")


def linear(end):
    """1×1 convolution, average over the places, dense: every gradient is a product of weights."""
    keras.utils.set_random_seed(0)
    picture = keras.Input((6, 7, 2))
    maps = layers.Conv2D(4, 1, name="maps")(picture)
    mean = layers.GlobalAveragePooling2D(name="mean")(maps)
    return keras.Model(picture, end(mean), name="linear")


ENDS = {
    "scores": lambda x: layers.Dense(3, name="dense")(x),
    "softmax inside": lambda x: layers.Dense(3, activation="softmax", name="dense")(x),
    "sigmoid inside": lambda x: layers.Dense(3, activation="sigmoid", name="dense")(x),
    "softmax layer": lambda x: layers.Softmax()(layers.Dense(3, name="dense")(x)),
    "activation": lambda x: layers.Activation("softmax")(layers.Dense(3, name="dense")(x)),
}


@pytest.mark.parametrize("end", ENDS)
def test_grad_cam_and_gradient_of_a_linear_net_are_its_weights(end):
    model = linear(ENDS[end])
    kernel, bias = model.get_layer("maps").get_weights()
    kernel, dense = kernel[0, 0], model.get_layer("dense").get_weights()[0]
    maps, labels = X @ kernel + bias, np.array([2, 0, 1])
    cam = np.maximum(np.einsum("mijk,km->mij", maps, dense[:, labels]) / 42, 0)
    got = insight.grad_cam(model, X, labels, layer="maps")
    np.testing.assert_allclose(got, cam, atol=1e-6)
    assert (cam > 0).any() and (cam == 0).any()
    gradient = np.broadcast_to((kernel @ dense[:, labels]).T[:, None, None] / 42, X.shape)
    np.testing.assert_allclose(insight.input_gradient(model, X, labels), gradient, atol=1e-6)


def deep():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((6, 7, 2)),
            layers.Conv2D(3, 3, activation="tanh", name="conv1"),
            layers.BatchNormalization(name="norm"),
            layers.Conv2D(4, 2, activation="tanh", name="conv2"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        name="deep",
    )
    model.get_layer("norm").set_weights([RNG.random(3) + 0.5 for _ in range(4)])
    return model


def by_hand(model, x, start="conv1"):
    """The scores of `deep`, computed in float64 with NumPy."""
    weights = {part.name: [np.float64(w) for w in part.get_weights()] for part in model.layers}

    def conv(x, name, f):
        kernel, bias = weights[name]
        places = np.lib.stride_tricks.sliding_window_view(x, (f, f), axis=(0, 1))
        return np.tanh(np.einsum("hwcab,abcn->hwn", places, kernel) + bias)

    if start == "conv1":
        gamma, beta, mean, variance = weights["norm"]
        x = (conv(x, "conv1", 3) - mean) / np.sqrt(variance + 1e-3) * gamma + beta
        x = conv(x, "conv2", 2)
    return x.reshape(-1) @ weights["dense"][0] + weights["dense"][1]


def test_the_input_gradient_is_the_numerical_one():
    model = deep()
    got = insight.input_gradient(model, X, [0, 1, 2])
    for picture, gradient, label in zip(X, got, range(3), strict=True):
        f = lambda x, label=label: by_hand(model, x)[label]  # noqa: E731
        numeric = numerical_gradient(f, np.float64(picture))
        np.testing.assert_allclose(gradient, numeric, atol=1e-5)
    seen = insight.saliency(model, X, [0, 1, 2])
    np.testing.assert_array_equal(seen, np.abs(got).max(axis=-1))
    assert seen.max() > 0.01


def test_grad_cam_weighs_maps_by_their_numerical_gradient():
    model = deep()
    maps = insight.activations(model, X, "conv2")
    got = insight.grad_cam(model, X, 1, layer="conv2")
    for own, cam in zip(maps, got, strict=True):
        f = lambda a: by_hand(model, a, start="conv2")[1]  # noqa: E731
        alpha = numerical_gradient(f, np.float64(own)).mean(axis=(0, 1))
        np.testing.assert_allclose(cam, np.maximum(own @ alpha, 0), atol=1e-5)


def test_looking_changes_nothing():
    model = deep()
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = [w.copy() for w in model.get_weights()]
    names = [part.name for part in model.layers]
    first = insight.grad_cam(model, X, 0, layer="conv2")
    insight.saliency(model, X, 0)
    np.testing.assert_array_equal(insight.grad_cam(model, X, 0, layer="conv2"), first)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert [part.name for part in model.layers] == names
    assert all(part.trainable for part in model.layers)
    assert len(model.trainable_weights) == 8


def test_a_branch_past_the_layer_is_refused():
    picture = keras.Input((6, 7, 2))
    maps = layers.Conv2D(2, 1, name="maps")(picture)
    joined = layers.Flatten()(layers.Add()([maps, picture]))
    model = keras.Model(picture, layers.Dense(3)(joined), name="past")
    with pytest.raises(ValueError, match=r"^grad_cam: layer is 'maps', it needs to be one"):
        insight.grad_cam(model, X, 0, layer="maps")


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"model": "vgg"}, TypeError, "model is a str, it needs a keras.Model"),
        ({"images": X[0]}, ValueError, r"images has the shape \(6, 7, 2\), model 'deep' needs"),
        (
            {"images": X[:, :5]},
            ValueError,
            r"images .* \(3, 5, 7, 2\), .* needs \(m, 6, 7, 2\)",
        ),
        ({"images": X[:0]}, ValueError, r"images has the shape \(0, 6, 7, 2\)"),
        ({"images": X * np.inf}, ValueError, "images holds NaN or infinity"),
        ({"images": X.astype(str)}, TypeError, "images holds <U"),
        ({"labels": 3}, ValueError, "labels is 3, model 'deep' has 3 classes: it needs 0 to 2"),
        ({"labels": -1}, ValueError, "labels is -1"),
        ({"labels": [0, 1]}, ValueError, "labels has 2, it needs 1 or 3"),
        ({"labels": 0.5}, TypeError, "labels is 0.5, it needs a whole number"),
        ({"labels": "cat"}, TypeError, "labels is 'cat'"),
    ],
)
def test_bad_input_is_named(change, error, message):
    arguments = {"model": deep(), "images": X, "labels": 0} | change
    with pytest.raises(error, match=rf"^input_gradient: {message}"):
        insight.input_gradient(**arguments)
    with pytest.raises(error, match=rf"^grad_cam: {message}"):
        insight.grad_cam(**arguments, layer="conv2")


def test_a_layer_without_maps_and_a_net_without_scores_are_refused():
    with pytest.raises(ValueError, match=r"^grad_cam: layer is 'x', it needs one of conv1, norm"):
        insight.grad_cam(deep(), X, 0, layer="x")
    with pytest.raises(ValueError, match=r"^grad_cam: layer 'dense' gives no maps"):
        insight.grad_cam(deep(), X, 0, layer="dense")
    maps = keras.Sequential([keras.Input((6, 7, 2)), layers.Conv2D(3, 1)], name="maps")
    with pytest.raises(ValueError, match=r"^saliency|^input_gradient: model 'maps' gives"):
        insight.saliency(maps, X, 0)
