"""Many crops to learn from out of a few."""

import keras
import numpy as np

from cnnlib.detection.arguments import whole_number
from cnnlib.training.augmentation import augmenter

MARGIN = 2  # pixels by which a crop's border is repeated, so that turning brings in no black


def varied(crops, n, *, size, seed):
    """Crops drawn at random from a few, each in another pose and light.

    Mirrored, turned by up to 12 degrees, warped by 0.7 pixels, cut to a square at a random place;
    then their contrast changes by up to 40 %, their brightness by up to 0.15.

    Parameters
    ----------
    crops : (m, height, width, channels) array
        Pixels in 0…1.
    n : int
        How many to draw.
    size : int
        Pixels of the square's side, up to four more than the crops have.
    seed : int

    Returns
    -------
    (n, size, size, channels) float32 array
        Pixels in 0…1.

    Raises
    ------
    ValueError, TypeError
        Without a crop, for a number below 1, and where the square does not fit.

    Examples
    --------
    >>> varied(np.full((2, 25, 25, 1), 0.5), 5, size=24, seed=0).shape
    (5, 24, 24, 1)
    """
    crops = np.asarray(crops, "float32")
    if crops.ndim != 4 or crops.size == 0:
        raise ValueError(
            f"varied: crops have shape {crops.shape}, it needs (m, height, width, channels)"
        )
    n, size = (whole_number("varied", *one, least=1) for one in (("n", n), ("size", size)))
    rng = np.random.default_rng(seed)
    margins = (0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)
    wide = np.pad(crops, margins, mode="edge")
    change = augmenter(flip="horizontal", crop=(size, size), rotate=12, warp=0.7, seed=seed)
    posed = change(wide[rng.integers(len(wide), size=n)], training=True)
    contrast = rng.uniform(0.6, 1.4, size=(n, 1, 1, 1))
    light = rng.uniform(-0.15, 0.15, size=(n, 1, 1, 1))
    lit = contrast * (keras.ops.convert_to_numpy(posed) - 0.5) + 0.5 + light
    return np.clip(lit, 0, 1).astype("float32")
