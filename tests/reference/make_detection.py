"""What torchvision and pycocotools say of drawn boxes: writes detection.npz beside this file.

    python tests/reference/make_detection.py

in an environment with NumPy, torch, torchvision and pycocotools (made with torch 2.13.0 for CPUs,
torchvision 0.28.0, pycocotools 2.0.11). The file holds

- `a`, `b`: float32 boxes (x_min, y_min, x_max, y_max), random, touching, nested and flat ones;
  `iou`, `generalized_iou`: torchvision's tables of them, NaN where it divides 0 by 0;
- `boxes`, `scores`, `labels`: boxes for suppression, some equal, with equal scores;
  `nms_30`, `nms_50`, `nms_70`: what `torchvision.ops.nms` keeps at IoU .3, .5, .7,
  `batched_nms_50`: what `torchvision.ops.batched_nms` keeps at .5 for each label on its own;
- `targets_…`, `detections_…`: ground truth and detections of 60 pictures, each row with its
  `…_picture`: five classes, the last two without ground truth or without detections, pictures
  without objects, one with more than a hundred detections of a class, equal scores, and whole
  corners, so that overlaps lie on the thresholds;
  `stats`: pycocotools' AP, AP50 and AP75; `precision`: its mean precision at each threshold
  (rows) of each class (columns), −1 for the class without ground truth.

Nothing of it is drawn again by the tests, which read the file.
"""

import contextlib
import io
from pathlib import Path

import numpy as np

PICTURES = 60


def drawn_boxes(generator, n):
    low, size = generator.uniform(0, 80, (n, 2)), generator.uniform(0, 40, (n, 2))
    boxes = np.concatenate([low, low + size], axis=1)
    boxes[::3] = np.round(boxes[::3] / 8) * 8  # these touch, nest, repeat or are flat
    return boxes.astype(np.float32)


def drawn_pictures(generator):
    """Targets and detections in the form of `cnnlib.detection.metrics`."""
    targets, detections = [], []
    for picture in range(PICTURES):
        n = generator.integers(0, 8)
        low, size = generator.integers(0, 60, (n, 2)), generator.integers(8, 40, (n, 2))
        boxes = np.concatenate([low, low + size], axis=1).astype(float)
        labels = generator.choice([0, 1, 2, 4], n)
        times = 60 if picture == 7 else 2
        copies = generator.integers(0, n, times * n) if n else np.zeros(0, int)
        found = boxes[copies] + generator.integers(-2, 3, (len(copies), 4))
        alone = generator.integers(0, 60, (4, 2))
        found = np.concatenate([found, np.concatenate([alone, alone + 15], axis=1)])
        named = np.concatenate([labels[copies], generator.integers(0, 4, 4)])
        scores = np.round(generator.random(len(found)) ** 2, 2)
        scores[: len(copies)] = 1 - scores[: len(copies)]
        kept = named != 4
        targets.append({"boxes": boxes, "labels": labels})
        detections.append({"boxes": found[kept], "scores": scores[kept], "labels": named[kept]})
    return targets, detections


def coco(targets, detections):
    """pycocotools' evaluation of these boxes, ready to run; nothing is printed."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def entries(pictures):
        for i, picture in enumerate(pictures):
            for row, (x_min, y_min, x_max, y_max) in enumerate(picture["boxes"].tolist()):
                entry = {
                    "image_id": i,
                    "category_id": int(picture["labels"][row]),
                    "bbox": [x_min, y_min, x_max - x_min, y_max - y_min],
                }
                if "scores" in picture:
                    entry["score"] = float(picture["scores"][row])
                yield entry

    labels = np.concatenate([picture["labels"] for picture in (*targets, *detections)])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(len(targets))],
            "categories": [{"id": label} for label in np.unique(labels).tolist()],
            "annotations": [
                {**entry, "id": i + 1, "iscrowd": 0, "area": entry["bbox"][2] * entry["bbox"][3]}
                for i, entry in enumerate(entries(targets))
            ],
        }
        truth.createIndex()
        return COCOeval(truth, truth.loadRes(list(entries(detections))), "bbox")


def figures(evaluation):
    """AP, AP50 and AP75, and the mean precision at each threshold of each class."""
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats[:3], evaluation.eval["precision"][:, :, :, 0, -1].mean(axis=1)


def flat(name, pictures):
    """The pictures' arrays end to end, and the picture of each row."""
    arrays = {
        f"{name}_{key}": np.concatenate([picture[key] for picture in pictures])
        for key in pictures[0]
    }
    counts = [len(picture["labels"]) for picture in pictures]
    return {**arrays, f"{name}_picture": np.repeat(np.arange(len(pictures)), counts)}


def main():
    import torch
    from torchvision import ops

    generator = np.random.default_rng(0)
    a, b = drawn_boxes(generator, 40), drawn_boxes(generator, 30)
    boxes = drawn_boxes(generator, 300)
    scores = np.round(generator.random(300), 2).astype(np.float32)
    labels = generator.integers(0, 3, 300)
    tensors = [torch.from_numpy(array) for array in (boxes, scores, labels)]
    targets, detections = drawn_pictures(generator)
    stats, precision = figures(coco(targets, detections))
    np.savez_compressed(
        Path(__file__).with_name("detection.npz"),
        a=a,
        b=b,
        iou=ops.box_iou(*map(torch.from_numpy, (a, b))).numpy(),
        generalized_iou=ops.generalized_box_iou(*map(torch.from_numpy, (a, b))).numpy(),
        boxes=boxes,
        scores=scores,
        labels=labels,
        nms_30=ops.nms(*tensors[:2], 0.3).numpy(),
        nms_50=ops.nms(*tensors[:2], 0.5).numpy(),
        nms_70=ops.nms(*tensors[:2], 0.7).numpy(),
        batched_nms_50=ops.batched_nms(*tensors, 0.5).numpy(),
        **flat("targets", targets),
        **flat("detections", detections),
        stats=stats,
        precision=precision,
    )


if __name__ == "__main__":
    main()
