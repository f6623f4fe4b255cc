"""COCO: one JSON file for all pictures, read and written."""

import json
from pathlib import Path

from cnnlib.datasets.annotations.reading import Reading, inside, number, shape_of

_SIDES = ("height", "width")
_BBOX = ("x", "y", "width", "height")
_KINDS = {int: "a whole number", str: "a text", list: "a list"}


def read_coco(path, file=None, *, names=None, broken="raise"):
    """The boxes of a folder's pictures from one JSON file as COCO's.

    Lin et al., "Microsoft COCO: Common Objects in Context", 2014,
    https://arxiv.org/abs/1405.0312; the format: https://cocodataset.org/#format-data.

    A picture is known by its `file_name`, or by the end of its path where it lies in a folder
    below `path`; what the file does not list is left out. Boxes are (x, y, width, height) in
    pixels from 0. Crowds, boxes around many objects of which none is marked, are left out.

    Parameters
    ----------
    path : str or path
        The folder that holds the pictures and the file, in whichever folders below it.
    file : str, optional
        The JSON file, from `path` on; needed where there are several.
    names : list of str, optional
        The classes in the order of their labels; other classes are broken. By default those of the
        file, in the order of their ids, also those that do not occur.
    broken : "raise" or "skip"
        What to do with what cannot be used: refuse all, or leave out the annotation, or the
        picture, with a warning. Both name the file and the entry. A file that contradicts itself
        is always refused.

    Returns
    -------
    Annotations

    Raises
    ------
    ValueError
        Where there is not one JSON file, it is not COCO's, or an id occurs twice; with
        `broken="raise"` where something cannot be used; or where names or broken is not one of the
        values above.
    FileNotFoundError, NotADirectoryError
        Where path does not exist or is a file.

    Warns
    -----
    UserWarning
        For all that is left out.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> from cnnlib.datasets import Annotations
    >>> from cnnlib.datasets.scenes import target
    >>> cats = Annotations(["1.png"], [(30, 40)], [target([[0, 5, 40, 30]], [0])], ["cat"])
    >>> with TemporaryDirectory() as path:
    ...     Image.new("L", (40, 30)).save(Path(path) / "1.png")
    ...     write_coco(Path(path) / "cats.json", cats)
    ...     found = read_coco(path)
    >>> found.files, found.names, found.targets[0]["boxes"].tolist()
    (['1.png'], ['cat'], [[0.0, 5.0, 40.0, 30.0]])
    """
    reading = Reading("read_coco", path, names, broken)
    coco(reading, file)
    reading.report(level=2)
    return reading.annotations()


def coco(reading, file=None):
    """Add to a reading what the JSON file says."""
    file = _file(reading, file)
    name = reading.short(file)
    try:
        images, annotations, classes = _content(file)
    except ValueError as error:
        raise reading.fatal(f"{name}: {error}") from None
    if reading.names is None:
        reading.names = list(classes.values())
    described = _described(reading, name, images)
    crowds, ids = 0, set()
    for place, annotation in enumerate(annotations):
        try:
            number_of = _known("image_id", annotation, images)
            label = classes[_known("category_id", annotation, classes)]
            ids.add(_new_id(annotation, ids))
            if number_of not in described:
                continue  # its picture is left out
            if annotation.get("iscrowd", 0):
                crowds += 1
                continue
            _, shape, objects = described[number_of]
            objects.append((inside(_box(annotation), shape), reading.class_name(label)))
        except ValueError as error:
            reading.problems.append(f"{name}, annotations[{place}]: {error}")
    reading.described += described.values()
    if crowds:
        reading.notes.append(f"{name}: {crowds} crowds are left out")


