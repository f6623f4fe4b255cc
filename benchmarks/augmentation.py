"""What augmentation brings to few digits: kinds, strengths, and how many real digits it replaces.

    python benchmarks/augmentation.py

trains, for five seeds each, one small convolution network for 600 steps of 50 digits

- on 100 digits, without changes and with each of seven kinds of them, two of them mirrors;
- on 1,000 digits, without changes and with shift, turn and elastic warp at once ("all three");
- on 100 digits, shifted by up to 1 and 10 pixels.

It writes `benchmarks/augmentation.json`, which lesson 5 of week 2 draws, and takes about five
minutes of CPU. Each seed draws its own digits, starting weights and order; the kinds share them.
Test digits are every fifth of the 10,000. Seconds are CPU seconds of one run with one thread for
each operation, input pipeline included.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from results import circumstances

from cnnlib import datasets
from cnnlib.training.augmentation import augmenter

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
KINDS = {
    "none": {},
    "shift": {"pad": 3},
    "rotate": {"rotate": 15},
    "shift and turn": {"pad": 2, "rotate": 12},
    "warp": {"warp": 1.4},
    "all three": {"pad": 2, "rotate": 12, "warp": 1.4},
    "mirror": {"flip": "horizontal"},
    "mirror both ways": {"flip": "horizontal_and_vertical"},
}
SIZES = (100, 1000)
SHIFTS = (0, 1, 3, 10)  # pixels; 0 and 3 are the kinds "none" and "shift"


def network():
    """Two strided convolutions and two dense layers; 46,730 weights on 28 × 28 pixels."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 5, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def trained(x, y, seed, *, pad=0, **changes):
    """The network after 600 steps by Adam, each on 50 digits changed anew."""
    keras.utils.set_random_seed(seed)
    augment = augmenter(crop=(28, 28) if pad else None, seed=seed, **changes)
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=seed).repeat()
    batches = batches.batch(50).map(lambda x, y: (augment(x), y)).prefetch(4)
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(batches, steps_per_epoch=600, shuffle=False, verbose=0)
    return model


def run(digits, n, seed, **changes):
    """Shares read, of all and of each digit, 5 and 2 taken for each other, and CPU seconds."""
    chosen = np.random.default_rng(seed).choice(len(digits.x_train), n, replace=False)
    x_test, y_test = digits.x_test[::5], digits.y_test[::5]
    start = time.process_time()
    model = trained(digits.x_train[chosen], digits.y_train[chosen], seed, **changes)
    seconds = time.process_time() - start
    found = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=1)
    right = found == y_test
    by_digit = [round(float(right[y_test == digit].mean()), 4) for digit in range(10)]
    return {
        "accuracy": round(float(right.mean()), 4),
        "by_digit": by_digit,
        "5 as 2": round(float((found[y_test == 5] == 2).mean()), 4),
        "2 as 5": round(float((found[y_test == 2] == 5).mean()), 4),
        "seconds": round(seconds, 2),
    }


def main():
    digits = datasets.mnist()
    kinds, sizes, shifts = ([] for _ in range(3))
    for seed in SEEDS:
        kinds.append({kind: run(digits, 100, seed, **KINDS[kind]) for kind in KINDS})
        sizes.append(
            {
                kind: [
                    kinds[-1][kind]["accuracy"],
                    *(run(digits, n, seed, **KINDS[kind])["accuracy"] for n in SIZES[1:]),
                ]
                for kind in ("none", "all three")
            }
        )
        known = {0: kinds[-1]["none"], 3: kinds[-1]["shift"]}
        shifts.append([(known.get(d) or run(digits, 100, seed, pad=d))["accuracy"] for d in SHIFTS])
        print(f"seed {seed}:", {kind: found["accuracy"] for kind, found in kinds[-1].items()})
    results = circumstances() | {
        "kinds": kinds,
        "sizes": {"digits": SIZES, "accuracy": sizes},
        "shifts": {"pixels": SHIFTS, "accuracy": shifts},
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
