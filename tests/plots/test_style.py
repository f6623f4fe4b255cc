"""The pictures of lesson 04 of week 4: they draw what they were given, and say it in words."""

import io

import numpy as np
from PIL import Image

from cnnlib import plots

RANDOM = np.random.default_rng(0)
WIDE, TALL = RANDOM.random((20, 30, 3)), RANDOM.random((30, 20, 3))
FALLS = {"content": [1, 0.5, 0.3, 0.2], "style": [0.9, 0.1, 0.02, 0.01], "cost": [9, 2, 0.5, 0.3]}
RISES = {"content": [0, 0.3, 0.9, 0.4], "style": [0.7, 0.2, 0.1, 0.03], "cost": [7, 3, 4, 0.9]}


def test_painted_shows_each_picture_under_its_title():
    picture = plots.painted({"a cat": WIDE, "two\nlines": TALL}, message="before and after")
    assert picture.alt == "before and after: a cat; two lines"
    for axes, image in zip(picture.axes, (WIDE, TALL), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
    assert [axes.get_title() for axes in picture.axes] == ["a cat", "two\nlines"]


def test_painted_fills_rows_and_leaves_the_rest_empty():
    pictures = {str(k): WIDE for k in range(3)}
    picture = plots.painted(pictures, message="three", columns=2)
    assert [len(axes.images) for axes in picture.axes] == [1, 1, 1, 0]
    single = plots.painted(pictures, message="three")
    assert picture.get_figheight() == 2 * single.get_figheight()


def test_painting_table_labels_rows_and_columns():
    rows = {name: {"1": WIDE * k, "10": WIDE / 2} for k, name in enumerate(("early", "late"))}
    picture = plots.painting_table(rows, down="layer", across="β/α =")
    assert picture.alt == (
        "a table of pictures: layer early, late from top to bottom, β/α = 1, 10 from left to right"
    )
    assert [axes.get_ylabel() for axes in picture.axes] == ["layer\nearly", "", "layer\nlate", ""]
    assert [axes.get_title() for axes in picture.axes] == ["β/α = 1", "β/α = 10", "", ""]
    np.testing.assert_array_equal(picture.axes[2].images[0].get_array(), WIDE)
    np.testing.assert_array_equal(picture.axes[1].images[0].get_array(), WIDE / 2)


def test_channels_and_gram_writes_every_number():
    a = np.array([[[1, 0], [2, 3]], [[0, 1], [4, 0]]])
    gram = [[21, 6], [6, 10]]
    picture = plots.channels_and_gram(a, gram)
    assert picture.alt.endswith("2×2: [[21, 6], [6, 10]]")
    written = [[text.get_text() for text in axes.texts] for axes in picture.axes]
    assert written == [["1", "2", "0", "4"], ["0", "3", "1", "0"], ["21", "6", "6", "10"]]
    assert [axes.get_title() for axes in picture.axes] == [
        "channel 0",
        "channel 1",
        "Gram matrix G",
    ]


def test_layer_costs_draws_two_marks_a_layer_and_says_how_far_they_are_apart():
    costs = {"early": (2e5, 0.8), "middle": (3.0, 0.9), "late": (20.0, 0.7)}
    picture = plots.layer_costs(costs)
    assert "smallest in middle, largest in early, about 10 to the power 5 times" in picture.alt
    assert picture.alt.endswith("largest over smallest less than 10 to the power 1")
    (axes,) = picture.axes
    marks = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert marks == {"relative scale": [0.8, 0.9, 0.7], "course's scale": [2e5, 3, 20]}
    assert axes.get_xscale() == "log" and "style cost" in axes.get_xlabel()
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first layer on top


def test_costs_over_steps_draws_both_costs_of_every_run():
    runs = {"from noise": FALLS, "from the photo": RISES}
    picture = plots.costs_over_steps(runs, {"from noise": WIDE, "from the photo": WIDE / 2})
    assert picture.alt == (
        "two pictures, from noise and from the photo, and their costs over steps: "
        "content from noise falls; content from the photo rises; "
        "style from noise falls; style from the photo falls"
    )
    first, second, content, style = picture.axes
    np.testing.assert_array_equal(first.images[0].get_array(), WIDE)
    np.testing.assert_array_equal(second.images[0].get_array(), WIDE / 2)
    assert [axes.get_title() for axes in (first, second)] == list(runs)
    for axes, term in ((content, "content"), (style, "style")):
        falls, rises = axes.lines
        assert list(falls.get_ydata()) == FALLS[term]
        # Step 2 raised the whole cost: it was tried, and taken back.
        assert list(rises.get_xdata()) == [0, 1, 3]
        assert list(rises.get_ydata()) == [RISES[term][k] for k in (0, 1, 3)]
    assert (content.get_xlabel(), content.get_ylabel()) == ("step", "content cost")
    assert style.get_ylabel() == "style cost, logarithmic" and style.get_yscale() == "log"
    assert [text.get_text() for text in style.get_legend().texts] == [
        "from noise",
        "from the photo",
    ]


def test_cost_by_optimizer_names_the_lowest():
    picture = plots.cost_by_optimizer({"Adam": RISES, "L-BFGS": FALLS}, skip=1)
    assert picture.alt == "the cost over the steps: at the end lowest by L-BFGS, then Adam"
    (axes,) = picture.axes
    assert [list(line.get_xdata()) for line in axes.lines] == [[1, 2, 3]] * 2
    assert [list(line.get_ydata()) for line in axes.lines] == [RISES["cost"][1:], FALLS["cost"][1:]]
    assert "steps" in axes.get_xlabel() and "cost" in axes.get_ylabel()


def test_painting_grows_has_a_frame_for_each_snapshot():
    animation = plots.painting_grows({0: WIDE, 5: WIDE / 2, 10: WIDE / 4})
    assert animation.alt == "a photograph turns into a painting, from step 0 to step 10"
    pages = Image.open(io.BytesIO(animation.png()))
    assert pages.n_frames == 4  # the still, which is no part of the motion
    brightness = []
    for page in range(4):
        pages.seek(page)
        middle = np.asarray(pages.convert("L"), float)[60:-40, 60:-60]
        brightness.append(middle.mean())
    still, first, second, last = brightness
    assert first > second > last and abs(still - last) < 1
