"""VGG-16 and VGG-19: one rule, 3×3 convolutions and 2×2 pooling, repeated."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape, one_of

LEAST_PIXELS = 32  # halved five times: 32 → 16 → 8 → 4 → 2 → 1
FILTERS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}  # of each block; then three dense layers


def vgg(depth=16, *, input_shape=(224, 224, 3), classes=1000, dropout=0.0):
    """VGG-16 or VGG-19 of Simonyan and Zisserman 2015 (arXiv:1409.1556, table 1, D and E).

    With the defaults 138,357,544 and 143,667,240 parameters. Every convolution is 3×3 and keeps
    height and width, every pooling is 2×2 and halves them, and the channels double until they are
    512. Layers, names and the order of the weights are those of keras.applications.VGG16 and
    VGG19: block1_conv1 … block5_pool, flatten, fc1, fc2, predictions.

    Parameters
    ----------
    depth : int
        Layers with weights: 16 or 19.
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 32×32.
    classes : int
        Number of probabilities the network gives, 2 or more.
    dropout : float
        Share of the numbers dropped in training after fc1 and fc2; 0 adds no such layers. The
        paper trains with 0.5.

    Returns
    -------
    keras.Model
        Named "vgg16" or "vgg19": (m, height, width, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For other depths, pictures that are too small, and classes or dropout that cannot be.

    Examples
    --------
    >>> small = vgg(19, input_shape=(32, 32, 3), classes=10)
    >>> len([layer for layer in small.layers if layer.weights])
    19
    """
    depth = one_of("vgg", "depth", depth, tuple(CONVOLUTIONS))
    input_shape = image_shape("vgg", input_shape, least=LEAST_PIXELS)
    classes = class_count("vgg", classes)
    dropout = dropout_share("vgg", dropout)

    model = keras.Sequential([keras.Input(input_shape, name="input")], name=f"vgg{depth}")
    blocks = zip(FILTERS, CONVOLUTIONS[depth], strict=True)
    for block, (filters, convolutions) in enumerate(blocks, start=1):
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            model.add(layers.Conv2D(filters, 3, padding="same", activation="relu", name=name))
        model.add(layers.MaxPooling2D(2, name=f"block{block}_pool"))
    model.add(layers.Flatten(name="flatten"))
    for number in (1, 2):
        model.add(layers.Dense(4096, activation="relu", name=f"fc{number}"))
        if dropout:
            model.add(layers.Dropout(dropout, name=f"dropout{number}"))
    model.add(layers.Dense(classes, activation="softmax", name="predictions"))
    return model
