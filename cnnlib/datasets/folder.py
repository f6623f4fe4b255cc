"""Your own pictures: a folder that holds one folder of pictures for each class."""

import hashlib
import os
import warnings
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

# What Windows puts into folders by itself; names that begin with a dot are left out anyway.
_LITTER = {"thumbs.db", "desktop.ini"}


class Folder(NamedTuple):
    """Pictures of a folder, split into some to learn from and some to test on."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: list
    files_train: list
    files_test: list
    source: str
    license: str


def folder(path, *, size, train=0.8, seed=0, fit="crop", broken="raise"):
    """The pictures of a folder of classes, all at one size, split for training and test.

    `path/cat/a.jpg` is a picture of class `cat`. A file is known by its content, not by its name:
    whatever Pillow reads. It is turned as its EXIF entry says; gray becomes three equal channels,
    what is transparent shows white, 16 bits a channel are rounded to 8, an animation gives its
    first frame. Files beside the class folders have no class and are left out, and so is what
    begins with a dot.

    Each class is split by itself, at random. Files with the same pixels after resizing are copies
    of one picture, whatever their names, formats or classes: they count once and fall on the same
    side. Two photographs of one scene, or one saved twice as JPEG, are not copies: to keep those
    together, split by hand.

    Parameters
    ----------
    path : str or path
        The folder that holds a folder for each class, two at least.
    size : int
        Height and width of the result in pixels.
    train : float or int
        Share of each class to learn from, between 0 and 1, or how many pictures of each class, a
        whole number from 1; the rest is for the test. Each side has at least one of each class.
    seed : int
        The same seed, files and size give the same split on every machine.
    fit : "crop" or "squash"
        How a picture becomes a square: "crop" takes the square in its middle, which keeps shapes
        true and loses the ends; "squash" keeps everything and distorts it.
    broken : "raise" or "skip"
        What to do with a file in a class that cannot be read as a picture: refuse it, or leave it
        out with a warning. Both name it.

    Returns
    -------
    Folder
        `x_train` (m, size, size, 3) and `x_test`, float32 RGB in 0…1, in random order; `y_train`
        (m,) and `y_test`, int64, positions in `names`, the class folders in alphabetical order;
        `files_train` and `files_test`, the files as `cat/a.jpg`; `source`, `license`. All of it is
        in memory: 12 · size² bytes a picture, 0.6 GB for 1,000 at 224 pixels, and a quarter more
        while it is read.

    Raises
    ------
    ValueError
        Where there are fewer than two classes, a class has too few different pictures or a folder
        within, a file is broken (with `broken="raise"`), or size, train, fit or broken is not one
        of the values above.
    TypeError
        Where path, size or train is of another type.
    FileNotFoundError, NotADirectoryError
        Where path does not exist or is a file.

    Warns
    -----
    UserWarning
        For each file that is left out (with `broken="skip"`), and for each picture that lies in
        more than one class.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as path:
    ...     for name, gray in [("dark", 0), ("light", 200)]:
    ...         (Path(path) / name).mkdir()
    ...         for i in range(5):
    ...             Image.new("L", (40, 30), gray + i).save(Path(path) / name / f"{i}.png")
    ...     pictures = folder(path, size=16)
    >>> pictures.names, pictures.x_train.shape, pictures.x_test.shape
    (['dark', 'light'], (8, 16, 16, 3), (2, 16, 16, 3))
    """
    _check_square("folder", size, fit)
    _check_split(train, broken)
    path = _existing("folder", path)
    if not path.is_dir():
        raise NotADirectoryError(f"folder: path is {path}, a file; it needs a folder of classes")
    classes = _classes(path)
    files, labels, pictures = _read(classes, size, fit, broken)
    names = [one.name for one in classes]
    chosen, rest = _split(files, labels, pictures, names, train, seed)
    labels = np.array(labels, np.int64)
    return Folder(
        _images(pictures, chosen, size),
        labels[chosen],
        _images(pictures, rest, size),
        labels[rest],
        names,
        [files[i] for i in chosen],
        [files[i] for i in rest],
        source=str(path),
        license="that of the pictures, which a folder does not state",
    )


def picture(path, *, size, fit="crop"):
    """One picture of your own, as `folder` reads it: for a network that learned from a folder.

    Parameters
    ----------
    path : str or path
        The file.
    size : int
        Height and width of the result in pixels.
    fit : "crop" or "squash"
        How the picture becomes a square.

    Returns
    -------
    (size, size, 3) array
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
    _check_square("picture", size, fit)
    path = _existing("picture", path)
    try:
        return np.divide(_square(path, size, fit), np.float32(255), dtype=np.float32)
    except Exception as error:  # each format's decoder fails in its own way on broken files
        raise ValueError(f"picture: {path} cannot be read as a picture ({error})") from error


