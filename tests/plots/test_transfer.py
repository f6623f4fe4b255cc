"""The pictures of transfer: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from cnnlib import plots
from cnnlib.plots.picture import BLUE, ORANGE


def test_color_filters_put_zero_at_gray_and_the_largest_weight_at_an_end():
    kernels = np.zeros((3, 3, 3, 5))
    kernels[0, 0, 0, 0] = 4  # red, alone
    kernels[1, 2, 2, 1] = -0.1  # less blue
    kernels[1, 2, 2, 4] = 1e-9  # as good as nothing
    picture = plots.color_filters(kernels, columns=4)
    assert picture.alt.startswith("5 filters of 3 by 3 weights")
    drawn = [np.asarray(axes.images[0].get_array()) for axes in picture.axes if axes.images]
    assert len(drawn) == 5
    np.testing.assert_allclose(drawn[0][0, 0], [1, 0.5, 0.5])
    np.testing.assert_allclose(drawn[1][1, 2], [0.5, 0.5, 0])
    np.testing.assert_allclose(drawn[4], 0.5, atol=1e-6)
    assert [axes.get_title() for axes in picture.axes[:5]] == list("01234")


def test_named_photos_draw_each_photo_over_its_likeliest_classes():
    photos = {"one": np.zeros((4, 4, 3)), "two": np.ones((4, 4, 3))}
    answers = [[("cat", 0.6), ("dog", 0.3)], [("cup", 0.9), ("mug", 0.05)]]
    picture = plots.named_photos(photos, answers)
    assert "one: cat 60%; two: cup 90%" in picture.alt
    above, below = picture.axes[:2], picture.axes[2:]
    assert [axes.get_title() for axes in above] == ["one", "two"]
    for axes, photo in zip(above, photos.values(), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), photo)
    for axes, likeliest in zip(below, answers, strict=True):
        assert [bar.get_width() for bar in axes.patches] == [share for _, share in likeliest]
        assert [text.get_text() for text in axes.texts] == [
            f"{name} {share:.0%}" for name, share in likeliest
        ]
        assert axes.get_xlabel() == "probability"
    with pytest.raises(ValueError, match="named_photos: 2 photos and 1 answers"):
        plots.named_photos(photos, answers[:1])


def test_halves_draw_every_box_in_its_color():
    train = [[(0, 0, 3, 3), (1, 2, 4, 5)], [(0, 1, 2, 3)]]
    test = [[(6, 0, 9, 3)], [(7, 1, 9, 3), (6, 2, 8, 4)]]
    photos = {"cup": np.zeros((6, 10)), "cat": np.ones((6, 10))}
    picture = plots.halves(photos, train, test)
    assert picture.alt.startswith("cup and cat: ")
    for axes, (name, gray), blue, orange in zip(
        picture.axes, photos.items(), train, test, strict=True
    ):
        assert axes.get_title() == name
        np.testing.assert_array_equal(axes.images[0].get_array(), gray)
        drawn = [(*box.get_xy(), box.get_width(), box.get_height()) for box in axes.patches]
        assert drawn == [(x, y, u - x, v - y) for x, y, u, v in (*blue, *orange)]
        colors = {tuple(box.get_edgecolor()) for box in axes.patches[: len(blue)]}
        assert len(colors) == 1 and tuple(axes.patches[-1].get_edgecolor()) not in colors


def test_class_crops_are_a_column_for_each_class_and_a_row_for_each_caption():
    rows = {"learn": np.random.default_rng(0).random((3, 5, 5)), "test": np.ones((3, 5, 5))}
    picture = plots.class_crops(rows, ["brick", "hubble_deep_field", "immunohistochemistry"])
    assert "hubble_deep_field" in picture.alt and "the rows: learn, test" in picture.alt
    drawn = [axes.images[0].get_array() for axes in picture.axes]
    np.testing.assert_array_equal(drawn, [*rows["learn"], *rows["test"]])
    assert [axes.get_ylabel() for axes in picture.axes[::3]] == ["learn", "test"]
    assert [axes.get_title() for axes in picture.axes[:3]] == ["brick", "hubble", "immunohist."]


WAYS = {
    "scratch": [[0.5, 0.8], [0.6, 0.9], [0.7, 0.7]],
    "frozen": [[0.9, 0.9], [0.8, 0.95], [0.7, 0.85]],
}


def test_regimes_over_crops_draws_medians_ranges_and_the_readers_run():
    picture = plots.regimes_over_crops([5, 100], WAYS, here={"frozen": (5, 0.75)})
    assert "frozen 80.0%, scratch 60.0% with the fewest" in picture.alt
    assert "frozen 90.0%, scratch 80.0% with the most" in picture.alt
    (axes,) = picture.axes
    scratch, frozen, ring = axes.lines
    np.testing.assert_allclose(scratch.get_ydata(), [0.6, 0.8])
    np.testing.assert_allclose(frozen.get_ydata(), [0.8, 0.9])
    assert (*ring.get_xdata(), *ring.get_ydata()) == (5, 0.75)
    assert ring.get_color() == frozen.get_color() != scratch.get_color()
    low, high = np.array(axes.collections[0].get_paths()[0].vertices)[:, 1][[0, 1]]
    assert {low, high} <= {0.5, 0.7, 0.9}
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "training crops of each photograph"
    assert axes.get_ylabel() == "test crops named correctly"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(WAYS)


def test_accuracy_over_depths_draws_each_draw_the_median_and_the_readers_run():
    runs = np.array([[0.4, 0.9, 0.8], [0.5, 0.8, 0.7], [0.6, 0.7, 0.9]])
    layers = ["stem_relu", "block4_add", "head_relu"]
    picture = plots.accuracy_over_depths(layers, runs, here={"block4_add": 0.65})
    assert "rises from stem_relu to block4_add" in picture.alt
    (axes,) = picture.axes
    *draws, median, ring = axes.lines
    np.testing.assert_allclose([line.get_ydata() for line in draws], runs)
    np.testing.assert_allclose(median.get_ydata(), [0.5, 0.8, 0.8])
    assert median.get_color() == BLUE and ring.get_color() == ORANGE
    assert (*ring.get_xdata(), *ring.get_ydata()) == (1, 0.65)
    assert [label.get_text() for label in axes.get_xticklabels()][1] == "block4\nadd"
    assert axes.get_xlabel().startswith("layer at which")


def test_mistakes_name_the_answer_its_probability_and_the_right_class():
    images = np.random.default_rng(0).random((2, 4, 4))
    probabilities = np.array([[0.7, 0.2, 0.1], [0.001, 0.001, 0.998]])
    names = ["brick", "grass", "hubble_deep_field"]
    picture = plots.mistakes(images, probabilities, [1, 0], names, columns=3)
    assert "grass named brick, brick named hubble_deep_field" in picture.alt
    titles = [axes.get_title() for axes in picture.axes]
    assert titles == ["brick (70%)\nis grass", "hubble (>99%)\nis brick", ""]
    for axes, image in zip(picture.axes, images, strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)


def test_cut_network_tells_every_shape_and_colors_only_the_head():
    shapes = [(48, 48, 3), (2, 2, 192), (192,), (10,)]
    picture = plots.cut_network(shapes, "add")
    (axes,) = picture.axes
    texts = [text.get_text() for text in axes.texts]
    for shape in ("48 × 48 × 3", "2 × 2 × 192", "192", "10"):
        assert shape in texts and shape in picture.alt
    assert "cut at add" in texts and "cut at add" in picture.alt
    colors = {box.get_facecolor() for box in axes.patches if isinstance(box, Rectangle)}
    assert len(colors) == 3 and to_rgba(ORANGE) in colors and to_rgba("0.8") in colors
