"""Residual networks: the paper's counts, keras.applications' outputs, the plain twins."""

import math

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import receptive_field, total_multiplications
from cnnlib.models import resnet, small_resnet

TRAINABLE = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
# Table 1 of the paper, in units of 10⁹; it counts a multiplication and an addition as one.
MULTIPLICATIONS = {18: 1.8, 34: 3.6, 50: 3.8, 101: 7.6, 152: 11.3}


def trainable(model):
    return sum(math.prod(weight.shape) for weight in model.trainable_variables)


def of_kind(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


DEEP = [pytest.param(depth, marks=pytest.mark.slow) for depth in (101, 152)]


@pytest.mark.parametrize("depth", [18, 34, 50, *DEEP])
def test_parameters_layers_and_work_are_the_papers(depth):
    model = resnet(depth)
    assert model.name == f"resnet{depth}"
    assert trainable(model) == TRAINABLE[depth]
    counted = [layer for layer in of_kind(model, keras.layers.Conv2D) if "_0_" not in layer.name]
    assert len(counted) + 1 == depth  # with the dense layer, without W_s
    assert total_multiplications(model) / 1e9 == pytest.approx(MULTIPLICATIONS[depth], abs=0.1)
    expected = 512 if depth < 50 else 2048
    assert model.get_layer("avg_pool").input.shape[1:] == (7, 7, expected)


@pytest.mark.parametrize("depth", [50, *DEEP])
def test_with_biases_all_weights_are_those_of_keras_applications(depth):
    theirs = getattr(keras.applications, f"ResNet{depth}")(weights=None)
    ours = resnet(depth, use_bias=True)
    assert ours.count_params() == theirs.count_params()
    assert [layer.name for layer in ours.layers[1:]] == [layer.name for layer in theirs.layers[1:]]
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]


def test_with_the_weights_of_keras_applications_it_answers_the_same():
    shape = (64, 64, 3)
    theirs = keras.applications.ResNet50(weights=None, input_shape=shape, classes=10)
    rng = np.random.default_rng(0)
    for layer in theirs.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            n = layer.gamma.shape[0]
            # A branch adds little, so that the answers are no ones and zeros.
            gamma = rng.uniform(0.1, 0.4, n) if "_3_" in layer.name else rng.uniform(0.5, 1.5, n)
            beta, mean = rng.normal(0, 0.1, (2, n))
            layer.set_weights([gamma, beta, mean, rng.uniform(0.05, 1.5, n)])
        elif layer.get_weights():
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(0, 0.1, bias.shape)])
    ours = resnet(50, use_bias=True, input_shape=shape, classes=10)
    ours.set_weights(theirs.get_weights())
    x = rng.random((4, *shape), dtype="float32")
    answers, expected = (keras.ops.convert_to_numpy(model(x)) for model in (ours, theirs))
    assert expected.max() < 0.99  # or the answers would be ones and zeros, whatever the weights
    np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-4)
    for layer in of_kind(ours, keras.layers.BatchNormalization):
        layer.epsilon = 1e-3
    moved = keras.ops.convert_to_numpy(ours(x))
    assert np.abs(moved - expected).max() > 1e-4  # the answers would show another epsilon


def test_the_course_network_for_six_signs():
    model = resnet(50, use_bias=True, input_shape=(64, 64, 3), classes=6)
    assert model.count_params() == 23_600_006
    assert trainable(model) == 23_546_886


@pytest.mark.parametrize("depth", [18, pytest.param(50, marks=pytest.mark.slow)])
def test_the_plain_network_has_the_same_layers_and_no_shortcut(depth):
    shape = (32, 32, 3)
    residual = resnet(depth, input_shape=shape, classes=10)
    plain = resnet(depth, residual=False, input_shape=shape, classes=10)
    assert plain.name == f"plain{depth}"
    assert not of_kind(plain, keras.layers.Add)
    past = [layer for layer in residual.layers if "_0_" in layer.name]
    kept = [
        (layer.name, layer.output.shape)
        for layer in residual.layers
        if layer not in past and not isinstance(layer, keras.layers.Add)
    ]
    assert [(layer.name, layer.output.shape) for layer in plain.layers] == kept
    w_s = sum(math.prod(w.shape) for layer in past for w in layer.trainable_variables)
    assert trainable(residual) - trainable(plain) == w_s > 0


def test_the_least_picture_leaves_one_place():
    model = resnet(18, input_shape=(32, 45, 1), classes=2, dropout=0.2)
    assert model.get_layer("avg_pool").input.shape[1:3] == (1, 2)
    assert model.get_layer("dropout").rate == 0.2


