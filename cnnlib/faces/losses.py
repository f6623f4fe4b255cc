"""What makes encodings of one identity lie close together, and those of two far apart.

`triplet_loss` and `contrastive_loss` are the formulas. `TripletLoss` is for `fit`: it gets a batch
of encodings with their labels, chooses the triplets in it, and gives their mean loss.
"""

import math
from numbers import Real

import keras
from keras import ops

from cnnlib.detection.arguments import one_of
from cnnlib.faces import mining

REDUCTIONS = "sum", "mean", None
KINDS = *mining.KINDS, "batch_all"
_NEXT_TO_NOTHING = 1e-12  # a squared distance below it has no direction, so no gradient either


def triplet_loss(anchor, positive, negative, *, margin=0.2, reduction="sum"):
    """The triplet loss: max(‖f(A) − f(P)‖² − ‖f(A) − f(N)‖² + α, 0).

    Equation 3 of Schroff, Kalenichenko and Philbin, "FaceNet", https://arxiv.org/abs/1503.03832.

    Parameters
    ----------
    anchor, positive, negative : (m, d) arrays or tensors
        The encodings f(A), f(P) and f(N) of m triplets.
    margin : float
        α, any finite number.
    reduction : "sum", "mean" or None
        Over the m triplets; None gives the loss of each.

    Returns
    -------
    tensor
        A single number, or (m,) without reduction.

    Raises
    ------
    ValueError
        Where the three are not of one shape (m, d), m is 0, the margin is not finite, or for
        another reduction.
    TypeError
        Where the margin is no number.

    Examples
    --------
    >>> anchor, positive, negative = [[0.0, 0.0]], [[0.0, 0.5]], [[0.6, 0.0]]
    >>> round(float(triplet_loss(anchor, positive, negative, margin=0.3)), 4)  # 0.25 - 0.36 + 0.3
    0.19
    """
    encodings = _rows("triplet_loss", anchor=anchor, positive=positive, negative=negative)
    margin = _finite("triplet_loss", margin)
    gap = _distance(encodings[0], encodings[1]) - _distance(encodings[0], encodings[2])
    return _reduced("triplet_loss", ops.relu(gap + margin), reduction)


def contrastive_loss(first, second, same, *, margin=1.0, reduction="sum"):
    """The contrastive loss of pairs: ½D² of one identity, ½ max(0, margin − D)² of two.

    D is the distance ‖f(x_i) − f(x_j)‖, not squared. Equation 4 of Hadsell, Chopra and LeCun,
    "Dimensionality reduction by learning an invariant mapping" (2006),
    https://doi.org/10.1109/CVPR.2006.100, whose Y is 1 for two identities: 1 − same.

    Parameters
    ----------
    first, second : (m, d) arrays or tensors
        The encodings of m pairs. Where two are equal there is no direction to push them in, and
        the gradient is 0.
    same : (m,) array or tensor
        1 or True where both show one identity, 0 or False where they show two.
    margin : float
        Two identities that are farther apart cost nothing. Positive.
    reduction : "sum", "mean" or None

    Returns
    -------
    tensor
        A single number, or (m,) without reduction.

    Raises
    ------
    ValueError, TypeError
        As `triplet_loss`, where `same` has another shape, and where the margin is not positive.

    Examples
    --------
    >>> losses = contrastive_loss([[0.0], [0.0]], [[0.6], [0.6]], [1, 0], reduction=None)
    >>> [round(float(loss), 4) for loss in losses]  # 0.6² / 2 and (1 - 0.6)² / 2
    [0.18, 0.08]
    """
    first, second = _rows("contrastive_loss", first=first, second=second)
    margin = _finite("contrastive_loss", margin)
    if margin <= 0:
        raise ValueError(f"contrastive_loss: margin is {margin}, it needs to be positive")
    same = ops.cast(ops.convert_to_tensor(same), first.dtype)
    if tuple(same.shape) != tuple(first.shape[:1]):
        raise ValueError(
            f"contrastive_loss: same has shape {tuple(same.shape)}, it needs "
            f"{tuple(first.shape[:1])}, one for each pair"
        )
    squared = _distance(first, second)
    apart = ops.relu(margin - ops.sqrt(ops.maximum(squared, _NEXT_TO_NOTHING)))
    losses = (same * squared + (1 - same) * ops.square(apart)) / 2
    return _reduced("contrastive_loss", losses, reduction)


