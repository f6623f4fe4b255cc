"""Pascal VOC: one XML file for each picture."""

from xml.etree import ElementTree

from cnnlib.datasets.annotations.reading import Reading, inside, number, shape_of


def read_voc(path, *, names=None, broken="raise"):
    """The boxes of a folder's pictures from XML files as those of Pascal VOC.

    Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", 2015,
    https://doi.org/10.1007/s11263-014-0733-5; the format is in its Development Kit.

    `cells/1.xml` describes the picture of the same name, `cells/1.jpg`, or, in another folder
    below `path`, `images/1.jpg`. A picture without such a file is left out.

    VOC counts pixels from 1 and includes the last one. Here a box is continuous and begins at 0:
    (xmin − 1, ymin − 1, xmax, ymax), as in Detectron2 (data/datasets/pascal_voc.py; torchvision
    gives the numbers of the file); what counts from 0 then reaches a pixel out of the picture and
    is cut. A box that ends where it begins is a click, and broken. Objects marked "difficult" count
    as all others, which is stricter than the evaluation of VOC.

    Parameters
    ----------
    path : str or path
        The folder that holds the pictures and the files, in whichever folders below it.
    names : list of str, optional
        The classes in the order of their labels; other classes are broken. By default those that
        occur, in alphabetical order.
    broken : "raise" or "skip"
        What to do with what cannot be used: refuse all, or leave out the object, or the picture
        where it is not only one object, with a warning. Both name the file and the object.

    Returns
    -------
    Annotations

    Raises
    ------
    ValueError
        Where there is no XML file, with `broken="raise"` where something cannot be used, or where
        names or broken is not one of the values above.
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
    >>> cat = '''<annotation><size><width>40</width><height>30</height></size><object>
    ... <name>cat</name><bndbox><xmin>1</xmin><ymin>6</ymin><xmax>40</xmax><ymax>30</ymax></bndbox>
    ... </object></annotation>'''
    >>> with TemporaryDirectory() as path:
    ...     Image.new("L", (40, 30)).save(Path(path) / "1.png")
    ...     _ = (Path(path) / "1.xml").write_text(cat)
    ...     found = read_voc(path)
    >>> found.files, found.names, found.targets[0]["boxes"].tolist()
    (['1.png'], ['cat'], [[0.0, 5.0, 40.0, 30.0]])
    """
    reading = Reading("read_voc", path, names, broken)
    voc(reading)
    reading.report(level=2)
    return reading.annotations()


def voc(reading):
    """Add to a reading what the XML files say."""
    files = reading.by_picture(".xml")
    for picture, file in files.items():
        try:
            root = _root(file)
            size = _child(root, "size")
            stated = tuple(number(side, _text(size, side)) for side in ("height", "width"))
            shape = shape_of(picture, stated)
        except ValueError as error:
            reading.problems.append(f"{reading.short(file)}: {error}")
            continue
        objects = []
        for place, element in enumerate(root.iterfind("object"), 1):
            try:
                name = reading.class_name(_text(element, "name"))
                objects.append((inside(_box(element), shape), name))
            except ValueError as error:
                reading.problems.append(f"{reading.short(file)}, object {place}: {error}")
        reading.described.append((reading.short(picture), shape, objects))
    alone = [reading.short(picture) for picture in reading.pictures if picture not in files]
    if alone:
        reading.notes.append(
            f"{len(alone)} pictures have no .xml file and are left out: {alone[0]} …"
        )


def _root(file):
    try:
        root = ElementTree.parse(file).getroot()
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an unknown encoding
        raise ValueError(f"it is no whole XML file ({error})") from error
    if root.tag != "annotation":
        raise ValueError(f"its root is <{root.tag}>, VOC has <annotation>")
    return root


def _child(element, tag):
    found = element.findall(tag)
    if len(found) != 1:
        raise ValueError(f"<{element.tag}> has {len(found)} <{tag}>, it needs one")
    return found[0]


def _text(element, tag):
    text = (_child(element, tag).text or "").strip()
    if not text:
        raise ValueError(f"<{tag}> is empty")
    return text


def _box(element):
    corners = _child(element, "bndbox")
    x_min, y_min, x_max, y_max = (
        number(tag, _text(corners, tag)) for tag in ("xmin", "ymin", "xmax", "ymax")
    )
    if x_max <= x_min or y_max <= y_min:
        raise ValueError(
            f"its box from ({x_min:g}, {y_min:g}) to ({x_max:g}, {y_max:g}) ends where it begins, "
            "or before"
        )
    return [x_min - 1, y_min - 1, x_max, y_max]
