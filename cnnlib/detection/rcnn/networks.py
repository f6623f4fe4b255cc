"""The networks of the three detectors: a small backbone, and the head that judges a region."""

import keras
from keras import layers

from cnnlib.models.arguments import image_shape, whole_numbers

FILTERS = ((16, 2), (32, 2), (48, 1), (64, 2), (64, 1))  # and the stride
STRIDE = 8


def small_backbone(*, input_shape=(96, 96, 3)):
    """Five 3×3 convolutions with batch normalization and leaky ReLU: maps of an eighth the size.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures; sides are best multiples of 8.

    Returns
    -------
    keras.Model
        (m, height, width, channels) to (m, height / 8, width / 8, 64).

    Raises
    ------
    TypeError, ValueError
        For anything but three positive whole numbers, with sides of 8 pixels at least.

    Examples
    --------
    >>> backbone = small_backbone()
    >>> backbone.output_shape, f"{backbone.count_params():,}"
    ((None, 12, 12, 64), '84,272')
    """
    inputs = keras.Input(image_shape("small_backbone", input_shape, least=STRIDE))
    x = inputs
    for number, (filters, stride) in enumerate(FILTERS, start=1):
        x = layers.Conv2D(
            filters, 3, strides=stride, padding="same", use_bias=False, name=f"conv{number}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x)
        x = layers.LeakyReLU(0.1, name=f"leaky{number}")(x)
    return keras.Model(inputs, x, name="small_backbone")


def region_head(shape, classes):
    """From a region's features to its class, background last, and the correction of its box.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns, channels) of a region's features.
    classes : int
        Kinds of objects, 1 or more.

    Returns
    -------
    keras.Model
        (n, *shape) to (n, classes + 1) scores before the softmax and (n, 4) corrections.
    """
    (classes,) = whole_numbers("region_head", "classes", (classes,))
    inputs = keras.Input(shape)
    x = layers.Flatten()(inputs)
    x = layers.Dense(96, activation="relu", name="dense")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    scores = layers.Dense(classes + 1, name="scores")(x)
    corrections = layers.Dense(4, name="corrections")(x)
    return keras.Model(inputs, [scores, corrections], name="region_head")


def proposal_head(shape, anchors):
    """For each cell and anchor of a map: a score for an object, and the correction of its box.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns, channels) of the map.
    anchors : int
        Shapes a cell.

    Returns
    -------
    keras.Model
        (m, *shape) to (m, n) scores before the sigmoid and (m, n, 4) corrections, with
        n = rows · columns · anchors, the anchors of a cell side by side.
    """
    inputs = keras.Input(shape)
    x = layers.Conv2D(64, 3, padding="same", name="conv")(inputs)
    x = layers.LeakyReLU(0.1, name="leaky")(x)
    scores = layers.Conv2D(anchors, 1, name="scores")(x)
    corrections = layers.Conv2D(4 * anchors, 1, name="corrections")(x)
    return keras.Model(
        inputs,
        [layers.Reshape((-1,))(scores), layers.Reshape((-1, 4))(corrections)],
        name="proposal_head",
    )
