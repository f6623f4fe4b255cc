"""Networks as volumes: what is drawn is to scale, what is written is what the network has."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

from cnnlib import plots
from cnnlib.arithmetic import LayerRow
from cnnlib.models import lenet5
from cnnlib.plots.architectures import THICKNESS


def parts(picture, kind):
    return [patch for patch in picture.axes[0].patches if type(patch) is kind]


def fronts(picture):
    """(thickness, height) of the front of each box."""
    corners = [np.array(patch.get_xy()[:4]) for patch in parts(picture, Polygon)[::3]]
    return [np.ptp(front, axis=0) for front in corners]


def texts(picture):
    return [text.get_text() for text in picture.axes[0].texts]


def branched():
    """A pooled map, two branches joined, a shortcut added, and a second output at the side."""
    x = keras.Input((16, 16, 3), name="input")
    y = layers.Conv2D(8, 3, padding="same", name="conv")(x)
    side = layers.Dense(5, name="side")(layers.Flatten()(y))
    y = layers.MaxPooling2D(2, name="pool")(y)
    left = layers.Conv2D(4, 1, name="left")(y)
    right = layers.Conv2D(12, (1, 3), padding="same", name="right")(y)
    y = layers.Concatenate(name="joined")([left, right])
    y = layers.MaxPooling2D(2, name="smaller")(y)
    y = layers.Add(name="added")([y, layers.Conv2D(16, 1, name="again")(y)])
    y = layers.Dense(3, name="output")(layers.GlobalAveragePooling2D(name="mean")(y))
    return keras.Model(x, [side, y], name="branched")


def test_height_is_to_scale_and_thickness_is_the_root_of_the_channels():
    picture = plots.architecture(lenet5())
    boxes = np.array(fronts(picture))
    shapes = np.array([(32, 1), (28, 6), (14, 6), (10, 16), (5, 16)])
    np.testing.assert_allclose(boxes[:, 1] / boxes[0, 1], shapes[:, 0] / 32)
    np.testing.assert_allclose(boxes[:, 0], THICKNESS * shapes[:, 1] ** 0.5)
    lines = [np.ptp(line.get_xdata()) for line in picture.axes[0].lines]
    np.testing.assert_allclose(lines, THICKNESS * np.array([120, 84, 10]) ** 0.5)
    assert "square root of the channels" in texts(picture)[-1]


def test_names_every_stage_in_picture_and_words():
    picture = plots.architecture(lenet5())
    for words in ("32 × 32 × 1", "28 × 28 × 6", "conv 5×5", "max pool 2×2", "120", "dense"):
        assert words in texts(picture)
    assert "10 × 10 × 16 (conv 5×5), then 5 × 5 × 16 (max pool 2×2)" in picture.alt


def test_branches_shortcuts_and_side_outputs():
    picture = plots.architecture(branched())
    assert "8 × 8 × 16 (max pool 2×2, conv 1×1, conv 1×3, concatenation)" in picture.alt
    assert "4 × 4 × 16 (max pool 2×2, conv 1×1, addition)" in picture.alt
    assert (
        picture.alt.endswith("1 further outputs are not drawn") and "5 (dense)" not in picture.alt
    )
    bands = [band.get_width() for band in parts(picture, Rectangle)]
    np.testing.assert_allclose(bands[0] / bands[1], 4 / 12)
    np.testing.assert_allclose(sum(bands), THICKNESS * 4)
    assert len(parts(picture, FancyArrowPatch)) == 1
    assert texts(picture)[-1].endswith("arc: shortcuts, added; colors: branches side by side")


def test_a_long_stage_is_one_box_and_a_short_one_shows_each_convolution():
    def chain(length):
        convolutions = [layers.Conv2D(4, 3, padding="same") for _ in range(length)]
        return plots.architecture(keras.Sequential([keras.Input((8, 8, 3)), *convolutions]))

    assert len(fronts(chain(4))) == 1 + 4
    assert len(fronts(chain(40))) == 1 + 1
    assert "40 conv 3×3" in texts(chain(40))


def test_maps_that_shrink_by_missing_borders_stay_in_one_stage():
    chain = [layers.Conv2D(4, 3), layers.Conv2D(6, 3), layers.Conv2D(8, 7)]
    picture = plots.architecture(keras.Sequential([keras.Input((32, 32, 3)), *chain]))
    assert "28 × 28 × 6 (2 conv 3×3), then 22 × 22 × 8 (conv 7×7)" in picture.alt


def test_channels_that_differ_are_listed_and_dense_layers_lie_above_each_other():
    chain = [layers.Conv2D(count, 3, padding="same") for count in (6, 6, 4)]
    dense = [layers.Flatten(), layers.Dense(5), layers.Dense(5), layers.Dense(2)]
    picture = plots.architecture(keras.Sequential([keras.Input((8, 8, 3)), *chain, *dense]))
    assert "8 × 8 × 6, 6, 4 (3 conv 3×3), then 5 (2 dense), then 2 (dense)" in picture.alt
    lines = [line.get_xydata() for line in picture.axes[0].lines]
    first, second, last = lines
    np.testing.assert_allclose(first[:, 0], second[:, 0])
    assert first[0, 1] > last[0, 1] > second[0, 1]


def test_a_model_within_the_model_is_opened():
    inner = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3)], name="inner")
    model = keras.Sequential([keras.Input((8, 8, 3)), inner, layers.Flatten(), layers.Dense(2)])
    assert "6 × 6 × 4 (conv 3×3), then 2 (dense)" in plots.architecture(model).alt


def test_words_do_not_overlap():
    picture = plots.architecture(branched())
    picture.canvas.draw()
    rows = {}
    for text in picture.axes[0].texts[:-1]:
        rows.setdefault(text.get_position()[1], []).append(text.get_window_extent())
    for boxes in rows.values():
        for left, right in itertools.pairwise(boxes):
            assert left.x1 < right.x0


def test_refuses_what_is_no_network_of_images():
    with pytest.raises(TypeError, match=r"it needs a keras\.Model"):
        plots.architecture([(8, 8, 3)])
    sequence = keras.Sequential([keras.Input((8, 3)), layers.Conv1D(4, 3, name="row")])
    with pytest.raises(ValueError, match=r"^architecture: layer 'row' gives \(6, 4\), it needs"):
        plots.architecture(sequence)


def row(name, kind, shape, parameters, multiplications):
    return LayerRow(name, kind, shape, int(np.prod(shape)), parameters, multiplications)


TABLES = {
    "small": [
        row("input", "InputLayer", (8, 8, 3), 0, 0),
        row("conv", "Conv2D", (8, 8, 4), 25, 900),
        row("pool", "MaxPooling2D", (4, 4, 4), 0, 0),
        row("flatten", "Flatten", (64,), 0, 0),
        row("dense", "Dense", (3,), 75, 100),
    ],
    "smaller": [
        row("input", "InputLayer", (4, 4, 1), 0, 0),
        row("conv", "Conv2D", (2, 2, 2), 50, 75),
        row("dense", "Dense", (3,), 50, 25),
    ],
}


def test_weights_and_work_divides_each_bar_by_kind():
    picture = plots.weights_and_work(TABLES)
    assert "25 and 75 % of small's weights, 90 and 10 % of small's work" in picture.alt
    (axes,) = picture.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    fields = ("weights", "work", "activations")
    assert names == [f"{name}: {field}" for name in TABLES for field in fields]
    widths = [[bar.get_width() for bar in bars] for bars in axes.containers]
    activations = np.array([[256, 3, 192 + 64 + 64], [8, 3, 16]])
    small, smaller = (100 * activations.T / activations.sum(1)).T
    np.testing.assert_allclose(widths[0], [25, 90, small[0], 50, 75, smaller[0]])
    np.testing.assert_allclose(widths[1], [75, 10, small[1], 50, 25, smaller[1]])
    np.testing.assert_allclose(widths[2], [0, 0, small[2], 0, 0, smaller[2]], atol=1e-9)
    ends = [bar.get_x() + bar.get_width() for bar in axes.containers[2]]
    np.testing.assert_allclose(ends, 100)
    assert axes.get_xlabel() == "percent of the network"
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first network stands at the top


def test_sides_and_channels_follows_the_maps_of_each_network():
    picture = plots.sides_and_channels(TABLES)
    assert "small from 8 pixels and 3 channels to 4 pixels and 4 channels" in picture.alt
    (axes,) = picture.axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert lines == {"small": [[8, 3], [8, 4], [4, 4]], "smaller": [[4, 1], [2, 2]]}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("side of the maps, pixels", "channels")
    left, right = axes.get_xlim()
    assert left > right  # maps shrink to the right


def test_sides_and_channels_names_a_layer_that_lowers_the_channels():
    narrow = row("narrow", "Conv2D", (4, 4, 2), 10, 10)
    (axes,) = plots.sides_and_channels({"small": [*TABLES["small"][:3], narrow]}).axes
    assert [(text.get_text(), text.xy) for text in axes.texts] == [("narrow", (4, 2))]
    assert not plots.sides_and_channels(TABLES).axes[0].texts


def test_normalized_channels_marks_who_was_loudest():
    before, after = np.array([1.0, 0, 900, 30]), np.array([1.0, 0, 8, 9])
    picture = plots.normalized_channels(before, after)
    assert "channel 2 with 900, is 8 after normalization, and 1 channels are larger" in picture.alt
    for axes, values in zip(picture.axes, (before, after), strict=True):
        assert [bar.get_height() for bar in axes.patches] == values.tolist()
        colors = [bar.get_facecolor() for bar in axes.patches]
        assert colors[2] not in (colors[0], colors[1], colors[3])
        assert colors[0] == colors[1] == colors[3]
    assert [axes.get_ylabel() for axes in picture.axes] == ["activation before", "activation after"]
