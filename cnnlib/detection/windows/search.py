"""Objects of several sizes in a picture, by a classifier slid over it."""

import keras
import numpy as np

from cnnlib.arithmetic import receptive_field
from cnnlib.detection.arguments import share
from cnnlib.detection.nms import nms
from cnnlib.detection.windows.crops import grid_boxes, pyramid, sliding_windows, whole_picture


def detect(
    model,
    image,
    *,
    sizes,
    stride=None,
    background=None,
    threshold=0.5,
    iou_threshold=0.5,
    batch_size=256,
):
    """Objects of several sizes in a picture, by a classifier slid over it.

    Each level of the `pyramid` is cut into windows, the network answers for each, and what scores
    above the threshold goes through non-max suppression, class by class. A network that
    `convolutional` made answers for all windows of a level at once; another gets crops.

    Parameters
    ----------
    model : keras.Model
        (m, height, width, channels) to (m, outputs), or the `convolutional` form of one. One
        output: the score of a window. Several: the score of each class.
    image : (height, width, channels) array
        float32, 0…1.
    sizes : sequence of int
        Heights of the windows in pixels of the image; their shape is that of the network's input.
    stride : int or (int, int)
        Between crops, in pixels of the network's input. The convolutional form has its own.
    background : int, optional
        The class that means "no object".
    threshold, iou_threshold : float
        Windows count above the first; the best drops those that overlap it by more than the second.
    batch_size : int
        Crops that go through the network at once.

    Returns
    -------
    dict
        `boxes` (n, 4) float32 in pixels of the image, `scores` (n,), `labels` (n,) int64, best
        first.

    Raises
    ------
    ValueError, TypeError
        As `pyramid`; for a missing or needless stride, a background that is no class, thresholds
        outside 0…1, an image with another number of channels, and a network that gives something
        else than one row of scores for a window.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> page = np.zeros((50, 60, 1), "float32")
    >>> detect(lenet5(), page, sizes=[32, 48], stride=4, threshold=0.9)["boxes"].shape
    (0, 4)
    """
    share("detect", "threshold", threshold)
    image = whole_picture("detect", image).astype("float32", copy=False)
    window, own_stride = _window(model)
    if image.shape[2] != model.inputs[0].shape[-1]:
        raise ValueError(
            f"detect: image has {image.shape[2]} channels, model '{model.name}' needs "
            f"{model.inputs[0].shape[-1]}"
        )
    if (stride is None) == (own_stride is None):
        needs = "has its own: leave it out" if own_stride else "needs one"
        raise ValueError(f"detect: stride is {stride}, model '{model.name}' {needs}")
    boxes, answers = [], []
    for level in pyramid(image, sizes, window):
        if own_stride is None:
            crops, places = sliding_windows(level, window, stride)
            batches = np.split(crops, range(batch_size, len(crops), batch_size))
            answer = np.concatenate([_answer(model, batch, 2) for batch in batches])
        else:
            answer = _answer(model, level[np.newaxis], 4)[0]
            places = grid_boxes(*answer.shape[:2], window, own_stride)
        enlarged = np.divide(image.shape[1::-1], level.shape[1::-1])
        boxes.append(places * np.tile(enlarged, 2).astype("float32"))
        answers.append(answer.reshape(-1, answer.shape[-1]))
    boxes, answers = np.concatenate(boxes), np.concatenate(answers)
    if background is not None:
        answers = _without(answers, background)
    scores, labels = answers.max(axis=1), answers.argmax(axis=1)
    kept = nms(boxes, scores, labels=labels, score_threshold=threshold, iou_threshold=iou_threshold)
    return {"boxes": boxes[kept], "scores": scores[kept], "labels": labels[kept]}


def _window(model):
    """The pixels that an answer is for, and the stride to the next where the network has one."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"detect: model is a {type(model).__name__}, it needs a keras.Model")
    taken = getattr(model, "inputs", None) or []
    if len(taken) != 1 or len(taken[0].shape) != 4:
        raise ValueError(
            f"detect: model '{model.name}' needs to be built, with one input "
            "(height, width, channels)"
        )
    if None not in taken[0].shape[1:3]:
        return tuple(taken[0].shape[1:3]), None
    field = receptive_field(model, model.layers[-1].name)
    if any(field.offset):
        raise ValueError(
            f"detect: model '{model.name}' pads pictures with zeros, it needs 'valid' padding"
        )
    return field.size, field.stride


def _answer(model, batch, axes):
    """What the network says about a batch, without the cost of compiling for its shape."""
    answer = keras.ops.convert_to_numpy(model(batch, training=False))
    if answer.ndim != axes:
        raise ValueError(
            f"detect: model '{model.name}' gives {answer.shape[1:]}, it needs one row of scores "
            "for a window"
        )
    return answer


def _without(answers, background):
    """The answers with the background's score out of the race."""
    classes = answers.shape[1]
    if isinstance(background, bool) or background not in range(classes) or classes == 1:
        raise ValueError(
            f"detect: background is {background!r}, it needs to be one of several classes; "
            f"the network has {classes}"
        )
    return np.where(np.arange(classes) == background, -np.inf, answers)
