"""The pictures of lesson 04 of week 3: they draw what they were given, and say it in words."""

import numpy as np
from matplotlib.colors import to_hex

from cnnlib import plots
from cnnlib.detection.anchors import assign
from cnnlib.detection.metrics import mean_average_precision
from cnnlib.detection.yolo import encode, training_target
from cnnlib.plots.picture import ORANGE, SKY, VERMILION

NAMES = ("pedestrian", "car")
IMAGE = np.linspace(0, 1, 60 * 90 * 3).reshape(60, 90, 3)
TARGET = {
    "boxes": np.array([[5.0, 5, 15, 35], [10, 2, 40, 22], [60, 30, 80, 60]]),
    "labels": np.array([0, 1, 0]),
}
ANCHORS = np.array([[12.0, 30], [30, 18]])


def corners(patch):
    left, top = patch.get_xy()
    return [left, top, left + patch.get_width(), top + patch.get_height()]


def test_cells_and_midpoints_marks_the_cell_that_is_full():
    picture = plots.cells_and_midpoints(IMAGE, TARGET, (2, 3), names=NAMES)
    assert "grid of 2 by 3 cells" in picture.alt
    assert "pedestrian in row 0, column 0, car in row 0, column 0" in picture.alt
    assert picture.alt.endswith("pedestrian in row 1, column 2; cells with several midpoints: 1")
    (axes,) = picture.axes
    full, *boxes = axes.patches
    assert corners(full) == [0, 0, 30, 30]
    assert [corners(box) for box in boxes] == TARGET["boxes"].tolist()
    *grid, dots = axes.lines
    assert len(grid) == 1 + 2
    np.testing.assert_array_equal(dots.get_xydata(), [[10, 20], [25, 12], [70, 45]])


def test_cells_that_are_not_full_are_not_marked():
    picture = plots.cells_and_midpoints(IMAGE, TARGET, (6, 9), names=NAMES)
    assert picture.alt.endswith("cells with several midpoints: 0")
    assert len(picture.axes[0].patches) == 3


def test_anchors_and_mean_iou_draws_sizes_by_class_and_the_curve():
    sizes = np.array([[10.0, 30], [12, 32], [30, 20]])
    labels, curve = np.array([0, 0, 1]), [0.5, 0.7, 0.75]
    picture = plots.anchors_and_mean_iou(sizes, labels, ANCHORS, curve, names=NAMES)
    assert "2 anchors of 12 by 30, 30 by 18 pixels" in picture.alt
    assert picture.alt.endswith("from 0.50 for one to 0.75 for 3")
    left, right = picture.axes
    drawn = [line.get_xydata().tolist() for line in left.lines]
    assert drawn == [sizes[:2].tolist(), sizes[2:].tolist(), ANCHORS.tolist()]
    assert right.lines[0].get_ydata().tolist() == curve
    assert right.lines[1].get_xydata().tolist() == [[2, 0.7]]
    assert (left.get_xlabel(), left.get_ylabel()) == ("width in pixels", "height in pixels")
    assert right.get_xlabel() == "number of anchors k"
    picture.canvas.draw()
    assert left.get_legend().get_window_extent().y0 >= left.get_window_extent().y1  # off the points


def test_target_volume_writes_the_numbers_and_draws_their_boxes():
    y = encode(**TARGET, grid=(2, 3), anchors=ANCHORS, classes=2, image_shape=(60, 90))
    picture = plots.target_volume(IMAGE, y, names=NAMES)
    assert "3 objects as a volume of 2 by 3 by 2 by 7 numbers" in picture.alt
    assert "row 0, column 0, anchor 1: 1.00, 0.83, 0.40, 0.67, 1.00, 0.00, 1.00" in picture.alt
    left, right = picture.axes
    drawn = [corners(patch) for patch in left.patches]
    np.testing.assert_allclose(drawn[1::2], TARGET["boxes"], atol=1e-9)
    assert drawn[0] == drawn[2] == [0, 0, 30, 30]
    (table,) = right.tables
    words = {place: cell.get_text().get_text() for place, cell in table.get_celld().items()}
    assert [words[0, i] for i in range(7)] == [
        *("$p_c$", "$b_x$", "$b_y$", "$b_h$", "$b_w$"),
        *NAMES,
    ]
    assert [words[2, i] for i in range(-1, 7)] == [
        *("r0, c0, a1", "1", "0.83", "0.40", "0.67", "1.00", "0", "1")
    ]


def test_parametrizations_draws_both_readings():
    picture = plots.parametrizations(anchor=35, cell=16)
    assert "35 times exp(t) never is" in picture.alt
    left, right = picture.axes
    raw, squeezed = (line.get_ydata() for line in left.lines)
    assert (raw.min(), raw.max()) == (-4, 4)
    assert squeezed.min() > 0 and squeezed.max() < 1
    linear, exponential, at_zero = (line.get_xydata() for line in right.lines)
    np.testing.assert_allclose(linear[:, 1], 16 * linear[:, 0])
    assert exponential[:, 1].min() > 0
    assert at_zero.tolist() == [[0, 35]]
    assert right.get_ylabel() == "width in pixels"


