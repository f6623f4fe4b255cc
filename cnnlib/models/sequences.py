"""Networks for signals: convolution over time, dense over time, and one that is blind to order."""

import keras
from keras import layers

from cnnlib.models.arguments import class_count, one_of, whole_numbers

FILTERS = (24, 48, 48)
F = 5  # samples under a filter
LEAST_SAMPLES = 17  # 17 → 13 → 5 → 1
UNITS = (96, 48)
KINDS = ("conv", "dense", "blind")


def sequence_network(kind, *, input_shape=(64, 1), classes=10):
    """A small classifier of signals, in one of three forms.

    "conv": three 1-D convolutions with 24, 48 and 48 filters of 5 samples, the last two of stride
    2; then the maximum of each map over all times, so that it does not matter when a pattern comes.

    "dense": two dense layers of 96 and 48 units, which see each time with weights of its own.

    "blind": the same three layers of filters with f = 1, then the mean over time. It sees which
    values occur and how often; put the samples in any order, and the answer is the same.

    Parameters
    ----------
    kind : "conv", "dense" or "blind"
    input_shape : tuple of int
        (length, channels) of a signal, at least 17 samples.
    classes : int
        Number of probabilities the network gives, 2 or more.

    Returns
    -------
    keras.Model
        Named "conv_sequence", …: (m, length, channels) to (m, classes) probabilities.

    Raises
    ------
    TypeError, ValueError
        For another kind, signals that are too short, and for anything but positive integers.

    References
    ----------
    The maximum over time is that of Collobert and others, "Natural language processing (almost)
    from scratch", https://arxiv.org/abs/1103.0398, section 3.3.2.

    Examples
    --------
    >>> [sequence_network(kind).count_params() for kind in ("conv", "dense", "blind")]
    [18010, 11386, 4090]
    """
    one_of("sequence_network", "kind", kind, KINDS)
    length, channels = whole_numbers("sequence_network", "input_shape", input_shape, length=2)
    if length < LEAST_SAMPLES:
        raise ValueError(
            f"sequence_network: input_shape is {tuple(input_shape)}, it needs {LEAST_SAMPLES} "
            "samples or more"
        )
    classes = class_count("sequence_network", classes)
    middle = {"conv": _conv, "dense": _dense, "blind": _blind}[kind]
    return keras.Sequential(
        [
            keras.Input((length, channels), name="input"),
            *middle(),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name=f"{kind}_sequence",
    )


def _conv():
    return [
        *(
            layers.Conv1D(count, F, strides=stride, activation="relu", name=f"conv{number}")
            for number, (count, stride) in enumerate(zip(FILTERS, (1, 2, 2), strict=True), 1)
        ),
        layers.GlobalMaxPooling1D(name="maximum"),
    ]


def _dense():
    return [
        layers.Flatten(name="flatten"),
        *(
            layers.Dense(count, activation="relu", name=f"dense{number}")
            for number, count in enumerate(UNITS, 1)
        ),
    ]


def _blind():
    return [
        *(
            layers.Conv1D(count, 1, activation="relu", name=f"conv{number}")
            for number, count in enumerate(FILTERS, 1)
        ),
        layers.GlobalAveragePooling1D(name="mean"),
    ]
