"""The nearest of very many encodings: exact, in blocks, so that memory stays small."""

import numpy as np

from cnnlib.detection.arguments import whole_number
from cnnlib.faces.arguments import encoding_rows

_ENCODINGS = 4096  # in a block of the table,
_QUERIES = 256  # against this many queries: 4 MB of float32 products at a time
_LARGEST = 1e15  # so that no square overflows float32


def nearest(queries, encodings, *, k=1):
    """The k nearest encodings of each query, the same ones that comparing all pairs would give.

    ‖q − x‖² = ‖q‖² − 2 q·x + ‖x‖² turns the search into matrix products, which are fast in float32
    and slightly wrong. So the products only rule out what cannot be near, by more than the largest
    error that rounding can make; what is left is measured as it stands, in float64.

    Parameters
    ----------
    queries : (m, d) array
        Taken as float32, as are the encodings.
    encodings : (n, d) array
    k : int
        From 1 to n.

    Returns
    -------
    indices : (m, k) int64 array
        Rows of `encodings`, the nearest first; of equally near ones the first row comes first.
    distances : (m, k) float64 array
        Euclidean.

    Raises
    ------
    ValueError
        Where a shape is another, the lengths d differ, there are fewer than k encodings, or a
        number is not finite or above 1e15.
    TypeError
        Where the arrays hold no numbers, or k is not a whole number.

    Notes
    -----
    A float32 dot product of length d is off by at most about d·2⁻²⁴·‖q‖‖x‖: Higham, "Accuracy and
    Stability of Numerical Algorithms", 2002, section 3.1. The bound used here is twice that of
    the whole sum.

    Examples
    --------
    >>> indices, distances = nearest([[0.0, 0.9]], [[0.0, 0.0], [0.0, 1.0], [3.0, 1.0]], k=2)
    >>> indices.tolist(), distances.round(3).tolist()
    ([[1, 0]], [[0.1, 0.9]])
    """
    queries = encoding_array("nearest", "queries", queries)
    encodings = encoding_array("nearest", "encodings", encodings, length=queries.shape[1])
    k = whole_number("nearest", "k", k, least=1)
    if len(encodings) < k:
        raise ValueError(f"nearest: k is {k}, it needs at most the {len(encodings)} encodings")
    exact = queries.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1)
    with_one = np.column_stack([-2 * queries, np.ones(len(queries), np.float32)])
    found = np.zeros((len(queries), k), np.int64)
    squares = np.full((len(queries), k), np.inf)
    for start in range(0, len(encodings), _ENCODINGS):
        block = encodings[start : start + _ENCODINGS]
        own = np.einsum("ij,ij->i", block, block)
        with_square = np.column_stack([block, own])
        slack = _slack(lengths, np.sqrt(own.max(), dtype=np.float64), block.shape[1])
        for first in range(0, len(queries), _QUERIES):
            rough = with_one[first : first + _QUERIES] @ with_square.T  # ‖x‖² − 2 q·x
            part = slice(first, first + len(rough))
            limit = squares[part, -1] - lengths[part] ** 2 + slack[part]
            for row in np.flatnonzero(rough.min(axis=1) <= limit):
                at = first + row
                left = _left(rough[row], limit[row], slack[at], k)
                measured = ((block[left] - exact[at]) ** 2).sum(axis=1)
                squares[at], found[at] = _best(
                    np.append(squares[at], measured), np.append(found[at], start + left), k
                )
    return found, np.sqrt(squares)


def encoding_array(function, name, encodings, *, length=None):
    """One encoding or more as a float32 array (m, d), with d = `length` where that is given."""
    encodings = encoding_rows(function, name, encodings)
    if len(encodings) == 0 or length not in (None, encodings.shape[1]):
        wanted = "(m, d)" if length is None else f"(m, {length})"
        raise ValueError(f"{function}: {name} has shape {encodings.shape}, it needs {wanted}")
    largest = np.abs(encodings).max()
    if largest > _LARGEST:
        raise ValueError(f"{function}: {name} holds {largest:g}, it needs {_LARGEST:g} at most")
    return encodings.astype(np.float32, copy=False)


def _slack(lengths, longest, d):
    """How far rounding can carry a rough square from its true value, for each query."""
    unit, smallest = 2.0**-24, float(np.finfo(np.float32).tiny)
    return 4 * (d + 2) * (unit * longest * (lengths + longest) + smallest)


def _left(rough, limit, slack, k):
    """The rows of a block that can be among the k nearest: k of the block bound it as well."""
    if k <= len(rough):
        limit = min(limit, float(np.partition(rough, k - 1)[k - 1]) + 2 * slack)
    return np.flatnonzero(rough.astype(np.float64) <= limit)


def _best(squares, rows, k):
    """The k smallest, of equal ones the first."""
    order = np.argsort(squares, kind="stable")[:k]
    return squares[order], rows[order]
