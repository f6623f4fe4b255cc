"""The transfer: gradient descent on the pixels of a picture, under a frozen network."""

import contextlib
from functools import partial

import keras
import numpy as np
from keras import ops
from scipy.optimize import minimize

from cnnlib import pretrained
from cnnlib.detection.arguments import whole_number
from cnnlib.scratch.network import progress_bar
from cnnlib.style.costs import (
    SCALES,
    content_cost,
    gram_cost,
    gram_per_place,
    required_weight,
    total_variation,
)
from cnnlib.training.gradients import KeepGradients

# The weights λ by layer, found by trying on the VGG-16 features that ship: color weighs most.
STYLE_LAYERS = {
    "block1_conv1": 0.5,
    "block1_conv2": 0.2,
    "block2_conv1": 0.15,
    "block3_conv1": 0.15,
}
_TERMS = ("content", "style", "variation")


class StyleTransfer:
    """A picture that takes its content from one picture and its style from another.

    `fit` lowers α · J_content + β · J_style + γ · V by changing pixels alone: J_content is the
    `content_cost` in one layer, J_style the sum of λ times the `style_cost` over layers, and V the
    `total_variation` per pixel. The network is a frozen copy, cut after the deepest layer in use.

    Parameters
    ----------
    content, style : (height, width, 3) arrays
        RGB in 0…1, of any sizes, which may differ; the result has the size of `content`.
    content_layer : str
        The layer of the content cost.
    style_layers : sequence of str, or dict
        The layers of the style cost; a dict gives each its weight λ, otherwise they share 1.
    alpha, beta, variation : float
        The weights α, β and γ, 0 or more. α and β are not both 0. The defaults suit the default
        scale.
    scale : "course", "gatys" or "relative"
        Of the costs, see `content_cost` and `style_cost`. In the first two the costs of two layers
        of VGG may differ a million times, and λ has to even that out.
    start : "content", "noise" or a (height, width, 3) array
        The first picture.
    seed : int
        Of the noise, which is uniform between 0.4 and 0.6: stronger noise stays in the picture.
    network : keras.Model, optional
        Takes pictures like `content`. By default `pretrained.load("vgg16_hed")`: the convolutions
        of VGG-16. Its weights, and which of them train, stay as they are.

    Attributes
    ----------
    snapshots : dict
        Step to picture, as `fit` was asked to keep them.
    canvas : keras.Model
        What `fit` trains: its one trainable weight is the picture.

    Raises
    ------
    ValueError, TypeError
        For pictures of other shapes, of no size, or with numbers outside 0…1; for layers that the
        network has not (the message lists those it has); for negative weights; for a layer that
        answers with zeros, where the scale is "relative".

    References
    ----------
    Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks" (2016),
    https://doi.org/10.1109/CVPR.2016.265.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> content, style = random.random((16, 24, 3)), random.random((20, 20, 3))
    >>> image, history = StyleTransfer(content, style).fit(2)
    >>> image.shape, history["cost"][1] < history["cost"][0]
    ((16, 24, 3), True)
    """

    def __init__(
        self,
        content,
        style,
        *,
        content_layer="block3_conv3",
        style_layers=STYLE_LAYERS,
        alpha=1,
        beta=100,
        variation=0,
        scale="relative",
        start="content",
        seed=0,
        network=None,
    ):
        content, style = _picture("content", content), _picture("style", style)
        if scale not in SCALES:
            raise ValueError(f"StyleTransfer: scale is {scale!r}, it needs one of {list(SCALES)}")
        self.scale = scale
        named = {"alpha": alpha, "beta": beta, "variation": variation}
        weights = [required_weight("StyleTransfer", *item) for item in named.items()]
        self.weights = dict(zip(_TERMS, weights, strict=True))
        if not (self.weights["content"] or self.weights["style"]):
            raise ValueError("StyleTransfer: alpha and beta are both 0, one needs to be more")
        self.layer_weights = _layer_weights(style_layers)
        self.content_layer = content_layer
        network = pretrained.load("vgg16_hed") if network is None else network
        network = _frozen(network, {content_layer, *self.layer_weights})
        answers = network(content[np.newaxis], training=False)
        self._content = answers[content_layer][0]
        answers = network(style[np.newaxis], training=False)
        self._grams = {name: gram_per_place(answers[name][0]) for name in self.layer_weights}
        if scale == "relative":
            _require_answers({f"content in {content_layer}": self._content})
            _require_answers({f"style in {name}": gram for name, gram in self._grams.items()})
        self.canvas = _Canvas(network, _start(start, content, seed), self._terms, self.weights)
        self.snapshots = {}

    @property
    def image(self):
        """The picture as it is now, (height, width, 3) float32 in 0…1."""
        return np.array(ops.convert_to_numpy(self.canvas.picture)[0])

    def costs(self, image):
        """What a picture costs: a dict of "cost", the sum, and of "content", "style", "variation".

        The three are unweighted. `image` has the size of the content picture.
        """
        image = _picture("image", image)
        if image.shape != self.image.shape:
            raise ValueError(
                f"StyleTransfer: image has shape {image.shape}, it needs {self.image.shape}"
            )
        image = ops.convert_to_tensor(image)
        return self._named(self._terms(self.canvas.network(image[None], training=False), image))

    def fit(self, steps, *, optimizer="adam", learning_rate=0.02, every=None, progress=True):
        """Change the picture so that it costs less; called again, it goes on from there.

        Parameters
        ----------
        steps : int
            How often the cost and its gradient are computed, whatever the optimizer.
        optimizer : "adam" or "lbfgs"
            Adam clips the pixels to 0…1 after each step. L-BFGS is SciPy's, with 0…1 as bounds; it
            keeps the best picture it tried, and may end early, where it finds no better one.
        learning_rate : float
            Adam's step, in units of a pixel's full range. L-BFGS chooses its own.
        every : int, optional
            Keep the picture before each so many steps in `snapshots`.
        progress : bool
            Whether to show a bar.

        Returns
        -------
        image : (height, width, 3) array
            float32 in 0…1.
        history : dict
            Lists "cost", "content", "style", "variation", a number a step: number k belongs to the
            picture before step k. The last three are unweighted.

        Raises
        ------
        ValueError, TypeError
            Where steps or every is no whole number of 1 or more, learning_rate is not above 0, or
            the optimizer is unknown.
        """
        steps = whole_number("fit", "steps", steps, least=1)
        every = every if every is None else whole_number("fit", "every", every, least=1)
        if optimizer not in ("adam", "lbfgs"):
            raise ValueError(f"fit: optimizer is {optimizer!r}, it needs 'adam' or 'lbfgs'")
        if required_weight("fit", "learning_rate", learning_rate) == 0:
            raise ValueError("fit: learning_rate is 0, it needs to be more")
        history = {name: [] for name in ("cost", *_TERMS)}
        self.snapshots = {}

        with progress_bar(steps, progress) as bar:

            def record(picture, terms):
                step = len(history["cost"])
                if every and step % every == 0:
                    self.snapshots[step] = picture
                for name, value in self._named(terms).items():
                    history[name].append(value)
                bar.update()

            if optimizer == "adam":
                self._adam(steps, learning_rate, record)
            else:
                self._lbfgs(steps, record)
        return self.image, history

    def _adam(self, steps, learning_rate, record):
        self.canvas.compile(keras.optimizers.Adam(learning_rate))
        for _ in range(steps):
            picture = self.image
            record(picture, self.canvas.step())

    def _lbfgs(self, steps, record):
        canvas, shape = self.canvas, self.image.shape
        keeper = KeepGradients()
        canvas.compile(keeper)
        best, tried = (np.inf, self.image), 0

        def cost_and_gradient(x):
            nonlocal best, tried
            if tried == steps:
                raise _OutOfSteps
            tried += 1
            picture = x.reshape(shape).astype(np.float32)
            canvas.picture.assign(picture[np.newaxis])
            terms = canvas.step()
            record(picture, terms)
            cost = self._named(terms)["cost"]
            if cost < best[0]:
                best = cost, picture
            gradient = ops.convert_to_numpy(keeper.gradient(canvas.picture))
            return cost, gradient.ravel().astype(np.float64)

        with contextlib.suppress(_OutOfSteps):
            minimize(
                cost_and_gradient,
                self.image.ravel().astype(np.float64),
                jac=True,
                method="L-BFGS-B",
                bounds=[(0, 1)] * self.image.size,
                options={"maxiter": steps, "maxfun": steps, "ftol": 0, "gtol": 0},
            )
        canvas.picture.assign(best[1][np.newaxis])

    def _terms(self, answers, image):
        """J_content, J_style and V of a picture and the network's answers to it, (3,)."""
        content = content_cost(self._content, answers[self.content_layer][0], scale=self.scale)
        style = sum(
            weight * gram_cost(self._grams[name], gram_per_place(answers[name][0]), self.scale)
            for name, weight in self.layer_weights.items()
        )
        height, width, _ = image.shape
        return ops.stack([content, style, total_variation(image) / (height * width)])

    def _named(self, terms):
        terms = dict(zip(_TERMS, ops.convert_to_numpy(terms).tolist(), strict=True))
        return {"cost": sum(self.weights[name] * terms[name] for name in _TERMS), **terms}


