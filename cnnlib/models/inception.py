"""GoogLeNet and the module that it repeats: windows of several sizes, side by side."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape, whole_numbers
from cnnlib.models.normalization import LocalResponseNormalization

# Filters of each module in the order of table 1: 1×1, before 3×3, 3×3, before 5×5, 5×5, after pool.
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOLED_BEFORE = ("4a", "5a")
HEADS_AFTER = ("4a", "4d")
LEAST_PIXELS = 32  # 32 → 16 → 8 → 4 → 2 → 1
LEAST_PIXELS_WITH_HEADS = 65  # 65 → 33 → 17 → 9 → 5, and the heads' pooling covers 5


def inception_module(x, filters, *, bottleneck=True, name="inception"):
    """Windows of 1×1, 3×3 and 5×5 and a pooling side by side, their channels concatenated.

    Szegedy et al. 2014 (arxiv.org/abs/1409.4842, figure 2). Every branch keeps the height and the
    width. With the bottleneck, 1×1 convolutions narrow what 3×3 and 5×5 see and what the pooling
    passes on (figure 2b); without it these three are left out, and the pooling passes on all the
    channels of x (figure 2a). Every convolution has a bias and ReLU.

    Parameters
    ----------
    x : keras tensor
        (m, height, width, channels).
    filters : tuple of six int
        Of 1×1, before 3×3, 3×3, before 5×5, 5×5, after the pooling.
    bottleneck : bool
        False is the naive module; it leaves the second, fourth and sixth of the filters unused.
    name : str
        Of the concatenation, and the beginning of the other layers' names: name_1x1,
        name_3x3_reduce, name_3x3, name_5x5_reduce, name_5x5, name_pool, name_pool_project.

    Returns
    -------
    keras tensor
        (m, height, width, channels of the four branches).

    Raises
    ------
    TypeError, ValueError
        Where filters are anything but six positive integers.

    Examples
    --------
    >>> inception_module(keras.Input((28, 28, 192)), MODULES["3a"]).shape
    (None, 28, 28, 256)
    """
    one, before_three, three, before_five, five, after_pool = whole_numbers(
        "inception_module", "filters", filters, length=6
    )

    def convolution(x, filters, size, kind):
        made = layers.Conv2D(
            filters, size, padding="same", activation="relu", name=f"{name}_{kind}"
        )
        return made(x)

    branches = [convolution(x, one, 1, "1x1")]
    for size, before, kept in ((3, before_three, three), (5, before_five, five)):
        kind = f"{size}x{size}"
        narrow = convolution(x, before, 1, f"{kind}_reduce") if bottleneck else x
        branches.append(convolution(narrow, kept, size, kind))
    pool = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    branches.append(convolution(pool, after_pool, 1, "pool_project") if bottleneck else pool)
    return layers.Concatenate(name=name)(branches)


def googlenet(*, auxiliary=True, input_shape=(224, 224, 3), classes=1000, dropout=0.4):
    """GoogLeNet of Szegedy et al. 2014 (arxiv.org/abs/1409.4842, table 1), nine modules deep.

    6,998,552 parameters with the defaults, 13,378,280 with the two auxiliary heads. The heads are
    for training: their losses count 0.3 each. The main output alone is a model of its own, which
    shares the weights (example below). The paper gives no numbers for its local response
    normalization; these are of the release in Caffe, 5 channels with α = 0.0001 / 5.

    Parameters
    ----------
    auxiliary : bool
        Whether two more outputs classify what the modules 4a and 4d give. Each head averages
        windows of 5×5, then has 128 filters of 1×1, 1,024 units, dropout of 0.7 and a softmax.
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 32×32, with the heads 65×65.
    classes : int
        Number of probabilities that every output gives, 2 or more.
    dropout : float
        Share of the numbers dropped in training before `output`; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "googlenet": (m, height, width, channels) to (m, classes) probabilities; with the
        heads a list of three, named output, auxiliary1, auxiliary2.

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for anything but positive integers.

    Examples
    --------
    >>> model = googlenet(input_shape=(65, 65, 3), classes=4)
    >>> loss = ["sparse_categorical_crossentropy"] * 3
    >>> model.compile("sgd", loss, loss_weights=[1, 0.3, 0.3])  # fit(x, [y, y, y])
    >>> keras.Model(model.input, model.get_layer("output").output).output.shape
    (None, 4)
    """
    least = LEAST_PIXELS_WITH_HEADS if auxiliary else LEAST_PIXELS
    input_shape = image_shape("googlenet", input_shape, least=least)
    classes = class_count("googlenet", classes)
    dropout = dropout_share("googlenet", dropout)

    image = keras.Input(input_shape, name="input")
    x = _convolution(64, 7, strides=2, name="conv1")(image)
    x = _halved("pool1")(x)
    x = _normalized("norm1")(x)
    x = _convolution(64, 1, name="conv2_reduce")(x)
    x = _convolution(192, 3, name="conv2")(x)
    x = _normalized("norm2")(x)
    x = _halved("pool2")(x)
    heads = []
    for place, filters in MODULES.items():
        if place in POOLED_BEFORE:
            x = _halved(f"pool_{place}")(x)
        x = inception_module(x, filters, name=f"inception_{place}")
        if auxiliary and place in HEADS_AFTER:
            heads.append(_head(x, classes, f"auxiliary{len(heads) + 1}"))
    x = layers.GlobalAveragePooling2D(name="global_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    output = layers.Dense(classes, activation="softmax", name="output")(x)
    return keras.Model(image, [output, *heads] if heads else output, name="googlenet")


def _convolution(filters, size, **choices):
    return layers.Conv2D(filters, size, padding="same", activation="relu", **choices)


def _halved(name):
    return layers.MaxPooling2D(3, strides=2, padding="same", name=name)


def _normalized(name):
    return LocalResponseNormalization(2, alpha=0.0001 / 5, beta=0.75, name=name)


def _head(x, classes, name):
    x = layers.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = _convolution(128, 1, name=f"{name}_conv")(x)
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(1024, activation="relu", name=f"{name}_dense")(x)
    x = layers.Dropout(0.7, name=f"{name}_dropout")(x)
    return layers.Dense(classes, activation="softmax", name=name)(x)
