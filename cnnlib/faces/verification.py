"""Verification, one against one, and identification, one against K: how often each goes wrong.

Two pictures are taken for the same person where their encodings are no farther apart than a
threshold τ: d(x_i, x_j) ≤ τ. A pair of different people that passes is a false accept, a pair of
the same person that does not is a false reject.
"""

from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import hypergeom
from sklearn.metrics import roc_curve

from cnnlib.detection.arguments import one_of, share, whole_number
from cnnlib.faces.arguments import encoding_rows

_GOALS = ("accuracy", "equal_error")
_RULES = ("all", "nearest")


class Pairs(NamedTuple):
    """Distance of the pictures of each pair, and whether they show the same person."""

    distances: np.ndarray  # (p,) float
    same: np.ndarray  # (p,) bool


class Roc(NamedTuple):
    """What growing thresholds let pass: (t,) arrays that begin where nobody passes."""

    false_accepts: np.ndarray  # share of the pairs of different people
    true_accepts: np.ndarray  # share of the pairs of the same person
    thresholds: np.ndarray  # distances; the first is -inf


class ErrorRates(NamedTuple):
    """The shares of the pairs that a threshold gets wrong, of each kind."""

    false_accepts: float
    false_rejects: float


def distances(encodings, others):
    """The Euclidean distance of each encoding from each other one.

    Parameters
    ----------
    encodings : (n, d) array
    others : (m, d) array

    Returns
    -------
    (n, m) array
        float64, ‖f(x_i) − f(x_j)‖.

    Raises
    ------
    TypeError, ValueError
        For other shapes, other lengths, and numbers that are not finite.

    Examples
    --------
    >>> distances([[0, 0], [3, 0]], [[0, 4]]).tolist()
    [[4.0], [5.0]]
    """
    encodings = encoding_rows("distances", "encodings", encodings)
    others = encoding_rows("distances", "others", others)
    if encodings.shape[1] != others.shape[1]:
        raise ValueError(
            f"distances: others have {others.shape[1]} numbers each, encodings have "
            f"{encodings.shape[1]}; both need the same"
        )
    return cdist(encodings, others)


def pairs(encodings, labels):
    """All pairs of pictures, each pair once.

    Parameters
    ----------
    encodings : (n, d) array
    labels : (n,) array
        Who is shown: numbers or names.

    Returns
    -------
    Pairs
        `distances` and `same`, n (n − 1) / 2 of each.

    Raises
    ------
    TypeError, ValueError
        As `distances`, and where there is not one label for each encoding.

    Examples
    --------
    >>> found = pairs([[0, 0], [3, 4], [3, 0]], ["Ann", "Ann", "Bob"])
    >>> found.distances.tolist(), found.same.tolist()
    ([5.0, 3.0, 4.0], [True, False, False])
    """
    encodings = encoding_rows("pairs", "encodings", encodings)
    labels = np.asarray(labels)
    if labels.shape != (len(encodings),):
        raise ValueError(f"pairs: labels has shape {labels.shape}, it needs ({len(encodings)},)")
    i, j = np.triu_indices(len(encodings), k=1)
    return Pairs(cdist(encodings, encodings)[i, j], labels[i] == labels[j])


def roc(distances, same):
    """The receiver operating characteristic: what passes at each threshold.

    Parameters
    ----------
    distances : (p,) array
        Of pairs; 0 or more.
    same : (p,) array of bool
        Whether a pair shows the same person. Both kinds have to be there.

    Returns
    -------
    Roc
        `false_accepts`, `true_accepts`, `thresholds`: (t,) arrays, one entry for each distance
        that occurs, by `sklearn.metrics.roc_curve`. Their first entry lets nobody pass.

    Raises
    ------
    TypeError, ValueError
        Where the shapes differ, a distance is negative or not finite, `same` is not bool, or one
        of the two kinds of pairs is missing.

    References
    ----------
    Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006),
    https://doi.org/10.1016/j.patrec.2005.10.010.

    Examples
    --------
    >>> curve = roc([0.2, 0.4, 0.6, 0.8], [True, False, True, False])
    >>> curve.true_accepts.tolist(), curve.false_accepts.tolist()
    ([0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5, 1.0])
    """
    distances, same = _pairs("roc", distances, same)
    false_accepts, true_accepts, likeness = roc_curve(same, -distances, drop_intermediate=False)
    return Roc(false_accepts, true_accepts, -likeness)


