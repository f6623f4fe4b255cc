"""Networks in files: HDF5, the layers as JSON, the weights as arrays, and no pickled code."""

import contextlib
import json
import os
from pathlib import Path

import h5py
import numpy as np

from cnnlib.scratch import layers as library

KINDS = ("Conv", "MaxPool", "AveragePool", "Flatten", "Dense", "ReLU", "Tanh", "Dropout")


def write(path, network):
    """Write a network beside `path`, then put the whole file in its place."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    architecture = json.dumps(_describe(network), default=np.generic.item)
    try:
        with h5py.File(part, "w") as file:
            file.attrs["architecture"] = architecture
            for name, values in network.parameters.items():
                file.create_dataset(name, data=values, fletcher32=True)  # with a checksum
        os.replace(part, path)
    except OSError as error:
        raise type(error)(
            f"save: {path} could not be written, what was there is unchanged: {error}"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # after os.replace there is none
            part.unlink()


def read(path, make):
    """The network in a file; `make` is `Network`, called with the layers and the input shape."""
    if not Path(path).exists():
        raise FileNotFoundError(f"load: there is no file {path}")
    try:
        with h5py.File(path) as file:
            described = json.loads(file.attrs["architecture"])
            layers = [_layer(kind, arguments) for kind, arguments in described["layers"]]
            network = make(layers, input_shape=described["input_shape"])
            network.set_weights([file[name][()] for name in network.parameters])
    except (PermissionError, IsADirectoryError) as error:
        raise type(error)(f"load: {path} cannot be read: {error}") from error
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ValueError(
            f"load: {path} is damaged or was not written by Network.save: {error}"
        ) from error
    return network


def _describe(network):
    for layer in network.layers:
        if type(layer).__name__ not in KINDS:
            raise ValueError(
                f"save: layer {layer.name} is of kind {type(layer).__name__}, "
                f"which load does not know: it knows {', '.join(KINDS)}"
            )
    return {
        "input_shape": network.input_shape,
        "layers": [(type(layer).__name__, layer.arguments) for layer in network.layers],
    }


def _layer(kind, arguments):
    if kind not in KINDS:
        raise ValueError(f"it has a layer of kind {kind!r}, known are {', '.join(KINDS)}")
    return getattr(library, kind)(**{name: _tuples(value) for name, value in arguments.items()})


def _tuples(value):
    """JSON knows lists alone; sizes and paddings were tuples."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