@keras.saving.register_keras_serializable("cnnlib")
class TripletLoss(keras.losses.Loss):
    """The triplet loss of the triplets that a batch holds: mined anew in every step.

    `y_true` are the labels of the pictures in the batch, `y_pred` their encodings. Batches need
    several identities with several pictures each: `cnnlib.faces.mining.batches` draws them. The
    kinds are those of `cnnlib.faces.mining`:

    - "random": for each anchor and each of its positives one negative, drawn by the places in the
      batch: the same places every time, so other pictures have to stand there.
    - "semi_hard": for each anchor and each of its positives the nearest negative that is farther
      than the positive. Beyond the margin it costs 0, and where there is none, the pair does.
    - "hard": for each anchor its farthest positive and its nearest negative.
    - "batch_all": every triplet. The mean is over those with a loss.

    Parameters
    ----------
    kind : "random", "semi_hard", "hard" or "batch_all"
    margin : float
        α. Positive, so that encodings that are all equal cost something.
    name : str

    Raises
    ------
    ValueError, TypeError
        For another kind or margin, and for encodings of another shape than (m, d).

    References
    ----------
    Schroff, Kalenichenko and Philbin, "FaceNet", https://arxiv.org/abs/1503.03832, section 3.2;
    Hermans, Beyer and Leibe, "In defense of the triplet loss for person re-identification",
    https://arxiv.org/abs/1703.07737, section 2.

    Examples
    --------
    >>> labels, encodings = ops.array([7, 7, 8]), ops.array([[0.0], [0.2], [0.5]])
    >>> loss = TripletLoss(kind="hard", margin=0.3)(labels, encodings)
    >>> round(float(loss), 3)  # 0.04 - 0.25 + 0.3 and 0.04 - 0.09 + 0.3
    0.17
    """

    def __init__(self, *, kind="semi_hard", margin=0.2, name="triplet_loss"):
        super().__init__(name=name)
        self.kind, self.margin = _mining("TripletLoss", kind, margin)

    def call(self, y_true, y_pred):
        gap, counts = _mined(y_true, y_pred, self.kind, self.margin)
        if self.kind == "batch_all":
            counts = counts * ops.cast(gap > 0, gap.dtype)
        return _mean(ops.relu(gap), counts)

    def get_config(self):
        return {"kind": self.kind, "margin": self.margin, "name": self.name}


@keras.saving.register_keras_serializable("cnnlib")
class ShareWithLoss(keras.metrics.MeanMetricWrapper):
    """The share of the mined triplets that have a loss, mean over the batches: a metric for `fit`.

    What a triplet without a loss shows the network changes nothing.

    Parameters
    ----------
    kind, margin
        As in `TripletLoss`. For "semi_hard" it is the share of the pairs of anchor and positive
        that have a semi-hard negative.
    name : str

    Raises
    ------
    ValueError, TypeError
        As `TripletLoss`.

    Examples
    --------
    >>> labels, encodings = ops.array([7, 7, 8]), ops.array([[0.0], [0.2], [0.5]])
    >>> share = ShareWithLoss(kind="hard", margin=0.1)(labels, encodings)
    >>> float(share)  # 0.04 - 0.25 + 0.1 costs nothing, 0.04 - 0.09 + 0.1 does
    0.5
    """

    def __init__(self, *, kind="semi_hard", margin=0.2, name="share_with_loss", dtype=None):
        self.kind, self.margin = _mining("ShareWithLoss", kind, margin)
        super().__init__(_share_with_loss, name, dtype, kind=self.kind, margin=self.margin)

    def get_config(self):
        return {"kind": self.kind, "margin": self.margin, "name": self.name, "dtype": self.dtype}


