"""What drawings are put together from: (k, 2) corners of polygons, and colors of 0…255."""

import colorsys

import numpy as np

_ANGLES = np.linspace(0, 2 * np.pi, 14, endpoint=False)
DISK = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)

SKIN = ((245, 214, 190), (226, 180, 145), (190, 135, 95), (140, 90, 60), (92, 60, 42))
HAIR = ((30, 24, 20), (70, 45, 28), (120, 85, 45), (190, 160, 100), (150, 150, 150), (120, 50, 25))


def corners(*pairs):
    """The corners as an array."""
    return np.array(pairs, dtype=float)


def bar(start, end, width):
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


def beside(point, right, up):
    """The point that lies so far from another."""
    return np.array([point[0] + right, point[1] + up])


def pick(random, choices):
    """One of the choices, each as likely."""
    return choices[random.integers(len(choices))]


def hsv(hue, saturation, value):
    """The color of a hue, a saturation and a value in 0…1."""
    return tuple(255 * channel for channel in colorsys.hsv_to_rgb(hue, saturation, value))


def darker(color, factor=0.65):
    """The color with that share of its light."""
    return tuple(factor * channel for channel in color)


def lighter(color):
    """The color mixed with white."""
    return tuple(0.6 * channel + 90 for channel in color)


def in_light(color, light):
    """The color in a light of that strength, as Pillow takes it."""
    return tuple(min(255, int(light * channel)) for channel in color)
