"""Drawn faces: each landmark lies where it is drawn, and what is covered is said to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import landmark_faces, photo
from cnnlib.datasets.heads import head
from cnnlib.datasets.landmark_faces import LANDMARKS, MIRRORED, PHOTOS, _covers, _look, _pose


@pytest.fixture(scope="module")
def faces():
    return landmark_faces(200, seed=0)


def test_shapes_types_and_ranges(faces):
    assert faces.images.shape == (200, 64, 64, 3) and faces.images.dtype == np.float32
    assert faces.images.min() >= 0 and faces.images.max() <= 1
    assert faces.points.shape == (200, 8, 2) and faces.points.dtype == np.float32
    assert faces.present.shape == (200, 8) and faces.present.dtype == bool
    assert np.isfinite(faces.points).all()
    assert faces.names == LANDMARKS and faces.mirrored == MIRRORED


def test_most_landmarks_can_be_seen_and_each_is_missing_at_times(faces):
    share = faces.present.mean(axis=0)
    assert (share > 0.7).all() and (share < 0.97).all()


def test_what_can_be_seen_lies_in_the_picture(faces):
    seen = faces.points[faces.present]
    assert seen.min() >= 0 and seen.max() < 64


def test_a_face_is_in_the_order_of_its_names(faces):
    """Along the line of the eyes, left comes before right; nose, mouth and chin follow below."""
    p = faces.points
    along = p[:, 3] - p[:, 0]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    x = ((p - p[:, :1]) * along[:, None]).sum(axis=-1)
    assert (np.diff(x[:, :4], axis=1) > 0).all() and (x[:, 5] < x[:, 6]).all()
    down = np.stack([-along[:, 1], along[:, 0]], axis=1)
    y = ((p - p[:, :1]) * down[:, None]).sum(axis=-1)
    eyes, nose, mouth, chin = y[:, :4].mean(axis=1), y[:, 4], y[:, 5:7].mean(axis=1), y[:, 7]
    assert (eyes < nose).all() and (nose < mouth).all() and (mouth < chin).all()


def test_mirrored_names_are_those_of_the_other_side():
    for place, other in enumerate(MIRRORED):
        swapped = (
            LANDMARKS[place].replace("left", "?").replace("right", "left").replace("?", "right")
        )
        assert LANDMARKS[other] == swapped
        assert MIRRORED[other] == place


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([32, 64, 120]))
def test_landmarks_are_corners_of_what_is_drawn(seed, size):
    """Of the whites of the eyes and of the lips; the tip of the nose is the middle of a light."""
    random = np.random.default_rng(seed)
    pose = _pose(random, size)
    polygons, landmarks = head(_look(random), pose)
    everything = np.concatenate([points for points, _ in polygons])
    middles = np.array([points.mean(axis=0) for points, _ in polygons])
    for place, landmark in enumerate(landmarks):
        if place != 7:
            drawn = middles if place == 4 else everything
            assert np.linalg.norm(drawn - landmark, axis=1).min() < 1e-6 * size


def test_covers_hide_what_is_under_them():
    """What sunglasses or a mask cover is not the same number of landmarks for every face."""
    counts = [landmark_faces(1, seed=seed).present.sum() for seed in range(120)]
    assert {4, 8} <= set(counts) and len(set(counts)) >= 5
    random = np.random.default_rng(0)
    kinds = {len(_covers(random, _pose(random, 64))) for _ in range(50)}
    assert kinds == {1, 3}


def test_the_same_seed_gives_the_same_faces_and_another_seed_others(faces):
    again, other = landmark_faces(10, seed=0), landmark_faces(10, seed=1)
    for mine, same in zip(again[:3], faces[:3], strict=True):
        np.testing.assert_array_equal(mine, same[:10])
    assert (other.points != again.points).all(axis=(1, 2)).all()
    test = landmark_faces(10, seed=0, part="test")
    assert (test.points != again.points).all(axis=(1, 2)).all()


def test_the_face_grows_with_the_size():
    small, large = landmark_faces(5, seed=3), landmark_faces(5, seed=3, size=128)
    assert large.images.shape == (5, 128, 128, 3)
    np.testing.assert_allclose(2 * small.points, large.points, rtol=1e-4)


def test_the_origin_of_each_photograph_is_told(faces):
    for name in PHOTOS:
        assert f"{name}: {photo(name).source}" in faces.source
        assert f"{name}: {photo(name).license}" in faces.license
    assert "drawn" in faces.source


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"n": 0}, "n is 0, it needs 1 or more"),
        ({"size": 31}, "size is 31, it needs 32 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"part": "all"}, r"part is 'all', it needs one of \['train', 'test'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"landmark_faces: {message}"):
        landmark_faces(**{"n": 1, "seed": 0, **arguments})


@pytest.mark.parametrize("arguments", [{"n": 2.0}, {"seed": None}, {"size": "64"}])
def test_what_is_no_whole_number_is_refused(arguments):
    with pytest.raises(TypeError, match=r"landmark_faces: .* whole number"):
        landmark_faces(**{"n": 1, "seed": 0, **arguments})
