"""Networks that somebody has trained already: the architecture as code, the weights as data.

`load` builds one and gives it its weights; `available` lists them. `center_crop` and `letterbox`
cut a photograph as they expect it; `decode`, `class_names` and `anchors` read their answers.
"""

from cnnlib.pretrained.classes import class_names, decode
from cnnlib.pretrained.networks import anchors, available, load
from cnnlib.pretrained.photographs import Letterbox, center_crop, letterbox

__all__ = [
    "Letterbox",
    "anchors",
    "available",
    "center_crop",
    "class_names",
    "decode",
    "letterbox",
    "load",
]
