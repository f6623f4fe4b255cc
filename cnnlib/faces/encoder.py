"""From a photograph to encodings: find the faces, turn them upright, describe each by d numbers.

Encoders of both kinds, the published network and small ones that are trained here, are called
alike: pictures of faces in, encodings out.
"""

from functools import cache
from typing import NamedTuple

import keras
import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.transform import SimilarityTransform, warp

from cnnlib import pretrained
from cnnlib.datasets.photos import LUMINANCE
from cnnlib.detection.arguments import box_array, share, whole_number
from cnnlib.detection.yolo import Yolo
from cnnlib.models.embedding import embedding_network
from cnnlib.pretrained.arguments import within_0_and_1

LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)  # of the 68 points; left in the picture
# Where `aligned` puts the middle of each eye, x and y as shares of the side: symmetric, and about
# where dlib has them, for which the published encoder was trained.
EYES = (0.32, 0.31), (0.68, 0.31)
_DETECTOR_SIZE, _LANDMARK_SIZE, _ENCODER_SIZE = 416, 112, 150  # pixels of a side
_BATCH = 32


class Face(NamedTuple):
    """A face in a photograph."""

    image: np.ndarray  # (size, size, 3) float32 RGB in 0…1: upright, the eyes at `EYES`
    box: np.ndarray  # (4,) corners in the photograph's pixels
    score: float  # of the detector, 0…1
    landmarks: np.ndarray  # (68, 2), x and y in the photograph's pixels


class FaceEncoder:
    """A network that describes faces, behind the interface that all encoders here share.

    Parameters
    ----------
    network : keras.Model
        From pictures of one size, (m, height, width, 1) gray or (m, height, width, 3) RGB in 0…1,
        to encodings (m, d).

    Raises
    ------
    TypeError
        Where network is no Keras model.
    ValueError
        Where it takes or gives something else.

    Examples
    --------
    >>> encoder = small_encoder()
    >>> encoder(np.zeros((2, 50, 40, 3))).shape
    (2, 32)
    """

    def __init__(self, network):
        if not isinstance(network, keras.Model):
            raise TypeError(
                f"FaceEncoder: network is a {type(network).__name__}, it needs a keras.Model"
            )
        taken, given = network.input_shape, network.output_shape
        fits = isinstance(taken, tuple) and len(taken) == 4 and taken[3] in (1, 3)
        if not fits or None in taken[1:] or not isinstance(given, tuple) or len(given) != 2:
            raise ValueError(
                f"FaceEncoder: network takes {taken} and gives {given}, it needs pictures of one "
                "size with 1 or 3 channels and (m, d)"
            )
        self.network = network

    def __call__(self, faces):
        """The encodings of faces.

        Parameters
        ----------
        faces : (m, height, width, channels) array, or a list of pictures of any sizes
            In 0…1: gray (1 channel), gray and alpha (2), RGB (3) or RGBA (4). A picture of another
            size than the network's is placed in the middle of a black one, its shape kept;
            what is transparent is black too. A single picture goes into a list.

        Returns
        -------
        (m, d) array
            float32.

        Raises
        ------
        TypeError, ValueError
            Without pictures; for pictures without pixels, of another shape or outside 0…1.
        """
        if isinstance(faces, np.ndarray) and faces.ndim != 4:
            raise ValueError(
                f"FaceEncoder: faces has shape {faces.shape}, it needs (m, height, width, "
                "channels); a single picture goes into a list"
            )
        fitted = [self._fitted(f"faces[{i}]", face) for i, face in enumerate(faces)]
        if not fitted:
            raise ValueError("FaceEncoder: faces is empty, it needs one picture or more")
        batches = [np.stack(fitted[i : i + _BATCH]) for i in range(0, len(fitted), _BATCH)]
        encoded = [np.asarray(self.network.predict_on_batch(batch)) for batch in batches]
        return np.concatenate(encoded).astype(np.float32)

    def _fitted(self, name, face):
        """A picture of the network's size and channels."""
        _, height, width, channels = self.network.input_shape
        face = _rgb("FaceEncoder", name, face)
        if face.shape[:2] != (height, width):
            face = pretrained.letterbox(face, (height, width), place="center").image
        return face if channels == 3 else face @ np.float32(LUMINANCE)[:, np.newaxis]


