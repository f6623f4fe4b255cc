"""The pictures of networks: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest

from cnnlib import plots
from cnnlib.arithmetic import LayerRow

ROWS = [
    LayerRow("conv1", "Conv2D", (4, 4, 2), 32, 20, 288),
    LayerRow("pool1", "MaxPooling2D", (2, 2, 2), 8, 0, 0),
    LayerRow("dense1", "Dense", (30,), 30, 270, 240),
]


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_network_volumes_draws_every_box_to_one_scale():
    shapes = [(9, 8, 3), (5, 4, 10)]
    picture = plots.network_volumes(shapes, ["10 filters"])
    assert "9 by 8 by 3, then 5 by 4 by 10" in picture.alt
    (axes,) = picture.axes
    assert texts(axes) == ["9 × 8 × 3", "10 filters", "5 × 4 × 10"]
    boxes = np.array([patch.get_xy()[:4] for patch in axes.patches])
    for (height, _, channels), front in zip(shapes, boxes[::3], strict=True):
        np.testing.assert_allclose(np.ptp(front, axis=0), (channels, height))
    slants = [np.ptp(top[:, 1]) for top in boxes[1::3]]
    assert slants[0] / slants[1] == pytest.approx(8 / 4)
    assert axes.get_aspect() == 1


def test_network_volumes_needs_a_step_between_two_shapes():
    with pytest.raises(ValueError, match="2 shapes and 2 steps"):
        plots.network_volumes([(9, 9, 3), (5, 5, 10)], ["one", "two"])


def test_layer_shares_draws_three_bars_a_layer():
    picture = plots.layer_shares(ROWS)
    for words in ("activations in conv1: 32", "parameters in dense1: 270"):
        assert words in picture.alt
    assert "multiplications in conv1: 288" in picture.alt
    drawn = {axes.get_xlabel(): [bar.get_width() for bar in axes.patches] for axes in picture.axes}
    assert drawn == {
        "activations": [32, 8, 30],
        "parameters": [20, 0, 270],
        "multiplications": [288, 0, 240],
    }
    names = [label.get_text() for label in picture.axes[0].get_yticklabels()]
    assert names == ["conv1", "pool1", "dense1"]
    bottom, top = picture.axes[0].get_ylim()
    assert bottom > top  # the first layer stands at the top


def test_readings_writes_the_answer_its_probability_and_the_label():
    images = np.linspace(0, 1, 3 * 4 * 4).reshape(3, 4, 4)
    probabilities = np.array([[0.1, 0.9, 0.0], [0.25, 0.25, 0.5], [1.0, 0, 0]])
    picture = plots.readings(images, probabilities, [1, 0, "a cat"], columns=2)
    assert picture.alt.startswith("3 pictures")
    titles = [axes.get_title() for axes in picture.axes]
    assert titles == ["1 (90%)\nis 1", "2 (50%)\nis 0", "0 (100%)\nshown: a cat", ""]
    colors = [axes.title.get_color() for axes in picture.axes[:3]]
    assert colors[0] == colors[2] != colors[1]
    for axes, image in zip(picture.axes, images, strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
        assert axes.images[0].get_clim() == (0, 1)


def test_readings_does_not_round_to_certainty():
    (axes,) = plots.readings(np.zeros((1, 4, 4)), np.array([[0.001, 0.999]]), [0], columns=1).axes
    assert axes.get_title() == "1 (>99%)\nis 0"


def test_readings_refuses_lists_of_different_lengths():
    with pytest.raises(ValueError, match="2 images, 1 rows of probabilities and 2 labels"):
        plots.readings(np.zeros((2, 4, 4)), np.ones((1, 3)), [0, 1])


def test_confusion_counts_errors_and_leaves_right_answers_out():
    labels, answers = [0, 0, 0, 1, 2, 2], [0, 2, 2, 1, 1, 2]
    picture = plots.confusion(labels, answers, classes=3)
    assert "diagonal" in picture.alt
    (axes,) = picture.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer", "label")
    expected = [[0, 0, 2], [0, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(axes.images[0].get_array(), expected)
    places = {(text.get_position()[::-1], text.get_text()) for text in axes.texts}
    assert places == {((0, 2), "2"), ((2, 1), "1")}
    assert len(axes.patches) == 3
    assert [int(tick) for tick in axes.get_xticks()] == [0, 1, 2]


def test_confusion_draws_a_network_without_errors():
    (axes,) = plots.confusion([0, 1], [0, 1], classes=2).axes
    assert texts(axes) == []
