"""Two tasks on real photographs that do not ship: a ResNet from scratch, and transfer learning.

    CNNLIB_REAL_DATA=folder python benchmarks/real_data.py

expects in the folder

- `sign_digits/sign_digits_64.npz`: photographs of hands that show a number, `x` (m, 64, 64, 3)
  uint8 and `y` (m,). Those of 0 to 5 are the course's task SIGNS. The six-class ResNet-8 of
  `models.small_resnet` learns from four fifths of each class and is tested on the rest;
- `caltech101_subset/`: a folder for each of six classes of objects. EfficientNet-Lite0, trained on
  ImageNet and frozen, gives features, from which a softmax learns 30 photographs of each class; the
  test is on all others.

Five times, each with another split and other starting weights. It writes
`benchmarks/real_data.json` and the section on real photographs of `benchmarks/RESULTS.md`, and
takes about five minutes of one core. tests/test_real_data.py runs the first of each five.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
from results import circumstances, write

from cnnlib import datasets, pretrained
from cnnlib.models import small_resnet
from cnnlib.training.augmentation import augmenter
from cnnlib.training.transfer import features, fine_tune, head

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
CROP, EPOCHS, BATCH, RATE = 28, 20, 32, 5e-3  # pixels of 32, and the training of the ResNet
SIZE, PER_CLASS = 224, 30  # pixels and training photographs a class for the transfer
CUTS = {"block 14": "block14_add", "pooled head": "pool"}


def sign_digits(root, seed):
    """Test accuracy of a ResNet on hands that show 0 to 5, and its errors."""
    x_train, y_train, x_test, y_test = _signs(root / "sign_digits" / "sign_digits_64.npz", seed)
    keras.utils.set_random_seed(seed)
    # A mirrored right hand is a left one and shows the same number.
    augment = augmenter(flip="horizontal", rotate=15, crop=(CROP, CROP), seed=seed)
    network = small_resnet(1, input_shape=(CROP, CROP, 3), classes=6)
    picture = keras.Input(x_train.shape[1:])
    model = keras.Model(picture, network(augment(picture)))
    steps = EPOCHS * -(-len(x_train) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 20, steps, warmup_target=RATE, warmup_steps=steps // 20
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    read = model.predict(x_test, batch_size=256, verbose=0).argmax(axis=1)
    wrong = np.flatnonzero(read != y_test)
    return {
        "train": len(x_train),
        "test": len(x_test),
        "accuracy": round(1 - len(wrong) / len(x_test), 4),
        "errors": [f"{y_test[i]} read as {read[i]}" for i in wrong],
    }


def _signs(path, seed):
    """The photographs of 0 to 5, 32 × 32 float32 in 0…1, a fifth of each class for the test."""
    with np.load(path) as file:
        x, y = file["x"], file["y"].astype(np.int64)
    x, y = x[y < 6], y[y < 6]
    x = x.reshape(len(x), 32, 2, 32, 2, 3).mean(axis=(2, 4), dtype=np.float32) / np.float32(255)
    rng = np.random.default_rng(seed)
    mixed = [rng.permutation(np.flatnonzero(y == label)) for label in range(6)]
    train = np.concatenate([places[: len(places) * 4 // 5] for places in mixed])
    test = np.concatenate([places[len(places) * 4 // 5 :] for places in mixed])
    return x[train], y[train], x[test], y[test]


def objects(root, seed, cuts=CUTS):
    """Test accuracy of a softmax on frozen features of six classes of objects, for each cut."""
    pictures = datasets.folder(root / "caltech101_subset", size=SIZE, train=PER_CLASS, seed=seed)
    base = pretrained.load("efficientnet_lite0")
    accuracy = {}
    for name, layer in cuts.items():
        keras.utils.set_random_seed(seed)
        classifier = head(fine_tune(base, len(pictures.names), layer=layer))
        learned = features(base, pictures.x_train, layer=layer)
        classifier.fit(learned, pictures.y_train, epochs=50, verbose=0)
        tested = features(base, pictures.x_test, layer=layer)
        read = classifier.predict(tested, verbose=0).argmax(axis=1)
        accuracy[name] = round(float(np.mean(read == pictures.y_test)), 4)
    return {
        "train": len(pictures.x_train),
        "test": len(pictures.x_test),
        "accuracy": accuracy,
    }


def measured(task, root):
    """The results of a task, those of one seed after those of another, and its seconds."""
    began = time.process_time()
    runs = []
    for seed in SEEDS:
        runs.append(task(root, seed))
        print(task.__name__, seed, json.dumps(runs[-1]), flush=True)
    return {"runs": runs, "cpu_seconds": round(time.process_time() - began)}


def section(results):
    signs, things = results["sign_digits"]["runs"], results["objects"]["runs"]
    rows = {
        f"hands showing 0–5: ResNet-8 from scratch, {signs[0]['train']} learned from, "
        f"{signs[0]['test']} tested on": [run["accuracy"] for run in signs]
    } | {
        f"six classes of objects: frozen EfficientNet-Lite0, {name}, {PER_CLASS} a class learned "
        f"from, all others, {things[0]['test']}, tested on": [
            run["accuracy"][name] for run in things
        ]
        for name in CUTS
    }
    table = "\n".join(
        f"| {what} | {' | '.join(f'{100 * value:.1f}' for value in values)} | "
        f"{100 * np.mean(values):.1f} |"
        for what, values in rows.items()
    )
    seconds = [results[task]["cpu_seconds"] for task in ("sign_digits", "objects")]
    return f"""## Real photographs

`CNNLIB_REAL_DATA=folder python benchmarks/real_data.py` on {results["machine"]}. Accuracy on
held-out photographs in percent, for five seeds: each has its own split and starting weights.

| task | seed 0 | 1 | 2 | 3 | 4 | mean |
|---|---:|---:|---:|---:|---:|---:|
{table}

The splits are by photograph, not by person: hands of one person may be on both sides. Three of the
six classes of objects, cup, laptop and pizza, are classes of ImageNet too. One cup lies there
twice; with seed 4 both are learned from, and one picture less is tested on. The training of the
ResNet was fixed after a look at the test results of seeds 0 and 1, the transfer before any.
Processor seconds for all five, tracing included, while other programs ran: {seconds[0]} for the
hands, {seconds[1]} for the objects.
"""


def main():
    if not os.environ.get("CNNLIB_REAL_DATA"):
        sys.exit("real_data: CNNLIB_REAL_DATA is not set, it needs the folder of the photographs")
    root = Path(os.environ["CNNLIB_REAL_DATA"])
    here = circumstances()
    named = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    results = {
        "machine": f"{here['machine']}, {named}",
        "sign_digits": measured(sign_digits, root),
        "objects": measured(objects, root),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write("real photographs", section(results))


if __name__ == "__main__":
    main()
