"""How alike two PNG pictures are: blind to fonts and to noise in a curve, not to what is drawn.

Both are blurred by half a letter and thinned out, then compared by structural similarity (Wang et
al. 2004, doi:10.1109/TIP.2003.819861) where at least one of them has ink: white paper is alike
everywhere and would hide the difference. The least similar color channel counts, of the least
similar frame, so that another color or one other frame of an animation is seen as well.
"""

import io

import numpy as np
from PIL import Image, ImageSequence
from scipy import ndimage
from skimage.metrics import structural_similarity

# On the course's kinds of drawing, other fonts and other noise scored 0.908 or more, another
# picture 0.870 or less; test_picture_similarity.py measures both sides again.
THRESHOLD = 0.89
BLUR = STEP = 5  # pixels; a letter is about ten high
WINDOW = 7  # thinned pixels, an inch of the reader's screen is about three windows
INK = 3e-4  # variance, of intensities 0…1, below which a window is empty paper
CONTRAST = 0.01  # K₂ of the paper, there 0.03: a faint edge map should count like a bold line
BORDER = 8  # pixels by which sizes may differ: a bounding box moves with its labels


def similarity(stored, new):
    """The structural similarity of two PNGs, from −1 to 1.

    Parameters
    ----------
    stored, new : bytes
        PNG files, animated or not.

    Raises
    ------
    ValueError
        Where their sizes or their numbers of frames differ.
    """
    stored, new = _frames(stored), _frames(new)
    if len(stored) != len(new):
        raise ValueError(f"{len(stored)} frames stored, {len(new)} frames new")
    return min(map(_similarity_of_frames, stored, new))


def _frames(png):
    with Image.open(io.BytesIO(png)) as picture:
        return [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]


def _similarity_of_frames(stored, new):
    if np.abs(np.subtract(stored.shape, new.shape)).max() > BORDER:
        raise ValueError(f"{stored.shape[:2]} pixels stored, {new.shape[:2]} pixels new")
    height, width = np.minimum(stored.shape, new.shape)[:2]
    x, y = (_thin(picture[:height, :width]) for picture in (stored, new))
    _, alike = structural_similarity(
        x, y, win_size=WINDOW, K2=CONTRAST, data_range=1, channel_axis=2, full=True
    )
    ink = _variance(x) + _variance(y) + (_mean(x) - _mean(y)) ** 2 > INK
    channels = [alike[..., c][ink[..., c]].mean() for c in range(3) if ink[..., c].any()]
    return float(min(channels, default=1))


def _thin(picture):
    blurred = ndimage.gaussian_filter(picture.astype("float32") / 255, (BLUR, BLUR, 0))
    return blurred[STEP // 2 :: STEP, STEP // 2 :: STEP]


def _mean(x):
    return ndimage.uniform_filter(x, (WINDOW, WINDOW, 1))


def _variance(x):
    return _mean(x**2) - _mean(x) ** 2
