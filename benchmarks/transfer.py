"""How much a network trained on other pictures helps with few of your own.

    python benchmarks/transfer.py

names the photograph that a crop of 48 × 48 pixels was cut from, `datasets.textures`, with 5, 20 and
100 crops of each of ten photographs to learn from, in four ways:

- "from scratch": a ConvNet of four convolutions, from random weights;
- "freeze_all": EfficientNet-Lite0 up to block 14, frozen, under a new head;
- "freeze_some": the same, but the blocks from 11 on learn as well;
- "initialize": the same, but all layers learn.

The three regimes differ in nothing else: each trains its head on features first, then what learns,
on pictures. All pictures are mirrored at random and shifted by up to 4 pixels. It then measures
a frozen head on features of several depths, without moving the crops. A draw has crops of its own,
to train and to test (60 a photograph), and starting weights of its own.

The cut at block 14 was chosen in advance, after a study of twelve photographs, two of which were
then left out; nothing here was chosen by the test crops. The script writes
`benchmarks/transfer.json` after each draw, which lesson 4 of week 2 draws. Seconds are CPU seconds
of one thread (OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS are 1), about ten
minutes in all.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import time
from pathlib import Path

import keras
import numpy as np
from keras import layers
from results import circumstances

from cnnlib import datasets, pretrained
from cnnlib.training import transfer

RESULTS = Path(__file__).with_suffix(".json")
SIZES = (5, 20, 100)  # crops of each photograph to learn from
PIXELS = 48
BATCH = 32
CUT, FROM = "block14_add", "block11_expand_conv"
DEPTHS = (
    "block0_project_norm",
    "block4_add",
    "block10_add",
    "block14_add",
    "head_relu",
)
DRAWS = 3
STEPS = {"head": 200, "regime": 80, "scratch": {5: 400, 20: 400, 100: 480}}


def from_scratch(steps):
    """Four convolutions with batch normalization, each followed by pooling; 102,474 weights."""
    network = keras.Sequential([keras.Input((PIXELS, PIXELS, 3))])
    for filters in (16, 32, 64, 128):
        network.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        network.add(layers.BatchNormalization(momentum=0.9))
        network.add(layers.ReLU())
        network.add(layers.MaxPooling2D() if filters < 128 else layers.GlobalAveragePooling2D())
    network.add(layers.Dense(10, activation="softmax"))
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps, alpha=0.01)
    adam = keras.optimizers.Adam(rate)
    network.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


def moved(x, random, *, most=4):
    """Each picture mirrored or not, and shifted; the border is filled with its mirror image."""
    x = np.where(random.random((len(x), 1, 1, 1)) < 0.5, x[:, :, ::-1], x)
    padded = np.pad(x, ((0, 0), (most, most), (most, most), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, x.shape[1:3], axis=(1, 2))
    top, left = random.integers(2 * most + 1, size=(2, len(x)))
    return np.moveaxis(windows[np.arange(len(x)), top, left], 1, -1)


def fit(model, x, y, *, steps, seed, change=lambda x, random: x):
    """Train on batches that are drawn anew, forty steps at a time."""
    random = np.random.default_rng(seed)
    for _ in range(steps // 40):
        order = random.integers(len(x), size=40 * BATCH)
        batches = change(x[order], random)
        model.fit(batches, y[order], batch_size=BATCH, shuffle=False, verbose=0)


def accuracy(model, x, y):
    return round(model.evaluate(x, y, batch_size=100, verbose=0)[1], 4)


def trained_head(model, base, crops, n, seed, *, layer=CUT):
    """Train the model's head on features of the first n crops of each photograph."""
    few = slice(10 * n)
    row = transfer.features(base, crops.x_train[few], layer=layer)
    fit(transfer.head(model), row, crops.y_train[few], steps=STEPS["head"], seed=seed)


def measured(way, base, crops, n, seed):
    """Test accuracy of one way to learn from n crops of each photograph, and its CPU seconds."""
    keras.utils.set_random_seed(seed)
    x, y = crops.x_train[: 10 * n], crops.y_train[: 10 * n]
    start = time.process_time()
    if way == "from scratch":
        steps = STEPS["scratch"][n]
        model = from_scratch(steps)
        fit(model, x, y, steps=steps, seed=seed, change=moved)
    else:
        model = transfer.fine_tune(
            base,
            10,
            regime=way,
            layer=CUT,
            train_from=FROM if way == "freeze_some" else None,
            input_shape=x.shape[1:],
            learning_rate=1e-3,
            base_learning_rate=1e-4,
        )
        trained_head(model, base, crops, n, seed)
        fit(model, x, y, steps=STEPS["regime"], seed=seed, change=moved)
    seconds = time.process_time() - start
    return accuracy(model, crops.x_test, crops.y_test), round(seconds, 1)


def over_depths(base, crops, n, seed):
    """Test accuracy of a head on features of each depth."""
    found = []
    for layer in DEPTHS:
        keras.utils.set_random_seed(seed)
        model = transfer.fine_tune(base, 10, layer=layer, input_shape=crops.x_train.shape[1:])
        trained_head(model, base, crops, n, seed, layer=layer)
        found.append(accuracy(model, crops.x_test, crops.y_test))
    return found


def main():
    base = pretrained.load("efficientnet_lite0")
    ways = ("from scratch", *transfer.REGIMES)
    results = circumstances() | {
        "load": [round(os.getloadavg()[0], 1)],
        "crops": list(SIZES),
        "accuracy": {way: [] for way in ways},
        "seconds": {way: [] for way in ways},
        "depths": {"layers": list(DEPTHS), "crops": SIZES[0], "accuracy": []},
    }
    draws = [datasets.textures(SIZES[-1], size=PIXELS, seed=seed) for seed in range(DRAWS)]
    for seed, crops in enumerate(draws):
        for way in ways:
            runs = [measured(way, base, crops, n, seed) for n in SIZES]
            results["accuracy"][way].append([share for share, _ in runs])
            results["seconds"][way].append([seconds for _, seconds in runs])
            results["load"].append(round(os.getloadavg()[0], 1))
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for seed, crops in enumerate(draws):
        results["depths"]["accuracy"].append(over_depths(base, crops, SIZES[0], seed))
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
