"""Street scenes with cars, pedestrians and motorcycles, drawn over crops of real photographs."""

from numbers import Real

import numpy as np
from PIL import ImageDraw

from cnnlib.datasets import scenes
from cnnlib.datasets.polygons import in_light
from cnnlib.datasets.road_users import car, motorcycle, pedestrian
from cnnlib.datasets.scenes import Scenes

NAMES = ("pedestrian", "car", "motorcycle")
PHOTOS = ("astronaut", "coffee", "chelsea", "rocket", "brick", "gravel", "grass")
LEAST_SIZE = 48
LARGEST_OVERLAP = 0.08  # intersection over union of two boxes in a scene
CUT = 0.08  # share of the objects that the left or right edge may cut
_OUTLINES = (pedestrian, car, motorcycle)
# Pixels of a class's unit (height, length, length) in a picture of 96, far away and near.
_UNITS = ((27, 52), (34, 52), (30, 47))


def streets(n, *, seed, size=96, part="train", objects=(1, 4), zoom=1.0):
    """Drawn street scenes: n pictures with the boxes of their pedestrians, cars and motorcycles.

    They are drawings, because photographs of streets with boxes are neither small nor free; so
    what a network reads here says how detectors compare, not how well they would do on a street.
    The background is a crop of a photograph, mostly with a half-transparent road. Shape, pose,
    colors, size, light, tint, noise and focus vary; objects stand on the lower half, larger toward
    the bottom, and may cover each other a little, be crossed by a pole or be cut by the edge.

    Parameters
    ----------
    n : int
        Number of pictures.
    seed : int
        A scene depends on the seed and on its place alone: the first 10 of 100 are those of 10.
    size : int
        Height and width in pixels, 48 or more; the drawing grows with it.
    part : "train" or "test"
        Backgrounds from the left 60 % of the photographs, or from the right 40 %; other objects.
    objects : (int, int)
        The least and the largest number of objects in a picture.
    zoom : float
        From 0.5 to 1.5: how many times larger the objects are.

    Returns
    -------
    Scenes
        `images`, (n, size, size, 3) float32 in 0…1; `targets`, one dict a picture, farthest object
        first: `"boxes"`, (k, 4) float32 (x_min, y_min, x_max, y_max) in pixels, tight around the
        whole object, covered or not, and ending at the frame; `"labels"`, (k,) int64.
        `names`: pedestrian, car, motorcycle. `source`, `license`.

    Raises
    ------
    ValueError
        For counts below their least, another part, a zoom outside 0.5…1.5, and where so many
        objects find no room without covering each other.
    TypeError
        Where a number is not whole, or zoom is no number.

    Examples
    --------
    >>> drawn = streets(2, seed=0)
    >>> drawn.images.shape, [target["labels"].tolist() for target in drawn.targets]
    ((2, 96, 96, 3), [[1, 2, 1, 0], [1, 0, 2, 1]])
    """
    scenes.require_scenes("streets", n, seed=seed, size=size, part=part, least_size=LEAST_SIZE)
    objects = scenes.require_objects("streets", objects)
    if isinstance(zoom, bool) or not isinstance(zoom, Real):
        raise TypeError(f"streets: zoom is {zoom!r}, it needs a number")
    if not 0.5 <= zoom <= 1.5:
        raise ValueError(f"streets: zoom is {zoom}, it needs 0.5 to 1.5")
    images = np.empty((n, size, size, 3), np.float32)
    targets = []
    for index in range(n):
        random = scenes.stream(seed, part, index)
        placed = _layout(random, objects, size, zoom)
        images[index] = _picture(random, placed, part, size)
        targets.append(scenes.target([item[0] for item in placed], [item[1] for item in placed]))
    source, license = scenes.origins(PHOTOS)
    return Scenes(
        images,
        targets,
        NAMES,
        f"street scenes drawn by cnnlib over crops of photographs: {source}",
        f"drawings: the license of cnnlib; photographs: {license}",
    )


