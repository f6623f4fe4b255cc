"""Sequences, films and volumes: reproducible, as described, and only what they say differs."""

import numpy as np
import pytest

from cnnlib.datasets import eeg, mnist, outlines, sequences, videos, volumes
from cnnlib.datasets import recordings as recordings_module
from cnnlib.datasets.sequences import FIXED_START, NOISE
from cnnlib.datasets.videos import DIRECTIONS

DRAWN = [sequences, outlines, videos, volumes]
EACH = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


@EACH
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_same_seed_gives_the_same_and_fewer_are_the_first_of_more(draw, part):
    few, many = draw(5, seed=3, part=part), draw(12, seed=3, part=part)
    np.testing.assert_array_equal(few[0], many[0][:5])
    np.testing.assert_array_equal(few.labels, many.labels[:5])
    assert few[0].dtype == np.float32 and few.labels.dtype == np.int64
    assert few.source and few.license


@EACH
def test_another_seed_and_another_part_give_others(draw):
    one, seed, part = draw(4, seed=0), draw(4, seed=1), draw(4, seed=0, part="test")
    assert not np.array_equal(one[0], seed[0])
    assert not np.array_equal(one[0], part[0])


@EACH
def test_every_class_appears_about_equally_often(draw):
    labels = draw(600, seed=0).labels
    shares = np.bincount(labels) / len(labels)
    assert len(shares) in (4, 10)
    assert shares.min() > 0.6 / len(shares) and shares.max() < 1.5 / len(shares)


@EACH
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"n": 0}, ValueError, "n is 0, it needs 1 or more"),
        ({"n": 2.0}, TypeError, "n is 2.0, it needs a whole number"),
        ({"n": True}, TypeError, "n is True"),
        ({"seed": -1}, ValueError, "seed is -1, it needs 0 or more"),
        ({"seed": None}, TypeError, "seed is None"),
        ({"part": "all"}, ValueError, "part is 'all'"),
    ],
)
def test_bad_arguments_are_named(draw, arguments, error, words):
    with pytest.raises(error, match=f"{draw.__name__}: {words}"):
        draw(**({"n": 2, "seed": 0} | arguments))


def test_other_places_and_starts_are_refused_and_so_are_more_digits_than_there_are():
    with pytest.raises(ValueError, match="sequences: place is 'left'"):
        sequences(2, seed=0, place="left")
    with pytest.raises(ValueError, match="outlines: start is 0"):
        outlines(2, seed=0, start=0)
    with pytest.raises(ValueError, match="outlines: n is 10001, part 'test' has 10000 digits"):
        outlines(10_001, seed=0, part="test")


def test_a_pattern_stands_at_its_place_and_only_there():
    drawn = sequences(2000, seed=0, place="fixed")
    assert drawn.signals.shape == (2000, 64, 1)
    deviation = drawn.signals[..., 0].std(axis=0)
    inside = deviation[FIXED_START + 1 : FIXED_START + 21]
    outside = np.delete(deviation, range(FIXED_START, FIXED_START + 33))
    np.testing.assert_allclose(outside, NOISE, rtol=0.1)
    assert inside.min() > 2 * NOISE


def test_place_changes_nothing_but_the_place():
    """The noise of both is the same: outside of both patterns the signals agree."""
    anywhere, fixed = (sequences(50, seed=0, place=place) for place in ("random", "fixed"))
    np.testing.assert_array_equal(anywhere.labels, fixed.labels)
    same = anywhere.signals == fixed.signals
    assert (same[..., 0].mean(axis=1) > 0.04).mean() > 0.9  # samples outside of both
    assert not np.array_equal(anywhere.signals, fixed.signals)


def test_a_signal_resembles_its_own_pattern_most():
    drawn = sequences(400, seed=1, place="fixed")
    at = np.linspace(0, 23, 28)  # the mean length
    patterns = np.array([np.interp(at, range(24), row) for row in drawn.templates])
    found = drawn.signals[:, FIXED_START : FIXED_START + 28, 0]
    answers = (found @ patterns.T).argmax(axis=1)
    assert (answers == drawn.labels).mean() > 0.6  # of ten, and stretched otherwise


