"""Every crop and its box, the same network as one convolution, and what a search with it finds."""

import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from keras import layers

from cnnlib.arithmetic import receptive_field
from cnnlib.detection.boxes import iou
from cnnlib.detection.windows import (
    cells_by_layer,
    convolutional,
    detect,
    pyramid,
    sliding_windows,
    varied,
)
from cnnlib.models import lenet5, resnet


def randomized(model, seed=0):
    """The model with weights that are the same on every backend, positive where variances are."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
        elif layer.get_weights():
            scale = np.sqrt(2 / np.prod(layer.get_weights()[0].shape[:-1]))
            layer.set_weights([scale * rng.normal(size=w.shape) for w in layer.get_weights()])
    return model


def network(*body, shape=(14, 14, 3), seed=0):
    return randomized(keras.Sequential([keras.Input(shape), *body]), seed)


def lecture_network():
    """Andrew Ng's example, after Sermanet et al.: 14×14×3 to one of four classes."""
    return network(
        layers.Conv2D(16, 5, activation="relu", name="conv"),
        layers.MaxPooling2D(2, name="pool"),
        layers.Flatten(name="flatten"),
        layers.Dense(400, activation="relu", name="dense1"),
        layers.Dense(400, activation="relu", name="dense2"),
        layers.Dense(4, activation="softmax", name="output"),
    )


def picture(height, width, channels=3, seed=1):
    return np.random.default_rng(seed).random((height, width, channels), dtype="float32")


def answers(model, batch):
    return keras.ops.convert_to_numpy(model(batch, training=False))


def assert_equals_crops(model, image, stride):
    """The map equals the answers for the crops, position by position."""
    size = model.input_shape[1:3]
    crops, _ = sliding_windows(image, size, stride)
    rows, columns = ((n - f) // s + 1 for n, f, s in zip(image.shape, size, stride, strict=False))
    expected = answers(model, crops).reshape(rows, columns, -1)
    given = answers(convolutional(model), image[np.newaxis])[0]
    # Where pooling leaves out the last pixels of a crop, the map has room for a window more.
    np.testing.assert_allclose(given[:rows, :columns], expected, rtol=0, atol=1e-5)
    if len(crops) > 1:  # else equal answers would show nothing
        assert np.ptp(expected, axis=(0, 1)).max() > 1e-3
    return given.shape[:2], (rows, columns)


# Windows


@pytest.mark.parametrize(
    "shape, size, stride",
    [((7, 9, 2), 3, 1), ((7, 9, 2), (3, 4), (2, 3)), ((5, 5, 1), 5, 9), ((6, 8, 3), (1, 8), 1)],
)
def test_windows_are_the_slices_that_loops_would_cut(shape, size, stride):
    image = np.arange(np.prod(shape)).reshape(shape)
    crops, boxes = sliding_windows(image, size, stride)
    (height, width), (down, right) = np.broadcast_to(size, 2), np.broadcast_to(stride, 2)
    expected = [
        (image[y : y + height, x : x + width], (x, y, x + width, y + height))
        for y in range(0, shape[0] - height + 1, down)
        for x in range(0, shape[1] - width + 1, right)
    ]
    assert len(crops) == len(boxes) == len(expected)
    np.testing.assert_array_equal(crops, [crop for crop, _ in expected])
    np.testing.assert_array_equal(boxes, [box for _, box in expected])
    assert crops.dtype == image.dtype and boxes.dtype == np.float32


def test_the_crops_are_copies():
    image = picture(6, 6)
    before = image.copy()
    sliding_windows(image, 3, 1).crops[:] = 0
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    "image, size, stride, error, message",
    [
        (np.zeros((9, 9)), 3, 1, ValueError, r"image has shape \(9, 9\)"),
        (np.zeros((0, 9, 3)), 3, 1, ValueError, r"image has shape \(0, 9, 3\)"),
        (np.full((9, 9, 1), np.nan), 3, 1, ValueError, "not finite"),
        (np.full((9, 9, 1), "a"), 3, 1, TypeError, "needs numbers"),
        (np.zeros((9, 9, 1)), 10, 1, ValueError, "size is 10×10, it needs to fit into 9×9"),
        (np.zeros((9, 5, 1)), (3, 6), 1, ValueError, "size is 3×6"),
        (np.zeros((9, 9, 1)), 0, 1, ValueError, "size is 0"),
        (np.zeros((9, 9, 1)), 3, 0, ValueError, "stride is 0"),
        (np.zeros((9, 9, 1)), 3.0, 1, TypeError, "size is 3.0"),
        (np.zeros((9, 9, 1)), 3, True, TypeError, "stride is True"),
        (np.zeros((9, 9, 1)), (3, 3, 3), 1, ValueError, "size is"),
    ],
)
def test_bad_windows_are_refused(image, size, stride, error, message):
    with pytest.raises(error, match=f"sliding_windows: .*{message}"):
        sliding_windows(image, size, stride)