def _layout(random, objects, size, zoom):
    """What stands where: a list of (box, label, polygons), the farthest first."""
    count = random.integers(*objects, endpoint=True)

    def place(random, road_user):
        label, polygons, extent = road_user
        corner, scale = _place(random, label, extent, size, zoom)
        box = (*corner.clip(0, size), *(corner + extent * scale).clip(0, size))
        return box, (label, polygons, corner, scale)

    placed = scenes.arranged(random, count, _road_user, place, largest_overlap=LARGEST_OVERLAP)
    if placed is None:
        raise ValueError(f"streets: objects is {objects}, a scene has no room for {count} apart")
    standing = [
        (box, label, [(corner + part * scale, color) for part, color in polygons])
        for box, (label, polygons, corner, scale) in placed
    ]
    return sorted(standing, key=lambda item: item[0][3])


def _road_user(random):
    """A pedestrian, a car or a motorcycle: its label, its polygons and their extent."""
    label = int(random.integers(len(NAMES)))
    return label, *_upright(_OUTLINES[label](random), random)


def _upright(outline, random):
    """The outline with y downward from its upper left corner, half of them mirrored; its extent."""
    flip = (random.choice([-1, 1]), -1)
    points = np.concatenate([part for part, _ in outline]) * flip
    corner = points.min(axis=0)
    shine = random.uniform(0.8, 1.1)
    polygons = [(part * flip - corner, in_light(color, shine)) for part, color in outline]
    return polygons, points.max(axis=0) - corner


def _place(random, label, extent, size, zoom):
    """The upper left corner of an object in pixels, and the pixels of its unit, (2,) each."""
    near = random.random()
    far_unit, near_unit = _UNITS[label]
    unit = (far_unit + near * (near_unit - far_unit)) * random.uniform(0.85, 1.17)
    unit *= zoom * size / 96
    scale = np.array([unit * random.uniform(0.92, 1.08), unit])
    width, height = extent * scale
    left = random.uniform(0, max(size - width, 0))
    if random.random() < CUT:
        outside = random.uniform(0.1, 0.4) * width
        left = random.choice([-outside, size - width + outside])
    return np.array([left, (0.5 + 0.47 * near) * size - height]), scale


def _picture(random, placed, part, size):
    """The scene at twice the size, averaged down, (size, size, 3) float32 in 0…1."""
    canvas = scenes.background(random, PHOTOS, part, 2 * size)
    draw = ImageDraw.Draw(canvas, "RGBA")
    if random.random() < 0.8:
        draw.polygon(_road(random, 2 * size), fill=(*_gray(random, 50, 150), 150))
    for _ in range(random.integers(3)):
        draw.rectangle(_clutter(random, 2 * size), fill=_any_color(random))
    for box, _, polygons in placed:
        _shadow(draw, box)
        for points, color in polygons:
            draw.polygon((2 * points).ravel().tolist(), fill=color)
    if random.random() < 0.25:
        draw.rectangle(_pole(random, 2 * size), fill=_gray(random, 30, 200))
    return scenes.camera(np.asarray(canvas.reduce(2), np.float32) / np.float32(255), random)


def _road(random, size):
    """Four corners: narrow at the horizon, wide at the bottom."""
    horizon = random.uniform(0.35, 0.55) * size
    left, right = sorted(random.uniform(0, 1, 2) * size)
    return [
        (left, horizon),
        (right, horizon),
        (right + 0.6 * size, size),
        (left - 0.6 * size, size),
    ]


def _clutter(random, size):
    """A box like a house, a hedge or a sign, somewhere in the upper two thirds."""
    left, top = random.uniform(-0.1, 0.9) * size, random.uniform(0, 0.5) * size
    return (
        left,
        top,
        left + random.uniform(0.03, 0.3) * size,
        top + random.uniform(0.06, 0.35) * size,
    )


def _pole(random, size):
    """A thin upright bar in front of everything."""
    left, top = random.uniform(0, 1) * size, random.uniform(0, 0.3) * size
    return left, top, left + random.uniform(0.01, 0.035) * size, random.uniform(0.75, 1) * size


def _shadow(draw, box):
    x_min, _, x_max, y_max = (2 * side for side in box)
    half = max(2, 0.04 * (x_max - x_min))
    draw.ellipse((x_min, y_max - half, x_max, y_max + half), fill=(0, 0, 0, 90))


def _gray(random, low, high):
    return (int(random.integers(low, high)),) * 3


def _any_color(random):
    return tuple(int(channel) for channel in random.integers(20, 235, 3))
