"""Pictures with boxes: they draw what they were given, and say it in words."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from cnnlib import plots
from cnnlib.plots.boxes import BOX_COLORS, draw_boxes, draw_image

IMAGES = np.linspace(0, 1, 2 * 8 * 12 * 3).reshape(2, 8, 12, 3)
TARGETS = [
    {
        "boxes": np.array([[1, 2, 5, 7], [6, 5, 11, 8.0]]),
        "labels": np.array([1, 0]),
        "scores": np.array([0.914, 0.5]),
    },
    {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, int), "scores": np.zeros(0)},
]


def frames(axes):
    return [
        [p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height()]
        for p in axes.patches
    ]


def tags(axes):
    return [text.get_text() for text in axes.texts]


def test_boxed_draws_every_box_where_it_is():
    picture = plots.boxed(IMAGES, TARGETS, names=("car", "dog"))
    assert picture.alt == "2 pictures with boxes: dog 0.91, car 0.50; no box"
    left, right = picture.axes
    assert frames(left) == TARGETS[0]["boxes"].tolist()
    assert frames(right) == []
    assert tags(left) == ["dog 0.91", "car 0.50"]
    for axes, image in zip(picture.axes, IMAGES, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
        assert (axes.get_xlim(), axes.get_ylim()) == ((0, 12), (8, 0))


def test_a_class_has_a_color_of_its_own():
    (axes, _) = plots.boxed(IMAGES, TARGETS).axes
    edges = [patch.get_edgecolor() for patch in axes.patches]
    assert edges == [to_rgba(BOX_COLORS[1]), to_rgba(BOX_COLORS[0])]
    assert tags(axes) == ["0.91", "0.50"]


def test_tags_can_be_left_out():
    picture = plots.boxed(IMAGES, TARGETS, names=("car", "dog"), tags=False)
    assert picture.alt == "2 pictures with boxes: 2 boxes; no box"
    assert tags(picture.axes[0]) == [] and len(frames(picture.axes[0])) == 2


def test_boxes_without_labels_have_no_tags():
    picture = plots.boxed(IMAGES[:1], [{"boxes": [[1, 2, 3, 4]]}], titles=["where?"])
    assert picture.alt == "1 picture with boxes: where?: a box"
    assert tags(picture.axes[0]) == []
    assert picture.axes[0].get_title() == "where?"


def test_many_pictures_take_several_rows():
    picture = plots.boxed([np.zeros((4, 4))] * 5, [{"boxes": []}] * 5, columns=3)
    used = [axes for axes in picture.axes if axes.images]
    assert len(used) == 5
    assert picture.get_size_inches()[0] == pytest.approx(7.2)


def test_one_color_may_stand_for_all():
    picture = plots.Picture("boxes of one color")
    axes = picture.subplots()
    draw_image(axes, np.zeros((8, 12, 1)))
    draw_boxes(axes, TARGETS[0]["boxes"], labels=[1, 0], color="white", linestyle="--")
    assert {patch.get_edgecolor() for patch in axes.patches} == {(1, 1, 1, 1)}
    assert {patch.get_linestyle() for patch in axes.patches} == {"--"}


def test_tags_stay_inside_the_picture():
    boxes = [[0, 0, 3, 5], [9, 4, 12, 8]]
    picture = plots.boxed(IMAGES[:1], [{"boxes": boxes, "labels": [0, 0]}], names=["car"])
    high, low = picture.axes[0].texts
    assert (high.get_ha(), high.get_va()) == ("left", "top")  # no room above it
    assert (low.get_ha(), low.get_va()) == ("right", "bottom")
    assert low.get_position() == (12, 4)


@pytest.mark.parametrize("count, titles", [(1, None), (2, ["one"]), (0, None)])
def test_boxed_needs_targets_and_titles_for_every_image(count, titles):
    images = IMAGES[:2] if count else []
    with pytest.raises(ValueError, match=r"boxed: there are .* images"):
        plots.boxed(images, TARGETS[:count], titles=titles)