# Pyramid


def test_varied_crops_differ_stay_in_range_and_repeat_with_the_seed():
    crops = np.stack([np.full((25, 25, 1), value) for value in (0.3, 0.7)])
    many = varied(crops, 400, size=24, seed=0)
    assert many.shape == (400, 24, 24, 1) and many.dtype == np.float32
    assert many.min() >= 0 and many.max() <= 1
    np.testing.assert_allclose(many, varied(crops, 400, size=24, seed=0), atol=1e-6)
    other = varied(crops, 400, size=24, seed=1)
    assert np.abs(many - other).mean() > 0.05
    # Even crops stay even: no black comes in at the border. Their light differs, within bounds.
    assert np.ptp(many, axis=(1, 2, 3)).max() < 1e-4
    levels = many[:, 0, 0, 0]
    assert levels.min() < 0.15 and levels.max() > 0.85  # 0.5 ± (0.2 · 1.4 + 0.15)
    assert levels.min() >= 0.5 - 0.43 - 1e-4 and levels.max() <= 0.5 + 0.43 + 1e-4
    assert np.mean(levels < 0.5) == pytest.approx(0.5, abs=0.1)  # either crop as often


def test_varied_crops_are_mirrored_and_shifted():
    ramp = np.broadcast_to(np.linspace(0.3, 0.7, 25, dtype="float32"), (1, 25, 25))[..., np.newaxis]
    many = varied(ramp, 200, size=24, seed=0)
    rises = many[:, 12, 20, 0] > many[:, 12, 3, 0]
    assert 0.3 < rises.mean() < 0.7


@pytest.mark.parametrize(
    "crops, changes, error, words",
    [
        (np.zeros((25, 25, 1)), {}, ValueError, r"crops have shape \(25, 25, 1\)"),
        (np.zeros((0, 25, 25, 1)), {}, ValueError, r"crops have shape \(0, 25, 25, 1\)"),
        (np.zeros((1, 25, 25, 1)), {"n": 0}, ValueError, "n is 0, it needs 1 or more"),
        (np.zeros((1, 25, 25, 1)), {"size": 2.5}, TypeError, "size is 2.5"),
        (np.zeros((1, 25, 25, 1)), {"size": 30}, ValueError, r"crop is \(30, 30\)"),
    ],
)
def test_crops_that_cannot_be_varied_are_refused(crops, changes, error, words):
    with pytest.raises(error, match=words):
        varied(crops, **{"n": 3, "size": 24, "seed": 0} | changes)


def test_a_level_has_the_image_scaled_by_window_over_size():
    image = picture(60, 90)
    same, half, double = pyramid(image, [20, 40, 10], 20)
    np.testing.assert_array_equal(same, image)
    assert half.shape == (30, 45, 3) and double.shape == (120, 180, 3)
    assert half.dtype == np.float32


def test_shrinking_averages_and_keeps_channels_apart():
    image = np.zeros((40, 40, 2), "float32")
    image[:, ::2, 0] = 1  # stripes of one pixel, which skipping would turn into all or nothing
    image[:20, :, 1] = 1
    (level,) = pyramid(image, [40], 10)
    np.testing.assert_allclose(level[2:-2, 2:-2, 0], 0.5, atol=0.02)
    np.testing.assert_allclose(level[:4, :, 1], 1, atol=1e-6)
    np.testing.assert_allclose(level[6:, :, 1], 0, atol=1e-6)


