"""Training, prediction, weights shared with Keras, files, and what is refused."""

import contextlib
import json
import os
import sys
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import mnist
from cnnlib.scratch.layers import (
    AveragePool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
)
from cnnlib.scratch.network import Network
from cnnlib.scratch.optimizers import SGD, Adam, Momentum


def lenet5(seed=0):
    """The network of `models.lenet5`, with its names."""
    return Network(
        [
            *(Conv(6, 5, name="conv1"), ReLU(), MaxPool(2, name="pool1")),
            *(Conv(16, 5, name="conv2"), ReLU(), MaxPool(2, name="pool2")),
            *(Flatten(name="flatten"), Dense(120, name="dense1"), ReLU()),
            *(Dense(84, name="dense2"), ReLU(), Dense(10, name="output")),
        ],
        input_shape=(28, 28, 1),
        seed=seed,
    )


def small(seed=0, dropout=0.0):
    layers = [Conv(4, 3), ReLU(), MaxPool(2), Flatten(), Dropout(dropout), Dense(3)]
    return Network(layers, input_shape=(8, 8, 1), seed=seed)


def bars(m, seed=0):
    """Noise with a bright row, a bright column or neither: three classes that one can learn."""
    rng = np.random.default_rng(seed)
    x = 0.3 * rng.random((m, 8, 8, 1), np.float32)
    y = np.arange(m) % 3
    for picture, label, place in zip(x, y, rng.integers(1, 7, m), strict=True):
        if label == 0:
            picture[place] += 0.7
        elif label == 1:
            picture[:, place] += 0.7
    return x, y


DAMAGED = r"load: .*network\.h5 is damaged or was not written by Network\.save: "


# Training


def test_it_learns_what_it_has_not_seen():
    network = small()
    history = network.fit(*bars(600), epochs=8, optimizer=Adam(0.01), progress=False)
    assert history["loss"][-1] < history["loss"][0] / 3
    loss, accuracy = network.evaluate(*bars(300, seed=1))
    assert accuracy > 0.95
    assert loss < np.log(3) / 2  # ln 3 is what guessing costs


@pytest.mark.parametrize("optimizer", [None, SGD(0.2), Momentum(0.05), Adam(0.01)], ids=repr)
def test_twenty_pictures_are_learned_by_heart(optimizer):
    rng = np.random.default_rng(0)
    x, y = rng.random((20, 8, 8, 1)), rng.integers(0, 3, 20)
    network = small()
    history = network.fit(x, y, epochs=200, batch_size=5, optimizer=optimizer, progress=False)
    assert history["accuracy"][-1] == 1
    np.testing.assert_array_equal(network.predict(x).argmax(axis=1), y)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([Conv(8, 3), Tanh(), AveragePool(2), Flatten(), Dense(2)], (12, 1)),
        ([Conv(4, 2), ReLU(), MaxPool(2), Flatten(), Dense(2)], (5, 5, 5, 1)),
        ([Dense(8), ReLU(), Dense(2)], (12,)),
    ],
    ids=["1-D", "3-D", "dense"],
)
def test_one_and_three_axes_and_none_are_learned(layers, shape):
    x = np.random.default_rng(0).normal(size=(60, *shape))
    y = (x.reshape(60, -1).sum(axis=1) > 0).astype(int)
    network = Network(layers, input_shape=shape)
    network.fit(x, y, epochs=60, optimizer=Adam(0.01), batch_size=20, progress=False)
    assert network.evaluate(x, y)[1] > 0.95


def test_a_seed_repeats_the_training_bit_for_bit():
    def trained(seed):
        network = small(seed, dropout=0.3)
        history = network.fit(*bars(100), epochs=2, progress=False)
        return history, network.get_weights()

    history, weights = trained(3)
    again, same = trained(3)
    assert history == again
    for a, b in zip(weights, same, strict=True):
        np.testing.assert_array_equal(a, b)
    assert trained(4)[0] != history


def test_history_has_a_number_per_epoch():
    x, y = bars(50)
    network = small()
    assert network.fit(x, y, epochs=2, progress=False).keys() == {"loss", "accuracy"}
    history = network.fit(x, y, epochs=3, validation_data=bars(30, seed=1), progress=False)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    for series in history.values():
        assert [type(value) for value in series] == [float] * 3
    loss, accuracy = network.evaluate(*bars(30, seed=1))
    assert (history["val_loss"][-1], history["val_accuracy"][-1]) == (loss, accuracy)


