"""What the functions of this room ask of their arguments."""

from numbers import Integral

import keras
import numpy as np


def graph(function, model):
    """The model, which has to be a graph of layers with one input of pictures."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"{function}: model is a {type(model).__name__}, it needs a keras.Model")
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) != 1 or len(inputs[0].shape) != 4:
        raise ValueError(
            f"{function}: model '{model.name}' needs to be a built graph of layers with one input, "
            "(m, height, width, channels)"
        )
    return model


def maps_of(function, model, layer):
    """The symbolic maps (m, rows, columns, units) that a layer of the model gives."""
    names = [part.name for part in model.layers]
    if layer not in names:
        raise ValueError(f"{function}: layer is {layer!r}, it needs one of {', '.join(names)}")
    output = model.get_layer(layer).output
    if isinstance(output, list | tuple | dict) or len(output.shape) != 4:
        raise ValueError(
            f"{function}: layer '{layer}' gives no maps, it needs to give (m, rows, columns, units)"
        )
    return output


def pictures(function, argument, model, images):
    """A batch of pictures (m, height, width, channels) that the model takes, as float32."""
    images = np.asarray(images)
    wanted = model.inputs[0].shape[1:]
    if not np.issubdtype(images.dtype, np.number):
        raise TypeError(f"{function}: {argument} holds {images.dtype}, it needs numbers")
    fits = images.ndim == 4 and all(
        side in (None, given) for side, given in zip(wanted, images.shape[1:], strict=True)
    )
    if not fits or not images.size:
        shape = ", ".join("any" if side is None else str(side) for side in wanted)
        raise ValueError(
            f"{function}: {argument} has the shape {images.shape}, model '{model.name}' needs "
            f"(m, {shape})"
        )
    if not np.isfinite(images).all():
        raise ValueError(f"{function}: {argument} holds NaN or infinity, it needs finite numbers")
    return images.astype(np.float32)


def index(function, argument, value, count, *, of):
    """A whole number from 0 to count − 1."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{function}: {argument} is {value!r}, it needs a whole number")
    if not 0 <= value < count:
        raise ValueError(f"{function}: {argument} is {value}, {of}: it needs 0 to {count - 1}")
    return int(value)
