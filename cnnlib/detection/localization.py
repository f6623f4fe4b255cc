"""One object in a picture: is it there, where is it, and what is it?

The answer for a picture is y = (p_c, b_x, b_y, b_h, b_w, c_1…c_n): p_c is 1 where there is an
object; b_x, b_y its midpoint and b_h, b_w its height and width as shares of the picture's; c_1…c_n
is 1 for its class. Where p_c is 0 the rest means nothing.
"""

from numbers import Real

import keras
import numpy as np
from keras import layers, ops

from cnnlib.detection.arguments import picture_size, share, targets_of
from cnnlib.detection.boxes import convert
from cnnlib.models.arguments import class_count, image_shape, whole_numbers

_LEAST_SHARE = 1e-7  # of probability: the logarithm of 0 is not finite


def encode(targets, *, classes, image_shape):
    """The answers y that a localizer learns, from ground truth with at most one box a picture.

    Parameters
    ----------
    targets : list of dict
        For each picture `"boxes"`, (0 or 1, 4) corners in pixels, and `"labels"`.
    classes : int
        Number n of classes, 2 or more.
    image_shape : tuple
        (height, width) of the pictures in pixels.

    Returns
    -------
    (m, 5 + classes) float32 array
        Rows (p_c, b_x, b_y, b_h, b_w, c_1…c_n), all 0 where there is no object.

    Raises
    ------
    ValueError
        For more than one box in a picture, a midpoint outside it, a label outside 0…classes − 1,
        and boxes that are inside out or not finite.
    TypeError
        Where targets is no list of dictionaries, or labels are not whole numbers.

    Examples
    --------
    >>> car = {"boxes": [[25, 50, 75, 75]], "labels": [1]}
    >>> encode([car], classes=3, image_shape=(100, 100)).tolist()
    [[1.0, 0.5, 0.625, 0.25, 0.5, 0.0, 1.0, 0.0]]
    """
    classes = class_count("encode", classes)
    height, width = picture_size("encode", image_shape)
    y = np.zeros((len(targets), 5 + classes), np.float32)
    for i, target in enumerate(targets_of("encode", targets, classes)):
        boxes, labels = target["boxes"], target["labels"]
        if len(boxes) > 1:
            raise ValueError(
                f"encode: targets[{i}] has {len(boxes)} boxes, a localizer needs one or none"
            )
        if len(boxes) == 1:
            ((x, y_mid, w, h),) = convert(
                boxes, "xyxy", "rel_center_xywh", image_shape=(height, width)
            )
            if not (0 <= x <= 1 and 0 <= y_mid <= 1):
                raise ValueError(
                    f"encode: targets[{i}] has its midpoint at ({x * width:g}, "
                    f"{y_mid * height:g}), it needs to lie in the picture of {height}×{width}"
                )
            y[i, :5] = 1, x, y_mid, h, w
            y[i, 5 + labels[0]] = 1
    return y


def decode(y, *, image_shape, threshold=0.5):
    """What the answers y of a localizer mean: a box or none for each picture.

    Parameters
    ----------
    y : (m, 5 + classes) array
        As `encode` and `localizer` give them.
    image_shape : tuple
        (height, width) of the pictures in pixels.
    threshold : float
        An object counts as there where p_c is larger.

    Returns
    -------
    list of dict
        For each picture `"boxes"` (0 or 1, 4) corners in pixels, `"scores"` p_c, and `"labels"`.

    Raises
    ------
    ValueError
        Where y has another shape or is not finite, or the threshold lies outside 0…1.
    TypeError
        Where the threshold is no number.

    Examples
    --------
    >>> (found,) = decode([[0.9, 0.5, 0.5, 0.25, 0.5, 0.1, 0.8, 0.1]], image_shape=(100, 100))
    >>> found["boxes"].tolist(), found["labels"].tolist()
    ([[25.0, 37.5, 75.0, 62.5]], [1])
    """
    y = _answers("decode", "y", y)
    threshold = share("decode", "threshold", threshold)
    height, width = picture_size("decode", image_shape)
    boxes = _corners(y)[:, None] * np.array([width, height, width, height])
    labels = y[:, 5:].argmax(axis=1)[:, None]
    found = y[:, :1] > threshold
    return [
        {"boxes": boxes[i][there], "scores": y[i, :1][there], "labels": labels[i][there]}
        for i, there in enumerate(found)
    ]


