"""A drawn head: what it looks like and how it is held, to polygons and eight landmarks.

A head has coordinates of its own: x to the viewer's right, y up, the face within −1…1.
"""

from typing import NamedTuple

import numpy as np

from cnnlib.datasets.polygons import DISK, bar, beside, corners, darker, lighter

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
IRIS = ((60, 40, 25), (40, 70, 50), (60, 90, 140), (25, 20, 18))


class Look(NamedTuple):
    """What a head looks like: colors of 0…255, lengths and heights in the head's coordinates."""

    skin: tuple
    hair: tuple
    shirt: tuple
    jaw: float  # how much narrower the chin is
    long_hair: bool
    hairline: tuple | None  # height over the forehead and place of the parting; None is bald
    eye_inner: float  # from the middle to the inner corner
    eye_length: float
    eye_height: float
    eye_level: float
    eye_slant: float
    brow: float  # height above the eye
    gaze: float  # to the side
    iris: tuple
    glasses: bool
    nose_level: float
    nose_width: float
    nose_lift: float  # of the tip above the face
    mouth_half: float
    mouth_level: float
    smile: float
    gape: float
    brow_width: float = 0.05


class Pose(NamedTuple):
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


def head(look, pose):
    """The polygons of a head with their colors, from back to front, and its landmarks, in pixels.

    Returns
    -------
    list of ((k, 2) array, color)
    (8, 2) array
        In the order of `LANDMARKS`.
    """
    skin, hair = look.skin, look.hair
    outline = DISK * (1 - look.jaw * np.maximum(0, -DISK[:, 1:]) ** 2) ** (1, 0)
    parts = []
    if look.long_hair:  # behind everything
        parts.append((pose.flat(corners((-1.1, 0.5), (1.1, 0.5), (1.2, -1), (-1.2, -1))), hair))
    parts += [
        (pose.flat(corners((-0.45, -0.5), (0.45, -0.5), (0.5, -1.4), (-0.5, -1.4))), darker(skin)),
        (
            pose.flat(
                corners((-0.6, -1.2), (0.6, -1.2), (1.7, -1.6), (1.7, -3), (-1.7, -3), (-1.7, -1.6))
            ),
            look.shirt,
        ),
        (pose.flat(DISK * (0.16, 0.2) + (-1, 0)), darker(skin, 0.85)),
        (pose.flat(DISK * (0.16, 0.2) + (1, 0)), darker(skin, 0.85)),
        (pose.flat(outline), skin),
    ]
    if look.hairline:
        parts.append((pose.flat(_cap(*look.hairline)), hair))
    eyes, eye_corners = _eyes(look, pose)
    nose, tip = _nose(look, pose)
    mouth, mouth_corners = _mouth(look, pose)
    chin = corners((0, -0.98))
    dimple = pose.round(DISK * (0.14, 0.05) + (0, -0.86))
    landmarks = np.concatenate([eye_corners, tip, mouth_corners, pose.round(chin)])
    return [*parts, (dimple, darker(skin, 0.88)), *eyes, *nose, *mouth], landmarks


def _cap(line, part):
    """Hair on top, down to a straight or parted line over the forehead."""
    top = DISK[:8] * (1.06, 1.1)
    return np.concatenate(
        [top, corners((-0.95, 0.25), (part - 0.4, line), (part + 0.4, line + 0.08), (0.95, 0.25))]
    )


def _eyes(look, pose):
    """Both eyes with their brows; outer, inner, inner, outer corner."""
    height = look.eye_height
    parts, ends = [], []
    for side in (-1, 1):
        corner_in = np.array([side * look.eye_inner, look.eye_level])
        corner_out = beside(corner_in, side * look.eye_length, look.eye_slant)
        middle = (corner_in + corner_out) / 2
        lid = corners(
            corner_in, beside(middle, 0, height), corner_out, beside(middle, 0, -0.7 * height)
        )
        seen = beside(middle, look.gaze, 0)
        brow = bar(
            beside(corner_in, 0, look.brow),
            beside(corner_out, 0.03 * side, look.brow),
            look.brow_width,
        )
        parts += [
            (pose.round(rounded(lid)), (240, 240, 238)),
            (pose.round(DISK * (0.75 * height, 0.85 * height) + seen), look.iris),
            (pose.round(DISK * (0.3 * height, 0.35 * height) + seen), (10, 10, 10)),
            (pose.round(brow), look.hair),
        ]
        if look.glasses:
            ring = DISK * (0.24, 0.2)
            parts += [
                (pose.round(bar(a, b, 0.035) + middle, lift=0.08), (40, 40, 45))
                for a, b in zip(ring, np.roll(ring, 1, axis=0), strict=True)
            ]
        ends.append([corner_out, corner_in])
    (left_out, left_in), (right_out, right_in) = ends
    return parts, pose.round(corners(left_out, left_in, right_in, right_out))


def rounded(lid):
    """Four corners with the middles of the arcs between them, a little outward."""
    middle = lid.mean(axis=0)
    between = (lid + np.roll(lid, -1, axis=0)) / 2
    between = middle + 1.12 * (between - middle)
    return np.stack([lid, between], axis=1).reshape(-1, 2)


def _nose(look, pose):
    """Bridge, sides and tip of the nose; its tip."""
    level, wide = look.nose_level, look.nose_width
    tip = pose.round(corners((0, level)), lift=look.nose_lift)
    bridge = pose.round(corners((-0.06, 0.15), (0.06, 0.15)))
    wings = pose.round(corners((wide, level - 0.06), (-wide, level - 0.06)))
    shade, light = darker(look.skin, 0.8), lighter(look.skin)
    return [
        (np.concatenate([bridge, wings]), darker(look.skin, 0.92)),
        (np.concatenate([wings, tip]), shade),
        (np.concatenate([bridge[:1], tip, bridge[1:]]), light),
        (tip + pose.radius * 0.05 * DISK, light),
    ], tip


def _mouth(look, pose):
    """Lips, at times open; the left and the right corner."""
    half, level, gape = look.mouth_half, look.mouth_level, look.gape
    lips = tuple(
        0.6 * channel + 0.4 * red for channel, red in zip(look.skin, (190, 40, 50), strict=True)
    )
    ends = corners((-half, level + look.smile), (half, level + look.smile))
    upper, lower = (0, level + 0.06), (0, level - 0.07 - gape)
    parts = [(pose.round(rounded(corners(ends[0], upper, ends[1], lower))), lips)]
    inside = (40, 15, 15) if gape > 0.05 else darker(lips, 0.6)
    opened = corners(ends[0] * (0.85, 1), (0, level), ends[1] * (0.85, 1), (0, level - 0.03 - gape))
    return [*parts, (pose.round(rounded(opened)), inside)], pose.round(ends)
