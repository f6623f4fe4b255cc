"""What the maximum, and what ReLU, is worth in LeNet-5 on few digits.

    python benchmarks/classic_networks.py

trains LeNet-5 four times for each of five seeds: with the mean or the maximum as pooling, with tanh
or ReLU as nonlinearity. The four of one seed have the same start, the same 5,000 digits (the first
ones) in the same order, and the same steps: two epochs of Adam, whose step falls from 0.003 along
half a cosine. It writes `benchmarks/classic_networks.json`, the accuracy of each on the 10,000 test
digits, which lesson 1 of week 2 reads; it takes about a minute and a half on one idle core.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import math
from pathlib import Path

import keras
from results import circumstances

from cnnlib import datasets
from cnnlib.models import lenet5

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
DIGITS, EPOCHS, BATCH = 5000, 2, 64


def network(pooling, nonlinearity):
    """LeNet-5 for 28 × 28 pixels in a frame of two zeros."""
    inner = lenet5(original=pooling == "mean")
    for name in ("conv1", "conv2", "dense1", "dense2"):
        inner.get_layer(name).activation = getattr(keras.activations, nonlinearity)
    frame = keras.layers.ZeroPadding2D(2)
    return keras.Sequential([keras.Input((28, 28, 1)), frame, inner])


def accuracy(digits, pooling, nonlinearity, seed):
    keras.utils.set_random_seed(seed)
    framed = network(pooling, nonlinearity)
    steps = EPOCHS * math.ceil(DIGITS / BATCH)
    rate = keras.optimizers.schedules.CosineDecay(0.003, steps, 0.01)
    adam = keras.optimizers.Adam(rate)
    framed.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    chosen = digits.x_train[:DIGITS], digits.y_train[:DIGITS]
    framed.fit(*chosen, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return framed.evaluate(digits.x_test, digits.y_test, batch_size=500, verbose=0)[1]


def main():
    digits = datasets.mnist()
    results = circumstances() | {
        "accuracy": {
            pooling: {
                nonlinearity: [
                    round(accuracy(digits, pooling, nonlinearity, seed), 4) for seed in SEEDS
                ]
                for nonlinearity in ("tanh", "relu")
            }
            for pooling in ("mean", "maximum")
        },
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
