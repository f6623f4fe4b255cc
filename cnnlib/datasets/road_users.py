"""The outlines of pedestrians, cars and motorcycles: each a list of colored polygons.

An outline is a list of (points, color): points are (k, 2) pairs (x, y) with x to the right and y
upward from the ground, colors three numbers in 0…255, and what comes later lies on top. All face
right; a pedestrian has height 1, a motorcycle and a car seen from the side have length 1, a car
seen from an end has width 0.65, give or take its pose.
"""

import colorsys

import numpy as np

_CIRCLE = np.linspace(0, 2 * np.pi, 14, endpoint=False)
_ROUND = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=-1)

_SKIN = ((245, 214, 190), (226, 180, 145), (190, 135, 95), (140, 90, 60), (92, 60, 42))
_HAIR = ((30, 24, 20), (70, 45, 28), (120, 85, 45), (190, 160, 100), (150, 150, 150), (120, 50, 25))
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
    shirt, trousers, skin = _cloth(random), _cloth(random), _any(random, _SKIN)
    shoe, hair = _cloth(random, value=(0.05, 0.4)), _any(random, _HAIR)
    hip, shoulder, head = np.array([0, 0.5]), np.array([0.02, 0.8]), np.array([0.03, 0.91])
    parts = [*_arm(shoulder, -swing, bend, _darker(shirt), skin)]
    if random.random() < 0.3:  # a backpack
        parts.append((_quad((-0.12, 0.66), (-0.1, 0.82), 0.12), _cloth(random)))
    parts += _leg(hip, -stride, bend, _darker(trousers), shoe)
    parts += _leg(hip, stride, 0, trousers, shoe)
    if random.random() < 0.25:  # a coat or a skirt
        hem = random.uniform(0.28, 0.4)
        parts.append(
            (_points((-width / 2, 0.55), (width / 2, 0.55), (0.13, hem), (-0.13, hem)), shirt)
        )
    parts.append((_quad(_beside(hip, 0, -0.03), _beside(shoulder, 0, 0.03), width), shirt))
    parts += _arm(shoulder, swing, bend, _lighter(shirt), skin)
    return parts + _head(head, skin, hair, side=True)


def _facing(random):
    """Seen from the front or from behind: both arms beside the body."""
    apart, out = random.uniform(0.03, 0.16), random.uniform(0.05, 0.5)
    width = random.uniform(0.2, 0.26)
    shirt, trousers, skin = _cloth(random), _cloth(random), _any(random, _SKIN)
    shoe, hair = _cloth(random, value=(0.05, 0.4)), _any(random, _HAIR)
    parts = []
    for side in (-1, 1):
        parts += _leg(np.array([side * 0.05, 0.5]), side * apart, 0, trousers, shoe)
        parts += _arm(np.array([side * width / 2, 0.79]), side * out, 0, _darker(shirt), skin)
    if random.random() < 0.3:  # a coat or a dress
        hem = random.uniform(0.25, 0.4)
        parts.append((_points((-0.1, 0.55), (0.1, 0.55), (0.16, hem), (-0.16, hem)), shirt))
    half = width / 2
    torso = _points(
        (-half, 0.8), (-0.04, 0.84), (0.04, 0.84), (half, 0.8), (0.1, 0.47), (-0.1, 0.47)
    )
    parts.append((torso, shirt))
    if random.random() < 0.3:  # an open jacket
        parts.append(
            (_points((-0.03, 0.84), (0.03, 0.84), (0.05, 0.47), (-0.05, 0.47)), _cloth(random))
        )
    behind = random.random() < 0.3
    return parts + _head(np.array([0, 0.91]), hair if behind else skin, hair, side=False)


def _head(center, face, hair, *, side):
    x, y = center
    cap = _ROUND[:8] * (0.068, 0.09) + (x - 0.012 * side, y + 0.01)
    neck = _quad((x - 0.02 * side, y - 0.12), (x, y), 0.06)
    return [(neck, _darker(face)), (_ROUND * (0.062, 0.085) + center, face), (cap, hair)]


def _leg(hip, angle, bend, cloth, shoe):
    """Thigh, shin and shoe; the angle counts from straight down, positive forward."""
    knee = hip + 0.25 * _down(angle)
    ankle = knee + 0.22 * _down(angle - bend)
    sole = ankle + 0.03 * _down(angle - bend)
    foot = _points(
        _beside(sole, -0.035, 0.03),
        _beside(sole, 0.05, 0.03),
        _beside(sole, 0.08, -0.01),
        _beside(sole, -0.035, -0.01),
    )
    return [(foot, shoe), (_quad(knee, ankle, 0.075), cloth), (_quad(hip, knee, 0.1), cloth)]


