"""Drawn faces over crops of photographs, with eight named landmarks."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from cnnlib.datasets import scenes
from cnnlib.datasets.polygons import (
    DISK,
    HAIR,
    SKIN,
    bar,
    beside,
    corners,
    darker,
    hsv,
    in_light,
    lighter,
    pick,
)

PHOTOS = ("coffee", "rocket", "brick", "gravel", "grass", "china", "flower")
LANDMARKS = (
    "left eye, outer corner",
    "left eye, inner corner",
    "right eye, inner corner",
    "right eye, outer corner",
    "tip of the nose",
    "left corner of the mouth",
    "right corner of the mouth",
    "chin",
)
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
    polygons, landmarks = _face(random, pose)
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


class _Pose(NamedTuple):
    """How a head is held: from its own coordinates to pixels."""

    turn: float  # to the side, radians
    nod: float
    tilt: float
    radius: float  # from the middle to the chin, pixels
    middle: np.ndarray
    width: float  # of the head, as a share of its height

    def flat(self, points):
        """Points (k, 2) in the plane of the picture: tilted and placed, not turned."""
        x, y = points[:, 0] * self.width, -points[:, 1]
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        return self.radius * np.stack([x * cos - y * sin, x * sin + y * cos], axis=1) + self.middle

    def round(self, points, *, lift=0.0):
        """Points on the round front of the head, `lift` above it, turned with it."""
        x, y = points[:, 0], points[:, 1]
        depth = 0.85 * np.sqrt(np.maximum(0.02, 1 - x**2 - (y / 1.15) ** 2)) + lift
        turned = np.stack(
            [
                x * np.cos(self.turn) + depth * np.sin(self.turn),
                y * np.cos(self.nod) + depth * np.sin(self.nod),
            ],
            axis=1,
        )
        return self.flat(turned)


def _pose(random, size):
    radius = random.uniform(0.24, 0.4) * size
    shift = random.uniform(-1, 1, 2) * (size / 2 - 0.95 * radius)
    if random.random() < 0.1:
        shift = random.choice([-1, 1], 2) * random.uniform(0.3, 0.5, 2) * size
    return _Pose(
        turn=np.radians(random.uniform(-35, 35)),
        nod=np.radians(random.uniform(-12, 12)),
        tilt=np.radians(random.uniform(-25, 25)),
        radius=radius,
        middle=size / 2 + shift,
        width=random.uniform(0.7, 0.85),
    )


def _face(random, pose):
    """The polygons of a head and its eight landmarks, in pixels."""
    skin = darker(pick(random, SKIN), random.uniform(0.85, 1.05))
    hair = pick(random, HAIR)
    jaw = random.uniform(0.05, 0.25)
    outline = DISK * (1 - jaw * np.maximum(0, -DISK[:, 1:]) ** 2) ** (1, 0)
    shirt = hsv(random.random(), random.uniform(0, 0.8), random.uniform(0.2, 0.9))
    parts = []
    if random.random() < 0.35:  # long hair, behind everything
        parts.append((pose.flat(corners((-1.1, 0.5), (1.1, 0.5), (1.2, -1), (-1.2, -1))), hair))
    parts += [
        (pose.flat(corners((-0.45, -0.5), (0.45, -0.5), (0.5, -1.4), (-0.5, -1.4))), darker(skin)),
        (
            pose.flat(
                corners((-0.6, -1.2), (0.6, -1.2), (1.7, -1.6), (1.7, -3), (-1.7, -3), (-1.7, -1.6))
            ),
            shirt,
        ),
        (pose.flat(DISK * (0.16, 0.2) + (-1, 0)), darker(skin, 0.85)),
        (pose.flat(DISK * (0.16, 0.2) + (1, 0)), darker(skin, 0.85)),
        (pose.flat(outline), skin),
    ]
    if random.random() < 0.85:
        parts.append((pose.flat(_cap(random)), hair))
    eyes, eye_corners = _eyes(random, pose, hair)
    nose, tip = _nose(random, pose, skin)
    mouth, mouth_corners = _mouth(random, pose, skin)
    chin = corners((0, -0.98))
    dimple = pose.round(DISK * (0.14, 0.05) + (0, -0.86))
    landmarks = np.concatenate([eye_corners, tip, mouth_corners, pose.round(chin)])
    return [*parts, (dimple, darker(skin, 0.88)), *eyes, *nose, *mouth], landmarks


def _cap(random):
    """Hair on top, down to a straight or parted line over the forehead."""
    line, part = random.uniform(0.5, 0.72), random.uniform(-0.5, 0.5)
    top = DISK[:8] * (1.06, 1.1)
    return np.concatenate(
        [top, corners((-0.95, 0.25), (part - 0.4, line), (part + 0.4, line + 0.08), (0.95, 0.25))]
    )


def _eyes(random, pose, hair):
    """Both eyes with their brows; outer, inner, inner, outer corner."""
    inner, length = random.uniform(0.17, 0.23), random.uniform(0.24, 0.32)
    height, level = random.uniform(0.06, 0.12), random.uniform(0.12, 0.2)
    slant, raised = random.uniform(-0.03, 0.05), random.uniform(0.16, 0.24)
    look = random.uniform(-0.06, 0.06)
    iris = pick(random, ((60, 40, 25), (40, 70, 50), (60, 90, 140), (25, 20, 18)))
    glasses = random.random() < 0.2
    parts, ends = [], []
    for side in (-1, 1):
        corner_in = np.array([side * inner, level])
        corner_out = np.array([side * (inner + length), level + slant])
        middle = (corner_in + corner_out) / 2
        lid = corners(
            corner_in, beside(middle, 0, height), corner_out, beside(middle, 0, -0.7 * height)
        )
        parts += [
            (pose.round(_rounded(lid)), (240, 240, 238)),
            (pose.round(DISK * (0.75 * height, 0.85 * height) + middle + (look, 0)), iris),
            (pose.round(DISK * (0.3 * height, 0.35 * height) + middle + (look, 0)), (10, 10, 10)),
            (
                pose.round(
                    bar(beside(corner_in, 0, raised), beside(corner_out, 0.03 * side, raised), 0.05)
                ),
                hair,
            ),
        ]
        if glasses:
            ring = DISK * (0.24, 0.2)
            parts += [
                (pose.round(bar(a, b, 0.035) + middle, lift=0.08), (40, 40, 45))
                for a, b in zip(ring, np.roll(ring, 1, axis=0), strict=True)
            ]
        ends.append([corner_out, corner_in])
    (left_out, left_in), (right_out, right_in) = ends
    return parts, pose.round(corners(left_out, left_in, right_in, right_out))


def _rounded(lid):
    """Four corners with the middles of the arcs between them, a little outward."""
    middle = lid.mean(axis=0)
    between = (lid + np.roll(lid, -1, axis=0)) / 2
    between = middle + 1.12 * (between - middle)
    return np.stack([lid, between], axis=1).reshape(-1, 2)


def _nose(random, pose, skin):
    level, wide = random.uniform(-0.26, -0.16), random.uniform(0.1, 0.16)
    lift = random.uniform(0.15, 0.25)
    tip = pose.round(corners((0, level)), lift=lift)
    bridge = pose.round(corners((-0.06, 0.15), (0.06, 0.15)))
    wings = pose.round(corners((wide, level - 0.06), (-wide, level - 0.06)))
    shade, light = darker(skin, 0.8), lighter(skin)
    return [
        (np.concatenate([bridge, wings]), darker(skin, 0.92)),
        (np.concatenate([wings, tip]), shade),
        (np.concatenate([bridge[:1], tip, bridge[1:]]), light),
        (tip + pose.radius * 0.05 * DISK, light),
    ], tip


def _mouth(random, pose, skin):
    """Lips, at times open; the left and the right corner."""
    half, level = random.uniform(0.2, 0.34), random.uniform(-0.58, -0.48)
    smile, gape = random.uniform(-0.06, 0.1), random.uniform(0, 0.14)
    lips = tuple(
        0.6 * channel + 0.4 * red for channel, red in zip(skin, (190, 40, 50), strict=True)
    )
    ends = corners((-half, level + smile), (half, level + smile))
    upper, lower = (0, level + 0.06), (0, level - 0.07 - gape)
    parts = [(pose.round(_rounded(corners(ends[0], upper, ends[1], lower))), lips)]
    inside = (40, 15, 15) if gape > 0.05 else darker(lips, 0.6)
    opened = corners(ends[0] * (0.85, 1), (0, level), ends[1] * (0.85, 1), (0, level - 0.03 - gape))
    return [*parts, (pose.round(_rounded(opened)), inside)], pose.round(ends)


def _covers(random, pose):
    """Sunglasses, a mask, or something in front of a part of the face."""
    color = hsv(random.random(), random.uniform(0, 0.6), random.uniform(0.1, 0.9))
    kind = random.integers(3)
    if kind == 0:
        glass = (random.uniform(15, 60),) * 3
        lens = 1.15 * _rounded(corners((-0.26, 0), (0, 0.18), (0.26, 0), (0, -0.2)))
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
