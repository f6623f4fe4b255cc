"""Detectors whose regions come from outside: from segmentation, or from the caller."""

import numpy as np

from cnnlib.detection.arguments import box_array
from cnnlib.detection.proposals import segment_proposals
from cnnlib.detection.rcnn.batches import balanced
from cnnlib.detection.rcnn.detector import RegionDetector, one_each


class ProposedRegions(RegionDetector):
    """What R-CNN and Fast R-CNN share: proposals to learn from, and all of them to judge in use."""

    def draw(self, images, targets, proposals):
        """Regions to learn from: proposals on objects and beside them."""
        return balanced(self._proposals("fit", images, proposals), targets)

    def inputs(self, images, proposals):
        """What `call` takes, filled up to the picture with the most proposals; their numbers."""
        proposals = self._proposals("detect", images, proposals)
        counts = [len(boxes) for boxes in proposals]
        regions = np.zeros((len(images), max(1, *counts), 4), "float32")
        for row, boxes in zip(regions, proposals, strict=True):
            row[: len(boxes)] = boxes
        return {"images": images, "regions": regions}, counts

    def _proposals(self, method, images, proposals):
        if proposals is None:
            return [segment_proposals(image) for image in images]
        name = f"{type(self).__name__}.{method}"
        one_each(name, images, "proposals", proposals)
        return [box_array(name, f"proposals[{i}]", boxes) for i, boxes in enumerate(proposals)]
