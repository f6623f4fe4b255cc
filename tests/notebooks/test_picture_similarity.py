"""Other fonts and other noise pass for the same picture; another, swapped or blank one does not."""

import matplotlib
import numpy as np
import pytest
from picture_similarity import THRESHOLD, similarity
from scipy import ndimage
from skimage import data

from cnnlib.plots.picture import BLUE, ORANGE, SIGNED, VERMILION, Animation, Picture

PHOTO = data.camera() / 255.0
HALF_BRIGHT_MAP = np.zeros((4, 4))
HALF_BRIGHT_MAP[:, 1:3] = 30


def curves(seed=0, *, rate=0.3, color=BLUE, font="DejaVu Sans", height=3.0):
    """Losses of a training: they fall by the rate, with noise of one percent."""
    noise = np.random.default_rng(seed).normal(scale=0.01, size=(2, 60))
    step = np.arange(60)
    with matplotlib.rc_context({"font.family": font}):
        picture = Picture("losses", height=height)
        axes = picture.subplots()
        axes.plot(2 * np.exp(-rate * step / 5) + noise[0], color=color, label="training")
        axes.plot(2 * np.exp(-rate * step / 7) + 0.1 + noise[1], color=ORANGE, label="validation")
        axes.set(xlabel="steps", ylabel="loss", title="Loss of the network while it trains")
        axes.legend()
        return picture.png()


def accuracies(seed=0):
    """Accuracy over the number of examples, half a point of noise."""
    noise = np.random.default_rng(seed).normal(scale=0.005, size=5)
    shares = np.array([0.6, 0.75, 0.85, 0.93, 0.97]) + noise
    picture = Picture("accuracies")
    axes = picture.subplots()
    axes.semilogx([100, 300, 1000, 3000, 10000], shares, "o-")
    axes.set(xlabel="examples", ylabel="accuracy", ylim=(0, 1))
    return picture.png()


def maps(*images, font="DejaVu Sans", **mapping):
    with matplotlib.rc_context({"font.family": font}):
        picture = Picture("maps")
        for axes, image in zip(picture.subplots(1, len(images)), images, strict=True):
            axes.imshow(image, **{"cmap": "gray"} | mapping)
            axes.set_title("a map")
            axes.axis("off")
        return picture.png()


def written_map(values, font="DejaVu Sans"):
    with matplotlib.rc_context({"font.family": font}):
        picture = Picture("a map with its numbers", width=5)
        axes = picture.subplots()
        axes.imshow(values, cmap=SIGNED, vmin=-30, vmax=30)
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.0f}", ha="center", va="center")
        return picture.png()


def learned_kernels(seed=0, *, sign=1):
    """A kernel on its way to Sobel's, noise of 0.05 in each weight."""
    sobel = sign * np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    noise = np.random.default_rng(seed).normal(scale=0.05, size=(4, 3, 3))
    kernels = np.array([0, 0.4, 0.8, 1])[:, None, None] * sobel + noise
    return maps(*kernels, cmap=SIGNED, vmin=-2, vmax=2)


EDGES = [np.abs(ndimage.sobel(PHOTO, axis)) for axis in (0, 1)]

ALIKE = {
    "the noise of another seed": (curves(0), curves(1)),
    "noise in accuracies": (accuracies(0), accuracies(1)),
    "a font with serifs, and noise": (curves(0), curves(1, font="DejaVu Serif")),
    "a narrow font": (curves(), curves(font="STIXGeneral")),
    "a wide font": (curves(), curves(font="DejaVu Sans Mono")),
    "a font over photographs": (maps(PHOTO, *EDGES), maps(PHOTO, *EDGES, font="STIXGeneral")),
    "a font in a map": (written_map(HALF_BRIGHT_MAP), written_map(HALF_BRIGHT_MAP, "STIXGeneral")),
    "the noise of learned weights": (learned_kernels(0), learned_kernels(1)),
    "a border of four pixels": (curves(), curves(height=3.04)),
}
OTHER = {
    "another figure": (curves(), accuracies()),
    "blank": (accuracies(), Picture("blank").png()),
    "blank maps": (maps(PHOTO, PHOTO), maps(0 * PHOTO, 0 * PHOTO)),
    "slower learning": (curves(), curves(rate=0.15)),
    "another color": (curves(), curves(color=VERMILION)),
    "two maps swapped": (maps(PHOTO, *EDGES), maps(PHOTO, *EDGES[::-1])),
    "another photograph": (maps(PHOTO, PHOTO), maps(PHOTO, data.coins() / 255.0)),
    "the other sign": (written_map(HALF_BRIGHT_MAP), written_map(-HALF_BRIGHT_MAP)),
    "transposed": (written_map(HALF_BRIGHT_MAP), written_map(HALF_BRIGHT_MAP.T)),
    "four fifths of the value": (written_map(HALF_BRIGHT_MAP), written_map(0.8 * HALF_BRIGHT_MAP)),
    "kernels of the other sign": (learned_kernels(), learned_kernels(sign=-1)),
}


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE.keys())
def test_alike(pair):
    assert similarity(*pair) >= THRESHOLD


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
def test_other(pair):
    assert similarity(*pair) < THRESHOLD
    assert similarity(*pair[::-1]) < THRESHOLD


def test_a_picture_is_like_itself():
    assert similarity(curves(), curves()) == pytest.approx(1)
    assert similarity(Picture("blank").png(), Picture("blank").png()) == 1


def test_another_size_is_another_picture():
    with pytest.raises(ValueError, match=r"\(330, 880\) pixels stored, \(440, 880\) pixels new"):
        similarity(curves(), curves(height=4.0))


def sliding(places, still=0):
    def frame(place):
        picture = Picture(f"place {place}", width=4, height=2)
        picture.subplots().bar(range(6), np.eye(6)[place])
        return picture

    return Animation([frame(place) for place in places], frame(still)).png()


def test_each_frame_of_an_animation_counts():
    assert similarity(sliding([0, 1, 2]), sliding([0, 1, 2])) == pytest.approx(1)
    assert similarity(sliding([0, 1, 2]), sliding([0, 1, 3])) < THRESHOLD
    assert similarity(sliding([0, 1, 2]), sliding([0, 1, 2], still=3)) < THRESHOLD
    with pytest.raises(ValueError, match="4 frames stored, 5 frames new"):
        similarity(sliding([0, 1, 2]), sliding([0, 1, 2, 3]))
