"""Which pictures to compare: triplets of an anchor, a positive and a negative; pairs; batches.

The positive shows the anchor's identity in another picture, the negative another identity. All
functions give indices into the arrays that they were given.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from cnnlib.detection.arguments import one_of, whole_number
from cnnlib.faces.arguments import encoding_rows

KINDS = "random", "semi_hard", "hard"


class Triplets(NamedTuple):
    """Indices of n anchors, their positives and their negatives, (n,) int64 arrays."""

    anchor: np.ndarray
    positive: np.ndarray
    negative: np.ndarray


class Pairs(NamedTuple):
    """Indices of the first and the second pictures, and whether both show one identity."""

    first: np.ndarray
    second: np.ndarray
    same: np.ndarray


def triplets(embeddings, labels, *, kind="random", seed=0, margin=0.2):
    """Triplets chosen by what the encodings make of them; d is the squared distance.

    - "random": for each anchor and each of its positives, one negative, all equally likely.
    - "semi_hard": for each anchor and each of its positives the nearest negative that is farther
      than the positive, where it violates the margin: d(a, p) < d(a, n) < d(a, p) + margin. A
      pair that has none gives no triplet.
    - "hard": as `batch_hard`, for each anchor its farthest positive and its nearest negative.

    Parameters
    ----------
    embeddings : (m, d) array
        One encoding for each picture.
    labels : (m,) array of integers or strings
        The identities. One needs two pictures at least, and there have to be two of them.
    kind : "random", "semi_hard" or "hard"
    seed : int
        Of the random negatives; the other kinds draw nothing.
    margin : float
        Of the semi-hard negatives, positive.

    Returns
    -------
    Triplets
        In the order of the anchors, then of the positives. Semi-hard ones may be none at all.

    Raises
    ------
    ValueError, TypeError
        For another kind, encodings that are not finite, labels that are no whole numbers or
        strings or do not belong to the encodings, and where no triplet exists.

    References
    ----------
    Schroff, Kalenichenko and Philbin, "FaceNet", https://arxiv.org/abs/1503.03832, section 3.2.

    Examples
    --------
    >>> triplets([[0.0], [0.2], [0.5], [0.9]], [7, 7, 8, 8], kind="semi_hard", margin=0.3)
    Triplets(anchor=array([0, 1, 2]), positive=array([1, 0, 3]), negative=array([2, 2, 0]))
    """
    embeddings, identities = _labeled("triplets", embeddings, labels)
    one_of("triplets", "kind", kind, KINDS)
    if not 0 < margin < np.inf:
        raise ValueError(f"triplets: margin is {margin}, it needs a positive number")
    if kind == "hard":
        return _batch_hard(embeddings, identities)
    anchor, positive = _positives(identities)
    if kind == "random":
        random = np.random.default_rng(whole_number("triplets", "seed", seed, least=0))
        return Triplets(anchor, positive, _others(identities, anchor, random))
    distances = cdist(embeddings, embeddings, "sqeuclidean")
    of_positive = distances[anchor, positive][:, None]
    of_negative = np.where(identities[anchor][:, None] == identities, np.inf, distances[anchor])
    semi_hard = (of_negative > of_positive) & (of_negative < of_positive + margin)
    found = semi_hard.any(axis=1)
    nearest = np.where(semi_hard, of_negative, np.inf).argmin(axis=1)
    return Triplets(anchor[found], positive[found], nearest[found])


def batch_hard(embeddings, labels):
    """For each anchor its farthest positive and its nearest negative, the first of equal ones.

    Parameters
    ----------
    embeddings, labels
        As in `triplets`.

    Returns
    -------
    Triplets
        One for each picture whose identity has another one.

    Raises
    ------
    ValueError, TypeError
        As `triplets`.

    References
    ----------
    Hermans, Beyer and Leibe, "In defense of the triplet loss for person re-identification",
    https://arxiv.org/abs/1703.07737, section 2.

    Examples
    --------
    >>> batch_hard([[0.0], [0.2], [0.5], [0.9]], [7, 7, 8, 8]).negative
    array([2, 2, 1, 1])
    """
    return _batch_hard(*_labeled("batch_hard", embeddings, labels))


def batch_all(labels):
    """Every triplet that the labels allow.

    P identities with Q pictures each give P·Q·(Q − 1)·(P − 1)·Q of them.

    Parameters
    ----------
    labels : (m,) array of integers or strings
        As in `triplets`.

    Returns
    -------
    Triplets
        In the order of the anchors, then the positives, then the negatives.

    Raises
    ------
    ValueError, TypeError
        As `triplets`.

    References
    ----------
    Hermans, Beyer and Leibe, https://arxiv.org/abs/1703.07737, section 2.

    Examples
    --------
    >>> batch_all([7, 7, 8])
    Triplets(anchor=array([0, 1]), positive=array([1, 0]), negative=array([2, 2]))
    """
    identities = _identities("batch_all", labels)
    anchor, positive = _positives(identities)
    pair, negative = np.nonzero(identities[anchor][:, None] != identities)
    return Triplets(anchor[pair], positive[pair], negative)


def pairs(labels, count, *, seed):
    """Pairs of pictures at random, half of them of one identity.

    In a pair of one identity every picture that has a partner is equally likely to come first, in
    the others every picture; so is each possible second picture.

    Parameters
    ----------
    labels : (m,) array of integers or strings
        As in `triplets`.
    count : int
        Pairs, 2 or more; of an odd count the larger half is of two identities.
    seed : int or numpy.random.Generator

    Returns
    -------
    Pairs
        Same pairs first.

    Raises
    ------
    ValueError, TypeError
        As `triplets`, and where count or seed is no such number.

    Examples
    --------
    >>> drawn = pairs(["Ada", "Ada", "Bo", "Bo"], 6, seed=0)
    >>> drawn.same
    array([ True,  True,  True, False, False, False])
    """
    identities = _identities("pairs", labels)
    count = whole_number("pairs", "count", count, least=2)
    random = _generator("pairs", seed)
    anchor, positive = _positives(identities)
    partnered, places = np.unique(anchor, return_index=True)
    drawn = random.integers(len(partnered), size=count // 2)
    positives_each = np.diff(places, append=len(anchor))[drawn]
    second = positive[places[drawn] + random.integers(positives_each)]
    alone = random.integers(len(identities), size=count - count // 2)
    return Pairs(
        np.concatenate([partnered[drawn], alone]),
        np.concatenate([second, _others(identities, alone, random)]),
        np.arange(count) < count // 2,
    )


def batches(labels, *, identities=16, pictures=4, seed):
    """Batches of P identities with Q pictures each, without end: what mining in a batch needs.

    Parameters
    ----------
    labels : (m,) array of integers or strings
        As in `triplets`.
    identities, pictures : int
        P and Q, 2 or more. An identity that has fewer than Q pictures is left out.
    seed : int or numpy.random.Generator

    Returns
    -------
    iterator of (P·Q,) int64 arrays
        Indices, the pictures of an identity side by side, no picture twice.

    Raises
    ------
    ValueError, TypeError
        As `triplets`, and where fewer than P identities have Q pictures.

    References
    ----------
    Hermans, Beyer and Leibe, https://arxiv.org/abs/1703.07737, section 2.

    Examples
    --------
    >>> chosen = next(batches([5, 5, 6, 6, 7, 7], identities=2, pictures=2, seed=0))
    >>> chosen.shape, len(set(chosen.tolist()))
    ((4,), 4)
    """
    of_pictures = _identities("batches", labels)
    identities = whole_number("batches", "identities", identities, least=2)
    pictures = whole_number("batches", "pictures", pictures, least=2)
    random = _generator("batches", seed)
    groups = [np.flatnonzero(of_pictures == identity) for identity in np.unique(of_pictures)]
    large = [group for group in groups if len(group) >= pictures]
    if len(large) < identities:
        raise ValueError(
            f"batches: labels have {len(large)} identities with {pictures} pictures or more, it "
            f"needs {identities}"
        )

    def drawn():  # what is checked above raises before the first batch is asked for
        while True:
            chosen = random.choice(len(large), identities, replace=False)
            yield np.concatenate([random.choice(large[i], pictures, replace=False) for i in chosen])

    return drawn()


def _batch_hard(embeddings, identities):
    distances = cdist(embeddings, embeddings, "sqeuclidean")
    same = identities[:, None] == identities
    positive = same & ~np.eye(len(same), dtype=bool)
    anchor = np.flatnonzero(positive.any(axis=1))
    farthest = np.where(positive, distances, -np.inf).argmax(axis=1)
    nearest = np.where(same, np.inf, distances).argmin(axis=1)
    return Triplets(anchor, farthest[anchor], nearest[anchor])


def _positives(identities):
    """Every picture with every other one of its identity."""
    same = identities[:, None] == identities
    np.fill_diagonal(same, False)
    return np.nonzero(same)


def _others(identities, anchor, random):
    """For each anchor a picture of another identity, all of them equally likely."""
    order = np.argsort(identities, kind="stable")
    own = np.bincount(identities)
    start = np.cumsum(own) - own  # in this order an identity is one run of places to step over
    own, start = own[identities[anchor]], start[identities[anchor]]
    place = random.integers(len(identities) - own)
    return order[np.where(place < start, place, place + own)]


def _labeled(function, embeddings, labels):
    embeddings = encoding_rows(function, "embeddings", embeddings)
    identities = _identities(function, labels)
    if len(embeddings) != len(identities):
        raise ValueError(
            f"{function}: {len(embeddings)} embeddings and {len(identities)} labels, it needs one "
            "label for each"
        )
    return embeddings, identities


def _identities(function, labels):
    """The labels as numbers from 0 on, where they allow a triplet."""
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iuUS":
        raise TypeError(
            f"{function}: labels have type {labels.dtype}, it needs whole numbers or strings"
        )
    if labels.ndim != 1:
        raise ValueError(f"{function}: labels have shape {labels.shape}, it needs (m,)")
    names, identities = np.unique(labels, return_inverse=True)
    if len(names) < 2 or len(names) == len(labels):
        raise ValueError(
            f"{function}: {len(labels)} labels name {len(names)} identities, it needs two at least "
            "and one of them with two pictures"
        )
    return identities


def _generator(function, seed):
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(whole_number(function, "seed", seed, least=0))
