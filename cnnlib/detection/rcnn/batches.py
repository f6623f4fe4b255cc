"""Batches of pictures with a few regions each, drawn anew every epoch."""

import keras
import numpy as np

from cnnlib.detection.boxes import clip, iou
from cnnlib.detection.rcnn.matching import COVERED

REGIONS = 24  # of a picture, in a batch
MOST_COVERING = 12  # of these, how many may show an object
JITTERED = 4


class RegionBatches(keras.utils.PyDataset):
    """Pictures, mirrored and recolored at random, with regions to learn from and the ground truth.

    Every other picture is mirrored, and the channels of each are put in a random order.

    Each batch is ({"images", "regions"}, {"boxes", "labels"}), tensors as `match` takes them.

    Parameters
    ----------
    images : (m, height, width, 3) array
    targets : list of dicts
        Ground truth.
    draw : callable
        From a picture's number and a generator to the (r, 4) regions that are shown of it.
    batch_size : int
    seed : int
        Of the order, the mirroring, the colors and the regions.
    """

    def __init__(self, images, targets, draw, *, batch_size, seed):
        super().__init__()
        self.images, self.draw, self.batch_size = images, draw, batch_size
        self.boxes, self.labels = _padded(targets)
        self.random = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def on_epoch_end(self):
        self.order = self.random.permutation(len(self.images))

    def __getitem__(self, number):
        chosen = self.order[number * self.batch_size :][: self.batch_size]
        images, boxes = self.images[chosen], self.boxes[chosen]
        regions = np.stack([self.draw(i, self.random) for i in chosen])
        mirrored = self.random.random(len(chosen)) < 0.5
        images[mirrored] = images[mirrored, :, ::-1]
        colors = self.random.permuted(np.tile(np.arange(3), (len(chosen), 1)), axis=1)
        images = np.take_along_axis(images, colors[:, None, None], axis=3)
        for corners in (boxes, regions):
            corners[mirrored] = _mirror(corners[mirrored], images.shape[2])
        inputs = {"images": images, "regions": regions.astype("float32")}
        return inputs, {"boxes": boxes, "labels": self.labels[chosen]}


def balanced(proposals, targets):
    """A draw of `REGIONS` proposals, up to half of them on objects; true boxes count among them."""
    pools = []
    for boxes, target in zip(proposals, targets, strict=True):
        pool = np.concatenate([boxes, target["boxes"]]).astype("float32")
        covering = (iou(pool, target["boxes"]) >= COVERED).any(axis=1)
        pools.append((pool[covering], pool[~covering]))

    def draw(number, random):
        covering, others = pools[number]
        covering = random.permutation(covering)[:MOST_COVERING]
        rest = others if len(others) else pools[number][0]
        more = REGIONS - len(covering)
        others = random.choice(rest, more, replace=len(rest) < more)
        return np.concatenate([covering, others])

    return draw


def jittered(targets, image_shape):
    """A draw of `JITTERED` true boxes, each side moved by up to an eighth of the box's length."""

    def draw(number, random):
        boxes = targets[number]["boxes"]
        if len(boxes) == 0:
            return np.zeros((JITTERED, 4))
        boxes = random.choice(boxes, JITTERED)
        lengths = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        return clip(boxes + random.uniform(-0.125, 0.125, boxes.shape) * lengths, image_shape)

    return draw


def _padded(targets):
    """Boxes (m, g, 4) and labels (m, g), filled with zeros up to the picture with the most."""
    most = max(1, *(len(target["boxes"]) for target in targets))
    boxes = np.zeros((len(targets), most, 4), "float32")
    labels = np.zeros((len(targets), most), "int32")
    for i, target in enumerate(targets):
        boxes[i, : len(target["boxes"])] = target["boxes"]
        labels[i, : len(target["labels"])] = target["labels"]
    return boxes, labels


def _mirror(boxes, width):
    """Zero boxes that fill up become (width, 0, width, 0): still without area."""
    x_min, y_min, x_max, y_max = np.moveaxis(boxes, -1, 0)
    return np.stack([width - x_max, y_min, width - x_min, y_max], axis=-1)