def test_patterns_have_one_mean_and_one_deviation():
    templates = sequences(1, seed=0).templates
    assert templates.shape == (10, 24)
    np.testing.assert_allclose(templates.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(templates.std(axis=1), 1, atol=1e-12)


def test_an_outline_is_a_closed_walk_in_equal_steps_around_the_ink():
    walks = outlines(60, seed=0)
    assert walks.signals.shape == (60, 64, 2)
    np.testing.assert_allclose(walks.signals.sum(axis=1), 0, atol=1e-4)
    lengths = np.linalg.norm(walks.signals, axis=2)
    assert lengths.max() < 1 + 1e-5  # a step may cut a corner, it is never longer
    assert np.median(lengths) > 0.97
    height = np.ptp(walks.signals[..., 1].cumsum(axis=1), axis=1)
    width = np.ptp(walks.signals[..., 0].cumsum(axis=1), axis=1)
    ones, zeros = walks.labels == 1, walks.labels == 0
    assert (height / width)[ones].mean() > 2 * (height / width)[zeros].mean()
    test = mnist().x_train
    assert (walks.images[0] == test).all(axis=(1, 2, 3)).any()


def test_a_random_start_turns_the_walk_and_nothing_else():
    top, anywhere = (outlines(30, seed=2, start=start) for start in ("top", "random"))
    np.testing.assert_array_equal(top.labels, anywhere.labels)
    moved = 0
    for one, other in zip(top.signals, anywhere.signals, strict=True):
        turns = [k for k in range(64) if np.array_equal(np.roll(one, -k, axis=0), other)]
        assert turns
        moved += turns[0] > 0
    assert moved > 25
    heights = top.signals[..., 1].cumsum(axis=1)
    assert (heights > -1e-4).all()  # nothing lies above the top


def test_recording_is_what_matplotlib_ships(monkeypatch, tmp_path):
    recording = eeg()
    assert recording.signal.shape == (800, 4) and recording.signal.dtype == np.float32
    assert recording.rate == 80 and len(recording.names) == 4
    assert np.isfinite(recording.signal).all()
    two_largest = np.sort(np.abs(recording.signal[:, 0]).argsort()[-2:])
    assert 6.5 < two_largest[0] / 80 < 9
    assert recordings_module.SAMPLES == 800
    broken = tmp_path / "eeg.dat"
    np.zeros(5).tofile(broken)
    monkeypatch.setattr("matplotlib.cbook.get_sample_data", lambda name, asfileobj: str(broken))
    with pytest.raises(ValueError, match=r"eeg\.dat has 5 numbers"):
        eeg()


def test_a_digit_moves_the_way_its_label_says_at_one_speed():
    films = videos(80, seed=0)
    assert films.clips.shape == (80, 6, 24, 24, 1)
    assert films.clips.min() >= 0 and films.clips.max() <= 1
    assert films.names == tuple(DIRECTIONS)
    places = np.indices((24, 24)).astype(float)
    for clip, label in zip(films.clips[..., 0], films.labels, strict=True):
        center = np.array([(places * frame).sum(axis=(1, 2)) / frame.sum() for frame in clip])
        steps = np.diff(center, axis=0)
        speed = np.abs(steps).max()
        assert round(speed) in (1, 2) and abs(speed - round(speed)) < 1e-4
        expected = np.array(DIRECTIONS[films.names[label]]) * round(speed)
        np.testing.assert_allclose(steps, np.tile(expected, (5, 1)), atol=1e-4)
        sums = clip.sum(axis=(1, 2))
        np.testing.assert_allclose(sums, sums[0], rtol=1e-5)  # the whole digit in every frame


def test_no_single_frame_tells_left_from_right():
    """Where the digit is, averaged over many films, is the same for both directions."""
    films = videos(3000, seed=0)
    columns = (films.clips[..., 0].sum(axis=2) * np.arange(24)).sum(axis=2)
    columns = columns / films.clips.sum(axis=(2, 3, 4))
    left, right = (columns[films.labels == k] for k in (0, 1))
    assert abs(left.mean() - right.mean()) < 0.3
    np.testing.assert_allclose(left[:, ::-1].mean(axis=0), right.mean(axis=0), atol=0.4)


def test_backward_turns_the_frames_and_the_label():
    films = videos(40, seed=0)
    other = films.backward()
    np.testing.assert_array_equal(other.clips, films.clips[:, ::-1])
    names = [
        (films.names[a], films.names[b]) for a, b in zip(films.labels, other.labels, strict=True)
    ]
    opposite = {("left", "right"), ("right", "left"), ("up", "down"), ("down", "up")}
    assert set(names) == opposite


def test_frames_are_arranged_in_an_order_with_black_between():
    films = videos(3, seed=0)
    arranged = films.arranged([None, 5, 0])
    assert arranged.clips.shape == (3, 3, 24, 24, 1) and not arranged.clips[:, 0].any()
    np.testing.assert_array_equal(arranged.clips[:, 1:], films.clips[:, [5, 0]])
    np.testing.assert_array_equal(arranged.labels, films.labels)


def test_speed_is_how_far_a_film_moves_in_a_frame():
    films = videos(40, seed=0)
    for clip, label, speed in zip(films.clips, films.labels, films.speeds, strict=True):
        sign, axis = (-1, 1, -1, 1)[label], (1, 1, 0, 0)[label]
        np.testing.assert_array_equal(np.roll(clip[0], sign * speed, axis=axis), clip[1])
    assert set(films.speeds) == {1, 2}


def test_a_solid_is_several_slices_of_one_digit():
    solids = volumes(40, seed=0)
    assert solids.volumes.shape == (40, 14, 14, 14, 1)
    assert solids.volumes.min() >= 0 and solids.volumes.max() <= 1
    for solid in solids.volumes[..., 0]:
        filled = np.flatnonzero(solid.max(axis=(1, 2)) > 0.45)
        assert 3 <= len(filled) <= 8
        assert filled[-1] - filled[0] == len(filled) - 1
