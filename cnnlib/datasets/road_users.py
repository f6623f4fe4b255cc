"""The outlines of pedestrians, cars and motorcycles: each a list of colored polygons.

An outline is a list of (points, color): points are (k, 2) pairs (x, y) with x to the right and y
upward from the ground, colors three numbers in 0…255, and what comes later lies on top. All face
right; a pedestrian has height 1, a motorcycle and a car seen from the side have length 1, a car
seen from an end has width 0.65, give or take its pose.
"""

import numpy as np

from cnnlib.datasets.polygons import (
    DISK,
    HAIR,
    SKIN,
    bar,
    beside,
    corners,
    darker,
    hsv,
    lighter,
    pick,
)

_RUBBER, _METAL, _GLASS = (24, 24, 26), (150, 152, 156), (70, 90, 105)
_RED_LIGHT, _WHITE_LIGHT = (200, 30, 25), (250, 245, 215)


def pedestrian(random):
    """A person who stands or walks, seen from the front or the side."""
    return _walker(random) if random.random() < 0.5 else _facing(random)


def car(random):
    """A car seen from the side or from an end."""
    return _car_side(random) if random.random() < 0.65 else _car_end(random)


def motorcycle(random):
    """A motorcycle from the side, in two of three cases with its rider."""
    lean = np.radians(random.uniform(-6, 6))
    parts = _machine(random)
    if random.random() < 2 / 3:
        parts += _rider(random)
    turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    return [(points @ turn, color) for points, color in parts]


def _walker(random):
    """Seen from the side: legs and arms swing against each other."""
    stride, bend = random.uniform(0.05, 0.5), random.uniform(0, 0.35)
    swing = stride * random.uniform(0.6, 1.4)
    width = random.uniform(0.15, 0.2)
    shirt, trousers, skin = _cloth(random), _cloth(random), pick(random, SKIN)
    shoe, hair = _cloth(random, value=(0.05, 0.4)), pick(random, HAIR)
    hip, shoulder, head = np.array([0, 0.5]), np.array([0.02, 0.8]), np.array([0.03, 0.91])
    parts = [*_arm(shoulder, -swing, bend, darker(shirt), skin)]
    if random.random() < 0.3:  # a backpack
        parts.append((bar((-0.12, 0.66), (-0.1, 0.82), 0.12), _cloth(random)))
    parts += _leg(hip, -stride, bend, darker(trousers), shoe)
    parts += _leg(hip, stride, 0, trousers, shoe)
    if random.random() < 0.25:  # a coat or a skirt
        hem = random.uniform(0.28, 0.4)
        parts.append(
            (corners((-width / 2, 0.55), (width / 2, 0.55), (0.13, hem), (-0.13, hem)), shirt)
        )
    parts.append((bar(beside(hip, 0, -0.03), beside(shoulder, 0, 0.03), width), shirt))
    parts += _arm(shoulder, swing, bend, lighter(shirt), skin)
    return parts + _head(head, skin, hair, side=True)


def _facing(random):
    """Seen from the front or from behind: both arms beside the body."""
    apart, out = random.uniform(0.03, 0.16), random.uniform(0.05, 0.5)
    width = random.uniform(0.2, 0.26)
    shirt, trousers, skin = _cloth(random), _cloth(random), pick(random, SKIN)
    shoe, hair = _cloth(random, value=(0.05, 0.4)), pick(random, HAIR)
    parts = []
    for side in (-1, 1):
        parts += _leg(np.array([side * 0.05, 0.5]), side * apart, 0, trousers, shoe)
        parts += _arm(np.array([side * width / 2, 0.79]), side * out, 0, darker(shirt), skin)
    if random.random() < 0.3:  # a coat or a dress
        hem = random.uniform(0.25, 0.4)
        parts.append((corners((-0.1, 0.55), (0.1, 0.55), (0.16, hem), (-0.16, hem)), shirt))
    half = width / 2
    torso = corners(
        (-half, 0.8), (-0.04, 0.84), (0.04, 0.84), (half, 0.8), (0.1, 0.47), (-0.1, 0.47)
    )
    parts.append((torso, shirt))
    if random.random() < 0.3:  # an open jacket
        parts.append(
            (corners((-0.03, 0.84), (0.03, 0.84), (0.05, 0.47), (-0.05, 0.47)), _cloth(random))
        )
    behind = random.random() < 0.3
    return parts + _head(np.array([0, 0.91]), hair if behind else skin, hair, side=False)


def _head(center, face, hair, *, side):
    x, y = center
    cap = DISK[:8] * (0.068, 0.09) + (x - 0.012 * side, y + 0.01)
    neck = bar((x - 0.02 * side, y - 0.12), (x, y), 0.06)
    return [(neck, darker(face)), (DISK * (0.062, 0.085) + center, face), (cap, hair)]


