"""The form of the files in `data/pretrained/`, and how one gives a network its numbers.

A file has a group for each layer with weights; in it a data set for each of the layer's variables,
under Keras's name for it (`kernel`, `bias`), in float32 or float16; or as 8-bit integers beside a
`_scale`, of the whole or of each output channel, and a `_minimum`, which is 0 where it is missing:
a number is integer · scale + minimum.
"""

import h5py
import numpy as np


def assign(model, path):
    """Give every variable of the model its value from the file; both must have the same layers."""
    if not path.is_file():
        raise FileNotFoundError(
            f"load: {path} is missing; weights needs 'bundled' or a folder with {path.name}"
        )
    weighted = [layer for layer in model.layers if layer.weights]
    try:
        with h5py.File(path) as file:
            expected, found = {layer.name for layer in weighted}, set(file)
            if expected != found:
                raise ValueError(
                    f"load: {path} belongs to another network: it lacks the layers "
                    f"{sorted(expected - found)} and has {sorted(found - expected)} besides"
                )
            for layer in weighted:
                layer.set_weights([_value(file[layer.name], weight) for weight in layer.weights])
    except (OSError, KeyError, RuntimeError) as error:  # what h5py raises, depending on the place
        raise ValueError(f"load: {path} is no whole HDF5 file: {error}") from error


def _value(group, weight):
    """A variable's value as float32."""
    name = weight.name
    if name not in group or group[name].shape != tuple(weight.shape):
        found = group[name].shape if name in group else "nothing"
        raise ValueError(
            f"load: {group.file.filename} has {found} for {name} of layer {group.name[1:]}, "
            f"it needs {tuple(weight.shape)}"
        )
    value = group[name][:]
    if np.issubdtype(value.dtype, np.integer):
        value = value * group[f"{name}_scale"][()]
        if f"{name}_minimum" in group:
            value = value + group[f"{name}_minimum"][()]
    return value.astype(np.float32)
