"""Photographs inside the scikit-image and scikit-learn packages: no network is needed."""

from typing import NamedTuple

import numpy as np
from PIL import Image

# The weights of red, green and blue in the luminance Y of ITU-R BT.709, as scikit-image has them.
LUMINANCE = (0.2125, 0.7154, 0.0721)
_CC0 = "CC0"
_FREE = "no known copyright restrictions"
_CC_BY = "CC BY 2.0"

# name -> (credit, license), both as the documentation of the package that holds the photo has them.
# scikit-learn's README names china's photographer for the flower too; its links name vultilion.
_SCIKIT_IMAGE = {
    "astronaut": ("Eileen Collins, NASA Great Images", f"public domain, {_FREE}"),
    "brick": ("a brick wall, CC0Textures Bricks25", _CC0),
    "camera": ("Lav Varshney", _CC0),
    "chelsea": ("Chelsea the cat, by Stefan van der Walt", _CC0),
    "clock": ("a clock and a moving camera, by Stefan van der Walt", "public domain"),
    "coffee": ("Rachel Michetti, courtesy of Pikolo Espresso Bar", _CC0),
    "coins": ("Greek coins from Pompeii, Brooklyn Museum Collection", _FREE),
    "grass": ("linolafett on DeviantArt, Grass 01", _CC0),
    "gravel": ("gravel, CC0Textures Gravel04", _CC0),
    "hubble_deep_field": ("NASA, HubbleSite 2012/37", "public domain"),
    "immunohistochemistry": ("Center for Microscopy And Molecular Imaging (CMMI)", _FREE),
    "moon": ("surface of the moon", "not stated by scikit-image"),
    "motorcycle_left": (
        "Middlebury 2014 stereo benchmark, left view: Scharstein et al., GCPR 2014",
        "not stated by scikit-image",
    ),
    "page": ("a scanned page", "not stated by scikit-image"),
    "retina": ("Mikael Häggström, Medical gallery 2014", _CC0),
    "rocket": ("launch of DSCOVR on Falcon 9, SpaceX Photos", "public domain"),
}
_SCIKIT_LEARN = {
    "china": ("danielbuechele on Flickr, 6061409035", _CC_BY),
    "flower": ("vultilion on Flickr, 6056698931", _CC_BY),
}


class Photo(NamedTuple):
    """A photograph, and where it comes from."""

    image: np.ndarray
    source: str
    license: str


def photo_names():
    """The names that `photo` knows, in alphabetical order.

    >>> "astronaut" in photo_names()
    True
    """
    return sorted(_SCIKIT_IMAGE | _SCIKIT_LEARN)


def photo(name, *, size=None, gray=False):
    """A real photograph, read from an installed package.

    Parameters
    ----------
    name : str
        One of `photo_names()`.
    size : int, optional
        Pixels of the longer side after shrinking (bilinear, antialiased); by default as it came.
    gray : bool
        Whether to return the luminance 0.2125 R + 0.7154 G + 0.0721 B alone.

    Returns
    -------
    Photo
        `image`, float32 in 0…1, (height, width, 3), or (height, width) with `gray`; a photograph
        that was taken in gray has three equal channels. `source`, `license`: strings.

    Raises
    ------
    ValueError
        Where the name is unknown, or size is less than 1 or more than the photograph has.
    TypeError
        Where size is not a whole number.

    Examples
    --------
    >>> photo("astronaut").image.shape, photo("coffee", size=300, gray=True).image.shape
    ((512, 512, 3), (200, 300))
    """
    if name not in photo_names():
        raise ValueError(f"photo: name is {name!r}, it needs one of {photo_names()}")
    pixels = _pixels(name)
    if size is not None:
        pixels = _shrunk(pixels, size)
    image = np.divide(pixels, np.float32(255), dtype=np.float32)
    if image.ndim == 2:
        image = np.repeat(image[..., np.newaxis], 3, axis=-1)
    if gray:
        image = image @ np.float32(LUMINANCE)
    package, (credit, license) = (
        ("scikit-image", _SCIKIT_IMAGE[name])
        if name in _SCIKIT_IMAGE
        else ("scikit-learn", _SCIKIT_LEARN[name])
    )
    return Photo(image, f"{credit} (in {package})", license)


def _pixels(name):
    """The photograph as its package gives it, uint8, (height, width) or (height, width, 3)."""
    if name in _SCIKIT_LEARN:
        from sklearn.datasets import load_sample_image

        return load_sample_image(f"{name}.jpg")
    from skimage import data

    return data.stereo_motorcycle()[0] if name == "motorcycle_left" else getattr(data, name)()


def _shrunk(pixels, size):
    """The photograph with its longer side `size` pixels; Pillow averages, so nothing aliases."""
    height, width = pixels.shape[:2]
    longer = max(height, width)
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"photo: size is {size!r}, it needs a whole number of pixels")
    if not 1 <= size <= longer:
        raise ValueError(f"photo: size is {size}, this photograph needs 1 to {longer}")
    shape = [max(1, round(side * size / longer)) for side in (width, height)]
    return np.asarray(Image.fromarray(pixels).resize(shape, Image.Resampling.BILINEAR))
