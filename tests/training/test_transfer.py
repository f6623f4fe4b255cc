"""What is frozen stays as it was, to the last digit; what learns takes the steps it was given."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from cnnlib.models import lenet5
from cnnlib.training.transfer import TwoRateAdam, features, fine_tune, head

CLASSES = 3


def small_network():
    """Two convolutions with batch normalization, whose averages are not those of a new layer."""
    picture = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv1")(picture)
    x = layers.BatchNormalization(name="norm1")(x)
    x = layers.ReLU(name="relu1")(x)
    x = layers.Conv2D(6, 3, use_bias=False, name="conv2")(x)
    x = layers.BatchNormalization(name="norm2")(x)
    x = layers.ReLU(name="relu2")(x)
    x = layers.Flatten(name="flatten")(x)
    network = keras.Model(picture, layers.Dense(5, activation="softmax", name="output")(x))
    random = np.random.default_rng(1)
    for name in ("norm1", "norm2"):
        norm = network.get_layer(name)
        norm.set_weights([random.uniform(0.5, 2, weight.shape) for weight in norm.weights])
    return network


@pytest.fixture(scope="module")
def base():
    keras.utils.set_random_seed(0)
    return small_network()


@pytest.fixture(scope="module")
def pictures():
    random = np.random.default_rng(0)
    return random.random((12, 8, 8, 2)).astype("float32"), np.arange(12) % CLASSES


def state(model):
    """Every weight of the model under the name of its layer and its own."""
    return {
        f"{part.name}/{weight.name}": ops.convert_to_numpy(weight)
        for part in model.layers
        for weight in part.weights
    }


def changed(before, after):
    return {name for name in before if not np.array_equal(before[name], after[name])}


def averaged_maps(model, layer, x):
    inner = keras.Model(model.inputs, model.get_layer(layer).output)
    return inner.predict(x, verbose=0).mean(axis=(1, 2))


# --- features ---------------------------------------------------------------


@pytest.mark.parametrize("layer", ["conv1", "relu2"])
def test_features_are_the_mean_of_a_layers_maps(base, pictures, layer):
    found = features(base, pictures[0], layer=layer, batch_size=5)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, averaged_maps(base, layer, pictures[0]), atol=1e-6)


def test_features_are_by_default_what_the_last_dense_layer_reads(base, pictures):
    inner = keras.Model(base.inputs, base.get_layer("output").input)
    np.testing.assert_allclose(
        features(base, pictures[0]), inner.predict(pictures[0], verbose=0), atol=1e-6
    )


def test_features_of_another_size_than_the_networks(base, pictures):
    """A convolution has no size of its own: each mean runs over more places."""
    tiled = np.tile(pictures[0], (1, 2, 2, 1))
    kernel, norm = base.get_layer("conv1").kernel, base.get_layer("norm1")
    by_hand = ops.relu(norm(ops.conv(tiled, kernel, padding="valid")))
    by_hand = ops.convert_to_numpy(ops.mean(by_hand, axis=(1, 2)))
    np.testing.assert_allclose(features(base, tiled, layer="relu1"), by_hand, atol=1e-5)


def test_features_leave_the_network_as_it_is(base, pictures):
    before = state(base)
    features(base, pictures[0], layer="relu1")
    assert not changed(before, state(base))
    assert base.input_shape == (None, 8, 8, 2) and base.trainable


@pytest.mark.parametrize("batch_size", [1, 5, 12, 100])
def test_features_do_not_depend_on_the_batches(base, pictures, counted, batch_size):
    found = features(base, pictures[0], layer="relu2", batch_size=batch_size)
    np.testing.assert_allclose(found, averaged_maps(base, "relu2", pictures[0]), atol=1e-6)
    assert set(counted) == {min(batch_size, 12)}, "one shape, also where the last is not full"


@pytest.fixture
def counted(monkeypatch):
    """The batches that a model computed."""
    calls, predict = [], keras.Model.predict_on_batch

    def spy(self, x):
        calls.append(len(x))
        return predict(self, x)

    monkeypatch.setattr(keras.Model, "predict_on_batch", spy)
    return calls


def test_cached_features_are_computed_once(base, pictures, tmp_path, counted):
    folder = tmp_path / "new" / "folder"
    first = features(base, pictures[0], layer="relu2", cache=folder)
    again = features(base, pictures[0].copy(), layer="relu2", cache=str(folder))
    np.testing.assert_array_equal(first, again)
    assert len(counted) == 1
    assert [path.suffix for path in folder.iterdir()] == [".npz"]


def test_a_cache_is_for_one_network_one_layer_and_one_set_of_pictures(
    base, pictures, tmp_path, counted
):
    x = pictures[0]
    other_weights = small_network()
    other_weights.set_weights(base.get_weights())
    other_weights.get_layer("conv1").kernel.assign(2 * base.get_layer("conv1").kernel)
    other_pictures = x.copy()
    other_pictures[3, 2, 1, 0] += 1e-3
    wanted = [
        (base, x, "relu2"),
        (base, x, "relu1"),
        (base, other_pictures, "relu2"),
        (other_weights, x, "relu2"),
        (base, x.reshape(12, 16, 4, 2), "conv1"),
        (base, x.reshape(12, 4, 16, 2), "conv1"),
    ]
    for model, data, layer in wanted:
        kept = features(model, data, layer=layer, cache=tmp_path)
        np.testing.assert_array_equal(kept, features(model, data, layer=layer))
    assert len(list(tmp_path.iterdir())) == len(wanted)
    assert len(counted) == 2 * len(wanted)
    same = small_network()
    same.set_weights(base.get_weights())
    features(same, x, layer="relu2", cache=tmp_path)
    assert len(counted) == 2 * len(wanted), "the same network, built again, finds its features"


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "words"])
def test_a_damaged_cache_is_computed_anew_and_replaced(base, pictures, tmp_path, damage):
    right = features(base, pictures[0], layer="relu2", cache=tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    path.write_bytes(
        {"empty": b"", "cut": whole[:-40], "flipped": flipped, "words": b"no array"}[damage]
    )
    np.testing.assert_array_equal(features(base, pictures[0], layer="relu2", cache=tmp_path), right)
    assert path.read_bytes()[:middle] == whole[:middle]
    with np.load(path) as file:
        np.testing.assert_array_equal(file["features"], right)


@pytest.mark.parametrize(
    "x, error, message",
    [
        (np.zeros((0, 8, 8, 2)), ValueError, r"x has the shape \(0, 8, 8, 2\)"),
        (np.zeros((8, 8, 2)), ValueError, r"x has the shape \(8, 8, 2\)"),
        (np.zeros((1, 8, 8, 3)), ValueError, r"shape \(8, 8, 3\), .* \(height, width, 2\)"),
        (np.zeros((1, 2, 2, 2)), ValueError, r"does not take pictures of \(2, 2, 2\)"),
        (np.full((1, 8, 8, 2), "a"), TypeError, "x holds <U1, it needs numbers"),
    ],
)
def test_pictures_that_the_network_cannot_see_are_refused(base, x, error, message):
    with pytest.raises(error, match=f"features: .*{message}"):
        features(base, x, layer="relu2")


def test_pictures_of_another_size_cannot_reach_a_dense_layer(base):
    with pytest.raises(ValueError, match=r"does not take pictures of \(9, 9, 2\)"):
        features(small_network(), np.zeros((1, 9, 9, 2)), layer="output")


def test_what_is_no_network_with_a_graph_is_refused(base, pictures):
    with pytest.raises(TypeError, match=r"features: model is 'resnet', it needs a keras.Model"):
        features("resnet", pictures[0])
    with pytest.raises(ValueError, match="needs a graph of layers, built"):
        features(keras.Sequential([layers.Dense(2)]), pictures[0])
    with pytest.raises(ValueError, match=r"layer is 'conv9', model .* has .*conv1, norm1"):
        features(base, pictures[0], layer="conv9")


# --- fine_tune --------------------------------------------------------------


def test_the_new_head_is_a_softmax_of_the_standardized_features(base, pictures):
    model = fine_tune(base, CLASSES, layer="relu2")
    model.fit(*pictures, epochs=3, verbose=0)
    kernel, bias = model.get_layer("new_head").get_weights()
    mean, variance = model.get_layer("new_norm").get_weights()
    row = features(base, pictures[0], layer="relu2")
    z = (row - mean) / np.sqrt(variance + 1e-3) @ kernel + bias
    softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(pictures[0], verbose=0), softmax, atol=1e-5)


FROM_CONV2 = {"conv2/kernel"}
OWN = {f"new_{name}" for name in ("head/kernel", "head/bias")} | {
    f"new_norm/moving_{name}" for name in ("mean", "variance")
}


@pytest.mark.parametrize(
    "choices, learned",
    [
        ({"regime": "freeze_all"}, OWN),
        ({"regime": "freeze_some", "train_from": "relu1"}, OWN | FROM_CONV2),
        ({"regime": "initialize"}, OWN | FROM_CONV2 | {"conv1/kernel"}),
    ],
)
def test_each_regime_trains_its_layers_and_leaves_all_others(base, pictures, choices, learned):
    """Batch normalization included: the base's averages and factors move in no regime."""
    untouched = state(base)
    model = fine_tune(base, CLASSES, layer="relu2", **choices)
    before, shown = state(model), averaged_maps(model, "relu1", pictures[0])
    model.fit(*pictures, epochs=3, batch_size=4, verbose=0)
    assert changed(before, state(model)) == learned
    assert not changed(untouched, state(base))
    assert all(part.trainable for part in base.layers)
    if choices["regime"] != "initialize":
        np.testing.assert_array_equal(averaged_maps(model, "relu1", pictures[0]), shown)


