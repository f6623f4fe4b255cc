"""A live face, or a picture of one held before the camera: what a second photograph leaves behind.

The recaptures are simulated from real pictures. A live face passes a camera once. A recapture is a
picture that has passed a camera, is shown on a screen, and passes a camera again. On that way it
takes on four artifacts:

- `"moire"`: the screen's pixels and the camera's beat against each other, in coarse stripes;
- `"blur"`: the camera is not in focus on the screen;
- `"flat"`: the screen's black is not black, its white is dim, and its light falls off to the sides;
- `"glare"`: a lamp is mirrored in the glass.
"""

import numpy as np
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cnnlib.detection.arguments import one_of

ARTIFACTS = ("moire", "blur", "flat", "glare")
CUES = ("stripes", "detail", "darkest", "brightest", "highlight")
LEAST = 16  # pixels a side: with less there are no stripes to count
_FINE = 4  # samples of the screen's light in a pixel of the camera, along each axis


def captured(images, *, seed):
    """What a camera takes of the scene itself: blurred a little by its lens, exposed, with noise.

    Parameters
    ----------
    images : (m, height, width) or (m, height, width, channels) array
        In 0…1; at least 16×16 pixels.
    seed : int or numpy.random.Generator

    Returns
    -------
    array of the shape of `images`
        float32 in 0…1.

    Raises
    ------
    TypeError, ValueError
        For another shape or type, smaller pictures, and numbers outside 0…1.

    Examples
    --------
    >>> captured(np.full((2, 20, 20), 0.5), seed=0).shape
    (2, 20, 20)
    """
    generator = np.random.default_rng(seed)
    return _each("captured", images, lambda image: _camera(image, generator))


def recaptured(images, *, seed, artifacts=ARTIFACTS):
    """Pictures of pictures: captured, shown on a screen, and captured again.

    Every picture has another screen, in another position, under another lamp.

    Parameters
    ----------
    images : (m, height, width) or (m, height, width, channels) array
        As in `captured`.
    seed : int or numpy.random.Generator
    artifacts : sequence of str
        What happens on the way, of "moire", "blur", "flat" and "glare". Without any of them it is
        a second camera alone.

    Returns
    -------
    array of the shape of `images`
        float32 in 0…1.

    Raises
    ------
    TypeError, ValueError
        As `captured`; for an unknown artifact.

    Examples
    --------
    >>> black = np.zeros((1, 20, 20))
    >>> recaptured(black, seed=0, artifacts=["flat"]).mean() > 2 * captured(black, seed=0).mean()
    np.True_
    """
    artifacts = [artifacts] if isinstance(artifacts, str) else list(artifacts)
    for artifact in artifacts:
        one_of("recaptured", "artifacts", artifact, ARTIFACTS)
    generator = np.random.default_rng(seed)
    return _each("recaptured", images, lambda image: _recaptured(image, artifacts, generator))


def cues(images):
    """What to look at in a picture, one number for each artifact and two for the flat light.

    Parameters
    ----------
    images : (m, height, width) or (m, height, width, channels) array
        As in `captured`.

    Returns
    -------
    (m, 5) array
        In the order of `CUES`, of the mean of the channels. `stripes`: how far the strongest fine
        wave rises above the median one, as a logarithm. `detail`: the spread of the second
        differences against that of the picture, as a logarithm. `darkest` and `brightest`: the
        2nd and 98th percentile. `highlight`: how far the brightest spot is above the 90th.

    Raises
    ------
    TypeError, ValueError
        As `captured`.

    Examples
    --------
    >>> rows = np.indices((20, 20)).sum(axis=0) % 2  # a chessboard: one wave
    >>> cues([rows, np.random.default_rng(0).random((20, 20))])[:, 0].round(1).tolist()
    [8.4, 1.0]
    """
    return np.stack([_cues(image.mean(axis=-1)) for image in _images("cues", images)])


class Liveness:
    """Live or not, by a logistic regression on the five cues of a picture.

    It knows only what it was fitted on: another kind of picture, another camera or an attack
    without these artifacts needs examples of its own.

    References
    ----------
    Patel, Han and Jain, "Secure face unlock: spoof detection on smartphones", IEEE Transactions on
    Information Forensics and Security 11 (2016), https://doi.org/10.1109/TIFS.2016.2578288.

    Examples
    --------
    >>> from cnnlib.datasets import face_crops
    >>> faces = face_crops().images[:20]
    >>> live, pictures = captured(faces, seed=0), recaptured(faces, seed=1)
    >>> check = Liveness().fit(live, pictures)
    >>> bool(check.probability(live).mean() > 0.8 > 0.2 > check.probability(pictures).mean())
    True
    """

    def __init__(self):
        self._classifier = make_pipeline(StandardScaler(), LogisticRegression())
        self._fitted = False

    def fit(self, live, recaptures):
        """Learn from live pictures and recaptures, arrays as in `captured`; gives itself back."""
        examples = [cues(live), cues(recaptures)]
        labels = np.repeat([1, 0], [len(one) for one in examples])
        self._classifier.fit(np.concatenate(examples), labels)
        self._fitted = True
        return self

    def probability(self, images):
        """How probable it is that each picture shows a live face, (m,) in 0…1.

        Raises
        ------
        ValueError
            Before `fit`, and as `captured`.
        """
        if not self._fitted:
            raise ValueError("probability: it has learned nothing yet, it needs fit first")
        return self._classifier.predict_proba(cues(images))[:, 1]


