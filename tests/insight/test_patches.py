"""Peaks against brute force; a receptive field holds all that moves an activation."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlib import datasets, insight, pretrained
from cnnlib.arithmetic import receptive_field

RNG = np.random.default_rng(0)


def network(shape=(None, None, 3), padding="same"):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, padding=padding, activation="relu", name="conv1"),
            layers.MaxPooling2D(2, padding=padding, name="pool"),
            layers.Conv2D(5, 3, padding=padding, name="conv2"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(2, name="dense"),
        ]
    )


def window(field, place):
    """First and last pixel along both axes, the border's included."""
    first = np.array(field.offset) + place * np.array(field.stride)
    return first, first + field.size - 1


def brute_force(model, photos, layer, unit, count, inside):
    """Sort all places of all photographs; take one unless a taken one shares a pixel with it."""
    places = []
    for number, photo in enumerate(photos):
        maps = insight.activations(model, photo[np.newaxis], layer)[0, :, :, unit]
        sized = keras.models.clone_model(model, input_tensors=keras.Input(photo.shape))
        field = receptive_field(sized, layer)
        for place in np.ndindex(maps.shape):
            first, last = window(field, np.array(place))
            if not inside or ((first >= 0).all() and (last < photo.shape[:2]).all()):
                places.append((maps[place], number, place, (first, last)))
    taken = []
    for value, number, place, (first, last) in sorted(places, key=lambda p: -p[0]):
        apart = [
            number != other or (first > end).any() or (last < start).any()
            for _, other, _, (start, end) in taken
        ]
        if all(apart) and len(taken) < count:
            taken.append((value, number, place, (first, last)))
    return taken


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("layer", ["conv1", "pool", "conv2"])
def test_peaks_are_those_of_brute_force(layer, inside):
    model = network()
    photos = [RNG.random(shape, dtype="float32") for shape in [(13, 18, 3), (20, 11, 3)]]
    names = list(dict.fromkeys(["conv1", layer]))
    found = insight.peaks(model, photos, names, inside=inside)[layer]
    for unit in range(found.activation.shape[0]):
        expected = brute_force(model, photos, layer, unit, 9, inside)
        patches = found.patches(unit)
        assert len(patches) == len(expected)
        for k, (patch, (value, number, place, (first, last))) in enumerate(
            zip(patches, expected, strict=True)
        ):
            assert patch.activation == pytest.approx(value, rel=1e-5)
            assert (patch.photo, *found.place[unit, k]) == (number, *place)
            assert (patch.rows.start, patch.columns.start) == tuple(np.maximum(first, 0))
            assert patch.rows.stop == min(last[0] + 1, photos[number].shape[0])
            assert patch.columns.stop == min(last[1] + 1, photos[number].shape[1])


@pytest.mark.parametrize("inside", [True, False])
def test_a_patch_is_cut_from_its_photograph_and_nan_beyond_the_border(inside):
    photo, beyond = RNG.random((12, 12, 3), dtype="float32"), 0
    found = insight.peaks(network(), [photo], ["conv2"], count=4, inside=inside)["conv2"]
    for patch in (patch for unit in range(5) for patch in found.patches(unit)):
        assert patch.image.shape == (8, 8, 3)  # 3 + 1 + 2 · 2
        inner = photo[patch.rows, patch.columns]
        seen = ~np.isnan(patch.image).any(axis=-1)
        np.testing.assert_array_equal(patch.image[seen].reshape(inner.shape), inner)
        beyond += not seen.all()
    assert (beyond == 0) == inside


def alone(photo, patch):
    """The photograph, black outside the patch."""
    black = np.zeros_like(photo)
    black[patch.rows, patch.columns] = photo[patch.rows, patch.columns]
    return black


def test_outside_the_field_nothing_matters_and_within_it_something_does():
    model, photo = network(), RNG.random((21, 26, 3), dtype="float32")
    for layer in ("conv1", "conv2"):
        found = insight.peaks(model, [photo], [layer], count=12, inside=False)[layer]
        for unit in range(found.activation.shape[0]):
            for patch, place in zip(found.patches(unit), found.place[unit], strict=False):
                maps = insight.activations(model, alone(photo, patch)[np.newaxis], layer)
                assert maps[(0, *place, unit)] == pytest.approx(patch.activation, abs=1e-6)


