"""Networks that somebody has trained already: the architecture as code, the weights as data.

A network of the course is one builder and one file in `data/pretrained/`. The file has a group
for each layer with weights; in it a data set for each of the layer's variables, under Keras's name
for it (`kernel`, `bias`), in float32, in float16, or as int8 beside a `_scale` per output channel.
"""

import os
from numbers import Integral, Real
from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers, ops
from PIL import Image

from cnnlib.datasets.bundled import bundled_file
from cnnlib.models.efficientnet_lite import efficientnet_lite0


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


_BUILDERS = {"efficientnet_lite0": efficientnet_lite0, "vgg16_hed": vgg16_hed}


# What Keras publishes: the network in keras.applications, the side of its pictures, and whether it
# was trained on BGR of 0…255 minus the mean color, as the first ones were, or on RGB of −1…1.
_OFFICIAL = {
    "inception_resnet_v2": ("InceptionResNetV2", 299, "rgb"),
    "mobilenet_v2": ("MobileNetV2", 224, "rgb"),
    "resnet50": ("ResNet50", 224, "bgr"),
    "resnet101": ("ResNet101", 224, "bgr"),
    "resnet152": ("ResNet152", 224, "bgr"),
    "vgg16": ("VGG16", 224, "bgr"),
    "vgg19": ("VGG19", 224, "bgr"),
}


def available(weights="bundled"):
    """The names that `load` knows, in alphabetical order.

    With "bundled" those that ship with the course and load anywhere; with "official" those whose
    weights Keras publishes, for which the first `load` needs a network.

    >>> available()
    ['efficientnet_lite0', 'vgg16_hed']
    >>> "resnet50" in available("official")
    True
    """
    if weights not in ("bundled", "official"):
        raise ValueError(f"available: weights is {weights!r}, it needs 'bundled' or 'official'")
    return sorted(_BUILDERS if weights == "bundled" else _OFFICIAL)


def load(name, *, weights="bundled"):
    """A pretrained network that takes float32 RGB in 0…1 and preprocesses it inside.

    `"efficientnet_lite0"` tells the 1,000 classes of ImageNet apart: (m, 224, 224, 3) to
    probabilities (m, 1000). `center_crop` cuts a photograph as it expects them, `decode` names
    the classes. It ships with kernels in float16, which moves a logit by less than 0.03.

    `"vgg16_hed"` finds edges: (m, height, width, 3), of any height and width, to probabilities
    (m, height, width, 1). Its layers are reachable by name: `model.get_layer("block4_conv3")`
    has the VGG-16 features, `"side1"` … `"side5"` the edge logits from fine to coarse. The weights
    were trained on ImageNet, then fine-tuned for edges on BSDS500; they ship as int8, which moves
    the edge probabilities by 0.0015 on average.

    With `weights="official"`: the networks of `available("official")`, to the same 1,000
    probabilities, with the weights that Keras publishes. The first time they are downloaded.

    Parameters
    ----------
    name : str
        One of `available()`, or of `available("official")`.
    weights : "bundled", "official" or a folder
        The file that ships with the course; Keras's own; or a folder that holds another
        `<name>.h5` of the same form as the one that ships.

    Returns
    -------
    keras.Model
        It saves to `.keras`; to load that file elsewhere, import `cnnlib.pretrained` first.

    Raises
    ------
    ValueError
        Where the name is unknown, the network has no such weights, or the file is damaged or
        belongs to another network.
    TypeError
        Where weights is neither a string nor a path.
    FileNotFoundError, OSError
        Where the file is missing or cannot be read.
    ConnectionError
        Where official weights lie in no cache and cannot be downloaded.

    References
    ----------
    Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks",
    https://arxiv.org/abs/1905.11946.
    Xie and Tu, "Holistically-nested edge detection", https://arxiv.org/abs/1504.06375.
    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
    https://arxiv.org/abs/1409.1556.

    Examples
    --------
    >>> model = load("vgg16_hed")
    >>> model(np.zeros((1, 40, 60, 3), "float32")).shape == (1, 40, 60, 1)
    True
    """
    if name not in _BUILDERS | _OFFICIAL:
        raise ValueError(
            f"load: name is {name!r}, it needs one of {available()}, or with weights='official' "
            f"one of {available('official')}"
        )
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(f"load: weights is {weights!r}, it needs 'bundled', 'official' or a folder")
    if weights == "official":
        return _official(name)
    if name not in _BUILDERS:
        raise ValueError(
            f"load: weights is {str(weights)!r}, but {name} does not ship with the course; "
            "it needs 'official'"
        )
    file = f"{name}.h5"
    path = bundled_file(f"pretrained/{file}") if weights == "bundled" else Path(weights) / file
    model = _BUILDERS[name]()
    _assign(model, path)
    return model


