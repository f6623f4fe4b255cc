"""Residual networks: of 18 to 152 layers for photographs, of 6n + 2 for small pictures."""

import keras
from keras import layers

from cnnlib.models.arguments import (
    class_count,
    dropout_share,
    image_shape,
    one_of,
    whole_numbers,
)
from cnnlib.models.layers import MOMENTUM, bottleneck, residual_block

EPSILON = 1.001e-5  # of batch normalization, as in keras.applications
LEAST_PIXELS = 32  # halved five times: 32 → 16 → 8 → 4 → 2 → 1
LEAST_PIXELS_SMALL = 4  # halved twice: 4 → 2 → 1


def _two(filters, stride):
    """The convolutions of the block of ResNet-18 and 34."""
    return (filters, 3, stride), (filters, 3, 1)


def _three(filters, stride):
    """The convolutions of the bottleneck block of ResNet-50, 101 and 152."""
    return bottleneck("resnet", (filters, filters, 4 * filters), stride=stride)


DEPTHS = {  # table 1 of the paper: the block, and how many of it in each stage
    18: (_two, (2, 2, 2, 2)),
    34: (_two, (3, 4, 6, 3)),
    50: (_three, (3, 4, 6, 3)),
    101: (_three, (3, 4, 23, 3)),
    152: (_three, (3, 8, 36, 3)),
}


def resnet(
    depth=50,
    *,
    residual=True,
    use_bias=False,
    input_shape=(224, 224, 3),
    classes=1000,
    dropout=0.0,
):
    """ResNet of He, Zhang, Ren and Sun 2015 (arXiv:1512.03385, table 1).

    Trainable parameters with the defaults, for 18, 34, 50, 101 and 152 layers: 11,689,512,
    21,797,672, 25,557,032, 44,549,160 and 60,192,808. Shortcuts are the identity where the shape
    stays, a 1×1 convolution where it changes (the paper's option B). Layers have the names of
    keras.applications.ResNet50, and for 50, 101 and 152 layers with `use_bias=True` the order of
    the weights is the same too: weights may be copied from there as they are.

    Parameters
    ----------
    depth : int
        18 or 34 with blocks of two 3×3 convolutions; 50, 101 or 152 with bottlenecks.
    residual : bool
        Without shortcuts it is the plain network of the same layers.
    use_bias : bool
        Whether convolutions have biases, which batch normalization makes idle.
    input_shape : tuple of int
        (height, width, channels), at least 32×32: five layers halve it.
    classes : int
        Number of probabilities, 2 or more.
    dropout : float
        Share of the numbers dropped in training before the last layer; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "resnet50", … ("plain50" without shortcuts): (m, height, width, channels) to
        (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For a depth that is not in the table, pictures that are too small, and anything but
        positive integers.

    Examples
    --------
    >>> f"{resnet(18, input_shape=(32, 32, 3), classes=10).count_params():,}"
    '11,191,242'
    """
    one_of("resnet", "depth", depth, DEPTHS)
    input_shape = image_shape("resnet", input_shape, least=LEAST_PIXELS)
    classes = class_count("resnet", classes)
    dropout = dropout_share("resnet", dropout)
    block, counts = DEPTHS[depth]

    image = keras.Input(input_shape, name="input")
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = layers.Conv2D(
        64, 7, strides=2, use_bias=use_bias, kernel_initializer="he_normal", name="conv1_conv"
    )(x)
    x = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    x = _stages(
        x,
        block,
        counts,
        filters=(64, 128, 256, 512),
        reshaping="convolution" if residual else None,
        epsilon=EPSILON,
        use_bias=use_bias,
    )
    name = f"{'resnet' if residual else 'plain'}{depth}"
    return keras.Model(image, _classified(x, classes, dropout), name=name)


def small_resnet(
    n,
    *,
    residual=True,
    batch_norm=True,
    input_shape=(32, 32, 3),
    classes=10,
    filters=(16, 32, 64),
    dropout=0.0,
):
    """The network of 6n + 2 layers for small pictures (arXiv:1512.03385, section 4.2).

    A 3×3 convolution, three stages of n blocks with two 3×3 convolutions each, a dense layer; the
    second and third stage halve the maps. Where the shape changes, the shortcut puts channels of
    zeros behind those of x (option A, as in the paper): it has no parameters, so the plain network
    has exactly as many, and a comparison of the two compares nothing else. With n = 3, 5, 7, 9
    and 18: 0.27, 0.46, 0.66, 0.85 and 1.7 million, as in the paper's table 6.

    Parameters
    ----------
    n : int
        Blocks a stage; 3 gives ResNet-20, 9 ResNet-56.
    residual : bool
        Without shortcuts it is the plain network of the same layers.
    batch_norm : bool
        Without it, convolutions have biases, and the last one of each block starts at zero where
        there is a shortcut (see `residual_block`).
    input_shape : tuple of int
        (height, width, channels), at least 4×4: two layers halve it.
    classes : int
        Number of probabilities, 2 or more.
    filters : tuple of three int
        Of the three stages, none less than the one before it.
    dropout : float
        Share of the numbers dropped in training before the last layer; 0 adds no such layer.

    Returns
    -------
    keras.Model
        Named "resnet20", … ("plain20" without shortcuts): (m, height, width, channels) to
        (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For an n that is no integer of 1 or more, pictures that are too small, and filters that
        grow fewer.

    Examples
    --------
    >>> f"{small_resnet(3).count_params():,}"
    '271,098'
    """
    (n,) = whole_numbers("small_resnet", "n", (n,))
    input_shape = image_shape("small_resnet", input_shape, least=LEAST_PIXELS_SMALL)
    filters = whole_numbers("small_resnet", "filters", filters, length=3)
    if list(filters) != sorted(filters):
        raise ValueError(
            f"small_resnet: filters is {filters}, it needs no stage to have fewer than the one "
            "before, since its shortcut adds channels of zeros"
        )
    classes = class_count("small_resnet", classes)
    dropout = dropout_share("small_resnet", dropout)

    image = keras.Input(input_shape, name="input")
    choices = {"batch_norm": batch_norm, "use_bias": not batch_norm}
    x = residual_block(image, [(filters[0], 3, 1)], shortcut=None, name="conv1", **choices)
    x = _stages(
        x, _two, (n, n, n), filters=filters, reshaping="padding" if residual else None, **choices
    )
    name = f"{'resnet' if residual else 'plain'}{6 * n + 2}"
    return keras.Model(image, _classified(x, classes, dropout), name=name)


def _stages(x, block, counts, *, filters, reshaping, **choices):
    """Stages of blocks; from the second on, the first block of each halves the maps.

    `reshaping` is the shortcut where the shape changes; None leaves out all shortcuts.
    """
    for stage, (count, width) in enumerate(zip(counts, filters, strict=True), start=2):
        for number in range(1, count + 1):
            stride = 2 if number == 1 and stage > 2 else 1
            convolutions = block(width, stride)
            same = stride == 1 and convolutions[-1][0] == x.shape[-1]
            x = residual_block(
                x,
                convolutions,
                shortcut="identity" if reshaping and same else reshaping,
                name=f"conv{stage}_block{number}",
                **choices,
            )
    return x


def _classified(x, classes, dropout):
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return layers.Dense(classes, activation="softmax", name="predictions")(x)
