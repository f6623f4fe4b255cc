"""Real faces, live and as pictures of pictures: what the simulation leaves, what is caught."""

import numpy as np
import pytest
from scipy import ndimage

from cnnlib.datasets import face_crops, photo
from cnnlib.faces.liveness import ARTIFACTS, CUES, Liveness, captured, cues, recaptured

FACES = face_crops().images[:100]
KNOWN, NEW = FACES[:60], FACES[60:]


@pytest.fixture(scope="module")
def check():
    return Liveness().fit(captured(KNOWN, seed=0), recaptured(KNOWN, seed=1))


def test_recaptures_of_people_never_seen_are_caught(check):
    live, pictures = captured(NEW, seed=2), recaptured(NEW, seed=3)
    caught, turned_away = check.probability(pictures) < 0.5, check.probability(live) < 0.5
    assert caught.mean() > 0.85 and turned_away.mean() < 0.15


def test_a_second_camera_alone_leaves_little_to_catch(check):
    seen_twice = recaptured(NEW, seed=4, artifacts=[])
    assert (check.probability(seen_twice) < 0.5).mean() < 0.4


def test_shuffled_labels_teach_nothing():
    pictures = np.concatenate([captured(KNOWN, seed=0), recaptured(KNOWN, seed=1)])
    order = np.random.default_rng(0).permutation(len(pictures))
    check = Liveness().fit(pictures[order[:60]], pictures[order[60:]])
    live, recaptures = captured(NEW, seed=2), recaptured(NEW, seed=3)
    answers = np.concatenate([check.probability(live), check.probability(recaptures)])
    assert abs(answers - 0.5).max() < 0.49
    assert ((answers < 0.5) == np.repeat([False, True], 40)).mean() < 0.8


@pytest.mark.parametrize(
    "artifact, cue, direction",
    [
        ("moire", "stripes", 1),
        ("blur", "detail", -1),
        ("flat", "darkest", 1),
        ("flat", "brightest", -1),
        ("glare", "highlight", 1),
    ],
)
def test_each_artifact_moves_its_cue(artifact, cue, direction):
    without, with_it = (cues(recaptured(FACES, seed=0, artifacts=a)) for a in ([], [artifact]))
    moved = direction * (with_it - without)[:, CUES.index(cue)]
    assert (moved > 0).mean() > 0.7


def test_moire_is_a_wave_that_neither_screen_nor_face_has():
    gray = np.full((1, 64, 64), 0.5)
    plain, stripes = (recaptured(gray, seed=5, artifacts=a)[0] for a in ([], ["moire"]))
    waves = [np.abs(np.fft.rfft2(image - image.mean())) for image in (plain, stripes)]
    assert waves[1].max() > 5 * waves[0].max()
    down, across = np.unravel_index(waves[1].argmax(), waves[1].shape)
    frequency = np.hypot(min(down, 64 - down), across) / 64
    # The screen's own wave has 1 / 1.5 to 1 / 1.05 periods a pixel: what is seen is its alias.
    assert frequency < 0.5


def test_the_cameras_take_the_same_with_and_without_an_artifact():
    plain, lit = (recaptured(FACES, seed=0, artifacts=a) for a in ([], ["glare"]))
    assert (lit - plain).min() >= 0  # the same exposure, the same noise, and light on top
    assert (lit - plain).max(axis=(1, 2, 3)).min() > 0.05


def test_the_order_and_kind_of_the_list_of_artifacts_do_not_count():
    first = recaptured(FACES[:3], seed=0, artifacts=["glare", "flat"])
    np.testing.assert_array_equal(first, recaptured(FACES[:3], seed=0, artifacts=("flat", "glare")))


def test_the_astronaut_is_live_and_her_picture_is_not():
    portrait = photo("astronaut", gray=True).image[75:185, 163:278]
    small = np.stack([ndimage.zoom(portrait, (25 / 110, 25 / 115), grid_mode=True, mode="nearest")])
    small = np.repeat(np.clip(small, 0, 1), 20, axis=0)
    check = Liveness().fit(captured(FACES, seed=0), recaptured(FACES, seed=1))
    assert check.probability(captured(small, seed=2)).mean() > 0.7
    assert check.probability(recaptured(small, seed=3)).mean() < 0.3


def test_the_same_seed_draws_the_same_and_another_does_not():
    for draw in (captured, recaptured):
        first = draw(FACES[:3], seed=0)
        np.testing.assert_array_equal(first, draw(FACES[:3], seed=0))
        assert np.abs(first - draw(FACES[:3], seed=1)).max() > 0.02


@pytest.mark.parametrize("shape", [(1, 16, 16), (2, 16, 40, 1), (3, 33, 17, 3)])
def test_gray_and_color_keep_their_shape_and_range(shape):
    images = np.random.default_rng(0).random(shape)
    for changed in (captured(images, seed=0), recaptured(images, seed=0)):
        assert changed.shape == shape and changed.dtype == np.float32
        assert 0 <= changed.min() < changed.max() <= 1
    assert cues(images).shape == (len(images), 5)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_picture_of_one_gray_has_cues(value):
    assert np.isfinite(cues(np.full((1, 20, 20), value))).all()


def test_a_gray_picture_has_the_cues_of_its_three_equal_channels():
    np.testing.assert_allclose(cues(np.repeat(FACES[:3], 3, axis=-1)), cues(FACES[:3]), atol=1e-6)


@pytest.mark.parametrize(
    "images, error, words",
    [
        (np.zeros((2, 15, 20)), ValueError, "16×16 pixels at least"),
        (np.zeros((20, 20)), ValueError, r"shape \(20, 20\)"),
        (np.zeros((0, 20, 20)), ValueError, r"shape \(0, 20, 20\)"),
        (np.zeros((1, 20, 20, 0)), ValueError, "it needs"),
        (np.full((1, 20, 20), 255), ValueError, r"holds 255 to 255, it needs numbers in 0…1"),
        (np.full((1, 20, 20), np.nan), ValueError, "holds nan"),
        (np.full((1, 20, 20), -0.1), ValueError, r"holds -0\.1"),
        (np.zeros((1, 20, 20), bool), TypeError, "type bool"),
        ([np.zeros((20, 20)), np.zeros((21, 20))], ValueError, "is no array"),
    ],
)
def test_pictures_of_another_form_are_refused(images, error, words):
    for call in (cues, lambda x: captured(x, seed=0), lambda x: recaptured(x, seed=0)):
        with pytest.raises(error, match=words):
            call(images)


def test_unknown_artifacts_and_a_check_that_learned_nothing_are_refused():
    with pytest.raises(ValueError, match=r"artifacts is 'paper', it needs one of \['moire'"):
        recaptured(FACES[:1], seed=0, artifacts=["moire", "paper"])
    with pytest.raises(ValueError, match="it needs fit first"):
        Liveness().probability(FACES[:1])
    assert recaptured(FACES[:1], seed=0, artifacts="blur").shape == (1, 25, 25, 1)
    assert len(ARTIFACTS) == 4