def test_the_check_above_would_notice_a_batch_normalization_that_trains(base, pictures):
    model = fine_tune(base, CLASSES, layer="relu2")
    model.get_layer("norm1").trainable = True
    model.compile("adam", "sparse_categorical_crossentropy")
    before = state(model)
    model.fit(*pictures, verbose=0)
    assert {"norm1/moving_mean", "norm1/moving_variance"} < changed(before, state(model))


def test_frozen_batch_normalization_works_with_its_averages_while_training(base, pictures):
    model = fine_tune(base, CLASSES, layer="relu2", regime="initialize")
    trunk = keras.Model(model.inputs[0], model.get_layer("new_pool").output)
    in_training = ops.convert_to_numpy(trunk(pictures[0], training=True))
    np.testing.assert_allclose(in_training, trunk.predict(pictures[0], verbose=0), atol=1e-5)
    in_training = ops.convert_to_numpy(base(pictures[0], training=True))
    assert np.abs(in_training - base.predict(pictures[0], verbose=0)).max() > 1e-3


def test_batch_normalization_inside_an_inner_model_stays_frozen(base, pictures):
    picture = keras.Input((8, 8, 2))
    inner = keras.Model(base.inputs, base.get_layer("relu2").output, name="inner")
    nested = keras.Model(picture, inner(picture))
    model = fine_tune(nested, CLASSES, regime="initialize")
    trained = {weight.path.rsplit("/", 2)[-2] for weight in model.trainable_weights}
    assert trained == {"conv1", "conv2", "new_head"}


