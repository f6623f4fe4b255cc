"""Drawn people: their face stays, what a moment brings does not, and the parts share nobody."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib.datasets import faces, photo
from cnnlib.datasets.faces import _expression, _light, _person
from cnnlib.datasets.landmark_faces import PHOTOS
from cnnlib.datasets.scenes import stream


@pytest.fixture(scope="module")
def people():
    return faces(40, 6, seed=0)


def by_person(people):
    """(identities, per_identity, size, size, 3)"""
    identities = people.labels[-1] + 1
    return people.images.reshape(identities, -1, *people.images.shape[1:])


def test_shapes_types_ranges_and_order(people):
    assert people.images.shape == (240, 48, 48, 3) and people.images.dtype == np.float32
    assert people.images.min() >= 0 and people.images.max() <= 1
    np.testing.assert_array_equal(people.labels, np.repeat(np.arange(40), 6))
    assert people.labels.dtype == np.int64
    assert len(np.unique(people.images.reshape(240, -1), axis=0)) == 240


def test_one_person_looks_alike_more_than_two_do(people):
    """What a face is like on average shows through: half of the pictures against the others."""
    shades = by_person(people)[:, :, 10:38, 14:34]
    first, second = shades[:, :3].mean(axis=1), shades[:, 3:].mean(axis=1)
    within = ((first - second) ** 2).sum(axis=(1, 2, 3))
    between = ((first - np.roll(second, 1, axis=0)) ** 2).sum(axis=(1, 2, 3))
    assert within.mean() < 0.7 * between.mean()


def test_pixels_do_not_tell_who_it_is(people):
    """The nearest other picture is of somebody else for most."""
    pixels = people.images.reshape(240, -1)
    squares = (pixels**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * pixels @ pixels.T
    np.fill_diagonal(distances, np.inf)
    assert (people.labels[distances.argmin(axis=1)] == people.labels).mean() < 0.35


def test_a_moment_changes_the_expression_and_the_clothes_alone():
    random = np.random.default_rng(0)
    look = _person(random).look
    moments = [_expression(look, random)._asdict() for _ in range(10)]
    changed = {name for name in look._fields if len({moment[name] for moment in moments}) > 1}
    assert changed == {"shirt", "eye_height", "brow", "gaze", "smile", "gape"}


def test_the_parts_and_the_seeds_share_nobody():
    looks = {
        _person(stream(seed, part, label)).look
        for part in ("train", "test")
        for seed in range(3)
        for label in range(100)
    }
    assert len(looks) == 600


def test_every_trait_differs_between_people():
    people = [_person(stream(0, "train", label)) for label in range(200)]
    looks = [person.look._asdict() for person in people]
    of_a_moment = {"shirt", "gaze", "smile", "gape"}
    for name in looks[0].keys() - of_a_moment:
        assert len({look[name] for look in looks}) > 1, name
    assert len({person.width for person in people}) == 200
    assert any(look["hairline"] is None for look in looks)
    assert not any(look["hairline"] is None and look["long_hair"] for look in looks)


def test_light_is_one_in_the_middle_and_grows_to_one_side():
    for seed in range(20):
        light = _light(np.random.default_rng(seed), 9)[..., 0]
        assert light.min() > 0.25 and light[4, 4] == 1
        np.testing.assert_allclose(light + light[::-1, ::-1], 2, atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["train", "test"]))
def test_the_first_pictures_are_those_of_fewer(seed, part):
    few, many = faces(2, 2, seed=seed, part=part), faces(3, 4, seed=seed, part=part)
    np.testing.assert_array_equal(by_person(few), by_person(many)[:2, :2])


def test_another_seed_and_the_other_part_give_other_pictures(people):
    for other in (faces(40, 6, seed=1), faces(40, 6, seed=0, part="test")):
        assert (other.images != people.images).any(axis=(1, 2, 3)).all()


def test_the_face_grows_with_the_size():
    small, large = faces(4, 2, seed=3), faces(4, 2, seed=3, size=96)
    averaged = large.images.reshape(8, 48, 2, 48, 2, 3).mean(axis=(2, 4))
    assert large.images.shape == (8, 96, 96, 3)
    assert np.corrcoef(small.images.ravel(), averaged.ravel())[0, 1] > 0.95


def test_the_origin_of_each_photograph_is_told(people):
    for name in PHOTOS:
        assert f"{name}: {photo(name).source}" in people.source
        assert f"{name}: {photo(name).license}" in people.license
    assert "drawn" in people.source


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"identities": 0}, "identities is 0, it needs 1 or more"),
        ({"per_identity": -2}, "per_identity is -2, it needs 1 or more"),
        ({"size": 31}, "size is 31, it needs 32 or more"),
        ({"seed": -1}, "seed is -1, it needs 0 or more"),
        ({"part": "all"}, r"part is 'all', it needs one of \['train', 'test'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=rf"faces: {message}"):
        faces(**{"identities": 1, "per_identity": 1, "seed": 0, **arguments})


@pytest.mark.parametrize(
    "arguments", [{"identities": 2.0}, {"per_identity": True}, {"seed": None}, {"size": "48"}]
)
def test_what_is_no_whole_number_is_refused(arguments):
    with pytest.raises(TypeError, match=r"faces: .* whole number"):
        faces(**{"identities": 1, "per_identity": 1, "seed": 0, **arguments})