def _check_square(function, size, fit):
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"{function}: size is {size!r}, it needs a whole number of pixels")
    if size < 1:
        raise ValueError(f"{function}: size is {size}, it needs at least 1 pixel")
    if fit not in ("crop", "squash"):
        raise ValueError(f"{function}: fit is {fit!r}, it needs 'crop' or 'squash'")


def _check_split(train, broken):
    if isinstance(train, bool) or not isinstance(train, int | float | np.integer | np.floating):
        raise TypeError(f"folder: train is {train!r}, it needs a share or a number of pictures")
    whole = isinstance(train, int | np.integer)
    if not (train >= 1 if whole else 0 < train < 1):
        raise ValueError(
            f"folder: train is {train}, it needs a share between 0 and 1 or a whole number "
            "of pictures of each class"
        )
    if broken not in ("raise", "skip"):
        raise ValueError(f"folder: broken is {broken!r}, it needs 'raise' or 'skip'")


def _existing(function, path):
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{function}: path is {path!r}, it needs a string or a path")
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{function}: path is {path}, which does not exist")
    return path


def _entries(path):
    """What lies in a folder, in the same order on every machine, without what systems put there."""
    return sorted(
        (one for one in path.iterdir() if one.name[0] != "." and one.name.lower() not in _LITTER),
        key=lambda one: one.name,
    )


def _classes(path):
    classes = [one for one in _entries(path) if one.is_dir()]
    if len(classes) < 2:
        raise ValueError(
            f"folder: {path} holds {len(classes)} folders {[one.name for one in classes]}, it "
            "needs two or more, one for each class, with the pictures in them"
        )
    return classes


def _read(classes, size, fit, broken):
    """File names, labels and pixels, uint8 (size, size, 3), of all classes together."""
    files, labels, pictures = [], [], []
    found = [(label, file) for label, one in enumerate(classes) for file in _entries(one)]
    for label, file in tqdm(found, desc="folder", unit="picture", delay=5, leave=False):
        name = f"{classes[label].name}/{file.name}"
        if file.is_dir():
            raise ValueError(f"folder: {name} is a folder within a class, it needs to be a picture")
        try:
            picture = _square(file, size, fit)
        except Exception as error:  # each format's decoder fails in its own way on broken files
            problem = f"folder: {name} cannot be read as a picture ({error})"
            if broken == "raise":
                raise ValueError(f'{problem}; broken="skip" leaves such files out') from error
            warnings.warn(f"{problem}; it is left out", stacklevel=3)
            continue
        files.append(name)
        labels.append(label)
        pictures.append(picture)
    return files, labels, pictures


def _square(file, size, fit):
    """One picture, (size, size, 3) uint8."""
    with Image.open(file) as image:
        image = _rgb(ImageOps.exif_transpose(image))
    width, height = image.size
    box = (0, 0, width, height)
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        box = (left, top, left + side, top + side)
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))


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


def _split(files, labels, pictures, names, train, seed):
    """Positions of the pictures to learn from and to test on; copies are on the same side."""
    copies = {}
    for i, picture in enumerate(pictures):
        copies.setdefault(hashlib.sha256(picture).digest(), []).append(i)
    copies = list(copies.values())
    classes = [{labels[i] for i in group} for group in copies]
    for group, of in zip(copies, classes, strict=True):
        if len(of) > 1:
            same = ", ".join(files[i] for i in group)
            warnings.warn(f"folder: one picture lies in {len(of)} classes: {same}", stacklevel=3)
    different = Counter(label for of in classes for label in of)
    free = [_places(name, different[label], train) for label, name in enumerate(names)]
    chosen, rest = [], []
    for number in np.random.default_rng(seed).permutation(len(copies)):
        fits = all(free[label] for label in classes[number])
        for label in classes[number]:
            free[label] -= fits
        (chosen if fits else rest).extend(copies[number])
    for label, name in enumerate(names):
        if not all(any(labels[i] == label for i in side) for side in (chosen, rest)):
            raise ValueError(
                f"folder: class {name!r} shares so many pictures with other classes that none is "
                "left for one side; take them out of one class"
            )
    return chosen, rest


def _places(name, different, train):
    """How many of a class's different pictures are to learn from; one or more is left over."""
    whole = isinstance(train, int | np.integer)
    needed = train + 1 if whole else 2
    if different < needed:
        raise ValueError(
            f"folder: class {name!r} has {different} different pictures, it needs at least {needed}"
            f" with train={train}, one of them for the test"
        )
    return train if whole else min(max(round(train * different), 1), different - 1)


def _images(pictures, chosen, size):
    """The chosen pictures as one array, (m, size, size, 3) float32 in 0…1."""
    images = np.empty((len(chosen), size, size, 3), np.float32)
    for image, i in zip(images, chosen, strict=True):
        np.divide(pictures[i], np.float32(255), out=image)
    return images
