"""Landmarks: named points of one object, such as the corners of a mouth.

The answer for a picture is y, one row (p, l_x, l_y) a landmark: p is 1 where the landmark can be
seen, l_x and l_y its place as shares of the picture's width and height. A landmark keeps its row
in every picture; where p is 0 its place means nothing.
"""

import keras
import numpy as np
from keras import layers, ops

from cnnlib.detection.arguments import picture_size, share
from cnnlib.detection.localization import features, log_loss
from cnnlib.models.arguments import image_shape, whole_numbers

# The usual order of 68 points (jaw, brows, nose, eyes, mouth): of each row, its row in the mirror.
MIRRORED_68 = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *range(54, 47, -1),
    *range(59, 54, -1),
    *range(64, 59, -1),
    *range(67, 64, -1),
)


def encode(points, present, *, image_shape):
    """The answers y that a landmark network learns.

    Parameters
    ----------
    points : (m, landmarks, 2) array
        (x, y) in pixels.
    present : (m, landmarks) array of bool
        Whether a landmark can be seen.
    image_shape : tuple
        (height, width) of the pictures in pixels.

    Returns
    -------
    (m, landmarks, 3) float32 array
        Rows (p, l_x, l_y), all 0 where the landmark cannot be seen.

    Raises
    ------
    ValueError
        Where the shapes do not fit, or the place of a landmark that can be seen is not finite or
        lies outside the picture.
    TypeError
        Where present is not of type bool.

    Examples
    --------
    >>> encode([[[16, 48], [0, 0]]], [[True, False]], image_shape=(64, 64)).tolist()
    [[[1.0, 0.25, 0.75], [0.0, 0.0, 0.0]]]
    """
    points = _points("encode", "points", points)
    present = np.asarray(present)
    if present.dtype != bool:
        raise TypeError(f"encode: present has type {present.dtype}, it needs bool")
    if present.shape != points.shape[:2]:
        raise ValueError(
            f"encode: present has shape {present.shape}, points need {points.shape[:2]}"
        )
    height, width = picture_size("encode", image_shape)
    places = points / np.array([width, height])
    outside = present & ~((places >= 0) & (places <= 1)).all(axis=-1)  # a NaN is outside
    if outside.any():
        i, j = np.argwhere(outside)[0]
        raise ValueError(
            f"encode: landmark {j} of picture {i} is at {points[i, j].tolist()}, a landmark that "
            f"can be seen needs to lie in the picture of {height}×{width}"
        )
    y = np.concatenate([np.ones((*present.shape, 1)), places], axis=-1)
    return np.where(present[..., None], y, 0).astype(np.float32)


def decode(y, *, image_shape, threshold=0.5):
    """Where the landmarks are in pixels, and which of them can be seen.

    Parameters
    ----------
    y : (m, landmarks, 3) array
        As `encode` and `landmark_net` give them.
    image_shape : tuple
        (height, width) of the pictures in pixels.
    threshold : float
        A landmark counts as seen where p is larger.

    Returns
    -------
    points : (m, landmarks, 2) float array
        (x, y) in pixels, also of landmarks that cannot be seen.
    present : (m, landmarks) bool array

    Raises
    ------
    ValueError
        Where y has another shape or is not finite, or the threshold lies outside 0…1.
    TypeError
        Where the threshold is no number.

    Examples
    --------
    >>> decode([[[0.9, 0.25, 0.75]]], image_shape=(64, 64))
    (array([[[16., 48.]]]), array([[ True]]))
    """
    y = np.asarray(y, dtype=float)
    if y.ndim != 3 or y.shape[2] != 3:
        raise ValueError(f"decode: y has shape {y.shape}, it needs (m, landmarks, 3)")
    if not np.isfinite(y).all():
        raise ValueError(f"decode: y holds {y[~np.isfinite(y)][0]}, it needs finite numbers")
    threshold = share("decode", "threshold", threshold)
    height, width = picture_size("decode", image_shape)
    return y[..., 1:] * np.array([width, height]), y[..., 0] > threshold


