"""Ensembles and crops: what is averaged, over which places, at which cost, and what is refused."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import layers

from cnnlib.arithmetic import total_multiplications
from cnnlib.training.ensemble import Cost, Ensemble, cost, predict_multi_crop, ten_crop

CLASSES = 3


def network(seed, *, shape=(6, 6, 2), classes=CLASSES):
    """A small classifier with weights that are the same on every backend."""
    model = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def models():
    return [network(seed) for seed in range(3)]


def pictures(count=5, height=6, width=6, channels=2):
    return np.random.default_rng(0).random((count, height, width, channels), dtype="float32")


def numbered(count, height, width):
    """Pictures in which every pixel is different."""
    return np.arange(count * height * width * 2.0).reshape(count, height, width, 2)


def images(most=9):
    sides = st.integers(1, most)
    shapes = st.tuples(st.integers(1, 3), sides, sides, st.integers(1, 3))
    return shapes.flatmap(lambda shape: arrays("float32", shape, elements=st.integers(0, 255)))


# The mean of the members


def test_it_answers_with_the_arithmetic_mean_of_the_probabilities(models):
    x = pictures()
    each = [keras.ops.convert_to_numpy(model(x)) for model in models]
    assert np.ptp(each, axis=0).max() > 0.05  # the members differ, else this would show nothing
    answers = Ensemble(models).predict(x, batch_size=2)
    np.testing.assert_allclose(answers, np.mean(each, axis=0), rtol=0, atol=1e-6)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=0, atol=1e-5)


def test_it_lies_between_the_members_and_forgets_their_order(models):
    x = pictures()
    each = np.array([model.predict(x, verbose=0) for model in models])
    answers = Ensemble(models).predict(x)
    assert (answers >= each.min(axis=0) - 1e-6).all()
    assert (answers <= each.max(axis=0) + 1e-6).all()
    np.testing.assert_allclose(Ensemble(models[::-1]).predict(x), answers, rtol=0, atol=1e-6)


def test_an_ensemble_of_one_is_the_member_and_copies_change_nothing(models):
    x = pictures()
    alone = models[0].predict(x, verbose=0)
    np.testing.assert_array_equal(Ensemble(models[:1]).predict(x), alone)
    np.testing.assert_allclose(Ensemble(models[:1] * 4).predict(x), alone, rtol=0, atol=1e-6)


def test_its_cross_entropy_is_at_most_the_mean_of_the_members(models):
    x = pictures(40)
    each = np.array([model.predict(x, verbose=0) for model in models])
    mean = Ensemble(models).predict(x)
    for label in range(CLASSES):  # whatever the truth is: Jensen's inequality
        loss = -np.log(mean[:, label])
        assert (loss <= -np.log(each[:, :, label]).mean(axis=0) + 1e-5).all()
        assert (loss < -np.log(each[:, :, label]).mean(axis=0) - 1e-3).any()


def test_members_with_open_sizes_agree():
    members = [network(seed, shape=(None, None, 2)) for seed in (0, 1)]
    assert Ensemble(members).predict(pictures(2, 7, 9)).shape == (2, CLASSES)


def test_what_is_no_ensemble_is_refused(models):
    with pytest.raises(ValueError, match="models is empty"):
        Ensemble([])
    with pytest.raises(TypeError, match=r"models\[1\] is a str"):
        Ensemble([models[0], "vgg"])
    with pytest.raises(ValueError, match=r"models\[1\] takes \(6, 6, 1\).*needs \(6, 6, 2\)"):
        Ensemble([models[0], network(0, shape=(6, 6, 1))])
    with pytest.raises(ValueError, match=r"gives \(4,\), it needs .* and \(3,\)"):
        Ensemble([models[0], network(0, classes=4)])
    with pytest.raises(ValueError, match="has 0 inputs and 0 outputs"):
        Ensemble([keras.Sequential([layers.Dense(3, activation="softmax")])])
    heads = keras.Model(models[0].inputs[0], [models[0].outputs[0], models[0].outputs[0]])
    with pytest.raises(ValueError, match="has 1 inputs and 2 outputs"):
        Ensemble([heads])


@pytest.mark.parametrize("activation", ["linear", "tanh", "sigmoid"])
def test_answers_that_are_no_probabilities_are_refused(activation):
    image = keras.Input((6, 6, 2))
    flat = layers.Flatten()(image)
    model = keras.Model(image, layers.Dense(CLASSES, activation=activation)(flat), name="scores")
    with pytest.raises(ValueError, match="'scores' gives no probabilities"):
        Ensemble([model]).predict(pictures())


def test_maps_and_broken_weights_give_no_probabilities():
    image = keras.Input((6, 6, 2))
    maps = keras.Model(image, layers.Conv2D(3, 1, activation="softmax")(image))
    with pytest.raises(ValueError, match="gives no probabilities"):
        Ensemble([maps]).predict(pictures())
    broken = network(0)
    broken.set_weights([np.full_like(value, np.nan) for value in broken.get_weights()])
    with pytest.raises(ValueError, match="gives no probabilities"):
        Ensemble([broken]).predict(pictures())


def test_pictures_of_another_shape_are_refused(models):
    for x in (pictures()[0], pictures(0), pictures()[..., 0]):
        with pytest.raises(ValueError, match=r"Ensemble.predict: x has shape"):
            Ensemble(models).predict(x)
    with pytest.raises(ValueError, match=r"pictures of \(7, 6, 2\).*needs them of \(6, 6, 2\)"):
        Ensemble(models).predict(pictures(5, 7))


# The crops


def test_ten_crops_are_the_corners_the_center_and_their_mirror_images():
    x = numbered(2, 8, 10)
    crops = ten_crop(x, 4)
    assert crops.shape == (2, 10, 4, 4, 2)
    corners = x[:, :4, :4], x[:, :4, -4:], x[:, -4:, :4], x[:, -4:, -4:]
    for k, expected in enumerate([*corners, x[:, 2:6, 3:7]]):
        np.testing.assert_array_equal(crops[:, k], expected)
        np.testing.assert_array_equal(crops[:, k + 5], expected[:, :, ::-1])


@given(x=images(), data=st.data())
def test_crops_of_any_picture_have_their_size_and_no_pixel_from_elsewhere(x, data):
    size = data.draw(st.integers(1, min(x.shape[1:3])))
    crops = ten_crop(x, size)
    assert crops.shape == (len(x), 10, size, size, x.shape[3]) and crops.dtype == x.dtype
    for picture, own in zip(x, crops, strict=True):
        assert np.isin(own, picture).all()
    np.testing.assert_array_equal(crops[:, 5:], crops[:, :5, :, ::-1])


@given(x=images(), data=st.data())
def test_a_mirrored_picture_has_the_same_ten_crops(x, data):
    width = x.shape[2]
    # An odd rest puts the center half a pixel to the left, on either side of the mirror.
    sizes = [size for size in range(1, min(x.shape[1:3]) + 1) if (width - size) % 2 == 0]
    if not sizes:
        return
    size = data.draw(st.sampled_from(sizes))
    crops, mirrored = ten_crop(x, size), ten_crop(x[:, :, ::-1], size)
    for one, other in zip(crops, mirrored, strict=True):
        assert sorted(crop.tobytes() for crop in one) == sorted(crop.tobytes() for crop in other)


def test_a_crop_as_large_as_the_picture_is_the_picture():
    x = numbered(2, 6, 6)
    np.testing.assert_array_equal(ten_crop(x, 6), np.stack([x] * 5 + [x[:, :, ::-1]] * 5, axis=1))


@pytest.mark.parametrize("size", [0, -1, 7])
def test_a_crop_that_does_not_fit_is_refused(size, models):
    with pytest.raises(ValueError, match=rf"ten_crop: size is {size}.* 8×6 need 1 to 6"):
        ten_crop(numbered(1, 8, 6), size)
    with pytest.raises(ValueError, match=rf"predict_multi_crop: size is {size}"):
        predict_multi_crop(models[0], numbered(1, 8, 6), size)


@pytest.mark.parametrize("size", [4.0, "4", None, True, (4, 4)])
def test_a_size_is_a_whole_number(size):
    with pytest.raises(TypeError, match=r"ten_crop: size is .* whole number of pixels"):
        ten_crop(numbered(1, 8, 6), size)


def test_crops_are_cut_from_a_batch_of_pictures():
    for x in (np.zeros((6, 6)), np.zeros((6, 6, 3)), np.zeros((0, 6, 6, 3))):
        with pytest.raises(ValueError, match="ten_crop: x has shape"):
            ten_crop(x, 4)


# Answers from several crops


@pytest.mark.parametrize("crops, chosen", [(1, [4]), (5, range(5)), (10, range(10))])
def test_the_answer_is_the_mean_over_the_crops(models, crops, chosen):
    x = pictures(4, 9, 8)
    each = [models[0].predict(ten_crop(x, 6)[:, k], verbose=0) for k in chosen]
    answers = predict_multi_crop(models[0], x, 6, crops)
    np.testing.assert_allclose(answers, np.mean(each, axis=0), rtol=0, atol=1e-6)
    assert crops == 1 or np.ptp(each, axis=0).max() > 0.01


def test_ten_is_the_default_and_does_not_see_a_mirror(models):
    x = pictures(4, 8, 10)
    answers = predict_multi_crop(models[0], x, 6)
    np.testing.assert_array_equal(answers, predict_multi_crop(models[0], x, 6, 10))
    mirrored = predict_multi_crop(models[0], x[:, :, ::-1], 6)
    np.testing.assert_allclose(mirrored, answers, rtol=0, atol=1e-6)


def test_an_ensemble_takes_crops_as_a_network_does(models):
    x = pictures(4, 8, 8)
    each = [predict_multi_crop(model, x, 6, 5) for model in models]
    answers = predict_multi_crop(Ensemble(models), x, 6, 5, batch_size=3)
    np.testing.assert_allclose(answers, np.mean(each, axis=0), rtol=0, atol=1e-6)


@pytest.mark.parametrize("crops", [0, 2, 144, True, "10", None, [1]])
def test_other_numbers_of_crops_are_refused(crops, models):
    with pytest.raises(ValueError, match=r"crops is .*, it needs one of \[1, 5, 10\]"):
        predict_multi_crop(models[0], pictures(1, 8, 8), 6, crops)
    with pytest.raises(ValueError, match=r"cost: crops is .*, it needs one of \[1, 5, 10\]"):
        cost(models[0], crops=crops)


def test_a_network_for_other_sizes_or_none_is_refused(models):
    with pytest.raises(ValueError, match=r"pictures of \(5, 5, 2\).*needs them of \(6, 6, 2\)"):
        predict_multi_crop(models[0], pictures(1, 8, 8), 5)
    with pytest.raises(TypeError, match="model is a list"):
        predict_multi_crop(models, pictures(1, 8, 8), 6)
    with pytest.raises(TypeError, match="cost: model is a list"):
        cost(models)


# The cost


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("crops", [1, 5, 10])
def test_the_cost_is_that_of_one_pass_times_networks_times_crops(models, count, crops):
    one = 4 * 4 * 4 * 3 * 3 * 2 + 4 * CLASSES
    assert total_multiplications(models[0]) == one
    expected = Cost(passes=count * crops, multiplications=count * crops * one)
    assert cost(Ensemble(models[:count]), crops=crops) == expected


def test_members_of_different_sizes_cost_what_they_cost():
    image = keras.Input((6, 6, 2))
    dense = keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(image)))
    assert cost(dense) == (1, 72 * 3)
    assert cost(Ensemble([network(0), dense])) == (2, 4 * 4 * 4 * 3 * 3 * 2 + 4 * 3 + 72 * 3)


def test_saved_members_make_the_same_ensemble(models, tmp_path):
    x = pictures()
    for place, model in enumerate(models):
        model.save(tmp_path / f"{place}.keras")
    again = [keras.models.load_model(tmp_path / f"{place}.keras") for place in range(len(models))]
    np.testing.assert_array_equal(Ensemble(again).predict(x), Ensemble(models).predict(x))
