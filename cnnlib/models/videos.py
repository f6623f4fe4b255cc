"""Networks for short films: 3-D convolution, frames as channels, and one that is blind to order."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, one_of, whole_numbers

LEAST_FRAMES = 5  # 5 → 3 → 1
LEAST_PIXELS = 9  # 9 → 3 → 1
KINDS = ("conv3d", "stacked", "blind")


def video_network(kind, *, input_shape=(6, 24, 24, 1), classes=4):
    """A small classifier of films, in one of three forms.

    "conv3d": two 3-D convolutions, 3 frames deep. The filters move along time, so one that sees a
    motion sees it whenever it happens.

    "stacked": the frames become channels of one image; two 2-D convolutions. A filter has weights
    of its own for each frame, and the film must have exactly that many.

    "blind": the first 2-D convolution treats each frame alone, then the maps are averaged over
    time. Put the frames in any order, and the answer is the same.

    Each ends with the maximum of each map over all places (and times), and a dense layer.

    Parameters
    ----------
    kind : "conv3d", "stacked" or "blind"
    input_shape : tuple of int
        (frames, height, width, channels) of a film: at least 5 frames of 9×9 pixels.
    classes : int
        Number of probabilities the network gives, 2 or more.

    Returns
    -------
    keras.Model
        Named "conv3d_video", …: (m, frames, height, width, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For another kind, films that are too short or too small, and for anything but positive
        integers.

    References
    ----------
    3-D convolution over films: Ji and others, "3D convolutional neural networks for human action
    recognition", https://doi.org/10.1109/TPAMI.2012.59.

    Examples
    --------
    >>> [video_network(kind).count_params() for kind in ("conv3d", "stacked", "blind")]
    [4148, 7188, 5188]
    """
    one_of("video_network", "kind", kind, KINDS)
    shape = whole_numbers("video_network", "input_shape", input_shape, length=4)
    frames, height, width, _ = shape
    if frames < LEAST_FRAMES or min(height, width) < LEAST_PIXELS:
        raise ValueError(
            f"video_network: input_shape is {shape}, it needs {LEAST_FRAMES} frames of "
            f"{LEAST_PIXELS}×{LEAST_PIXELS} pixels or more"
        )
    classes = class_count("video_network", classes)
    middle = {"conv3d": _conv3d, "stacked": _stacked, "blind": _blind}[kind]
    return keras.Sequential(
        [
            keras.Input(shape, name="input"),
            *middle(*shape),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name=f"{kind}_video",
    )


def _conv3d(frames, height, width, channels):
    return [
        layers.Conv3D(8, (3, 5, 5), strides=(1, 2, 2), activation="relu", name="conv1"),
        layers.Conv3D(16, (3, 3, 3), strides=(1, 2, 2), activation="relu", name="conv2"),
        layers.GlobalMaxPooling3D(name="maximum"),
    ]


def _stacked(frames, height, width, channels):
    return [
        layers.Permute((2, 3, 1, 4), name="frames_last"),
        layers.Reshape((height, width, frames * channels), name="as_channels"),
        layers.Conv2D(16, 5, strides=2, activation="relu", name="conv1"),
        layers.Conv2D(32, 3, strides=2, activation="relu", name="conv2"),
        layers.GlobalMaxPooling2D(name="maximum"),
    ]


def _blind(frames, height, width, channels):
    each_frame = layers.Conv2D(16, 5, strides=2, activation="relu")
    rows, columns = ((n - 5) // 2 + 1 for n in (height, width))
    return [
        layers.TimeDistributed(each_frame, name="conv1"),
        layers.AveragePooling3D((frames, 1, 1), name="mean"),
        layers.Reshape((rows, columns, 16), name="one_image"),
        layers.Conv2D(32, 3, strides=2, activation="relu", name="conv2"),
        layers.GlobalMaxPooling2D(name="maximum"),
    ]
