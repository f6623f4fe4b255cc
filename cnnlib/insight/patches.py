"""The places of photographs where a unit responds most, with the pixels that it sees there."""

from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from cnnlib.arithmetic import receptive_field
from cnnlib.insight import arguments
from cnnlib.models.arguments import whole_numbers


class Patch(NamedTuple):
    """What one unit sees in one place of a photograph."""

    image: np.ndarray  # the receptive field, (size, size, channels); NaN beyond the photograph
    activation: float
    photo: int  # which of the photographs
    rows: slice  # of the photograph's pixels that lie in the field
    columns: slice


@dataclass(frozen=True)
class Peaks:
    """Where the units of one layer respond most in a set of photographs, strongest first.

    Attributes
    ----------
    layer : str
    activation : (units, count) float32 array
        −infinity where the photographs had no further place.
    photo : (units, count) int array
        Index of the photograph.
    place : (units, count, 2) int array
        Row and column in the unit's map.
    """

    layer: str
    activation: np.ndarray
    photo: np.ndarray
    place: np.ndarray
    _photos: list
    _fields: list

    def patches(self, unit):
        """The unit's patches, strongest first; fewer than `count` where there are no more.

        Raises
        ------
        TypeError, ValueError
            Where unit is no whole number, or the layer has no such unit.
        """
        count = len(self.activation)
        unit = arguments.index(
            "patches", "unit", unit, count, of=f"layer '{self.layer}' has {count} units"
        )
        return [
            self._patch(float(activation), int(photo), place)
            for activation, photo, place in zip(
                self.activation[unit], self.photo[unit], self.place[unit], strict=True
            )
            if activation > -np.inf
        ]

    def _patch(self, activation, photo, place):
        picture, field = self._photos[photo], self._fields[photo]
        first = np.array(field.offset) + place * field.stride
        after = first + field.size
        low, high = np.maximum(first, 0), np.minimum(after, picture.shape[:2])
        rows, columns = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        image = np.full((*field.size, picture.shape[-1]), np.nan, np.float32)
        inner = (slice(int(a), int(b)) for a, b in zip(low - first, high - first, strict=True))
        image[tuple(inner)] = picture[rows, columns]
        return Patch(image, activation, photo, rows, columns)


def activations(model, images, layer):
    """The maps that a layer gives for a batch of pictures.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional. It works as after training.
    images : (m, height, width, channels) array
    layer : str

    Returns
    -------
    (m, rows, columns, units) float32 array

    Raises
    ------
    TypeError
        For anything but a Keras model, and pictures that are no numbers.
    ValueError
        For a model without a graph of layers, an unknown layer or one that gives no maps, and
        pictures that the model does not take.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> activations(lenet5(), np.zeros((2, 32, 32, 1)), "conv2").shape
    (2, 10, 10, 16)
    """
    model = arguments.graph("activations", model)
    end = arguments.maps_of("activations", model, layer)
    images = arguments.pictures("activations", "images", model, images)
    return ops.convert_to_numpy(keras.Model(model.inputs[0], end)(images, training=False))


def peaks(model, photos, layers, *, count=9, per_photo=None, inside=True):
    """The places where each unit of some layers responds most over a set of photographs.

    Of two places in one photograph whose receptive fields share pixels only the stronger counts:
    the places beside a peak see the same thing, moved by a few pixels.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional. It works as after training.
    photos : sequence of (height, width, channels) arrays
        In the range that the model takes; of different sizes where it takes any.
    layers : sequence of str
        Layers that give maps. The photographs go through the model once for all of them.
    count : int
        Places for each unit.
    per_photo : int, optional
        At most so many of them in one photograph; without a limit by default.
    inside : bool
        Whether the whole receptive field has to lie in the photograph. Beyond the border the
        network sees its padding, and the step from the photograph to it is an edge to many units.

    Returns
    -------
    dict of Peaks
        For each layer. `.patches(unit)` cuts the unit's patches from the photographs.

    Raises
    ------
    TypeError
        For anything but a Keras model, photographs that are no numbers, a single name as layers,
        and a count or per_photo that is no whole number.
    ValueError
        For a model without a graph of layers, no photograph or one that the model does not take,
        no layer, an unknown one, one that gives no maps or has no receptive field (see
        `arithmetic.receptive_field`) or whose field fits into no photograph where it has to, and a
        count or per_photo below 1.

    References
    ----------
    Zeiler and Fergus, "Visualizing and understanding convolutional networks",
    https://arxiv.org/abs/1311.2901, figure 2: the nine patches of a unit, and beside each what a
    deconvolutional network projects back to the pixels.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> digits = np.random.default_rng(0).random((3, 32, 32, 1))
    >>> found = peaks(lenet5(), digits, ["pool2"])["pool2"]
    >>> found.activation.shape, found.patches(15)[0].image.shape
    ((16, 9), (16, 16, 1))
    """
    model = arguments.graph("peaks", model)
    layers, ends = _ends(model, layers)
    (count,) = whole_numbers("peaks", "count", (count,))
    (most,) = whole_numbers("peaks", "per_photo", (count if per_photo is None else per_photo,))
    photos = [
        arguments.pictures("peaks", f"photo {number}", model, np.asarray(photo)[np.newaxis])[0]
        for number, photo in enumerate(photos)
    ]
    if not photos:
        raise ValueError("peaks: photos is empty, it needs one photograph at least")
    trunk = keras.Model(model.inputs[0], ends)
    fields = {shape: _fields(trunk, layers, shape) for shape in {p.shape for p in photos}}
    found = {layer: [] for layer in layers}
    for photo in photos:
        volumes = keras.tree.flatten(trunk(photo[np.newaxis], training=False))
        for layer, maps in zip(layers, volumes, strict=True):
            maps = np.array(np.moveaxis(ops.convert_to_numpy(maps)[0], -1, 0), order="C")
            field = fields[photo.shape][layer]
            if inside:
                _strike_border(maps, field, photo.shape)
            found[layer].append(_highest(maps, field, min(count, most)))
    return {
        layer: Peaks(
            layer,
            *_merged(layer, each, count),
            photos,
            [fields[photo.shape][layer] for photo in photos],
        )
        for layer, each in found.items()
    }


