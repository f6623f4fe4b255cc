"""Several answers for one picture, averaged: from several networks, or from several crops.

Both multiply the work of an answer; `cost` says by how much.
"""

from numbers import Integral
from typing import NamedTuple

import keras
import numpy as np

from cnnlib.arithmetic import total_multiplications

CROPS = 1, 5, 10


class Ensemble:
    """Networks that answer with the mean of their probabilities.

    Parameters
    ----------
    models : sequence of keras.Model
        At least one. Each takes pictures of the same shape and gives probabilities of the same
        classes, (m, classes). To save an ensemble, save its members.

    Raises
    ------
    TypeError
        Where a member is no Keras model.
    ValueError
        Without members, for a member that is not built or has several inputs or outputs, and where
        two members differ in the shape they take or give.

    References
    ----------
    Hansen and Salamon, "Neural network ensembles", IEEE Transactions on Pattern Analysis and
    Machine Intelligence 12 (1990), https://doi.org/10.1109/34.58871.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> both = Ensemble([lenet5(), lenet5()])
    >>> len(both.models), both.predict(np.zeros((3, 32, 32, 1), "float32")).shape
    (2, (3, 10))
    """

    def __init__(self, models):
        self.models = tuple(models)
        if not self.models:
            raise ValueError("Ensemble: models is empty, it needs at least one network")
        shapes = [_shapes(model, place) for place, model in enumerate(self.models)]
        self.input_shape, self.output_shape = shapes[0]
        for place, (taken, given) in enumerate(shapes):
            if (taken, given) != shapes[0]:
                raise ValueError(
                    f"Ensemble: models[{place}] takes {taken[1:]} and gives {given[1:]}, it needs "
                    f"{self.input_shape[1:]} and {self.output_shape[1:]} as models[0]"
                )

    def predict(self, x, *, batch_size=32):
        """The arithmetic mean of the members' probabilities.

        Parameters
        ----------
        x : (m, height, width, channels) array
            At least one picture, as the members take them.
        batch_size : int
            Pictures that go through a network at once.

        Returns
        -------
        (m, classes) array
            Probabilities.

        Raises
        ------
        ValueError
            Where x has another shape, or a member gives anything but probabilities: numbers from
            0 on that add up to 1 over the classes.
        """
        x = _pictures("Ensemble.predict", x)
        return _mean(_probabilities("Ensemble.predict", m, x, batch_size) for m in self.models)


def ten_crop(x, size):
    """Ten crops of each picture: the four corners and the center, then their mirror images.

    The crops are in the order top left, top right, bottom left, bottom right, center; the mirror
    image of crop k is crop k + 5. Where an odd number of pixels is left over, the center lies half
    a pixel up or to the left.

    Parameters
    ----------
    x : (m, height, width, channels) array
        Pictures.
    size : int
        Pixels of a crop's side, at most height and width.

    Returns
    -------
    (m, 10, size, size, channels) array

    Raises
    ------
    ValueError
        Where x has another number of axes, or a crop would be empty or larger than the picture.
    TypeError
        Where size is not a whole number.

    References
    ----------
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
    networks" (2012), section 4.1, https://doi.org/10.1145/3065386.

    Examples
    --------
    >>> ten_crop(np.zeros((2, 256, 256, 3)), 224).shape
    (2, 10, 224, 224, 3)
    """
    x = _pictures("ten_crop", x)
    return np.stack(list(_crops("ten_crop", x, size, 10)), axis=1)


def predict_multi_crop(model, x, size, crops=10, *, batch_size=32):
    """The arithmetic mean of the probabilities that a network gives to several crops of a picture.

    Parameters
    ----------
    model : keras.Model or Ensemble
        Takes pictures of size × size, gives probabilities.
    x : (m, height, width, channels) array
        At least one picture.
    size : int
        Pixels of a crop's side, at most height and width.
    crops : 1, 5 or 10
        The center alone; the four corners and the center; these and their mirror images.
    batch_size : int
        Crops that go through the network at once.

    Returns
    -------
    (m, classes) array
        Probabilities.

    Raises
    ------
    ValueError
        As `ten_crop`; for another number of crops; and where the network takes other sizes or
        gives anything but probabilities.
    TypeError
        Where size is not a whole number, or model is neither a Keras model nor an ensemble.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> predict_multi_crop(lenet5(), np.zeros((3, 40, 36, 1), "float32"), 32, crops=5).shape
    (3, 10)
    """
    name = "predict_multi_crop"
    members = _members(name, model)
    x = _pictures(name, x)
    return _mean(
        _probabilities(name, member, crop, batch_size)
        for crop in _crops(name, x, size, crops)
        for member in members
    )


