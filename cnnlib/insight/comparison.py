"""What the patches of one unit have in common."""

import numpy as np
from keras import ops

_SIDE = 8  # of the small gray pictures that are compared
_FLAT = 1e-3  # a quarter of a gray level of 8-bit pictures


def alike(patches):
    """How much the pixels of patches have in common: the mean correlation of every two.

    Each patch is brought to 8 × 8 gray values first. A patch of one gray value correlates with
    nothing, so its pairs are left out.

    Parameters
    ----------
    patches : (n, s, s, channels) array

    Returns
    -------
    float
        1 for one pattern, about 0 for patterns without any relation; NaN where fewer than two
        patches have a pattern.

    Raises
    ------
    ValueError
        For patches of another shape, and for NaN or infinity.

    Examples
    --------
    >>> step = np.zeros((16, 16, 1))
    >>> step[:8] = 1
    >>> round(alike([step, step, 1 - step]), 3)  # correlations of 1, −1 and −1
    -0.333
    """
    patches = np.asarray(patches, np.float32)
    if patches.ndim != 4 or not patches.size or not np.isfinite(patches).all():
        raise ValueError(
            f"alike: patches has the shape {patches.shape}, it needs (n, s, s, channels) and "
            "finite numbers"
        )
    gray = patches.mean(axis=-1, keepdims=True)
    small = ops.convert_to_numpy(ops.image.resize(gray, (_SIDE, _SIDE), antialias=True))
    rows = small.reshape(len(patches), -1).astype(np.float64)
    rows = rows[rows.std(axis=1) > _FLAT]
    if len(rows) < 2:
        return float("nan")
    return float(np.corrcoef(rows)[np.triu_indices(len(rows), 1)].mean())
