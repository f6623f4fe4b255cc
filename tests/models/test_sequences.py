"""Networks for signals and films: what each can see, by construction, and that they learn."""

import keras
import numpy as np
import pytest

from cnnlib.arithmetic import total_multiplications
from cnnlib.datasets import sequences, videos
from cnnlib.models import sequence_network, video_network


def answers(network, x):
    return keras.ops.convert_to_numpy(network(x))


@pytest.mark.parametrize("kind", ["conv", "dense", "blind"])
def test_a_signal_becomes_probabilities(kind):
    network = sequence_network(kind, input_shape=(40, 3), classes=7)
    given = answers(network, np.random.default_rng(0).normal(size=(5, 40, 3)).astype("float32"))
    assert given.shape == (5, 7)
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["conv3d", "stacked", "blind"])
def test_a_film_becomes_probabilities(kind):
    network = video_network(kind, input_shape=(5, 20, 17, 3), classes=2)
    shape = (3, 5, 20, 17, 3)
    given = answers(network, np.random.default_rng(0).random(shape).astype("float32"))
    assert given.shape == (3, 2)
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-5)


def test_the_smallest_inputs_leave_one_place():
    assert sequence_network("conv", input_shape=(17, 1)).get_layer("conv3").output.shape[1] == 1
    last = video_network("conv3d", input_shape=(5, 9, 9, 1)).get_layer("conv2").output
    assert last.shape[1:4] == (1, 1, 1)


def test_only_the_blind_one_does_not_see_the_order_of_samples():
    x = sequences(8, seed=0).signals
    shuffled = np.random.default_rng(0).permuted(x, axis=1)
    for kind in ("conv", "dense", "blind"):
        network = sequence_network(kind)
        change = np.abs(answers(network, x) - answers(network, shuffled)).max()
        assert (change < 1e-5) == (kind == "blind"), (kind, change)


def test_only_the_blind_one_does_not_see_the_order_of_frames():
    x = videos(8, seed=0).clips
    for kind in ("conv3d", "stacked", "blind"):
        network = video_network(kind)
        change = np.abs(answers(network, x) - answers(network, x[:, ::-1])).max()
        assert (change < 1e-6) == (kind == "blind"), (kind, change)


def test_the_maximum_forgets_where_by_whole_strides():
    """Moved by the stride of the maps, 4 samples, inside a quiet signal: the same answer."""
    x = np.zeros((1, 64, 1), "float32")
    x[0, 24:40, 0] = np.random.default_rng(0).normal(size=16)
    moved = np.roll(x, 4, axis=1)
    conv, dense = sequence_network("conv"), sequence_network("dense")
    np.testing.assert_allclose(answers(conv, x), answers(conv, moved), atol=1e-5)
    assert np.abs(answers(dense, x) - answers(dense, moved)).max() > 1e-3


def test_blind_and_conv_are_one_network_but_for_the_filters_length():
    conv, blind = sequence_network("conv"), sequence_network("blind")
    for name in ("conv1", "conv2", "conv3"):
        long, short = (model.get_layer(name).kernel.shape for model in (conv, blind))
        assert tuple(long)[1:] == tuple(short)[1:]
        assert (long[0], short[0]) == (5, 1)


def test_3d_products_are_counted():
    # conv1: 4·10·10 places, 8 filters of 3·5·5; conv2: 2·4·4 places, 16 filters of 3·3·3·8.
    expected = 4 * 10 * 10 * 8 * 75 + 2 * 4 * 4 * 16 * 216 + 16 * 4
    assert total_multiplications(video_network("conv3d")) == expected


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: sequence_network("rnn"), ValueError, "sequence_network: kind is 'rnn'"),
        (lambda: sequence_network("conv", input_shape=(16, 1)), ValueError, "needs 17 samples"),
        (lambda: sequence_network("conv", input_shape=(64,)), ValueError, "it needs 2 integers"),
        (lambda: sequence_network("conv", input_shape=(64, 1.0)), TypeError, "holds 1.0"),
        (lambda: sequence_network("conv", classes=1), ValueError, "classes is 1"),
        (lambda: video_network("conv"), ValueError, "video_network: kind is 'conv'"),
        (lambda: video_network("blind", input_shape=(4, 24, 24, 1)), ValueError, "needs 5 frames"),
        (lambda: video_network("blind", input_shape=(6, 8, 24, 1)), ValueError, "9×9 pixels"),
        (lambda: video_network("blind", input_shape=(24, 24, 1)), ValueError, "needs 4 integers"),
        (lambda: video_network("conv3d", classes=0), ValueError, "classes holds 0"),
    ],
)
def test_bad_arguments_are_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def trained(network, x, y, epochs):
    network.compile(
        keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    network.fit(x, y, epochs=epochs, verbose=0)
    return network


def test_convolution_learns_signals_at_random_places_and_dense_less():
    keras.utils.set_random_seed(0)
    data, test = sequences(600, seed=0), sequences(500, seed=0, part="test")
    read = {}
    for kind in ("conv", "dense"):
        network = trained(sequence_network(kind), data.signals, data.labels, epochs=10)
        read[kind] = network.evaluate(test.signals, test.labels, verbose=0)[1]
    assert read["conv"] > 0.75 and read["conv"] - read["dense"] > 0.15, read


@pytest.mark.parametrize("kind", ["conv3d", "blind"])
def test_3d_convolution_learns_directions_and_the_blind_one_cannot(kind):
    keras.utils.set_random_seed(0)
    data, test = videos(600, seed=0), videos(150, seed=0, part="test")
    network = trained(video_network(kind), data.clips, data.labels, epochs=4)
    # Each film and the film played backward: left becomes right, up becomes down.
    x = np.concatenate([test.clips, test.clips[:, ::-1]])
    y = np.concatenate([test.labels, test.labels ^ 1])
    accuracy = network.evaluate(x, y, verbose=0)[1]
    assert accuracy > 0.9 if kind == "conv3d" else accuracy <= 0.5


def test_a_saved_network_answers_the_same(tmp_path):
    for network, x in (
        (sequence_network("conv"), sequences(2, seed=0).signals),
        (video_network("blind"), videos(2, seed=0).clips),
    ):
        network.save(tmp_path / "network.keras")
        again = keras.saving.load_model(tmp_path / "network.keras")
        np.testing.assert_allclose(answers(again, x), answers(network, x), atol=1e-6)
