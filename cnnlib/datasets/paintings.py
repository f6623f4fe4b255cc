"""Paintings drawn by a program, free of anyone's rights: a style for style transfer."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import cKDTree

from cnnlib.datasets.scenes import require_whole

_NIGHT = (
    (22, 40, 110),
    (34, 70, 150),
    (60, 110, 190),
    (110, 160, 210),
    (170, 200, 220),
    (20, 28, 70),
)
_GOLD = ((250, 215, 70), (245, 180, 40), (255, 240, 170), (230, 140, 30))
_GLASS = (
    (192, 28, 40), (230, 97, 0), (246, 211, 45), (38, 162, 105),
    (26, 95, 180), (97, 53, 131), (20, 160, 190), (245, 240, 220),
)  # fmt: skip
WHIRLS, STROKES, STROKE_STEPS, STROKE_STEP = 5, 900, 16, 0.008  # the step in sides of the picture
PANES, LEAD = 70, 0.012
LEAST_SIZE = 16


class Painting(NamedTuple):
    """A painting, and where it comes from."""

    image: np.ndarray
    source: str
    license: str


def painting(kind="strokes", *, size=128, seed=0):
    """A square painting in strong colors.

    `"strokes"`: short strokes of blue and gold that follow a current with five whirls, drawn after
    the manner of van Gogh's nights. `"glass"`: panes of colored glass in black lead.

    Parameters
    ----------
    kind : "strokes" or "glass"
    size : int
        Pixels of a side, 16 or more. The painting is the same at every size, up to rounding.
    seed : int
        Of the current, the strokes and the panes.

    Returns
    -------
    Painting
        `image`, (size, size, 3) float32 RGB in 0…1. `source`, `license`: strings.

    Raises
    ------
    ValueError, TypeError
        For an unknown kind, and where size or seed is no whole number or too small.

    Examples
    --------
    >>> painting("glass", size=64).image.shape
    (64, 64, 3)
    """
    if kind not in ("strokes", "glass"):
        raise ValueError(f"painting: kind is {kind!r}, it needs 'strokes' or 'glass'")
    require_whole("painting", size=(size, LEAST_SIZE), seed=(seed, 0))
    random = np.random.default_rng(seed)
    drawn = (_strokes if kind == "strokes" else _glass)(2 * size, random)
    smooth = Image.fromarray(drawn).resize((size, size), Image.Resampling.BOX)
    image = np.divide(smooth, np.float32(255), dtype=np.float32)
    return Painting(image, "drawn by cnnlib.datasets.paintings", "CC0")


def _strokes(side, random):
    """(side, side, 3) of 256 levels."""
    centers = random.uniform(0.1, 0.9, (WHIRLS, 2))
    radii = random.uniform(0.1, 0.2, WHIRLS)
    turns = random.choice([-1, 1], WHIRLS)
    canvas = Image.new("RGB", (side, side), _NIGHT[0])
    draw = ImageDraw.Draw(canvas)
    for _ in range(STROKES):
        place = random.uniform(0, 1, 2)
        nearness = np.exp(-(np.min(np.linalg.norm(centers - place, axis=1) / radii) ** 2))
        colors = _GOLD if random.random() < 1.1 * nearness else _NIGHT
        color = colors[random.integers(len(colors))] + random.normal(0, 12, 3)
        width = max(1, round(0.022 * side * random.uniform(0.6, 1.3)))
        path = [place]
        for _ in range(STROKE_STEPS):
            flow = _current(path[-1], centers, radii, turns)
            path.append(path[-1] + STROKE_STEP * flow / np.linalg.norm(flow))
        points = [tuple(side * point) for point in path]
        draw.line(
            points, fill=tuple(np.clip(color, 0, 255).astype(int)), width=width, joint="curve"
        )
    return np.asarray(canvas)


def _current(place, centers, radii, turns):
    """Which way the paint flows at a place: downward, and around each whirl near it."""
    away = place - centers
    distances = np.linalg.norm(away, axis=1) + 1e-9
    around = np.stack([-away[:, 1], away[:, 0]], axis=1) / distances[:, np.newaxis]
    strength = turns * np.exp(-((distances / (1.6 * radii)) ** 2))
    return np.array([0.06, 0.24]) + strength @ around


def _glass(side, random):
    """(side, side, 3) of 256 levels."""
    points = random.uniform(0, side, (PANES, 2))
    colors = np.array(_GLASS)[random.integers(0, len(_GLASS), PANES)]
    colors = colors * random.uniform(0.75, 1.05, (PANES, 1))
    pixels = np.stack(np.mgrid[:side, :side], axis=-1)
    distances, nearest = cKDTree(points).query(pixels, k=2)
    drawn = colors[nearest[..., 0]]
    drawn[distances[..., 1] - distances[..., 0] < LEAD * side] = (13, 13, 18)
    return np.clip(drawn, 0, 255).astype(np.uint8)
