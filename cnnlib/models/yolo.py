"""A small one-stage detector: convolutions down to a grid, whose cells all answer at once."""

import math
from numbers import Integral

import keras
from keras import layers

from cnnlib.models.arguments import image_shape, whole_numbers
from cnnlib.models.layers import MOMENTUM

CONVOLUTIONS = ((16, 2), (32, 2), (64, 2), (64, 1), (96, 2), (128, 1))


def yolo_network(*, input_shape=(96, 96, 3), anchors=3, classes=3, convolutions=CONVOLUTIONS):
    """Convolutions that answer for every cell of a grid at once, after Redmon et al. 2015.

    Six 3×3 convolutions, four of them with stride 2, each with batch normalization and leaky ReLU
    of slope 0.1, then one of 1×1 for the answers (YOLO: https://arxiv.org/abs/1506.02640; anchors,
    batch normalization and the 1×1 instead of dense layers: https://arxiv.org/abs/1612.08242). The
    papers' networks have some twenty convolutions and see pictures of 416 × 416; this one is made
    for 96 × 96 and trains in a minute. With the defaults it has 230,920 weights.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures.
    anchors : int
        Answers of a cell, A.
    classes : int
        Number of classes, C; 0 for a single kind of thing.
    convolutions : tuple of pairs of int
        Filters and stride of each 3×3 convolution. The product of the strides is the side of a
        cell in pixels.

    Returns
    -------
    keras.Model
        Named "yolo": (m, height, width, channels) to raw numbers (m, S_h, S_w, A, 5 + C), to be
        read by `detection.yolo.decode` with `parametrization="priors"`.

    Raises
    ------
    TypeError, ValueError
        For pictures smaller than a cell, and for anything but whole numbers.

    Examples
    --------
    >>> yolo_network().output_shape
    (None, 6, 6, 3, 8)
    """
    (anchors,) = whole_numbers("yolo_network", "anchors", (anchors,))
    if isinstance(classes, bool) or not isinstance(classes, Integral):
        raise TypeError(f"yolo_network: classes is {classes!r}, it needs a whole number")
    if classes < 0:
        raise ValueError(f"yolo_network: classes is {classes}, it needs 0 or more")
    convolutions = [
        whole_numbers("yolo_network", "convolutions", pair, length=2) for pair in convolutions
    ]
    least = math.prod(stride for _, stride in convolutions)
    shape = image_shape("yolo_network", input_shape, least=least)

    image = keras.Input(shape, name="image")
    x = image
    for number, (filters, stride) in enumerate(convolutions, start=1):
        x = layers.Conv2D(
            filters, 3, strides=stride, padding="same", use_bias=False, name=f"conv{number}"
        )(x)
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"bn{number}")(x)
        x = layers.LeakyReLU(0.1, name=f"leaky{number}")(x)
    x = layers.Conv2D(anchors * (5 + classes), 1, name="answers")(x)
    x = layers.Reshape((*x.shape[1:3], anchors, 5 + classes), name="volume")(x)
    return keras.Model(image, x, name="yolo")
