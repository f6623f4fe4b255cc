"""Drawn people: as many as one needs, each in many pictures, to learn whose face it is."""

from typing import NamedTuple

import numpy as np
from PIL import ImageDraw

from cnnlib.datasets import scenes
from cnnlib.datasets.heads import IRIS, Look, Pose, head
from cnnlib.datasets.landmark_faces import PHOTOS
from cnnlib.datasets.polygons import HAIR, SKIN, darker, hsv, in_light, pick

LEAST_SIZE = 32


class Faces(NamedTuple):
    """Pictures of faces, whose face each of them is, and where the pictures come from.

    `images`: (m, size, size, 3) float32 array in 0…1.
    `labels`: (m,) int64 array. `source`, `license`: str.
    """

    images: np.ndarray
    labels: np.ndarray
    source: str
    license: str


def faces(identities, per_identity, *, seed, size=48, part="train"):
    """Pictures of drawn people, in crops such as a face detector gives.

    A person has a shape of the head, hair, skin, and eyes, brows, nose and mouth of a size and at a
    place of their own. What changes from picture to picture is the light and where it comes from,
    how the head is held, the expression, the clothes, the background, and noise.

    Parameters
    ----------
    identities, per_identity : int
        Number of people, and pictures of each.
    seed : int
        A picture depends on the seed, the part, its person and its place among the person's
        pictures alone: the first 10 of 100 are those of 10.
    size : int
        Height and width in pixels, 32 or more; the face grows with it.
    part : "train" or "test"
        The people of one part are not those of the other, whatever the seeds. Backgrounds are from
        the left 60 % of photographs, or from the right 40 %.

    Returns
    -------
    Faces
        `images` (identities·per_identity, size, size, 3) float32 in 0…1 and `labels`
        (identities·per_identity,), person after person: 0, 0, …, 1, 1, …; `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> people = faces(3, 2, seed=0)
    >>> people.images.shape, people.labels
    ((6, 48, 48, 3), array([0, 0, 1, 1, 2, 2]))
    """
    scenes.require_numbers(
        "faces",
        part,
        identities=(identities, 1),
        per_identity=(per_identity, 1),
        seed=(seed, 0),
        size=(size, LEAST_SIZE),
    )
    images = np.empty((identities, per_identity, size, size, 3), np.float32)
    for label in range(identities):
        random = scenes.stream(seed, part, label)
        person = _person(random)
        for place, moment in enumerate(random.spawn(per_identity)):
            images[label, place] = _picture(person, moment, part, size)
    source, license = scenes.origins(PHOTOS)
    return Faces(
        images.reshape(-1, size, size, 3),
        np.repeat(np.arange(identities), per_identity),
        f"people drawn by cnnlib over crops of photographs: {source}",
        f"drawings: the license of cnnlib; photographs: {license}",
    )


class _Person(NamedTuple):
    """What stays the same in all pictures of a person."""

    look: Look
    width: float  # of the head, as a share of its height


def _person(random):
    tone = random.uniform(0, len(SKIN) - 1)
    hair = random.choice(["long", "short", "bald"], p=[0.35, 0.5, 0.15])
    skin = [np.interp(tone, range(len(SKIN)), channel) for channel in zip(*SKIN, strict=True)]
    look = Look(
        skin=tuple(skin),
        hair=darker(pick(random, HAIR), random.uniform(0.7, 1.3)),
        shirt=(0, 0, 0),
        jaw=random.uniform(0.02, 0.35),
        long_hair=hair == "long",
        hairline=None if hair == "bald" else (random.uniform(0.4, 0.8), random.uniform(-0.6, 0.6)),
        eye_inner=random.uniform(0.12, 0.26),
        eye_length=random.uniform(0.2, 0.36),
        eye_height=random.uniform(0.06, 0.14),
        eye_level=random.uniform(0.04, 0.24),
        eye_slant=random.uniform(-0.06, 0.08),
        brow=random.uniform(0.13, 0.26),
        gaze=0,
        iris=pick(random, IRIS),
        glasses=random.random() < 0.15,
        nose_level=random.uniform(-0.32, -0.12),
        nose_width=random.uniform(0.07, 0.2),
        nose_lift=random.uniform(0.12, 0.3),
        mouth_half=random.uniform(0.16, 0.4),
        mouth_level=random.uniform(-0.64, -0.46),
        smile=0,
        gape=0,
        brow_width=random.uniform(0.03, 0.11),
    )
    return _Person(look, random.uniform(0.66, 0.9))


def _picture(person, random, part, size):
    """A person at a moment: drawn at twice the size, averaged down, lit, and taken by a camera."""
    canvas = scenes.background(random, PHOTOS, part, 2 * size)
    polygons, _ = head(_expression(person.look, random), _pose(random, size, person.width))
    shine = random.uniform(0.8, 1.1)
    draw = ImageDraw.Draw(canvas)
    for polygon, color in polygons:
        draw.polygon((2 * polygon).ravel().tolist(), fill=in_light(color, shine))
    picture = np.asarray(canvas.reduce(2), np.float32) / np.float32(255)
    return scenes.camera(picture * _light(random, size), random)


def _expression(look, random):
    """The look with an expression, and in the clothes of the day."""
    return look._replace(
        shirt=hsv(random.random(), random.uniform(0, 0.8), random.uniform(0.2, 0.9)),
        eye_height=look.eye_height * random.uniform(0.6, 1.1),
        brow=look.brow + random.uniform(-0.03, 0.03),
        gaze=random.uniform(-0.06, 0.06),
        smile=random.uniform(-0.06, 0.1),
        gape=random.uniform(0, 0.14),
    )


def _pose(random, size, width):
    """A head that fills most of the picture, turned and tilted a little."""
    return Pose(
        turn=np.radians(random.uniform(-25, 25)),
        nod=np.radians(random.uniform(-12, 12)),
        tilt=np.radians(random.uniform(-12, 12)),
        radius=random.uniform(0.36, 0.44) * size,
        middle=size / 2 + random.uniform(-0.05, 0.05, 2) * size,
        width=width,
    )


def _light(random, size):
    """How strong the light is at each pixel, (size, size, 1): more from one side than the other."""
    angle, slope = random.uniform(0, 2 * np.pi), random.uniform(0, 0.5)
    ramp = np.linspace(-1, 1, size)
    across = ramp * np.cos(angle) + ramp[:, np.newaxis] * np.sin(angle)
    return np.float32(1 + slope * across)[..., np.newaxis]
