"""What averaging several answers gains, and what knowledge by hand is worth beside data.

    python benchmarks/ensembles.py

makes, five times each,

- digits: ten LeNet-5 on the same 500 digits, alone and averaged in every group of them; the first
  one, and another one trained on shifted digits, on several crops of each test digit;
- photographs: five small networks on crops of ten photographs, trained with crops and mirrors,
  alone and averaged, on several crops of each test picture; a sixth trained on centers only;
- hand against data: logistic regression on histograms of oriented gradients, and LeNet-5, on 100
  to 10,000 digits.

It writes `benchmarks/ensembles.json`, which lesson 6 of week 2 draws, after each of the parts, and
takes about eight minutes on one idle core. Each of the five times has other data to learn from,
and other test crops of the photographs. Test digits are all 10,000, every fifth in the last part.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
from itertools import combinations
from pathlib import Path

import keras
import numpy as np
from keras import layers
from results import circumstances
from skimage.feature import hog
from sklearn.linear_model import LogisticRegression

from cnnlib import datasets
from cnnlib.models import lenet5
from cnnlib.training.augmentation import augmenter
from cnnlib.training.ensemble import CROPS, predict_multi_crop

RESULTS = Path(__file__).with_suffix(".json")
SETS = range(5)
DIGIT_MEMBERS, PHOTOGRAPH_MEMBERS = 10, 5
DIGITS, DIGIT_STEPS = 500, 400
DIGIT_CROP = 24  # of 28 pixels
CROPS_PER_CLASS, TEST_CROPS_PER_CLASS, PHOTOGRAPH_STEPS = 50, 100, 300
PHOTOGRAPH_SIZE, PHOTOGRAPH_CROP = 40, 32
SIZES = {100: 300, 1000: 600, 10_000: 1500}  # digits to the steps of training


def digit_network():
    """LeNet-5 with 8 and 16 filters for the 24 × 24 pixels in the middle of a digit."""
    return lenet5(input_shape=(DIGIT_CROP, DIGIT_CROP, 1), filters=(8, 16), units=(64,))


def photograph_network():
    """Three convolutions of stride 2 with batch normalization, for 32 × 32 gray pixels."""
    chain = [keras.Input((PHOTOGRAPH_CROP, PHOTOGRAPH_CROP, 1)), layers.Rescaling(4, offset=-2)]
    for filters, kernel in ((16, 5), (32, 3), (64, 3)):
        chain += [
            layers.Conv2D(filters, kernel, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]
    return keras.Sequential(
        [*chain, layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    )


def train(network, x, y, *, steps, seed, rate=1e-3, decay=False):
    """Train by Adam on batches of 50 pictures, drawn anew for each step."""
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps) if decay else rate
    network.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy")
    order = np.random.default_rng(seed).integers(len(x), size=50 * steps)
    network.fit(x[order], y[order], batch_size=50, shuffle=False, verbose=0)


def center(pictures, size):
    """The middle of each picture."""
    border = (pictures.shape[1] - size) // 2
    return pictures[:, border : border + size, border : border + size]


def trained_digit_network(x, y, *, seed, crops=False):
    """A network that has seen the middle of each digit, or windows all over it."""
    keras.utils.set_random_seed(seed)
    network = digit_network()
    if crops:
        windows = augmenter(crop=(DIGIT_CROP, DIGIT_CROP), seed=seed)
        whole = keras.Sequential([keras.Input(x.shape[1:]), windows, network])
        train(whole, x, y, steps=DIGIT_STEPS, seed=seed)
    else:
        train(network, center(x, DIGIT_CROP), y, steps=DIGIT_STEPS, seed=seed)
    return network


def trained_photograph_network(x, y, *, seed, crops=True):
    """A network that has seen mirrored windows of each picture, or its middle only."""
    keras.utils.set_random_seed(seed)
    network = photograph_network()
    recipe = {"steps": PHOTOGRAPH_STEPS, "seed": seed, "rate": 5e-3, "decay": True}
    if crops:
        size = (PHOTOGRAPH_CROP, PHOTOGRAPH_CROP)
        windows = augmenter(crop=size, flip="horizontal", seed=seed)
        whole = keras.Sequential([keras.Input(x.shape[1:]), windows, network])
        train(whole, x, y, **recipe)
    else:
        train(network, center(x, PHOTOGRAPH_CROP), y, **recipe)
    return network


def scores(probabilities, y):
    """Accuracy, mean cross entropy, and mean squared error of the probabilities."""
    of_label = np.maximum(probabilities[np.arange(len(y)), y], 1e-7)
    squares = ((probabilities - np.eye(probabilities.shape[1])[y]) ** 2).sum(axis=1)
    return {
        "accuracy": round(float((probabilities.argmax(axis=1) == y).mean()), 4),
        "cross_entropy": round(float(-np.log(of_label).mean()), 5),
        "squared_error": round(float(squares.mean()), 6),
    }


def gathered(found):
    """A list of dicts as a dict of lists."""
    return {name: [each[name] for each in found] for name in found[0]}


def means(found):
    """A list of dicts as a dict of means."""
    return {name: round(float(np.mean(values)), 6) for name, values in gathered(found).items()}


def over_crops(network, x, y, size):
    """Scores for 1, 5 and 10 crops."""
    answers = (predict_multi_crop(network, x, size, crops, batch_size=500) for crops in CROPS)
    return gathered([scores(answer, y) for answer in answers])


def on_digits(digits, seed):
    """Ten networks on the same 500 digits, in every group; two networks on crops."""
    x, y = drawn(digits, DIGITS, seed)
    x_test, y_test = digits.x_test, digits.y_test
    members = [
        trained_digit_network(x, y, seed=100 * seed + member) for member in range(DIGIT_MEMBERS)
    ]
    middle = center(x_test, DIGIT_CROP)
    each = [member.predict(middle, batch_size=500, verbose=0).astype(float) for member in members]
    wrong = [answer.argmax(axis=1) != y_test for answer in each]
    groups = [
        means([scores(np.mean(group, axis=0), y_test) for group in combinations(each, count)])
        for count in range(1, DIGIT_MEMBERS + 1)
    ]
    shifted = trained_digit_network(x, y, seed=100 * seed, crops=True)
    return {
        "members": gathered([scores(answer, y_test) for answer in each]),
        "groups": gathered(groups),
        "first_five": scores(np.mean(each[:5], axis=0), y_test),
        "misread_by_first": int(wrong[0].sum()),
        "misread_by_second": int(wrong[1].sum()),
        "misread_by_both": int((wrong[0] & wrong[1]).sum()),
        "crops": {
            "trained on centers": over_crops(members[0], x_test, y_test, DIGIT_CROP),
            "trained on crops": over_crops(shifted, x_test, y_test, DIGIT_CROP),
        },
    }


def on_photographs(seed):
    """Five networks on the same crops of photographs, alone and averaged; one on centers."""
    crops = datasets.textures(
        CROPS_PER_CLASS, test_per_class=TEST_CROPS_PER_CLASS, size=PHOTOGRAPH_SIZE, seed=seed
    )
    x, x_test, y, y_test = (
        crops.x_train[..., :1],
        crops.x_test[..., :1],
        crops.y_train,
        crops.y_test,
    )
    members = [
        trained_photograph_network(x, y, seed=100 * seed + member)
        for member in range(PHOTOGRAPH_MEMBERS)
    ]
    answers = {
        count: [
            predict_multi_crop(member, x_test, PHOTOGRAPH_CROP, count, batch_size=500)
            for member in members
        ]
        for count in CROPS
    }
    centers = trained_photograph_network(x, y, seed=100 * seed, crops=False)
    return {
        "members": [
            gathered([scores(answers[count][member], y_test) for count in CROPS])
            for member in range(PHOTOGRAPH_MEMBERS)
        ],
        "ensemble": gathered([scores(np.mean(answers[count], axis=0), y_test) for count in CROPS]),
        "trained on centers": over_crops(centers, x_test, y_test, PHOTOGRAPH_CROP),
    }


def by_hand_and_by_data(digits, seed):
    """Accuracy on 2,000 digits of both ways, for each number of digits to learn from."""
    x_test, y_test = digits.x_test[::5], digits.y_test[::5]
    x, y = drawn(digits, max(SIZES), seed)
    gradients, gradients_test = oriented_gradients(x), oriented_gradients(x_test)
    found = {"gradients by hand": [], "LeNet-5": []}
    for n, steps in SIZES.items():
        linear = LogisticRegression(max_iter=300).fit(gradients[:n], y[:n])
        found["gradients by hand"].append(round(linear.score(gradients_test, y_test), 4))
        keras.utils.set_random_seed(seed)
        network = lenet5(input_shape=(28, 28, 1), filters=(16, 32), units=(184,))
        train(network, x[:n], y[:n], steps=steps, seed=seed)
        answers = network.predict(x_test, batch_size=500, verbose=0)
        found["LeNet-5"].append(scores(answers, y_test)["accuracy"])
    return found


def oriented_gradients(pictures):
    """Histograms of nine directions in cells of 4 × 4 pixels, 1,296 numbers for each digit."""
    form = {"orientations": 9, "pixels_per_cell": (4, 4), "cells_per_block": (2, 2)}
    return np.array([hog(picture[:, :, 0], **form) for picture in pictures], dtype="float32")


def drawn(digits, n, seed):
    chosen = np.random.default_rng(seed).choice(len(digits.x_train), n, replace=False)
    return digits.x_train[chosen], digits.y_train[chosen]


def main():
    digits = datasets.mnist()
    results = circumstances()
    parts = {
        "digits": lambda seed: on_digits(digits, seed),
        "photographs": on_photographs,
        "hand_or_data": lambda seed: by_hand_and_by_data(digits, seed),
    }
    for name, measure in parts.items():
        results[name] = [measure(seed) for seed in SETS]
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