class _LocalizationLoss(keras.losses.Loss):
    """A loss of y with a weight on the four numbers of the box."""

    def __init__(self, box_weight=1.0, *, reduction="sum_over_batch_size", name=None):
        if isinstance(box_weight, bool) or not isinstance(box_weight, Real) or not box_weight > 0:
            raise ValueError(
                f"{type(self).__name__}: box_weight is {box_weight!r}, it needs a number above 0"
            )
        super().__init__(reduction=reduction, name=name)
        self.box_weight = float(box_weight)

    def get_config(self):
        return {**super().get_config(), "box_weight": self.box_weight}

    def _pair(self, y_true, y_pred):
        """Both as tensors of one type and shape."""
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(y_true, y_pred.dtype)
        if len(y_pred.shape) != 2 or tuple(y_true.shape[1:]) != tuple(y_pred.shape[1:]):
            raise ValueError(
                f"{type(self).__name__}: y_true has shape {tuple(y_true.shape)}, y_pred "
                f"{tuple(y_pred.shape)}; they need one shape (m, 5 + classes)"
            )
        return y_true, y_pred


@keras.saving.register_keras_serializable("cnnlib")
class SquaredLoss(_LocalizationLoss):
    """The squared error of every number of y where an object is, of p_c alone where none is.

    For a picture with p_c = 1: (p̂_c − 1)² + Σ (b̂ − b)² + Σ (ĉ − c)²; with p_c = 0: p̂_c². The
    form with which Ng's lectures begin; Redmon et al. 2015, "You only look once",
    arxiv.org/abs/1506.02640, equation 3, has the same form for each cell of a grid, with weights.

    Parameters
    ----------
    box_weight : float
        Of the four squared errors of the box; "You only look once" takes 5.
    reduction, name
        As in `keras.losses.Loss`: by default the mean over the pictures.

    Raises
    ------
    ValueError
        Where y_true and y_pred are not of one shape (m, 5 + classes), or the weight is not above 0.

    Examples
    --------
    >>> float(SquaredLoss()(np.zeros((1, 8)), np.full((1, 8), 0.5)))
    0.25
    """

    def call(self, y_true, y_pred):
        y_true, y_pred = self._pair(y_true, y_pred)
        errors = ops.square(y_pred - y_true)
        box, which = ops.sum(errors[:, 1:5], axis=1), ops.sum(errors[:, 5:], axis=1)
        return errors[:, 0] + y_true[:, 0] * (self.box_weight * box + which)


@keras.saving.register_keras_serializable("cnnlib")
class MixedLoss(_LocalizationLoss):
    """Log loss of p_c, squared error of the box, cross-entropy of the class.

    For a picture with p_c = 1: −log p̂_c + Σ (b̂ − b)² − Σ c log ĉ; with p_c = 0: −log(1 − p̂_c).
    Probabilities count as 1e-7 at least, so that the loss is finite.

    Parameters
    ----------
    box_weight : float
        Of the four squared errors of the box; "You only look once" takes 5.
    reduction, name
        As in `keras.losses.Loss`: by default the mean over the pictures.

    Raises
    ------
    ValueError
        Where y_true and y_pred are not of one shape (m, 5 + classes), or the weight is not above 0.

    Examples
    --------
    >>> round(float(MixedLoss()(np.zeros((1, 8)), np.full((1, 8), 0.5))), 4)
    0.6931
    """

    def call(self, y_true, y_pred):
        y_true, y_pred = self._pair(y_true, y_pred)
        there = y_true[:, 0]
        box = ops.sum(ops.square(y_pred[:, 1:5] - y_true[:, 1:5]), axis=1)
        cross_entropy = -ops.sum(y_true[:, 5:] * _log(y_pred[:, 5:]), axis=1)
        return log_loss(there, y_pred[:, 0]) + there * (self.box_weight * box + cross_entropy)


def localizer(*, input_shape=(96, 96, 3), classes=3, filters=(16, 32, 64, 96), units=96):
    """A small ConvNet that answers with y: five numbers in 0…1, and a probability a class.

    Convolutions of stride 2 make a small map of features; it is flattened, and two dense layers
    tell the answer from it.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures.
    classes : int
        2 or more.
    filters : tuple of int
        One convolution a number.
    units : int
        Of the dense layer before the answer.

    Returns
    -------
    keras.Model
        Named "localizer": (m, height, width, channels) to (m, 5 + classes), sigmoids for p_c and
        the box, a softmax for the classes.

    Raises
    ------
    ValueError, TypeError
        For anything but positive integers, fewer than two classes, and pictures that halving
        leaves without a pixel.

    Examples
    --------
    >>> localizer(input_shape=(64, 64, 3)).output_shape
    (None, 8)
    """
    filters = whole_numbers("localizer", "filters", filters)
    input_shape = image_shape("localizer", input_shape, least=2 ** len(filters))
    classes = class_count("localizer", classes)
    (units,) = whole_numbers("localizer", "units", (units,))
    pictures = keras.Input(input_shape, name="input")
    x = layers.Flatten(name="flatten")(features(pictures, filters, halvings=len(filters)))
    x = layers.Dense(units, use_bias=False, name="dense")(x)
    x = layers.ReLU(name="relu_dense")(layers.BatchNormalization(momentum=0.9, name="norm")(x))
    there = layers.Dense(1, activation="sigmoid", name="p_c")(x)
    box = layers.Dense(4, activation="sigmoid", name="b")(x)
    which = layers.Dense(classes, activation="softmax", name="c")(x)
    answer = layers.Concatenate(name="y")([there, box, which])
    return keras.Model(pictures, answer, name="localizer")