@pytest.mark.parametrize("rates", [(1e-2, 1e-4), (1e-3, 5e-3)])
def test_the_first_step_is_as_long_as_the_learning_rate(base, pictures, rates):
    """Adam's first step is rate · g / (|g| + ε): the rate itself, wherever g is not tiny."""
    model = fine_tune(
        base,
        CLASSES,
        layer="relu2",
        regime="initialize",
        learning_rate=rates[0],
        base_learning_rate=rates[1],
    )
    before = state(model)
    model.fit(*pictures, batch_size=12, verbose=0)
    after = state(model)
    for name, rate in (("new_head/kernel", rates[0]), ("conv2/kernel", rates[1])):
        step = np.abs(after[name] - before[name])
        np.testing.assert_allclose(np.median(step[step > 0]), rate, rtol=0.02)
        assert step.max() < 1.02 * rate


def test_two_equal_rates_are_plain_adam(base, pictures):
    """Against Keras's own Adam, which on PyTorch is another implementation."""
    equal = {"learning_rate": 1e-2, "base_learning_rate": 1e-2}
    ours, plain = (
        fine_tune(base, CLASSES, layer="relu2", regime="initialize", **equal) for _ in range(2)
    )
    plain.set_weights(ours.get_weights())
    plain.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    for model in (ours, plain):
        model.fit(*pictures, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for mine, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


def test_a_head_trained_on_features_is_the_head_trained_on_pictures(base, pictures):
    x, y = pictures
    slow, fast = (fine_tune(base, CLASSES, layer="relu2", learning_rate=0.01) for _ in range(2))
    fast.set_weights(slow.get_weights())
    plan = {"epochs": 4, "batch_size": 4, "shuffle": False, "verbose": 0}
    slow.fit(x, y, **plan)
    head(fast).fit(features(base, x, layer="relu2"), y, **plan)
    for mine, other in zip(fast.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)
    np.testing.assert_allclose(fast.predict(x, verbose=0), slow.predict(x, verbose=0), atol=1e-4)


def test_a_head_trained_first_is_where_the_other_regimes_start(base, pictures):
    x, y = pictures
    model = fine_tune(base, CLASSES, layer="relu2", regime="initialize")
    row = features(base, x, layer="relu2")
    alone = head(model, learning_rate=0.1)
    before = state(model)
    alone.fit(row, y, epochs=5, verbose=0)
    assert changed(before, state(model)) == OWN
    np.testing.assert_allclose(
        model.predict(x, verbose=0), alone.predict(row, verbose=0), atol=1e-5
    )
    model.fit(x, y, epochs=2, verbose=0)
    assert changed(before, state(model)) > FROM_CONV2


def test_a_fine_tuned_network_saves_reloads_and_goes_on(base, pictures, tmp_path):
    model = fine_tune(
        base, CLASSES, layer="relu2", regime="freeze_some", train_from="conv2", learning_rate=0.01
    )
    model.fit(*pictures, batch_size=4, shuffle=False, verbose=0)
    model.save(tmp_path / "mine.keras")
    again = keras.saving.load_model(tmp_path / "mine.keras")
    np.testing.assert_array_equal(
        again.predict(pictures[0], verbose=0), model.predict(pictures[0], verbose=0)
    )
    assert isinstance(again.optimizer, TwoRateAdam)
    for one in (model, again):
        one.fit(*pictures, batch_size=4, shuffle=False, verbose=0)
    for mine, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-6)