@pytest.mark.parametrize(
    "sizes, window, error, message",
    [
        ([], 10, ValueError, "sizes is"),
        (20, 10, ValueError, "sizes is 20"),
        ([20, 0], 10, ValueError, "sizes is 0"),
        ([20.0], 10, TypeError, "sizes is 20.0"),
        ([31], 10, ValueError, "at size 31 the window is 10×10, it needs to fit into 10×"),
        ([10_000], 10, ValueError, "needs to fit into 1×1"),
        ([20], (10, 30), ValueError, "at size 20 the window is 10×30"),
    ],
)
def test_levels_without_room_for_a_window_are_refused(sizes, window, error, message):
    with pytest.raises(error, match=f"pyramid: .*{message}"):
        pyramid(np.zeros((32, 29, 1)), sizes, window)


# The convolutional form


@pytest.mark.parametrize("size, positions", [(14, 1), (16, 2), (28, 8)])
def test_the_lectures_maps(size, positions):
    shapes = assert_equals_crops(lecture_network(), picture(size, size), (2, 2))
    assert shapes == ((positions, positions), (positions, positions))


def test_the_lectures_layers():
    model = lecture_network()
    form = convolutional(model)
    shapes = {layer.name: [w.shape for w in layer.get_weights()] for layer in form.layers}
    assert shapes["dense1"] == [(5, 5, 16, 400), (400,)]  # 400 filters of 5×5×16
    assert shapes["dense2"] == [(1, 1, 400, 400), (400,)]
    assert shapes["output"] == [(1, 1, 400, 4), (4,)]
    assert form.count_params() == model.count_params()
    for name in ("conv", "dense1", "dense2", "output"):
        for ours, theirs in zip(
            form.get_layer(name).get_weights(), model.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours.ravel(), theirs.ravel())
    assert tuple(receptive_field(form, "output")) == ((14, 14), (2, 2), (0, 0))


def test_an_answer_depends_on_the_cells_that_a_change_of_pixels_reaches():
    """Counted by loops: which cells of each map change with the window of the last answer."""
    anywhere, names = convolutional(lecture_network()), ["conv", "pool", "dense1", "output"]
    found = cells_by_layer(anywhere, 18, names)
    assert found == [
        *(("picture", 18, 14, 2), ("conv", 14, 10, 2), ("pool", 7, 5, 1)),
        *(("dense1", 3, 1, 1), ("output", 3, 1, 1)),
    ]
    maps = keras.Model(anywhere.inputs[0], [anywhere.get_layer(name).output for name in names[:2]])
    page = picture(18, 18)
    page[:4] = page[:, :4] = 0
    other = page.copy()
    other[4:, 4:] += 1  # the window of the answer in row 2, column 2
    conv, pool = (
        np.abs(keras.ops.convert_to_numpy(one) - keras.ops.convert_to_numpy(two))[0].max(axis=-1)
        for one, two in zip(maps(page[np.newaxis]), maps(other[np.newaxis]), strict=True)
    )
    assert (conv[4:, 4:] > 0).all() and conv.shape == (14, 14)
    assert (pool[2:, 2:] > 0).all() and pool.shape == (7, 7)


def test_a_picture_smaller_than_a_window_has_no_answers():
    with pytest.raises(ValueError, match="cells_by_layer: side is 13, a window needs 14 pixels"):
        cells_by_layer(convolutional(lecture_network()), 13, ["pool", "output"])


def test_training_the_one_leaves_the_other():
    model = lecture_network()
    form = convolutional(model)
    before = answers(form, picture(16, 16)[np.newaxis])
    model.get_layer("conv").set_weights([0 * w for w in model.get_layer("conv").get_weights()])
    np.testing.assert_array_equal(answers(form, picture(16, 16)[np.newaxis]), before)


BEFORE_FLATTEN = (
    lambda rng: layers.Conv2D(3, (2, 1), strides=rng.integers(1, 3).item(), activation="relu"),
    lambda rng: layers.Conv2D(2, 3, use_bias=False),
    lambda rng: layers.Conv2D(2, 2, dilation_rate=2, activation="tanh"),
    lambda rng: layers.DepthwiseConv2D(2, depth_multiplier=2),
    lambda rng: layers.SeparableConv2D(2, 2),
    lambda rng: layers.MaxPooling2D(2),
    lambda rng: layers.AveragePooling2D((1, 2)),
    lambda rng: layers.BatchNormalization(),
    lambda rng: layers.LayerNormalization(),
    lambda rng: layers.Dropout(0.5),
    lambda rng: layers.LeakyReLU(),
    lambda rng: layers.Dense(2),
)
BEHIND_FLATTEN = (
    lambda rng: layers.Dense(3, activation="relu"),
    lambda rng: layers.Dense(2, use_bias=False),
    lambda rng: layers.Dropout(0.3),
    lambda rng: layers.BatchNormalization(),
    lambda rng: layers.ReLU(),
)


