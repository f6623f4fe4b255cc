"""The pictures of lesson 01 of week 4: they draw what they were given, and say it in words."""

import numpy as np
import pytest

from cnnlib import plots
from cnnlib.faces.verification import roc

FACES = np.linspace(0, 1, 9 * 6 * 6).reshape(9, 6, 6, 1)
DISTANCES, SAME = np.array([0.2, 0.4, 0.6, 0.8]), np.array([True, True, False, False])


def shown(axes):
    return np.asarray(axes.images[0].get_array())


def test_nearest_faces_shows_whom_each_encoding_finds():
    found = {"pixels": np.array([0, 0, 2]), "encodings": np.array([0, 1, 2])}
    picture = plots.nearest_faces(FACES, FACES[3:], found, count=3)
    assert picture.alt.endswith("pixels find 2 of them; encodings find 3 of them")
    new, pixels, encodings = np.array(picture.axes).reshape(3, 3)
    np.testing.assert_allclose(shown(new[1]), FACES[4, ..., 0])
    np.testing.assert_allclose(shown(pixels[1]), FACES[0, ..., 0])
    np.testing.assert_allclose(shown(encodings[1]), FACES[1, ..., 0])
    assert [axes.get_title() for axes in pixels] == ["right", "wrong", "right"]
    assert [row[0].texts[0].get_text() for row in (new, pixels, encodings)] == [
        "new picture",
        "pixels",
        "encodings",
    ]


def test_distance_histograms_give_both_kinds_the_same_weight():
    same = np.array([True, False, False, False])
    picture = plots.distance_histograms({"pixels": (DISTANCES, same)})
    assert "pixels: 0% of the different pairs are nearer" in picture.alt
    (axes,) = picture.axes
    one, two = axes.containers
    assert sum(bar.get_height() for bar in one) == pytest.approx(1)
    assert sum(bar.get_height() for bar in two) == pytest.approx(1)
    assert axes.get_xlabel() == "distance d" and "share" in axes.get_ylabel()


def test_errors_over_thresholds_cross_and_mark_the_choice():
    curve = roc(DISTANCES, SAME)
    picture = plots.errors_over_thresholds(curve, {"chosen": 0.5})
    assert picture.alt.endswith("marked: chosen")
    (axes,) = picture.axes
    accepts, rejects, mark = axes.lines
    assert accepts.get_xdata().tolist() == rejects.get_xdata().tolist() == [0.2, 0.4, 0.6, 0.8]
    assert accepts.get_ydata().tolist() == [0, 0, 0.5, 1]
    assert rejects.get_ydata().tolist() == [0.5, 0, 0, 0]
    assert mark.get_xdata() == [0.5, 0.5] and axes.texts[0].get_text() == "chosen"
    assert "threshold" in axes.get_xlabel()