def left_after(model, peaks, units, change):
    """The share of units' largest activations that is left when their best patches are changed.

    Parameters
    ----------
    model : keras.Model
        As for `peaks`.
    peaks : Peaks
        Of a layer of the model.
    units : sequence of int
    change : function
        From a patch (s, s, channels) to one of the same shape, or to one color (channels,).

    Returns
    -------
    (n,) float array
        1 where nothing changed.

    Raises
    ------
    TypeError, ValueError
        As `Peaks.patches` and `activations`; for a unit without a patch or with one that reaches
        beyond its photograph.

    Examples
    --------
    >>> from cnnlib.models import lenet5
    >>> model, digits = lenet5(), np.random.default_rng(0).random((1, 32, 32, 1))
    >>> found = peaks(model, digits, ["conv1"])["conv1"]
    >>> left_after(model, found, [0, 3], lambda patch: patch).round(3)
    array([1., 1.])
    """
    best = [next(iter(peaks.patches(unit)), None) for unit in units]
    if not best or any(patch is None or np.isnan(patch.image).any() for patch in best):
        raise ValueError(
            f"left_after: units is {list(units)}, it needs units whose best patch lies within its "
            "photograph"
        )
    # A number depends on its field alone: black around it changes nothing.
    (height, width, channels), (field, *_) = best[0].image.shape, peaks._fields
    rows, columns = model.inputs[0].shape[1:3]  # None where the model takes any
    window = (rows or height + field.stride[0], columns or width + field.stride[1], channels)
    trunk = keras.Model(model.inputs[0], arguments.maps_of("left_after", model, peaks.layer))
    field = _fields(trunk, [peaks.layer], window)[peaks.layer]
    place = [-(first // step) for first, step in zip(field.offset, field.stride, strict=True)]
    top, start = (
        first + step * at for first, step, at in zip(field.offset, field.stride, place, strict=True)
    )
    pictures = np.zeros((len(best), *window), np.float32)
    for picture, patch in zip(pictures, best, strict=True):
        picture[top : top + height, start : start + width] = change(patch.image.copy())
    maps = activations(trunk, pictures, peaks.layer)
    return maps[:, *place, :][range(len(best)), units] / [patch.activation for patch in best]


def _ends(model, layers):
    """The names of layers as a list, and the maps that they give."""
    if isinstance(layers, str):
        raise TypeError(f"peaks: layers is {layers!r}, it needs a sequence of names")
    layers = list(layers)
    if not layers:
        raise ValueError("peaks: layers is empty, it needs one name at least")
    return layers, [arguments.maps_of("peaks", model, layer) for layer in layers]


def _fields(trunk, layers, shape):
    """Each layer's receptive field in a photograph of that shape: padding depends on its size."""
    picture = keras.Input(shape)
    sized = keras.Model(picture, trunk(picture))
    return {layer: receptive_field(sized, f"{trunk.name}/{layer}") for layer in layers}


def _strike_border(maps, field, shape):
    """Put −infinity where the receptive field reaches beyond the photograph."""
    for axis, (size, stride, offset) in enumerate(zip(*field, strict=True)):
        first = offset + stride * np.arange(maps.shape[1 + axis])
        beyond = (first < 0) | (first + size > shape[axis])
        np.moveaxis(maps, 1 + axis, 0)[beyond] = -np.inf


def _highest(maps, field, count):
    """Of each map (units, rows, columns): activation and place, up to `count`, fields apart.

    What is taken is struck out of the maps.
    """
    units, rows, columns = maps.shape
    # Fields of places i and j share pixels along an axis where |i − j| · stride < size.
    reach = [-(-size // stride) - 1 for size, stride in zip(field.size, field.stride, strict=True)]
    values, places = [], []
    for _ in range(count):
        best = maps.reshape(units, -1).argmax(axis=1)
        place = np.stack(np.unravel_index(best, (rows, columns)), axis=-1)
        values.append(maps[np.arange(units), place[:, 0], place[:, 1]])
        places.append(place)
        low = np.maximum(place - reach, 0)
        high = place + reach + 1
        for own, (top, start), (bottom, stop) in zip(maps, low, high, strict=True):
            own[top:bottom, start:stop] = -np.inf
        if not (values[-1] > -np.inf).any():
            break
    return np.stack(values, axis=1), np.stack(places, axis=1)


def _merged(layer, found, count):
    """The best of all photographs: activation, photo and place of each unit, strongest first."""
    if not any(np.isfinite(values).any() for values, _ in found):
        raise ValueError(
            f"peaks: photos are smaller than the receptive field of layer '{layer}': it needs "
            "larger ones, or inside=False"
        )
    activation = np.concatenate([values for values, _ in found], axis=1)
    photo = np.repeat(np.arange(len(found)), [values.shape[1] for values, _ in found])
    place = np.concatenate([places for _, places in found], axis=1)
    order = np.argsort(-activation, axis=1, kind="stable")[:, :count]
    return (
        np.take_along_axis(activation, order, axis=1),
        photo[order],
        np.take_along_axis(place, order[..., np.newaxis], axis=1),
    )
