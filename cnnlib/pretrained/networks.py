"""The networks by name: which there are, how they are built, where their weights come from."""

import os
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from cnnlib.datasets.bundled import bundled_file
from cnnlib.models import darknet
from cnnlib.models.efficientnet_lite import efficientnet_lite0
from cnnlib.models.faces import (
    CELL,
    FACE_ANCHORS,
    face_encoder,
    face_landmarks_68,
    tiny_face_detector,
)
from cnnlib.models.hed import vgg16_hed
from cnnlib.models.yolo import yolo_network
from cnnlib.pretrained import official
from cnnlib.pretrained.weights import assign

_BUILDERS = {
    "efficientnet_lite0": efficientnet_lite0,
    "face_encoder": face_encoder,
    "face_landmarks_68": face_landmarks_68,
    "street_yolo": partial(yolo_network, anchors=5, classes=3),
    "tiny_face_detector": tiny_face_detector,
    "vgg16_hed": vgg16_hed,
}
_YOLO_FASTEST = "pretrained/yolo_fastest_xl.cfg"


def available(weights="bundled"):
    """The names that `load` knows, in alphabetical order.

    With "bundled" those that ship with the course and load anywhere; with "official" those whose
    weights others publish, for which the first `load` needs a network.

    >>> available()[:3]
    ['efficientnet_lite0', 'face_encoder', 'face_landmarks_68']
    >>> "resnet50" in available("official")
    True
    """
    if weights not in ("bundled", "official"):
        raise ValueError(f"available: weights is {weights!r}, it needs 'bundled' or 'official'")
    return sorted(_BUILDERS if weights == "bundled" else [*official.NETWORKS, "yolo_fastest_xl"])


def load(name, *, weights="bundled"):
    """A pretrained network that takes float32 RGB in 0…1 and preprocesses it inside.

    `"efficientnet_lite0"` tells the 1,000 classes of ImageNet apart: (m, 224, 224, 3) to
    probabilities (m, 1000). `center_crop` cuts a photograph as it expects them, `decode` names
    the classes. It ships with kernels in float16, which moves a logit by less than 0.03.

    `"vgg16_hed"` finds edges: (m, height, width, 3), of any height and width, to probabilities
    (m, height, width, 1). Its layers are reachable by name: `model.get_layer("block4_conv3")`
    has the VGG-16 features, `"side1"` … `"side5"` the edge logits from fine to coarse. The weights
    were trained on ImageNet, then fine-tuned for edges on BSDS500; they ship as int8, which moves
    the edge probabilities by 0.0015 on average.

    `"tiny_face_detector"` finds faces: (m, height, width, 3), multiples of 32, to the raw volume
    (m, height / 32, width / 32, 5, 5) of YOLO, for which `anchors` has the shapes.
    `"face_landmarks_68"` finds 68 points of one face: (m, 112, 112, 3) to (m, 68, 2), shares of the
    square's side. `letterbox` makes the pictures of both. They ship with the bytes as published.

    `"face_encoder"` describes one face: (m, 150, 150, 3) to encodings (m, 128), close to each other
    where they are of one person. `cnnlib.faces.encoder` makes its pictures. It ships as int8, which
    moves an encoding by less than 0.02.

    `"street_yolo"` finds pedestrians, cars and motorcycles in the drawn scenes of
    `datasets.streets`: (m, 96, 96, 3) to the raw volume (m, 6, 6, 5, 8). The course trained it.

    `"yolo_fastest_xl"` finds the 80 kinds of things that `class_names` lists: (m, height, width,
    3), multiples of 32, to two raw volumes (m, g_h, g_w, 3, 85), each class by a sigmoid. It was
    trained on pictures `stretched` to 320 × 320. Its weights (3.7 MB) do not ship: they are
    downloaded the first time, whatever `weights` says, or taken from the folder that it names.

    With `weights="official"`: the networks of `available("official")`, to the same 1,000
    probabilities, with the weights that Keras publishes. The first time they are downloaded.

    Parameters
    ----------
    name : str
        One of `available()`, or of `available("official")`.
    weights : "bundled", "official" or a folder
        The file that ships with the course; the published one; or a folder that holds another file
        of the same name and form: `<name>.h5`, and `yolo-fastest-1.1-xl.weights`.

    Returns
    -------
    keras.Model
        It saves to `.keras`; to load that file elsewhere, import `cnnlib.pretrained` first.

    Raises
    ------
    ValueError
        Where the name is unknown, the network has no such weights, or the file is damaged or
        belongs to another network.
    TypeError
        Where weights is neither a string nor a path.
    FileNotFoundError, OSError
        Where the file is missing or cannot be read.
    ConnectionError
        Where weights that do not ship lie in no cache and cannot be downloaded.

    References
    ----------
    Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks",
    https://arxiv.org/abs/1905.11946.
    Xie and Tu, "Holistically-nested edge detection", https://arxiv.org/abs/1504.06375.
    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
    https://arxiv.org/abs/1409.1556.
    Redmon and Farhadi, "YOLO9000: better, faster, stronger", https://arxiv.org/abs/1612.08242.

    Examples
    --------
    >>> model = load("vgg16_hed")
    >>> model(np.zeros((1, 40, 60, 3), "float32")).shape == (1, 40, 60, 1)
    True
    """
    if name not in [*available(), *available("official")]:
        raise ValueError(
            f"load: name is {name!r}, it needs one of {available()}, or with weights='official' "
            f"one of {available('official')}"
        )
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(f"load: weights is {weights!r}, it needs 'bundled', 'official' or a folder")
    if name == "yolo_fastest_xl":
        return _yolo_fastest(weights)
    if weights == "official":
        if name in _BUILDERS:
            raise ValueError(
                f"load: weights is 'official', but nobody publishes {name} with Keras; it needs "
                f"'bundled' or a folder. Official are {available('official')}"
            )
        return official.official(name, available())
    if name not in _BUILDERS:
        raise ValueError(
            f"load: weights is {str(weights)!r}, but {name} does not ship with the course; "
            "it needs 'official'"
        )
    file = f"{name}.h5"
    path = bundled_file(f"pretrained/{file}") if weights == "bundled" else Path(weights) / file
    model = _BUILDERS[name]()
    assign(model, path)
    return model


