"""Faster R-CNN: the shared map also says where to look."""

import keras
import numpy as np
from keras import ops

from cnnlib.detection.anchors import size_array
from cnnlib.detection.arguments import whole_number
from cnnlib.detection.rcnn.batches import jittered
from cnnlib.detection.rcnn.detector import RegionDetector, smooth_l1
from cnnlib.detection.rcnn.fast_rcnn import SIZE, map_scale
from cnnlib.detection.rcnn.matching import (
    best_apart,
    decode_corrections,
    encode_corrections,
    overlaps,
)
from cnnlib.detection.rcnn.networks import proposal_head
from cnnlib.detection.rcnn.regions import roi_align

MOST_OVERLAP = 0.6  # IoU of two proposals
POSITIVE, NEGATIVE = 0.55, 0.35  # IoU of an anchor that should say yes, and of one that should not
NEGATIVE_WEIGHT = 0.3


@keras.saving.register_keras_serializable("cnnlib")
class FasterRCNN(RegionDetector):
    """Fast R-CNN with a region proposal network: a few convolutions on the map it judges anyway.

    Ren, He, Girshick and Sun, "Faster R-CNN: towards real-time object detection with region
    proposal networks" (2015), https://arxiv.org/abs/1506.01497. Both parts learn together from the
    first step, as in the authors' "approximate joint training": no gradient goes through the
    proposals' corners. With RoI align, one correction for all classes, and few proposals.

    Parameters
    ----------
    network : keras.Model
        Backbone for the whole picture: `small_backbone()`.
    anchors : (A, 2) array
        Widths and heights in pixels, as `fit_anchors` finds them.
    classes : int
        Kinds of objects, 1 or more.
    proposals : int
        Regions that it proposes of a picture, in training and in use; the authors take 300 in use.
        What none of them covers is hardly found, so a crowded picture needs more of them than it
        has objects. The second stage's work grows in proportion.

    Raises
    ------
    ValueError, TypeError
        For anchors that are none, less than a class or a proposal, and more proposals than the
        anchors of all cells.

    Examples
    --------
    >>> from cnnlib.detection.rcnn.networks import small_backbone
    >>> detector = FasterRCNN(small_backbone(), anchors=[[12, 30], [40, 24]], classes=3)
    >>> len(detector.detect(np.zeros((2, 96, 96, 3), "float32")))
    2
    """

    def __init__(self, network, *, anchors, classes, proposals=30, **model):
        map_shape = network.output_shape[1:]
        super().__init__(network, (SIZE, SIZE, map_shape[2]), classes, **model)
        self.anchors = size_array("FasterRCNN", "anchors", anchors)
        self.proposer = proposal_head(map_shape, len(self.anchors))
        self.scale = map_scale(network)
        self.places = anchor_boxes(self.anchors, map_shape[:2], self.scale)[None]
        self.proposals = whole_number("FasterRCNN", "proposals", proposals, least=1)
        if self.proposals > self.places.shape[1]:
            raise ValueError(
                f"FasterRCNN: proposals is {proposals}, it needs at most {self.places.shape[1]}, "
                f"one for each of {len(self.anchors)} anchors in {map_shape[0]}×{map_shape[1]} "
                "cells"
            )

    def call(self, inputs, training=False):
        """Judge the network's own proposals, and `inputs["regions"]` (m, r, 4) behind them."""
        maps = self.network(inputs["images"], training=training)
        scores, corrections = self.proposer(maps)
        boxes = decode_corrections(corrections, self.places, self.network.input_shape[1:3])
        best = best_apart(boxes, scores, self.proposals, MOST_OVERLAP)
        regions = ops.stop_gradient(ops.take_along_axis(boxes, best[..., None], axis=1))
        if "regions" in inputs:
            regions = ops.concatenate([regions, inputs["regions"]], axis=1)
        features = roi_align(maps, regions, SIZE, scale=self.scale)
        judged = self.judge(features, regions, training=training)
        return judged | {"anchor_scores": scores, "anchor_corrections": corrections}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss of the regions, and the same two kinds of loss for the anchors."""
        judged = super().compute_loss(x, y, y_pred, sample_weight, training)
        overlap = overlaps(ops.convert_to_tensor(self.places), y["boxes"])
        most, best = ops.max(overlap, axis=2), ops.argmax(overlap, axis=2)
        of_box = ops.max(overlap, axis=1, keepdims=True)
        is_best = ops.any((overlap == of_box) & (of_box > 0), axis=2)
        is_object = ops.cast((most >= POSITIVE) | is_best, "float32")
        is_other = (1 - is_object) * ops.cast(most < NEGATIVE, "float32")
        weights = is_object + NEGATIVE_WEIGHT * is_other
        objects = ops.maximum(ops.sum(is_object), 1.0)

        scores = y_pred["anchor_scores"]
        entropy = ops.softplus(scores) - is_object * scores  # binary cross entropy
        boxes = ops.take_along_axis(y["boxes"], best[..., None], axis=1)
        wanted = encode_corrections(boxes, self.places)
        missed = smooth_l1(wanted - y_pred["anchor_corrections"])
        return judged + ops.sum(weights * entropy + is_object * missed) / objects

    def propose(self, images):
        """The network's own proposals, best first: a list of (proposals, 4) arrays of boxes."""
        answers = self.predict({"images": np.asarray(images, "float32")}, verbose=0)
        return list(answers["regions"])

    def draw(self, images, targets, proposals):
        """True boxes, moved a little: among its first proposals are few good ones to learn from."""
        self._refuse("fit", proposals)
        return jittered(targets, images.shape[1:3])

    def inputs(self, images, proposals):
        """What `call` takes, and that every proposal of its own counts."""
        self._refuse("detect", proposals)
        return {"images": images}, [self.proposals] * len(images)

    def _refuse(self, method, proposals):
        if proposals is not None:
            raise ValueError(
                f"FasterRCNN.{method}: proposals has {len(proposals)} elements, it needs None: the "
                "network proposes its own"
            )

    def get_config(self):
        own = {"anchors": self.anchors.tolist(), "proposals": self.proposals}
        return {**super().get_config(), **own}


def anchor_boxes(anchors, grid, scale):
    """Each anchor around the center of each cell: (rows · columns · A, 4) corners in pixels.

    >>> anchor_boxes(np.array([[8.0, 4.0]]), (1, 2), 1 / 8).tolist()
    [[0.0, 2.0, 8.0, 6.0], [8.0, 2.0, 16.0, 6.0]]
    """
    rows, columns = grid
    y, x = np.mgrid[:rows, :columns] + 0.5
    centers = np.stack([x, y], axis=-1).reshape(-1, 1, 2) / scale
    corners = np.concatenate([centers - anchors / 2, centers + anchors / 2], axis=-1)
    return corners.reshape(-1, 4).astype("float32")
