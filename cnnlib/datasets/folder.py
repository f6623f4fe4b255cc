"""Your own pictures: a folder of pictures for each class, or pictures with boxes."""

import warnings
from collections import Counter
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from cnnlib.datasets.boxed_folder import FORMATS, boxed
from cnnlib.datasets.pictures import FITS, entries, existing, fitted, image_shape
from cnnlib.datasets.sides import copies, places


class Folder(NamedTuple):
    """Pictures of a folder, split into some to learn from and some to test on.

    `y_train` and `y_test` are arrays of labels, or lists of boxes with labels.
    """

    x_train: np.ndarray
    y_train: np.ndarray | list
    x_test: np.ndarray
    y_test: np.ndarray | list
    names: list
    files_train: list
    files_test: list
    source: str
    license: str


def folder(
    path, *, size, annotations=None, names=None, train=0.8, seed=0, fit=None, broken="raise"
):
    """The pictures of a folder at one size, with classes or boxes, split for training and test.

    `path/cat/a.jpg` is a picture of class `cat`. With `annotations`, files beside the pictures say
    what is where in them, as `read_voc`, `read_coco` and `read_yolo` tell.

    A file in a class is known by its content, not by its name: whatever Pillow reads; a picture
    with boxes is known by its ending. It is turned as its EXIF entry says; gray becomes three
    equal channels, what is transparent shows white, 16 bits a channel are rounded to 8, an
    animation gives its first frame. Files beside the class folders have no class and are left out,
    and so is what begins with a dot.

    Each class is split by itself, at random; pictures with boxes all together. Files with the same
    pixels after resizing are copies of one picture, whatever their names, formats or classes: they
    count once and fall on the same side. Two photographs of one scene, or one saved twice as JPEG,
    are not copies: to keep those together, split by hand.

    Parameters
    ----------
    path : str or path
        The folder that holds a folder for each class, two at least, or pictures with boxes.
    size : int or (int, int)
        Height and width of the result in pixels; one number for a square.
    annotations : "voc", "coco", "yolo" or str, optional
        The format of the boxes: VOC's XML, COCO's JSON or YOLO's text; or the name of a file
        `….json` below `path`, where there are several. By default there are none but classes.
    names : list of str, optional
        With annotations, the classes in the order of their labels, as the readers take them.
    train : float, int or list of str
        Share of each class to learn from, between 0 and 1, or how many pictures of each class, a
        whole number from 1; the rest is for the test. Each side has at least one of each class.
        With annotations share or number of all pictures, or the names of the pictures to learn
        from, with or without their endings.
    seed : int
        The same seed, files and size give the same split on every machine.
    fit : "crop", "pad" or "squash"
        How a picture takes another shape: "crop", which is for classes alone and their default,
        takes the largest part in its middle, which keeps shapes true and loses the ends; "pad",
        the default with boxes, keeps everything and puts gray around it; "squash" keeps everything
        and distorts it. Boxes move with their pictures.
    broken : "raise" or "skip"
        What to do with a file in a class that cannot be read as a picture, and with annotations
        that cannot be used: refuse, or leave them out with a warning. Both name them.

    Returns
    -------
    Folder
        `x_train` (m, height, width, 3) and `x_test`, float32 RGB in 0…1, in random order;
        `y_train` (m,) and `y_test`, int64, positions in `names`, the class folders in alphabetical
        order, or with annotations for each picture a dict of `"boxes"`, (n, 4) float32
        (x_min, y_min, x_max, y_max) in pixels of the result, and `"labels"`, (n,) int64;
        `files_train` and `files_test`, the files as `cat/a.jpg`; `source`, `license`. All of it is
        in memory: 12 · height · width bytes a picture, 0.6 GB for 1,000 at 224 × 224 pixels, and a
        quarter more while it is read.

    Raises
    ------
    ValueError
        Where there are fewer than two classes, a class has too few different pictures or a folder
        within, a file or an annotation is broken (with `broken="raise"`), or an argument is not
        one of the values above.
    TypeError
        Where path, size or train is of another type.
    FileNotFoundError, NotADirectoryError
        Where path does not exist or is a file.

    Warns
    -----
    UserWarning
        For each file that is left out (with `broken="skip"`), for each picture that lies in more
        than one class, and for copies on both sides of a split by names.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as path:
    ...     for name, gray in [("dark", 0), ("light", 200)]:
    ...         (Path(path) / name).mkdir()
    ...         for i in range(5):
    ...             Image.new("L", (40, 30), gray + i).save(Path(path) / name / f"{i}.png")
    ...     pictures = folder(path, size=16)
    >>> pictures.names, pictures.x_train.shape, pictures.x_test.shape
    (['dark', 'light'], (8, 16, 16, 3), (2, 16, 16, 3))

    Pictures with boxes: `folder("cells", size=(240, 320), annotations="voc")`.
    """
    shape = image_shape("folder", size)
    _check_annotations(annotations, names)
    _check_split(train, broken, annotations)
    fit = _fit(fit, annotations)
    path = existing("folder", path)
    if not path.is_dir():
        raise NotADirectoryError(f"folder: path is {path}, a file; it needs a folder of classes")
    if annotations is None:
        files, labels, pictures, names = _classified(path, shape, fit, broken)
        chosen, rest = _split(files, labels, pictures, names, train, seed)
        y_train, y_test = labels[chosen], labels[rest]
    else:
        files, targets, pictures, names, (chosen, rest) = boxed(
            path, annotations, names, shape, fit, train, seed, broken
        )
        y_train, y_test = ([targets[i] for i in side] for side in (chosen, rest))
    return Folder(
        _images(pictures, chosen, shape),
        y_train,
        _images(pictures, rest, shape),
        y_test,
        names,
        [files[i] for i in chosen],
        [files[i] for i in rest],
        source=str(path),
        license="that of the pictures, which a folder does not state",
    )


