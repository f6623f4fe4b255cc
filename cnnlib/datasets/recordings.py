"""A real signal: ten seconds of an electroencephalogram that ship with matplotlib."""

from typing import NamedTuple

import numpy as np

SAMPLES, SECONDS = 800, 10
CHANNELS = ("PG3", "PG5", "PG7", "PG9")


class Recording(NamedTuple):
    """A signal of several channels, how often it was sampled, and where it comes from.

    `signal`: (length, channels) float32 array, in the units of the file. `rate`: float, samples a
    second. `names`: tuple of str, the channels. `source`, `license`: str.
    """

    signal: np.ndarray
    rate: float
    names: tuple
    source: str
    license: str


def eeg():
    """Ten seconds of an electroencephalogram: the voltage at four electrodes on a head.

    The file is a sample of matplotlib's, which names the electrodes and the duration in its example
    "MRI with EEG" and does not say whose it is, or in which unit. One channel shows two sharp
    waves, a spike and what follows, near seconds 6.7 and 8.6.

    Returns
    -------
    Recording
        `signal` (800, 4) float32, `rate` 80.0, `names`, `source`, `license`.

    Raises
    ------
    FileNotFoundError
        Where matplotlib is installed without its sample data.
    ValueError
        Where its file has another length.

    Examples
    --------
    >>> recording = eeg()
    >>> recording.signal.shape, recording.rate
    ((800, 4), 80.0)
    """
    from matplotlib import cbook

    path = cbook.get_sample_data("eeg.dat", asfileobj=False)
    numbers = np.fromfile(path, dtype="<f8")
    if numbers.size != SAMPLES * len(CHANNELS):
        raise ValueError(
            f"eeg: matplotlib's eeg.dat has {numbers.size} numbers, it needs "
            f"{SAMPLES} for each of {len(CHANNELS)} channels"
        )
    return Recording(
        numbers.reshape(SAMPLES, len(CHANNELS)).astype(np.float32),
        SAMPLES / SECONDS,
        CHANNELS,
        "eeg.dat of matplotlib's sample data",
        "as matplotlib",
    )
