"""How quickly boxes are compared, suppressed and counted, and how quickly detectors detect.

    python benchmarks/detection.py

compares `cnnlib.detection.boxes.iou` and `cnnlib.detection.nms.nms`, which are NumPy alone, with
torchvision, TensorFlow and OpenCV at 100, 1,000 and 10,000 boxes, and the mean average precision of
5,000 pictures with pycocotools; then it counts the pictures a second of the detectors that ship,
and sums up `benchmarks/detectors.json`. It writes the section on detection of
`benchmarks/RESULTS.md`. It takes a few minutes on two idle cores.

Every time is the median of several calls after a warm-up, from NumPy arrays to a NumPy array, and
all results are compared before they are timed. A package that is not installed is left out, with a
printed line; torchvision, OpenCV (opencv-python-headless) and pycocotools are not part of the
course's environment.

Each program takes as many threads as it likes. One thread of each:

    OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 python benchmarks/detection.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import importlib.util
import io
import json
import runpy
import statistics
import time
from functools import partial
from pathlib import Path

import numpy as np
from results import PAGE, machine, write

from cnnlib.detection.boxes import convert, iou
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.nms import nms

HERE = Path(__file__).parent
COUNTS = (100, 1_000, 10_000)
IOU_THRESHOLD = 0.5
PICTURES, CLASSES = 5_000, 20
COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
PACKAGES = {
    "torchvision": ("torchvision", "torchvision"),
    "TensorFlow": ("tensorflow", "tensorflow"),
    "OpenCV": ("cv2", "opencv-python-headless"),
    "pycocotools": ("pycocotools", "pycocotools"),
}


def installed():
    """The packages to compare with that are there, by name."""
    found = {}
    for name, (module, package) in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name} is left out: the package {package} is not installed")
        else:
            found[name] = package
    return found


def drawn_boxes(n):
    """n boxes of 10 to 200 pixels on a picture of 1,000, float32, and their scores."""
    generator = np.random.default_rng(0)
    low, size = generator.uniform(0, 1000, (n, 2)), generator.uniform(10, 200, (n, 2))
    boxes = np.concatenate([low, low + size], axis=1).astype(np.float32)
    return boxes, generator.random(n).astype(np.float32)


def iou_calls(boxes, there):
    """What computes the IoU of all boxes with all, by program; OpenCV has no such function."""
    calls = {"cnnlib": lambda: iou(boxes, boxes)}
    if "torchvision" in there:
        import torch
        from torchvision.ops import box_iou

        tensor = torch.from_numpy(boxes)
        calls["torchvision"] = lambda: box_iou(tensor, tensor).numpy()
    if "TensorFlow" in there:
        import tensorflow as tf

        calls["TensorFlow"] = lambda: tensorflow_iou(tf, tf.constant(boxes)).numpy()
    return calls


def tensorflow_iou(tf, boxes):
    """The table as one writes it in TensorFlow, which has no function for it."""
    low = tf.maximum(boxes[:, tf.newaxis, :2], boxes[:, :2])
    high = tf.minimum(boxes[:, tf.newaxis, 2:], boxes[:, 2:])
    intersection = tf.reduce_prod(tf.maximum(high - low, 0), axis=-1)
    area = tf.reduce_prod(boxes[:, 2:] - boxes[:, :2], axis=-1)
    return tf.math.divide_no_nan(intersection, area[:, tf.newaxis] + area - intersection)


def nms_calls(boxes, scores, there):
    """What suppresses the boxes, by program."""
    calls = {"cnnlib": lambda: nms(boxes, scores, iou_threshold=IOU_THRESHOLD)}
    if "torchvision" in there:
        import torch
        from torchvision import ops

        tensors = torch.from_numpy(boxes), torch.from_numpy(scores)
        calls["torchvision"] = lambda: ops.nms(*tensors, IOU_THRESHOLD).numpy()
    if "TensorFlow" in there:
        import tensorflow as tf

        arguments = tf.constant(boxes[:, [1, 0, 3, 2]]), tf.constant(scores), len(boxes)
        calls["TensorFlow"] = lambda: tf.image.non_max_suppression(
            *arguments, IOU_THRESHOLD
        ).numpy()
    if "OpenCV" in there:
        import cv2

        sized = convert(boxes, "xyxy", "xywh")
        calls["OpenCV"] = lambda: np.asarray(
            cv2.dnn.NMSBoxes(sized, scores, 0.0, IOU_THRESHOLD)
        ).ravel()
    return calls


def seconds(call):
    """The median of five calls or more after a warm-up; of two where a call takes over a second."""
    call()
    times = []
    while len(times) < 5 or (sum(times) < 0.3 and len(times) < 50):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
        if sum(times) > 2 and len(times) > 1:
            break
    return statistics.median(times)


def compared(name, calls, same):
    """Seconds of each program, whose results have to be the same as cnnlib's."""
    expected = calls["cnnlib"]()
    for program, call in calls.items():
        same(call(), expected, err_msg=f"{name}: {program} differs")
    return {program: seconds(call) for program, call in calls.items()}