def test_history_is_the_mean_before_each_step():
    """With steps too short to change anything it is what `evaluate` finds, last batch included."""
    x, y = bars(50)
    network = small()
    expected = network.evaluate(x, y)
    history = network.fit(x, y, epochs=1, batch_size=16, optimizer=SGD(1e-12), progress=False)
    assert history["loss"][0] == pytest.approx(expected[0], abs=1e-6)
    assert history["accuracy"][0] == pytest.approx(expected[1], abs=1e-12)


def test_every_picture_is_seen_once_an_epoch(monkeypatch):
    seen = []
    forward = Network.forward

    def spy(self, x, training=False):
        seen.append(x[:, 0].tolist())
        return forward(self, x, training)

    monkeypatch.setattr(Network, "forward", spy)
    network = Network([Dense(2)], input_shape=(1,))
    x = np.arange(10)[:, None]
    network.fit(x, x[:, 0] % 2, epochs=2, batch_size=4, optimizer=SGD(1e-6), progress=False)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = np.concatenate(seen[:3]).tolist(), np.concatenate(seen[3:]).tolist()
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_weights_stay_float32_and_the_optimizer_is_not_changed():
    optimizer = Adam(0.01)
    network = small()
    network.fit(*bars(30), epochs=1, optimizer=optimizer, progress=False)
    assert {w.dtype for w in network.get_weights()} == {np.dtype(np.float32)}
    assert network.predict(bars(5)[0].astype(np.float64)).dtype == np.float32
    assert vars(optimizer) == vars(Adam(0.01))


def test_networks_made_of_one_list_share_nothing():
    layers = [Dense(4), ReLU(), Dense(3)]
    first = Network(layers, input_shape=(2,), seed=0)
    before = first.get_weights()
    second = Network(layers, input_shape=(2,), seed=0)
    second.fit(np.ones((3, 2)), [0, 1, 2], epochs=2, progress=False)
    for a, b in zip(before, first.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert layers[0].parameters == {}


def test_prediction_in_batches_is_prediction_at_once(monkeypatch):
    network = small()
    x, _ = bars(50)
    expected = network.predict(x)
    np.testing.assert_allclose(expected.sum(axis=1), 1, rtol=1e-6)
    monkeypatch.setattr("cnnlib.scratch.network.PREDICTED_AT_ONCE", 7)
    np.testing.assert_allclose(network.predict(x), expected, rtol=0, atol=1e-6)


# The progress bar


def test_the_bar_shows_and_leaves_nothing_behind(capsys):
    x, y = bars(30)
    small().fit(x, y, epochs=1)
    written = capsys.readouterr()
    assert written.out == ""
    assert "epoch 1/1" in written.err
    assert "\n" not in written.err
    assert written.err.split("\r")[-2].strip() == ""  # the line is blank again
    small().fit(x, y, epochs=1, progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("watched", [True, False])
def test_a_notebook_run_by_a_program_gets_no_bar(watched, capsys, monkeypatch):
    """JupyterLab lets cells ask for input, nbclient and nbval do not; the kernel knows which."""
    shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=watched))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    small().fit(*bars(30), epochs=1)
    assert ("epoch 1/1" in capsys.readouterr().err) == watched


# Weights, in Keras and in files


def keras_twin(network):
    """The same layers in Keras: the weights' order and layout are all that is taken over."""
    import keras

    make = {
        "Conv": lambda layer: keras.layers.Conv2D(layer.filters, layer.size),
        "MaxPool": lambda layer: keras.layers.MaxPooling2D(layer.size),
        "ReLU": lambda layer: keras.layers.ReLU(),
        "Flatten": lambda layer: keras.layers.Flatten(),
        "Dense": lambda layer: keras.layers.Dense(layer.units),
    }
    return keras.Sequential(
        [
            keras.Input(network.input_shape),
            *(make[type(layer).__name__](layer) for layer in network.layers),
            keras.layers.Softmax(),
        ]
    )


def probabilities(model, x):
    import keras

    return keras.ops.convert_to_numpy(model(x))


