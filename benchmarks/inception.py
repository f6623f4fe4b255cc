"""Small Inception networks on 2,000 digits: with and without sums, with and without heads.

    python benchmarks/inception.py

trains, for five seeds each and on digits that the seed chooses,

- a small Inception-ResNet with its sums and without them, for 6 epochs, from the same starting
  weights; and a small Inception network with about as many multiplications. It notes the share of
  test digits that each of them reads;
- a chain of nine Inception modules with two auxiliary heads, whose losses count 0.3 or nothing; the
  seed starts both from the same weights. It notes the share that the main output reads.

It writes `benchmarks/inception.json`, which lesson 3 of week 2 draws, and takes about four minutes
on one idle core. Test digits are every fifth of the 10,000.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers
from results import circumstances

from cnnlib import datasets
from cnnlib.models import inception_module, inception_resnet

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
DIGITS, BATCH, EPOCHS = 2000, 50, 6
HEADS = {3: "auxiliary1", 6: "auxiliary2", 9: "output"}  # after which module


def inception():
    """A convolution and three modules, 2,390,736 multiplications."""
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(image)
    x = inception_module(x, (16, 12, 24, 4, 8, 8), name="inception_1")
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = inception_module(x, (24, 24, 48, 6, 12, 12), name="inception_2")
    x = inception_module(x, (24, 24, 48, 6, 12, 12), name="inception_3")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def with_sums(residual=True):
    """One block of each kind at a twelfth of the width, 2,517,705 multiplications."""
    network = inception_resnet(
        residual=residual,
        stem="short",
        blocks=(1, 1, 1),
        width=1 / 12,
        input_shape=(28, 28, 1),
        classes=10,
        dropout=0,
    )
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.9  # 0.99 would lag behind in a training of 240 steps
    return network


def without_sums():
    """The same layers and as many weights, but no block adds its input."""
    return with_sums(residual=False)


NETWORKS = {
    "Inception": inception,
    "Inception-ResNet": with_sums,
    "Inception-ResNet without sums": without_sums,
}


def chain():
    """Nine modules, 32 channels each; heads after the third and the sixth."""
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(image)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    outputs = []
    for number in range(1, 10):
        x = inception_module(x, (8, 8, 16, 2, 4, 4), name=f"inception_{number}")
        if number in HEADS:
            pooled = layers.GlobalAveragePooling2D()(x)
            head = layers.Dense(10, activation="softmax", name=HEADS[number])
            outputs.insert(0, head(pooled))
    return keras.Model(image, outputs)


def trained(build, digits, **compiled):
    """The network after each seed's training: compiled once, started anew."""
    steps = EPOCHS * DIGITS // BATCH
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    network = build()
    network.compile(keras.optimizers.Adam(rate), **compiled)
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        network.set_weights(build().get_weights())
        for variable in network.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        chosen = np.random.default_rng(seed).choice(len(digits.x_train), DIGITS, replace=False)
        x, y = digits.x_train[chosen], digits.y_train[chosen]
        many = [y] * len(network.outputs)
        y = many if len(many) > 1 else y
        network.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
        yield network


def accuracy(network, digits):
    answers = network.predict(digits.x_test[::5], batch_size=500, verbose=0)
    answers = answers[0] if isinstance(answers, list) else answers
    return round(float(np.mean(answers.argmax(axis=1) == digits.y_test[::5])), 4)


def by_network(digits):
    found = {}
    for name, build in NETWORKS.items():
        runs = trained(build, digits, loss="sparse_categorical_crossentropy")
        found[name] = [accuracy(network, digits) for network in runs]
    return found


def with_and_without_heads(digits):
    found = {}
    for name, weight in {"with heads": 0.3, "without heads": 0.0}.items():
        loss = ["sparse_categorical_crossentropy"] * 3
        runs = trained(chain, digits, loss=loss, loss_weights=[1, weight, weight])
        found[name] = [accuracy(network, digits) for network in runs]
    return found


def main():
    digits = datasets.mnist()
    results = circumstances() | {
        "networks": by_network(digits),
        "heads": with_and_without_heads(digits),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