class Cost(NamedTuple):
    """What one answer takes: passes through a network, and multiplications in all of them."""

    passes: int
    multiplications: int


def cost(model, *, crops=1):
    """The work of one answer: as many passes as crops times networks.

    Parameters
    ----------
    model : keras.Model or Ensemble
    crops : 1, 5 or 10
        As in `predict_multi_crop`.

    Returns
    -------
    Cost
        `passes` through a network and `multiplications` for one picture, counted as
        `arithmetic.total_multiplications` does.

    Raises
    ------
    TypeError, ValueError
        As `predict_multi_crop` and `total_multiplications`.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> cost(Ensemble([lenet5(), lenet5()]), crops=10)
    Cost(passes=20, multiplications=8330400)
    """
    members = _members("cost", model)
    _require_crops("cost", crops)
    return Cost(crops * len(members), crops * sum(map(total_multiplications, members)))


def _shapes(model, place):
    """What a member takes and gives, batch axis included."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"Ensemble: models[{place}] is a {type(model).__name__}, it needs a keras.Model"
        )
    taken, given = (getattr(model, side, None) or [] for side in ("inputs", "outputs"))
    if len(taken) != 1 or len(given) != 1:
        raise ValueError(
            f"Ensemble: models[{place}], '{model.name}', has {len(taken)} inputs and {len(given)} "
            "outputs, it needs one of each and to be built"
        )
    return tuple(taken[0].shape), tuple(given[0].shape)


def _members(name, model):
    """The networks behind an ensemble, or the single one."""
    if isinstance(model, Ensemble):
        return model.models
    if isinstance(model, keras.Model):
        return Ensemble([model]).models
    raise TypeError(
        f"{name}: model is a {type(model).__name__}, it needs a keras.Model or Ensemble"
    )


def _pictures(name, x):
    x = np.asarray(x)
    if x.ndim != 4 or len(x) == 0:
        raise ValueError(f"{name}: x has shape {x.shape}, it needs (m, height, width, channels)")
    return x


def _require_crops(name, crops):
    if isinstance(crops, bool) or crops not in CROPS:
        raise ValueError(f"{name}: crops is {crops!r}, it needs one of {list(CROPS)}")


def _crops(name, x, size, crops):
    """The crops of a batch one after the other, (m, size, size, channels) each: saves memory."""
    places = _places(name, x.shape[1:3], size, crops)
    return (
        x[:, row : row + size, column : column + size][:, :, ::step] for row, column, step in places
    )


def _places(name, shape, size, crops):
    """Top row, left column and direction of reading, 1 or -1, of each crop."""
    _require_crops(name, crops)
    if isinstance(size, bool) or not isinstance(size, Integral):
        raise TypeError(f"{name}: size is {size!r}, it needs a whole number of pixels")
    height, width = shape
    if not 1 <= size <= min(shape):
        raise ValueError(
            f"{name}: size is {size}, pictures of {height}×{width} need 1 to {min(shape)}"
        )
    down, right = height - size, width - size
    center = down // 2, right // 2
    corners = [(0, 0), (0, right), (down, 0), (down, right)]
    places = [center] if crops == 1 else [*corners, center]
    return [(*place, step) for step in ((1, -1) if crops == 10 else (1,)) for place in places]


def _probabilities(name, model, x, batch_size):
    """What a network answers, which has to be a distribution over classes for each picture."""
    wanted = tuple(model.inputs[0].shape[1:])
    if len(wanted) != 3 or any(
        n not in (None, got) for n, got in zip(wanted, x.shape[1:], strict=True)
    ):
        raise ValueError(
            f"{name}: pictures of {x.shape[1:]}, model '{model.name}' needs them of {wanted}"
        )
    answers = np.asarray(model.predict(x, batch_size=batch_size, verbose=0))
    if (
        answers.ndim != 2
        or not (answers >= 0).all()
        or not np.allclose(answers.sum(axis=1), 1, rtol=0, atol=1e-3)
    ):
        raise ValueError(
            f"{name}: model '{model.name}' gives no probabilities, it needs to end in a softmax"
        )
    return answers


def _mean(answers):
    """The mean of arrays that come one by one."""
    total, count = 0, 0
    for answer in answers:
        total, count = total + answer, count + 1
    return total / count
