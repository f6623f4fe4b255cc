"""Detectors in the files of darknet, the program of YOLO's authors: a plan (cfg) and weights.

The plan is a list of layers, each a line `[kind]` and lines `option=value`. Layers are counted from
0 after `[net]`; `route` and `shortcut` name others by that number, or by how far back they lie.
"""

import math
import re
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from cnnlib.models.arguments import whole_numbers

CELL = 32  # pixels: five times darknet's detectors halve a picture
LEAKY = 0.1  # the slope of darknet's leaky ReLU where its input is negative
EPSILON = 1e-5  # what darknet's batch normalization adds to the variance
ACTIVATIONS = {
    "leaky": lambda name: layers.LeakyReLU(LEAKY, name=name),
    "logistic": lambda name: layers.Activation("sigmoid", name=name),
    "relu": lambda name: layers.ReLU(name=name),
}
# Options that say how darknet trains, draws new pictures and suppresses boxes.
TRAINING = {
    "net": "batch subdivisions momentum decay angle saturation exposure hue learning_rate burn_in "
    "max_batches policy steps scales",
    "yolo": "jitter ignore_thresh truth_thresh random iou_thresh cls_normalizer iou_normalizer "
    "iou_loss nms_kind beta_nms",
}


@keras.saving.register_keras_serializable("cnnlib")
class WholeCells(layers.Layer):
    """Let pictures pass whose sides are whole numbers of cells, refuse all others."""

    def __init__(self, cell, **options):
        super().__init__(**options)
        self.cell = cell

    def call(self, x):
        height, width = x.shape[1:3]  # None where TensorFlow traces the model for any size
        if (height or 0) % self.cell or (width or 0) % self.cell:
            raise ValueError(
                f"{self.name}: the pictures are {height}×{width}, the network needs multiples of "
                f"{self.cell} pixels; cnnlib.pretrained.letterbox makes them"
            )
        return x

    def compute_output_shape(self, input_shape):  # else JAX and torch try sizes of their own
        return input_shape

    def get_config(self):
        return {**super().get_config(), "cell": self.cell}


