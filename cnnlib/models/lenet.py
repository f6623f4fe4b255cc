"""LeNet-5: convolution and pooling, twice, then dense layers, for handwritten digits."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape, whole_numbers

LEAST_PIXELS = 16  # 16 → 12 → 6 → 2 → 1


def lenet5(
    *,
    original=False,
    input_shape=(32, 32, 1),
    classes=10,
    filters=(6, 16),
    units=(120, 84),
    dropout=0.0,
):
    """LeNet-5 of LeCun, Bottou, Bengio and Haffner 1998 (doi.org/10.1109/5.726791, figure 2).

    The layers are named conv1, pool1, conv2, pool2, flatten, dense1, dense2, output; convolutions
    are 5×5 without padding, pooling is 2×2 with stride 2. With the defaults it has 61,706
    parameters, the paper's network 60,000: there conv2 connects each filter to some of the six
    maps only (table I: 1,516 parameters, here 2,416), each pooled map has a factor and a bias of
    its own (12 + 32, here none), and the output measures distances to drawn patterns with fixed
    numbers (here 850 weights of a softmax). At 32×32 the paper's third convolution covers the
    whole 5×5 map: it is the dense layer dense1.

    Parameters
    ----------
    original : bool
        Tanh and average pooling as in 1998, instead of ReLU and max pooling as today.
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 16×16.
    classes : int
        Number of probabilities the network gives, 2 or more.
    filters : tuple of two int
        Of conv1 and conv2.
    units : tuple of int
        Of dense1, dense2, …: one dense layer per number.
    dropout : float
        Share of the numbers dropped in training after `flatten`; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "lenet5": (m, height, width, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for anything but positive integers.

    Examples
    --------
    >>> f"{lenet5().count_params():,}"
    '61,706'
    >>> wide = lenet5(input_shape=(28, 28, 1), filters=(16, 32), units=(128,), dropout=0.3)
    >>> f"{wide.count_params():,}"
    '80,202'
    """
    input_shape = image_shape("lenet5", input_shape, least=LEAST_PIXELS)
    filters = whole_numbers("lenet5", "filters", filters, length=2)
    units = whole_numbers("lenet5", "units", units)
    classes = class_count("lenet5", classes)
    dropout = dropout_share("lenet5", dropout)

    activation, pooling = "relu", layers.MaxPooling2D
    if original:
        activation, pooling = "tanh", layers.AveragePooling2D
    return keras.Sequential(
        [
            keras.Input(input_shape, name="input"),
            layers.Conv2D(filters[0], 5, activation=activation, name="conv1"),
            pooling(2, name="pool1"),
            layers.Conv2D(filters[1], 5, activation=activation, name="conv2"),
            pooling(2, name="pool2"),
            layers.Flatten(name="flatten"),
            *([layers.Dropout(dropout, name="dropout")] if dropout else []),
            *(
                layers.Dense(count, activation=activation, name=f"dense{number}")
                for number, count in enumerate(units, start=1)
            ),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="lenet5",
    )
