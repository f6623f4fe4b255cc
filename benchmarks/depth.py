"""What depth does to a plain network and to a residual one, on the digits they learn from.

    python benchmarks/depth.py

trains `small_resnet` for five seeds, with and without shortcuts, on 2,000 digits of MNIST averaged
down to 14 × 14 pixels,

- with batch normalization, 8, 20 and 44 layers deep, by SGD for six epochs;
- without, 44 layers deep, by Adam for eight epochs;

and records the mean training loss of each epoch. At 44 layers it also records the gradient norms
of the first and the last convolution before the first step.

It writes `benchmarks/depth.json`, which lesson 2 of week 2 draws, and took thirteen minutes of
processor time on a busy machine. A seed draws the starting weights and the order of the digits,
which are the same.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
from pathlib import Path

import keras
from results import circumstances

from cnnlib import datasets
from cnnlib.models import small_resnet
from cnnlib.training.gradients import GradientNorms

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
DEPTHS = (8, 20, 44)
DEEPEST = DEPTHS[-1]
KINDS = {"plain": False, "residual": True}


def small_digits():
    """The first 2,000 training digits, each 2 × 2 pixels averaged, and their labels."""
    digits = datasets.mnist()
    x = digits.x_train[:2000].reshape(2000, 14, 2, 14, 2, 1).mean(axis=(2, 4))
    return x, digits.y_train[:2000]


def network(depth, kind, seed, *, batch_norm=True, **choices):
    keras.utils.set_random_seed(seed)
    model = small_resnet(
        (depth - 2) // 6,
        residual=KINDS[kind],
        batch_norm=batch_norm,
        input_shape=(14, 14, 1),
        filters=(8, 16, 32),
    )
    sgd, adam = keras.optimizers.SGD(0.05, momentum=0.9), keras.optimizers.Adam(0.002)
    optimizer = sgd if batch_norm else adam
    model.compile(optimizer, "sparse_categorical_crossentropy", **choices)
    return model


def losses(x, y, depth, kind, seed, *, batch_norm=True):
    """Mean training loss of each epoch."""
    model = network(depth, kind, seed, batch_norm=batch_norm)
    epochs = 6 if batch_norm else 8
    history = model.fit(x, y, batch_size=64, epochs=epochs, verbose=0).history
    return [round(loss, 4) for loss in history["loss"]]


def first_and_last(x, y, kind, seed, *, batch_norm):
    """Gradient norms of the first and the last convolution before the first step."""
    model = network(DEEPEST, kind, seed, batch_norm=batch_norm, run_eagerly=True)
    record = GradientNorms(x[:256], y[:256])
    model.fit(x[:64], y[:64], batch_size=64, verbose=0, callbacks=[record])
    norms = [values[0] for name, values in record.norms.items() if name.endswith("_conv")]
    return [float(f"{norm:.4g}") for norm in (norms[0], norms[-1])]


def main():
    x, y = small_digits()
    results = circumstances() | {
        "depths": list(DEPTHS),
        "loss": {kind: {depth: [] for depth in DEPTHS} for kind in KINDS},
        "loss_without_norm": {kind: [] for kind in KINDS},
        "gradients": {kind: [] for kind in KINDS},
        "gradients_without_norm": {kind: [] for kind in KINDS},
    }
    for seed in SEEDS:
        for kind in KINDS:
            for depth in DEPTHS:
                results["loss"][kind][depth].append(losses(x, y, depth, kind, seed))
            bare = losses(x, y, DEEPEST, kind, seed, batch_norm=False)
            results["loss_without_norm"][kind].append(bare)
            for place, norm in (("gradients", True), ("gradients_without_norm", False)):
                found = first_and_last(x, y, kind, seed, batch_norm=norm)
                results[place][kind].append(found)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