def error_rates(distances, same, threshold):
    """The shares of pairs that a threshold gets wrong.

    Parameters
    ----------
    distances, same : (p,) arrays
        As in `roc`.
    threshold : float
        The largest distance that passes.

    Returns
    -------
    ErrorRates
        `false_accepts` of the pairs of different people, `false_rejects` of those of the same
        person. One minus their mean is the accuracy where both kinds of pairs are as frequent.

    Raises
    ------
    TypeError, ValueError
        As `roc`, and where threshold is no number or NaN.

    Examples
    --------
    >>> error_rates([0.2, 0.4, 0.6, 0.8], [True, False, True, False], 0.7)
    ErrorRates(false_accepts=0.5, false_rejects=0.0)
    """
    distances, same = _pairs("error_rates", distances, same)
    accepted = distances <= _threshold("error_rates", threshold)
    return ErrorRates(float(accepted[~same].mean()), float((~accepted)[same].mean()))


def equal_error_rate(distances, same):
    """The error rate at the threshold where false accepts are as frequent as false rejects.

    Between two thresholds of the curve, both rates are interpolated.

    Parameters
    ----------
    distances, same : (p,) arrays
        As in `roc`.

    Returns
    -------
    float
        0 where a threshold separates the two kinds of pairs, 0.5 where distances tell nothing.

    Raises
    ------
    TypeError, ValueError
        As `roc`.

    Examples
    --------
    >>> equal_error_rate([0.2, 0.4, 0.6, 0.8], [True, False, True, False])
    0.5
    """
    curve = roc(*_pairs("equal_error_rate", distances, same))
    surplus = curve.false_accepts + curve.true_accepts - 1  # rises from −1 to 1 in every step
    return float(np.interp(0, surplus, curve.false_accepts))


def best_threshold(distances, same, *, goal="accuracy"):
    """The threshold that serves a goal best on the pairs given.

    It lies in the middle between the last distance that is to pass and the next one, so that it
    also serves pairs that are a little different. It is to be chosen on other people than those
    on whom its errors are measured.

    Parameters
    ----------
    distances, same : (p,) arrays
        As in `roc`.
    goal : "accuracy", "equal_error" or float
        The least mean of both error rates, which is the highest accuracy where both kinds of
        pairs are as frequent; the least difference between both rates; or the largest share of
        false accepts that is admitted, of which as many true pairs pass as can. Of thresholds
        that serve equally well the smallest counts.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As `roc`; for an unknown goal; where goal is a share outside 0…1.

    Examples
    --------
    >>> best_threshold([0.2, 0.5, 0.6, 0.8], [True, True, False, False])
    0.55
    """
    curve = roc(*_pairs("best_threshold", distances, same))
    rejects = 1 - curve.true_accepts
    if isinstance(goal, str):
        one_of("best_threshold", "goal", goal, _GOALS)
        cost = curve.false_accepts + rejects
        if goal == "equal_error":
            cost = np.abs(curve.false_accepts - rejects)
    else:
        admitted = share("best_threshold", "goal", goal)
        cost = np.where(curve.false_accepts <= admitted, rejects, np.inf)
    place = cost.argmin()
    passing = max(curve.thresholds[place], 0)
    if place == len(cost) - 1:
        return float(passing)
    following = curve.thresholds[place + 1]
    below = np.nextafter(following, -np.inf)  # the middle of two neighboring floats may round up
    return float(min((passing + following) / 2, below))


