"""Augmentation: other pictures of the same things, made on the fly from those there are."""

import itertools
import math
from numbers import Integral, Real

import keras
import numpy as np

from cnnlib.models.arguments import one_of, whole_numbers

FLIPS = {
    None: (),
    "horizontal": ("horizontal",),
    "vertical": ("vertical",),
    "horizontal_and_vertical": ("horizontal", "vertical"),
}
SMOOTHNESS = 7  # a warp changes over about a seventh of the shorter side: 4 pixels of 28


def augmenter(*, flip=None, crop=None, rotate=0, shear=0, warp=0, color=0, seed=None):
    """Random changes of pictures that leave their labels true, as one Keras layer.

    Each picture gets draws of its own, in the order rotate, shear, warp, crop, flip, color. They
    happen while training only: at inference the pictures stay as they are, and a crop is taken
    from the middle. What comes into view beyond a border is the picture mirrored there.

    Parameters
    ----------
    flip : str, optional
        "horizontal" mirrors half of the pictures left to right, "vertical" upside down,
        "horizontal_and_vertical" draws for both.
    crop : tuple of int, optional
        (height, width) in pixels of the window that is left, at a random place. Pictures padded
        by p pixels on each side (`np.pad`) and cropped to their old size
        are shifted by up to p pixels.
    rotate : float
        Largest turn to either side, in degrees, 0 to 180.
    shear : float
        Largest slant of upright lines to either side, in degrees, 0 to 45. The top row stays in
        its place, as in Keras' RandomShear, so the middle of the picture moves to the side.
    warp : float
        Elastic warp: standard deviation of the displacement along each axis, in pixels.
    color : float
        Share, 0 to below 1: brightness moves by up to ±color, contrast and saturation by a factor
        of about 1 ± color, hue by up to ±color / 2 of the color circle. Three channels only.
    seed : int, optional
        Makes the draws repeat. In a `map` of tf.data whose calls run in parallel, the same
        changes are drawn, but which picture gets which may differ.

    Returns
    -------
    Augmenter
        A layer: float pictures (m, height, width, channels), or one without m, in 0…1, to
        float32 in 0…1 of the same shape, or of the shape of `crop`.

    Raises
    ------
    TypeError, ValueError
        For an argument out of its range; when called, for pictures that are not floats, that are
        smaller than `crop`, and for other than three channels with `color`.

    Notes
    -----
    Two ways to train with it, both on TensorFlow, JAX and PyTorch: as the first layer of a model,
    or in the input pipeline, `dataset.map(lambda x, y: (augment(x), y), num_parallel_calls=2)`
    and then `.prefetch(2)` (tf.data, which feeds `fit` on every backend), where it runs beside
    the training steps. Keras compiles no model for JAX that has `rotate` or `shear` inside: with
    JAX the pipeline is the fast way.

    Examples
    --------
    >>> augment = augmenter(flip="horizontal", crop=(24, 24), seed=0)
    >>> tuple(augment(np.zeros((8, 32, 32, 3), "float32"), training=True).shape)
    (8, 24, 24, 3)
    """
    one_of("augmenter", "flip", flip, FLIPS)
    if crop is not None:
        crop = whole_numbers("augmenter", "crop", crop, length=2)
    rotate = _amount("augmenter", "rotate", rotate, most=180, unit="degrees")
    shear = _amount("augmenter", "shear", shear, most=45, unit="degrees")
    warp = _amount("augmenter", "warp", warp, unit="pixels or more")
    color = _amount("augmenter", "color", color, most=0.99, unit="of 1")
    seeds = _seeds("augmenter", seed)

    layers = [keras.layers.Rescaling(1)]  # to float32, also where nothing else is on
    if rotate:
        layers.append(keras.layers.RandomRotation(rotate / 360, seed=next(seeds)))
    if shear:
        slope = min(math.tan(math.radians(shear)), 1)
        # The layer draws the side as well; a single number would not survive saving.
        layers.append(keras.layers.RandomShear((0, slope), seed=next(seeds)))
    if warp:
        layers.append(ElasticWarp(warp, seed=next(seeds)))
    if crop:
        layers.append(RandomWindow(*crop, seed=next(seeds)))
    # One layer a direction: "horizontal_and_vertical" itself mirrors both ways or not at all.
    for direction in FLIPS[flip]:
        layers.append(keras.layers.RandomFlip(direction, seed=next(seeds)))
    if color:
        layers.append(
            keras.layers.RandomColorJitter(
                value_range=(0, 1),
                brightness_factor=color,
                contrast_factor=(color, color),  # a single number would only raise the contrast
                saturation_factor=((1 - color) / 2, (1 + color) / 2),  # 0.5 changes nothing
                hue_factor=color,
                seed=next(seeds),
            )
        )
    return Augmenter(layers)


