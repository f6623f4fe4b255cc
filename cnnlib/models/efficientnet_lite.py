"""EfficientNet-Lite0: inverted residual blocks, a network for a phone."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape

LEAST_PIXELS = 32  # five strides of 2
# Repeats, side of the kernel, stride of the first, expansion, filters.
BLOCKS = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def efficientnet_lite0(*, input_shape=(224, 224, 3), classes=1000, dropout=0.2):
    """EfficientNet-Lite0: a table of inverted residual blocks, with ReLU6 and no squeezing.

    An inverted block expands its channels six times with a 1×1 convolution, filters each channel
    by itself with a 3×3 or 5×5 one, and projects back to few channels, without activation. Where
    shape and channels stay, the input is added. Batch normalization follows every convolution.

    The layers of block 0 … 15 are named `block4_expand_conv`, `block4_depthwise`,
    `block4_project_conv` …, its end `block4_add` or, where nothing is added,
    `block3_project_norm`. Before them stand `rescaling` and `stem_conv`, after them `head_conv`,
    `pool` (1,280 features of a picture), `logits` and `output`. Lite0 is EfficientNet-B0 without
    squeeze-and-excitation and with ReLU6 in swish's place, so that it runs in 8-bit integers;
    the paper's stochastic depth, a help in training, is left out here.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 32×32. Pixels are in 0…1; the layer
        `rescaling` makes them (255 x − 127) / 128, from about −1 to 1.
    classes : int
        Number of probabilities the network gives, 2 or more.
    dropout : float
        Share of the 1,280 features dropped in training; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "efficientnet_lite0": (m, height, width, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, fewer than two classes, and a dropout outside 0…1.

    References
    ----------
    Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks",
    https://arxiv.org/abs/1905.11946. Sandler et al., "MobileNetV2: inverted residuals and linear
    bottlenecks", https://arxiv.org/abs/1801.04381.

    Examples
    --------
    >>> f"{efficientnet_lite0().count_params():,}"
    '4,694,024'
    """
    input_shape = image_shape("efficientnet_lite0", input_shape, least=LEAST_PIXELS)
    classes = class_count("efficientnet_lite0", classes)
    dropout = dropout_share("efficientnet_lite0", dropout)

    image = keras.Input(input_shape, name="input")
    x = layers.Rescaling(255 / 128, offset=-127 / 128, name="rescaling")(image)
    x = _convolution(x, 32, 3, strides=2, name="stem")
    number = 0
    for repeats, kernel, stride, expansion, filters in BLOCKS:
        for i in range(repeats):
            x = _block(x, filters, kernel, stride if i == 0 else 1, expansion, f"block{number}")
            number += 1
    x = _convolution(x, 1280, 1, name="head")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(classes, name="logits")(x)
    output = layers.Softmax(name="output")(logits)
    return keras.Model(image, output, name="efficientnet_lite0")


def _block(x, filters, kernel, stride, expansion, name):
    """Expand, filter each channel, project; add the input where it has the output's shape."""
    start = x
    if expansion > 1:
        x = _convolution(x, expansion * x.shape[-1], 1, name=f"{name}_expand")
    depthwise = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )
    x = _normalized(depthwise(x), name=f"{name}_depthwise")
    project = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project_conv")
    x = layers.BatchNormalization(name=f"{name}_project_norm")(project(x))
    if stride == 1 and filters == start.shape[-1]:
        x = layers.Add(name=f"{name}_add")([start, x])
    return x


def _convolution(x, filters, kernel, *, strides=1, name):
    """A convolution without bias, batch normalization, ReLU6."""
    convolution = layers.Conv2D(
        filters, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv"
    )
    return _normalized(convolution(x), name=name)


def _normalized(x, *, name):
    """Batch normalization, with Keras's own epsilon of 0.001 as the network's, then ReLU6."""
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.ReLU(max_value=6, name=f"{name}_relu")(x)
