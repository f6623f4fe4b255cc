"""Local response normalization: TensorFlow's numbers, PyTorch's, and the formula's."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import layer_table, receptive_field
from cnnlib.models.normalization import LocalResponseNormalization

ALEXNET = {"depth_radius": 2, "bias": 2.0, "alpha": 1e-4, "beta": 0.75}
CASES = [
    (7, {}),
    (8, {}),
    (3, {}),  # fewer channels than the window of 11
    (1, {"depth_radius": 1}),
    (12, {"depth_radius": 0, "beta": 2.0}),
    (96, ALEXNET),
    (5, {"depth_radius": 2, "bias": 0.1, "alpha": 3.0, "beta": 1.5}),
]


def maps(channels, *, scale=1.0):
    x = np.random.default_rng(channels).normal(size=(2, 3, 4, channels)) * scale
    return x.astype("float32")


def by_the_formula(x, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    x = x.astype("float64")
    result = np.empty_like(x)
    for channel in range(x.shape[-1]):
        window = x[..., max(channel - depth_radius, 0) : channel + depth_radius + 1]
        result[..., channel] = x[..., channel] / (bias + alpha * (window**2).sum(-1)) ** beta
    return result


@pytest.mark.parametrize("channels, constants", CASES)
def test_is_the_formula_on_every_backend(channels, constants):
    x = maps(channels, scale=4)
    answer = keras.ops.convert_to_numpy(LocalResponseNormalization(**constants)(x))
    np.testing.assert_allclose(answer, by_the_formula(x, **constants), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axes", [(), (6,), (2, 3, 4)])
def test_any_number_of_spatial_axes(axes):
    x = np.random.default_rng(1).normal(size=(2, *axes, 9)).astype("float32")
    answer = keras.ops.convert_to_numpy(LocalResponseNormalization()(x))
    np.testing.assert_allclose(answer, by_the_formula(x), rtol=1e-5, atol=1e-6)


@pytest.mark.tensorflow
@pytest.mark.parametrize("channels, constants", CASES)
def test_equals_tensorflow_forward_and_backward(channels, constants):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("its gradient is taken by TensorFlow's tape")
    x = tf.constant(maps(channels, scale=4))
    pull = maps(channels)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ours = LocalResponseNormalization(**constants)(x)
        theirs = tf.nn.local_response_normalization(x, **constants)
        our_loss, their_loss = tf.reduce_sum(ours * pull), tf.reduce_sum(theirs * pull)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        tape.gradient(our_loss, x), tape.gradient(their_loss, x), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("channels", [3, 4, 9, 16])
def test_equals_pytorch_whose_alpha_is_divided_by_the_window(channels):
    torch = pytest.importorskip("torch")
    theirs = torch.nn.LocalResponseNorm(size=5, alpha=5e-1, beta=0.75, k=2.0)
    layer = LocalResponseNormalization(depth_radius=2, bias=2.0, alpha=1e-1, beta=0.75)
    x = maps(channels, scale=4)
    expected = theirs(torch.from_numpy(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
    answer = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-6)


def test_trains_what_lies_below_it():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(6),
            LocalResponseNormalization(depth_radius=1),
            keras.layers.Dense(1),
        ]
    )
    x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    model.compile(keras.optimizers.Adam(0.05), "mse")
    losses = model.fit(x, x[:, :1] - x[:, 1:], epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4


def test_is_saved_with_its_constants(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 6)), LocalResponseNormalization(**ALEXNET)])
    model.save(tmp_path / "normalized.keras")
    loaded = keras.models.load_model(tmp_path / "normalized.keras")
    assert {name: getattr(loaded.layers[0], name) for name in ALEXNET} == ALEXNET
    x = np.ones((1, 4, 4, 6), "float32")
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(x)), keras.ops.convert_to_numpy(model(x))
    )


def test_has_no_weights_and_keeps_the_receptive_field():
    model = keras.Sequential(
        [
            keras.Input((9, 9, 3)),
            keras.layers.Conv2D(4, 3, name="conv"),
            LocalResponseNormalization(name="normalize"),
        ]
    )
    row = layer_table(model)[-1]
    assert (row.name, row.output_shape) == ("normalize", (7, 7, 4))
    assert (row.parameters, row.multiplications) == (0, 0)
    assert receptive_field(model, "normalize") == receptive_field(model, "conv")


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"depth_radius": -1}, ValueError, "depth_radius is -1, it needs 0 or more"),
        ({"depth_radius": 2.5}, TypeError, "depth_radius is 2.5, it needs an integer"),
        ({"depth_radius": True}, TypeError, "depth_radius is True, it needs an integer"),
        ({"bias": 0}, ValueError, "bias is 0 and alpha is 1.0, it needs a bias above 0"),
        ({"alpha": -1.0}, ValueError, "an alpha of 0 or more"),
        ({"beta": float("nan")}, TypeError, "beta is nan, it needs a finite number"),
        ({"alpha": "1"}, TypeError, "alpha is '1', it needs a finite number"),
    ],
)
def test_bad_constants_are_named(arguments, error, message):
    with pytest.raises(error, match=f"^LocalResponseNormalization: .*{message}"):
        LocalResponseNormalization(**arguments)