def test_a_base_that_is_sequential_and_pictures_of_another_size():
    model = fine_tune(lenet5(), CLASSES, layer="pool2", input_shape=(24, 40, 1))
    assert model.input_shape == (None, 24, 40, 1) and model.output_shape == (None, CLASSES)
    assert model.count_params() == (25 + 1) * 6 + (25 * 6 + 1) * 16 + (16 + 1) * CLASSES + 2 * 16


@pytest.mark.parametrize(
    "choices, error, message",
    [
        ({"classes": 1}, ValueError, "classes is 1, it needs 2 or more"),
        ({"classes": 2.0}, TypeError, "classes holds 2.0, it needs integers"),
        ({"regime": "frozen"}, ValueError, "regime is 'frozen', it needs one of .*'freeze_all'"),
        ({"layer": "conv9"}, ValueError, "layer is 'conv9', model .* has .*conv1"),
        ({"regime": "freeze_some"}, ValueError, "train_from is None, it needs one of .*conv1"),
        ({"regime": "freeze_some", "train_from": "conv9"}, ValueError, "train_from is 'conv9'"),
        ({"regime": "freeze_some", "train_from": "output"}, ValueError, "train_from is 'output'"),
        ({"train_from": "conv2"}, ValueError, "regime 'freeze_all' needs none"),
        ({"learning_rate": 0}, ValueError, "learning_rate is 0, it needs to be positive"),
        ({"base_learning_rate": -1e-3}, ValueError, "base_learning_rate is -0.001, it needs"),
        ({"input_shape": (8, 8)}, ValueError, r"input_shape is \(8, 8\), it needs 3 integers"),
        ({"input_shape": (8, 8, 3)}, ValueError, r"needs \(height, width, 2\)"),
        ({"input_shape": (4, 4, 2)}, ValueError, r"does not take pictures of \(4, 4, 2\)"),
    ],
)
def test_bad_choices_are_refused(base, choices, error, message):
    with pytest.raises(error, match=f"fine_tune: .*{message}"):
        fine_tune(base, **{"classes": CLASSES, "layer": "relu2", **choices})


@pytest.mark.parametrize(
    "y, error, message",
    [
        (np.zeros(0, int), ValueError, "y is empty"),
        (np.full(12, 2), ValueError, "y has the label 2 alone, it needs two classes at least"),
        (np.arange(12) % 4, ValueError, "y has labels from 0 to 3, it needs 0 to 2"),
        (np.arange(12) % 3 - 1, ValueError, "y has labels from -1 to 1, it needs 0 to 2"),
        (np.eye(3)[np.arange(12) % 3], TypeError, "y holds float64, it needs whole numbers"),
        (["brick"] * 12, TypeError, "y holds <U5, it needs whole numbers"),
    ],
)
def test_labels_that_teach_nothing_are_refused(base, pictures, y, error, message):
    model = fine_tune(base, CLASSES, layer="relu2")
    with pytest.raises(error, match=f"fit: {message}"):
        model.fit(pictures[0][: len(y)], y)
    with pytest.raises(error, match=f"fit: {message}"):
        head(model).fit(np.zeros((len(y), 6)), y)


def test_head_is_for_what_fine_tune_made(base):
    with pytest.raises(ValueError, match=r"head: model is .* needs to be one that fine_tune made"):
        head(base)
    with pytest.raises(ValueError, match=r"head: model is .* needs to be one that fine_tune made"):
        head(None)
