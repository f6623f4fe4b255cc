"""Small real faces, and small pieces of photographs that are none."""

from typing import NamedTuple

import numpy as np


class FaceCrops(NamedTuple):
    """Gray crops with label 1 for a face and 0 for background, and where they come from."""

    images: np.ndarray
    labels: np.ndarray
    source: str
    license: str


def face_crops():
    """100 faces and 100 pieces of background, 25×25 pixels, from Labeled Faces in the Wild.

    Read from the installed scikit-image package. The faces fill their crops from the brow to the
    chin. Many backgrounds have a black corner, where the photograph had been turned.

    Returns
    -------
    FaceCrops
        `images`, (200, 25, 25, 1) float32 in 0…1, and `labels`, (200,) int64: 100 times 1 for a
        face, then 100 times 0; `source`, `license`.

    References
    ----------
    Huang, Mattar, Lee and Learned-Miller, "Learning to align from scratch", Advances in Neural
    Information Processing Systems 25 (2012).

    Examples
    --------
    >>> crops = face_crops()
    >>> crops.images.shape, int(crops.labels.sum())
    ((200, 25, 25, 1), 100)
    """
    from skimage.data import lfw_subset

    pixels = lfw_subset()
    return FaceCrops(
        pixels[..., np.newaxis].astype("float32"),
        np.repeat(np.array([1, 0], np.int64), len(pixels) // 2),
        source="lfw_subset of scikit-image, from Labeled Faces in the Wild",
        license="not stated by scikit-image",
    )