def identification_error(error_rate, k):
    """The error of identification among k people that follows from the error of verification.

    To identify a person among k is to compare the picture with each of them. A comparison goes
    wrong with probability e: for the right person as a false reject, for each other one as a
    false accept. All is well only where all k comparisons are. If they go wrong independently,
    that has the probability (1 − e)·(1 − e)·…·(1 − e) = (1 − e)^k, so that an error has

        1 − (1 − e)^k,

    which is about k e where k e is small, and approaches 1 as k grows.

    In truth the comparisons of one picture share that picture: with an unusual one they hardly
    ever go wrong, with a common one often. Let e_x be the share of people for whom a stranger's
    picture x passes, and e the mean of e_x over all pictures. Against k people drawn at random the
    error is 1 − mean of (1 − e_x)^k. As (1 − e_x)^k is convex in e_x, its mean is no less than
    (1 − e)^k (Jensen's inequality): strangers are let in no more often than derived, and less
    often the more the pictures differ.

    Parameters
    ----------
    error_rate : float or array
        e, of one comparison; 0…1.
    k : int or array of int
        People in the gallery, 1 or more.

    Returns
    -------
    float, or an array where an argument is one

    Raises
    ------
    TypeError, ValueError
        For rates outside 0…1 and for a k that is no whole number or below 1.

    Examples
    --------
    >>> round(identification_error(0.01, 100), 3)
    0.634
    """
    rates = np.asarray(error_rate)
    if rates.dtype.kind not in "iuf":
        raise TypeError(f"identification_error: error_rate is {error_rate!r}, it needs numbers")
    if not ((rates >= 0) & (rates <= 1)).all():
        raise ValueError(f"identification_error: error_rate is {error_rate}, it needs 0 to 1")
    counts = _counts("identification_error", k)
    with np.errstate(divide="ignore"):  # log(0), for a comparison that always goes wrong
        error = -np.expm1(counts * np.log1p(-rates.astype(float)))
    return float(error) if error.ndim == 0 else error


def simulated_identification_error(error_rate, k, *, trials=100_000, seed):
    """The share of simulated identifications in which one of k comparisons goes wrong, or more.

    Each comparison is a coin that falls on the wrong side with the probability given, by itself.

    Parameters
    ----------
    error_rate : float
        Of one comparison; 0…1.
    k : int or array of int
        People in the gallery, 1 or more.
    trials : int
        Identifications, for each k.
    seed : int or numpy.random.Generator

    Returns
    -------
    float, or an array where k is one

    Raises
    ------
    TypeError, ValueError
        As `identification_error`, and where trials is no whole number or below 1.

    Examples
    --------
    >>> error = simulated_identification_error(0.01, 100, seed=0)
    >>> abs(error - identification_error(0.01, 100)) < 0.01
    True
    """
    name = "simulated_identification_error"
    error_rate = share(name, "error_rate", error_rate)
    counts = _counts(name, k)
    trials = whole_number(name, "trials", trials, least=1)
    wrong = np.random.default_rng(seed).binomial(counts, error_rate, (trials, *counts.shape))
    error = (wrong > 0).mean(axis=0)
    return float(error) if counts.ndim == 0 else error


