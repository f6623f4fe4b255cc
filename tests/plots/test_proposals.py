"""The pictures of region proposals: what they draw is what they were given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from cnnlib import plots
from cnnlib.plots.boxes import BOX_COLORS
from cnnlib.plots.picture import BLUE, GREEN, ORANGE


def frames(axes):
    return [
        (*p.get_xy(), p.get_x() + p.get_width(), p.get_y() + p.get_height()) for p in axes.patches
    ]


def test_merged_segments_paint_each_region_in_its_mean_color():
    image = np.random.default_rng(0).random((2, 4, 3))
    segments = np.array([[0, 0, 1, 2], [0, 0, 1, 2]])
    picture = plots.merged_segments(image, segments, np.array([[1, 2], [0, 3]]), (3, 2, 1))
    assert "when 3, 2 and 1 of them are left" in picture.alt
    photo, three, two, one = (np.asarray(axes.images[0].get_array()) for axes in picture.axes)
    np.testing.assert_array_equal(photo, image)
    for panel, parts in (
        (three, ([0, 1], [2], [3])),
        (two, ([0, 1], [2, 3])),
        (one, ([0, 1, 2, 3],)),
    ):
        for columns in parts:
            mean = image[:, columns].mean(axis=(0, 1))
            np.testing.assert_allclose(
                panel[:, columns], np.broadcast_to(mean, (2, len(columns), 3))
            )
    assert picture.axes[3].get_title() == "1 region"


def test_proposals_over_draw_every_box_once():
    images = [np.zeros((20, 30, 3)), np.ones((20, 30, 3))]
    proposals = [np.array([[0, 0, 5, 5], [2, 3, 9, 9]]), np.array([[1, 1, 4, 4]])]
    truth = [np.array([[2, 2, 9, 9]]), np.zeros((0, 4))]
    best = [np.array([[2, 3, 9, 9]]), np.zeros((0, 4))]
    picture = plots.proposals_over(images, proposals, truth, best, titles=["one", "two"])
    assert "one: 2, two: 1" in picture.alt
    first, second = picture.axes
    assert frames(first) == [(0, 0, 5, 5), (2, 3, 9, 9), (2, 3, 9, 9), (2, 2, 9, 9)]
    assert [p.get_edgecolor() for p in first.patches[2:]] == [to_rgba(ORANGE), to_rgba(GREEN)]
    assert frames(second) == [(1, 1, 4, 4)]


def test_proposal_network_draws_the_anchors_around_their_cell():
    volumes = {"map": (2, 3, 8), "convolution": (2, 3, 9), "scores": (2, 3, 2), "moves": (2, 3, 8)}
    picture = plots.proposal_network(np.zeros((20, 30, 3)), [[4, 8], [12, 6]], volumes, cell=(1, 0))
    assert "2 by 3 cells, 2 anchors around the middle of the one in row 1, column 0" in picture.alt
    assert (
        "both from the one before them: map: 2 by 3 by 8; convolution: 2 by 3 by 9" in picture.alt
    )
    left, right = picture.axes
    assert frames(left) == [(0, 10, 10, 20), (3, 11, 7, 19), (-1, 12, 11, 18)]
    lines = [(*line.get_xdata(), *line.get_ydata()) for line in left.lines]
    assert lines == [(10, 10, 0, 1), (20, 20, 0, 1), (0, 1, 10, 10)]
    words = [text.get_text() for text in right.texts if text.get_text()]
    assert words == [
        *("map\n2 × 3 × 8", "convolution\n2 × 3 × 9", "scores\n2 × 3 × 2", "moves\n2 × 3 × 8")
    ]
    arrows = [text for text in right.texts if not text.get_text()]
    assert [arrow.xy for arrow in arrows] == [(1.25, 0), (2.5, -0.6), (2.5, 0.6)]


def test_recall_over_proposals_draws_means_and_single_trainings():
    curves = {
        "merged": ([50, 100], [0.5, 0.7]),
        "learned": ([5, 10], [[0.8, 0.9], [0.9, 1.0]]),
    }
    picture = plots.recall_over_proposals(curves)
    assert "merged: 70% with 100; learned: 95% with 10" in picture.alt
    (axes,) = picture.axes
    merged, thin, other, mean = axes.lines
    np.testing.assert_allclose(merged.get_ydata(), [0.5, 0.7])
    np.testing.assert_allclose(thin.get_ydata(), [0.8, 0.9])
    np.testing.assert_allclose(other.get_ydata(), [0.9, 1.0])
    np.testing.assert_allclose(mean.get_ydata(), [0.85, 0.95])
    assert axes.get_xlabel() and axes.get_ylabel()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["merged", "learned"]


def test_regions_and_crops_number_each_region():
    image, crops = np.zeros((9, 9, 3)), np.random.default_rng(0).random((2, 4, 4, 3))
    boxes = np.array([[1, 1, 5, 8], [2, 0, 9, 3]])
    picture = plots.regions_and_crops(image, boxes, crops, [1, 2], ["bus", "car", "road"])
    assert "car, road" in picture.alt
    whole, one, two = picture.axes
    assert frames(whole) == [tuple(box) for box in boxes]
    np.testing.assert_array_equal(one.images[0].get_array(), crops[0])
    assert (one.get_title(), two.get_title()) == ("1: car", "2: road")
    colors = [patch.get_edgecolor() for patch in whole.patches]
    assert colors == [to_rgba(BOX_COLORS[1]), to_rgba("0.8")]


def test_pooled_region_draws_parts_of_whole_cells():
    cells = np.arange(24).reshape(4, 6)
    picture = plots.pooled_region(
        cells, (4, 8, 30, 30), [(1, 2), (2, 3)], [(0, 2), (2, 3)], [[14, 15], [20, 21]], stride=8
    )
    assert "[[14, 15], [20, 21]]" in picture.alt
    left, right = picture.axes
    assert [t.get_text() for t in left.texts] == [str(i) for i in range(24)]
    region = left.patches[-1]
    assert region.get_xy() == (0.5, 1.0) and region.get_width() == 3.25
    parts = [(round(p.get_x()), round(p.get_y()), p.get_width()) for p in left.patches[24:-1]]
    assert [part[:2] for part in parts] == [(0, 1), (2, 1), (0, 2), (2, 2)]
    assert [t.get_text() for t in right.texts] == ["14", "15", "20", "21"]


def test_detector_stages_color_what_runs_once_a_picture_and_what_once_a_region():
    picture = plots.detector_stages(
        {"two": (["look", "propose"], ["judge"]), "one": (["look"], [])}
    )
    assert "two: once a picture look, propose, once a region judge; one: once a" in picture.alt
    (axes,) = picture.axes
    colors = [patch.get_facecolor() for patch in axes.patches if patch.get_height() == 0.64]
    assert colors == [to_rgba(color) for color in (BLUE, BLUE, ORANGE, BLUE)]
    words = [text.get_text() for text in axes.texts if text.get_text()]
    assert words == ["two", "look", "propose", "judge", "one", "look"]
    (legend,) = picture.legends
    keys = [text.get_text() for text in legend.get_texts()]
    assert keys == ["once a picture", "once a region"]


def test_detectors_compared_draw_each_training_and_both_parts_of_the_time():
    picture = plots.detectors_compared(
        {"slow": [0.5, 0.7], "quick": [0.8]},
        {"slow": 0.01, "quick": 0.002},
        {"slow": 0.03, "quick": 0.0},
        {"slow": (1000, 3), "quick": (20, 4)},
    )
    assert "slow after 1,000 scenes seen 3 times: mAP 0.50 to 0.70, 40.0 ms" in picture.alt
    left, right = picture.axes
    np.testing.assert_allclose(left.lines[0].get_xdata(), [0.5, 0.7])
    np.testing.assert_allclose(left.lines[1].get_xdata(), 0.6)
    times = [line.get_xdata()[0] for line in right.lines]
    assert times == pytest.approx([10, 30, 40, 2, 2])  # network, proposals and all, network and all
    assert right.get_xscale() == "log"
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels == ["slow\n1,000 scenes × 3", "quick\n20 scenes × 4"]
    assert left.get_xlabel() and right.get_xlabel()
