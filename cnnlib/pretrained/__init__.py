"""Networks that somebody has trained already: the architecture as code, the weights as data.

`load` builds one and gives it its weights; `available` lists them. `center_crop`,
`letterbox` and `stretched` bring a photograph to the size they expect; `decode`, `class_names` and
`anchors` tell what their answers mean.
"""

from cnnlib.pretrained.classes import class_names, decode
from cnnlib.pretrained.networks import anchors, available, load
from cnnlib.pretrained.photographs import Fitted, center_crop, letterbox, stretched

__all__ = [
    "Fitted",
    "anchors",
    "available",
    "center_crop",
    "class_names",
    "decode",
    "letterbox",
    "load",
    "stretched",
]
