"""MNIST, the handwritten digits."""

from typing import NamedTuple

import h5py
import numpy as np

from cnnlib.datasets.bundled import bundled_file


class Mnist(NamedTuple):
    """The 70,000 digits, and where they come from."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str
    license: str


def mnist():
    """The 70,000 handwritten digits of MNIST, all of them, from the file that ships.

    Returns
    -------
    Mnist
        `x_train` (60000, 28, 28, 1) and `x_test` (10000, 28, 28, 1), float32, 0 for paper to 1 for
        ink; `y_train` (60000,) and `y_test` (10000,), int64, the digit 0…9; `source`, `license`.

    Raises
    ------
    FileNotFoundError, OSError, ValueError
        Where `data/mnist.h5` is missing, unreadable or damaged; see `bundled_file`.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998), https://doi.org/10.1109/5.726791.

    Examples
    --------
    >>> digits = mnist()
    >>> digits.x_train.shape, digits.y_train[:5].tolist()
    ((60000, 28, 28, 1), [5, 0, 4, 1, 9])
    """
    with h5py.File(bundled_file("mnist.h5")) as file:
        return Mnist(
            _images(file["x_train"][:]),
            file["y_train"][:].astype(np.int64),
            _images(file["x_test"][:]),
            file["y_test"][:].astype(np.int64),
            source="MNIST, Yann LeCun, Corinna Cortes and Christopher Burges, from NIST's forms",
            license="CC BY-SA 3.0",
        )


def _images(pixels):
    """(m, 28, 28) uint8 to (m, 28, 28, 1) float32 in 0…1, without an array in between."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)[..., np.newaxis]
