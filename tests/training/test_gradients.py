"""Recorded gradient norms against tape and differences; training must not notice the record."""

import keras
import numpy as np
import pytest

from cnnlib.scratch.gradients import numerical_gradient
from cnnlib.training.gradients import GradientNorms

RNG = np.random.default_rng(0)
X = RNG.random((32, 8, 8, 1), dtype="float32")
Y = np.arange(32) % 3


def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(3, 3, name="conv"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3, name="dropout"),
            keras.layers.Dense(3, activation="softmax", name="dense"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
    return model


def test_training_does_not_notice_the_record():
    weights, losses = [], []
    for callbacks in ([], [GradientNorms(X[:8], Y[:8], every=2)]):
        model = network()
        history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights())
        losses.append(history.history["loss"])
    assert losses[0] == losses[1]
    for without, with_record in zip(*weights, strict=True):
        np.testing.assert_array_equal(without, with_record)


def test_a_record_before_training_and_after_every_so_many_steps():
    model = network()
    record = GradientNorms(X[:8], Y[:8], every=3)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[record])
    assert record.steps == [0, 3, 6]
    assert list(record.norms) == ["conv", "norm", "dense"]
    assert all(len(norms) == 3 and min(norms) > 0 for norms in record.norms.values())
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[record])
    assert record.steps == [0, 3]
    assert {len(norms) for norms in record.norms.values()} == {2}


@pytest.mark.tensorflow
def test_norms_are_those_of_the_tape():
    import tensorflow as tf

    record = GradientNorms(X[:8], Y[:8], every=4)
    model = network()
    model.get_layer("dropout").rate = 0.0
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[record])
    with tf.GradientTape(persistent=True) as tape:  # the weights are now those of the last record
        probabilities = model(X[:8], training=True)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(Y[:8], probabilities))
    for name, norms in record.norms.items():
        gradients = tape.gradient(loss, model.get_layer(name).trainable_variables)
        assert norms[-1] == pytest.approx(float(tf.linalg.global_norm(gradients)), rel=1e-4)


def test_norms_are_those_of_differences():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "tanh", name="dense")])
    image = keras.Input((3,))
    model = keras.Model(image, keras.layers.Dense(1, name="dense")(inner(image)))
    model.compile("sgd", "mse", loss_weights=0.5)
    x, y = RNG.standard_normal((6, 3)), RNG.standard_normal((6, 1))
    record = GradientNorms(x, y)
    start = [np.asarray(w, dtype=float) for w in model.get_weights()]
    model.fit(x, y, batch_size=6, verbose=0, callbacks=[record])

    def loss(weights):
        hidden = np.tanh(x @ weights[0] + weights[1])
        return 0.5 * np.mean((hidden @ weights[2] + weights[3] - y) ** 2)

    squares = []
    for k in range(4):
        moved = lambda w, k=k: loss([*start[:k], w, *start[k + 1 :]])  # noqa: E731
        squares.append(np.sum(numerical_gradient(moved, start[k]) ** 2))
    assert list(record.norms) == [f"{inner.name}/dense", "dense"]
    expected = np.sqrt([squares[0] + squares[1], squares[2] + squares[3]])
    np.testing.assert_allclose([n[0] for n in record.norms.values()], expected, rtol=1e-4)


def test_frozen_layers_have_no_gradient_to_record():
    model = network()
    model.get_layer("conv").trainable = False
    model.compile("sgd", "sparse_categorical_crossentropy")
    record = GradientNorms(X[:8], Y[:8])
    model.fit(X, Y, batch_size=32, verbose=0, callbacks=[record])
    assert list(record.norms) == ["norm", "dense"]


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"x": X, "y": Y[:5]}, ValueError, "x has 32 examples and y 5, they need the same number"),
        ({"x": X[:0], "y": Y[:0]}, ValueError, "x has 0 examples"),
        ({"x": X, "y": Y, "every": 0}, ValueError, "every holds 0, it needs 1 or more"),
        ({"x": X, "y": Y, "every": 2.5}, TypeError, "every holds 2.5, it needs integers"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^GradientNorms: {message}"):
        GradientNorms(**arguments)


def test_a_subclassed_model_is_refused():
    class Mine(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

    model = Mine()
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="is a subclassed Mine, it needs a graph of layers"):
        model.fit(
            np.ones((2, 3)),
            np.ones((2, 1)),
            verbose=0,
            callbacks=[GradientNorms(np.ones((2, 3)), np.ones((2, 1)))],
        )
