"""R-CNN, Fast R-CNN, Faster R-CNN and YOLO on the same street scenes: how good, how fast.

    OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 \\
        python benchmarks/detectors.py rcnn fast faster yolo

trains R-CNN, Fast and Faster R-CNN for the seeds 0 to 4 and measures all on the same 200 test
scenes. A seed draws the starting weights, the order and the regions; the scenes are the same.

- rcnn: 600 scenes seen three times, 4 a step; fast: 600 scenes seen nine times, 8 a step; both
  with up to 200 proposals a picture by `segment_proposals`;
- faster: 1,000 scenes seen six times, 8 a step, four anchors;
- yolo: the weights that ship as `street_yolo` are measured, once; `benchmarks/yolo.py` trains.

It writes `benchmarks/detectors.json`, which
lesson 5 of week 3 draws, after every training: average precision at IoU 0.5 (area under the curve)
over all classes and of each, at 0.75, recall of the proposals, and seconds of processor time: of
training, of a test picture from pixels to detections given its proposals, and of proposing. Of
three measurements on all test scenes the fastest counts. A run that was interrupted goes on where
it stopped; remove the file to begin anew. A busy machine makes processor seconds longer too.
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

from cnnlib import pretrained
from cnnlib.datasets import streets
from cnnlib.detection.anchors import fit_anchors
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.proposals import proposal_recall, segment_proposals
from cnnlib.detection.rcnn import RCNN, FasterRCNN, FastRCNN, small_backbone
from cnnlib.detection.yolo import Yolo

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
COUNTS = (5, 10, 20, 30, 50, 100, 150, 200)
SCENES = {"rcnn": 600, "fast": 600, "faster": 1000}
TRAINING = {
    "rcnn": {"epochs": 3, "batch_size": 4},
    "fast": {"epochs": 9, "batch_size": 8},
    "faster": {"epochs": 6, "batch_size": 8},
}
OF_YOLO = {"scenes": 4000, "epochs": 6, "batch_size": 8}  # as tools/train_street_yolo.py has it
TEST_SCENES = 200


def build(kind, targets):
    """The detector with fresh weights; the anchors of Faster R-CNN fit the ground truth."""
    if kind == "rcnn":
        return RCNN(small_backbone(input_shape=(32, 32, 3)), classes=3)
    if kind == "fast":
        return FastRCNN(small_backbone(), classes=3)
    sizes = np.concatenate([target["boxes"][:, 2:] - target["boxes"][:, :2] for target in targets])
    return FasterRCNN(small_backbone(), anchors=fit_anchors(sizes, 4, seed=0)[0], classes=3)


def seconds(task):
    """Processor seconds of a call, and its answer."""
    start = time.process_time()
    answer = task()
    return time.process_time() - start, answer


def run(kind, seed, scenes, proposals, test, test_proposals):
    """Train one detector and measure it."""
    keras.utils.set_random_seed(seed)
    n = SCENES[kind]
    targets = scenes.targets[:n]
    detector = build(kind, targets)
    proposed = kind != "faster"
    given = {"proposals": proposals[:n]} if proposed else {}
    training, _ = seconds(
        lambda: detector.fit(scenes.images[:n], targets, seed=seed, **TRAINING[kind], **given)
    )
    result = measure(detector, test, {"proposals": test_proposals} if proposed else {})
    result["training_seconds"] = round(training, 1)
    if kind == "faster":
        result["recall"] = recall(detector.propose(test.images), test.targets)
    return result


def measure(detector, test, given):
    """Average precision on the test scenes, and seconds of a picture."""
    times, found = zip(
        *(
            seconds(lambda: detector.detect(test.images, score_threshold=0.02, **given))
            for _ in range(4)  # the first also builds the graph
        ),
        strict=True,
    )
    half, strict = (
        mean_average_precision(test.targets, found[0], iou_thresholds=iou) for iou in (0.5, 0.75)
    )
    return {
        "map": round(half.map, 4),
        "per_class": {str(label): round(ap, 4) for label, ap in half.per_class.items()},
        "map_75": round(strict.map, 4),
        "picture_seconds": round(min(times[1:]) / TEST_SCENES, 5),
    }


def recall(proposals, targets):
    """Recall of the first proposals, for as many of `COUNTS` as there are."""
    counts = [count for count in COUNTS if count <= max(map(len, proposals))]
    return dict(zip(counts, proposal_recall(proposals, targets, counts).round(4), strict=True))


def main(kinds):
    test = streets(TEST_SCENES, seed=0, part="test")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"detectors": {}}
    results |= circumstances()
    if "yolo" in kinds:
        anchors = pretrained.anchors("street_yolo")
        yolo = Yolo(pretrained.load("street_yolo"), anchors=anchors, classes=3)
        results["detectors"]["yolo"] = OF_YOLO | {"runs": [measure(yolo, test, {})]}
    trained = [kind for kind in kinds if kind in SCENES]
    scenes = streets(max(map(SCENES.get, trained), default=1), seed=0)
    proposals = test_proposals = None
    if with_proposals := max((SCENES[kind] for kind in trained if kind != "faster"), default=0):
        proposals = [segment_proposals(image) for image in scenes.images[:with_proposals]]
        spent, test_proposals = seconds(lambda: [segment_proposals(x) for x in test.images])
        results["proposals"] = {
            "picture_seconds": round(spent / TEST_SCENES, 5),
            "mean_count": float(np.mean([len(boxes) for boxes in test_proposals])),
            "recall": recall(test_proposals, test.targets),
        }
    for seed in SEEDS if trained else ():
        for kind in trained:
            setup = {"scenes": SCENES[kind], **TRAINING[kind], "runs": []}
            runs = results["detectors"].setdefault(kind, setup)["runs"]
            if seed < len(runs):
                continue
            measured = run(kind, seed, scenes, proposals, test, test_proposals)
            runs.append(measured)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
            print(f"{kind}, seed {seed}: {measured}", flush=True)
            keras.backend.clear_session()
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or ["rcnn", "fast", "faster", "yolo"])
