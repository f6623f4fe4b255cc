"""The pictures of lesson 02 of week 4: they draw what they were given, and say it in words."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnlib import plots
from cnnlib.plots import triplets as module


def test_triplets_stand_side_by_side_with_both_distances():
    images = np.random.default_rng(0).random((2, 3, 5, 5, 1))
    picture = plots.triplet_rows(images, [[3.0, 2.0], [1.0, 4.5]], unit="pixels")
    assert picture.alt == (
        "2 triplets of anchor, positive and negative with distances of pixels; in 1 of them the "
        "negative is nearer to the anchor than the positive"
    )
    panels = [axes for group in picture.subfigs for axes in group.axes]
    for axes, image in zip(panels, images.reshape(6, 5, 5), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), image)
    labels = [axes.get_xlabel().split("\n") for axes in panels]
    assert labels[:3] == [["anchor"], ["positive", "3.00 away"], ["negative", "2.00 away"]]
    assert labels[5] == ["negative", "4.50 away"]


def test_a_siamese_network_shows_one_encoder_two_pictures_and_both_encodings():
    pictures, encodings = np.zeros((2, 4, 4, 1)), np.array([[0.1, -0.5], [0.3, 0.2]])
    picture = plots.one_encoder_twice(pictures, encodings, 0.25, parameters=1234)
    assert "one encoder with 1,234 parameters" in picture.alt
    board, *insets = picture.axes
    drawn = [np.ravel(axes.images[0].get_array()).tolist() for axes in insets]
    assert drawn[1::2] == encodings.tolist() and len(drawn) == 4
    words = " ".join(text.get_text() for text in board.texts)
    assert words.count("one encoder") == 1 and "1,234" in words and "0.25" in words


def test_the_plane_counts_hard_semi_hard_and_easy_triplets():
    of_positive = np.array([1.0, 0.5, 0.5, 0.5])
    of_negative = np.array([0.5, 0.5, 0.7, 0.8])  # the last just keeps the margin
    panels = {"before": (of_positive, of_negative), "after": (np.zeros(3), np.full(3, 2.0))}
    picture = plots.triplet_plane(panels, margin=0.25)
    assert picture.alt.endswith("before: most are hard; after: most are easy")
    before, after = picture.axes
    (points,) = before.lines
    assert points.get_xdata().tolist() == of_positive.tolist()
    assert points.get_ydata().tolist() == of_negative.tolist()
    words = [text.get_text() for text in before.texts]
    assert words == ["hard: 50%", "semi-hard: 25%", "easy: 25%"]
    assert (before.get_xlabel(), before.get_ylabel()) == ("d(A, P)²", "d(A, N)²")
    assert not before.child_axes and not after.child_axes
    assert after.get_title() == "after" and after.get_xlim() == before.get_xlim()


def test_the_shares_count_the_triplets_that_are_not_drawn_too():
    of_positive, of_negative = np.ones(5), np.array([0.5, 0.5, 0.5, 1.1, 3.0])
    picture = plots.triplet_plane({"all": (of_positive, of_negative)}, margin=0.25, every=2)
    (axes,) = picture.axes
    assert axes.lines[0].get_ydata().tolist() == [0.5, 0.5, 3.0]
    words = [text.get_text() for text in axes.texts]
    assert words == ["hard: 60%", "semi-hard: 20%", "easy: 20%"]


def test_a_small_cloud_is_drawn_a_second_time_enlarged():
    small, large = (np.array([0.1, 0.2]), np.array([0.3, 0.4])), (np.ones(2), np.full(2, 3.0))
    picture = plots.triplet_plane({"before": small, "after": large}, margin=0.3)
    before, after = picture.axes
    (inset,) = before.child_axes
    assert inset.lines[0].get_ydata().tolist() == [0.3, 0.4]
    assert inset.get_xlim()[1] < before.get_xlim()[1] / 2 and not after.child_axes


def test_each_negative_lies_in_its_zone():
    picture = plots.triplet_zones(0.7, margin=0.3)
    assert "inside the inner circle" in picture.alt and "an easy one" in picture.alt
    (axes,) = picture.axes
    radii = {round(patch.radius**2, 6) for patch in axes.patches if hasattr(patch, "radius")}
    assert radii == {0.49, 0.79}
    places = {
        text.get_text(): np.sum(np.square(text.xy))
        for text in axes.texts
        if text.get_text().startswith("N")
    }
    assert places["N: hard"] < 0.49 < places["N: semi-hard"] < 0.79 < places["N: easy"]
    points = [np.hypot(*line.get_xydata()[0]) for line in axes.lines]
    assert points[0] == pytest.approx(0.7)  # the positive is on the inner circle


def test_runs_are_those_that_are_as_wanted():
    runs = [{"kind": kind, "seed": seed, "error": [seed, 1]} for kind in "ab" for seed in (3, 4)]
    assert plots.runs_of({"runs": runs}, "error", kind="b").tolist() == [[3, 1], [4, 1]]
    with pytest.raises(ValueError, match="runs_of: no training has"):
        plots.runs_of({"runs": runs}, "error", kind="c")


def test_encodings_move_in_the_directions_in_which_the_last_vary_most():
    labels = np.repeat([3, 7], 4)
    start, end = np.zeros((8, 3)), np.zeros((8, 3))
    end[:, 2], start[:, 0] = np.where(labels == 3, 2, -2), np.arange(8)
    animation = plots.encodings_over_steps([start, end], labels, [0, 50])
    assert "2 identities never seen in training, 8 pictures, over 50 steps" in animation.alt
    assert Image.open(io.BytesIO(animation.png())).n_frames == 3  # the still and two steps
    panel = module._points("alt", [end[:, [2, 0]]], [50], labels, 3)
    (axes,) = panel.axes
    assert [line.get_xdata().tolist() for line in axes.lines] == [[2] * 4, [-2] * 4]
    assert axes.get_title() == "after 50 steps" and axes.get_xlabel() == "first direction"


def test_the_first_direction_separates_what_the_last_encodings_separate(monkeypatch):
    drawn = []
    points = module._points
    monkeypatch.setattr(module, "_points", lambda *a: drawn.append(a[1]) or points(*a))
    labels = np.repeat([0, 1], 5)
    end = np.random.default_rng(0).normal(0, 0.01, (10, 4))
    end[:, 1] += 4 * labels
    plots.encodings_over_steps([end * 0.1, end], labels, [0, 9])
    (last,) = drawn[1]
    distance = abs(last[labels == 1, 0].mean() - last[labels == 0, 0].mean())
    assert distance == pytest.approx(4, abs=0.05)


@pytest.mark.parametrize("log", [False, True])
def test_runs_and_their_means_are_drawn_over_the_steps(log):
    runs = {
        "random": np.array([[0.3, 0.2], [0.4, 0.3]]),
        "hard": np.array([[0.3, 0.35]] * 2),
        "other": np.array([[0.3, 0.1]] * 2),
    }
    baseline = None if log else ("pixels", 0.45)
    given = {"ylabel": "error", "baseline": baseline, "log": log}
    picture = plots.runs_over_steps([0, 100], runs, **given)
    assert picture.alt == (
        "error over 0 to 100 steps, means of 2 seeds; lowest in the end is other, then random, "
        "then hard"
    )
    (axes,) = picture.axes
    lines = [line.get_ydata() for line in axes.lines]
    np.testing.assert_allclose(lines[:3], [[0.3, 0.2], [0.4, 0.3], [0.35, 0.25]])
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["random", "hard", "other"] + ([] if log else ["pixels"])
    assert axes.get_yscale() == ("log" if log else "linear")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("steps of training", "error")