def test_roc_curves_dot_the_equal_error_rates():
    curves = {"bad": roc(DISTANCES, ~SAME), "good": roc(DISTANCES, SAME)}
    picture = plots.roc_curves(curves, {"bad": 1.0, "good": 0.0})
    assert "good lie nearest to the corner of no errors, then bad" in picture.alt
    (axes,) = picture.axes
    _, bad, bad_dot, good, good_dot = axes.lines
    for line, curve in ((bad, curves["bad"]), (good, curves["good"])):
        assert line.get_xdata().tolist() == curve.false_accepts.tolist()
        assert line.get_ydata().tolist() == curve.true_accepts.tolist()
    dots = [(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in (bad_dot, good_dot)]
    assert dots == [(1, 0), (0, 1)]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("false accepts", "true accepts")


def test_rates_by_run_draws_a_dot_for_each_run():
    rows = {"worse": [0.3, 0.2], "better": [0.1, 0.0]}
    picture = plots.rates_by_run(rows)
    assert picture.alt == "equal error rates of 2 runs, from low to high: better, worse"
    (axes,) = picture.axes
    assert [list(line.get_xdata()) for line in axes.lines] == list(rows.values())
    assert [label.get_text() for label in axes.get_yticklabels()] == list(rows)
    assert axes.get_xlabel() == "equal error rate"


def test_errors_over_people_draws_every_row():
    rows = {"derived": [0.1, 0.5], "measured": [0.1, 0.3]}
    picture = plots.errors_over_people([1, 9], rows)
    assert picture.alt.endswith(
        "from 1 to 9 people rises in every row; at K = 9 the lowest is measured"
    )
    (axes,) = picture.axes
    assert {line.get_label(): list(line.get_ydata()) for line in axes.lines} == rows
    assert all(list(line.get_xdata()) == [1, 9] for line in axes.lines)
    assert "K" in axes.get_xlabel()


def test_faces_as_points_shows_three_pictures_and_the_circle():
    picture = plots.faces_as_points(FACES[0], FACES[4], FACES[8])
    assert "A's other picture lies within a circle of radius τ" in picture.alt
    plane, *faces = picture.axes
    for axes, face in zip(faces, (FACES[0], FACES[4], FACES[8]), strict=True):
        np.testing.assert_allclose(shown(axes), face[..., 0])
    (circle,) = plane.patches
    enrolled, again, other = (np.ravel(line.get_data()) for line in plane.lines[:3])
    assert circle.center == tuple(enrolled)
    assert np.linalg.norm(again - enrolled) < circle.radius < np.linalg.norm(other - enrolled)


def test_passes_by_stranger_sorts_both_and_averages_the_coins():
    by_coins = np.array([[0, 2, 1, 1], [1, 0, 0, 3]])
    picture = plots.passes_by_stranger(np.array([0, 3, 1, 0]), by_coins, people=5)
    assert picture.alt.startswith("bars for 4 strangers: some pass for many of the 5 people")
    assert "pass more often than coins" in picture.alt
    (axes,) = picture.axes
    assert [bar.get_height() for bar in axes.patches] == [3, 1, 0, 0]
    assert axes.lines[0].get_ydata().tolist() == [2.5, 1, 0.5, 0]
    assert "strangers" in axes.get_xlabel() and "people" in axes.get_ylabel()


def test_at_the_door_says_who_is_known_and_how_near():
    matches = [("Ada", 0.2), (None, 0.7)]
    picture = plots.at_the_door(FACES[:2], matches, threshold=0.5)
    assert picture.alt == "2 faces before a door: Ada, not recognized"
    titles = [axes.get_title() for axes in picture.axes]
    assert titles == ["Ada\n0.20 ≤ 0.50", "not recognized\n0.70 > 0.50"]
    np.testing.assert_allclose(shown(picture.axes[1]), FACES[1, ..., 0])


def test_live_and_recaptured_stand_above_each_other():
    opens = np.array([True, False, False, True, True])
    picture = plots.live_and_recaptured(FACES, 1 - FACES, opens=opens, count=4)
    assert picture.alt.startswith("4 live faces above their recaptures")
    assert picture.alt.endswith("some of them open the door")
    live, recaptures = np.array(picture.axes).reshape(2, 4)
    np.testing.assert_allclose(shown(live[2]), FACES[2, ..., 0])
    np.testing.assert_allclose(shown(recaptures[2]), 1 - FACES[2, ..., 0])
    assert [row[0].texts[0].get_text() for row in (live, recaptures)] == ["live", "recapture"]
    words = [axes.get_title() for axes in recaptures]
    assert words == ["opens", "stays shut", "stays shut", "opens"]


def test_caught_by_artifact_draws_a_bar_for_each_kind():
    shares = {"all": 0.9, "blur alone": 0.4, "none": 0.1}
    picture = plots.caught_by_artifact(shares)
    assert picture.alt.endswith("most often called a recapture is all")
    (axes,) = picture.axes
    assert [bar.get_width() for bar in axes.patches] == list(shares.values())
    assert [label.get_text() for label in axes.get_yticklabels()] == list(shares)
    assert "share" in axes.get_xlabel()