# The paper's table 6; with shortcuts that have no parameters the plain twin has as many.
@pytest.mark.parametrize(
    "n, millions",
    [(3, 0.27), (5, 0.46), (7, 0.66), (9, 0.85), pytest.param(18, 1.7, marks=pytest.mark.slow)],
)
def test_the_small_family_has_the_papers_parameters_and_depth(n, millions):
    model = small_resnet(n)
    assert model.name == f"resnet{6 * n + 2}"
    assert trainable(model) / 1e6 == pytest.approx(millions, abs=0.03 if n == 18 else 0.006)
    assert len(of_kind(model, keras.layers.Conv2D)) + 1 == 6 * n + 2
    plain = small_resnet(n, residual=False)
    assert plain.name == f"plain{6 * n + 2}"
    assert [w.path for w in plain.trainable_variables] == [
        w.path for w in model.trainable_variables
    ]
    assert trainable(plain) == trainable(model)
    assert not of_kind(plain, keras.layers.Add)


def test_resnet_20_to_the_last_digit():
    kernels = 9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64)
    norms = 2 * (7 * 16 + 6 * 32 + 6 * 64)
    assert trainable(small_resnet(3)) == kernels + norms + 650 == 269_722
    without = small_resnet(3, batch_norm=False)
    assert without.count_params() == kernels + norms // 2 + 650  # biases in place of γ and β


def test_the_small_family_halves_the_maps_twice():
    model = small_resnet(1, input_shape=(14, 15, 1), filters=(4, 6, 6))
    shapes = [model.get_layer(f"conv{k}_block1_out").output.shape[1:] for k in (2, 3, 4)]
    assert shapes == [(14, 15, 4), (7, 8, 6), (4, 4, 6)]
    # 1 + 2·(1 + 2) with stride 1, then 2 + 4 and 4 + 8 pixels more
    assert receptive_field(model, "conv4_block1_out").size == (25, 25)


@pytest.mark.parametrize(
    "residual, batch_norm",
    [(True, True), (True, False), pytest.param(False, True, marks=pytest.mark.slow)],
)
def test_small_networks_learn_save_and_reload(residual, batch_norm, tmp_path):
    keras.utils.set_random_seed(0)
    model = small_resnet(
        1,
        residual=residual,
        batch_norm=batch_norm,
        input_shape=(8, 8, 1),
        classes=2,
        filters=(4, 4, 8),
        dropout=0.1,
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).random((64, 8, 8, 1), dtype="float32")
    y = np.arange(64) % 2
    x[y == 1, :, 4:] = 0
    losses = model.fit(x, y, epochs=15, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    model.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras")
    answers = [keras.ops.convert_to_numpy(network(x)) for network in (loaded, model)]
    np.testing.assert_array_equal(*answers)
    np.testing.assert_allclose(answers[0].sum(axis=1), 1, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"depth": 56}, ValueError, r"depth is 56, it needs one of \[18, 34, 50, 101, 152\]"),
        ({"depth": "50"}, ValueError, "depth is '50', it needs one of"),
        ({"depth": True}, ValueError, "depth is True, it needs one of"),
        ({"input_shape": (31, 64, 3)}, ValueError, r"\(31, 64, 3\), it needs 32×32 pixels"),
        ({"input_shape": (224, 224)}, ValueError, "it needs 3 integers"),
        ({"input_shape": (64, 64, 0)}, ValueError, "input_shape holds 0"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": 1.0}, ValueError, "dropout is 1.0, it needs a share"),
    ],
)
def test_bad_input_of_resnet_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^resnet: .*{message}"):
        resnet(**arguments)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"n": 0}, ValueError, "n holds 0, it needs 1 or more"),
        ({"n": -1}, ValueError, "n holds -1, it needs 1 or more"),
        ({"n": 3.0}, TypeError, "n holds 3.0, it needs integers"),
        ({"n": True}, TypeError, "n holds True, it needs integers"),
        ({"n": None}, TypeError, "n holds None, it needs integers"),
        ({"input_shape": (3, 32, 3)}, ValueError, r"\(3, 32, 3\), it needs 4×4 pixels"),
        ({"filters": (16, 32)}, ValueError, "filters is .*, it needs 3 integers"),
        ({"filters": (16, 32, 8)}, ValueError, r"filters is \(16, 32, 8\), it needs no stage"),
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"dropout": -1}, ValueError, "dropout is -1, it needs a share"),
    ],
)
def test_bad_input_of_small_resnet_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^small_resnet: .*{message}"):
        small_resnet(**{"n": 3} | arguments)
