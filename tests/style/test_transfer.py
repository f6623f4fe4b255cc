"""The transfer: what it lowers, what it leaves alone, and what it does not take."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from cnnlib import style
from cnnlib.style import StyleTransfer
from cnnlib.training.gradients import KeepGradients

RANDOM = np.random.default_rng(0)
CONTENT, STYLE = RANDOM.random((12, 16, 3)), RANDOM.random((9, 11, 3)) ** 2
LAYERS = {"content_layer": "second", "style_layers": ["first", "second"]}


def network(activation="relu", size=None):
    keras.utils.set_random_seed(0)
    image = keras.Input((size, size, 3))
    x = layers.Conv2D(4, 3, padding="same", activation=activation, name="first")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Conv2D(6, 3, padding="same", activation=activation, name="second")(x)
    x = layers.Conv2D(5, 3, padding="same", activation=activation, name="third")(x)
    return keras.Model(image, layers.GlobalAveragePooling2D(name="mean")(x))


def transfer(**arguments):
    return StyleTransfer(CONTENT, STYLE, **{"network": network(), **LAYERS, **arguments})


def answers(model, image, names=("first", "second")):
    """Of the layers, (height, width, channels) each."""
    cut = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])
    return [
        ops.convert_to_numpy(a)[0] for a in cut(image[np.newaxis].astype("float32"), training=False)
    ]


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_both_optimizers_lower_the_cost(optimizer):
    made = transfer()
    before = made.costs(made.image)
    image, history = made.fit(30, optimizer=optimizer, learning_rate=0.05)
    after = made.costs(image)
    assert after["cost"] < before["cost"] / 2
    assert history["cost"][0] == pytest.approx(before["cost"], rel=1e-4)
    assert len(history["cost"]) == 30
    assert image.shape == CONTENT.shape and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1
    np.testing.assert_array_equal(image, made.image)


def test_lbfgs_gives_the_best_picture_it_tried():
    made = transfer()
    image, history = made.fit(7, optimizer="lbfgs")
    assert len(history["cost"]) == 7
    assert made.costs(image)["cost"] == pytest.approx(min(history["cost"]), rel=1e-4)


def test_lbfgs_ends_where_there_is_nothing_to_gain():
    image, history = transfer(beta=0).fit(20, optimizer="lbfgs")
    assert history["cost"] == [0]
    np.testing.assert_array_equal(image, CONTENT.astype("float32"))


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_the_network_is_frozen_and_the_image_the_only_trainable_weight(optimizer):
    given = network()
    before, trainable = given.get_weights(), [layer.trainable for layer in given.layers]
    made = transfer(network=given)
    (picture,) = made.canvas.trainable_weights
    assert picture.shape == (1, *CONTENT.shape)
    inside = made.canvas.network.get_weights()
    assert len(inside) > 0
    made.fit(5, optimizer=optimizer)
    for mine, after in zip(inside, made.canvas.network.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, after)
    for mine, after in zip(before, given.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, after)
    assert [layer.trainable for layer in given.layers] == trainable
    assert (made.image != CONTENT).any()


def test_the_network_is_cut_after_the_deepest_layer_asked_for():
    names = {layer.name for layer in transfer().canvas.network.layers}
    assert "second" in names and "third" not in names


@pytest.mark.parametrize("scale", style.SCALES)
def test_costs_are_those_of_the_functions(scale):
    weights = {"first": 0.25, "second": 0.5}
    arguments = {"alpha": 3, "beta": 7, "variation": 0.5, "scale": scale, "style_layers": weights}
    made = transfer(**arguments)
    image = RANDOM.random(CONTENT.shape)
    given = network()
    of_content, of_style, of_image = (answers(given, x) for x in (CONTENT, STYLE, image))
    content = float(style.content_cost(of_content[1], of_image[1], scale=scale))
    in_layers = [
        float(style.style_cost(a, b, scale=scale)) for a, b in zip(of_style, of_image, strict=True)
    ]
    variation = float(style.total_variation(image)) / (CONTENT.shape[0] * CONTENT.shape[1])
    expected = {
        "content": content,
        "style": 0.25 * in_layers[0] + 0.5 * in_layers[1],
        "variation": variation,
    }
    expected["cost"] = style.total_cost(content, expected["style"], alpha=3, beta=7)
    expected["cost"] += 0.5 * variation
    assert made.costs(image) == pytest.approx(expected, rel=1e-4)


def gradient(made):
    keeper = KeepGradients()
    made.canvas.compile(keeper)
    made.canvas.step()
    return ops.convert_to_numpy(keeper.gradient(made.canvas.picture))[0].astype(float)


def test_the_gradient_is_that_of_finite_differences():
    """Along random directions, in a smooth network; float32 leaves three digits."""
    start = 0.2 + 0.6 * RANDOM.random(CONTENT.shape)
    made = transfer(network=network("tanh"), start=start, variation=0.1)
    slope = gradient(made)
    for _ in range(4):
        direction = RANDOM.normal(size=CONTENT.shape)
        ahead, behind = (made.costs(start + e * direction)["cost"] for e in (5e-3, -5e-3))
        assert np.sum(slope * direction) == pytest.approx(
            (ahead - behind) / 1e-2, rel=2e-2, abs=2e-2
        )


def test_the_gradient_of_the_style_is_that_of_the_paper():
    """Equation 6 of Gatys 2015, for a network that hands the pixels on; rows of F are channels."""
    image = keras.Input((None, None, 3))
    pixels = keras.Model(image, layers.Rescaling(1.0, name="pixels")(image))
    made = StyleTransfer(
        CONTENT, CONTENT[::2] ** 2, content_layer="pixels", style_layers=["pixels"],
        network=pixels, alpha=0, beta=1, scale="gatys",
    )  # fmt: skip
    places = CONTENT.shape[0] * CONTENT.shape[1]
    f = CONTENT.reshape(places, 3).T
    wanted = (CONTENT[::2] ** 2).reshape(-1, 3).T
    difference = f @ f.T / places - wanted @ wanted.T / wanted.shape[1]
    expected = (difference @ f).T / (9 * places)
    np.testing.assert_allclose(gradient(made), expected.reshape(CONTENT.shape), rtol=1e-3)


@pytest.mark.tensorflow
def test_adam_walks_as_in_plain_tensorflow():
    import tensorflow as tf

    made = transfer(alpha=1, beta=2, variation=0.1)
    _, history = made.fit(6, learning_rate=0.05)
    cut = network()
    cut = keras.Model(cut.inputs[0], [cut.get_layer(name).output for name in ("first", "second")])
    cut.trainable = False

    def gram(a):
        flat = tf.reshape(a, (-1, a.shape[-1]))
        return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[0], tf.float32)

    target = cut(CONTENT[np.newaxis].astype("float32"))[1]
    wanted = [gram(a) for a in cut(STYLE[np.newaxis].astype("float32"))]
    image = tf.Variable(CONTENT[np.newaxis].astype("float32"))
    optimizer = tf.keras.optimizers.Adam(0.05)
    for cost in history["cost"]:
        with tf.GradientTape() as tape:
            given = cut(image)
            total = tf.reduce_sum((given[1] - target) ** 2) / tf.reduce_sum(target**2)
            for a, g in zip(given, wanted, strict=True):
                total += tf.reduce_sum((gram(a) - g) ** 2) / tf.reduce_sum(g**2)
            total += 0.1 * tf.image.total_variation(image)[0] / (12 * 16)
        assert cost == pytest.approx(float(total), rel=1e-4)
        optimizer.apply_gradients([(tape.gradient(total, image), image)])
        image.assign(tf.clip_by_value(image, 0, 1))
    np.testing.assert_allclose(made.image, image[0], atol=1e-3)


def test_content_alone_from_noise_comes_nearer_to_the_content():
    made = transfer(alpha=1, beta=0, start="noise", seed=3)
    start = made.image
    image, history = made.fit(60, optimizer="lbfgs")
    assert history["content"][-1] < 0.1 * history["content"][0]
    assert np.abs(image - CONTENT).mean() < 0.8 * np.abs(start - CONTENT).mean()


def test_where_it_starts():
    content = CONTENT.astype("float32")
    np.testing.assert_array_equal(transfer().image, content)
    np.testing.assert_array_equal(transfer(start=CONTENT[::-1]).image, content[::-1])
    noise, again, other = (transfer(start="noise", seed=seed).image for seed in (1, 1, 2))
    np.testing.assert_array_equal(noise, again)
    assert (noise != other).any() and 0.4 <= noise.min() < noise.max() <= 0.6


def test_fit_goes_on_from_where_it_ended():
    made = transfer()
    image, _ = made.fit(5)
    _, history = made.fit(1)
    assert history["cost"][0] == pytest.approx(made.costs(image)["cost"], rel=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_snapshots_are_the_pictures_before_the_steps(optimizer):
    made = transfer()
    start = made.image
    _, history = made.fit(7, optimizer=optimizer, every=3)
    assert list(made.snapshots) == [0, 3, 6]
    np.testing.assert_array_equal(made.snapshots[0], start)
    for step, picture in made.snapshots.items():
        assert made.costs(picture)["cost"] == pytest.approx(history["cost"][step], rel=1e-3)
    made.fit(1)
    assert made.snapshots == {}


def test_layers_given_as_a_list_share_one_and_a_weight_of_zero_leaves_a_layer_out():
    shared = transfer().layer_weights
    assert shared == {"first": 0.5, "second": 0.5}
    alone = transfer(style_layers=["first"]).costs(CONTENT)
    weighted = transfer(style_layers={"first": 1, "second": 0}).costs(CONTENT)
    assert weighted == pytest.approx(alone)


def test_variation_makes_the_picture_smoother():
    rough, smooth = (transfer(variation=weight).fit(30)[0] for weight in (0, 50))
    assert float(style.total_variation(smooth)) < 0.8 * float(style.total_variation(rough))


def test_any_size_even_one_pixel():
    tiny = StyleTransfer(CONTENT[:1, :1], STYLE[:, :1], network=network(), **LAYERS)
    image, history = tiny.fit(2)
    assert image.shape == (1, 1, 3) and np.isfinite(history["cost"]).all()


def test_a_network_made_for_one_size_takes_any():
    made_for = network(size=8)
    assert made_for.input_shape == (None, 8, 8, 3)
    image, _ = transfer(network=made_for).fit(1)
    assert image.shape == CONTENT.shape


def test_the_network_that_ships():
    made = StyleTransfer(CONTENT, STYLE)
    assert made.layer_weights == style.STYLE_LAYERS
    assert sum(style.STYLE_LAYERS.values()) == pytest.approx(1)
    _, history = made.fit(3)
    assert history["cost"][2] < history["cost"][0]
    assert history["content"][0] == pytest.approx(0, abs=1e-9)  # two compilations may round apart
    assert history["content"][1] > 1e-6


def test_the_bar_can_be_left_out(capsys):
    transfer().fit(2)
    assert "0/2" in capsys.readouterr().err
    transfer().fit(2, progress=False)
    assert capsys.readouterr().err == ""


DARK = {"network": network(), "scale": "relative", **LAYERS}


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, r"content has shape \(12, 16\), .*gray picture needs its channel three times",
         {"content": CONTENT[..., 0]}),
        (ValueError, r"content has shape \(12, 16, 4\), .*leave out the alpha channel",
         {"content": np.ones((12, 16, 4))}),
        (ValueError, r"style has shape \(9, 11, 1\), .*gray", {"style": STYLE[..., :1]}),
        (ValueError, r"style has shape \(0, 11, 3\)", {"style": STYLE[:0]}),
        (ValueError, "style holds nan, it needs 0 to 1", {"style": STYLE * np.nan}),
        (ValueError, "content holds inf", {"content": CONTENT * np.inf}),
        (ValueError, "content holds 255, it needs 0 to 1",
         {"content": np.full((2, 2, 3), 255, np.uint8)}),
        (TypeError, "content holds bool", {"content": CONTENT > 0}),
        (ValueError, r"no layer 'conv9', the network has \['first', 'norm', 'second', 'third'\]",
         {"content_layer": "conv9"}),
        (ValueError, r"no layer 'mean', the network has \['first'", {"style_layers": ["mean"]}),
        (TypeError, "style_layers is 'first', it needs a list or dict", {"style_layers": "first"}),
        (ValueError, r"style_layers is \[\], it needs one or more", {"style_layers": []}),
        (ValueError, "all different", {"style_layers": ["first", "first"]}),
        (ValueError, r"style_layers\['first'\] is -1", {"style_layers": {"first": -1}}),
        (ValueError, "alpha is -1, it needs to be finite, 0 or more", {"alpha": -1}),
        (ValueError, "beta is nan", {"beta": np.nan}),
        (TypeError, "variation is None, it needs a number", {"variation": None}),
        (ValueError, "alpha and beta are both 0", {"alpha": 0, "beta": 0}),
        (ValueError, "scale is 'lecture', it needs one of", {"scale": "lecture"}),
        (ValueError, "start is 'zeros', it needs 'content', 'noise' or a picture",
         {"start": "zeros"}),
        (ValueError, r"start has shape \(9, 11, 3\), it needs \(12, 16, 3\)", {"start": STYLE}),
        (TypeError, "network is 'vgg19', it needs a keras.Model", {"network": "vgg19"}),
    ],
)  # fmt: skip
def test_bad_input_raises_at_once(error, words, arguments):
    given = {"content": CONTENT, "style": STYLE, **DARK, **arguments}
    with pytest.raises(error, match=words):
        StyleTransfer(given.pop("content"), given.pop("style"), **given)


def test_a_layer_that_answers_with_zeros_has_no_relative_cost():
    dead = network()
    dead.get_layer("first").set_weights([np.zeros((3, 3, 3, 4)), -np.ones(4)])
    with pytest.raises(ValueError, match="content in second is zero everywhere"):
        transfer(network=dead)
    assert transfer(network=dead, scale="course").costs(CONTENT)["content"] == 0


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "steps is 0, it needs 1 or more", {"steps": 0}),
        (TypeError, "steps is 2.5, it needs a whole number", {"steps": 2.5}),
        (TypeError, "every is True", {"steps": 1, "every": True}),
        (ValueError, "optimizer is 'sgd', it needs 'adam' or 'lbfgs'",
         {"steps": 1, "optimizer": "sgd"}),
        (ValueError, "learning_rate is 0, it needs to be more", {"steps": 1, "learning_rate": 0}),
        (ValueError, "learning_rate is -1", {"steps": 1, "learning_rate": -1}),
    ],
)  # fmt: skip
def test_fit_refuses_what_it_cannot_do(error, words, arguments):
    with pytest.raises(error, match=words):
        transfer().fit(**arguments)


def test_costs_refuse_a_picture_of_another_size():
    with pytest.raises(ValueError, match=r"image has shape \(9, 11, 3\), it needs \(12, 16, 3\)"):
        transfer().costs(STYLE)