def face_encoder():
    """The published network `pretrained.load("face_encoder")`, d = 128.

    It expects faces turned upright, as `faces_in` cuts them out. 0.6 is the usual threshold;
    `verification.best_threshold` finds the one that fits the pictures at hand.

    Returns
    -------
    FaceEncoder

    Raises
    ------
    FileNotFoundError, ValueError
        Where the file with the weights is missing or damaged.

    Examples
    --------
    >>> face_encoder()(np.zeros((2, 150, 150, 3))).shape
    (2, 128)
    """
    return FaceEncoder(pretrained.load("face_encoder"))


def small_encoder(*, input_shape=(28, 28, 1), size=32):
    """A small network that has yet to learn: train its `network`, for instance by triplets.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures, 1 or 3 channels.
    size : int
        Numbers d of an encoding, which has the length 1.

    Returns
    -------
    FaceEncoder

    Raises
    ------
    TypeError, ValueError
        As `models.embedding.embedding_network`, and for other channels.

    Examples
    --------
    >>> encodings = small_encoder(size=8)(np.ones((1, 28, 28, 1)))
    >>> round(float(np.linalg.norm(encodings)), 4)
    1.0
    """
    return FaceEncoder(embedding_network(input_shape=input_shape, size=size))


def face_landmarks(image, box=None):
    """The 68 points of a face, by the network `pretrained.load("face_landmarks_68")`.

    Parameters
    ----------
    image : (height, width) or (height, width, channels) array
        In 0…1, channels as in `FaceEncoder`.
    box : (4,) array, optional
        Corners of the face in pixels; by default the face fills the picture.

    Returns
    -------
    (68, 2) array
        x and y in the picture's pixels; which point is where, `models.faces.face_landmarks_68`
        tells. There are always 68, also where the picture shows no face.

    Raises
    ------
    TypeError, ValueError
        For another picture, as `FaceEncoder`, and a box that has no pixel in common with it.

    Examples
    --------
    >>> from cnnlib.datasets import photo
    >>> points = face_landmarks(photo("astronaut").image, (163, 75, 278, 185))
    >>> points[LEFT_EYE].mean(axis=0).round(-1).tolist()
    [200.0, 100.0]
    """
    image = _rgb("face_landmarks", "image", image)
    box = (0, 0, image.shape[1], image.shape[0]) if box is None else box
    ((left, top, right, bottom),) = box_array("face_landmarks", "box", [box]).astype(int)
    left, top = max(left, 0), max(top, 0)
    face = image[top : max(bottom, 0), left : max(right, 0)]
    if face.size == 0:
        raise ValueError(
            f"face_landmarks: box is {list(box)}, it needs pixels of a picture of "
            f"{image.shape[0]}×{image.shape[1]}"
        )
    fitted = pretrained.letterbox(face, _LANDMARK_SIZE, place="center")
    (shares,) = np.asarray(_landmark_network().predict_on_batch(fitted.image[np.newaxis]))
    return fitted.to_photograph(_LANDMARK_SIZE * shares) + np.array([left, top])


