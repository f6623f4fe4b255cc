"""Boxes beside pictures: Pascal VOC's XML, COCO's JSON and YOLO's text, in one form."""

from cnnlib.datasets.annotations.coco import read_coco, write_coco
from cnnlib.datasets.annotations.reading import Annotations
from cnnlib.datasets.annotations.voc import read_voc
from cnnlib.datasets.annotations.yolo import read_yolo

__all__ = ["Annotations", "read_coco", "read_voc", "read_yolo", "write_coco"]