def _leg(hip, angle, bend, cloth, shoe):
    """Thigh, shin and shoe; the angle counts from straight down, positive forward."""
    knee = hip + 0.25 * _down(angle)
    ankle = knee + 0.22 * _down(angle - bend)
    sole = ankle + 0.03 * _down(angle - bend)
    foot = corners(
        beside(sole, -0.035, 0.03),
        beside(sole, 0.05, 0.03),
        beside(sole, 0.08, -0.01),
        beside(sole, -0.035, -0.01),
    )
    return [(foot, shoe), (bar(knee, ankle, 0.075), cloth), (bar(hip, knee, 0.1), cloth)]


def _arm(shoulder, angle, bend, cloth, skin):
    elbow = shoulder + 0.17 * _down(angle)
    hand = elbow + 0.15 * _down(angle + bend)
    return [
        (DISK * 0.03 + hand, skin),
        (bar(elbow, hand, 0.05), cloth),
        (bar(shoulder, elbow, 0.065), cloth),
    ]


# Cars from the side, as shares of their length: where the rear window begins at the belt and ends
# at the roof, where the windshield does, and how high the roof is.
_BODIES = (
    (-0.38, -0.22, 0.06, 0.22, 0.36),  # sedan
    (-0.48, -0.38, 0.08, 0.24, 0.38),  # hatchback
    (-0.49, -0.46, 0.14, 0.27, 0.42),  # station wagon or off-roader
    (-0.49, -0.48, 0.25, 0.40, 0.47),  # van
    (-0.08, -0.04, 0.14, 0.27, 0.40),  # pickup
)


def _car_side(random):
    jitter = np.append(random.uniform(-0.02, 0.02, 4), random.uniform(-0.02, 0.03))
    rear_low, rear_high, front_high, front_low, roof = _BODIES[random.integers(5)] + jitter
    rear_low = max(rear_low, -0.49)
    belt, hood = random.uniform(0.22, 0.26), random.uniform(0.18, 0.22)
    radius, axle = random.uniform(0.078, 0.1), random.uniform(0.28, 0.33)
    paint = _paint(random)
    body = corners(
        (-0.49, 0.09), (-0.5, 0.14), (-0.49, belt - 0.01), (rear_low, belt), (rear_high, roof),
        (front_high, roof), (front_low, belt), (0.44, hood), (0.49, 0.15), (0.5, 0.09),
    )  # fmt: skip
    low, high = belt + 0.005, roof - 0.03
    glass = corners(
        (rear_low + 0.035, low),
        (rear_high + 0.02, high),
        (front_high - 0.01, high),
        (front_low - 0.03, low),
    )
    pillar = (rear_high + front_high) / 2 + random.uniform(-0.03, 0.03)
    parts = [
        (body, paint),
        (corners((-0.49, 0.09), (-0.5, 0.13), (0.49, 0.13), (0.5, 0.09)), darker(paint)),
        (
            corners((rear_low, belt - 0.015), (rear_low, belt), (front_low, belt), (0.44, hood)),
            lighter(paint),
        ),
        (glass, _glass(random)),
        (bar((pillar, low), (pillar, high), 0.025), paint),
        (bar((pillar, 0.11), (pillar, low), 0.008), darker(paint)),
        (bar((pillar - 0.07, belt - 0.03), (pillar - 0.03, belt - 0.03), 0.012), darker(paint)),
        (corners((0.43, hood - 0.005), (0.485, 0.165), (0.44, 0.16)), _WHITE_LIGHT),
        (
            corners((-0.495, belt - 0.02), (-0.46, belt - 0.02), (-0.46, 0.16), (-0.5, 0.16)),
            _RED_LIGHT,
        ),
    ]
    for side in (-axle, axle + random.uniform(-0.02, 0.02)):
        parts.append((DISK * (radius * 1.2) + (side, radius), darker(paint, 0.35)))
        parts += _wheel((side, radius), radius, rim=0.6)
    return [(np.maximum(points, (-1, 0)), color) for points, color in parts]


def _car_end(random):
    """A car from the front or from behind."""
    paint, roof, shoulder = _paint(random), random.uniform(0.68, 0.9), random.uniform(0.42, 0.5)
    narrow = random.uniform(0.28, 0.36)
    lamp = _WHITE_LIGHT if random.random() < 0.5 else _RED_LIGHT
    body = corners(
        (-0.46, 0.08), (-0.5, 0.2), (-0.48, shoulder - 0.06), (-0.42, shoulder),
        (0.42, shoulder), (0.48, shoulder - 0.06), (0.5, 0.2), (0.46, 0.08),
    )  # fmt: skip
    parts = [
        (corners((x, 0), (x + 0.16, 0), (x + 0.16, 0.2), (x, 0.2)), _RUBBER) for x in (-0.46, 0.3)
    ]
    parts += [
        (corners((-0.42, shoulder), (-narrow, roof), (narrow, roof), (0.42, shoulder)), paint),
        (body, paint),
        (
            corners(
                (-0.36, shoulder + 0.01),
                (0.03 - narrow, roof - 0.05),
                (narrow - 0.03, roof - 0.05),
                (0.36, shoulder + 0.01),
            ),
            _glass(random),
        ),
        (corners((-0.46, 0.08), (-0.49, 0.18), (0.49, 0.18), (0.46, 0.08)), darker(paint)),
        (bar((-0.2, 0.28), (0.2, 0.28), random.uniform(0.06, 0.14)), darker(paint, 0.4)),
        (bar((-0.09, 0.16), (0.09, 0.16), 0.06), (225, 225, 220)),
        (bar((-0.42, shoulder - 0.03), (0.42, shoulder - 0.03), 0.025), lighter(paint)),
    ]
    for side in (-1, 1):
        parts.append((DISK * (0.075, 0.055) + (side * 0.37, shoulder - 0.13), lamp))
        parts.append(
            (
                bar((side * 0.43, shoulder + 0.04), (side * 0.53, shoulder + 0.04), 0.07),
                darker(paint),
            )
        )
    return [(0.62 * points, color) for points, color in parts]