def aligned(image, landmarks, size=_ENCODER_SIZE):
    """A face turned, moved and scaled so that the eyes lie where they lie in all aligned faces.

    The similarity transform that does so follows from the two middles of the eyes, read as complex
    numbers: z' = a z + b with a = (r' − l') / (r − l), whose length is the scale and whose angle is
    the turn, and b = l' − a l.

    Parameters
    ----------
    image : (height, width) or (height, width, channels) array
        In 0…1, channels as in `FaceEncoder`.
    landmarks : (68, 2) array
        x and y in pixels, as `face_landmarks` finds them.
    size : int
        Pixels of the result's side.

    Returns
    -------
    (size, size, 3) array
        float32 RGB in 0…1, the eyes at `EYES`; what lies beyond the picture is black.

    Raises
    ------
    TypeError, ValueError
        For another picture, points that are not finite or not 68, two eyes at one place, a size
        below 1.

    Examples
    --------
    >>> from cnnlib.datasets import photo
    >>> image = photo("astronaut").image
    >>> aligned(image, face_landmarks(image, (163, 75, 278, 185)), 100).shape
    (100, 100, 3)
    """
    image = _rgb("aligned", "image", image)
    size = whole_number("aligned", "size", size, least=1)
    landmarks = np.asarray(landmarks, float)
    if landmarks.shape != (68, 2) or not np.isfinite(landmarks).all():
        raise ValueError(
            f"aligned: landmarks has shape {landmarks.shape}, it needs (68, 2) finite numbers"
        )
    # A pixel's middle has whole numbers in `warp`, its corners have them here.
    middles = np.stack([landmarks[eye].mean(axis=0) for eye in (LEFT_EYE, RIGHT_EYE)]) - 0.5
    left, right = middles @ (1, 1j)
    new_left, new_right = (size * np.array(EYES) - 0.5) @ (1, 1j)
    if left == right:
        raise ValueError(f"aligned: landmarks has both eyes at {middles[0] + 0.5}")
    a = (new_right - new_left) / (right - left)
    b = new_left - a * left
    transform = SimilarityTransform(
        scale=abs(a), rotation=np.angle(a), translation=(b.real, b.imag)
    )
    blur = max(0, (1 / abs(a) - 1) / 2)  # where the face shrinks, so that nothing aliases
    image = gaussian_filter(image, (blur, blur, 0))
    return np.clip(warp(image, transform.inverse, output_shape=(size, size)), 0, 1, dtype="float32")


def faces_in(photograph, *, size=_ENCODER_SIZE, score_threshold=0.5):
    """The faces in a photograph: found, and turned upright by their landmarks.

    Parameters
    ----------
    photograph : (height, width) or (height, width, channels) array
        In 0…1, channels as in `FaceEncoder`. The detector sees it with a longer side of 416 pixels.
    size : int
        Pixels of the side of each aligned face.
    score_threshold : float
        Only boxes with a larger score count.

    Returns
    -------
    list of Face
        `image`, `box`, `score`, `landmarks`; the best score first.

    Raises
    ------
    ValueError
        Where there is no face, and for another picture, as `FaceEncoder`.
    TypeError
        Where the picture holds no numbers.

    Examples
    --------
    >>> from cnnlib.datasets import photo
    >>> [face] = faces_in(photo("astronaut").image)
    >>> face.image.shape, face.box.round(-1).tolist()
    ((150, 150, 3), [160.0, 80.0, 280.0, 190.0])
    """
    photograph = _rgb("faces_in", "photograph", photograph)
    share("faces_in", "score_threshold", score_threshold)
    fitted = pretrained.letterbox(photograph, _DETECTOR_SIZE)
    (found,) = _detector().detect(
        fitted.image[np.newaxis], score_threshold=score_threshold, iou_threshold=0.4
    )
    if len(found["boxes"]) == 0:
        height, width, _ = photograph.shape
        raise ValueError(
            f"faces_in: photograph of {height}×{width} shows no face with a score above "
            f"{score_threshold}, it needs one"
        )
    faces = []
    for box, score in zip(fitted.to_photograph(found["boxes"]), found["scores"], strict=True):
        points = face_landmarks(photograph, box)
        faces.append(Face(aligned(photograph, points, size), box, float(score), points))
    return faces


@cache
def _detector():
    network = pretrained.load("tiny_face_detector")
    return Yolo(network, anchors=pretrained.anchors("tiny_face_detector"), classes=0)


@cache
def _landmark_network():
    return pretrained.load("face_landmarks_68")


def _rgb(function, name, picture):
    """A picture as (height, width, 3) float32, what is transparent black."""
    try:
        picture = np.asarray(picture)
    except ValueError:  # parts of different shapes
        raise TypeError(
            f"{function}: {name} is a {type(picture).__name__}, it needs an array of pixels"
        ) from None
    if picture.ndim == 2:
        picture = picture[..., np.newaxis]
    if picture.ndim != 3 or not 1 <= picture.shape[-1] <= 4 or picture.size == 0:
        raise ValueError(
            f"{function}: {name} has shape {picture.shape}, it needs (height, width, channels) "
            "with 1 to 4 channels and a pixel at least"
        )
    within_0_and_1(function, name, picture)
    picture = picture.astype(np.float32)
    if picture.shape[-1] in (2, 4):
        picture = picture[..., :-1] * picture[..., -1:]
    return np.broadcast_to(picture, (*picture.shape[:2], 3))