def _mined(labels, encodings, kind, margin):
    """d(a, p) − d(a, n) + margin of the chosen triplets, and a 1 for those that exist, else a 0."""
    if len(encodings.shape) != 2:
        raise ValueError(
            f"TripletLoss: encodings have shape {tuple(encodings.shape)}, it needs (m, d)"
        )
    labels = ops.reshape(labels, (-1,))
    places = ops.arange(ops.shape(labels)[0])
    same = labels[:, None] == labels
    positive = ops.logical_and(same, places[:, None] != places)
    negative = ops.logical_not(same)
    distances = _distance(encodings[:, None], encodings)
    if kind == "hard":
        farthest = ops.max(ops.where(positive, distances, -math.inf), axis=1)
        nearest = ops.min(ops.where(negative, distances, math.inf), axis=1)
        gap, exists = farthest - nearest, ops.logical_and(_any(positive), _any(negative))
    elif kind == "random":
        chosen = _chosen_negative(negative)
        gap = distances - ops.take_along_axis(distances, chosen, axis=1)
        exists = ops.logical_and(positive, _any(negative)[:, None])
    else:
        of_positive, of_negative = distances[:, :, None], distances[:, None, :]
        exists = ops.logical_and(positive[:, :, None], negative[:, None, :])
        gap = of_positive - of_negative
        if kind == "semi_hard":
            farther = ops.logical_and(exists, gap < 0)
            gap = ops.max(ops.where(farther, gap, -math.inf), axis=2)
            exists = ops.logical_and(positive, _any(negative)[:, None])
    return gap + margin, ops.cast(exists, encodings.dtype)


def _chosen_negative(negative):
    """For each anchor and each place one of the anchor's negatives, (m, m) indices."""
    shape = ops.shape(negative)
    count = ops.sum(ops.cast(negative, "float32"), axis=1, keepdims=True)
    drawn = ops.floor(keras.random.uniform(shape, seed=0) * count)
    first_negatives = ops.argsort(ops.cast(ops.logical_not(negative), "int32"), axis=1)
    return ops.take_along_axis(first_negatives, ops.cast(drawn, "int32"), axis=1)


def _share_with_loss(y_true, y_pred, kind, margin):
    gap, counts = _mined(y_true, y_pred, kind, margin)
    return _mean(ops.cast(gap > 0, gap.dtype), counts)


def _mean(values, counts):
    """The mean of the values that count; 0 where none does."""
    return ops.sum(values * counts) / ops.maximum(ops.sum(counts), 1)


def _any(table):
    return ops.any(table, axis=1)


def _distance(a, b):
    """The squared distance of encodings along the last axis."""
    return ops.sum(ops.square(a - b), axis=-1)


def _mining(name, kind, margin):
    one_of(name, "kind", kind, KINDS)
    margin = _finite(name, margin)
    if margin <= 0:
        raise ValueError(f"{name}: margin is {margin}, it needs to be positive")
    return kind, margin


def _rows(function, **encodings):
    """Encodings as tensors of one shape (m, d) and one type of real numbers."""
    tensors = {name: ops.convert_to_tensor(given) for name, given in encodings.items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    (name, wanted), *others = shapes.items()
    if len(wanted) != 2 or 0 in wanted:
        raise ValueError(f"{function}: {name} has shape {wanted}, it needs (m, d)")
    for other, shape in others:
        if shape != wanted:
            raise ValueError(f"{function}: {other} has shape {shape}, {name} has {wanted}")
    types = [tensor.dtype for tensor in tensors.values()]
    dtype = keras.backend.result_type(*types, float)
    return [ops.cast(tensor, dtype) for tensor in tensors.values()]


def _finite(function, margin):
    if isinstance(margin, bool) or not isinstance(margin, Real):
        raise TypeError(f"{function}: margin is {margin!r}, it needs a number")
    if not math.isfinite(margin):
        raise ValueError(f"{function}: margin is {margin}, it needs to be finite")
    return float(margin)


def _reduced(function, losses, reduction):
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{function}: reduction is {reduction!r}, it needs one of {list(REDUCTIONS)}"
        )
    if reduction is None:
        return losses
    return ops.sum(losses) if reduction == "sum" else ops.mean(losses)