@keras.saving.register_keras_serializable("cnnlib")
class GridVolume(layers.Layer):
    """The channels of darknet's last convolution as a volume, in the order of the course.

    (m, g_h, g_w, A · (5 + C)), for each anchor x, y, width, height, p_c and the classes, becomes
    (m, g_h, g_w, A, 5 + C), the last axis p_c, b_x, b_y, b_h, b_w and the classes; all raw.
    """

    def __init__(self, anchors, **options):
        super().__init__(**options)
        self.anchors = anchors

    def call(self, x):
        *places, channels = ops.shape(x)
        length = channels // self.anchors
        x = ops.reshape(x, (*places, self.anchors, length))
        return ops.take(x, [4, 0, 1, 3, 2, *range(5, length)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.anchors, input_shape[-1] // self.anchors)

    def get_config(self):
        return {**super().get_config(), "anchors": self.anchors}


def darknet(cfg, weights=None, *, input_shape=None, name="darknet"):
    """A detector as darknet's plan has it, with the weights that darknet trained.

    Layers are named by kind and number, `convolutional80`; beside a convolution stand
    `convolutional80_norm` and `convolutional80_activation` where it has them.

    Parameters
    ----------
    cfg : path
        The plan. Known are the layers convolutional (batch_normalize, groups; activations linear,
        leaky, logistic, relu), maxpool, route, shortcut, upsample, dropout and yolo.
    weights : path, optional
        The file of weights; without it they are drawn.
    input_shape : tuple, optional
        (height, width, 3): multiples of 32, or None for any; by default the plan's.
    name : str
        Of the model.

    Returns
    -------
    keras.Model
        RGB in 0…1, (m, height, width, 3), to the raw volume of each yolo layer,
        (m, g_h, g_w, A, 5 + C), the last axis p_c, b_x, b_y, b_h, b_w and the classes, as
        `cnnlib.detection.yolo.decode` reads it with the parametrization "priors" and a sigmoid
        for each class. A list of them, in the plan's order, where there are several.

    Raises
    ------
    ValueError
        Where the plan has a layer, an option or a value that is not known, with its line; where
        the weights have more or fewer bytes than the plan asks for; and for an input_shape that
        is no multiple of 32.
    FileNotFoundError, OSError
        Where a file is missing or cannot be read.

    References
    ----------
    Redmon and Farhadi, "YOLOv3: an incremental improvement", https://arxiv.org/abs/1804.02767.

    Examples
    --------
    >>> from cnnlib.datasets import bundled_file
    >>> model = darknet(bundled_file("pretrained/yolo_fastest_xl.cfg"))
    >>> [volume.shape for volume in model.outputs]
    [(None, 10, 10, 3, 85), (None, 20, 20, 3, 85)]
    """
    net, *plan = _sections(cfg)
    image = keras.Input(_input_shape(net, input_shape), name="image")
    outputs, volumes = [], []
    x = WholeCells(CELL, name="cells")(image)
    for number, section in enumerate(plan):
        x = _LAYERS[section.kind](section, number, x, outputs)
        outputs.append(x)
        if section.kind == "yolo":
            volumes.append(x)
        section.refuse_unread()
    model = keras.Model(image, volumes if len(volumes) > 1 else volumes[0], name=name)
    if weights is not None:
        _assign(model, plan, _Weights(weights, model.count_params()))
    return model


def anchors(cfg):
    """The shapes that the yolo layers of a plan start from, one array for each layer.

    Parameters
    ----------
    cfg : path
        The plan.

    Returns
    -------
    list of array (A, 2)
        float32, width and height in pixels of the network's input, of whatever size it is.

    Raises
    ------
    ValueError, FileNotFoundError, OSError
        As `darknet`.

    Examples
    --------
    >>> from cnnlib.datasets import bundled_file
    >>> anchors(bundled_file("pretrained/yolo_fastest_xl.cfg"))[1].tolist()
    [[12.0, 18.0], [37.0, 49.0], [52.0, 132.0]]
    """
    return [_anchors(section) for section in _sections(cfg) if section.kind == "yolo"]


class _Section:
    """A layer of the plan: its kind, its options, and where they stand."""

    def __init__(self, path, line, kind):
        self.path, self.line, self.kind = path, line, kind
        self.options = {}  # name: (line, value)
        self.unread = set()

    def add(self, line, name, value):
        self.options[name] = line, value
        self.unread.add(name)

    def text(self, name, default=None):
        if name not in self.options and default is None:
            raise self.error(self.line, f"[{self.kind}] has no {name}")
        self.unread.discard(name)
        return self.options.get(name, (self.line, default))[1]

    def numbers(self, name, default=None):
        return [self._number(name, part, float) for part in self.text(name, default).split(",")]

    def integers(self, name):
        return [self._number(name, part, int) for part in self.text(name).split(",")]

    def integer(self, name, default=None, *, least=1):
        value = self._number(name, self.text(name, default), int)
        if value < least:
            raise self.unknown(name)
        return value

    def _number(self, name, text, kind):
        try:
            return kind(text)
        except ValueError:
            raise self.unknown(name) from None

    def unknown(self, name):
        line, value = self.options[name]
        return self.error(line, f"{name}={value} of [{self.kind}] is not known")

    def refuse_unread(self):
        for name in sorted(self.unread.difference(TRAINING.get(self.kind, "").split())):
            raise self.error(self.options[name][0], f"option {name} of [{self.kind}] is not known")

    def error(self, line, problem):
        return ValueError(f"darknet: line {line} of {self.path}: {problem}")


def _sections(cfg):
    sections = []
    for line, text in enumerate(Path(cfg).read_text(encoding="utf-8").splitlines(), start=1):
        text = re.sub(r"\s", "", text)
        if not text or text[0] in "#;":
            continue
        if match := re.fullmatch(r"\[(\w+)\]", text):
            sections.append(_Section(cfg, line, match[1]))
            if match[1] not in {"net", *_LAYERS} or (match[1] == "net") != (len(sections) == 1):
                raise ValueError(f"darknet: line {line} of {cfg}: layer {text} is not known here")
        elif sections and "=" in text:
            name, _, value = text.partition("=")
            sections[-1].add(line, name, value)
        else:
            raise ValueError(f"darknet: line {line} of {cfg} is {text!r}, it needs option=value")
    if not any(section.kind == "yolo" for section in sections):
        raise ValueError(f"darknet: {cfg} is no plan of a detector: it has no [yolo]")
    return sections


def _input_shape(net, input_shape):
    height, width, channels = (net.integer(name) for name in ("height", "width", "channels"))
    net.refuse_unread()
    shape = (height, width, channels) if input_shape is None else tuple(input_shape)
    known = whole_numbers("darknet", "input_shape", [side for side in shape if side is not None])
    if len(shape) != 3 or shape[2] != 3 or any(side % CELL for side in known[:-1]):
        raise ValueError(
            f"darknet: input_shape is {shape}, it needs (height, width, 3), multiples of {CELL}"
        )
    return shape


def _convolutional(section, number, x, outputs):
    filters, size = section.integer("filters"), section.integer("size")
    stride, groups = section.integer("stride", "1"), section.integer("groups", "1")
    normalized = section.integer("batch_normalize", "0", least=0)
    padding = size // 2 if section.integer("pad", "0", least=0) else 0
    if padding:  # as much on each side, where Keras's "same" may have more at the end
        x = layers.ZeroPadding2D(padding, name=f"convolutional{number}_pad")(x)
    options = {"strides": stride, "use_bias": not normalized, "name": f"convolutional{number}"}
    if 1 < groups == filters == x.shape[-1]:
        x = layers.DepthwiseConv2D(size, **options)(x)
    elif x.shape[-1] % groups or filters % groups:
        raise section.unknown("groups")
    else:
        x = layers.Conv2D(filters, size, groups=groups, **options)(x)
    if normalized:
        x = layers.BatchNormalization(epsilon=EPSILON, name=f"convolutional{number}_norm")(x)
    return _activated(section, number, x)


def _activated(section, number, x):
    activation = section.text("activation", "logistic")
    if activation == "linear":
        return x
    if activation not in ACTIVATIONS:
        raise section.unknown("activation")
    return ACTIVATIONS[activation](f"{section.kind}{number}_activation")(x)


def _maxpool(section, number, x, outputs):
    size, stride = section.integer("size"), section.integer("stride")
    if stride > 1 and (size, stride) != (2, 2):  # darknet's windows begin before Keras's "same"
        raise section.unknown("size")
    return layers.MaxPooling2D(size, stride, padding="same", name=f"maxpool{number}")(x)


def _route(section, number, x, outputs):
    found = [_output(section, "layers", i, outputs) for i in section.integers("layers")]
    return layers.Concatenate(name=f"route{number}")(found) if len(found) > 1 else found[0]


def _shortcut(section, number, x, outputs):
    other = _output(section, "from", section.integer("from", least=-number), outputs)
    if other.shape != x.shape:
        raise section.unknown("from")
    return _activated(section, number, layers.Add(name=f"shortcut{number}")([x, other]))


def _output(section, name, i, outputs):
    """The output of layer i, counted from the start, or back from here where i is negative."""
    if not -len(outputs) <= i < len(outputs):
        raise section.unknown(name)
    return outputs[i]


def _upsample(section, number, x, outputs):
    return layers.UpSampling2D(section.integer("stride"), name=f"upsample{number}")(x)


def _dropout(section, number, x, outputs):
    (share,) = section.numbers("probability", "0.5")
    return layers.Dropout(share, name=f"dropout{number}")(x)


def _yolo(section, number, x, outputs):
    count, classes = len(_anchors(section)), section.integer("classes")
    if section.numbers("scale_x_y", "1") != [1]:
        raise section.unknown("scale_x_y")  # midpoints beyond the cell, which decode has not
    if x.shape[-1] != count * (5 + classes):
        raise section.error(
            section.line,
            f"[yolo] has {count} anchors and {classes} classes, it needs {count * (5 + classes)} "
            f"channels, the layer before has {x.shape[-1]}",
        )
    return GridVolume(count, name=f"yolo{number}")(x)


def _anchors(section):
    """The anchors that the layer's mask chooses."""
    sizes, mask = section.numbers("anchors"), section.integers("mask")
    if len(sizes) != 2 * section.integer("num", "1"):
        raise section.unknown("anchors")
    if not all(0 <= i < len(sizes) // 2 for i in mask):
        raise section.unknown("mask")
    return np.array(sizes, np.float32).reshape(-1, 2)[mask]


_LAYERS = {
    "convolutional": _convolutional,
    "dropout": _dropout,
    "maxpool": _maxpool,
    "route": _route,
    "shortcut": _shortcut,
    "upsample": _upsample,
    "yolo": _yolo,
}


class _Weights:
    """The numbers of a file of weights, from its first to its last."""

    def __init__(self, path, count):
        content = Path(path).read_bytes()
        major, minor = np.frombuffer(content[:8].ljust(8, b"\0"), "<i4")
        header = 20 if 10 * major + minor >= 2 else 16  # the pictures seen: 8 bytes, once 4
        missing = header + 4 * count - len(content)
        if missing:
            problem = f"{missing:,} are missing" if missing > 0 else f"{-missing:,} are left over"
            raise ValueError(f"darknet: {path} has {len(content):,} bytes: {problem}")
        self.numbers = np.frombuffer(content, "<f4", offset=header)

    def read(self, *shape):
        read, self.numbers = np.split(self.numbers, [math.prod(shape)])
        return read.reshape(shape)


def _assign(model, plan, weights):
    """Of each convolution in the plan's order: biases, normalization, kernel, channels first."""
    for number, section in enumerate(plan):
        if section.kind != "convolutional":
            continue
        layer = model.get_layer(f"convolutional{number}")
        height, width, *channels = layer.kernel.shape
        axes = (2, 3, 0, 1)  # of a depthwise kernel: (channels, 1, height, width)
        if not isinstance(layer, layers.DepthwiseConv2D):
            channels, axes = channels[::-1], (2, 3, 1, 0)
        bias = weights.read(channels[0])
        if not layer.use_bias:
            gamma, mean, variance = weights.read(3, channels[0])
            norm = model.get_layer(f"convolutional{number}_norm")
            norm.set_weights([gamma, bias, mean, variance])
        kernel = weights.read(*channels, height, width).transpose(axes)
        layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