@keras.saving.register_keras_serializable("cnnlib")
class LandmarkLoss(keras.losses.Loss):
    """Log loss of each presence bit; the squared distance of each landmark that can be seen.

    A picture's loss is the mean over its landmarks of
    −p log p̂ − (1 − p) log(1 − p̂) + weight · p · ((l̂_x − l_x)² + (l̂_y − l_y)²).

    Parameters
    ----------
    weight : float
        Of the squared distance. In shares of the picture distances are small: an error of a tenth
        counts 0.01, while a presence bit at 0.5 costs 0.69.
    reduction, name
        As in `keras.losses.Loss`: by default the mean over the pictures.

    Raises
    ------
    ValueError
        Where y_true and y_pred are not of one shape (m, landmarks, 3), or weight is not positive.

    Examples
    --------
    >>> y = np.array([[[1, 0.5, 0.5]]])
    >>> round(float(LandmarkLoss(weight=10)(y, y + [[[0, 0.1, 0]]])), 4)
    0.1
    """

    def __init__(self, weight=100.0, *, reduction="sum_over_batch_size", name="landmark_loss"):
        if not weight > 0:
            raise ValueError(f"LandmarkLoss: weight is {weight}, it needs to be positive")
        super().__init__(reduction=reduction, name=name)
        self.weight = weight

    def call(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(y_true, y_pred.dtype)
        shapes = tuple(y_true.shape), tuple(y_pred.shape)
        if len(shapes[1]) != 3 or shapes[0][1:] != shapes[1][1:] or shapes[1][2] != 3:
            raise ValueError(
                f"LandmarkLoss: y_true has shape {shapes[0]}, y_pred {shapes[1]}; they need one "
                "shape (m, landmarks, 3)"
            )
        seen = y_true[..., 0]
        distance = ops.sum(ops.square(y_pred[..., 1:] - y_true[..., 1:]), axis=-1)
        presence = log_loss(seen, y_pred[..., 0])
        return ops.mean(presence + self.weight * seen * distance, axis=-1)

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}


@keras.saving.register_keras_serializable("cnnlib")
class Gaze(keras.layers.Layer):
    """Where each of k maps looks in a picture, and what is there: a softmax over the places.

    It takes scores (m, h, w, k) and features (m, h, w, c) of the same places. The softmax of each
    map over all h·w places is the share of attention that each of them gets. What comes out is the
    mean place, (x, y) in 0…1, and the mean of the features, under these shares: (m, k, 2 + c). One
    set of weights serves all places, where a dense layer would have to learn each of them anew.

    Raises
    ------
    ValueError
        Where scores and features do not cover the same places.

    References
    ----------
    Levine et al., "End-to-end training of deep visuomotor policies", arxiv.org/abs/1504.00702:
    the mean places are their spatial softmax; the mean features are not part of it.

    Examples
    --------
    >>> Gaze()([np.zeros((1, 2, 4, 1)), np.ones((1, 2, 4, 3))])[0, 0].numpy().tolist()
    [0.5, 0.5, 1.0, 1.0, 1.0]
    """

    def call(self, inputs):
        scores, seen = inputs
        _, height, width, maps = scores.shape
        if tuple(seen.shape[1:3]) != (height, width):
            raise ValueError(
                f"Gaze: scores cover {height}×{width} places, features {seen.shape[1]}×"
                f"{seen.shape[2]}; they need the same"
            )
        attention = ops.softmax(ops.reshape(scores, (-1, height * width, maps)), axis=1)
        attention = ops.transpose(attention, (0, 2, 1))
        y, x = (np.mgrid[:height, :width] + 0.5) / np.reshape((height, width), (2, 1, 1))
        places = ops.cast(np.stack([x.ravel(), y.ravel()], axis=1), attention.dtype)
        where = ops.matmul(attention, places)
        what = ops.matmul(attention, ops.reshape(seen, (-1, height * width, seen.shape[3])))
        return ops.concatenate([where, what], axis=-1)

    def compute_output_shape(self, shapes):
        (m, _, _, maps), (_, _, _, channels) = shapes
        return m, maps, 2 + channels


