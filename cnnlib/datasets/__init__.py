"""Pictures to learn from: plain arrays in a small named tuple that says where they come from."""

import importlib

from cnnlib.datasets.annotations import (
    Annotations,
    read_coco,
    read_voc,
    read_yolo,
    write_coco,
)
from cnnlib.datasets.bundled import bundled_file
from cnnlib.datasets.digit_scenes import digit_scenes
from cnnlib.datasets.digits import Mnist, mnist
from cnnlib.datasets.face_crops import FaceCrops, face_crops
from cnnlib.datasets.folder import Folder, folder
from cnnlib.datasets.glyphs import Glyphs, glyphs
from cnnlib.datasets.landmark_faces import LandmarkFaces, landmark_faces
from cnnlib.datasets.photos import Photo, photo, photo_names
from cnnlib.datasets.pictures import picture
from cnnlib.datasets.scenes import Scenes
from cnnlib.datasets.streets import streets
from cnnlib.datasets.textures import Textures, textures

__all__ = [
    "Annotations",
    "FaceCrops",
    "Folder",
    "Glyphs",
    "LandmarkFaces",
    "Mnist",
    "Photo",
    "Scenes",
    "Textures",
    "bundled_file",
    "digit_scenes",
    "face_crops",
    "folder",
    "glyphs",
    "landmark_faces",
    "mnist",
    "photo",
    "photo_names",
    "picture",
    "read_coco",
    "read_voc",
    "read_yolo",
    "remote",
    "streets",
    "textures",
    "write_coco",
]


def __getattr__(name):
    """`datasets.remote`, imported when it is asked for: as a command it must not be there yet."""
    if name == "remote":
        return importlib.import_module("cnnlib.datasets.remote")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
