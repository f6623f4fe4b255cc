"""How much a convolution knows before it has seen a digit: dense against convolution layers.

    python benchmarks/why_convolutions.py

trains, for five seeds each, a dense network and LeNet-5 with as many weights

- on 100 to 3,000 digits, and on 300 whose pixels are shuffled, the same way in all of them;
- on 2,000 digits in the middle of a frame, and with a third network that pools its maps over all
  places; tests them with the digits moved by 0 to 6 pixels.

It writes `benchmarks/why_convolutions.json`, which lesson 6 draws, and takes about five minutes on
one idle core. Each seed draws its own digits, starting weights and shuffle. Test digits are every
fifth of the 10,000.
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
from cnnlib.models import lenet5

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
SIZES = {100: 300, 300: 300, 1000: 500, 3000: 500}  # digits to the steps of training
SHIFTS = range(7)
MARGIN = 6  # pixels around the 28 × 28 of a digit


def dense_network(shape):
    """Two hidden dense layers; 109,386 weights on 28 × 28 pixels."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def conv_network(shape):
    """LeNet-5 with 16 and 32 filters; 109,490 weights on 28 × 28 pixels."""
    return lenet5(input_shape=shape, filters=(16, 32), units=(184,))


def pooled_network(shape):
    """The same convolution layers, then the maximum of each map over all places."""
    convolutions = conv_network(shape)
    strongest = layers.GlobalMaxPooling2D()(convolutions.get_layer("pool2").output)
    return keras.Model(convolutions.inputs[0], layers.Dense(10, activation="softmax")(strongest))


NETWORKS = {
    "dense": dense_network,
    "LeNet-5": conv_network,
    "global maximum": pooled_network,
}


def trained(name, x, y, *, steps, seed):
    """A network after training by Adam on batches of 50 digits, drawn anew for each step."""
    keras.utils.set_random_seed(seed)
    network = NETWORKS[name](x.shape[1:])
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    order = np.random.default_rng(seed).integers(len(x), size=50 * steps)
    network.fit(x[order], y[order], batch_size=50, shuffle=False, verbose=0)
    return network


def accuracy(network, x, y):
    return round(network.evaluate(x, y, batch_size=500, verbose=0)[1], 4)


def over_sizes(digits, seed):
    """Accuracy of the two networks for each number of digits to learn from."""
    x_test, y_test = digits.x_test[::5], digits.y_test[::5]
    found = {"dense": [], "LeNet-5": []}
    for n, steps in SIZES.items():
        x, y = drawn(digits, n, seed)
        for name, accuracies in found.items():
            network = trained(name, x, y, steps=steps, seed=seed)
            accuracies.append(accuracy(network, x_test, y_test))
    return found


def over_shuffled(digits, seed):
    """Accuracy of the two networks where all 300 digits are shuffled in the same way."""
    order = np.random.default_rng(seed).permutation(28 * 28)
    x, y = drawn(digits, 300, seed)
    x, x_test = shuffled(x, order), shuffled(digits.x_test[::5], order)
    return {
        name: accuracy(trained(name, x, y, steps=300, seed=seed), x_test, digits.y_test[::5])
        for name in ("dense", "LeNet-5")
    }


def over_shifts(digits, seed):
    """Accuracy of the three networks where the test digits are moved to the right."""
    x, y = drawn(digits, 2000, seed)
    x, x_test = framed(x), framed(digits.x_test[::5])
    found = {}
    for name in NETWORKS:
        network = trained(name, x, y, steps=300, seed=seed)
        found[name] = [
            accuracy(network, np.roll(x_test, shift, axis=2), digits.y_test[::5])
            for shift in SHIFTS
        ]
    return found


def drawn(digits, n, seed):
    chosen = np.random.default_rng(seed).choice(len(digits.x_train), n, replace=False)
    return digits.x_train[chosen], digits.y_train[chosen]


def shuffled(pictures, order):
    return pictures.reshape(len(pictures), -1)[:, order].reshape(pictures.shape)


def framed(pictures):
    return np.pad(pictures, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)))


def gathered(measure, digits):
    """Network to its results, those of one seed after those of another."""
    seeds = [measure(digits, seed) for seed in SEEDS]
    return {name: [found[name] for found in seeds] for name in seeds[0]}


def main():
    digits = datasets.mnist()
    results = circumstances() | {
        "sizes": {"digits": list(SIZES), "accuracy": gathered(over_sizes, digits)},
        "shuffled": {"digits": 300, "accuracy": gathered(over_shuffled, digits)},
        "shifts": {"pixels": list(SHIFTS), "accuracy": gathered(over_shifts, digits)},
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
