"""AlexNet: five convolutions and three dense layers, for photographs of a thousand kinds."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape
from cnnlib.models.normalization import LocalResponseNormalization

LEAST_PIXELS = 67  # 67 → 15 → 7 → 3 → 1


def alexnet(*, grouped=True, input_shape=(227, 227, 3), classes=1000, dropout=0.5):
    """AlexNet of Krizhevsky, Sutskever and Hinton 2012 (doi.org/10.1145/3065386, figure 2).

    With the defaults 60,965,224 parameters, with one tower 62,378,344; the paper says 60 million.
    It also says 224×224 pixels, which do not give its own 55×55 maps after an 11×11 kernel with
    stride 4 and no border: (227 − 11) / 4 + 1 = 55. Pooling is 3×3 with stride 2, so that windows
    overlap. The layers are named conv1, normalize1, pool1, conv2, normalize2, pool2, conv3, conv4,
    conv5, pool5, flatten, dense1, dropout1, dense2, dropout2, output. Weights begin as Keras draws
    them, biases at 0; the paper draws from a normal distribution and begins some biases at 1.

    Parameters
    ----------
    grouped : bool
        Whether each half of the filters of conv2, conv4 and conv5 sees one half of the channels,
        as in the paper, where the halves lived on two GPUs; else one tower sees them all.
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 67×67.
    classes : int
        Number of probabilities the network gives, 2 or more.
    dropout : float
        Share of the numbers dropped in training after dense1 and dense2; 0 adds no such layers.

    Returns
    -------
    keras.Model
        Named "alexnet": (m, height, width, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for classes or dropout that cannot be.

    Examples
    --------
    >>> small = alexnet(input_shape=(67, 67, 3), classes=10)
    >>> small.get_layer("pool5").output.shape[1:]
    (1, 1, 256)
    """
    input_shape = image_shape("alexnet", input_shape, least=LEAST_PIXELS)
    classes = class_count("alexnet", classes)
    dropout = dropout_share("alexnet", dropout)
    groups = 2 if grouped else 1

    def conv(number, filters, kernel, **options):
        return layers.Conv2D(filters, kernel, activation="relu", name=f"conv{number}", **options)

    def normalize(number):
        return LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name=f"normalize{number}")

    def pool(number):
        return layers.MaxPooling2D(3, strides=2, name=f"pool{number}")

    def dense(number):
        yield layers.Dense(4096, activation="relu", name=f"dense{number}")
        if dropout:
            yield layers.Dropout(dropout, name=f"dropout{number}")

    return keras.Sequential(
        [
            keras.Input(input_shape, name="input"),
            conv(1, 96, 11, strides=4),
            normalize(1),
            pool(1),
            conv(2, 256, 5, padding="same", groups=groups),
            normalize(2),
            pool(2),
            conv(3, 384, 3, padding="same"),
            conv(4, 384, 3, padding="same", groups=groups),
            conv(5, 256, 3, padding="same", groups=groups),
            pool(5),
            layers.Flatten(name="flatten"),
            *dense(1),
            *dense(2),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="alexnet",
    )
