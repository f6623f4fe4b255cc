"""Anchors: shapes by k-means, and who answers for which box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib.detection.anchors import assign, fit_anchors, shape_iou
from cnnlib.detection.boxes import iou

SIZES = np.random.default_rng(0).gamma(4, 10, size=(300, 2))


def centered(sizes):
    """Boxes of these sizes around the origin."""
    return np.concatenate([-sizes / 2, sizes / 2], axis=1)


def test_shape_iou_is_the_iou_of_boxes_with_one_midpoint():
    a, b = SIZES[:40], SIZES[40:90]
    np.testing.assert_allclose(shape_iou(a, b), iou(centered(a), centered(b)), rtol=0, atol=1e-12)


def test_as_many_anchors_as_sizes_are_the_sizes_themselves():
    sizes = np.array([[40, 20], [10, 30], [40, 20], [5, 5], [10, 30]])
    anchors, mean_iou = fit_anchors(sizes, 3, seed=0)
    assert anchors.tolist() == [[5, 5], [10, 30], [40, 20]]
    assert mean_iou == 1


def test_one_anchor_is_near_the_best_of_a_fine_search():
    side = np.linspace(15, 60, 91)
    shapes = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    best = shape_iou(SIZES, shapes).mean(axis=0).max()
    assert best - 0.02 < fit_anchors(SIZES, 1, seed=0)[1] <= best + 1e-3


def test_anchors_find_the_clusters_that_the_sizes_were_drawn_from():
    truth = np.array([[12, 30], [25, 25], [60, 28]])
    generator = np.random.default_rng(1)
    sizes = np.repeat(truth, 200, axis=0) * generator.normal(1, 0.06, size=(600, 2))
    for seed in range(5):
        anchors, mean_iou = fit_anchors(sizes, 3, seed=seed)
        np.testing.assert_allclose(anchors, truth, rtol=0.03)
        assert mean_iou > 0.9


def test_the_mean_iou_is_that_of_the_anchors_and_grows_with_k():
    found = [fit_anchors(SIZES, k, seed=0) for k in range(1, 8)]
    for anchors, mean_iou in found:
        assert mean_iou == pytest.approx(shape_iou(SIZES, anchors).max(axis=1).mean(), abs=1e-12)
        assert (np.diff(anchors.prod(axis=1)) >= 0).all()
    assert (np.diff([mean_iou for _, mean_iou in found]) > 0).all()


def test_distances_by_iou_treat_small_boxes_as_large_ones():
    anchors, mean_iou = fit_anchors(SIZES, 4, seed=0)
    scaled, same = fit_anchors(10 * SIZES, 4, seed=0)
    np.testing.assert_allclose(scaled, 10 * anchors)
    assert same == pytest.approx(mean_iou)


def test_a_seed_repeats():
    first, second = (fit_anchors(SIZES, 5, seed=3)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "sizes, k, error, message",
    [
        ([[4, 3], [2, 1]], 3, ValueError, "k is 3, 2 different sizes need 1 to that many"),
        ([[4, 3], [4, 3]], 2, ValueError, "k is 2, 1 different sizes"),
        ([[4, 3]], 0, ValueError, "k is 0"),
        ([[4, 3]], 1.0, TypeError, "k is 1.0, it needs a whole number"),
        ([[4, 3]], True, TypeError, "k is True"),
        ([], 1, ValueError, r"sizes has shape \(0,\), it needs \(n, 2\)"),
        ([[4, 3, 2]], 1, ValueError, r"sizes has shape \(1, 3\)"),
        (
            [[4, 3], [0, 3]],
            1,
            ValueError,
            r"sizes row 1 is \[0, 3\], it needs a width and a height",
        ),
        ([[np.nan, 3]], 1, ValueError, r"sizes row 0 is \[nan, 3.0\]"),
        ([["4", "3"]], 1, TypeError, "sizes has type <U1"),
    ],
)
def test_bad_sizes_are_named(sizes, k, error, message):
    with pytest.raises(error, match=f"^fit_anchors: {message}"):
        fit_anchors(sizes, k, seed=0)


ANCHORS = [[20, 50], [50, 20]]


def test_a_box_goes_to_the_cell_of_its_midpoint_and_the_anchor_of_its_shape():
    boxes = [[0, 0, 20, 60], [100, 20, 160, 45], [280, 180, 300, 200], [-30, 90, 50, 130]]
    places = [[0, 0, 0], [0, 1, 1], [1, 2, 0], [1, 0, 1]]  # a square fits both shapes: the first
    assert assign(boxes, ANCHORS, (2, 3), (200, 300)).tolist() == places


@pytest.mark.parametrize("grid", [3, (3, 3), [3, 3]])
def test_one_number_is_a_square_grid(grid):
    assert assign([[80, 10, 90, 20]], ANCHORS, grid, (90, 90)).tolist() == [[0, 2, 0]]


def test_midpoints_on_the_border_belong_to_the_first_and_the_last_cell():
    boxes = [[-10, -10, 10, 10], [80, 50, 100, 70]]
    assert assign(boxes, [[20, 20]], 3, (60, 90)).tolist() == [[0, 0, 0], [2, 2, 0]]


def test_the_second_of_a_shape_takes_the_next_free_anchor():
    tall = [[10, 0, 30, 50], [12, 0, 32, 52]]
    assert assign(tall, ANCHORS, 1, (90, 90)).tolist() == [[0, 0, 0], [0, 0, 1]]
    three = [[30, 30], [20, 50], [50, 20]]
    assert assign(tall, three, 1, (90, 90))[:, 2].tolist() == [1, 0]


def test_more_boxes_than_anchors_are_reported_with_all_their_rows():
    boxes = [[0, 0, 20, 50], [60, 60, 80, 80], [4, 4, 50, 24], [5, 5, 9, 9]]
    with pytest.raises(
        ValueError,
        match=r"^assign: boxes \[0, 2, 3\] all have their midpoints in the cell of row 0, column 0,"
        r" which has 2 anchors; it needs a finer grid than 2×2 or more anchors",
    ):
        assign(boxes, ANCHORS, 2, (100, 100))


def test_no_boxes_need_no_anchors():
    assert assign([], ANCHORS, 3, (90, 90)).shape == (0, 3)


@pytest.mark.parametrize(
    "boxes, grid, shape, error, message",
    [
        ([[0, 0, 20, -1]], 3, (90, 90), ValueError, "boxes row 0"),
        ([[80, 0, 102, 10]], 3, (90, 90), ValueError, r"boxes row 0 is .* midpoint \[91.0, 5.0\]"),
        (
            [[0, -20, 10, 10]],
            3,
            (90, 90),
            ValueError,
            r"boxes row 0 is .* it needs one inside .* 90×90 pixels",
        ),
        ([[0, 0, 9, 9]], 0, (90, 90), ValueError, "grid is 0, it needs 1 or more"),
        ([[0, 0, 9, 9]], (3, 3, 3), (90, 90), ValueError, r"grid is \(3, 3, 3\)"),
        ([[0, 0, 9, 9]], 2.5, (90, 90), TypeError, "grid is 2.5, it needs whole numbers"),
        ([[0, 0, 9, 9]], 3, 90, ValueError, "image_shape is 90"),
        ([[0, 0, np.inf, 9]], 3, (90, 90), ValueError, "boxes row 0 .* finite"),
    ],
)
def test_bad_boxes_and_grids_are_named(boxes, grid, shape, error, message):
    with pytest.raises(error, match=f"^assign: {message}"):
        assign(boxes, ANCHORS, grid, shape)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_every_box_has_a_place_of_its_own_in_its_cell(rows, columns, seed):
    generator = np.random.default_rng(seed)
    centers = generator.random((6, 2)) * (300, 200)
    half = generator.gamma(2, 20, size=(6, 2))
    boxes = np.concatenate([centers - half, centers + half], axis=1)
    anchors = generator.gamma(2, 20, size=(6, 2)) + 1
    places = assign(boxes, anchors, (rows, columns), (200, 300))
    assert len({tuple(place) for place in places}) == 6
    np.testing.assert_array_equal(
        places[:, :2], np.floor(centers[:, ::-1] / (200, 300) * (rows, columns))
    )
