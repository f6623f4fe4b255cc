"""Your own pictures with boxes: read at one size, their boxes moved with them, and split."""

from pathlib import PurePosixPath

import numpy as np
from tqdm import tqdm

from cnnlib.datasets.annotations.coco import coco
from cnnlib.datasets.annotations.reading import Reading
from cnnlib.datasets.annotations.voc import voc
from cnnlib.datasets.annotations.yolo import yolo
from cnnlib.datasets.pictures import fitted, regions
from cnnlib.datasets.scenes import target
from cnnlib.datasets.sides import copies, places

_READERS = {"voc": voc, "coco": coco, "yolo": yolo}
FORMATS = tuple(_READERS)


def boxed(path, annotations, names, shape, fit, train, seed, broken):
    """Files, targets, pixels, classes, and which pictures to learn from and to test on."""
    reading = Reading("folder", path, names, broken)
    if annotations in _READERS:
        _READERS[annotations](reading)
    else:
        coco(reading, annotations)
    reading.report(level=3)
    found = reading.annotations()
    files, targets, pictures = [], [], []
    described = list(zip(found.files, found.shapes, found.targets, strict=True))
    for file, before, boxes in tqdm(described, "folder", unit="picture", delay=5, leave=False):
        try:
            pictures.append(fitted(path / file, shape, fit))
        except Exception as error:  # each format's decoder fails in its own way on broken files
            reading.problems.append(f"{file} cannot be read as a picture ({error})")
            continue
        files.append(file)
        targets.append(_moved(boxes, *regions(before, shape, fit)))
    if isinstance(train, list | tuple):
        sides = _named(files, pictures, train, seed, reading)
    else:
        sides = _random(pictures, train, seed)
    reading.report(level=3)
    return files, targets, pictures, found.names, sides


def _moved(boxes, taken, given):
    """The target of a picture of which one region went into another; xyxy both."""
    scale = (given[2] - given[0]) / taken[2], (given[3] - given[1]) / taken[3]
    corners = boxes["boxes"] * np.array(scale * 2) + np.array(given[:2] * 2)
    return target(corners, boxes["labels"])


def _random(pictures, train, seed):
    groups = copies(pictures)
    mixed = [groups[i] for i in np.random.default_rng(seed).permutation(len(groups))]
    chosen = places("the folder", len(groups), train)
    return [[i for group in side for i in group] for side in (mixed[:chosen], mixed[chosen:])]


def _named(files, pictures, train, seed, reading):
    known = {}
    for i, file in enumerate(files):
        for name in {file, PurePosixPath(file).name, PurePosixPath(file).stem}:
            known.setdefault(name, []).append(i)
    wanted = set()
    for name in train:
        found = known.get(name, [])
        if len(found) == 1:
            wanted.add(found[0])
        else:
            reading.problems.append(f"train has {name!r}, which is {len(found)} of the pictures")
    if not 0 < len(wanted) < len(files):
        raise reading.fatal(
            f"train names {len(wanted)} of {len(files)} pictures, each side needs one or more"
        )
    for group in copies(pictures):
        if 0 < len(wanted & set(group)) < len(group):
            same = ", ".join(files[i] for i in group)
            reading.notes.append(f"copies of one picture are on both sides: {same}")
    mixed = np.random.default_rng(seed).permutation(len(files)).tolist()
    return [i for i in mixed if i in wanted], [i for i in mixed if i not in wanted]