def write_coco(path, annotations):
    """Write annotations as one JSON file in COCO's format, which `read_coco` and others read.

    Parameters
    ----------
    path : str or path
        The file, best in the folder of the pictures; it is replaced if it is there.
    annotations : Annotations
        As one of the readers gives them. Ids count from 1.

    Raises
    ------
    ValueError
        Where the lists differ in length, a label has no name, or a box is empty or leaves its
        picture.

    Examples
    --------
    From one format into the other: `write_coco("cells/all.json", read_voc("cells"))`.
    """
    files, shapes, targets, names = annotations
    if not len(files) == len(shapes) == len(targets):
        raise ValueError(
            f"write_coco: annotations has {len(files)} files, {len(shapes)} shapes and "
            f"{len(targets)} targets, it needs one of each for a picture"
        )
    images, objects = [], []
    for image, (file, shape, target) in enumerate(zip(files, shapes, targets, strict=True), 1):
        images.append({"id": image, "file_name": file, "height": shape[0], "width": shape[1]})
        for box, label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            try:
                x_min, y_min, x_max, y_max = inside(box, shape)
                if not 0 <= label < len(names):
                    raise ValueError(f"its label is {label}, names has {len(names)}")
            except ValueError as error:
                raise ValueError(f"write_coco: {file}, box {box}: {error}") from None
            width, height = x_max - x_min, y_max - y_min
            objects.append(
                {
                    "id": len(objects) + 1,
                    "image_id": image,
                    "category_id": label + 1,
                    "bbox": [x_min, y_min, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                }
            )
    categories = [{"id": place, "name": name} for place, name in enumerate(names, 1)]
    content = {"images": images, "annotations": objects, "categories": categories}
    Path(path).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _file(reading, file):
    """The JSON file that the caller named, or the only one there is."""
    if file is not None:
        if reading.path / file not in reading.files:
            raise reading.fatal(f"{reading.path} holds no file {file}")
        return reading.path / file
    found = reading.ending(".json")
    if len(found) != 1:
        raise reading.fatal(
            f"{reading.path} holds {len(found)} .json files "
            f"{[reading.short(one) for one in found]}, it needs one, or the name of one"
        )
    return found[0]


def _content(file):
    """Images and the names of the classes, both by id, and the list of annotations."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"it is no whole JSON file ({error})") from None
    for part in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(part), list):
            raise ValueError(f"it has no list {part!r}, which COCO has")
    images, categories = (_by_id(part, content[part]) for part in ("images", "categories"))
    classes = {}
    for number_of, category in sorted(categories.items()):
        name = _field(category, "name", str)
        if name in classes.values():
            raise ValueError(f"two categories are called {name!r}")
        classes[number_of] = name
    return images, content["annotations"], classes


def _by_id(part, entries):
    found = {}
    for place, entry in enumerate(entries):
        try:
            found[_new_id(entry, found)] = entry
        except ValueError as error:
            raise ValueError(f"{part}[{place}]: {error}") from None
    return found


def _described(reading, name, images):
    """For each image by its id its picture, its shape and a list for its objects."""
    by_name, described, taken = {}, {}, set()
    for picture in reading.pictures:
        by_name.setdefault(picture.name, []).append(picture)
    for number_of, image in images.items():
        try:
            picture = _picture(reading, by_name, _field(image, "file_name", str))
            shape = shape_of(picture, tuple(number(side, image.get(side)) for side in _SIDES))
            if picture in taken:
                raise ValueError(f"its picture {reading.short(picture)} is that of another")
            taken.add(picture)
            described[number_of] = (reading.short(picture), shape, [])
        except ValueError as error:
            reading.problems.append(f"{name}, image {number_of}: {error}")
    return described


def _picture(reading, by_name, file_name):
    parts = tuple(file_name.replace("\\", "/").split("/"))
    found = [one for one in by_name.get(parts[-1], []) if one.parts[-len(parts) :] == parts]
    exact = [one for one in found if one == reading.path.joinpath(*parts)]
    if len(exact or found) != 1:
        raise ValueError(f"there are {len(found)} pictures {file_name!r}, it needs one")
    return (exact or found)[0]


def _field(entry, key, kind):
    if not isinstance(entry, dict) or key not in entry:
        raise ValueError(f"it has no {key!r}")
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"its {key} is {value!r}, it needs {_KINDS[kind]}")
    return value


def _known(key, annotation, entries):
    value = _field(annotation, key, int)
    if value not in entries:
        raise ValueError(f"its {key} is {value}, which is none of the {len(entries)} there are")
    return value


def _new_id(entry, ids):
    value = _field(entry, "id", int)
    if value in ids:
        raise ValueError(f"its id is {value}, as that of another")
    return value


def _box(annotation):
    box = _field(annotation, "bbox", list)
    if len(box) != 4:
        raise ValueError(f"its bbox has {len(box)} numbers, it needs 4: x, y, width, height")
    x, y, width, height = (number(what, value) for what, value in zip(_BBOX, box, strict=True))
    return [x, y, x + width, y + height]