def test_weights_copy_to_keras_and_back():
    network = lenet5()
    x = np.random.default_rng(0).random((5, 28, 28, 1), np.float32)
    twin = keras_twin(network)
    twin.set_weights(network.get_weights())
    np.testing.assert_allclose(network.predict(x), probabilities(twin, x), rtol=0, atol=1e-5)

    other = keras_twin(network)
    assert np.abs(probabilities(other, x) - network.predict(x)).max() > 1e-3
    network.set_weights(other.get_weights())
    np.testing.assert_allclose(network.predict(x), probabilities(other, x), rtol=0, atol=1e-5)


def test_weights_are_those_of_lenet5_in_models():
    from cnnlib.models import lenet5 as in_keras

    model = in_keras(input_shape=(28, 28, 1))
    network = lenet5()
    names = [layer.name for layer in model.layers if layer.weights]
    assert [layer.name for layer in network.layers if layer.parameters] == names
    network.set_weights(model.get_weights())
    x = np.random.default_rng(0).random((5, 28, 28, 1), np.float32)
    np.testing.assert_allclose(network.predict(x), probabilities(model, x), rtol=0, atol=1e-5)


def test_weights_are_copies_and_all_or_none_are_taken():
    network = small()
    before = network.get_weights()
    network.get_weights()[0][...] = 7
    good = [w + 1 for w in before]
    bad = {
        "weights has 3 arrays, the network 4": good[:3],
        r"dense1/bias has shape \(3,\), the array for it \(4,\)": [*good[:3], np.zeros(4)],
        "dense1/bias has 1 values that are not finite": [*good[:3], np.array([0, np.nan, 0])],
    }
    for words, weights in bad.items():
        with pytest.raises(ValueError, match=f"set_weights: {words}"):
            network.set_weights(weights)
    for a, b in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def every_kind():
    layers = [
        *(Conv(3, (3, 2), padding=((1, 0), (0, 1)), name="first"), ReLU(), MaxPool(2, stride=1)),
        *(Conv(2, 2, stride=2, padding="same"), Tanh(), AveragePool((2, 1)), Dropout(0.25)),
        *(Flatten(), Dense(4)),
    ]
    return Network(layers, input_shape=(9, 8, 2), seed=5)


def test_a_saved_network_is_the_same_network(tmp_path):
    network = every_kind()
    x = np.random.default_rng(0).random((6, 9, 8, 2))
    network.fit(x, [0, 1, 2, 3, 0, 1], epochs=1, progress=False)
    network.save(tmp_path / "network.h5")
    loaded = Network.load(str(tmp_path / "network.h5"))
    np.testing.assert_array_equal(loaded.predict(x), network.predict(x))
    assert repr(loaded) == repr(network)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in network.layers]
    assert [path.name for path in tmp_path.iterdir()] == ["network.h5"]
    loaded.fit(x, [0, 1, 2, 3, 0, 1], epochs=1, progress=False)


def test_the_file_is_plain_hdf5(tmp_path):
    """No code in it: the layers as JSON, each parameter under its name."""
    network = Network([Dense(np.int64(2), name="output")], input_shape=(3,))
    network.save(tmp_path / "network.h5")
    with h5py.File(tmp_path / "network.h5") as file:
        described = json.loads(file.attrs["architecture"])
        assert described["layers"] == [["Dense", {"units": 2, "name": "output"}]]
        np.testing.assert_array_equal(file["output/kernel"], network.get_weights()[0])


@settings(max_examples=15, deadline=None)
@given(
    axes=st.integers(1, 3),
    size=st.integers(1, 3),
    filters=st.integers(1, 3),
    classes=st.integers(2, 4),
    seed=st.integers(0, 99),
)
def test_any_shape_trains_predicts_and_keeps(axes, size, filters, classes, seed, tmp_path_factory):
    shape = (*range(4, 4 + axes), 2)
    layers = [Conv(filters, size), ReLU(), MaxPool(2), Flatten(), Dense(classes)]
    network = Network(layers, input_shape=shape, seed=seed)
    x = np.random.default_rng(seed).normal(size=(5, *shape))
    network.fit(x, np.arange(5) % classes, epochs=1, batch_size=2, progress=False)
    assert network.predict(x).shape == (5, classes)
    path = tmp_path_factory.mktemp("any") / "network.h5"
    network.save(path)
    np.testing.assert_array_equal(Network.load(path).predict(x), network.predict(x))


def test_where_writing_fails_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "network.h5"
    small().save(path)
    before = path.read_bytes()

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    for target in ("os.replace", "h5py.Group.create_dataset"):
        with monkeypatch.context() as patch:
            patch.setattr(target, refuse)
            with pytest.raises(PermissionError, match=r"save: .*network\.h5 could not be written"):
                small(seed=1).save(path)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