def _check_annotations(annotations, names):
    if annotations is None:
        if names is not None:
            raise ValueError("folder: names is given, it needs annotations; classes have folders")
    elif not isinstance(annotations, str):
        raise TypeError(f"folder: annotations is {annotations!r}, it needs a string")
    elif annotations not in FORMATS and not annotations.endswith(".json"):
        raise ValueError(
            f"folder: annotations is {annotations!r}, it needs one of {FORMATS} or the name of a "
            ".json file"
        )


def _check_split(train, broken, annotations):
    if broken not in ("raise", "skip"):
        raise ValueError(f"folder: broken is {broken!r}, it needs 'raise' or 'skip'")
    if isinstance(train, list | tuple) and annotations is not None:
        return
    if isinstance(train, bool) or not isinstance(train, int | float | np.integer | np.floating):
        raise TypeError(f"folder: train is {train!r}, it needs a share or a number of pictures")
    whole = isinstance(train, int | np.integer)
    if not (train >= 1 if whole else 0 < train < 1):
        raise ValueError(
            f"folder: train is {train}, it needs a share between 0 and 1 or a whole number "
            "of pictures of each class"
        )


def _fit(fit, annotations):
    if fit is None:
        return "crop" if annotations is None else "pad"
    if fit not in FITS:
        raise ValueError(f"folder: fit is {fit!r}, it needs one of {FITS}")
    if fit == "crop" and annotations is not None:
        raise ValueError(
            "folder: fit is 'crop', which cuts objects; with boxes it needs 'pad' or 'squash'"
        )
    return fit


def _classes(path):
    classes = [one for one in entries(path) if one.is_dir()]
    if len(classes) < 2:
        raise ValueError(
            f"folder: {path} holds {len(classes)} folders {[one.name for one in classes]}, it "
            "needs two or more, one for each class, with the pictures in them; pictures with boxes "
            "need annotations"
        )
    return classes


def _classified(path, shape, fit, broken):
    """File names, labels and pixels, uint8 (height, width, 3), of all classes together."""
    classes = _classes(path)
    files, labels, pictures = [], [], []
    found = [(label, file) for label, one in enumerate(classes) for file in entries(one)]
    for label, file in tqdm(found, desc="folder", unit="picture", delay=5, leave=False):
        name = f"{classes[label].name}/{file.name}"
        if file.is_dir():
            raise ValueError(f"folder: {name} is a folder within a class, it needs to be a picture")
        try:
            picture = fitted(file, shape, fit)
        except Exception as error:  # each format's decoder fails in its own way on broken files
            problem = f"folder: {name} cannot be read as a picture ({error})"
            if broken == "raise":
                raise ValueError(f'{problem}; broken="skip" leaves such files out') from error
            warnings.warn(f"{problem}; it is left out", stacklevel=3)
            continue
        files.append(name)
        labels.append(label)
        pictures.append(picture)
    return files, np.array(labels, np.int64), pictures, [one.name for one in classes]


def _split(files, labels, pictures, names, train, seed):
    """Positions of the pictures to learn from and to test on; copies are on the same side."""
    groups = copies(pictures)
    classes = [{int(labels[i]) for i in group} for group in groups]
    for group, of in zip(groups, classes, strict=True):
        if len(of) > 1:
            same = ", ".join(files[i] for i in group)
            warnings.warn(f"folder: one picture lies in {len(of)} classes: {same}", stacklevel=3)
    different = Counter(label for of in classes for label in of)
    free = [places(f"class {name!r}", different[label], train) for label, name in enumerate(names)]
    chosen, rest = [], []
    for number in np.random.default_rng(seed).permutation(len(groups)):
        fits = all(free[label] for label in classes[number])
        for label in classes[number]:
            free[label] -= fits
        (chosen if fits else rest).extend(groups[number])
    for label, name in enumerate(names):
        if not all(any(labels[i] == label for i in side) for side in (chosen, rest)):
            raise ValueError(
                f"folder: class {name!r} shares so many pictures with other classes that none is "
                "left for one side; take them out of one class"
            )
    return chosen, rest


def _images(pictures, chosen, shape):
    """The chosen pictures as one array, (m, height, width, 3) float32 in 0…1."""
    images = np.empty((len(chosen), *shape, 3), np.float32)
    for image, i in zip(images, chosen, strict=True):
        np.divide(pictures[i], np.float32(255), out=image)
    return images