def measured_identification_error(distances, same, k, *, threshold, rule="all"):
    """The share of identifications that go wrong in galleries of k people, of all there can be.

    A gallery holds one picture of each person. A picture of somebody who is enrolled is compared
    with that person and k − 1 others, a stranger's with k others. Instead of drawing the others,
    the probability that they hold no rival is counted: with r rivals among n it is
    C(n − r, k) / C(n, k), the hypergeometric distribution at 0.

    Parameters
    ----------
    distances : (m, n) array
        Of m pictures from the enrolled pictures of n people.
    same : (m, n) array of bool
        Whose picture it is: in a row one True at most, none for a stranger.
    k : int or array of int
        People in the gallery, 1 to n.
    threshold : float
        The largest distance that passes; `numpy.inf` where everybody is known.
    rule : "all" or "nearest"
        What is asked: "all", that each of the k comparisons goes right, as `identification_error`
        has it; "nearest", that the person is recognized who is nearest of those that pass, which
        forgives false accepts that are farther away. Of two at the same distance the wrong one
        counts. A stranger has to be turned away by both.

    Returns
    -------
    float, or an array where k is one
        The mean over the m pictures.

    Raises
    ------
    TypeError, ValueError
        As `roc`; where a picture has two owners, and where k is more than the gallery has.

    Examples
    --------
    >>> two = np.array([[0.1, 0.6, 0.4], [0.6, 0.1, 0.9]])
    >>> same = np.array([[True, False, False], [False, True, False]])
    >>> measured_identification_error(two, same, [1, 2, 3], threshold=0.5).tolist()
    [0.0, 0.25, 0.5]
    """
    name = "measured_identification_error"
    distances, same = _distances_and_same(name, distances, same, dims=2)
    threshold = _threshold(name, threshold)
    one_of(name, "rule", rule, _RULES)
    known = same.sum(axis=1)
    if (known > 1).any():
        raise ValueError(
            f"{name}: same has {known.max()} owners in row {known.argmax()}, it needs one at most"
        )
    counts = _counts(name, k)
    if counts.max() > same.shape[1]:
        raise ValueError(f"{name}: k is {counts.max()}, the gallery has {same.shape[1]} people")
    own = np.where(same, distances, -np.inf).max(axis=1)  # −inf for a stranger: nothing has to pass
    limit = np.full(len(own), threshold)
    if rule == "nearest":
        limit = np.where(known, np.minimum(own, threshold), threshold)
    rivals = ((distances <= limit[:, np.newaxis]) & ~same).sum(axis=1)
    others = np.maximum(same.shape[1] - known, 1)  # SciPy draws from 1 at least, also to draw none
    drawn = counts[..., np.newaxis] - known
    right = (own <= threshold) * hypergeom.pmf(0, others, rivals, drawn)
    error = 1 - right.mean(axis=-1)
    return float(error) if counts.ndim == 0 else error


def _pairs(function, distances, same):
    """Distances and kinds of pairs, both kinds there."""
    distances, same = _distances_and_same(function, distances, same, dims=1)
    if not same.any() or same.all():
        kind = "the same person" if not same.any() else "different people"
        raise ValueError(f"{function}: same has no pair of {kind}, it needs both kinds")
    return distances, same


def _distances_and_same(function, distances, same, dims):
    distances, same = np.asarray(distances), np.asarray(same)
    if distances.dtype.kind not in "iuf":
        raise TypeError(f"{function}: distances has type {distances.dtype}, it needs numbers")
    if same.dtype != bool:
        raise TypeError(f"{function}: same has type {same.dtype}, it needs bool")
    if distances.ndim != dims or distances.shape != same.shape or distances.size == 0:
        wanted = "(p,)" if dims == 1 else "(m, n)"
        raise ValueError(
            f"{function}: distances has shape {distances.shape}, same {same.shape}; both need "
            f"{wanted}, the same and not empty"
        )
    wrong = ~((distances >= 0) & (distances < np.inf))
    if wrong.any():
        raise ValueError(f"{function}: distances holds {distances[wrong][0]}, it needs 0 or more")
    return distances.astype(float), same


def _threshold(function, threshold):
    if isinstance(threshold, bool) or not isinstance(threshold, Real):
        raise TypeError(f"{function}: threshold is {threshold!r}, it needs a number")
    if np.isnan(threshold):
        raise ValueError(f"{function}: threshold is NaN, it needs a distance")
    return float(threshold)


def _counts(function, k):
    counts = np.asarray(k)
    if counts.dtype.kind not in "iu":
        raise TypeError(f"{function}: k is {k!r}, it needs whole numbers")
    if counts.size == 0 or (counts < 1).any():
        raise ValueError(f"{function}: k is {k!r}, it needs 1 or more")
    return counts