class _OutOfSteps(Exception):
    """SciPy looks at its limit between line searches only."""


class _Canvas(keras.Model):
    """A model whose one trainable weight is a picture, and whose loss is the picture's cost."""

    def __init__(self, network, picture, terms, weights):
        super().__init__(name="canvas")
        self.network, self._terms, self._weights_of_terms = network, terms, list(weights.values())
        self.picture = self.add_weight(
            shape=(1, *picture.shape),
            constraint=partial(ops.clip, x_min=0, x_max=1),
            name="picture",
        )
        self.picture.assign(picture[np.newaxis])
        self.costs = self.add_weight(shape=(len(_TERMS),), trainable=False, name="costs")
        self.built = True

    def call(self, inputs):
        """The network's answers to the picture; the inputs are only there to be asked for."""
        return self.network(self.picture, training=False)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        terms = self._terms(y_pred, self.picture[0])
        self.costs.assign(terms)
        # A term that does not count needs no gradient.
        return sum(weight * terms[i] for i, weight in enumerate(self._weights_of_terms) if weight)

    def step(self):
        """One step of the optimizer; the costs of the picture before it."""
        self.train_on_batch(np.zeros((1, 1), "float32"))
        return self.costs


def _frozen(network, names):
    """A copy of the network for pictures of any size, with the answers of some layers by name."""
    if not isinstance(network, keras.Model) or len(network.inputs) != 1:
        raise TypeError(
            f"StyleTransfer: network is {network!r}, it needs a keras.Model with one input"
        )
    maps = [
        layer.name
        for layer in network.layers
        if not isinstance(layer, keras.layers.InputLayer) and len(layer.output.shape) == 4
    ]
    for name in names:
        if name not in maps:
            raise ValueError(f"StyleTransfer: no layer {name!r}, the network has {maps}")
    image = network.inputs[0]
    cut = keras.Model(image, {name: network.get_layer(name).output for name in sorted(names)})
    frozen = keras.models.clone_model(cut, input_tensors=keras.Input((None, None, 3)))
    frozen.set_weights(cut.get_weights())
    frozen.trainable = False
    return frozen


