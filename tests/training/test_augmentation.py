"""Augmentation: what each change does to known pixels, and that it changes nothing else."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from cnnlib.training.augmentation import Augmenter, ElasticWarp, PCAColor, augmenter

EVERYTHING = {
    "flip": "horizontal_and_vertical",
    "crop": (10, 12),
    "rotate": 20,
    "shear": 10,
    "warp": 1.0,
    "color": 0.2,
}


def pictures(m=6, height=16, width=14, channels=3, seed=0):
    shape = (m, height, width, channels)
    return np.random.default_rng(seed).uniform(size=shape).astype("float32")


def changed(layer, x, training=True):
    return keras.ops.convert_to_numpy(layer(x, training=training))


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_change_changes_pictures_and_keeps_range_and_dtype(name):
    x = pictures()
    y = changed(augmenter(seed=0, **{name: EVERYTHING[name]}), x)
    assert y.dtype == np.float32
    assert y.min() >= 0 and y.max() <= 1
    assert y.shape == ((6, 10, 12, 3) if name == "crop" else x.shape)
    if name != "crop":
        assert np.abs(y - x).max() > 0.05


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_picture_is_changed_in_its_own_way(name):
    same = np.repeat(pictures(m=1), 16, axis=0)
    y = changed(augmenter(seed=1, **{name: EVERYTHING[name]}), same)
    assert len(np.unique(y.reshape(16, -1), axis=0)) > 3


def test_a_seed_repeats_the_changes_and_another_does_not():
    x = pictures()
    first, again, other = (changed(augmenter(**EVERYTHING, seed=s), x) for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_second_call_changes_the_pictures_in_another_way():
    augment, x = augmenter(rotate=20, seed=0), pictures()
    assert not np.array_equal(changed(augment, x), changed(augment, x))


def test_at_inference_nothing_changes_but_the_crop_is_the_middle():
    x = pictures()
    assert np.array_equal(changed(augmenter(**EVERYTHING), x, training=False), x[:, 3:13, 1:13])


@pytest.mark.parametrize("off", [{}, {"flip": None, "crop": None, "rotate": 0, "color": None}])
def test_what_is_off_does_nothing(off):
    x = pictures().astype("float64")
    y = changed(augmenter(**off), x)
    assert y.dtype == np.float32
    assert np.array_equal(y, x)


def test_a_flip_mirrors_about_half_of_the_pictures():
    x = pictures(m=200)
    y = changed(augmenter(flip="horizontal", seed=0), x)
    mirrored = (y == x[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (y == x).all(axis=(1, 2, 3))).all()
    assert 60 < mirrored.sum() < 140


def test_a_flip_both_ways_draws_for_each():
    x = pictures(m=1)
    y = changed(augmenter(flip="horizontal_and_vertical", seed=0), np.repeat(x, 200, axis=0))
    for way in (x, x[:, ::-1], x[:, :, ::-1], x[:, ::-1, ::-1]):
        assert 25 < (y == way).all(axis=(1, 2, 3)).sum() < 75


@settings(max_examples=15)
@given(st.integers(1, 16), st.integers(1, 14), st.integers(0, 1000))
def test_a_crop_is_a_window_of_its_own_picture(height, width, seed):
    # Each pixel says where it is: picture, row and column.
    place = np.stack(np.meshgrid(range(3), range(16), range(14), indexing="ij"), axis=-1)
    y = changed(augmenter(crop=(height, width), seed=seed), place.astype("float32"))
    top, left = y[:, :1, :1, 1], y[:, :1, :1, 2]
    assert np.array_equal(y[..., 0], np.broadcast_to(np.arange(3)[:, None, None], y.shape[:3]))
    assert np.array_equal(y[..., 1], np.broadcast_to(top + np.arange(height)[:, None], y.shape[:3]))
    assert np.array_equal(y[..., 2], np.broadcast_to(left + np.arange(width), y.shape[:3]))


def test_a_crop_takes_every_place_as_often():
    place = np.broadcast_to(np.arange(5, dtype="float32")[:, None], (2000, 5, 5))[..., None]
    tops = changed(augmenter(crop=(3, 5), seed=0), place)[:, 0, 0, 0]
    assert np.bincount(tops.astype(int)).min() > 600


def test_a_rotation_leaves_the_middle_and_turns_as_far_as_allowed():
    # A ray from the middle to the right, in a round picture: the angle of its center is the turn.
    x = np.zeros((60, 33, 33, 1), "float32")
    x[:, 16, 20:30] = 1
    y = changed(augmenter(rotate=30, seed=0), x)[..., 0]
    rows, columns = np.mgrid[-16:17, -16:17]
    mass = y.sum(axis=(1, 2))
    angles = np.degrees(np.arctan2((y * rows).sum((1, 2)) / mass, (y * columns).sum((1, 2)) / mass))
    assert np.abs(angles).max() < 31
    assert angles.max() > 22 and angles.min() < -22


def test_a_shear_slants_an_upright_line_and_keeps_the_top_row():
    x = np.zeros((60, 21, 61, 1), "float32")
    x[:, :, 30] = 1
    y = changed(augmenter(shear=30, seed=0), x)[..., 0]
    assert np.array_equal(y[:, 0], x[:, 0, :, 0])
    slant = np.degrees(np.arctan((y[:, 20].argmax(axis=1) - 30) / 20))
    assert np.abs(slant).max() <= 31.5
    assert slant.max() > 22 and slant.min() < -22


def test_a_warp_displaces_by_the_given_pixels_at_every_place():
    moves = ElasticWarp(2.5, seed=0).get_random_transformation(np.zeros((2000, 20, 14, 1)))
    moves = keras.ops.convert_to_numpy(moves)
    assert moves.shape == (2000, 2, 20, 14)
    assert np.allclose(moves.std(axis=0), 2.5, rtol=0.15)
    assert np.abs(moves.mean(axis=0)).max() < 0.3
    down, right = moves[:, 0].ravel(), moves[:, 1].ravel()
    assert abs(np.corrcoef(down, right)[0, 1]) < 0.1


def test_a_warp_moves_neighbors_together():
    moves = ElasticWarp(2.5, seed=0).get_random_transformation(np.zeros((500, 28, 28, 1)))
    moves = keras.ops.convert_to_numpy(moves)[:, 0]
    # White noise smoothed by a Gaussian of 4 pixels: correlation exp(-d² / (4 · 4²)).
    for distance in (1, 4, 8):
        a, b = moves[:, 14, 8], moves[:, 14, 8 + distance]
        assert abs(np.corrcoef(a, b)[0, 1] - np.exp(-(distance**2) / 64)) < 0.1


def test_a_warp_interpolates_as_scipy_does():
    layer, x = ElasticWarp(2.0, seed=0), pictures(m=3)
    moves = keras.ops.convert_to_numpy(layer.get_random_transformation(x))
    y = keras.ops.convert_to_numpy(layer.transform_images(keras.ops.array(x), moves))
    grid = np.mgrid[:16, :14]
    for picture, move, ours in zip(x, moves, y, strict=True):
        for channel in range(3):
            theirs = map_coordinates(picture[..., channel], grid + move, order=1, mode="nearest")
            assert np.allclose(ours[..., channel], theirs, atol=1e-5)


def test_color_changes_every_pixel_of_a_color_alike():
    x = np.full((20, 4, 4, 3), (0.6, 0.4, 0.3), "float32")
    y = changed(augmenter(color=0.3, seed=0), x)
    assert np.ptp(y, axis=(1, 2)).max() < 1e-5
    brightness = y.max(axis=-1)[:, 0, 0] - 0.6
    assert brightness.min() < -0.1 and brightness.max() > 0.1
    assert np.abs(brightness).max() < 0.3 + 1e-5


def test_color_lowers_the_contrast_as_often_as_it_raises_it():
    x = np.broadcast_to(np.linspace(0.3, 0.7, 8, dtype="float32")[:, None, None], (200, 8, 8, 3))
    spread = np.ptp(changed(augmenter(color=0.2, seed=0), x)[..., 0], axis=(1, 2)) / 0.4
    assert 60 < (spread < 1).sum() < 140


def test_one_picture_is_changed_as_a_batch_of_one():
    x = pictures(m=1)
    one, batch = (changed(augmenter(**EVERYTHING, seed=0), p) for p in (x[0], x))
    assert one.shape == (10, 12, 3)
    assert np.array_equal(one, batch[0])


def network(augment):
    layers = [keras.Input((16, 14, 3)), augment, keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse")
    return model


def test_inside_a_model_it_trains_predicts_and_reloads(tmp_path):
    x = pictures()
    model = network(augmenter(**EVERYTHING, seed=0))
    assert np.isfinite(model.fit(x, np.ones((6, 2)), verbose=0).history["loss"][0])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert np.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))
    kinds = [type(layer).__name__ for layer in model.layers[0].layers]
    assert [type(layer).__name__ for layer in again.layers[0].layers] == kinds
    assert len(kinds) == 8


def test_a_reloaded_augmenter_draws_the_same_changes():
    x = pictures()
    augment = augmenter(**EVERYTHING, seed=0)
    again = Augmenter.from_config(augment.get_config())
    assert np.array_equal(changed(augment, x), changed(again, x))


def test_a_pydataset_can_call_it():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            x = pictures(seed=index)
            return changed(augment, x), np.ones((6, 2), "float32")

    augment = augmenter(rotate=10, crop=(16, 14), seed=0)
    history = network(keras.layers.Identity()).fit(Batches(), verbose=0).history
    assert np.isfinite(history["loss"][0])


@pytest.mark.parametrize("batch", [None, 4])
@pytest.mark.parametrize("name", EVERYTHING)
def test_tf_data_maps_it_in_parallel_on_every_backend(name, batch):
    tf = pytest.importorskip("tensorflow")
    x, y = pictures(m=8), np.arange(8)
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data if batch is None else data.batch(batch)
    augment = augmenter(seed=0, **{name: EVERYTHING[name]})
    mapped = list(data.map(lambda a, b: (augment(a), b), num_parallel_calls=2).prefetch(1))
    labels = np.ravel([b for _, b in mapped])
    assert np.array_equal(labels, y)
    images = np.reshape([a for a, _ in mapped], (8, -1))
    assert images.dtype == np.float32 and images.min() >= 0 and images.max() <= 1
    assert images.shape[1] == (10 * 12 * 3 if name == "crop" else 16 * 14 * 3)
    assert name == "crop" or not np.allclose(images, x.reshape(8, -1))


def test_fit_takes_the_mapped_data_on_every_backend():
    tf = pytest.importorskip("tensorflow")
    augment = augmenter(**{**EVERYTHING, "crop": (16, 14)}, seed=0)
    data = tf.data.Dataset.from_tensor_slices((pictures(m=8), np.ones((8, 2), "float32")))
    data = data.batch(4).map(lambda a, b: (augment(a), b), num_parallel_calls=2).prefetch(2)
    history = network(keras.layers.Identity()).fit(data, verbose=0).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    "argument, value, kind, words",
    [
        ("rotate", -5, ValueError, "rotate is -5, it needs 0 to 180 degrees"),
        ("rotate", 181, ValueError, "0 to 180 degrees"),
        ("rotate", "15", TypeError, "rotate is '15', it needs a number"),
        ("rotate", True, TypeError, "it needs a number"),
        ("shear", -1, ValueError, "0 to 45 degrees"),
        ("shear", 46, ValueError, "0 to 45 degrees"),
        ("warp", -0.1, ValueError, "0 pixels or more"),
        ("warp", float("nan"), ValueError, "0 pixels or more"),
        ("warp", float("inf"), ValueError, "0 pixels or more"),
        ("color", 1, ValueError, "color is 1, it needs 0 to 0.99"),
        ("flip", "left", ValueError, "flip is 'left', it needs one of"),
        ("flip", True, ValueError, "it needs one of"),
        ("crop", 24, ValueError, "2 integers"),
        ("crop", (24, 0), ValueError, "crop holds 0"),
        ("crop", (24, 2.5), TypeError, "crop holds 2.5"),
        ("seed", -1, ValueError, "seed is -1"),
        ("seed", 0.5, ValueError, "seed is 0.5"),
    ],
)
def test_wrong_arguments_are_named(argument, value, kind, words):
    with pytest.raises(kind, match="augmenter: ") as error:
        augmenter(**{argument: value})
    assert words in str(error.value)


@pytest.mark.parametrize(
    "arguments, x, kind, words",
    [
        ({"crop": (17, 14)}, pictures(), ValueError, "it needs pictures at least as large"),
        ({"crop": (16, 15)}, pictures(), ValueError, "they are (16, 14)"),
        ({"color": 0.1}, pictures(channels=1), ValueError, "have 1 channels, it needs 3"),
        ({"rotate": 5}, np.zeros((2, 8, 8, 3), "uint8"), TypeError, "are uint8, it needs floats"),
        ({"rotate": 5}, np.zeros((8, 8), "float32"), ValueError, "have shape (8, 8)"),
        ({"warp": 1}, pictures(height=1), ValueError, "2×2 pixels or more"),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_wrong_pictures_are_refused(arguments, x, kind, words, training):
    if "warp" in arguments and not training:
        pytest.skip("at inference nothing is warped")
    with pytest.raises(kind) as error:
        augmenter(**arguments)(x, training=training)
    assert words in str(error.value)


def test_wrong_pictures_are_refused_in_tf_data_too():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensors(np.zeros((2, 8, 8, 3), "uint8"))
    with pytest.raises(TypeError, match="pictures are uint8, it needs floats"):
        data.map(augmenter(rotate=5))
    with pytest.raises(TypeError, match="pictures are uint8, it needs floats"):
        data.map(PCAColor((1, 1, 1), np.eye(3)))


def data_with_known_colors(covariance, pixels=200_000):
    """A picture whose pixels have just this covariance."""
    noise = np.random.default_rng(0).normal(size=(pixels, 3))
    noise = (noise - noise.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T))).T
    colors = 0.5 + noise @ np.linalg.cholesky(covariance).T
    return colors.reshape(100, -1, 3)


COVARIANCE = np.array([[0.06, 0.05, 0.04], [0.05, 0.07, 0.05], [0.04, 0.05, 0.08]])


def test_pca_color_finds_the_covariance_of_the_pixels():
    layer = PCAColor()
    layer.adapt(data_with_known_colors(COVARIANCE))
    rebuilt = layer.eigenvectors @ np.diag(layer.eigenvalues) @ layer.eigenvectors.T
    assert np.allclose(rebuilt, COVARIANCE, atol=1e-5)
    assert np.all(np.diff(layer.eigenvalues) < 0)


def test_pca_color_takes_one_sign_whichever_the_solver_gives(monkeypatch):
    eigenvalues, eigenvectors = np.linalg.eigh(COVARIANCE)
    found = []
    for sign in (1, -1):
        monkeypatch.setattr(np.linalg, "eigh", lambda _, s=sign: (eigenvalues, s * eigenvectors))
        layer = PCAColor()
        layer.adapt(pictures())
        found.append(layer.eigenvectors)
    assert np.array_equal(*found)
    assert (found[0].sum(axis=0) > 0).all()


def test_pca_color_adds_what_its_definition_says():
    layer = PCAColor(seed=0)
    layer.adapt(data_with_known_colors(COVARIANCE))
    added = changed(layer, np.full((50_000, 1, 2, 3), 0.5, "float32")) - 0.5
    assert np.array_equal(added[:, 0, 0], added[:, 0, 1])
    eigenvalues, eigenvectors = np.linalg.eigh(COVARIANCE)
    expected = 0.1**2 * eigenvectors @ np.diag(eigenvalues**2) @ eigenvectors.T
    assert np.allclose(np.cov(added[:, 0, 0].T), expected, atol=0.04 * expected.max())
    along = added[:, 0, 0] @ eigenvectors
    assert np.allclose(along.std(axis=0), 0.1 * eigenvalues, rtol=0.03)
    assert np.abs(np.corrcoef(along.T) - np.eye(3)).max() < 0.03


def test_pca_color_of_gray_pictures_stays_gray():
    layer, x = PCAColor(seed=0), np.repeat(pictures(channels=1), 3, axis=-1)
    layer.adapt(x)
    y = changed(layer, x)
    assert np.abs(y - x).max() > 1e-4
    assert np.ptp(y, axis=-1).max() < 1e-6


def test_pca_color_is_off_at_inference_and_repeats_by_seed():
    x = pictures()
    first, again, other = (PCAColor((0.2, 0.1, 0.1), np.eye(3), seed=s) for s in (1, 1, 99))
    assert np.array_equal(changed(first, x, training=False), x)
    assert np.array_equal(changed(first, x), changed(again, x))
    assert not np.array_equal(changed(again, x), changed(other, x))


def test_pca_color_takes_one_picture_and_tf_data():
    tf = pytest.importorskip("tensorflow")
    layer, x = PCAColor((0.2, 0.1, 0.1), np.eye(3), seed=1), pictures()
    assert changed(layer, x[0]).shape == (16, 14, 3)
    for data in (tf.data.Dataset.from_tensor_slices(x), tf.data.Dataset.from_tensors(x)):
        for given_back in data.map(layer, num_parallel_calls=2):
            assert given_back.shape[-3:] == (16, 14, 3)


def test_pca_color_reloads_with_what_it_has_learned(tmp_path):
    layer, x = PCAColor(seed=0), pictures()
    layer.adapt(x)
    model = keras.Sequential([keras.Input((16, 14, 3)), layer])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").layers[0]
    assert np.array_equal(again.eigenvalues, layer.eigenvalues)
    fresh = PCAColor(layer.eigenvalues, layer.eigenvectors, seed=0)
    assert np.allclose(changed(again, x), changed(fresh, x))


@pytest.mark.parametrize(
    "make, kind, words",
    [
        (lambda: PCAColor((1, 1), np.eye(3)), ValueError, "three of 0 or more"),
        (lambda: PCAColor((1, 1, -1), np.eye(3)), ValueError, "three of 0 or more"),
        (lambda: PCAColor((1, 1, 1), np.ones((3, 3))), ValueError, "orthogonal and of length 1"),
        (lambda: PCAColor(spread=-0.1), ValueError, "spread is -0.1, it needs 0 or more"),
        (lambda: PCAColor(spread="0.1"), TypeError, "spread is '0.1', it needs a number"),
        (lambda: PCAColor(seed=-2), ValueError, "seed is -2"),
        (lambda: PCAColor()(pictures()), ValueError, "needs adapt(images) first"),
        (lambda: PCAColor().adapt(pictures(channels=4)), ValueError, "have 4 channels, it needs 3"),
        (lambda: PCAColor().adapt(np.zeros((8, 8, 3), "uint8")), TypeError, "are uint8"),
    ],
)
def test_pca_color_names_what_is_wrong(make, kind, words):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value).startswith("PCAColor: ")
    assert words in str(error.value)