def test_a_change_at_each_side_of_the_field_is_felt():
    model, photo = network(), RNG.random((21, 26, 3), dtype="float32")
    found = insight.peaks(model, [photo], ["conv2"], count=1)["conv2"]
    for unit in range(5):
        (patch,) = found.patches(unit)
        rows, columns = patch.rows, patch.columns
        for side in (
            (rows.start, columns),
            (rows.stop - 1, columns),
            (rows, columns.start),
            (rows, columns.stop - 1),
        ):
            moved = photo.copy()
            moved[side] += 5
            maps = insight.activations(model, moved[np.newaxis], "conv2")
            assert abs(maps[(0, *found.place[unit, 0], unit)] - patch.activation) > 1e-3


@pytest.mark.slow
def test_the_fields_of_vgg_features_hold_all_that_matters():
    model = pretrained.load("vgg16_hed")
    photo = datasets.photo("chelsea", size=330).image
    names = [f"block{b}_conv{c}" for b, c in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3)]]
    for layer, found in insight.peaks(model, [photo], names, count=2).items():
        unit = int(found.activation[:, 0].argmax())
        for patch, place in zip(found.patches(unit), found.place[unit], strict=False):
            assert patch.activation > 0
            maps = insight.activations(model, alone(photo, patch)[np.newaxis], layer)
            assert maps[(0, *place, unit)] == pytest.approx(patch.activation, rel=1e-4)
            flat = photo.copy()
            flat[patch.rows, patch.columns] = photo[patch.rows, patch.columns].mean(axis=(0, 1))
            maps = insight.activations(model, flat[np.newaxis], layer)
            assert abs(maps[(0, *place, unit)] - patch.activation) > 0.1 * patch.activation


@pytest.mark.parametrize("shape", [(None, None, 3), (19, 24, 3)])
@pytest.mark.parametrize("layer", ["conv1", "pool", "conv2"])
def test_what_is_left_after_a_change_is_what_the_whole_photograph_gives(layer, shape):
    model, photos = (
        network(shape),
        [RNG.random(shape, dtype="float32") for shape in [(19, 24, 3)] * 2],
    )
    found, units = insight.peaks(model, photos, [layer])[layer], [3, 1]
    for change in (lambda p: p, lambda p: p[:, ::-1], lambda p: p.mean(axis=(0, 1))):
        whole = []
        for unit in units:
            patch = found.patches(unit)[0]
            photo = photos[patch.photo].copy()
            photo[patch.rows, patch.columns] = change(patch.image)
            maps = insight.activations(model, photo[np.newaxis], layer)
            whole.append(maps[(0, *found.place[unit, 0], unit)] / patch.activation)
        left = insight.left_after(model, found, units, change)
        np.testing.assert_allclose(left, whole, rtol=1e-4, atol=1e-6)


def test_left_after_needs_units_with_a_whole_patch():
    model, photo = network(), RNG.random((12, 12, 3), dtype="float32")
    found = insight.peaks(model, [photo], ["conv1"])["conv1"]
    with pytest.raises(ValueError, match=r"^left_after: units is \[\], it needs"):
        insight.left_after(model, found, [], lambda p: p)
    with pytest.raises(ValueError, match="unit is 9"):
        insight.left_after(model, found, [9], lambda p: p)
    beyond = insight.peaks(model, [photo[:7]], ["conv2"], inside=False)["conv2"]
    with pytest.raises(ValueError, match=r"^left_after: units is \[0\], .* within its photograph"):
        insight.left_after(model, beyond, [0], lambda p: p)


def test_activations_are_the_layers_output():
    model, x = network((12, 12, 3), "valid"), RNG.random((2, 12, 12, 3))
    got = insight.activations(model, x, "conv1")
    kernel, bias = model.get_layer("conv1").get_weights()
    places = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    by_hand = np.maximum(np.einsum("mhwcab,abcn->mhwn", places, kernel) + bias, 0)
    np.testing.assert_allclose(got, by_hand, atol=1e-5)


def test_few_places_give_few_patches_and_a_patch_counts_once():
    model, photo = network((8, 8, 3), "valid"), RNG.random((8, 8, 3))
    assert len(insight.peaks(model, [photo], ["conv2"])["conv2"].patches(0)) == 1
    assert len(insight.peaks(model, [photo] * 3, ["conv2"])["conv2"].patches(0)) == 3


