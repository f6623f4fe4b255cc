"""A small network that turns a picture into a point: its encoding."""

from keras import Input, Model, layers

from cnnlib.models.arguments import image_shape, whole_numbers
from cnnlib.models.layers import MOMENTUM

FILTERS = 16, 32, 64  # of the three convolutions
LEAST_PIXELS = 8  # three poolings halve it to one


def embedding_network(*, input_shape=(28, 28, 1), size=32, nonnegative=False):
    """Pictures to encodings of length 1, for a few thousand small pictures to learn from.

    Three times a 3×3 convolution, batch normalization, ReLU and 2×2 pooling; then a dense layer,
    and each encoding is divided by its length. So the encodings lie on a sphere, and the squared
    distance of two is 0 to 4, as FaceNet's (Schroff, Kalenichenko and Philbin 2015,
    arXiv:1503.03832, section 3.1).

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the pictures, 8×8 pixels at least.
    size : int
        Numbers d of an encoding, 2 or more.
    nonnegative : bool
        Whether a ReLU follows the dense layer, so that no number of an encoding is below 0, as
        the χ² comparison needs it (Taigman, Yang, Ranzato and Wolf 2014, section 4). The
        squared distance of two encodings is then 0 to 2.

    Returns
    -------
    keras.Model
        Named "embedding": (m, height, width, channels) to (m, size).

    Raises
    ------
    TypeError, ValueError
        For pictures that are too small, and for anything but integers.

    Examples
    --------
    >>> network = embedding_network()
    >>> network.output_shape, f"{network.count_params():,}"
    ((None, 32), '42,096')
    """
    input_shape = image_shape("embedding_network", input_shape, least=LEAST_PIXELS)
    (size,) = whole_numbers("embedding_network", "size", (size,))
    if size < 2:
        raise ValueError(f"embedding_network: size is {size}, it needs 2 or more")
    if not isinstance(nonnegative, bool):
        raise TypeError(f"embedding_network: nonnegative is {nonnegative!r}, it needs a bool")
    x = pictures = Input(input_shape, name="input")
    for number, filters in enumerate(FILTERS, start=1):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"bn{number}")(x)
        x = layers.Activation("relu", name=f"relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(size, activation="relu" if nonnegative else None, name="dense")(x)
    return Model(pictures, layers.UnitNormalization(name="unit_length")(x), name="embedding")
