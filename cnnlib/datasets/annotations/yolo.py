"""YOLO's text files: one line for each object, in shares of the picture."""

from cnnlib.datasets.annotations.reading import Reading, inside, number, shape_of

_CLASSES = "classes.txt"
_SHARES = ("x", "y", "width", "height")


def read_yolo(path, *, names=None, broken="raise"):
    """The boxes of a folder's pictures from text files as those of YOLO's program, darknet.

    Redmon et al., "You Only Look Once: Unified, Real-Time Object Detection", 2016,
    https://arxiv.org/abs/1506.02640; the format: https://pjreddie.com/darknet/yolo/.

    `cells/1.txt` describes the picture of the same name, `cells/1.jpg`, or, in another folder
    below `path`, `images/1.jpg`. Each line is one object: the number of its class, counted from 0,
    the middle of its box and its width and height, all four as shares of the picture (as it is
    shown, turned as its EXIF entry says). A picture with an empty file, or without one, shows no
    object.

    Parameters
    ----------
    path : str or path
        The folder that holds the pictures and the files, in whichever folders below it.
    names : list of str, optional
        The classes in the order of their numbers. By default the lines of the file `classes.txt`.
    broken : "raise" or "skip"
        What to do with what cannot be used: refuse all, or leave out the object, or the picture
        where it is not only one object, with a warning. Both name the file and the line.

    Returns
    -------
    Annotations

    Raises
    ------
    ValueError
        Where there is no text file of a picture or not one `classes.txt`, with `broken="raise"`
        where something cannot be used, or where names or broken is not one of the values above.
    FileNotFoundError, NotADirectoryError
        Where path does not exist or is a file.

    Warns
    -----
    UserWarning
        For all that is left out.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as path:
    ...     Image.new("L", (40, 30)).save(Path(path) / "1.png")
    ...     _ = (Path(path) / "1.txt").write_text("0 0.5 0.5 0.25 0.4")
    ...     found = read_yolo(path, names=["cat"])
    >>> found.files, found.targets[0]["boxes"].tolist()
    (['1.png'], [[15.0, 9.0, 25.0, 21.0]])
    """
    reading = Reading("read_yolo", path, names, broken)
    yolo(reading)
    reading.report(level=2)
    return reading.annotations()


def yolo(reading):
    """Add to a reading what the text files say."""
    if reading.names is None:
        reading.names = _classes(reading)
    texts = reading.by_picture(".txt", without=_CLASSES)
    for picture in reading.pictures:
        text = texts.get(picture)
        try:
            shape = shape_of(picture)
            lines = [] if text is None else text.read_text(encoding="utf-8-sig").splitlines()
        except ValueError as error:
            reading.problems.append(f"{reading.short(text or picture)}: {error}")
            continue
        objects = []
        for place, line in enumerate(lines, 1):
            try:
                if line.strip():
                    objects.append(_object(line.split(), shape, reading.names))
            except ValueError as error:
                reading.problems.append(f"{reading.short(text)}, line {place}: {error}")
        reading.described.append((reading.short(picture), shape, objects))


def _classes(reading):
    files = [file for file in reading.ending(".txt") if file.name == _CLASSES]
    if len(files) != 1:
        raise reading.fatal(
            f"{reading.path} holds {len(files)} files {_CLASSES}, it needs one with a line for "
            "each class, or names"
        )
    names = [line.strip() for line in files[0].read_text(encoding="utf-8-sig").splitlines()]
    names = [name for name in names if name]
    if not names or len(set(names)) != len(names):
        raise reading.fatal(f"{reading.short(files[0])} has {names}, it needs different names")
    return names


def _object(columns, shape, names):
    if len(columns) != 5:
        raise ValueError(f"it has {len(columns)} columns, it needs 5: class {' '.join(_SHARES)}")
    try:
        label = int(columns[0])
    except ValueError:
        raise ValueError(f"its class is {columns[0]!r}, it needs a whole number") from None
    if not 0 <= label < len(names):
        raise ValueError(f"its class is {label}, it needs 0 to {len(names) - 1}, as {names} has")
    shares = [number(what, text) for what, text in zip(_SHARES, columns[1:], strict=True)]
    for what, share in zip(_SHARES, shares, strict=True):
        if not 0 <= share <= 1:
            raise ValueError(f"{what} is {share:g}, it needs a share of the picture, 0 to 1")
    x, y, width, height = (
        share * side for share, side in zip(shares, shape[::-1] * 2, strict=True)
    )
    return inside([x - width / 2, y - height / 2, x + width / 2, y + height / 2], shape), names[
        label
    ]