def test_roles_counts_and_colors_them():
    size = {"grid": (6, 9), "image_shape": (60, 90)}
    y = training_target(**TARGET, anchors=ANCHORS, classes=2, **size)
    y[5, 0, 1, 0] = -1
    placed = assign(TARGET["boxes"], ANCHORS, **size)
    y[4, 8, 0] = y[tuple(placed[0])]  # learns an object that went elsewhere
    picture = plots.roles(IMAGE, TARGET["boxes"], y, ANCHORS, placed=placed)
    helpers = int((y[..., 0] == 1).sum()) - 3
    empty = int((y[..., 0] == 0).sum())
    assert helpers > 0
    assert picture.alt.endswith(f"3 responsible, {helpers} helper, 1 ignored, {empty} empty")
    assert [axes.get_title() for axes in picture.axes] == ["anchor 0: 12 × 30", "anchor 1: 30 × 18"]
    for a, axes in enumerate(picture.axes):
        objects, marked = axes.patches[:3], axes.patches[3:]
        assert [corners(patch) for patch in objects] == TARGET["boxes"].tolist()
        tinted = {
            tuple(np.rint(corners(cell)[:2]).astype(int).tolist()): to_hex(cell.get_facecolor())
            for cell in marked[::2]
        }
        own = {(10 * c, 10 * r) for r, c, anchor in placed if anchor == a}
        expected = {
            (10 * c, 10 * r): SKY if y[r, c, a, 0] < 0 else VERMILION if own & {(10 * c, 10 * r)}
            else ORANGE
            for r, c in np.argwhere(y[..., a, 0] != 0).tolist()
        }  # fmt: skip
        assert tinted == {place: color.lower() for place, color in expected.items()}
        for cell, frame in zip(marked[::2], marked[1::2], strict=True):
            left, top, right, bottom = corners(frame)
            np.testing.assert_allclose((right - left, bottom - top), ANCHORS[a])
            middle = np.add(cell.get_xy(), 5)
            np.testing.assert_allclose(((left + right) / 2, (top + bottom) / 2), middle)
    texts = [text.get_text() for text in picture.legends[0].get_texts()]
    assert texts[:3] == ["responsible (3)", f"helper ({helpers})", "ignored (1)"]


def found(boxes, labels=(), scores=()):
    return {
        "boxes": np.array(boxes, float).reshape(-1, 4),
        "labels": np.array(labels, int),
        "scores": np.array(scores, float),
    }


def test_detections_over_training_ends_with_the_last():
    box = [[5, 5, 20, 30]]
    snapshots = [[found([]), found(box, [1], [0.4])], [found(box, [0], [0.9])] * 2]
    moving = plots.detections_over_training(
        [IMAGE] * 2, snapshots, names=NAMES, titles=("early", "late")
    )
    assert "2 unseen pictures. early: 1, late: 2" in moving.alt
    assert moving.png().count(b"fcTL") == 2  # frames of motion; the still comes first


def test_precision_by_class_draws_a_bar_for_each_class_and_their_mean():
    detections = [
        found([[5, 5, 15, 35], [61, 32, 80, 60], [9, 2, 41, 22]], [0, 0, 1], [0.9, 0.8, 0.7])
    ]
    at = {
        iou: mean_average_precision([TARGET], detections, iou_thresholds=iou) for iou in (0.5, 0.95)
    }
    picture = plots.precision_by_class(at, names=NAMES)
    assert "at IoU 0.5: pedestrian 1.00, car 1.00, mean 1.00" in picture.alt
    assert "at IoU 0.95: pedestrian 0.50, car 0.00, mean 0.25" in picture.alt
    (axes,) = picture.axes
    assert [bar.get_height() for bar in axes.patches] == [1, 1, 1, 0.5, 0, 0.25]
    assert axes.get_ylabel() == "average precision"
    assert axes.get_xticklabels()[-1].get_text() == "mean (mAP)"


def test_misses_draws_what_was_missed_and_what_was_said():
    answer = found([[10, 2, 40, 22]], [1], [0.8])
    hit = np.array([False, True, False])
    picture = plots.misses([IMAGE], [TARGET], [answer], [hit], names=NAMES)
    assert picture.alt.startswith("1 pictures with the missed objects dashed in black and white")
    (axes,) = picture.axes
    said, *missed = (corners(patch) for patch in axes.patches)
    assert said == [10, 2, 40, 22]
    assert missed == 2 * TARGET["boxes"][[0, 2]].tolist()
    inks = [patch.get_edgecolor() for patch in axes.patches[1:]]
    assert inks == 2 * [(1, 1, 1, 1)] + 2 * [(0, 0, 0, 1)]  # no color of a class
    assert axes.get_title() == "missed: pedestrian, pedestrian"
    (legend,) = picture.legends
    assert [text.get_text() for text in legend.get_texts()] == list(NAMES)
