"""Drawn faces over crops of photographs, with eight named landmarks."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from cnnlib.datasets import scenes
from cnnlib.datasets.heads import IRIS, LANDMARKS, Look, Pose, head, rounded
from cnnlib.datasets.polygons import (
    HAIR,
    SKIN,
    bar,
    beside,
    corners,
    darker,
    hsv,
    in_light,
    pick,
)

PHOTOS = ("coffee", "rocket", "brick", "gravel", "grass", "china", "flower")
MIRRORED = (3, 2, 1, 0, 4, 6, 5, 7)
LEAST_SIZE = 32
COVERED = 0.3  # share of the faces with sunglasses, a mask or something in front


class LandmarkFaces(NamedTuple):
    """Pictures of faces, where their landmarks are, and where the pictures come from.

    `images`: (m, height, width, 3) float32 array in 0…1.
    `points`: (m, 8, 2) float32 array, (x, y) of each landmark in pixels, also where it cannot be
    seen.
    `present`: (m, 8) bool array, whether a landmark can be seen: neither covered nor outside the
    picture.
    `names`: tuple of str, the landmarks; left and right are the viewer's.
    `mirrored`: tuple of int, what each landmark is in the mirror image, where left and right change
    their names.
    `source`, `license`: str.
    """

    images: np.ndarray
    points: np.ndarray
    present: np.ndarray
    names: tuple
    mirrored: tuple
    source: str
    license: str


def landmark_faces(n, *, seed, size=64, part="train"):
    """Drawn faces, one a picture, turned to the side by up to 35° and tilted by up to 25°.

    They are drawings because photographs of faces with landmarks may not be given away freely;
    and because a drawing knows where each point is, also the covered one. Head, hair, eyes, mouth,
    colors, place, size and light vary. Three in ten faces have sunglasses, a mask or something in
    front of them, and one in ten is cut by the edge of the picture.

    Parameters
    ----------
    n : int
        Number of pictures.
    seed : int
        A face depends on the seed and on its place alone: the first 10 of 100 are those of 10.
    size : int
        Height and width in pixels, 32 or more; the face grows with it.
    part : "train" or "test"
        Backgrounds from the left 60 % of the photographs, or from the right 40 %; other faces.

    Returns
    -------
    LandmarkFaces
        `images` (n, size, size, 3), `points` (n, 8, 2) in pixels, `present` (n, 8), `names`,
        `mirrored`, `source`, `license`.

    Raises
    ------
    ValueError
        For numbers below their least, and for another part.
    TypeError
        Where a number is not whole.

    Examples
    --------
    >>> faces = landmark_faces(2, seed=0)
    >>> faces.images.shape, faces.points.shape, faces.present.sum(axis=1).tolist()
    ((2, 64, 64, 3), (2, 8, 2), [8, 8])
    """
    scenes.require_scenes(
        "landmark_faces", n, seed=seed, size=size, part=part, least_size=LEAST_SIZE
    )
    images = np.empty((n, size, size, 3), np.float32)
    points = np.empty((n, len(LANDMARKS), 2), np.float32)
    present = np.empty((n, len(LANDMARKS)), bool)
    for index in range(n):
        random = scenes.stream(seed, part, index)
        images[index], points[index], present[index] = _picture(random, part, size)
    source, license = scenes.origins(PHOTOS)
    return LandmarkFaces(
        images,
        points,
        present,
        LANDMARKS,
        MIRRORED,
        f"faces drawn by cnnlib over crops of photographs: {source}",
        f"drawings: the license of cnnlib; photographs: {license}",
    )


def _picture(random, part, size):
    """A face at twice the size, averaged down, its landmarks, and which of them can be seen."""
    canvas = scenes.background(random, PHOTOS, part, 2 * size)
    pose = _pose(random, size)
    polygons, landmarks = head(_look(random), pose)
    covers = _covers(random, pose) if random.random() < COVERED else []
    shine = random.uniform(0.8, 1.1)
    draw = ImageDraw.Draw(canvas)
    for polygon, color in polygons + covers:
        draw.polygon((2 * polygon).ravel().tolist(), fill=in_light(color, shine))
    covered = Image.new("1", (2 * size, 2 * size))
    for polygon, _ in covers:
        ImageDraw.Draw(covered).polygon((2 * polygon).ravel().tolist(), fill=1)
    present = [
        0 <= x < size and 0 <= y < size and not covered.getpixel((int(2 * x), int(2 * y)))
        for x, y in landmarks
    ]
    picture = np.asarray(canvas.reduce(2), np.float32) / np.float32(255)
    return scenes.camera(picture, random), landmarks, present


def _pose(random, size):
    radius = random.uniform(0.24, 0.4) * size
    shift = random.uniform(-1, 1, 2) * (size / 2 - 0.95 * radius)
    if random.random() < 0.1:
        shift = random.choice([-1, 1], 2) * random.uniform(0.3, 0.5, 2) * size
    return Pose(
        turn=np.radians(random.uniform(-35, 35)),
        nod=np.radians(random.uniform(-12, 12)),
        tilt=np.radians(random.uniform(-25, 25)),
        radius=radius,
        middle=size / 2 + shift,
        width=random.uniform(0.7, 0.85),
    )


def _look(random):
    """What the next face looks like."""
    return Look(
        skin=darker(pick(random, SKIN), random.uniform(0.85, 1.05)),
        hair=pick(random, HAIR),
        jaw=random.uniform(0.05, 0.25),
        shirt=hsv(random.random(), random.uniform(0, 0.8), random.uniform(0.2, 0.9)),
        long_hair=random.random() < 0.35,
        hairline=_hairline(random) if random.random() < 0.85 else None,
        eye_inner=random.uniform(0.17, 0.23),
        eye_length=random.uniform(0.24, 0.32),
        eye_height=random.uniform(0.06, 0.12),
        eye_level=random.uniform(0.12, 0.2),
        eye_slant=random.uniform(-0.03, 0.05),
        brow=random.uniform(0.16, 0.24),
        gaze=random.uniform(-0.06, 0.06),
        iris=pick(random, IRIS),
        glasses=random.random() < 0.2,
        nose_level=random.uniform(-0.26, -0.16),
        nose_width=random.uniform(0.1, 0.16),
        nose_lift=random.uniform(0.15, 0.25),
        mouth_half=random.uniform(0.2, 0.34),
        mouth_level=random.uniform(-0.58, -0.48),
        smile=random.uniform(-0.06, 0.1),
        gape=random.uniform(0, 0.14),
    )


def _hairline(random):
    return random.uniform(0.5, 0.72), random.uniform(-0.5, 0.5)


def _covers(random, pose):
    """Sunglasses, a mask, or something in front of a part of the face."""
    color = hsv(random.random(), random.uniform(0, 0.6), random.uniform(0.1, 0.9))
    kind = random.integers(3)
    if kind == 0:
        glass = (random.uniform(15, 60),) * 3
        lens = 1.15 * rounded(corners((-0.26, 0), (0, 0.18), (0.26, 0), (0, -0.2)))
        bridge = bar((-0.3, 0.2), (0.3, 0.2), 0.06)
        shapes = [lens + np.array([side * 0.35, 0.15]) for side in (-1, 1)]
        return [(pose.round(shape, lift=0.05), glass) for shape in (*shapes, bridge)]
    if kind == 1:
        mask = corners(
            (-0.75, -0.1), (0, -0.02), (0.75, -0.1), (0.65, -0.8), (0, -1.1), (-0.65, -0.8)
        )
        return [(pose.round(mask, lift=0.1), color)]
    end = random.uniform(-1, 1, 2)
    far = beside(end, random.choice([-3, 3]), random.uniform(-2, 2))
    return [(pose.flat(bar(end, far, 0.5)), color)]
