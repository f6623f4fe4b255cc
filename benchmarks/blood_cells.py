"""Two detectors on real photographs that do not ship: YOLO and Faster R-CNN find blood cells.

    CNNLIB_REAL_DATA=folder python benchmarks/blood_cells.py

expects in the folder `detection_bccd`, the data set BCCD (https://github.com/Shenggan/BCCD_Dataset,
MIT license): 364 photographs of blood under a microscope, the boxes of red and white cells and
platelets as VOC's XML, and the authors' split in train.txt, val.txt and test.txt. The photographs
are shrunk from 480 × 640 to 192 × 256 pixels. Both detectors learn from the photographs of train
and val, with anchors fitted to their boxes, by the same lines, and are tested on those of test.

Twice, with other starting weights. It writes `benchmarks/blood_cells.json` and the section on blood
cells of `benchmarks/RESULTS.md`, and takes about ten minutes of one core.
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

from cnnlib import datasets
from cnnlib.detection.anchors import fit_anchors
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.rcnn import FasterRCNN, small_backbone
from cnnlib.detection.yolo import Yolo
from cnnlib.models import yolo_network

RESULTS = Path(__file__).with_suffix(".json")
SIZE = (192, 256)  # height and width in pixels
ANCHORS = 4
SEEDS = range(2)


def yolo(anchors, classes):
    """The detector, and how it learns; a stained cell is known by its colors, so they stay."""
    network = yolo_network(input_shape=(*SIZE, 3), anchors=len(anchors), classes=classes)
    detector = Yolo(network, anchors=anchors, classes=classes)
    return detector, {"epochs": 45, "batch_size": 8, "permute_colors": False}


def faster_rcnn(anchors, classes):
    """The detector, and how it learns."""
    backbone = small_backbone(input_shape=(*SIZE, 3))
    return FasterRCNN(backbone, anchors=anchors, classes=classes), {"epochs": 18, "batch_size": 8}


DETECTORS = {"YOLO": yolo, "Faster R-CNN": faster_rcnn}


def cells(root):
    """The photographs with their boxes, split as their authors did."""
    root = root / "detection_bccd"
    learned = [
        name for part in ("train", "val") for name in (root / f"{part}.txt").read_text().split()
    ]
    return datasets.folder(root, size=SIZE, annotations="voc", train=learned, broken="skip")


def run(build, found, seed):
    """Learn, detect, and measure: average precisions at IoU 0.5, and processor seconds."""
    corners = np.concatenate([target["boxes"] for target in found.y_train])
    anchors, _ = fit_anchors(corners[:, 2:] - corners[:, :2], ANCHORS, seed=seed)
    keras.utils.set_random_seed(seed)
    detector, how = build(anchors, len(found.names))
    began = time.process_time()
    detector.fit(found.x_train, found.y_train, seed=seed, **how)
    learned = time.process_time()
    detections = detector.detect(found.x_test)  # traces, so that the next one can be timed
    traced = time.process_time()
    detector.detect(found.x_test)
    seconds = time.process_time() - traced
    evaluation = mean_average_precision(found.y_test, detections)
    return {
        "map": round(evaluation.map, 4),
        "per_class": {found.names[i]: round(ap, 4) for i, ap in evaluation.per_class.items()},
        "epochs": how["epochs"],
        "training_cpu_seconds": round(learned - began),
        "cpu_milliseconds_a_picture": round(1000 * seconds / len(found.x_test), 1),
    }


def section(results):
    """The table of the results page, and what has to be known to read it."""
    classes = results["objects"]
    rows = "\n".join(
        f"| {name} | {seed} | {100 * one['map']:.1f} | "
        + " | ".join(f"{100 * one['per_class'][kind]:.1f}" for kind in classes)
        + f" | {one['training_cpu_seconds']} | {one['cpu_milliseconds_a_picture']} |"
        for name, runs in results["detectors"].items()
        for seed, one in enumerate(runs)
    )
    epochs = " and ".join(
        f"{runs[0]['epochs']} ({name})" for name, runs in results["detectors"].items()
    )
    heads = " | ".join(f"{kind} ({count})" for kind, count in classes.items())
    return f"""## Blood cells

`CNNLIB_REAL_DATA=folder python benchmarks/blood_cells.py` on {results["machine"]}. Average
precision at IoU 0.5 in percent on {results["tested_on"]} photographs (in brackets how many objects
they show), learned from {results["learned_from"]} others; processor seconds while other programs
ran.

| detector | seed | mAP | {heads} | training, s | a picture, ms |
|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

The same lines train and test both. They learn for {epochs} epochs, which two to three minutes of a
processor allow; that was set after one shorter run of each that learned from train and was tested
on val, and nothing was chosen on test. Both see photographs of {SIZE[0]} × {SIZE[1]} pixels with
{ANCHORS} anchors, mirrored every other time.

A platelet is 16 pixels wide there, as much as a cell of YOLO's grid. Red cells overlap, and a look
at the photographs shows some that nobody has marked: finding them counts as an error. Faster R-CNN
proposes 30 regions a photograph, which shows 13 objects on average and 30 at most. Two seeds tell
little of the spread. Of the 4,888 boxes of the original two are points (BloodImage_00338, _00343);
the reader names them, and they are left out.
"""


def main():
    if not os.environ.get("CNNLIB_REAL_DATA"):
        sys.exit("blood_cells: CNNLIB_REAL_DATA is not set, it needs the folder of the photographs")
    found = cells(Path(os.environ["CNNLIB_REAL_DATA"]))
    here = circumstances()
    named = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    objects = np.bincount(np.concatenate([target["labels"] for target in found.y_test]))
    results = {
        "machine": f"{here['machine']}, {named}",
        "learned_from": len(found.x_train),
        "tested_on": len(found.x_test),
        "objects": dict(zip(found.names, objects.tolist(), strict=True)),
        "detectors": {name: [] for name in DETECTORS},
    }
    for seed in SEEDS:
        for name, build in DETECTORS.items():
            results["detectors"][name].append(run(build, found, seed))
            print(name, seed, json.dumps(results["detectors"][name][-1]), flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write("blood cells", section(results))


if __name__ == "__main__":
    main()