def _arm(shoulder, angle, bend, cloth, skin):
    elbow = shoulder + 0.17 * _down(angle)
    hand = elbow + 0.15 * _down(angle + bend)
    return [
        (_ROUND * 0.03 + hand, skin),
        (_quad(elbow, hand, 0.05), cloth),
        (_quad(shoulder, elbow, 0.065), cloth),
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
    body = _points(
        (-0.49, 0.09), (-0.5, 0.14), (-0.49, belt - 0.01), (rear_low, belt), (rear_high, roof),
        (front_high, roof), (front_low, belt), (0.44, hood), (0.49, 0.15), (0.5, 0.09),
    )  # fmt: skip
    low, high = belt + 0.005, roof - 0.03
    glass = _points(
        (rear_low + 0.035, low),
        (rear_high + 0.02, high),
        (front_high - 0.01, high),
        (front_low - 0.03, low),
    )
    pillar = (rear_high + front_high) / 2 + random.uniform(-0.03, 0.03)
    parts = [
        (body, paint),
        (_points((-0.49, 0.09), (-0.5, 0.13), (0.49, 0.13), (0.5, 0.09)), _darker(paint)),
        (
            _points((rear_low, belt - 0.015), (rear_low, belt), (front_low, belt), (0.44, hood)),
            _lighter(paint),
        ),
        (glass, _glass(random)),
        (_quad((pillar, low), (pillar, high), 0.025), paint),
        (_quad((pillar, 0.11), (pillar, low), 0.008), _darker(paint)),
        (_quad((pillar - 0.07, belt - 0.03), (pillar - 0.03, belt - 0.03), 0.012), _darker(paint)),
        (_points((0.43, hood - 0.005), (0.485, 0.165), (0.44, 0.16)), _WHITE_LIGHT),
        (
            _points((-0.495, belt - 0.02), (-0.46, belt - 0.02), (-0.46, 0.16), (-0.5, 0.16)),
            _RED_LIGHT,
        ),
    ]
    for side in (-axle, axle + random.uniform(-0.02, 0.02)):
        parts.append((_ROUND * (radius * 1.2) + (side, radius), _darker(paint, 0.35)))
        parts += _wheel((side, radius), radius, rim=0.6)
    return [(np.maximum(points, (-1, 0)), color) for points, color in parts]


def _car_end(random):
    """A car from the front or from behind."""
    paint, roof, shoulder = _paint(random), random.uniform(0.68, 0.9), random.uniform(0.42, 0.5)
    narrow = random.uniform(0.28, 0.36)
    lamp = _WHITE_LIGHT if random.random() < 0.5 else _RED_LIGHT
    body = _points(
        (-0.46, 0.08), (-0.5, 0.2), (-0.48, shoulder - 0.06), (-0.42, shoulder),
        (0.42, shoulder), (0.48, shoulder - 0.06), (0.5, 0.2), (0.46, 0.08),
    )  # fmt: skip
    parts = [
        (_points((x, 0), (x + 0.16, 0), (x + 0.16, 0.2), (x, 0.2)), _RUBBER) for x in (-0.46, 0.3)
    ]
    parts += [
        (_points((-0.42, shoulder), (-narrow, roof), (narrow, roof), (0.42, shoulder)), paint),
        (body, paint),
        (
            _points(
                (-0.36, shoulder + 0.01),
                (0.03 - narrow, roof - 0.05),
                (narrow - 0.03, roof - 0.05),
                (0.36, shoulder + 0.01),
            ),
            _glass(random),
        ),
        (_points((-0.46, 0.08), (-0.49, 0.18), (0.49, 0.18), (0.46, 0.08)), _darker(paint)),
        (_quad((-0.2, 0.28), (0.2, 0.28), random.uniform(0.06, 0.14)), _darker(paint, 0.4)),
        (_quad((-0.09, 0.16), (0.09, 0.16), 0.06), (225, 225, 220)),
        (_quad((-0.42, shoulder - 0.03), (0.42, shoulder - 0.03), 0.025), _lighter(paint)),
    ]
    for side in (-1, 1):
        parts.append((_ROUND * (0.075, 0.055) + (side * 0.37, shoulder - 0.13), lamp))
        parts.append(
            (
                _quad((side * 0.43, shoulder + 0.04), (side * 0.53, shoulder + 0.04), 0.07),
                _darker(paint),
            )
        )
    return [(0.62 * points, color) for points, color in parts]


def _machine(random):
    """The motorcycle without its rider: wheels, fork, engine, tank, seat."""
    radius, axle = random.uniform(0.18, 0.21), 0.3
    paint, seat = _paint(random), _cloth(random, value=(0.05, 0.3))
    back, front = np.array([-axle, radius]), np.array([axle, radius])
    head = np.array([random.uniform(0.16, 0.22), random.uniform(0.54, 0.6)])
    grip = _beside(head, random.uniform(-0.1, -0.04), random.uniform(0.03, 0.1))
    parts = _wheel(back, radius, rim=0.66) + _wheel(front, radius, rim=0.66)
    parts += [
        (_quad(back, (0, 0.24), 0.05), _METAL),
        (_quad(front, head, 0.045), _METAL),
        (_quad(head, grip, 0.035), _RUBBER),
        (_points((-0.13, 0.14), (0.12, 0.13), (0.16, 0.38), (-0.1, 0.4)), (88, 88, 92)),
        (_quad((-0.1, 0.24), (0.1, 0.26), 0.05), _METAL),
        (_quad((-0.4, 0.2), (0, 0.13), 0.05), (190, 190, 192)),
        (_points((-0.38, 0.5), (-0.32, 0.42), (0.04, 0.39), (0.04, 0.46), (-0.2, 0.47)), seat),
        (_points((0, 0.4), (0.17, 0.4), (0.2, 0.5), (0.1, 0.55), (0.02, 0.5)), paint),
        (_points((-0.4, 0.46), (-0.3, 0.36), (-0.18, 0.4), (-0.36, 0.5)), paint),
        (_ROUND[1:7] * (radius + 0.03) + front, paint),
        (_ROUND[1:7] * (radius - 0.01) + front, _darker(paint, 0.4)),
    ]
    if random.random() < 0.4:  # a fairing
        parts.append(
            (_points((0.1, 0.26), (0.27, 0.38), (0.26, 0.6), (0.16, 0.64), (0.1, 0.5)), paint)
        )
    return [*parts, (_ROUND * (0.035, 0.045) + _beside(head, 0.045, -0.03), _WHITE_LIGHT)]


def _rider(random):
    suit, trousers, helmet = _cloth(random), _cloth(random), _paint(random)
    hip = np.array([-0.12, 0.5])
    shoulder = _beside(hip, random.uniform(0.06, 0.2), random.uniform(0.3, 0.36))
    head = _beside(shoulder, random.uniform(0.02, 0.07), 0.13)
    elbow, hand = _beside(shoulder, 0.07, -0.16), np.array([0.13, 0.61])
    knee, foot = np.array([0.1, 0.44]), np.array([0.0, 0.2])
    return [
        (_quad(_beside(hip, -0.02, -0.03), _beside(shoulder, 0.01, 0.03), 0.16), suit),
        (_quad(hip, knee, 0.11), trousers),
        (_quad(knee, foot, 0.08), trousers),
        (_quad(foot, _beside(foot, 0.09, -0.01), 0.05), _RUBBER),
        (_quad(shoulder, elbow, 0.07), _darker(suit)),
        (_quad(elbow, hand, 0.06), _darker(suit)),
        (_ROUND * (0.085, 0.09) + head, helmet),
        (_quad(_beside(head, 0.02, 0.005), _beside(head, 0.085, 0.0), 0.05), _RUBBER),
    ]


def _wheel(center, radius, *, rim):
    return [
        (_ROUND * radius + center, _RUBBER),
        (_ROUND * (radius * rim) + center, _METAL),
        (_ROUND * (radius * rim * 0.4) + center, _darker(_METAL)),
    ]


def _points(*pairs):
    return np.array(pairs, dtype=float)


def _quad(start, end, width):
    """A bar of a width from one point to another."""
    (x0, y0), (x1, y1) = start, end
    length = np.hypot(x1 - x0, y1 - y0) or 1
    across, along = (y0 - y1) / length * width / 2, (x1 - x0) / length * width / 2
    return np.array(
        [
            (x0 + across, y0 + along),
            (x1 + across, y1 + along),
            (x1 - across, y1 - along),
            (x0 - across, y0 - along),
        ]
    )


def _beside(point, right, up):
    return np.array([point[0] + right, point[1] + up])


def _down(angle):
    return np.array([np.sin(angle), -np.cos(angle)])


def _any(random, colors):
    return colors[random.integers(len(colors))]


def _hsv(hue, saturation, value):
    return tuple(255 * channel for channel in colorsys.hsv_to_rgb(hue, saturation, value))


def _cloth(random, *, value=(0.1, 0.95)):
    return _hsv(random.random(), random.uniform(0, 0.85), random.uniform(*value))


def _paint(random):
    """Of every hue, or like most cars between white and black."""
    saturation = random.uniform(0, 0.1) if random.random() < 0.4 else random.uniform(0.4, 0.95)
    return _hsv(random.random(), saturation, random.uniform(0.12, 0.98))


def _glass(random):
    return _darker(_GLASS, random.uniform(0.4, 1.9))


def _darker(color, factor=0.65):
    return tuple(factor * channel for channel in color)


def _lighter(color):
    return tuple(0.6 * channel + 90 for channel in color)
