"""A picture carries its description, an animation its fallback, and both are sound PNG files."""

import io
import subprocess
import sys

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image
from skimage import data

from cnnlib.plots.picture import BLUE, DPI, ORANGE, VERMILION, Animation, Picture


def drawn(alt="a rising line", slope=1.0, *, color=BLUE, width=3, height=2):
    picture = Picture(alt, width=width, height=height)
    picture.subplots().plot([0, 1], [0, slope], color=color)
    return picture


def opened(shown):
    return Image.open(io.BytesIO(shown.png()))


def test_a_picture_is_a_png_of_its_size():
    image = opened(drawn())
    assert image.format == "PNG"
    assert image.size == (3 * DPI, 2 * DPI)
    assert np.asarray(image.convert("L")).std() > 1  # something is drawn
    image.load()  # every chunk's checksum


@pytest.mark.parametrize("shown", [drawn("a line"), Animation([drawn()], drawn("a line"))])
def test_a_notebook_stores_png_text_and_alternative_text(shown):
    stored, metadata = DisplayFormatter().format(shown)
    assert set(stored) == {"image/png", "text/plain"}
    assert stored["text/plain"] == repr(shown) == f"<{type(shown).__name__}: a line>"
    assert metadata["image/png"]["alt"] == "a line"
    assert stored["image/png"].startswith(b"\x89PNG")


def test_the_same_drawing_gives_the_same_bytes():
    picture = drawn()
    assert picture.png() == picture.png() == drawn().png()
    assert b"matplotlib" not in drawn().png()  # its version would change the file


@pytest.mark.parametrize("alt", ["", "  ", None, 3])
def test_a_picture_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="Picture: alt is"):
        Picture(alt)


def test_an_animation_starts_with_its_still_and_keeps_every_color():
    still = drawn("three lines", 0.0, color=ORANGE)
    frames = [
        drawn(slope=s, color=c) for s, c in zip((1, 2, 3), (BLUE, ORANGE, VERMILION), strict=True)
    ]
    image = opened(Animation(frames, still, seconds=0.4))
    assert image.is_animated
    assert image.n_frames == 4
    assert image.mode == "P"  # 256 colors, a third of the bytes
    for page, picture in enumerate([still, *frames]):
        image.seek(page)
        wanted = np.asarray(opened(picture).convert("RGB"), float)
        assert np.abs(np.asarray(image.convert("RGB"), float) - wanted).mean() < 0.1
    assert image.info["duration"] == 400


def test_a_viewer_that_does_not_animate_shows_the_still():
    still = drawn("a flat line", 0.0)
    image = opened(Animation([drawn(), drawn(slope=2)], still)).convert("RGB")
    difference = np.subtract(image, opened(still).convert("RGB"), dtype=float)
    assert np.abs(difference).max() <= 8  # one palette serves all the frames


def test_a_photograph_survives_the_palette():
    def framed(photo, **mapping):
        picture = Picture("a photograph", width=3, height=3)
        picture.subplots().imshow(photo, **mapping)
        return picture

    frames = [framed(data.astronaut()), framed(data.camera(), cmap="gray")]
    image = opened(Animation(frames, frames[0]))
    for page, picture in enumerate([frames[0], *frames]):
        image.seek(page)
        wanted = np.asarray(opened(picture).convert("RGB"), float)
        # Levels of 256; eight colors instead of 256 leave an error of about 20.
        assert np.abs(np.asarray(image.convert("RGB"), float) - wanted).mean() < 6


@pytest.mark.parametrize(
    ("frames", "seconds", "says"),
    [
        ([], 0.5, "frames is empty"),
        ([drawn(width=4)], 0.5, r"sizes \[\(330, 220\), \(440, 220\)\]"),
        ([drawn()], 0, "seconds is 0"),
        ([drawn()], float("nan"), "seconds is nan"),
    ],
)
def test_an_animation_that_cannot_be_is_refused(frames, seconds, says):
    with pytest.raises(ValueError, match=f"Animation: .*{says}"):
        Animation(frames, drawn(), seconds=seconds)


def test_pictures_need_neither_pyplot_nor_a_framework():
    code = (
        "import sys, cnnlib.plots.picture\n"
        "print({'matplotlib.pyplot', 'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