def anchors(name):
    """The shapes that a detector's boxes start from, in pixels of the picture it is given.

    Parameters
    ----------
    name : str
        `"street_yolo"`, `"tiny_face_detector"` or `"yolo_fastest_xl"`.

    Returns
    -------
    array (A, 2), or a list of them
        float32, width and height, in the order of the volume; a list where there are several
        volumes.

    Raises
    ------
    ValueError
        Where there is no such detector.

    Examples
    --------
    >>> anchors("tiny_face_detector").astype(int).tolist()[0]
    [51, 67]
    >>> [volume.shape for volume in anchors("yolo_fastest_xl")]
    [(3, 2), (3, 2)]
    """
    if name == "tiny_face_detector":
        return np.array(FACE_ANCHORS, np.float32) * CELL
    if name == "street_yolo":
        with h5py.File(bundled_file("pretrained/street_yolo.h5")) as file:
            return file.attrs["anchors"].astype(np.float32)
    if name == "yolo_fastest_xl":
        return darknet.anchors(bundled_file(_YOLO_FASTEST))
    raise ValueError(
        f"anchors: name is {name!r}, it needs 'street_yolo', 'tiny_face_detector' or "
        "'yolo_fastest_xl'"
    )


def _yolo_fastest(weights):
    """The network of darknet's plan, for pictures of any size, with weights from elsewhere."""
    file = "yolo-fastest-1.1-xl.weights"
    if weights in ("bundled", "official"):
        from cnnlib.datasets import remote

        try:
            path = remote.fetch("yolo_fastest_xl")
        except ConnectionError as error:
            raise ConnectionError(
                f"load: {file} of yolo_fastest_xl does not ship: with a network the same call "
                "downloads it, without one weights needs to be a folder that has it"
            ) from error
    else:
        path = Path(weights) / file
        if not path.is_file():
            raise FileNotFoundError(f"load: {path} is missing; weights needs a folder with {file}")
    plan = bundled_file(_YOLO_FASTEST)
    return darknet.darknet(plan, path, input_shape=(None, None, 3), name="yolo_fastest_xl")
