"""The pictures of learning: what they draw is what they were given, and their words say it."""

import numpy as np
import pytest

from cnnlib import plots

HISTORIES = {
    "small": {"loss": [0.3, 0.1], "val_loss": [0.2, 0.15], "accuracy": [0.9, 0.95]},
    "large": {"loss": [0.4, 0.2, 0.1], "val_loss": [0.1, 0.08, 0.05]},
}


def test_learning_curves_draws_both_lines_of_every_network():
    picture = plots.learning_curves(HISTORIES, held_back="on the test digits")
    assert picture.alt == (
        "loss after each epoch for small and large: dashed while training, solid on the test digits"
    )
    (axes,) = picture.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "loss")
    assert axes.get_yscale() == "log"
    for k, history in enumerate(HISTORIES.values()):
        dashed, solid = axes.lines[2 * k : 2 * k + 2]
        np.testing.assert_array_equal(dashed.get_ydata(), history["loss"])
        np.testing.assert_array_equal(solid.get_ydata(), history["val_loss"])
        np.testing.assert_array_equal(solid.get_xdata(), np.arange(len(history["loss"])) + 1)
        assert (dashed.get_linestyle(), solid.get_linestyle()) == ("--", "-")
        assert dashed.get_color() == solid.get_color()
    assert axes.lines[0].get_color() != axes.lines[2].get_color()
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["small", "large", "while training", "on the test digits"]


def test_learning_curves_of_an_accuracy_has_a_linear_axis():
    history = {"accuracy": [0.5, 0.7], "val_accuracy": [0.6, 0.65]}
    (axes,) = plots.learning_curves({"net": history}, metric="accuracy").axes
    assert (axes.get_yscale(), axes.get_ylabel()) == ("linear", "accuracy")


def test_learning_curves_needs_data_held_back():
    with pytest.raises(ValueError, match="'net' has no val_loss; fit needs validation_data"):
        plots.learning_curves({"net": {"loss": [1.0]}})


def test_learning_curves_has_four_colors():
    history = {"loss": [1.0], "val_loss": [1.0]}
    with pytest.raises(ValueError, match="5 histories, it needs 4 at most"):
        plots.learning_curves({str(k): history for k in range(5)})