@settings(max_examples=8, phases=[Phase.generate])  # a smaller failing network is seldom clearer
@given(st.integers(0, 10**6))
def test_every_position_of_a_random_network_equals_its_crop(seed):
    rng = np.random.default_rng(seed)
    before = [make(rng) for make in rng.choice(BEFORE_FLATTEN, 3)]
    behind = [make(rng) for make in rng.choice(BEHIND_FLATTEN, 2)]
    body = [*before, layers.Flatten(), layers.Dropout(0.5), layers.Dense(3), *behind]
    model = network(*body, layers.Dense(2), shape=(13, 15, 2), seed=seed)
    form = convolutional(model)
    down, right = receptive_field(form, form.layers[-1].name).stride
    image = picture(13 + down, 15 + 2 * right, 2)
    crops, _ = sliding_windows(image, (13, 15), (down, right))
    given_at = answers(form, image[np.newaxis])[0, :2, :3]
    np.testing.assert_allclose(given_at.reshape(6, 2), answers(model, crops), rtol=1e-5, atol=1e-5)


def test_a_functional_chain_with_a_model_within():
    inside = keras.Sequential(
        [keras.Input((12, 12, 2)), layers.Conv2D(3, 3, name="inner"), layers.MaxPooling2D(2)]
    )
    inputs = keras.Input((12, 12, 2))
    x = layers.Flatten()(inside(inputs))
    x = layers.Activation("relu")(x)
    model = randomized(keras.Model(inputs, layers.Dense(2, activation="softmax")(x)))
    assert assert_equals_crops(model, picture(16, 20, 2), (2, 2)) == ((3, 5), (3, 5))


def test_a_map_of_one_position_keeps_everything_behind_flatten():
    model = network(
        layers.Conv2D(4, 6),
        layers.Flatten(),
        layers.BatchNormalization(),
        layers.Softmax(),
        layers.Dense(2),
        shape=(6, 6, 1),
    )
    assert assert_equals_crops(model, picture(9, 8, 1), (1, 1)) == ((4, 3), (4, 3))


def test_pixels_that_pooling_leaves_out_give_the_map_room_for_more_windows():
    model = network(
        layers.Conv2D(2, 3), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(2),
        shape=(9, 9, 1),
    )  # fmt: skip
    assert assert_equals_crops(model, picture(10, 10, 1), (2, 2)) == ((2, 2), (1, 1))
    form = convolutional(model)
    assert receptive_field(form, form.layers[-1].name).size == (8, 8)


def test_lenet5_reads_a_larger_page():
    model = randomized(lenet5())
    assert assert_equals_crops(model, picture(41, 36, 1), (4, 4)) == ((3, 2), (3, 2))


def test_it_saves_and_reloads(tmp_path):
    form = convolutional(lecture_network())
    form.save(tmp_path / "form.keras")
    image = picture(20, 18)[np.newaxis]
    again = keras.models.load_model(tmp_path / "form.keras")
    np.testing.assert_allclose(answers(again, image), answers(form, image), rtol=0, atol=1e-6)


