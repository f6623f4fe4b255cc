"""What the numbers of classes mean that pretrained networks tell apart."""

from numbers import Integral

import numpy as np
from keras import ops

from cnnlib.datasets.bundled import bundled_file
from cnnlib.pretrained import official
from cnnlib.pretrained.arguments import within_0_and_1

_IMAGENET = "pretrained/imagenet_classes.txt"
_NAMES = {
    **dict.fromkeys(["efficientnet_lite0", *official.NETWORKS], _IMAGENET),
    "yolo_fastest_xl": "pretrained/coco_classes.txt",
}


def class_names(name):
    """The names of the classes that a network tells apart, in the order of its answers.

    Parameters
    ----------
    name : str
        A classifier of `available()` or `available("official")`: the 1,000 classes of ImageNet,
        from tench to toilet tissue; or `"yolo_fastest_xl"`: the 80 of COCO.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        Where there is no such network, or it knows no classes.

    Examples
    --------
    >>> class_names("yolo_fastest_xl")[:3]
    ['person', 'bicycle', 'car']
    """
    if name not in _NAMES:
        raise ValueError(f"class_names: name is {name!r}, it needs one of {sorted(_NAMES)}")
    return bundled_file(_NAMES[name]).read_text(encoding="utf-8").splitlines()


def decode(predictions, top=5):
    """The names of the classes that an ImageNet classifier finds likeliest.

    Parameters
    ----------
    predictions : array (m, 1000)
        Probabilities in the usual order of ImageNet's classes, from tench to toilet tissue.
    top : int
        How many to name, 1 to 1,000.

    Returns
    -------
    list of list of (str, float)
        For each picture its likeliest classes, best first, each with its probability.

    Raises
    ------
    TypeError, ValueError
        For another shape, anything but probabilities, and a top out of range.

    Examples
    --------
    >>> decode(np.eye(1000)[[967, 281]], top=1)
    [[('espresso', 1.0)], [('tabby', 1.0)]]
    """
    predictions = ops.convert_to_numpy(predictions)
    if predictions.ndim != 2 or predictions.shape[1] != 1000:
        raise ValueError(
            f"decode: predictions has shape {predictions.shape}, it needs (m, 1000): "
            "a row for each picture, a probability for each class of ImageNet"
        )
    within_0_and_1("decode", "predictions", predictions)
    if isinstance(top, bool) or not isinstance(top, Integral):
        raise TypeError(f"decode: top is {top!r}, it needs a whole number")
    if not 1 <= top <= 1000:
        raise ValueError(f"decode: top is {top}, it needs 1 to 1000")
    names = class_names("efficientnet_lite0")
    best = np.argsort(-predictions, axis=1, kind="stable")[:, :top]
    return [
        [(names[i], float(row[i])) for i in order]
        for row, order in zip(predictions, best, strict=True)
    ]