def close(a, b, err_msg):
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-5, err_msg=err_msg)


def boxes_table(there):
    """Milliseconds of every program on both tasks, and cnnlib's ratio to the fastest other."""
    others = [name for name in ("torchvision", "TensorFlow", "OpenCV") if name in there]
    head = ["", "boxes", "cnnlib", *others, "cnnlib / fastest other"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for n in COUNTS:
        boxes, scores = drawn_boxes(n)
        tasks = {
            "IoU, all with all": (iou_calls(boxes, there), close),
            "non-max suppression": (nms_calls(boxes, scores, there), np.testing.assert_array_equal),
        }
        for task, (calls, same) in tasks.items():
            times = compared(f"{task}, {n} boxes", calls, same)
            fastest = min((times[name] for name in others if name in times), default=np.nan)
            cells = [f"{1000 * times[name]:,.2f}" if name in times else "—" for name in others]
            lines.append(
                f"| {task} | {n:,} | {1000 * times['cnnlib']:,.2f} | {' | '.join(cells)} | "
                f"{times['cnnlib'] / fastest:.2f} |"
            )
            print(lines[-1], flush=True)
    return "\n".join(lines)


def drawn_pictures():
    """Ground truth, about seven objects a picture, and about four times as many detections."""
    generator = np.random.default_rng(0)
    targets, detections = [], []
    for _ in range(PICTURES):
        n = generator.integers(1, 14)
        low, size = generator.uniform(0, 500, (n, 2)), generator.uniform(20, 140, (n, 2))
        boxes = np.concatenate([low, low + size], axis=1)
        labels = generator.integers(0, CLASSES, n)
        copies = generator.integers(0, n, 3 * n)
        near = boxes[copies] + generator.normal(0, 8, (3 * n, 4))
        far = generator.uniform(0, 500, (n, 2))
        found = np.concatenate([near, np.concatenate([far, far + 60], axis=1)])
        found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
        named = np.concatenate([labels[copies], generator.integers(0, CLASSES, n)])
        targets.append({"boxes": boxes, "labels": labels})
        detections.append({"boxes": found, "scores": generator.random(4 * n), "labels": named})
    return targets, detections


def coco_call(targets, detections):
    """What evaluates with pycocotools: objects of any size, at most 100 detections, no summary.

    Its index of the annotations is made here, and is not timed.
    """
    reference = runpy.run_path(str(HERE.parent / "tests" / "reference" / "make_detection.py"))
    evaluation = reference["coco"](targets, detections)
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
    evaluation.params.maxDets = [100]

    def evaluate():
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation.evaluate()
            evaluation.accumulate()
        precision = evaluation.eval["precision"][..., 0, 0]
        return [precision[rows].mean() for rows in (slice(None), 0, 5)]

    return evaluate


def map_table(there):
    """AP, AP50, AP75 and seconds of both programs."""
    targets, detections = drawn_pictures()

    def ours():
        found = mean_average_precision(
            targets, detections, iou_thresholds=COCO_THRESHOLDS, method="101-point"
        )
        return [found.map, *found.per_threshold[[0, 5]]]

    calls = {"cnnlib": ours}
    if "pycocotools" in there:
        calls["pycocotools"] = coco_call(targets, detections)
    lines = ["| program | AP | AP50 | AP75 | seconds |", "|---|---:|---:|---:|---:|"]
    figures = {}
    for name, call in calls.items():
        start = time.perf_counter()
        figures[name] = call()
        took = time.perf_counter() - start
        np.testing.assert_allclose(figures[name], figures["cnnlib"], rtol=0, atol=1e-6)
        numbers = " | ".join(f"{value:.8f}" for value in figures[name])
        lines.append(f"| {name} | {numbers} | {took:.1f} |")
        print(lines[-1], flush=True)
    objects = sum(len(target["labels"]) for target in targets)
    found = sum(len(picture["labels"]) for picture in detections)
    return "\n".join(lines), objects, found


def shipped_table():
    """Pictures a second of the detectors that ship, one at a time and all at once."""
    from cnnlib import pretrained
    from cnnlib.datasets import photo, streets
    from cnnlib.detection.yolo import Yolo

    tasks = {
        "street_yolo": (3, streets(32, seed=1, part="test").images),
        "tiny_face_detector": (0, np.stack([photo("astronaut").image] * 8)),
    }
    lines = [
        "| detector | pictures | one at a time, a second | all at once, a second |",
        "|---|---|---:|---:|",
    ]
    for name, (classes, images) in tasks.items():
        detector = Yolo(pretrained.load(name), anchors=pretrained.anchors(name), classes=classes)
        alone = 1 / seconds(partial(detector.detect, images[:1]))
        together = len(images) / seconds(partial(detector.detect, images))
        lines.append(
            f"| {name} | {len(images)} of {images.shape[1]}×{images.shape[2]} | {alone:,.0f} | "
            f"{together:,.0f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def trained_table():
    """The four detectors of `benchmarks/detectors.py`, as its results file has them."""
    found = json.loads((HERE / "detectors.json").read_text(encoding="utf-8"))
    proposing = found["proposals"]["picture_seconds"]
    lines = [
        "| detector | trainings | mAP, least / median / most | pictures a CPU second | "
        "with proposals |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, detector in found["detectors"].items():
        runs = detector["runs"]
        values = sorted(run["map"] for run in runs)
        band = " / ".join(f"{v:.3f}" for v in (values[0], statistics.median(values), values[-1]))
        looks = statistics.median(run["picture_seconds"] for run in runs)
        whole = looks + (proposing if name in ("rcnn", "fast") else 0)
        lines.append(f"| {name} | {len(runs)} | {band} | {1 / looks:,.0f} | {1 / whole:,.0f} |")
    return "\n".join(lines)


def main():
    began = time.perf_counter()
    there = installed()
    where = machine(["numpy", "keras", *there.values()])
    boxes = boxes_table(there)
    evaluations, objects, found = map_table(there)
    shipped = shipped_table()
    write(
        "detection",
        f"""## Detection

`python benchmarks/detection.py` measured all of this in one run. {where}

### Boxes

Milliseconds, median after a warm-up, from NumPy arrays to a NumPy array; random boxes of 10 to 200
pixels on a picture of 1,000, float32, suppression at IoU {IOU_THRESHOLD}. All programs keep the
same boxes in the same order. TensorFlow has no function for a table of IoU; it is written in its
operations. OpenCV has none either.

{boxes}

### Mean average precision

{PICTURES:,} pictures, {objects:,} objects of {CLASSES} classes, {found:,} detections, thresholds
of IoU from .5 to .95. pycocotools evaluates objects of all sizes together, and its index of the
annotations is made before the clock starts; the checks of every box that cnnlib makes are within
its time.

{evaluations}

### Detectors

Pictures a second with suppression, from arrays to boxes, of the detectors that ship:

{shipped}

The four detectors that learn the same street scenes, from `benchmarks/detectors.json`, which
another run wrote: processor seconds of one thread. R-CNN and Fast R-CNN need proposals first.

{trained_table()}
""",
    )
    print(f"wrote {PAGE} after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
