"""Networks for faces: one finds them, one finds 68 points of each, one tells people apart."""

import keras
from keras import layers, ops

from cnnlib.models.darknet import LEAKY, GridVolume, WholeCells

CELL = 32  # pixels: five times the detector halves a picture
# Width and height of the detector's five shapes of face, in cells.
FACE_ANCHORS = (
    (1.603231, 2.094468),
    (6.041143, 7.080126),
    (2.882459, 3.518061),
    (4.266906, 5.178857),
    (9.041765, 10.66308),
)
# The mean color of the faces that the landmark network and the encoder learned from.
_MINUS_MEAN = [-122.782 / 255, -117.001 / 255, -104.298 / 255]


def tiny_face_detector():
    """A detector of faces with 193,321 parameters: YOLO's second version, made small.

    Six 3×3 convolutions, `conv0` … `conv5`, all but the first separable, each followed by a leaky
    ReLU and max pooling; the last pooling, of stride 1, keeps the grid. `conv8`, 1×1, answers for
    each cell of 32×32 pixels and each of five anchors: x, y, width, height, p_c.

    Returns
    -------
    keras.Model
        Named "tiny_face_detector": RGB in 0…1, (m, S_h, S_w, 3), any multiples of 32, to the raw
        volume (m, S_h / 32, S_w / 32, 5, 5), the last axis p_c, b_x, b_y, b_h, b_w, as
        `cnnlib.detection.yolo.decode` reads it with the parametrization "priors". `preprocessed`
        is what `conv0` sees: the picture minus the mean color.

    References
    ----------
    Redmon and Farhadi, "YOLO9000: better, faster, stronger", https://arxiv.org/abs/1612.08242.

    Examples
    --------
    >>> f"{tiny_face_detector().count_params():,}"
    '193,321'
    """
    image = keras.Input((None, None, 3), name="image")
    mean = [-117.001 / 255, -114.697 / 255, -97.404 / 255]
    x = WholeCells(CELL, name="cells")(image)
    x = layers.Rescaling(1, offset=mean, name="preprocessed")(x)
    for number, filters in enumerate((16, 32, 64, 128, 256, 512)):
        if number == 0:
            convolution = layers.Conv2D(filters, 3, name="conv0")
        else:
            convolution = layers.SeparableConv2D(filters, 3, padding="same", name=f"conv{number}")
        x = layers.LeakyReLU(LEAKY, name=f"leaky{number}")(convolution(x))
        stride = 2 if number < 5 else 1
        x = layers.MaxPooling2D(2, stride, padding="same", name=f"pool{number}")(x)
    x = layers.Conv2D(5 * len(FACE_ANCHORS), 1, name="conv8")(x)
    volume = GridVolume(len(FACE_ANCHORS), name="volume")(x)
    return keras.Model(image, volume, name="tiny_face_detector")


