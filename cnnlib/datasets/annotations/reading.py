"""What the readers share: which pictures there are, which boxes can be, and what is wrong."""

import math
import warnings
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnlib.datasets.pictures import existing, upright_shape
from cnnlib.datasets.scenes import target

ROUNDING = 1  # pixels by which a box may leave its picture: tools round, and some count from 0


class Annotations(NamedTuple):
    """What is where in the pictures of a folder, as files beside them say.

    `files`: list of str, the pictures, from the folder on, in alphabetical order.
    `shapes`: list of (height, width) in pixels, turned as the EXIF entries say.
    `targets`: list of dict, for each picture `"boxes"`, (n, 4) float32, (x_min, y_min, x_max,
    y_max) in its pixels, and `"labels"`, (n,) int64, the places of their classes in `names`.
    `names`: list of str.
    """

    files: list
    shapes: list
    targets: list
    names: list


class Reading:
    """What a reader has found below a folder so far, and what is wrong there."""

    def __init__(self, function, path, names, broken):
        if broken not in ("raise", "skip"):
            raise ValueError(f"{function}: broken is {broken!r}, it needs 'raise' or 'skip'")
        if names is not None and (
            not isinstance(names, tuple | list)
            or not all(isinstance(name, str) for name in names)
            or len(set(names)) != len(names)
        ):
            raise ValueError(f"{function}: names is {names!r}, it needs a list of different names")
        self.function, self.broken = function, broken
        self.path = existing(function, path)
        if not self.path.is_dir():
            raise NotADirectoryError(f"{function}: path is {path}, a file; it needs a folder")
        self.names = None if names is None else list(names)
        endings = _endings()
        self.files = [
            file
            for file in sorted(self.path.rglob("*"))
            if not any(part.startswith(".") for part in file.relative_to(self.path).parts)
        ]
        self.pictures = [file for file in self.files if file.suffix.lower() in endings]
        self.described, self.problems, self.notes = [], [], []

    def ending(self, suffix):
        """The files with this ending."""
        return [file for file in self.files if file.suffix.lower() == suffix]

    def short(self, file):
        """A file's path from the folder on."""
        return file.relative_to(self.path).as_posix()

    def fatal(self, problem):
        """The error for what leaves nothing to read."""
        return ValueError(f"{self.function}: {problem}")

    def by_picture(self, ending, *, without=""):
        """The files with this ending by the pictures that they describe, which have their names.

        Where no file of a folder has a picture, they are other texts, such as lists.
        """
        stems, described, alone = {}, {}, []
        for picture in self.pictures:
            stems.setdefault(picture.stem, []).append(picture)
        for file in self.ending(ending):
            if file.name == without:
                continue
            try:
                picture = _partner(file, stems.get(file.stem, []))
            except ValueError as error:
                raise self.fatal(f"{self.short(file)}: {error}") from None
            if picture is None:
                alone.append(file)
            elif picture in described:
                self.problems.append(
                    f"{self.short(file)}: {self.short(described[picture])} describes "
                    f"{self.short(picture)} already"
                )
            else:
                described[picture] = file
        if not described:
            raise self.fatal(
                f"{self.path} holds no {ending} file with a picture of the same name, for "
                f"1.jpg it needs 1{ending}"
            )
        folders = {file.parent for file in described.values()}
        self.problems += [
            f"{self.short(file)}: there is no picture {file.stem!r}"
            for file in alone
            if file.parent in folders
        ]
        return described

    def class_name(self, name):
        """The name, which has to be among those that the caller gave."""
        if self.names is not None and name not in self.names:
            raise ValueError(f"its class is {name!r}, names has {self.names}")
        return name

    def report(self, *, level):
        """Raise or warn of what is wrong; the warnings point `level` calls up, as warn counts."""
        if self.problems and self.broken == "raise":
            more = len(self.problems) - 1
            others = f" (and {more} more)" if more else ""
            raise self.fatal(
                f'{self.problems[0]}{others}; broken="skip" leaves out what cannot be used'
            )
        for problem in self.problems:
            warnings.warn(f"{self.function}: {problem}; it is left out", stacklevel=level + 1)
        for note in self.notes:
            warnings.warn(f"{self.function}: {note}", stacklevel=level + 1)
        self.problems, self.notes = [], []

    def annotations(self):
        """All that was found, in the order of the pictures' names."""
        described = sorted(self.described)
        names = self.names
        if names is None:
            names = sorted({name for *_, objects in described for _, name in objects})
        places = {name: place for place, name in enumerate(names)}
        return Annotations(
            [file for file, _, _ in described],
            [shape for _, shape, _ in described],
            [
                target([box for box, _ in objects], [places[name] for _, name in objects])
                for _, _, objects in described
            ],
            names,
        )


def _endings():
    """The endings of picture files that Pillow can read."""
    return {end for end, kind in Image.registered_extensions().items() if kind in Image.OPEN}


def _partner(file, same):
    """Of the pictures of the same name the nearest: in the same folder first, then in one of the
    same name (images/train, labels/train), then in any; None where there is none."""
    for near in (
        [one for one in same if one.parent == file.parent],
        [one for one in same if one.parent.name == file.parent.name],
        same,
    ):
        if len(near) > 1:
            named = ", ".join("/".join(one.parts[-2:]) for one in near)
            raise ValueError(f"it may belong to any of {named}")
        if near:
            return near[0]
    return None


def shape_of(file, stated=None):
    """(height, width) of a picture as it is shown; it has to be what the annotations state."""
    try:
        shape = upright_shape(file)
    except Exception as error:  # each format's decoder fails in its own way on broken files
        raise ValueError(f"{file.name} cannot be read as a picture ({error})") from error
    if stated is not None and stated != shape:
        turned = ", turned as its EXIF entry may say," if stated == shape[::-1] else ""
        raise ValueError(
            f"it states {stated[1]:g}×{stated[0]:g} pixels (width × height), "
            f"{file.name}{turned} has {shape[1]}×{shape[0]}"
        )
    return shape


def number(what, value):
    """A finite number, from text or from JSON."""
    try:
        if isinstance(value, bool):
            raise TypeError
        read = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} is {value!r}, it needs a number") from None
    if not math.isfinite(read):
        raise ValueError(f"{what} is {value}, it needs a finite number")
    return read


def inside(box, shape):
    """The box within its picture, (x_min, y_min, x_max, y_max); rounding at the border is cut.

    >>> inside((-0.5, 2, 10, 8), (8, 10))
    [0.0, 2.0, 10.0, 8.0]
    """
    height, width = shape
    within = np.clip(box, 0, [width, height, width, height])
    if np.abs(within - box).max() > ROUNDING:
        raise ValueError(
            f"its box ({', '.join(f'{side:g}' for side in box)}) leaves the picture of "
            f"{width}×{height} pixels"
        )
    x_min, y_min, x_max, y_max = np.float32(within)
    if not (x_min < x_max and y_min < y_max):
        raise ValueError(f"its box ({', '.join(f'{side:g}' for side in box)}) is empty")
    return within.tolist()
