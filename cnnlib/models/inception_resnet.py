"""Inception-ResNet: the sum of a residual block around the windows of an Inception module."""

from numbers import Real

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape, one_of, whole_numbers

# A branch is a list of steps; a convolution is (filters, kernel), with (stride, padding) where they
# are not (1, "same"). The numbers are those of the authors' code, which Keras has taken over.
HALVING, INSIDE = (2, "valid"), (1, "valid")
MAX_POOL, AVERAGE = "3×3 max pooling, stride 2", "3×3 average, stride 1"

STEMS = {
    "full": [
        (32, 3, *HALVING),
        (32, 3, *INSIDE),
        (64, 3),
        MAX_POOL,
        (80, 1),
        (192, 3, *INSIDE),
        MAX_POOL,
    ],
    "short": [(32, 3, *HALVING)],
}
LEAST_PIXELS = {"full": 75, "short": 15}
# Stage by stage: the branches that bring the channels of the stage, then those of its blocks.
ENTRANCES = {
    "a": [
        [(96, 1)],
        [(48, 1), (64, 5)],
        [(64, 1), (96, 3), (96, 3)],
        [AVERAGE, (64, 1)],
    ],
    "b": [
        [(384, 3, *HALVING)],
        [(256, 1), (256, 3), (384, 3, *HALVING)],
        [MAX_POOL],
    ],
    "c": [
        [(256, 1), (384, 3, *HALVING)],
        [(256, 1), (288, 3, *HALVING)],
        [(256, 1), (288, 3), (320, 3, *HALVING)],
        [MAX_POOL],
    ],
}
BLOCKS = {
    "a": [
        [(32, 1)],
        [(32, 1), (32, 3)],
        [(32, 1), (48, 3), (64, 3)],
    ],
    "b": [
        [(192, 1)],
        [(128, 1), (160, (1, 7)), (192, (7, 1))],
    ],
    "c": [
        [(192, 1)],
        [(192, 1), (224, (1, 3)), (256, (3, 1))],
    ],
}
SCALES = {"a": 0.17, "b": 0.1, "c": 0.2}


def inception_resnet(
    *,
    residual=True,
    stem="full",
    blocks=(10, 20, 10),
    width=1.0,
    input_shape=(299, 299, 3),
    classes=1000,
    dropout=0.2,
):
    """Inception-ResNet-v2 of Szegedy, Ioffe, Vanhoucke and Alemi 2016 (arxiv.org/abs/1602.07261).

    With the defaults it is `keras.applications.InceptionResNetV2`, weight by weight: 55,873,736
    parameters. A block puts the channels of its branches through a 1×1 convolution without ReLU,
    which makes as many channels as its input x has, and gives ReLU(x + scale · branches). The
    scale, 0.1 to 0.2, keeps the sum from growing over many blocks; the very last block has the
    scale 1 and no ReLU. Every other convolution is followed by batch normalization and ReLU.

    Parameters
    ----------
    residual : bool
        False leaves the sums out: a plain network of the same convolutions, ReLU(branches).
    stem : "full" or "short"
        The paper's five convolutions and two poolings; or, for small pictures, the first alone.
    blocks : tuple of three int
        How many blocks follow one another in the stages A, B and C.
    width : float
        Factor of every number of filters, which are rounded.
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 75×75, with the short stem 15×15.
    classes : int
        Number of probabilities the network gives, 2 or more.
    dropout : float
        Share of the numbers dropped in training before `output`; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "inception_resnet": (m, height, width, channels) to (m, classes) probabilities. The
        blocks end in the layers a1, a2, …, b1, …, c1, …

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for numbers that are not positive.

    Examples
    --------
    >>> small = inception_resnet(
    ...     stem="short", blocks=(1, 1, 1), width=1 / 8, input_shape=(28, 28, 1), classes=10
    ... )
    >>> small.get_layer("c1").output.shape
    (None, 2, 2, 260)
    """
    name = "inception_resnet"
    stem = one_of(name, "stem", stem, tuple(STEMS))
    blocks = whole_numbers(name, "blocks", blocks, length=3)
    width = _positive(name, "width", width)
    input_shape = image_shape(name, input_shape, least=LEAST_PIXELS[stem])
    classes = class_count(name, classes)
    dropout = dropout_share(name, dropout)

    image = keras.Input(input_shape, name="input")
    x = _chain(image, STEMS[stem], width, "stem")
    for stage, repeats in zip(BLOCKS, blocks, strict=True):
        x = _side_by_side(x, ENTRANCES[stage], width, f"entrance_{stage}")
        for number in range(1, repeats + 1):
            block = f"{stage}{number}"
            last = block == f"c{blocks[-1]}"
            change = _side_by_side(x, BLOCKS[stage], width, f"{block}_concatenated")
            change = layers.Conv2D(x.shape[-1], 1, name=f"{block}_project")(change)
            if residual:
                scale = 1.0 if last else SCALES[stage]
                scaled = layers.Rescaling(scale, name=f"{block}_scaled")(change)
                change = layers.Add(name=f"{block}_sum")([x, scaled])
            x = layers.Activation("linear" if last else "relu", name=block)(change)
    x = _convolution(x, (1536, 1), width, "final")
    x = layers.GlobalAveragePooling2D(name="global_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(
        image, layers.Dense(classes, activation="softmax", name="output")(x), name=name
    )


def _side_by_side(x, branches, width, name):
    ends = [_chain(x, steps, width, f"{name}_{i}") for i, steps in enumerate(branches, start=1)]
    return layers.Concatenate(name=name)(ends)


def _chain(x, steps, width, name):
    for i, step in enumerate(steps, start=1):
        x = _step(x, step, width, f"{name}_{i}")
    return x


def _step(x, step, width, name):
    if step == MAX_POOL:
        return layers.MaxPooling2D(3, strides=2, name=name)(x)
    if step == AVERAGE:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=name)(x)
    return _convolution(x, step, width, name)


def _convolution(x, step, width, name):
    filters, kernel, *rest = step
    stride, padding = rest or (1, "same")
    filters = max(1, round(width * filters))
    x = layers.Conv2D(
        filters, kernel, strides=stride, padding=padding, use_bias=False, name=f"{name}_conv"
    )(x)
    x = layers.BatchNormalization(scale=False, name=f"{name}_norm")(x)
    return layers.ReLU(name=name)(x)


def _positive(builder, argument, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{builder}: {argument} is {value!r}, it needs a number")
    if not 0 < value < float("inf"):
        raise ValueError(f"{builder}: {argument} is {value}, it needs to be above 0 and finite")
    return value