def landmark_net(*, input_shape=(64, 64, 3), landmarks=8, filters=(16, 32, 64, 64, 64)):
    """A small ConvNet that answers with y: a presence and a place for each landmark.

    Convolutions make a map of features at an eighth of the picture's size; for each landmark a
    `Gaze` of its own finds its place, and from what is there comes the presence bit.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures, 8×8 pixels at least.
    landmarks : int
        How many points it names.
    filters : tuple of int
        One convolution a number, three or more; the first three have stride 2.

    Returns
    -------
    keras.Model
        Named "landmark_net": (m, height, width, channels) to (m, landmarks, 3) in 0…1. Its layer
        "look" has the scores of the places, a map for each landmark.

    Raises
    ------
    ValueError, TypeError
        For anything but positive integers, fewer than three filters, and pictures that halving
        leaves without a pixel.

    References
    ----------
    Sun et al., "Integral human pose regression", https://arxiv.org/abs/1711.08229: landmarks as
    mean places under a softmax.

    Examples
    --------
    >>> landmark_net().output_shape
    (None, 8, 3)
    """
    input_shape = image_shape("landmark_net", input_shape, least=8)
    filters = whole_numbers("landmark_net", "filters", filters)
    if len(filters) < 3:
        raise ValueError(f"landmark_net: filters is {filters}, it needs three numbers or more")
    (landmarks,) = whole_numbers("landmark_net", "landmarks", (landmarks,))
    pictures = keras.Input(input_shape, name="input")
    x = features(pictures, filters, halvings=3)
    look = layers.Conv2D(landmarks, 1, name="look")(x)
    seen = Gaze(name="gaze")([look, x])
    present = layers.Dense(1, activation="sigmoid", name="present")(seen)
    answer = layers.Concatenate(name="y")([present, seen[..., :2]])
    return keras.Model(pictures, answer, name="landmark_net")


def normalized_mean_error(points, predicted, *, present, scale):
    """The mean distance of predicted landmarks from the true ones, as a share of a face's size.

    Parameters
    ----------
    points, predicted : (m, landmarks, 2) arrays
        (x, y) in pixels.
    present : (m, landmarks) array of bool
        Which landmarks count.
    scale : (m,) array or float
        Pixels that count as 1 in each picture: for faces the distance of the outer eye corners.
        1 gives the mean error in pixels.

    Raises
    ------
    ValueError
        Where the shapes do not fit, no landmark is present, a number is not finite, or a scale is
        not positive.
    TypeError
        Where present is not of type bool.

    References
    ----------
    Sagonas et al., "300 Faces in-the-Wild Challenge", 2013, doi.org/10.1109/ICCVW.2013.59.

    Examples
    --------
    >>> normalized_mean_error([[[0, 0]]], [[[3, 4]]], present=[[True]], scale=50)
    0.1
    """
    name = "normalized_mean_error"
    points, predicted = _points(name, "points", points), _points(name, "predicted", predicted)
    present, scale = np.asarray(present), np.asarray(scale, dtype=float)
    if predicted.shape != points.shape:
        raise ValueError(
            f"{name}: predicted has shape {predicted.shape}, points {points.shape}; they need one"
        )
    if present.dtype != bool:
        raise TypeError(f"{name}: present has type {present.dtype}, it needs bool")
    if present.shape != points.shape[:2] or not present.any():
        raise ValueError(
            f"{name}: present has shape {present.shape} and {present.sum()} landmarks, it needs "
            f"{points.shape[:2]} and one at least"
        )
    if scale.shape not in ((), points.shape[:1]):
        raise ValueError(f"{name}: scale has shape {scale.shape}, it needs {points.shape[:1]}")
    if not ((scale > 0) & np.isfinite(scale)).all():
        raise ValueError(f"{name}: scale holds {scale.min()}, it needs positive numbers of pixels")
    error = np.linalg.norm(predicted - points, axis=-1) / scale.reshape(-1, 1)
    if not np.isfinite(error[present]).all():
        raise ValueError(f"{name}: a landmark that is present is not finite")
    return float(error[present].mean())


def _points(function, name, points):
    points = np.asarray(points, dtype=float)
    if points.ndim != 3 or points.shape[2] != 2:
        raise ValueError(f"{function}: {name} has shape {points.shape}, it needs (m, landmarks, 2)")
    return points
