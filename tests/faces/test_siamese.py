"""Siamese networks: one set of weights, both comparisons by hand, gradients, saving, bad input."""

import keras
import numpy as np
import pytest
from keras import ops

from cnnlib.faces.mining import pairs
from cnnlib.faces.siamese import COMPARISONS, Comparison, siamese
from cnnlib.models.embedding import embedding_network

IMAGES = np.random.default_rng(0).random((2, 6, 8, 8, 1), dtype="float32")


def encoder(**options):
    return embedding_network(input_shape=(8, 8, 1), size=8, nonnegative=True, **options)


def number(tensor):
    return ops.convert_to_numpy(tensor)


def compared(kind, first, second):
    return number(Comparison(kind)([ops.convert_to_tensor(np.float32(x)) for x in (first, second)]))


def test_both_comparisons_by_hand():
    first, second = [[3.0, 0.0, 1.0, 0.0]], [[1.0, 2.0, 1.0, 0.0]]
    np.testing.assert_allclose(compared("absolute", first, second), [[2, 2, 0, 0]])
    np.testing.assert_allclose(compared("chi_square", first, second), [[1, 2, 0, 0]])


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_the_answer_is_the_formula(comparison):
    network = siamese(encoder(), comparison=comparison)
    f, g = (number(network.encoder(side)) for side in IMAGES)
    total = np.where(f + g == 0, 1, f + g)
    difference = abs(f - g) if comparison == "absolute" else (f - g) ** 2 / total
    w, b = network.same.get_weights()
    expected = 1 / (1 + np.exp(-(difference @ w + b)))
    given = number(network(list(IMAGES)))
    assert given.shape == (6, 1)
    np.testing.assert_allclose(given, expected, rtol=1e-5)
    np.testing.assert_allclose(network.compare(f, g), expected[:, 0], rtol=1e-5)


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_the_order_of_the_pictures_does_not_matter(comparison):
    network = siamese(encoder(), comparison=comparison)
    there, back = number(network(list(IMAGES))), number(network(list(IMAGES[::-1])))
    np.testing.assert_allclose(there, back, rtol=1e-6)


def test_there_is_one_set_of_weights():
    one = encoder()
    network = siamese(one)
    assert network.encoder is one
    assert network.count_params() == one.count_params() + 8 + 1
    assert len(network.trainable_variables) == len(one.trainable_variables) + 2
    network.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    before = number(one(IMAGES[1]))
    # The second pictures are black, and so have no part in the gradient of the first kernel.
    network.fit([IMAGES[0], 0 * IMAGES[0]], np.zeros(6), verbose=0)
    after = number(one(IMAGES[1]))
    assert abs(after - before).max() > 1e-3
    left, right = number(network(list(IMAGES))), network.compare(number(one(IMAGES[0])), after)
    np.testing.assert_allclose(left[:, 0], right, rtol=1e-5)


def test_the_gradient_of_chi_square_is_the_numerical_one_and_0_where_both_are_0():
    start = np.array([[0.5, 0.0, 1.0, 0.3]], "float32")
    other = np.array([[0.2, 0.0, 1.5, 0.0]], "float32")
    weights = np.array([1.0, 5.0, -2.0, 3.0], "float32")

    def cost(x):
        return ops.sum(
            ops.convert_to_tensor(weights)
            * Comparison("chi_square")([x, ops.convert_to_tensor(other)])
        )

    model = Learned(start, cost)
    model.compile(keras.optimizers.SGD(1.0))
    model.fit(np.zeros((1, 1)), np.zeros(1), verbose=0)
    gradient = start - number(model.kernel)
    ratio = other / np.where(start + other == 0, 1, start + other)
    np.testing.assert_allclose(gradient, weights * (start > 0) * (1 - 4 * ratio**2), atol=1e-5)
    for place in (0, 2, 3):
        shift = np.zeros_like(start)
        shift[0, place] = 1e-2
        ahead, back = (float(number(cost(start + sign * shift))) for sign in (1, -1))
        np.testing.assert_allclose(gradient[0, place], (ahead - back) / 2e-2, atol=1e-2)


class Learned(keras.Model):
    """Its own weights, whatever the input, with any loss of them."""

    def __init__(self, start, cost):
        super().__init__()
        self.kernel = self.add_weight(shape=start.shape, name="kernel")
        self.kernel.assign(start)
        self.cost = cost

    def call(self, x):
        return self.kernel + 0 * x

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return self.cost(y_pred)


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_it_learns_saves_and_reloads(comparison, tmp_path):
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(1)
    labels = np.repeat(np.arange(4), 6)
    images = random.random((4, 8, 8, 1))[labels] + 0.3 * random.random((24, 8, 8, 1))
    chosen = pairs(labels, 64, seed=0)
    x, y = [images[chosen.first], images[chosen.second]], chosen.same.astype("float32")
    network = siamese(encoder(), comparison=comparison)
    network.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
    losses = network.fit(x, y, batch_size=16, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.9 * losses[0]
    network.save(tmp_path / "siamese.keras")
    again = keras.models.load_model(tmp_path / "siamese.keras")
    assert again.comparison.kind == comparison
    np.testing.assert_allclose(number(again(x)), number(network(x)), atol=1e-6)
    encodings = number(again.encoder(x[0]))
    np.testing.assert_allclose(
        again.compare(encodings, encodings), number(again([x[0], x[0]]))[:, 0]
    )


def signed():
    return embedding_network(input_shape=(8, 8, 1), size=8)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: siamese(encoder(), comparison="cosine"), ValueError, "comparison is 'cosine'"),
        (lambda: siamese(abs), TypeError, "encoder is a builtin_function_or_method"),
        (lambda: siamese(keras.Sequential()), ValueError, "needs to be built"),
        (lambda: siamese(signed(), comparison="chi_square"), ValueError, "needs 0 or more"),
        (
            lambda: siamese(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.ReLU()])),
            ValueError,
            "gives [(None, 8, 8, 1)]",
        ),
        (lambda: Comparison("l2"), ValueError, "kind is 'l2'"),
        (lambda: compared("absolute", np.ones((2, 3)), np.ones((2, 1))), ValueError, "one shape"),
        (
            lambda: siamese(encoder()).compare(np.ones((2, 8)), np.ones((1, 8))),
            ValueError,
            "second has shape (1, 8), it needs (2, 8)",
        ),
        (
            lambda: siamese(encoder()).compare(np.ones((2, 7)), np.ones((2, 7))),
            ValueError,
            "first has shape (2, 7), it needs (2, 8)",
        ),
        (
            lambda: siamese(encoder()).compare(np.full((1, 8), np.nan), np.ones((1, 8))),
            ValueError,
            "finite",
        ),
        (
            lambda: siamese(encoder(), comparison="chi_square").compare(
                np.ones((1, 8)), -np.ones((1, 8))
            ),
            ValueError,
            "second has numbers such as -1",
        ),
    ],
)
def test_bad_input_is_named_at_once(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