@keras.saving.register_keras_serializable("cnnlib")
class Augmenter(keras.layers.Pipeline):
    """Layers that change pictures, one after the other; made by `augmenter`."""

    def call(self, images, training=True):
        colored = any(isinstance(layer, keras.layers.RandomColorJitter) for layer in self.layers)
        _check_pictures("augmenter", images, channels=3 if colored else None)
        batch = images if len(images.shape) == 4 else images[None]
        for layer in self.layers:
            batch = layer(batch, training=training)
        return batch if len(images.shape) == 4 else batch[0]


# Keras' RandomCrop takes one place for a whole batch, and leaves pictures uncropped at inference.
@keras.saving.register_keras_serializable("cnnlib")
class RandomWindow(keras.layers.RandomCrop):
    """A window of height × width pixels, at a random place of each picture.

    At inference the window is in the middle.
    """

    def __init__(self, height, width, *, seed=None, **kwargs):
        super().__init__(height, width, seed=seed, **kwargs)
        self.supports_jit = True

    def get_random_transformation(self, data, training=True, seed=None):
        shape = self.backend.shape(data)
        spare = []
        for side, wanted in zip(data.shape[1:3], (self.height, self.width), strict=True):
            if side is None or side < wanted:
                raise ValueError(
                    f"augmenter: crop is {(self.height, self.width)}, it needs pictures at least "
                    f"as large; they are {tuple(data.shape[1:3])}"
                )
            spare.append(side - wanted)
        if not training:
            return [self.backend.numpy.full((shape[0],), room // 2, "int32") for room in spare]
        seed = seed or self._get_seed_generator(self.backend._backend)
        return [
            self.backend.cast(
                self.backend.random.uniform((shape[0],), 0, room + 1, seed=seed), "int32"
            )
            for room in spare
        ]

    def transform_images(self, images, transformation, training=True):
        top, left = (start[:, None, None] for start in transformation)
        rows = top + np.arange(self.height, dtype="int32")[:, None]
        columns = left + np.arange(self.width, dtype="int32")
        return _pixels_from(self.backend, images, rows, columns)(0)


# Keras' RandomElasticTransform moves x and y by the same numbers (only along the diagonal), by one
# strength for a batch, warps one picture where the batch's size is unknown (tf.data), and smooths
# too little on 28 × 28 pixels; its blur is not normalized on every backend.
@keras.saving.register_keras_serializable("cnnlib")
class ElasticWarp(keras.layers.RandomElasticTransform):
    """Each pixel comes from a little elsewhere, its neighbors from nearly as far.

    The displacements along each axis are white noise, smoothed by a Gaussian of a seventh of the
    shorter side (4 pixels of 28) and scaled to a standard deviation of `pixels` at every place;
    in between, pixels are interpolated bilinearly. Simard, Steinkraus and Platt, "Best practices
    for convolutional neural networks applied to visual document analysis", 2003
    (doi.org/10.1109/ICDAR.2003.1227801).
    """

    def __init__(self, pixels, *, seed=None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.pixels = pixels

    def get_random_transformation(self, data, training=True, seed=None):
        """The displacement down and to the right, (m, 2, height, width), in pixels."""
        if not training:
            return None
        numpy = self.backend.numpy
        height, width = data.shape[1:3]
        if None in (height, width) or min(height, width) < 2:
            raise ValueError(
                f"augmenter: warp needs pictures of one size, 2×2 pixels or more; they are "
                f"{(height, width)}"
            )
        sigma = min(height, width) / SMOOTHNESS
        noise = self.backend.random.normal(
            (self.backend.shape(data)[0], 2, height, width),
            seed=seed or self._get_seed_generator(self.backend._backend),
        )
        smooth = numpy.matmul(_smoothing(height, sigma), noise)
        return self.pixels * numpy.matmul(smooth, _smoothing(width, sigma).T)

    def transform_images(self, images, transformation, training=True):
        if not training:
            return images
        numpy = self.backend.numpy
        height, width = images.shape[1:3]
        places = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"))
        places = transformation + places.astype("float32")
        y = numpy.clip(places[:, 0], 0, height - 1)
        x = numpy.clip(places[:, 1], 0, width - 1)
        top = numpy.minimum(numpy.floor(y), height - 2)
        left = numpy.minimum(numpy.floor(x), width - 2)
        down, right = (y - top)[..., None], (x - left)[..., None]
        corner = (self.backend.cast(start, "int32") for start in (top, left))
        pixels = _pixels_from(self.backend, images, *corner)
        above = (1 - right) * pixels(0) + right * pixels(1)
        below = (1 - right) * pixels(width) + right * pixels(width + 1)
        return (1 - down) * above + down * below

    def get_config(self):
        return {**keras.layers.Layer.get_config(self), "pixels": self.pixels, "seed": self.seed}


@keras.saving.register_keras_serializable("cnnlib")
class PCAColor(keras.layers.RandomBrightness):
    """Shift each picture's color along the directions in which the data's colors vary.

    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012, section 4.1: to every pixel of a picture the same three numbers are added,
    Σ p_i α_i λ_i, with p_i and λ_i the eigenvectors and eigenvalues of the 3 × 3 covariance of the
    data's RGB pixels, and α_i drawn anew for each picture from N(0, `spread`). At inference
    nothing is added.

    Parameters
    ----------
    eigenvalues : array of shape (3,), optional
        λ, as the paper has it: the variances along the eigenvectors, in squared pixel units. So
        the strength depends on the unit: for pixels in 0…1 the shift is small, and 255 times
        larger in relation to the range for pixels in 0…255. Some programs take square roots here.
    eigenvectors : array of shape (3, 3), optional
        One of length 1 in each column. Without these two, `adapt` finds them.
    spread : float
        Standard deviation of α, 0.1 in the paper.
    seed : int, optional
        Makes the draws repeat.

    Returns
    -------
    keras.layers.Layer
        (m, height, width, 3) to the same shape. Values are not clipped to 0…1, as in the paper.

    Raises
    ------
    TypeError, ValueError
        For eigenvalues below 0, eigenvectors that are not orthonormal, or pictures without three
        channels; when called before it knows either.

    Examples
    --------
    >>> shift = PCAColor((0.04, 0.01, 0.0), np.eye(3), seed=0)
    >>> pictures = np.full((2, 4, 4, 3), 0.5, "float32")
    >>> bool(np.ptp(keras.ops.convert_to_numpy(shift(pictures, training=True))[..., 2]) == 0)
    True
    """

    def __init__(self, eigenvalues=None, eigenvectors=None, *, spread=0.1, seed=None, **kwargs):
        _seeds("PCAColor", seed)
        super().__init__(0.0, value_range=(0, 1), seed=seed, **kwargs)
        self.spread = _amount("PCAColor", "spread", spread, unit="or more")
        self.eigenvalues = self.eigenvectors = None
        if eigenvalues is not None or eigenvectors is not None:
            self._set(eigenvalues, eigenvectors)

    def adapt(self, images):
        """Find the eigenvalues, largest first, and eigenvectors of the pictures' RGB pixels.

        Parameters
        ----------
        images : array of shape (m, height, width, 3) or (height, width, 3)
            The data, float in 0…1.
        """
        images = np.asarray(images)
        _check_pictures("PCAColor", images, channels=3)
        covariance = np.cov(images.reshape(-1, 3), rowvar=False, dtype="float64")
        eigenvalues, eigenvectors = np.linalg.eigh(covariance)
        # Either sign of an eigenvector is right; one rule, so that draws repeat on any machine.
        eigenvectors = eigenvectors * np.where(eigenvectors.sum(axis=0) < 0, -1, 1)
        self._set(np.maximum(eigenvalues[::-1], 0), eigenvectors[:, ::-1])

    def _set(self, eigenvalues, eigenvectors):
        eigenvalues = np.asarray(eigenvalues, dtype="float32")
        eigenvectors = np.asarray(eigenvectors, dtype="float32")
        if eigenvalues.shape != (3,) or not (eigenvalues >= 0).all():
            raise ValueError(
                f"PCAColor: eigenvalues are {eigenvalues}, it needs three of 0 or more"
            )
        if eigenvectors.shape != (3, 3) or not np.allclose(
            eigenvectors.T @ eigenvectors, np.eye(3), atol=1e-3
        ):
            raise ValueError(
                f"PCAColor: eigenvectors are {eigenvectors.tolist()}, it needs three columns, "
                "orthogonal and of length 1"
            )
        self.eigenvalues, self.eigenvectors = eigenvalues, eigenvectors

    def __call__(self, images, **kwargs):
        _check_pictures("PCAColor", images, channels=3)
        if self.eigenvalues is None:
            raise ValueError("PCAColor: no eigenvalues yet, it needs adapt(images) first")
        return super().__call__(images, **kwargs)

    def get_random_transformation(self, data, training=True, seed=None):
        """What is added to each picture, (m, 1, 1, 3)."""
        if not training:
            return None
        pictures = self.backend.shape(data)[0] if len(data.shape) == 4 else 1
        alpha = self.backend.random.normal(
            (pictures, 3),
            stddev=self.spread,
            seed=seed or self._get_seed_generator(self.backend._backend),
        )
        # Row by row: α_1 λ_1 p_1 + α_2 λ_2 p_2 + α_3 λ_3 p_3.
        shifts = self.backend.numpy.matmul(alpha * self.eigenvalues, self.eigenvectors.T)
        return self.backend.numpy.reshape(shifts, (-1, 1, 1, 3))

    def transform_images(self, images, transformation, training=True):
        return images + transformation if training else images

    def get_config(self):
        known = self.eigenvalues is not None
        return {
            **keras.layers.Layer.get_config(self),
            "eigenvalues": self.eigenvalues.tolist() if known else None,
            "eigenvectors": self.eigenvectors.tolist() if known else None,
            "spread": self.spread,
            "seed": self.seed,
        }


def _pixels_from(backend, images, rows, columns):
    """A function that gives the pixels so many after rows and columns, (m, h, w, channels)."""
    height, width, channels = images.shape[1:]
    picture = backend.numpy.arange(backend.shape(images)[0], dtype="int32")[:, None, None]
    first = (picture * height + rows) * width + columns
    flat = backend.numpy.reshape(images, (-1, channels))
    return lambda after: backend.numpy.take(flat, first + after, axis=0)


def _smoothing(n, sigma):
    """(n, n): averages a row of n numbers by a Gaussian, and leaves the variance of noise at 1."""
    places = np.arange(n)
    weights = np.exp(-((places[:, None] - places) ** 2) / (2 * sigma**2))
    return (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype("float32")


def _check_pictures(function, images, *, channels=None):
    """Floats, (m, height, width, channels) or one picture."""
    dtype, shape = keras.backend.standardize_dtype(images.dtype), tuple(images.shape)
    if not keras.backend.is_float_dtype(dtype):
        raise TypeError(f"{function}: pictures are {dtype}, it needs floats in 0…1")
    if len(shape) not in (3, 4):
        raise ValueError(
            f"{function}: pictures have shape {shape}, it needs (m, height, width, channels), "
            "or one picture"
        )
    if channels and shape[-1] != channels:
        raise ValueError(f"{function}: pictures have {shape[-1]} channels, it needs {channels}")


def _amount(function, argument, value, *, most=math.inf, unit):
    """A finite number from 0 to `most`; None is 0."""
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{function}: {argument} is {value!r}, it needs a number")
    if not 0 <= value <= most or not math.isfinite(value):
        wanted = f"0 to {most} {unit}" if math.isfinite(most) else f"0 {unit}"
        raise ValueError(f"{function}: {argument} is {value}, it needs {wanted}")
    return float(value)


def _seeds(function, seed):
    """A seed for each layer: with the same one they would draw the same numbers."""
    if seed is None:
        return itertools.repeat(None)
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"{function}: seed is {seed!r}, it needs an integer of 0 or more")
    return itertools.count(int(seed))
