"""A split into pictures to learn from and pictures to test on: copies are on the same side."""

import hashlib

import numpy as np


def copies(pictures):
    """The positions of the pictures, those with the same pixels together, as a list of lists."""
    groups = {}
    for i, picture in enumerate(pictures):
        groups.setdefault(hashlib.sha256(picture).digest(), []).append(i)
    return list(groups.values())


def places(what, different, train):
    """How many of these different pictures are to learn from; one or more is left over."""
    whole = isinstance(train, int | np.integer)
    needed = train + 1 if whole else 2
    if different < needed:
        raise ValueError(
            f"folder: {what} has {different} different pictures, it needs at least {needed}"
            f" with train={train}, one of them for the test"
        )
    return train if whole else min(max(round(train * different), 1), different - 1)
