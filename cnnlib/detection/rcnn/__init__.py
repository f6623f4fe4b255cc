"""Detectors in two stages: regions first, then what is in them.

`regions` makes features of one size from regions of any size, `networks` has the small networks,
`matching` what a region should answer, `batches` what is learned from, `detector` what the three
detectors share, and `proposed` what R-CNN and Fast R-CNN do. Each then has a file of its own.
"""

from cnnlib.detection.rcnn.fast_rcnn import FastRCNN
from cnnlib.detection.rcnn.faster_rcnn import FasterRCNN
from cnnlib.detection.rcnn.matching import decode_corrections, encode_corrections
from cnnlib.detection.rcnn.networks import small_backbone
from cnnlib.detection.rcnn.proposed import ProposedRegions
from cnnlib.detection.rcnn.rcnn import RCNN
from cnnlib.detection.rcnn.regions import roi_align, roi_pool

__all__ = [
    "RCNN",
    "FastRCNN",
    "FasterRCNN",
    "ProposedRegions",
    "decode_corrections",
    "encode_corrections",
    "roi_align",
    "roi_pool",
    "small_backbone",
]