REFUSED = [
    ([layers.Conv2D(2, 3, padding="same", name="c")], "'c' (Conv2D) has padding 'same'"),
    ([layers.MaxPooling2D(2, padding="same", name="p")], "'p' (MaxPooling2D) has padding 'same'"),
    ([layers.AveragePooling2D(2, padding="same", name="p")], "'p' (AveragePooling2D) has padd"),
    ([layers.SeparableConv2D(2, 3, padding="same", name="c")], "'c' (SeparableConv2D) has pad"),
    ([layers.ZeroPadding2D(1, name="z")], "'z' (ZeroPadding2D) has no rule"),
    ([layers.UpSampling2D(2, name="u")], "'u' (UpSampling2D) has no rule"),
    ([layers.Conv2DTranspose(2, 3, name="t")], "'t' (Conv2DTranspose) has no rule"),
    ([layers.GroupNormalization(1, name="g")], "'g' (GroupNormalization) looks at the whole map"),
    ([layers.BatchNormalization(axis=1, name="b")], "'b' (BatchNormalization) works along axis"),
    ([layers.LayerNormalization(axis=(1, 2), name="n")], "'n' (LayerNormalization) works along"),
    ([layers.Softmax(axis=1, name="s")], "'s' (Softmax) works along axis [1]"),
    ([layers.RandomFlip(name="r")], "'r' (RandomFlip) has no rule"),
]
REFUSED_BEHIND_FLATTEN = [
    ([layers.BatchNormalization(name="b")], "'b' (BatchNormalization) mixes or tells apart"),
    ([layers.Softmax(name="s")], "'s' (Softmax) mixes or tells apart"),
    ([layers.Activation("softmax", name="a")], "'a' (Activation) mixes or tells apart"),
    ([layers.Reshape((6, -1), name="r"), layers.Flatten()], "'r' (Reshape) has no rule"),
    ([layers.Reshape((6, -1), name="r"), layers.LSTM(3)], "'r' (Reshape) has no rule"),
]


@pytest.mark.parametrize("body, message", REFUSED)
def test_layers_whose_answer_depends_on_the_border_are_refused_by_name(body, message):
    model = network(*body, layers.Flatten(), layers.Dense(2), shape=(6, 6, 2))
    with pytest.raises(ValueError) as error:
        convolutional(model)
    assert f"convolutional: layer {message}" in str(error.value)


@pytest.mark.parametrize("body, message", REFUSED_BEHIND_FLATTEN)
def test_layers_that_mix_what_flatten_laid_out_are_refused_by_name(body, message):
    model = network(layers.Flatten(), *body, layers.Dense(2), shape=(6, 6, 2))
    with pytest.raises(ValueError) as error:
        convolutional(model)
    assert f"convolutional: layer {message}" in str(error.value)


@pytest.mark.parametrize("pooling", [layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D])
def test_global_pooling_is_refused_by_name(pooling):
    model = network(layers.Conv2D(2, 3), pooling(name="g"), layers.Dense(2))
    with pytest.raises(ValueError, match=r"layer 'g' .* looks at the whole map"):
        convolutional(model)


def test_branches_are_refused_by_the_layer_that_joins_them():
    inputs = keras.Input((6, 6, 2))
    joined = layers.Add(name="sum")([layers.Conv2D(2, 1)(inputs), inputs])
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(joined)))
    with pytest.raises(ValueError, match=r"layer 'sum' \(Add\) joins branches"):
        convolutional(model)
    with pytest.raises(ValueError, match="joins branches"):
        convolutional(resnet(18, input_shape=(64, 64, 3), classes=2))


def test_a_layer_in_two_places_is_refused_by_name():
    inputs = keras.Input((6, 6, 2))
    twice = layers.Conv2D(2, 1, name="twice")
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(twice(twice(inputs)))))
    with pytest.raises(ValueError, match=r"layer 'twice' .* more than once"):
        convolutional(model)


def test_other_models_are_refused():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    two = [keras.Input((4, 4, 1), name=name) for name in "ab"]
    sequence = keras.Sequential([keras.Input((5, 3)), layers.LSTM(2)])
    for model, error, message in (
        ("a word", TypeError, "model is a str"),
        (keras.Sequential([layers.Dense(2)]), ValueError, "to be built"),
        (Subclassed(), ValueError, "to be built"),
        (keras.Model(two, layers.Add()(two)), ValueError, "has 2 inputs and 1 outputs"),
        (keras.Model(two[0], [two[0], two[0]]), ValueError, "1 inputs and 2 outputs"),
        (sequence, ValueError, r"takes \(5, 3\), it needs \(height, width, channels\)"),
        (network(layers.Flatten()), ValueError, "ends with 14×14 positions in a row"),
    ):
        with pytest.raises(error, match=f"convolutional: .*{message}"):
            convolutional(model)


# Detection


def bright_square_finder(side=6):
    """Scores a window by how bright its middle is and how dark its border: no training needed."""
    model = keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Conv2D(2, 1),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    kernel = np.full((3, 3, 2, 1), -2.0)
    kernel[1, 1] = 8.0
    weights = [np.ones((1, 1, 1, 2)), np.zeros(2), kernel.reshape(-1, 1), np.full(1, -6.0)]
    model.set_weights(weights)
    return model