def _machine(random):
    """The motorcycle without its rider: wheels, fork, engine, tank, seat."""
    radius, axle = random.uniform(0.18, 0.21), 0.3
    paint, seat = _paint(random), _cloth(random, value=(0.05, 0.3))
    back, front = np.array([-axle, radius]), np.array([axle, radius])
    head = np.array([random.uniform(0.16, 0.22), random.uniform(0.54, 0.6)])
    grip = beside(head, random.uniform(-0.1, -0.04), random.uniform(0.03, 0.1))
    parts = _wheel(back, radius, rim=0.66) + _wheel(front, radius, rim=0.66)
    parts += [
        (bar(back, (0, 0.24), 0.05), _METAL),
        (bar(front, head, 0.045), _METAL),
        (bar(head, grip, 0.035), _RUBBER),
        (corners((-0.13, 0.14), (0.12, 0.13), (0.16, 0.38), (-0.1, 0.4)), (88, 88, 92)),
        (bar((-0.1, 0.24), (0.1, 0.26), 0.05), _METAL),
        (bar((-0.4, 0.2), (0, 0.13), 0.05), (190, 190, 192)),
        (corners((-0.38, 0.5), (-0.32, 0.42), (0.04, 0.39), (0.04, 0.46), (-0.2, 0.47)), seat),
        (corners((0, 0.4), (0.17, 0.4), (0.2, 0.5), (0.1, 0.55), (0.02, 0.5)), paint),
        (corners((-0.4, 0.46), (-0.3, 0.36), (-0.18, 0.4), (-0.36, 0.5)), paint),
        (DISK[1:7] * (radius + 0.03) + front, paint),
        (DISK[1:7] * (radius - 0.01) + front, darker(paint, 0.4)),
    ]
    if random.random() < 0.4:  # a fairing
        parts.append(
            (corners((0.1, 0.26), (0.27, 0.38), (0.26, 0.6), (0.16, 0.64), (0.1, 0.5)), paint)
        )
    return [*parts, (DISK * (0.035, 0.045) + beside(head, 0.045, -0.03), _WHITE_LIGHT)]


def _rider(random):
    suit, trousers, helmet = _cloth(random), _cloth(random), _paint(random)
    hip = np.array([-0.12, 0.5])
    shoulder = beside(hip, random.uniform(0.06, 0.2), random.uniform(0.3, 0.36))
    head = beside(shoulder, random.uniform(0.02, 0.07), 0.13)
    elbow, hand = beside(shoulder, 0.07, -0.16), np.array([0.13, 0.61])
    knee, foot = np.array([0.1, 0.44]), np.array([0.0, 0.2])
    return [
        (bar(beside(hip, -0.02, -0.03), beside(shoulder, 0.01, 0.03), 0.16), suit),
        (bar(hip, knee, 0.11), trousers),
        (bar(knee, foot, 0.08), trousers),
        (bar(foot, beside(foot, 0.09, -0.01), 0.05), _RUBBER),
        (bar(shoulder, elbow, 0.07), darker(suit)),
        (bar(elbow, hand, 0.06), darker(suit)),
        (DISK * (0.085, 0.09) + head, helmet),
        (bar(beside(head, 0.02, 0.005), beside(head, 0.085, 0.0), 0.05), _RUBBER),
    ]


def _wheel(center, radius, *, rim):
    return [
        (DISK * radius + center, _RUBBER),
        (DISK * (radius * rim) + center, _METAL),
        (DISK * (radius * rim * 0.4) + center, darker(_METAL)),
    ]


def _down(angle):
    return np.array([np.sin(angle), -np.cos(angle)])


def _cloth(random, *, value=(0.1, 0.95)):
    return hsv(random.random(), random.uniform(0, 0.85), random.uniform(*value))


def _paint(random):
    """Of every hue, or like most cars between white and black."""
    saturation = random.uniform(0, 0.1) if random.random() < 0.4 else random.uniform(0.4, 0.95)
    return hsv(random.random(), saturation, random.uniform(0.12, 0.98))


def _glass(random):
    return darker(_GLASS, random.uniform(0.4, 1.9))