def test_saving_where_one_cannot(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"save: .*nowhere.* could not be written"):
        small().save(tmp_path / "nowhere" / "network.h5")
    with pytest.raises(IsADirectoryError, match=r"save: .* could not be written"):
        small().save(tmp_path)


@contextlib.contextmanager
def as_nobody():
    """Root may write anywhere: give that up for a moment, as a user without rights."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="folders on Windows cannot be closed by chmod")
def test_without_permission_the_old_file_stays(tmp_path):
    path = tmp_path / "network.h5"
    small().save(path)
    before = path.read_bytes()
    path.chmod(0o000)
    tmp_path.chmod(0o500)
    with as_nobody():
        with pytest.raises(PermissionError, match=r"save: .*network\.h5 could not be written"):
            small(seed=1).save(path)
        with pytest.raises(PermissionError):
            Network.load(path)
    tmp_path.chmod(0o700)
    path.chmod(0o600)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_unreadable_files_are_named(tmp_path):
    path = tmp_path / "network.h5"
    with pytest.raises(FileNotFoundError, match="load: there is no file"):
        Network.load(path)
    with pytest.raises(IsADirectoryError, match=r"load: .* cannot be read"):
        Network.load(tmp_path)
    small().save(path)
    whole = path.read_bytes()
    kernel = small().get_weights()[-2].tobytes()
    assert whole.count(kernel) == 1
    altered = whole.replace(kernel, kernel[::-1])
    for content in (b"", b"digits", whole[:100], whole[: len(whole) // 2], whole[:-1], altered):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=DAMAGED):
            Network.load(path)


@pytest.mark.parametrize(
    "architecture",
    [
        None,
        "{",
        "[]",
        '{"layers": [], "input_shape": [3]}',
        '{"layers": [["Network", {}]], "input_shape": [3]}',
        '{"layers": [["Dense", {"units": 2, "color": 3}]], "input_shape": [3]}',
        '{"layers": [["Dense", {"units": 2}]], "input_shape": [4]}',
        '{"layers": [["Dense", {"units": 2}], ["Dense", {"units": 2}]], "input_shape": [3]}',
    ],
)
def test_foreign_files_are_named(architecture, tmp_path):
    with h5py.File(tmp_path / "network.h5", "w") as file:
        if architecture is not None:
            file.attrs["architecture"] = architecture
        file["dense1/kernel"], file["dense1/bias"] = np.zeros((3, 2)), np.zeros(2)
    with pytest.raises(ValueError, match=DAMAGED):
        Network.load(tmp_path / "network.h5")


def test_a_layer_that_load_would_not_know_is_not_saved(tmp_path):
    class Square(Layer):
        def forward(self, x, training=False):
            return x**2

    network = Network([Square(), Dense(2)], input_shape=(3,))
    with pytest.raises(ValueError, match="save: layer square1 is of kind Square"):
        network.save(tmp_path / "network.h5")
    assert not list(tmp_path.iterdir())


# What is refused


@pytest.mark.parametrize(
    ("layers", "shape", "error", "words"),
    [
        ([], (3,), TypeError, "layers is "),
        (Dense(2), (3,), TypeError, "layers is Dense"),
        (["Dense"], (3,), TypeError, "layers holds 'Dense'"),
        ([Dense(2), SoftmaxCrossEntropy()], (3,), TypeError, "layers holds <"),
        ([Dense(2)], 3, TypeError, "input_shape is 3, it needs a tuple"),
        ([Dense(2)], (0,), ValueError, "input_shape is 0"),
        ([Dense(2)], (2.5,), TypeError, "input_shape is 2.5"),
        ([Conv(2, 3)], (5, 5, 1), ValueError, r"gives shape \(3, 3, 2\).*Flatten"),
        ([Conv(2, 3), Dense(2)], (5, 5, 1), ValueError, "put Flatten"),
        ([MaxPool(2), Conv(2, 3), Flatten(), Dense(2)], (5, 5, 1), ValueError, "kernel spans 3"),
        ([Dense(2, name="a"), Dense(2, name="a")], (3,), ValueError, "2 layers are named 'a'"),
        ([Dense(2, name="a/b")], (3,), ValueError, "name is 'a/b'"),
        ([Dense(2, name=3)], (3,), ValueError, "name is 3"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, shape, error, words):
    with pytest.raises(error, match=words):
        Network(layers, input_shape=shape)


def spoiled(value):
    x, _ = bars(6)
    x[2, 1, 0, 0] = value
    return x


X, Y = bars(6)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"x": spoiled(np.nan)}, ValueError, r"x has 1 values that .* nan at \(2, 1, 0, 0\)"),
        ({"x": spoiled(np.inf)}, ValueError, r"x has 1 values that .* inf at \(2, 1, 0, 0\)"),
        ({"x": 1e300 * np.ones(X.shape)}, ValueError, "x has 384 values that are not finite"),
        ({"x": X[..., 0]}, ValueError, r"x has shape \(6, 8, 8\), it needs \(m, 8, 8, 1\)"),
        ({"x": X[:0]}, ValueError, "x is empty"),
        ({"x": X.astype(complex)}, TypeError, "x has dtype complex128"),
        ({"x": X.astype(str)}, TypeError, "x has dtype <U"),
        ({"y": Y[:5]}, ValueError, r"y has shape \(5,\), it needs \(6,\)"),
        ({"y": np.eye(3, dtype=int)[Y]}, ValueError, r"y has shape \(6, 3\)"),
        ({"y": Y.astype(float)}, TypeError, "y has dtype float64, it needs whole numbers"),
        ({"y": Y == 0}, TypeError, "y has dtype bool"),
        ({"y": Y + 1}, ValueError, "y has labels from 1 to 3, the network has classes 0 to 2"),
        ({"y": Y - 1}, ValueError, "y has labels from -1 to 1"),
        ({"epochs": 0}, ValueError, "epochs is 0"),
        ({"epochs": 1.5}, TypeError, "epochs is 1.5"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"batch_size": True}, TypeError, "batch_size is True"),
        ({"batch_size": "64"}, TypeError, "batch_size is '64'"),
        ({"optimizer": "adam"}, TypeError, r"optimizer is 'adam', .* Adam\(0.001\)"),
        ({"optimizer": Adam}, TypeError, "optimizer is <class"),
        ({"validation_data": X}, TypeError, "validation_data needs a pair"),
        ({"validation_data": (X, Y + 1)}, ValueError, "validation_data: y has labels"),
        ({"validation_data": (spoiled(np.nan), Y)}, ValueError, "validation_data: x has 1"),
    ],
)
def test_bad_training_is_refused_before_it_starts(arguments, error, words):
    network = small()
    before = network.get_weights()
    with pytest.raises(error, match=f"fit: {words}"):
        network.fit(**{"x": X, "y": Y, "epochs": 1, "progress": False} | arguments)
    for a, b in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_predict_and_evaluate_refuse_the_same():
    network = small()
    with pytest.raises(ValueError, match=r"predict: x has shape \(6, 8, 8\)"):
        network.predict(X[..., 0])
    with pytest.raises(ValueError, match="predict: x has 1 values"):
        network.predict(spoiled(np.nan))
    with pytest.raises(ValueError, match="evaluate: y has labels from 1 to 3"):
        network.evaluate(X, Y + 1)


@pytest.mark.parametrize("optimizer", [SGD(1e30), Momentum(1e20), Adam(1e30)], ids=repr)
def test_training_that_blows_up_stops_and_says_why(optimizer, recwarn):
    words = r"fit: the loss is (nan|inf) at step \d+ of epoch \d+; .* too large: try a tenth"
    with pytest.raises(ValueError, match=words):
        small().fit(*bars(100), epochs=50, batch_size=10, optimizer=optimizer, progress=False)
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_a_blown_up_network_predicts_no_nan():
    network = small()
    network.set_weights([np.full(w.shape, 1e38) for w in network.get_weights()])
    with pytest.raises(ValueError, match="predict: the network's numbers overflow"):
        network.predict(X)
    with pytest.raises(ValueError, match="evaluate: the network's numbers overflow"):
        network.evaluate(X, Y)


# The lesson's own figures


@pytest.mark.slow
def test_ten_thousand_digits_are_enough_for_ninety_percent():
    digits = mnist()
    network = lenet5()
    network.fit(digits.x_train[:10_000], digits.y_train[:10_000], epochs=1, progress=False)
    assert network.evaluate(digits.x_test, digits.y_test)[1] > 0.9