def page_with_squares():
    page = np.zeros((40, 60, 1), "float32")
    page[4:6, 6:8] = 1  # seen whole by the window of 6 at (2, 4)
    page[16:24, 24:32] = 1  # seen whole by the window of 24 at (8, 16)
    return page


@pytest.mark.parametrize("form, stride", [(lambda model: model, 2), (convolutional, None)])
def test_it_finds_squares_of_two_sizes_where_they_are(form, stride):
    model = form(bright_square_finder())
    found = detect(model, page_with_squares(), sizes=[6, 24], stride=stride, threshold=0.9)
    expected = [[4, 2, 10, 8], [16, 8, 40, 32]]
    order = np.argsort(found["boxes"][:, 0])
    np.testing.assert_allclose(found["boxes"][order], expected, atol=1e-4)
    assert found["labels"].tolist() == [0, 0]
    assert found["boxes"].dtype == np.float32 and found["labels"].dtype == np.int64


def test_crops_and_map_give_the_same_detections():
    model = lecture_network()
    image = picture(40, 48)
    arguments = {"sizes": [14, 20, 31], "threshold": 0.3, "iou_threshold": 0.4, "background": 3}
    by_crops = detect(model, image, stride=2, batch_size=7, **arguments)
    by_map = detect(convolutional(model), image, **arguments)
    assert len(by_crops["scores"]) > 3
    assert (np.diff(by_crops["scores"]) <= 0).all() and by_crops["scores"].min() > 0.3
    assert 3 not in by_crops["labels"]
    for key in ("boxes", "scores", "labels"):
        np.testing.assert_allclose(by_map[key], by_crops[key], rtol=0, atol=1e-5)
    for label in range(3):  # non-max suppression within each class
        boxes = by_crops["boxes"][by_crops["labels"] == label]
        assert (iou(boxes, boxes) - np.eye(len(boxes))).max(initial=0) <= 0.4 + 1e-6


def test_nothing_above_the_threshold_gives_empty_arrays():
    found = detect(bright_square_finder(), np.zeros((20, 20, 1)), sizes=[6], stride=2)
    assert [found[key].shape for key in ("boxes", "scores", "labels")] == [(0, 4), (0,), (0,)]


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"model": "a word"}, TypeError, "model is a str"),
        ({"model": keras.Sequential([layers.Dense(1)])}, ValueError, "needs to be built"),
        ({"image": np.zeros((20, 20, 3))}, ValueError, "image has 3 channels, .* needs 1"),
        ({"image": np.zeros((20, 20))}, ValueError, "image has shape"),
        ({"image": np.full((20, 20, 1), np.inf)}, ValueError, "not finite"),
        ({"stride": None}, ValueError, "stride is None, .* needs one"),
        ({"stride": 0}, ValueError, "stride is 0"),
        ({"sizes": []}, ValueError, "sizes is"),
        ({"sizes": [50]}, ValueError, "needs to fit into"),
        ({"threshold": 1.5}, ValueError, "threshold is 1.5"),
        ({"iou_threshold": -0.1}, ValueError, "iou_threshold is -0.1"),
        ({"background": 0}, ValueError, "background is 0, .* has 1"),
    ],
)
def test_bad_searches_are_refused(changes, error, message):
    arguments = {
        "model": bright_square_finder(),
        "image": np.zeros((20, 20, 1), "float32"),
        "sizes": [6],
        "stride": 2,
    } | changes
    with pytest.raises(error, match=message):
        detect(arguments.pop("model"), arguments.pop("image"), **arguments)


def test_the_convolutional_form_has_its_own_stride_and_no_padding():
    with pytest.raises(ValueError, match=r"stride is 2, .* has its own: leave it out"):
        detect(convolutional(bright_square_finder()), np.zeros((20, 20, 1)), sizes=[6], stride=2)
    padded = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(1, 3, padding="same")])
    with pytest.raises(ValueError, match="pads pictures with zeros"):
        detect(padded, np.zeros((20, 20, 1)), sizes=[6])


def test_a_background_has_to_be_a_class():
    for background in (4, -1, True, "street"):
        with pytest.raises(ValueError, match=r"background is .* the network has 4"):
            detect(lecture_network(), picture(14, 14), sizes=[14], stride=2, background=background)