def features(x, filters, *, halvings):
    """Convolutions 3×3, the first `halvings` with stride 2; batch normalization, ReLU after each.

    Nothing is pooled over the picture: where something is must not get lost.
    """
    for number, count in enumerate(filters, start=1):
        x = layers.Conv2D(
            count,
            3,
            strides=2 if number <= halvings else 1,
            padding="same",
            use_bias=False,
            name=f"conv{number}",
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
    return x


def mean_iou(y_true, y_pred):
    """The mean IoU of true and answered boxes, over the pictures with an object.

    The answered box counts whatever the answered p_c says: `accuracy` is what judges that.

    Parameters
    ----------
    y_true, y_pred : (m, 5 + classes) arrays

    Raises
    ------
    ValueError
        Where the shapes differ, a number is not finite, or no picture has an object.

    Examples
    --------
    >>> mean_iou([[1, 0.5, 0.5, 0.5, 0.5, 1, 0]], [[0.2, 0.5, 0.5, 0.5, 0.25, 0, 1]])
    0.5
    """
    y_true, y_pred = _both("mean_iou", y_true, y_pred)
    there = y_true[:, 0] == 1
    if not there.any():
        raise ValueError("mean_iou: y_true has no object, it needs one in a picture at least")
    a, b = _corners(y_true[there]), _corners(y_pred[there])
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = sides.clip(0).prod(axis=1)
    either = sum((box[:, 2:] - box[:, :2]).prod(axis=1) for box in (a, b)) - shared
    return float(np.mean(np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)))


def accuracy(y_true, y_pred, *, threshold=0.5):
    """The share of pictures answered right: no object where none is, else the right class.

    Parameters
    ----------
    y_true, y_pred : (m, 5 + classes) arrays
    threshold : float
        An object counts as found where the answered p_c is larger.

    Raises
    ------
    ValueError
        Where the shapes differ, a number is not finite, or the threshold lies outside 0…1.

    Examples
    --------
    >>> there, none = [1, 0.5, 0.5, 0.4, 0.4, 1, 0], [0, 0, 0, 0, 0, 0, 0]
    >>> accuracy([there, none, none], [[0.9, 0, 0, 0, 0, 0.8, 0.2], none, there])
    0.6666666666666666
    """
    y_true, y_pred = _both("accuracy", y_true, y_pred)
    there = y_true[:, 0] == 1
    found = y_pred[:, 0] > share("accuracy", "threshold", threshold)
    same_class = y_true[:, 5:].argmax(axis=1) == y_pred[:, 5:].argmax(axis=1)
    return float(np.mean((there == found) & (same_class | ~there)))


def _answers(function, name, y):
    y = np.asarray(y, dtype=float)
    if y.ndim != 2 or y.shape[1] < 7:
        raise ValueError(
            f"{function}: {name} has shape {y.shape}, it needs (m, 5 + classes), two or more"
        )
    if not np.isfinite(y).all():
        row = (~np.isfinite(y)).any(axis=1).argmax()
        raise ValueError(f"{function}: {name} row {row} is {y[row].tolist()}, it needs numbers")
    return y


def _both(function, y_true, y_pred):
    y_true, y_pred = _answers(function, "y_true", y_true), _answers(function, "y_pred", y_pred)
    if y_true.shape != y_pred.shape or not len(y_true):
        raise ValueError(
            f"{function}: y_true has shape {y_true.shape}, y_pred {y_pred.shape}; they need one "
            "shape, with a picture at least"
        )
    return y_true, y_pred


def _corners(y):
    """(m, 4) corners as shares of the picture, from midpoints and sizes."""
    midpoints, half = y[:, 1:3], y[:, 4:2:-1] / 2
    return np.concatenate([midpoints - half, midpoints + half], axis=1)


def log_loss(truth, p):
    """What the answers p to yes-or-no questions cost, whose truth is 1 or 0."""
    return -truth * _log(p) - (1 - truth) * _log(1 - p)


def _log(probability):
    """The logarithm of a probability, of 1e-7 where it is less."""
    return ops.log(ops.clip(probability, _LEAST_SHARE, 1.0))
