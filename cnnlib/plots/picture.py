"""Pictures that carry their own description: a figure with alt text, and an animation in a PNG."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

# Okabe and Ito's palette, which the common kinds of color blindness can tell apart.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#000000",
)
# Signed values: blue below zero, white at zero, red above, on every map of the course.
SIGNED = "RdBu_r"
DPI = 110


class Picture(Figure):
    """A matplotlib Figure that a notebook shows as one PNG with alternative text.

    Parameters
    ----------
    alt : str
        What a reader who cannot see the picture needs to know; shown as its text form as well.
    width, height : float
        In inches, at 110 pixels an inch.

    Raises
    ------
    ValueError
        Where `alt` is empty.

    Examples
    --------
    >>> Picture("an empty picture", width=2, height=1)
    <Picture: an empty picture>
    """

    def __init__(self, alt, *, width=8.0, height=3.0):
        if not isinstance(alt, str) or not alt.strip():
            raise ValueError(f"Picture: alt is {alt!r}, it needs words for who cannot see it")
        super().__init__(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(self)
        self.alt = alt

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def png(self):
        """The picture as PNG bytes, the same each time; what is drawn later is not laid out."""
        buffer = io.BytesIO()
        (page,) = _with_one_palette([_pixels(self)])
        page.save(buffer, format="PNG", optimize=True)
        return buffer.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return _bundle(self.png(), self)


class Animation:
    """Pictures shown one after the other, stored as one animated PNG.

    A viewer that does not animate shows `still`, which has to tell the story alone.

    Parameters
    ----------
    frames : list of Picture
        All of one size, and of the size of `still`.
    still : Picture
        The static fallback; its alternative text describes the animation.
    seconds : float
        How long each frame stays.

    Raises
    ------
    ValueError
        Without frames, where the sizes differ, or where `seconds` is not positive.
    """

    def __init__(self, frames, still, *, seconds=0.6):
        if not frames:
            raise ValueError("Animation: frames is empty, it needs at least one picture")
        self.alt = still.alt
        if not seconds > 0:
            raise ValueError(f"Animation: seconds is {seconds}, it needs to be positive")
        pages = [_pixels(page) for page in (still, *frames)]
        sizes = {page.shape[1::-1] for page in pages}
        if len(sizes) > 1:
            raise ValueError(f"Animation: pictures have sizes {sorted(sizes)}, they need one size")
        self._pages = _with_one_palette(pages)
        self._seconds = seconds

    def __repr__(self):
        return f"<Animation: {self.alt}>"

    def png(self):
        """The animation as PNG bytes: first the still, which is not part of the motion."""
        buffer = io.BytesIO()
        still, *frames = self._pages
        still.save(
            buffer,
            format="PNG",
            save_all=True,
            append_images=frames,
            default_image=True,
            duration=round(1000 * self._seconds),
            loop=0,
        )
        return buffer.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return _bundle(self.png(), self)


def _pixels(picture):
    """The drawn picture, (height, width, 3)."""
    if isinstance(picture.get_layout_engine(), ConstrainedLayoutEngine):
        for _ in range(2):  # each pass moves the axes a little; two of them nearly settle
            picture.draw_without_rendering()
        picture.set_layout_engine("none")
    picture.canvas.draw()
    return np.asarray(picture.canvas.buffer_rgba())[..., :3]


def _with_one_palette(pages):
    """The pictures in 256 colors in all: a PNG holds one palette, and is small with it."""
    strip = Image.fromarray(np.concatenate(pages)).quantize(
        256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    height, width = pages[0].shape[:2]
    tops = range(0, strip.height, height)
    return [strip.crop((0, top, width, top + height)) for top in tops]


def _bundle(png, picture):
    """PNG with the alternative text, in the form IPython asks for: (data, metadata)."""
    return {"image/png": png, "text/plain": repr(picture)}, {"image/png": {"alt": picture.alt}}
