"""The filters of the first layer, which alone meet the picture itself."""

import keras
import numpy as np
from keras import layers, ops

from cnnlib.insight import arguments


def first_filters(model):
    """The filters of the first convolution, as they meet the channels of the picture.

    Between the picture and that convolution a network may scale its channels, subtract a mean and
    turn RGB into BGR. What this does to each channel is measured and undone, so that a filter for
    red is red.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional. Before its first `Conv2D` each pixel is only scaled and shifted.

    Returns
    -------
    (f, f, channels, units) float32 array
        What a unit's sum before bias changes by, for each channel of each pixel of the picture.

    Raises
    ------
    TypeError
        For anything but a Keras model.
    ValueError
        For a model without a graph of layers, without a `Conv2D`, or whose first one reads
        something else than the picture's pixels, each scaled and shifted.

    References
    ----------
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
    networks" (2012), figure 3.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> first_filters(lenet5()).shape
    (5, 5, 1, 6)
    """
    model = arguments.graph("first_filters", model)
    first = next((part for part in model.layers if isinstance(part, layers.Conv2D)), None)
    if first is None:
        raise ValueError(f"first_filters: model '{model.name}' has no Conv2D")
    channels = model.inputs[0].shape[-1]
    shape = [side or 3 * first.kernel_size[0] for side in model.inputs[0].shape[1:3]]
    before = keras.Model(model.inputs[0], first.input)
    # Black, each channel alone, and gray, as pictures of one color.
    gray = np.full((1, channels), 0.5)
    colors = np.concatenate([np.zeros((1, channels)), np.eye(channels), gray])
    flat = np.broadcast_to(colors[:, None, None, :], (len(colors), *shape, channels))
    seen = ops.convert_to_numpy(before(flat.astype(np.float32), training=False))
    seen = seen[:, seen.shape[1] // 2, seen.shape[2] // 2] if seen.ndim == 4 else seen
    black, *alone, half = seen
    slopes = np.stack(alone) - black  # a row for each channel of the picture
    if slopes.shape[-1] != first.kernel.shape[2] or not np.allclose(
        half - black, slopes.sum(axis=0) / 2, rtol=1e-3, atol=1e-3 * np.abs(slopes).max()
    ):
        raise ValueError(
            f"first_filters: '{first.name}' of model '{model.name}' needs to read the picture's "
            "pixels, each scaled and shifted"
        )
    return np.einsum("ij,abjn->abin", slopes, first.kernel.numpy()).astype(np.float32)
