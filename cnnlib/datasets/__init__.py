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
from cnnlib.datasets.faces import Faces, faces
from cnnlib.datasets.folder import Folder, folder
from cnnlib.datasets.glyphs import Glyphs, glyphs
from cnnlib.datasets.landmark_faces import LandmarkFaces, landmark_faces
from cnnlib.datasets.outlines import Outlines, outlines
from cnnlib.datasets.paintings import Painting, painting
from cnnlib.datasets.photos import Photo, photo, photo_names
from cnnlib.datasets.pictures import picture
from cnnlib.datasets.recordings import Recording, eeg
from cnnlib.datasets.scenes import Scenes
from cnnlib.datasets.sequences import Sequences, sequences
from cnnlib.datasets.streets import streets
from cnnlib.datasets.textures import Textures, textures
from cnnlib.datasets.videos import Videos, videos
from cnnlib.datasets.volumes import Volumes, volumes

__all__ = [
    "Annotations",
    "FaceCrops",
    "Faces",
    "Folder",
    "Glyphs",
    "LandmarkFaces",
    "Mnist",
    "Outlines",
    "Painting",
    "Photo",
    "Recording",
    "Scenes",
    "Sequences",
    "Textures",
    "Videos",
    "Volumes",
    "bundled_file",
    "digit_scenes",
    "eeg",
    "face_crops",
    "faces",
    "folder",
    "glyphs",
    "landmark_faces",
    "mnist",
    "outlines",
    "painting",
    "photo",
    "photo_names",
    "picture",
    "read_coco",
    "read_voc",
    "read_yolo",
    "remote",
    "sequences",
    "streets",
    "textures",
    "videos",
    "volumes",
    "write_coco",
]


def __getattr__(name):
    """`datasets.remote`, imported when it is asked for: as a command it must not be there yet."""
    if name == "remote":
        return importlib.import_module("cnnlib.datasets.remote")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
