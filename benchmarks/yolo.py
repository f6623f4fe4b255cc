"""YOLO trained from nothing: street scenes and scattered digits, five seeds each.

    python benchmarks/yolo.py streets
    python benchmarks/yolo.py digits

Each trains for the seeds 0 to 4 and writes its part of `benchmarks/yolo.json`: the bounds of lesson
4 of week 3 rest on it. With one thread an operation the first takes about five minutes of CPU, the
second six.

- streets: what the lesson does. 4,000 scenes seen six times, five anchors on a grid of 6 × 6.
- digits: 16,000 scenes seen twice, two anchors on a grid of 12 × 12, smaller steps, no mirrors.

Scenes, weights and order are those of the seed; 400 test scenes have other backgrounds, or digits
of MNIST's test set. Stored are the mean average precision (area under the curve) at several
thresholds of IoU, of each class, class-blind (`one_class`: every label taken as the same) and
without suppression, with a score above 0.02; and CPU seconds of training.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
from results import circumstances

from cnnlib.datasets import digit_scenes, streets
from cnnlib.detection.anchors import fit_anchors
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.yolo import Yolo
from cnnlib.models import yolo_network

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
THRESHOLDS = (0.3, 0.5, 0.6, 0.75)
TEST = 400


def street_run(seed):
    scenes = streets(4000, seed=seed)
    test = streets(TEST, seed=seed, part="test")
    network = {"convolutions": ((16, 2), (32, 2), (64, 2), (64, 1), (96, 2), (128, 1))}
    return run(scenes.images, scenes.targets, test.images, test.targets, seed, 5, 3, network, {})


def digit_run(seed):
    """Gray pictures, drawn in parts to save memory: the three channels are equal."""
    parts = [digit_scenes(2000, seed=8 * seed + part) for part in range(8)]
    images = np.concatenate([part.images[..., :1] for part in parts])
    targets = [target for part in parts for target in part.targets]
    test = digit_scenes(TEST, seed=seed, part="test")
    network = {"convolutions": ((16, 2), (32, 2), (64, 2), (64, 1), (64, 1))}
    fit = {"epochs": 2, "learning_rate": 2e-3, "mirror": False, "permute_colors": False}
    return run(images, targets, test.images[..., :1], test.targets, seed, 2, 10, network, fit)


def run(images, targets, test_images, test_targets, seed, k, classes, network, fit):
    """Train and measure one detector."""
    sizes = np.concatenate([one["boxes"][:, 2:] - one["boxes"][:, :2] for one in targets])
    anchors, mean_iou = fit_anchors(sizes[:2000], k, seed=seed)
    keras.utils.set_random_seed(seed)
    shape = images.shape[1:]
    model = Yolo(
        yolo_network(input_shape=shape, anchors=k, classes=classes, **network),
        anchors=anchors,
        classes=classes,
    )
    start = time.process_time()
    history = model.fit(images, targets, seed=seed, **{"epochs": 6} | fit)
    seconds = time.process_time() - start
    found = model.detect(test_images, score_threshold=0.02)
    at = {
        iou: mean_average_precision(test_targets, found, iou_thresholds=iou) for iou in THRESHOLDS
    }
    everything = model.detect(test_images, score_threshold=0.02, iou_threshold=1)
    return {
        "map": {str(iou): rounded(measured.map) for iou, measured in at.items()},
        "per_class": {str(iou): rounded_all(at[iou].per_class) for iou in (0.5, 0.75)},
        "one_class": rounded(mean_average_precision(unnamed(test_targets), unnamed(found)).map),
        "without_suppression": rounded(mean_average_precision(test_targets, everything).map),
        "anchors": anchors.round(1).tolist(),
        "mean_iou_of_anchors": rounded(mean_iou),
        "loss": [round(loss, 2) for loss in history.history["loss"]],
        "seconds": round(seconds, 1),
    }


def unnamed(pictures):
    return [one | {"labels": np.zeros_like(one["labels"])} for one in pictures]


def rounded(value):
    return round(float(value), 4)


def rounded_all(values):
    return {str(label): rounded(value) for label, value in values.items()}


def main(part):
    run_of = {"streets": street_run, "digits": digit_run}[part]
    runs = []
    for seed in SEEDS:
        runs.append(run_of(seed))
        print(f"{part}, seed {seed}: {runs[-1]['map']}, {runs[-1]['seconds']} s", flush=True)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results |= {part: circumstances() | {"runs": runs}}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        keras.backend.clear_session()


if __name__ == "__main__":
    main(sys.argv[1])
