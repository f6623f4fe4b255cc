"""The embedding network: shapes, parameters, unit length, and what it refuses."""

import keras
import numpy as np
import pytest
from keras import ops

from cnnlib.models.embedding import embedding_network

IMAGES = np.random.default_rng(0).random((5, 16, 24, 3), dtype="float32")


@pytest.mark.parametrize("nonnegative", [False, True])
def test_encodings_have_length_1_and_no_sign_where_asked(nonnegative):
    network = embedding_network(input_shape=(16, 24, 3), size=8, nonnegative=nonnegative)
    encodings = ops.convert_to_numpy(network(IMAGES))
    assert encodings.shape == (5, 8)
    np.testing.assert_allclose(np.linalg.norm(encodings, axis=1), 1, atol=1e-5)
    assert (encodings.min() >= 0) == nonnegative


def test_parameters_by_hand():
    convolutions = 9 * (1 * 16 + 16 * 32 + 32 * 64)
    normalizations = 4 * (16 + 32 + 64)
    dense = (3 * 3 * 64 + 1) * 32
    assert embedding_network().count_params() == convolutions + normalizations + dense


def test_it_is_a_saved_file_again(tmp_path):
    network = embedding_network(input_shape=(16, 24, 3), size=8)
    network.save(tmp_path / "embedding.keras")
    again = keras.models.load_model(tmp_path / "embedding.keras")
    np.testing.assert_allclose(
        ops.convert_to_numpy(again(IMAGES)), ops.convert_to_numpy(network(IMAGES)), atol=1e-6
    )


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ({"input_shape": (7, 28, 1)}, ValueError, "8×8 pixels at least"),
        ({"input_shape": (28, 28)}, ValueError, "input_shape is (28, 28)"),
        ({"size": 1}, ValueError, "size is 1, it needs 2 or more"),
        ({"size": 2.5}, TypeError, "size holds 2.5, it needs integers"),
        ({"nonnegative": "yes"}, TypeError, "nonnegative is 'yes', it needs a bool"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error) as caught:
        embedding_network(**arguments)
    assert "embedding_network: " in str(caught.value) and words in str(caught.value)
