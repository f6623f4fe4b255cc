"""What the functions of this room ask of encodings."""

import numpy as np


def encoding_rows(function, name, encodings):
    """Encodings as a float array (n, d) of finite numbers, float32 at least."""
    try:
        encodings = np.asarray(encodings)
    except (ValueError, TypeError) as error:  # rows of different lengths
        raise ValueError(f"{function}: {name} is no array: {error}") from error
    if encodings.dtype.kind not in "iuf":
        raise TypeError(f"{function}: {name} has type {encodings.dtype}, it needs numbers")
    if encodings.ndim != 2 or encodings.shape[1] == 0:
        raise ValueError(f"{function}: {name} has shape {encodings.shape}, it needs (n, d)")
    wrong = ~np.isfinite(encodings).all(axis=1)
    if wrong.any():
        raise ValueError(f"{function}: {name} row {wrong.argmax()} needs finite numbers")
    return encodings.astype(np.promote_types(encodings.dtype, np.float32), copy=False)
