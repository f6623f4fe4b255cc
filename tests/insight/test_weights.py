"""First filters against a kernel that is known, whatever stands before the convolution."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from cnnlib import insight, pretrained


def network(before, kernel):
    picture = keras.Input((9, 9, 3))
    first = layers.Conv2D(2, 3, strides=2, name="first")
    model = keras.Model(picture, layers.ReLU()(first(before(picture))))
    first.set_weights([kernel, np.zeros(2)])
    return model


def test_filters_tell_what_a_pixel_of_the_picture_does_to_a_unit():
    kernel = np.random.default_rng(0).standard_normal((3, 3, 3, 2)).astype("float32")
    scaled = layers.Rescaling(255, offset=[-10, -20, -30])
    for before, expected in (
        (lambda x: x, kernel),
        (lambda x: ops.flip(scaled(x), axis=-1), 255 * kernel[:, :, ::-1]),
        (lambda x: layers.ZeroPadding2D(1)(x), kernel),
    ):
        model = network(before, kernel)
        np.testing.assert_allclose(insight.first_filters(model), expected, rtol=1e-3, atol=1e-3)


def test_filters_of_vgg_features_are_in_red_green_and_blue():
    model = pretrained.load("vgg16_hed")
    kernel = model.get_layer("block1_conv1").get_weights()[0]
    np.testing.assert_allclose(insight.first_filters(model), 255 * kernel[:, :, ::-1], rtol=1e-3)


def test_bad_input_is_named():
    with pytest.raises(TypeError, match=r"^first_filters: model is a str"):
        insight.first_filters("vgg")
    flat = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(2)], name="no")
    with pytest.raises(ValueError, match=r"^first_filters: model 'no' has no Conv2D"):
        insight.first_filters(flat)
    kernel = np.ones((3, 3, 3, 2))
    for before in (lambda x: x * x, lambda x: ops.relu(1 - ops.sum(x, -1, True)) + x):
        with pytest.raises(ValueError, match=r"'first' of model .* needs to read the picture's"):
            insight.first_filters(network(before, kernel))
