"""YOLO: a picture is looked at once, and each cell of a grid answers for the midpoints in it.

`volumes` has what the answers mean, in NumPy: `encode`, `decode`, `training_target`. `detector` has
what a network learns from them: `yolo_loss` and the model `Yolo`.
"""

from cnnlib.detection.yolo.detector import Yolo, yolo_loss
from cnnlib.detection.yolo.volumes import class_scores, decode, encode, training_target

__all__ = ["Yolo", "class_scores", "decode", "encode", "training_target", "yolo_loss"]
