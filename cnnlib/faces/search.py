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
    encodings = _table("nearest", encodings, queries.shape[1])
    k = whole_number("nearest", "k", k, least=1)
    if len(encodings) < k:
        raise ValueError(f"nearest: k is {k}, it needs at most the {len(encodings)} encodings")
    exact = queries.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1)
    with_one = np.column_stack([-2 * queries, np.ones(len(queries), np.float32)])
    with_square = np.empty((_ENCODINGS, with_one.shape[1]), np.float32)
    products = np.empty((_QUERIES, _ENCODINGS), np.float32)
    found = np.zeros((len(queries), k), np.int64)
    squares = np.full((len(queries), k), np.inf)
    for start in range(0, len(encodings), _ENCODINGS):
        block = encodings[start : start + _ENCODINGS].astype(np.float32, copy=False)
        n = len(block)
        own = _squared_lengths("nearest", block, start)
        with_square[:n, :-1], with_square[:n, -1] = block, own
        slack = _slack(lengths, np.sqrt(own.max(), dtype=np.float64), block.shape[1])
        for first in range(0, len(queries), _QUERIES):
            part = slice(first, min(first + _QUERIES, len(queries)))
            rough = products[: part.stop - first, :n]  # ‖x‖² − 2 q·x
            np.matmul(with_one[part], with_square[:n].T, out=rough)
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


def _table(function, encodings, length):
    """An array (n, length) of numbers, whose values are looked at block by block."""
    if not isinstance(encodings, np.ndarray) or encodings.dtype != np.float32:
        encodings = encoding_array(function, "encodings", encodings, length=length)
    if encodings.ndim != 2 or encodings.shape[1] != length:
        raise ValueError(
            f"{function}: encodings has shape {encodings.shape}, it needs (m, {length})"
        )
    return encodings


def _squared_lengths(function, block, start):
    """‖x‖² of each encoding of a block that begins at row `start`."""
    with np.errstate(over="ignore", invalid="ignore"):
        own = np.einsum("ij,ij->i", block, block)
    wrong = ~(own <= block.shape[1] * _LARGEST**2)  # true for NaN as well
    if wrong.any():
        raise ValueError(
            f"{function}: encodings row {start + wrong.argmax()} needs finite numbers, "
            f"{_LARGEST:g} at most"
        )
    return own


def _slack(lengths, longest, d):
    """How far rounding can carry a rough square from its true value, for each query."""
    unit, smallest = 2.0**-24, float(np.finfo(np.float32).tiny)
    return 4 * (d + 2) * (unit * longest * (lengths + longest) + smallest)


def _left(rough, limit, slack, k):
    """The rows of a block that can be among the k nearest; k of the first block bound it first."""
    if np.isinf(limit) and k <= len(rough):
        limit = float(np.partition(rough, k - 1)[k - 1]) + 2 * slack
    return np.flatnonzero(rough <= np.nextafter(np.float32(limit), np.float32(np.inf)))


def _best(squares, rows, k):
    """The k smallest, of equal ones the first."""
    order = np.argsort(squares, kind="stable")[:k]
    return squares[order], rows[order]
