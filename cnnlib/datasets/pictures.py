"""Picture files: read upright, as RGB, at one size, with what lies where afterwards."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FITS = ("crop", "pad", "squash")
# What Windows puts into folders by itself; names that begin with a dot are left out anyway.
_LITTER = {"thumbs.db", "desktop.ini"}
_GRAY = (128, 128, 128)  # what "pad" puts around a picture
_ORIENTATION = 0x0112  # the EXIF entry; from 5 on, height and width change places


def picture(path, *, size, fit="crop"):
    """One picture of your own, as `folder` reads it: for a network that learned from a folder.

    Parameters
    ----------
    path : str or path
        The file.
    size : int or (int, int)
        Height and width of the result in pixels; one number for a square.
    fit : "crop", "pad" or "squash"
        How the picture takes this shape; see `folder`.

    Returns
    -------
    (height, width, 3) array
        float32 RGB in 0…1.

    Raises
    ------
    ValueError
        Where the file cannot be read as a picture, or size or fit is not one of the values above.
    TypeError
        Where path or size is of another type.
    FileNotFoundError
        Where the file does not exist.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as path:
    ...     Image.new("L", (40, 30), 51).save(Path(path) / "gray.png")
    ...     picture(Path(path) / "gray.png", size=2)[0, 0].tolist()
    [0.20000000298023224, 0.20000000298023224, 0.20000000298023224]
    """
    shape = image_shape("picture", size)
    if fit not in FITS:
        raise ValueError(f"picture: fit is {fit!r}, it needs one of {FITS}")
    path = existing("picture", path)
    try:
        return np.divide(fitted(path, shape, fit), np.float32(255), dtype=np.float32)
    except Exception as error:  # each format's decoder fails in its own way on broken files
        raise ValueError(f"picture: {path} cannot be read as a picture ({error})") from error


def image_shape(function, size):
    """(height, width) as the caller gave it: one number for both, or a pair."""
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    for side in sides:
        if isinstance(side, bool) or not isinstance(side, int | np.integer):
            raise TypeError(
                f"{function}: size is {size!r}, it needs a whole number of pixels, or two: "
                "(height, width)"
            )
    if len(sides) != 2:
        raise ValueError(f"{function}: size is {size!r}, it needs two numbers: (height, width)")
    if min(sides) < 1:
        raise ValueError(f"{function}: size is {size}, it needs at least 1 pixel")
    return int(sides[0]), int(sides[1])


def existing(function, path):
    """The path, which has to exist."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{function}: path is {path!r}, it needs a string or a path")
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{function}: path is {path}, which does not exist")
    return path


def entries(path):
    """What lies in a folder, in the same order on every machine, without what systems put there."""
    return sorted(
        (one for one in path.iterdir() if one.name[0] != "." and one.name.lower() not in _LITTER),
        key=lambda one: one.name,
    )


def upright_shape(file):
    """(height, width) of a picture as it is shown, from the head of its file."""
    with Image.open(file) as image:
        shape = image.height, image.width
        return shape[::-1] if image.getexif().get(_ORIENTATION, 1) >= 5 else shape


def fitted(file, shape, fit):
    """One picture at the shape, (height, width, 3) uint8."""
    with Image.open(file) as image:
        image = _rgb(ImageOps.exif_transpose(image))
    taken, given = regions((image.height, image.width), shape, fit)
    left, top, right, bottom = given
    part = image.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=taken)
    if part.size == (shape[1], shape[0]):
        return np.asarray(part)
    whole = Image.new("RGB", (shape[1], shape[0]), _GRAY)
    whole.paste(part, (left, top))
    return np.asarray(whole)


def regions(shape, result, fit):
    """Which box of a picture of one shape fills which box of the result, both xyxy in pixels.

    >>> regions((30, 40), (10, 10), "crop"), regions((30, 40), (10, 10), "pad")
    (((5, 0, 35, 30), (0, 0, 10, 10)), ((0, 0, 40, 30), (0, 1, 10, 9)))
    """
    (height, width), (new_height, new_width) = shape, result
    taken, given = (0, 0, width, height), (0, 0, new_width, new_height)
    if fit == "crop":
        taken = _middle(
            taken,
            max(1, min(width, height * new_width // new_height)),
            max(1, min(height, width * new_height // new_width)),
        )
    if fit == "pad":
        given = _middle(
            given,
            max(1, min(new_width, round(width * new_height / height))),
            max(1, min(new_height, round(height * new_width / width))),
        )
    return taken, given


def _middle(box, width, height):
    """A box of this width and height in the middle of a box that begins at 0, 0."""
    left, top = (box[2] - width) // 2, (box[3] - height) // 2
    return left, top, left + width, top + height


def _rgb(image):
    if image.mode == "F":
        raise ValueError("its pixels are fractions, and no file says which of them is white")
    if image.mode.startswith("I"):  # Pillow's own conversion makes everything over 255 white
        values = np.asarray(image, np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError(
                f"its pixels are {values.min()} to {values.max()}, 16 bits hold 0 to 65535"
            )
        image = Image.fromarray(np.rint(values / 257).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