def _recaptured(image, artifacts, generator):
    # Draws of their own: with or without an artifact, the cameras take the same.
    first, second, *others = generator.spawn(2 + len(ARTIFACTS))
    drawn = dict(zip(ARTIFACTS, others, strict=True))
    light = _camera(image, first)
    if "flat" in artifacts:
        light = _flat(light, drawn["flat"])
    shows_grid = "moire" in artifacts
    light = _screen(light, drawn["moire"], second) if shows_grid else _lens(light, second)
    if "blur" in artifacts:
        light = _blurred(light, drawn["blur"].uniform(0.3, 0.7))
    if "glare" in artifacts:
        light = light + _glare(light.shape, drawn["glare"])
    return _sensor(light, second)


def _camera(image, generator):
    return _sensor(_lens(image, generator), generator)


def _lens(light, generator, pixels=1):
    return _blurred(light, pixels * generator.uniform(0.3, 0.5))


def _sensor(light, generator):
    light = light * generator.uniform(0.85, 1.1)
    noise = generator.normal(scale=generator.uniform(0.005, 0.015), size=light.shape)
    return np.clip(light + noise, 0, 1)


def _screen(image, generator, camera):
    """What falls on the camera's pixels from a screen whose pixels are a little larger, turned."""
    height, width, channels = image.shape
    pitch, angle = generator.uniform(1.05, 1.5), np.radians(generator.uniform(-6, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (np.indices((height * _FINE, width * _FINE)) + 0.5) / _FINE
    on_screen = np.tensordot(turn, points, axes=1) / pitch  # in the screen's pixels
    middle = np.floor(on_screen) + 0.5
    shown = np.tensordot(turn.T, middle, axes=1) * pitch - 0.5  # what that pixel shows
    lit = (np.abs(on_screen - middle) < generator.uniform(0.8, 0.95) / 2).all(axis=0)
    light = np.stack(
        [
            ndimage.map_coordinates(image[..., c], shown, order=1, mode="nearest") * lit
            for c in range(channels)
        ],
        axis=-1,
    )
    light = _lens(light / lit.mean(), camera, pixels=_FINE)
    return light.reshape(height, _FINE, width, _FINE, channels).mean(axis=(1, 3))


def _flat(image, generator):
    black, white = generator.uniform(0.03, 0.15), generator.uniform(0.75, 0.95)
    y, x = _places(image.shape) - 0.5
    falloff = 1 - generator.uniform(0, 0.5) * (x**2 + y**2)
    return (black + (white - black) * image) * falloff[..., np.newaxis]


def _glare(shape, generator):
    y, x = _places(shape)
    spread_y, spread_x = generator.uniform(0.05, 0.12, 2)
    at_y, at_x = generator.uniform(0, 1, 2)
    spot = np.exp(-(((y - at_y) / spread_y) ** 2 + ((x - at_x) / spread_x) ** 2) / 2)
    return generator.uniform(0.4, 0.8) * spot[..., np.newaxis]


def _places(shape):
    """Row and column of each pixel, as shares of the picture."""
    return np.stack([axis / side for axis, side in zip(np.indices(shape[:2]), shape, strict=False)])


def _blurred(light, sigma):
    return ndimage.gaussian_filter(light, (sigma, sigma, 0))


def _cues(gray):
    height, width = gray.shape
    fine = gray - ndimage.gaussian_filter(gray, 1.5)
    waves = np.abs(np.fft.fft2(fine * np.outer(np.hanning(height), np.hanning(width))))
    frequency = np.hypot(np.fft.fftfreq(height)[:, np.newaxis], np.fft.fftfreq(width))
    waves = waves[frequency > 0.2]
    smooth = ndimage.gaussian_filter(gray, 1)
    return [
        np.log((waves.max() + 0.01) / (np.median(waves) + 0.01)),  # a black picture has no waves
        np.log((ndimage.laplace(gray).std() + 0.001) / (smooth.std() + 0.001)),
        *np.percentile(gray, [2, 98]),
        smooth.max() - np.percentile(smooth, 90),
    ]


def _each(function, images, change):
    """Every picture changed by itself, in the shape that the pictures came in."""
    changed = [change(image) for image in _images(function, images)]
    return np.float32(changed).reshape(np.shape(images))


def _images(function, images):
    """Pictures (m, height, width, channels), checked."""
    try:
        images = np.asarray(images)
    except (ValueError, TypeError) as error:  # pictures of different sizes
        raise ValueError(f"{function}: images is no array: {error}") from error
    if images.dtype.kind not in "iuf":
        raise TypeError(f"{function}: images has type {images.dtype}, it needs numbers in 0…1")
    if images.ndim not in (3, 4) or 0 in images.shape or min(images.shape[1:3]) < LEAST:
        raise ValueError(
            f"{function}: images has shape {images.shape}, it needs (m, height, width) or "
            f"(m, height, width, channels) of {LEAST}×{LEAST} pixels at least"
        )
    if not (images.min() >= 0 and images.max() <= 1):  # false for NaN as well
        raise ValueError(
            f"{function}: images holds {images.min()} to {images.max()}, it needs numbers in 0…1"
        )
    return images.astype(np.float64).reshape(*images.shape[:3], -1)
