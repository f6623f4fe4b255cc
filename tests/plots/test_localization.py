"""Pictures of localization: the message in words, the numbers as they came, boxes in place."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from cnnlib import datasets, plots
from cnnlib.plots.localization import PARTS_OF_68, SIDES

NAMES = ("pedestrian", "car", "motorcycle")
CAR = np.array([1, 0.5, 0.6, 0.2, 0.4, 0, 1, 0])
NOTHING = np.zeros(8)
IMAGES = np.zeros((2, 40, 80, 3))


def frames(axes):
    """The boxes on axes, as (x_min, y_min, x_max, y_max)."""
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [
        (b.get_x(), b.get_y(), b.get_x() + b.get_width(), b.get_y() + b.get_height()) for b in boxes
    ]


def test_three_tasks_draw_no_box_one_and_all():
    target = {"boxes": np.array([[1, 2, 11, 22.0]]), "labels": np.array([1])}
    crowd = {"boxes": np.array([[1, 2, 11, 22.0], [20, 2, 30, 22]]), "labels": np.array([0, 2])}
    picture = plots.three_tasks((IMAGES[0], target), (IMAGES[1], crowd), NAMES)
    assert [len(frames(axes)) for axes in picture.axes] == [0, 1, 2]
    assert frames(picture.axes[1]) == [(1, 2, 11, 22)]
    assert "names a car" in picture.alt and "boxes of 2 objects" in picture.alt
    assert [axes.get_title().split("\n")[0] for axes in picture.axes] == [
        "classification",
        "localization",
        "detection",
    ]


def test_an_answer_vector_is_drawn_where_it_says_and_written_beside():
    picture = plots.answer_vectors(IMAGES, np.array([CAR, NOTHING]), NAMES)
    first, second = picture.axes
    np.testing.assert_allclose(frames(first), [(24, 20, 56, 28)])
    assert frames(second) == []
    words = [text.get_text() for text in first.texts]
    assert "$b_h$: 0.20" in words and "$b_w$: 0.40" in words and "car: 1.00" in words
    others = [text.get_text() for text in second.texts]
    assert others[0] == "$p_c$: 0.00" and all(text.endswith("any") for text in others[1:])
    assert "1 with an object" in picture.alt


def test_localized_draws_truth_dashed_and_answer_solid():
    answers = np.array([[0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.2, 0.7], [0.2, *CAR[1:]]])
    picture = plots.localized(IMAGES, np.array([CAR, NOTHING]), answers, NAMES)
    first, second = picture.axes[:2]
    truth, answer = first.patches
    assert truth.get_linestyle() == "--" and answer.get_linestyle() == "-"
    np.testing.assert_allclose(frames(first), [(24, 20, 56, 28), (20, 10, 60, 30)])
    assert frames(second) == []
    assert first.get_title() == "motorcycle 0.90" and second.get_title() == "nothing 0.80"
    assert picture.alt.endswith("In truth they show: car, nothing")


def test_found_boxes_are_solid_beside_the_true_ones():
    target = {"boxes": np.array([[1, 2, 11, 22.0], [20, 2, 30, 22]])}
    picture = plots.beside_truth(
        IMAGES, [target] * 2, [np.array([[3, 4, 9, 9.0]]), np.zeros((0, 4))], titles=["a", "b"]
    )
    first, second = picture.axes[:2]
    assert frames(first) == [(1, 2, 11, 22), (20, 2, 30, 22), (3, 4, 9, 9)]
    assert [patch.get_linestyle() for patch in first.patches] == ["--", "--", "-"]
    assert len(frames(second)) == 2 and second.get_title() == "b"
    assert "solid" in picture.alt


def test_iou_over_size_plots_each_object_and_the_medians():
    sizes, overlaps = np.array([4.0, 8, 20]), np.array([0.2, 0.4, 0.8])
    medians = [(4, 8, 0.3), (8, 20, 0.8)]
    axes = plots.iou_over_size(sizes, overlaps, medians=medians).axes[0]
    points, *bars = axes.lines
    np.testing.assert_array_equal(points.get_xydata(), np.stack([sizes, overlaps], axis=1))
    assert [tuple(bar.get_xdata()) for bar in bars] == [(4, 8), (8, 20)]
    assert [tuple(bar.get_ydata()) for bar in bars] == [(0.3, 0.3), (0.8, 0.8)]
    assert "pixels" in axes.get_xlabel() and "IoU" in axes.get_ylabel()


@pytest.fixture(scope="module")
def faces():
    return datasets.landmark_faces(12, seed=0)


def test_landmarks_are_where_they_are_and_hidden_ones_are_crosses(faces):
    picture = plots.landmarked(faces.images, faces.points, faces.present)
    for axes, points, present in zip(picture.axes, faces.points, faces.present, strict=False):
        dots = [line for line in axes.lines if line.get_marker() in ("o", "x")]
        np.testing.assert_allclose([dot.get_xydata()[0] for dot in dots], points)
        assert [dot.get_marker() == "o" for dot in dots] == present.tolist()
        assert [dot.get_color() for dot in dots] == list(SIDES)
    assert f"{(~faces.present).sum()} of them cannot be seen" in picture.alt


def test_a_line_runs_from_each_answer_to_its_true_place(faces):
    found = faces.points + 3
    picture = plots.landmarked(
        faces.images, faces.points, faces.present, found=found, row_names=["above", "below"]
    )
    axes, seen = picture.axes[0], faces.present[0]
    lines = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 2]
    np.testing.assert_allclose(lines, np.stack([faces.points[0], found[0]], axis=1)[seen])
    assert [axes.texts[0].get_text() for axes in picture.axes[::6]] == ["above", "below"]
    assert "line to its true place" in picture.alt


def test_colors_tell_left_from_right_and_mirrored_landmarks_differ(faces):
    for row, partner in enumerate(faces.mirrored):
        assert (SIDES[row] == SIDES[partner]) == (row == partner)


def test_errors_by_landmark_plots_each_series(faces):
    errors = {"names changed": np.arange(8.0), "names kept": np.arange(8.0) + 2}
    picture = plots.errors_by_landmark(errors, faces.names)
    axes = picture.axes[0]
    for line, (label, each) in zip(axes.lines, errors.items(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), each)
        assert line.get_label() == label
    assert [tick.get_text() for tick in axes.get_yticklabels()] == list(faces.names)
    assert "pixels" in axes.get_xlabel() and "names kept from 2.0 to 9.0" in picture.alt


def test_face_points_draw_all_68_by_their_parts():
    points = np.random.default_rng(0).uniform(5, 35, (68, 2))
    picture = plots.face_points(IMAGES[0], points, frame=(2, 3, 38, 39))
    axes = picture.axes[0]
    np.testing.assert_allclose(np.concatenate([line.get_xydata() for line in axes.lines]), points)
    assert [len(line.get_xdata()) for line in axes.lines] == [17, 10, 9, 12, 20]
    assert sum(end - start for start, end, _ in PARTS_OF_68) == 68
    assert frames(axes)[0] == (2, 3, 38, 39) and "17 on the jaw" in picture.alt
