"""Network in network: a small dense network at every place, and no dense layer at the end."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, dropout_share, image_shape, whole_numbers

KERNELS = (5, 5, 3)
LEAST_PIXELS = 4  # 4 → 2 → 1


def network_in_network(
    *,
    input_shape=(32, 32, 3),
    classes=10,
    filters=((192, 160, 96), (192, 192, 192), (192, 192)),
    dropout=0.5,
):
    """The network for CIFAR-10 of Lin, Chen and Yan 2013 (arxiv.org/abs/1312.4400).

    Three blocks ("mlpconv"): a convolution, then 1×1 convolutions, which are a dense network over
    the channels of each place. The last 1×1 convolution makes one map for each class, `class_maps`;
    its mean over all places is the score of the class, and there is no dense layer. The paper
    prints the form (three blocks, max pooling that halves, dropout after it); the numbers of
    filters are those of the authors' configuration for Caffe, 966,986 parameters in all. That one
    averages in its second pooling, and has ReLU on the class maps; here they keep their sign.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures, at least 4×4.
    classes : int
        Number of probabilities the network gives, 2 or more.
    filters : tuple of three tuples of int
        Of the 5×5, 5×5 and 3×3 convolution and of the 1×1 convolutions after each; `class_maps`
        follows the last.
    dropout : float
        Share of the numbers dropped in training after the first and the second pooling; 0 adds no
        such layers.

    Returns
    -------
    keras.Model
        Named "network_in_network": (m, height, width, channels) to (m, classes) probabilities. Its
        layers: conv1, mlp1_1, mlp1_2, pool1, dropout1, conv2 …, class_maps, global_pool, output.

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for anything but positive integers.

    Examples
    --------
    >>> f"{network_in_network().count_params():,}"
    '966,986'
    """
    name = "network_in_network"
    input_shape = image_shape(name, input_shape, least=LEAST_PIXELS)
    classes = class_count(name, classes)
    dropout = dropout_share(name, dropout)
    if not isinstance(filters, tuple | list) or len(filters) != len(KERNELS):
        raise ValueError(f"{name}: filters is {filters!r}, it needs {len(KERNELS)} tuples")
    filters = [whole_numbers(name, "filters", block) for block in filters]
    if not all(filters):
        raise ValueError(f"{name}: filters is {filters!r}, it needs a number or more in each tuple")

    image = x = keras.Input(input_shape, name="input")
    for block, (kernel, (first, *others)) in enumerate(zip(KERNELS, filters, strict=True), start=1):
        if block > 1:
            x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"pool{block - 1}")(x)
            if dropout:
                x = layers.Dropout(dropout, name=f"dropout{block - 1}")(x)
        x = _convolution(first, kernel, f"conv{block}")(x)
        for number, count in enumerate(others, start=1):
            x = _convolution(count, 1, f"mlp{block}_{number}")(x)
    x = layers.Conv2D(classes, 1, name="class_maps")(x)
    x = layers.GlobalAveragePooling2D(name="global_pool")(x)
    return keras.Model(image, layers.Softmax(name="output")(x), name=name)


def _convolution(filters, size, name):
    return layers.Conv2D(filters, size, padding="same", activation="relu", name=name)