def test_per_photo_leaves_the_best_of_each_photograph():
    model, photos = network(), RNG.random((4, 16, 18, 3), dtype="float32")
    limited = insight.peaks(model, photos, ["conv2"], count=3, per_photo=1)["conv2"]
    alone = [insight.peaks(model, [photo], ["conv2"], count=1)["conv2"] for photo in photos]
    best = np.stack([found.activation[:, 0] for found in alone], axis=1)
    np.testing.assert_allclose(limited.activation, np.sort(best, axis=1)[:, :0:-1], rtol=1e-5)
    np.testing.assert_array_equal(limited.photo, np.argsort(-best, axis=1)[:, :3])


def test_a_field_that_fits_into_no_photograph_is_named():
    model, photos = network(), [RNG.random((7, 20, 3))] * 2
    message = "photos are smaller than .* layer 'conv2': it needs larger ones, or inside=False"
    with pytest.raises(ValueError, match=rf"^peaks: {message}"):
        insight.peaks(model, photos, ["conv1", "conv2"])
    assert insight.peaks(model, photos, ["conv2"], inside=False)["conv2"].patches(0)


PHOTO = np.zeros((8, 8, 3))


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"model": None}, TypeError, "model is a NoneType, it needs a keras.Model"),
        ({"model": keras.Sequential([layers.Dense(2)], name="raw")}, ValueError, "'raw' needs to"),
        ({"layers": ["conv7"]}, ValueError, "'conv7', it needs one of conv1, pool, conv2, mean"),
        ({"layers": ["mean"]}, ValueError, "layer 'mean' gives no maps"),
        ({"layers": "conv1"}, TypeError, "layers is 'conv1', it needs a sequence of names"),
        ({"layers": []}, ValueError, "layers is empty"),
        ({"photos": []}, ValueError, "photos is empty"),
        ({"photos": [PHOTO, PHOTO[..., 0]]}, ValueError, r"photo 1 has the shape .*needs \(m, any"),
        ({"photos": [PHOTO[..., :1]]}, ValueError, r"\(1, 8, 8, 1\), .*needs \(m, any, any, 3\)"),
        ({"photos": [PHOTO[:0]]}, ValueError, "photo 0 has the shape"),
        ({"photos": [np.full((8, 8, 3), np.nan)]}, ValueError, "photo 0 holds NaN or infinity"),
        ({"photos": [np.full((8, 8, 3), "a")]}, TypeError, "photo 0 holds <U1, it needs numbers"),
        ({"count": 0}, ValueError, "count holds 0, it needs 1 or more"),
        ({"count": 2.5}, TypeError, "count holds 2.5, it needs integers"),
        ({"per_photo": -1}, ValueError, "per_photo holds -1, it needs 1 or more"),
    ],
)
def test_bad_input_is_named(change, error, message):
    arguments = {"model": network(), "photos": [PHOTO], "layers": ["conv1"]} | change
    with pytest.raises(error, match=rf"^peaks: .*{message}"):
        insight.peaks(**arguments)


@pytest.mark.parametrize(
    "unit, error, message",
    [
        (4, ValueError, "unit is 4, layer 'conv1' has 4 units: it needs 0 to 3"),
        (-1, ValueError, "unit is -1"),
        (1.0, TypeError, "unit is 1.0, it needs a whole number"),
        (True, TypeError, "unit is True"),
    ],
)
def test_a_unit_that_is_not_there_is_named(unit, error, message):
    with pytest.raises(error, match=rf"^patches: {message}"):
        insight.peaks(network(), [PHOTO], ["conv1"])["conv1"].patches(unit)


def test_activations_name_bad_input():
    model = network((8, 8, 3), "valid")
    with pytest.raises(ValueError, match=r"^activations: layer is 'no', it needs one of conv1"):
        insight.activations(model, PHOTO[np.newaxis], "no")
    with pytest.raises(ValueError, match=r"^activations: images has the shape \(8, 8, 3\)"):
        insight.activations(model, PHOTO, "conv1")
    with pytest.raises(ValueError, match=r"\(1, 9, 8, 3\), .*needs \(m, 8, 8, 3\)"):
        insight.activations(model, np.zeros((1, 9, 8, 3)), "conv1")