def center_crop(image, size=224, *, share=0.875):
    """The middle of a photograph, square and of one size, as classifiers are tested on it.

    The square's side is a share of the photograph's shorter side; it is resized bicubically.

    Parameters
    ----------
    image : array (height, width, 3)
        RGB in 0…1; it is rounded to 256 levels, as an image file has them.
    size : int
        Pixels of the result's side.
    share : float
        From above 0 to 1. Classifiers of ImageNet are commonly tested with 224 of 256: 0.875.

    Returns
    -------
    array (size, size, 3)
        float32 RGB in 0…1.

    Raises
    ------
    TypeError, ValueError
        For another shape, values outside 0…1, a size below 1, a share outside 0…1.

    Examples
    --------
    >>> center_crop(np.zeros((300, 400, 3)), 32).shape
    (32, 32, 3)
    """
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"center_crop: image has shape {image.shape}, it needs (height, width, 3)")
    _within_0_and_1("center_crop", "image", image)
    if isinstance(size, bool) or not isinstance(size, Integral):
        raise TypeError(f"center_crop: size is {size!r}, it needs a whole number")
    if size < 1:
        raise ValueError(f"center_crop: size is {size}, it needs 1 or more")
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 < share <= 1:
        raise ValueError(f"center_crop: share is {share!r}, it needs a number above 0, at most 1")
    height, width, _ = image.shape
    side = max(1, round(share * min(height, width)))
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    square = Image.fromarray(np.rint(255 * square).astype(np.uint8))
    resized = square.resize((size, size), Image.Resampling.BICUBIC)
    return np.divide(resized, np.float32(255), dtype=np.float32)


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
    _within_0_and_1("decode", "predictions", predictions)
    if isinstance(top, bool) or not isinstance(top, Integral):
        raise TypeError(f"decode: top is {top!r}, it needs a whole number")
    if not 1 <= top <= 1000:
        raise ValueError(f"decode: top is {top}, it needs 1 to 1000")
    names = bundled_file("pretrained/imagenet_classes.txt").read_text(encoding="utf-8").splitlines()
    best = np.argsort(-predictions, axis=1, kind="stable")[:, :top]
    return [
        [(names[i], float(row[i])) for i in order]
        for row, order in zip(predictions, best, strict=True)
    ]


def _within_0_and_1(function, argument, array):
    """Refuse text, NaN, logits and pixels of 0…255; float32 may round a probability of 1 up."""
    if not np.issubdtype(array.dtype, np.number):
        raise TypeError(f"{function}: {argument} holds {array.dtype}, it needs numbers")
    outside = ~((array >= 0) & (array <= 1 + 1e-5))
    if outside.any():
        raise ValueError(f"{function}: {argument} holds {array[outside][0]}, it needs 0 to 1")


def _official(name):
    """A network of keras.applications with its preprocessing before it, in one flat model."""
    if name not in _OFFICIAL:
        raise ValueError(
            f"load: weights is 'official', but nobody publishes {name} with Keras; it needs "
            f"'bundled' or a folder. Official are {available('official')}"
        )
    network, side, order = _OFFICIAL[name]
    image = keras.Input((side, side, 3), name="image")
    if order == "rgb":
        x = layers.Rescaling(2, offset=-1, name="preprocessed")(image)
    else:
        x = layers.Rescaling(255, offset=[-123.68, -116.779, -103.939], name="rgb")(image)
        x = layers.Identity(name="preprocessed")(ops.flip(x, axis=-1))
    try:
        probabilities = getattr(keras.applications, network)(input_tensor=x).output
    except Exception as error:  # Keras raises a bare Exception where a download fails
        if not isinstance(error.__context__ or error, OSError):
            raise
        cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
        raise ConnectionError(
            f"load: the official weights of {name} are not in {cache} and cannot be downloaded: "
            f"{error}. Where there is a network, run once: "
            f"""python -c "import cnnlib.pretrained as p; p.load('{name}', weights='official')", """
            f"and copy that folder here if it is another machine. Without: {available()} ship."
        ) from error
    return keras.Model(image, probabilities, name=name)


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
