"""The fast operations against Keras on the same weights, and its gradients against TensorFlow's."""

import numpy as np
import pytest

from cnnlib.scratch import ops

AXES = [1, 2, 3]
SIDES = {1: (11,), 2: (7, 10), 3: (5, 6, 7)}
GEOMETRIES = [
    {},
    {"padding": "same"},
    {"stride": 2},
    {"padding": "same", "stride": 2},
    {"padding": "same", "stride": 3},
    {"dilation": 2},
    {"padding": "same", "dilation": 2},
]


def keras_names(options):
    """Our names of the arguments in Keras's."""
    names = {"padding": "padding", "stride": "strides", "dilation": "dilation_rate"}
    return {names[name]: value for name, value in options.items()}


def one_sided(x, size, *, stride=None, padding):
    """Whether "same" needs an odd number of zeros on some axis, so one more after the image."""
    stride = stride or size
    return any(max(0, (-(-n // stride) - 1) * stride + size - n) % 2 for n in x.shape[1:-1])


def drawn(axes, kernel_size):
    generator = np.random.default_rng(axes)
    x = generator.normal(size=(2, *SIDES[axes], 3)).astype("float32")
    kernel = generator.normal(size=(*[kernel_size] * axes, 3, 4)).astype("float32")
    return x, kernel


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("kernel_size", [2, 3])
@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
def test_convolution_equals_keras(axes, kernel_size, options):
    keras = pytest.importorskip("keras")
    x, kernel = drawn(axes, kernel_size)
    expected = keras.ops.conv(x, kernel, data_format="channels_last", **keras_names(options))
    expected = keras.ops.convert_to_numpy(expected)
    np.testing.assert_allclose(ops.conv(x, kernel, **options), expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("options", GEOMETRIES[:5], ids=str)
@pytest.mark.parametrize("pool", ["max_pool", "average_pool"])
def test_pooling_equals_keras(pool, axes, size, options):
    keras = pytest.importorskip("keras")
    x, _ = drawn(axes, 1)
    same_average = pool == "average_pool" and options.get("padding") == "same"
    if same_average and keras.backend.backend() == "torch" and one_sided(x, size, **options):
        pytest.skip("Keras on PyTorch averages copies of the edge where only one side is padded")
    # Keras on JAX takes a wrong stride for its own default, so the default is spelled out.
    named = {"padding": "valid", "strides": size} | keras_names(options)
    pooled = getattr(keras.ops, pool)(x, size, data_format="channels_last", **named)
    expected = keras.ops.convert_to_numpy(pooled)
    np.testing.assert_allclose(getattr(ops, pool)(x, size, **options), expected, rtol=0, atol=1e-6)


@pytest.mark.tensorflow
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("options", GEOMETRIES[:5], ids=str)
def test_convolution_gradients_equal_tensorflow(axes, options):
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")
    x, kernel = map(tf.constant, drawn(axes, 3))
    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        z = keras.ops.conv(x, kernel, data_format="channels_last", **keras_names(options))
    grad = np.random.default_rng(0).normal(size=z.shape).astype("float32")
    expected = tape.gradient(z, [x, kernel], tf.constant(grad))
    grad_x, grad_kernel, _ = ops.conv_backward(grad, x.numpy(), kernel.numpy(), **options)
    np.testing.assert_allclose(grad_x, expected[0], rtol=0, atol=2e-5)
    np.testing.assert_allclose(grad_kernel, expected[1], rtol=0, atol=1e-4)


@pytest.mark.tensorflow
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("options", GEOMETRIES[:5], ids=str)
@pytest.mark.parametrize("pool", ["max_pool", "average_pool"])
def test_pooling_gradients_equal_tensorflow(pool, options, ties):
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")
    x, _ = drawn(2, 1)
    x = tf.constant(np.round(x) if ties else x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        names = {"padding": "valid", **keras_names(options)}
        y = getattr(keras.ops, pool)(x, 3, data_format="channels_last", **names)
    grad = np.random.default_rng(0).normal(size=y.shape).astype("float32")
    expected = tape.gradient(y, x, tf.constant(grad))
    result = getattr(ops, f"{pool}_backward")(grad, x.numpy(), 3, **options)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5)
