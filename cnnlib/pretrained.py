"""Networks that somebody has trained already: the architecture as code, the weights as data.

A network of the course is one builder here and one file in `data/pretrained/`. The file has a group
for each layer with weights; in it a data set for each of the layer's variables, under Keras's name
for it (`kernel`, `bias`), in float32, in float16, or as int8 beside a `_scale` per output channel.
"""

import os
from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers, ops

from cnnlib.datasets.bundled import bundled_file


@keras.saving.register_keras_serializable("cnnlib")
class ResizeLike(layers.Layer):
    """Resize a map, bilinearly, to the height and width of another one.

    `keras.ops.image.resize` needs a size that is known when TensorFlow traces the model. Bilinear
    interpolation is one matrix along each axis, which any backend builds at run time.
    """

    def call(self, x, like):
        rows = self._interpolation(ops.shape(x)[1], ops.shape(like)[1])
        columns = self._interpolation(ops.shape(x)[2], ops.shape(like)[2])
        return ops.einsum("Hh,mhwc,Ww->mHWc", rows, x, columns)

    def _interpolation(self, old, new):
        """(new, old): each row has the weights of the pixels beside a new pixel's center."""
        scale = ops.cast(old, "float32") / ops.cast(new, "float32")
        centers = (ops.cast(ops.arange(new), "float32") + 0.5) * scale - 0.5
        centers = ops.maximum(0.0, ops.minimum(centers, ops.cast(old - 1, "float32")))
        pixels = ops.cast(ops.arange(old), "float32")
        return ops.relu(1 - ops.abs(centers[:, None] - pixels))

    def compute_output_shape(self, x_shape, like_shape):
        return (x_shape[0], *like_shape[1:3], x_shape[3])


def vgg16_hed():
    """The holistically-nested edge detector, HED, on the thirteen convolutions of VGG-16.

    Each block's last ReLU, `block1_conv2` … `block5_conv3`, gives a map of edge logits, `dsn1` …
    `dsn5`, which is resized to the picture, `side1` … `side5`. `fuse` weighs the five, `edges` is
    the sigmoid. `preprocessed` is what the first convolution sees: BGR, minus VGG's mean color.
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(255, offset=[-122.67892, -116.66877, -104.00699], name="rgb")(image)
    x = layers.Identity(name="preprocessed")(ops.flip(x, axis=-1))
    sides = []
    for block, (convolutions, filters) in enumerate(
        [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1
    ):
        if block > 1:
            x = layers.MaxPooling2D(2, padding="same", name=f"pool{block - 1}")(x)
        for i in range(1, convolutions + 1):
            name = f"block{block}_conv{i}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        logits = layers.Conv2D(1, 1, name=f"dsn{block}")(x)
        sides.append(ResizeLike(name=f"side{block}")(logits, image))
    logits = layers.Conv2D(1, 1, name="fuse")(layers.Concatenate(name="sides")(sides))
    edges = layers.Activation("sigmoid", name="edges")(logits)
    return keras.Model(image, edges, name="vgg16_hed")


_BUILDERS = {"vgg16_hed": vgg16_hed}


def available():
    """The names that `load` knows, in alphabetical order.

    >>> available()
    ['vgg16_hed']
    """
    return sorted(_BUILDERS)


def load(name, *, weights="bundled"):
    """A pretrained network that takes float32 RGB in 0…1 and preprocesses it inside.

    `"vgg16_hed"` finds edges: (m, height, width, 3), of any height and width, to probabilities
    (m, height, width, 1). Its layers are reachable by name: `model.get_layer("block4_conv3")`
    has the VGG-16 features, `"side1"` … `"side5"` the edge logits from fine to coarse. The weights
    were trained on ImageNet, then fine-tuned for edges on BSDS500; they ship as int8, which moves
    the edge probabilities by 0.0015 on average.

    Parameters
    ----------
    name : str
        One of `available()`.
    weights : "bundled" or a folder
        The file that ships with the course, or a folder that holds another `<name>.h5` of the same
        form. `"official"` is for networks that Keras publishes itself; none is in the table yet.

    Returns
    -------
    keras.Model
        It saves to `.keras`; to load that file elsewhere, import `cnnlib.pretrained` first.

    Raises
    ------
    ValueError
        Where the name is unknown, the network has no official weights, or the file is damaged or
        belongs to another network.
    TypeError
        Where weights is neither a string nor a path.
    FileNotFoundError, OSError
        Where the file is missing or cannot be read.

    References
    ----------
    Xie and Tu, "Holistically-nested edge detection", https://arxiv.org/abs/1504.06375.
    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
    https://arxiv.org/abs/1409.1556.

    Examples
    --------
    >>> model = load("vgg16_hed")
    >>> model(np.zeros((1, 40, 60, 3), "float32")).shape == (1, 40, 60, 1)
    True
    """
    if name not in _BUILDERS:
        raise ValueError(f"load: name is {name!r}, it needs one of {available()}")
    if weights == "official":
        raise ValueError(
            f"load: weights is 'official', but nobody publishes {name} with Keras; "
            "it needs 'bundled' or a folder"
        )
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(f"load: weights is {weights!r}, it needs 'bundled' or a folder")
    file = f"{name}.h5"
    path = bundled_file(f"pretrained/{file}") if weights == "bundled" else Path(weights) / file
    model = _BUILDERS[name]()
    _assign(model, path)
    return model


def _assign(model, path):
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
    """A variable's value as float32; int8 is multiplied by the scale of each output channel."""
    name = weight.name
    if name not in group or group[name].shape != tuple(weight.shape):
        found = group[name].shape if name in group else "nothing"
        raise ValueError(
            f"load: {group.file.filename} has {found} for {name} of layer {group.name[1:]}, "
            f"it needs {tuple(weight.shape)}"
        )
    value = group[name][:].astype(np.float32)
    return value * group[f"{name}_scale"][:] if group[name].dtype == np.int8 else value