def face_landmarks_68():
    """A network with 356,840 parameters that finds 68 points of a face.

    Four blocks of four 3×3 convolutions, `dense0_conv0` … `dense3_conv3`, all but the first
    separable. The first of a block halves the map; each of the others adds to the sum of those
    before it. The mean over the last map leads to `fc`, two numbers for each point.

    Returns
    -------
    keras.Model
        Named "face_landmarks_68": a face in the middle of a black square, RGB in 0…1,
        (m, 112, 112, 3), to points (m, 68, 2), each x, y as a share of the square's side. Of the
        points 0–16 are the jaw, 17–26 the brows, 27–35 the nose, 36–41 the eye on the picture's
        left, 42–47 the other one, 48–67 the mouth.

    References
    ----------
    Huang et al., "Densely connected convolutional networks", https://arxiv.org/abs/1608.06993, for
    blocks whose layers all see those before them; here they are added, there put side by side.

    Examples
    --------
    >>> f"{face_landmarks_68().count_params():,}"
    '356,840'
    """
    image = keras.Input((112, 112, 3), name="image")
    x = layers.Rescaling(1, offset=_MINUS_MEAN, name="preprocessed")(image)
    for number, filters in enumerate((32, 64, 128, 256)):
        x = _dense_block(x, filters, f"dense{number}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(2 * 68, name="fc")(x)
    return keras.Model(image, layers.Reshape((68, 2), name="points")(x), name="face_landmarks_68")


def _dense_block(x, filters, name):
    """Halve the map, then add three convolutions, each of the ReLU of the sum so far."""
    first = layers.Conv2D if name == "dense0" else layers.SeparableConv2D
    total = first(filters, 3, strides=2, padding="same", name=f"{name}_conv0")(x)
    x = total = layers.ReLU(name=f"{name}_relu0")(total)
    for i in range(1, 4):
        x = layers.SeparableConv2D(filters, 3, padding="same", name=f"{name}_conv{i}")(x)
        total = layers.Add(name=f"{name}_add{i}")([total, x])
        x = layers.ReLU(name=f"{name}_relu{i}")(total)
    return x


def face_encoder():
    """A network with 5,607,488 parameters that describes a face by 128 numbers.

    It is ResNet-34 with half of the filters and two blocks less, made for dlib. `conv32_down`,
    7×7 with stride 2, and a pooling come first, then 14 blocks of two 3×3 convolutions, named
    `conv<filters>_<number>` and, where they halve the map, `conv<filters>_down`. The shortcut past
    those is an average pooling, its missing channels zeros. The mean over the last map leads to
    `fc`, which has no bias. The scales that stood behind the convolutions are part of the kernels.

    Returns
    -------
    keras.Model
        Named "face_encoder": a face in the middle of a black square, RGB in 0…1,
        (m, 150, 150, 3), to encodings (m, 128). Two encodings of one person are close in
        Euclidean distance: dlib takes 0.6 as the limit. They are not of unit length.

    References
    ----------
    He, Zhang, Ren and Sun, "Deep residual learning for image recognition",
    https://arxiv.org/abs/1512.03385; King, "Dlib-ml: a machine learning toolkit", Journal of
    Machine Learning Research 10 (2009), for the library whose network it is.

    Examples
    --------
    >>> f"{face_encoder().count_params():,}"
    '5,607,488'
    """
    image = keras.Input((150, 150, 3), name="image")
    x = layers.Rescaling(1, offset=_MINUS_MEAN, name="preprocessed")(image)
    x = layers.Conv2D(32, 7, strides=2, activation="relu", name="conv32_down")(x)
    x = layers.MaxPooling2D(3, 2, name="pool")(x)
    for filters, blocks in ((32, 3), (64, 3), (128, 2), (256, 2)):
        if filters > 32:
            x = _halving_block(x, filters, f"conv{filters}_down")
        for number in range(1, blocks + 1):
            name = f"conv{filters}_{number}"
            x = _added(x, _two_convolutions(x, filters, name), name)
    x = _halving_block(x, 256, "conv256_down_out")
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    encoding = layers.Dense(128, use_bias=False, name="fc")(x)
    return keras.Model(image, encoding, name="face_encoder")


def _halving_block(x, filters, name):
    """A block with stride 2, past it the mean of each 2×2 pixels; zeros where a side has less."""
    shortcut = layers.AveragePooling2D(2, name=f"{name}_pool")(x)
    y = _two_convolutions(x, filters, name, strides=2)
    missing = shortcut.shape[1] - y.shape[1]
    y = ops.pad(y, [(0, 0), (0, missing), (0, missing), (0, 0)])
    shortcut = ops.pad(shortcut, [(0, 0), (0, 0), (0, 0), (0, filters - x.shape[-1])])
    return _added(shortcut, y, name)


def _two_convolutions(x, filters, name, *, strides=1):
    padding = "same" if strides == 1 else "valid"
    x = layers.Conv2D(
        filters, 3, strides=strides, padding=padding, activation="relu", name=f"{name}_conv1"
    )(x)
    return layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv2")(x)


def _added(shortcut, y, name):
    x = layers.Add(name=f"{name}_add")([shortcut, y])
    return layers.ReLU(name=f"{name}_out")(x)