def _start(start, content, seed):
    """The first picture."""
    if isinstance(start, str) and start == "content":
        return content
    if isinstance(start, str) and start == "noise":
        return np.random.default_rng(seed).uniform(0.4, 0.6, content.shape).astype(np.float32)
    if isinstance(start, str):
        raise ValueError(
            f"StyleTransfer: start is {start!r}, it needs 'content', 'noise' or a picture"
        )
    start = _picture("start", start)
    if start.shape != content.shape:
        raise ValueError(
            f"StyleTransfer: start has shape {start.shape}, it needs {content.shape} as content"
        )
    return start


def _layer_weights(style_layers):
    """λ by layer."""
    if not isinstance(style_layers, dict | list | tuple):
        raise TypeError(f"StyleTransfer: style_layers is {style_layers!r}, it needs a list or dict")
    if len(set(style_layers)) < max(1, len(style_layers)):
        raise ValueError(
            f"StyleTransfer: style_layers is {style_layers!r}, it needs one or more layers, all "
            "different"
        )
    if not isinstance(style_layers, dict):
        return dict.fromkeys(style_layers, 1 / len(style_layers))
    return {
        name: required_weight("StyleTransfer", f"style_layers[{name!r}]", weight)
        for name, weight in style_layers.items()
    }


def _picture(name, image):
    """An RGB picture as float32."""
    image = np.asarray(image)
    if image.dtype.kind not in "iuf":
        raise TypeError(f"StyleTransfer: {name} holds {image.dtype}, it needs numbers")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        cause = ""
        if image.ndim == 2 or image.shape[-1] == 1:
            cause = "; a gray picture needs its channel three times"
        elif image.shape[-1] == 4:
            cause = "; leave out the alpha channel"
        raise ValueError(
            f"StyleTransfer: {name} has shape {image.shape}, it needs (height, width, 3){cause}"
        )
    outside = ~((image >= 0) & (image <= 1))
    if outside.any():
        raise ValueError(f"StyleTransfer: {name} holds {image[outside][0]}, it needs 0 to 1")
    return image.astype(np.float32)


def _require_answers(answers):
    for place, answer in answers.items():
        if not ops.any(answer):
            raise ValueError(
                f"StyleTransfer: {place} is zero everywhere, 'relative' needs another picture or "
                "layer"
            )
