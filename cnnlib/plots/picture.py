"""Pictures that carry their own description: a figure with alt text, and an animation in a PNG."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
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

    Examples
    --------
    >>> Picture("an empty picture", width=2, height=1)
    <Picture: an empty picture>
    """

    def __init__(self, alt, *, width=8.0, height=3.0):
        super().__init__(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(self)
        self.alt = alt

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def png(self):
        """The picture as PNG bytes."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", metadata={"Software": None})
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
        Without frames, or where the sizes differ.
    """

    def __init__(self, frames, still, *, seconds=0.6):
        if not frames:
            raise ValueError("Animation: frames is empty, it needs at least one picture")
        self.alt = still.alt
        self._pages = [_pixels(page) for page in (still, *frames)]
        sizes = {page.size for page in self._pages}
        if len(sizes) > 1:
            raise ValueError(f"Animation: pictures have sizes {sorted(sizes)}, they need one size")
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
    """The drawn picture with a palette of 256 colors, a third of the bytes."""
    canvas = picture.canvas
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).quantize(
        256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )


def _bundle(png, picture):
    """PNG with the alternative text, in the form IPython asks for: (data, metadata)."""
    return {"image/png": png, "text/plain": repr(picture)}, {"image/png": {"alt": picture.alt}}
