"""Boxes are the same in every format; what is wrong with a file is named, and left out if asked."""

import json
import shutil
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnlib.datasets import Annotations, read_coco, read_voc, read_yolo, write_coco
from cnnlib.datasets.scenes import target

READERS = {"voc": read_voc, "coco": read_coco, "yolo": read_yolo}
# Two objects in a picture of 40 × 30 pixels (width × height), none in one of 20 × 20.
BOXES, LABELS, NAMES = [[3, 5, 15, 25], [0, 0, 40, 30]], [1, 0], ["cat", "dog"]


def voc(size, *objects):
    """A file of VOC's for a picture of (width, height) and objects of (name, corners)."""
    written = "".join(
        f"<object><name>{name}</name><difficult>0</difficult><bndbox>"
        + "".join(
            f"<{tag}>{corner}</{tag}>"
            for tag, corner in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
        )
        + "</bndbox></object>"
        for name, corners in objects
    )
    return (
        f"<annotation><size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth>"
        f"</size>{written}</annotation>"
    )


VOC = voc((40, 30), ("dog", (4, 6, 15, 25)), ("cat", (1, 1, 40, 30)))
YOLO = "1 0.225 0.5 0.3 0.6666666666666666\n0 0.5 0.5 1 1\n"


def coco():
    """The content of a file of COCO's; ids have gaps, and orders differ from those of the names."""
    return {
        "images": [
            {"id": 7, "file_name": "b.png", "width": 20, "height": 20},
            {"id": 3, "file_name": "a.png", "width": 40, "height": 30},
        ],
        "annotations": [
            {"id": 12, "image_id": 3, "category_id": 90, "bbox": [3, 5, 12, 20], "iscrowd": 0},
            {"id": 11, "image_id": 3, "category_id": 4, "bbox": [0, 0, 40, 30]},
        ],
        "categories": [{"id": 90, "name": "dog"}, {"id": 4, "name": "cat"}],
    }


def pictures(path):
    path.mkdir(exist_ok=True)
    Image.new("RGB", (40, 30), "gray").save(path / "a.png")
    Image.new("RGB", (20, 20), "white").save(path / "b.png")
    return path


def written(path, kind, content=None):
    """A folder of two pictures with annotations of a kind; content is another file for a.png."""
    pictures(path)
    if kind == "voc":
        (path / "a.xml").write_text(VOC if content is None else content)
        (path / "b.xml").write_text(voc((20, 20)))
    elif kind == "yolo":
        (path / "a.txt").write_text(YOLO if content is None else content)
        (path / "b.txt").write_text("")
        (path / "classes.txt").write_text("cat\ndog\n")
    else:
        content = coco() if content is None else content
        text = content if isinstance(content, str) else json.dumps(content)
        (path / "all.json").write_text(text)
    return path


def assert_the_two_pictures(found):
    assert found.files == ["a.png", "b.png"] and found.shapes == [(30, 40), (20, 20)]
    assert found.names == NAMES
    order = np.argsort(-found.targets[0]["labels"])
    np.testing.assert_allclose(found.targets[0]["boxes"][order], BOXES, rtol=1e-6)
    assert found.targets[0]["labels"][order].tolist() == LABELS
    assert found.targets[1]["boxes"].shape == (0, 4) and found.targets[1]["labels"].shape == (0,)
    for one in found.targets:
        assert one["boxes"].dtype == np.float32 and one["labels"].dtype == np.int64


@pytest.mark.parametrize("kind", READERS)
def test_the_three_formats_tell_the_same(kind, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_the_two_pictures(READERS[kind](written(tmp_path, kind)))


@pytest.mark.parametrize("kind", READERS)
def test_pictures_and_files_may_lie_in_folders_of_their_own(kind, tmp_path):
    """images/ and labels/, each with parts in which pictures have the same names."""
    for part, moved in [("train", "a"), ("val", "b")]:
        written(tmp_path / part, kind)
        (tmp_path / "images" / part).mkdir(parents=True)
        (tmp_path / "labels" / part).mkdir(parents=True)
        (tmp_path / part / f"{moved}.png").rename(tmp_path / "images" / part / "1.png")
        if kind != "coco":
            end = {"voc": "xml", "yolo": "txt"}[kind]
            (tmp_path / part / f"{moved}.{end}").rename(tmp_path / "labels" / part / f"1.{end}")
        shutil.rmtree(tmp_path / part)
    if kind == "coco":
        content = coco()
        content["images"][1]["file_name"] = "train/1.png"
        content["images"][0]["file_name"] = "val\\1.png"
        (tmp_path / "labels" / "all.json").write_text(json.dumps(content))
    else:
        (tmp_path / "train.txt").write_text("images/train/1.png\n")  # a list, no annotation
        (tmp_path / "classes.txt").write_text("cat\ndog")
    found = READERS[kind](tmp_path)
    assert found.files == ["images/train/1.png", "images/val/1.png"]
    assert_the_two_pictures(found._replace(files=["a.png", "b.png"]))


def test_voc_counts_from_one_and_includes_the_last_pixel(tmp_path):
    path = written(tmp_path, "voc", voc((40, 30), ("dot", (40, 30, 41, 31)), ("dot", (1, 1, 2, 3))))
    boxes = read_voc(path).targets[0]["boxes"]
    assert boxes.tolist() == [[39, 29, 40, 30], [0, 0, 2, 3]]


def test_voc_of_a_tool_that_counts_from_zero_is_cut_at_the_border(tmp_path):
    path = written(tmp_path, "voc", voc((40, 30), ("all", (0, 0, 40, 30)), ("one", (0, 5, 7, 9))))
    assert read_voc(path).targets[0]["boxes"].tolist() == [[0, 0, 40, 30], [0, 4, 7, 9]]


def test_voc_takes_fractions_parts_and_difficult_objects(tmp_path):
    content = voc((40, 30), ("man", (4.5, 6, 15, 25.25))).replace(
        "<difficult>0</difficult>",
        "<difficult>1</difficult><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>",
    )
    found = read_voc(written(tmp_path, "voc", content))
    assert found.targets[0]["boxes"].tolist() == [[3.5, 5, 15, 25.25]] and found.names == ["man"]


@pytest.mark.parametrize("kind", READERS)
def test_names_fix_the_order_of_the_labels(kind, tmp_path):
    found = READERS[kind](written(tmp_path, kind), names=["bird", "dog", "cat"])
    assert found.names == ["bird", "dog", "cat"]
    named = {found.names[label] for label in found.targets[0]["labels"]}
    # YOLO's numbers mean other names then: its files have none.
    assert named == ({"bird", "dog"} if kind == "yolo" else {"cat", "dog"})


def test_coco_keeps_classes_that_do_not_occur_in_the_order_of_their_ids(tmp_path):
    content = coco()
    content["categories"] += [{"id": 91, "name": "bird"}, {"id": 1, "name": "fish"}]
    found = read_coco(written(tmp_path, "coco", content))
    assert found.names == ["fish", "cat", "dog", "bird"]
    assert found.targets[0]["labels"].tolist() == [2, 1]


def test_coco_leaves_crowds_out_and_says_so(tmp_path):
    content = coco()
    content["annotations"][0]["iscrowd"] = 1
    with pytest.warns(UserWarning, match=r"read_coco: all\.json: 1 crowds are left out") as seen:
        found = read_coco(written(tmp_path, "coco", content))
    assert len(seen) == 1 and seen[0].filename == __file__
    assert found.targets[0]["labels"].tolist() == [0]


def test_coco_takes_the_file_that_is_named(tmp_path):
    written(tmp_path, "coco")
    (tmp_path / "captions.json").write_text("{}")
    with pytest.raises(ValueError, match=r"holds 2 \.json files \['all\.json', 'captions\.json'\]"):
        read_coco(tmp_path)
    assert_the_two_pictures(read_coco(tmp_path, "all.json"))
    with pytest.raises(ValueError, match=r"holds no file none\.json"):
        read_coco(tmp_path, "none.json")


def test_coco_may_list_a_part_of_the_pictures(tmp_path):
    content = coco()
    del content["images"][0]
    assert read_coco(written(tmp_path, "coco", content)).files == ["a.png"]


def test_voc_without_a_file_for_a_picture_leaves_it_out_and_says_so(tmp_path):
    (written(tmp_path, "voc") / "b.xml").unlink()
    with pytest.warns(UserWarning, match=r"1 pictures have no \.xml file and are left out: b\.png"):
        assert read_voc(tmp_path).files == ["a.png"]


def test_yolo_without_a_file_for_a_picture_has_no_object_there(tmp_path):
    (written(tmp_path, "yolo") / "b.txt").unlink()
    assert_the_two_pictures(read_yolo(tmp_path))


@pytest.mark.parametrize("kind", READERS)
def test_boxes_are_those_of_the_picture_as_it_is_shown(kind, tmp_path):
    """A camera held upright: 30 × 40 pixels in the file, shown as 40 × 30 and annotated so."""
    written(tmp_path, kind)
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.png").unlink()
    upright = Image.new("RGB", (30, 40), "gray")
    upright.save(tmp_path / "a.jpg", exif=exif)
    if kind == "coco":
        content = json.loads((tmp_path / "all.json").read_text().replace("a.png", "a.jpg"))
        (tmp_path / "all.json").write_text(json.dumps(content))
    found = READERS[kind](tmp_path)
    assert_the_two_pictures(found._replace(files=["a.png", "b.png"]))
    if kind != "yolo":  # which states no size
        upright.save(tmp_path / "a.jpg")
        with pytest.raises(ValueError, match=r"40×30 pixels .* a\.jpg, turned .* has 30×40"):
            READERS[kind](tmp_path)


def without(*keys):
    """A change to COCO's content: one entry less."""

    def change(content):
        *way, last = keys
        for key in way:
            content = content[key]
        del content[last]

    return change


def having(*keys_and_value):
    """A change to COCO's content: one entry has another value."""

    def change(content):
        *way, last, value = keys_and_value
        for key in way:
            content = content[key]
        content[last] = value

    return change


def adding(part, **entry):
    return lambda content: content[part].append(content[part][0] | entry)


LESS = VOC.replace
# What stands in the file of a.png, and what is said of it; the second is broken in one object only.
BROKEN_VOC = {
    "cut off": (VOC[:100], r"a\.xml: it is no whole XML file \(unclosed token: line 1, column \d+"),
    "empty": ("", r"a\.xml: it is no whole XML file \(no element found: line 1"),
    "no XML": ("1 0.5 0.5 1 1", r"a\.xml: it is no whole XML file"),
    "another root": ("<html/>", r"a\.xml: its root is <html>, VOC has <annotation>"),
    "an unknown encoding": ('<?xml version="1.0" encoding="x"?><a/>', r"a\.xml: it is no whole"),
    "no size": ("<annotation/>", r"a\.xml: <annotation> has 0 <size>, it needs one"),
    "no width": (LESS("<width>40</width>", ""), r"a\.xml: <size> has 0 <width>, it needs one"),
    "text for a width": (LESS("40<", "wide<", 1), r"a\.xml: width is 'wide', it needs a number"),
    "another size": (
        voc((80, 30)),
        r"a\.xml: it states 80×30 pixels \(width × height\), a\.png has 40×30",
    ),
    "the sides exchanged": (voc((30, 40)), r"a\.xml: it states 30×40 pixels .* has 40×30"),
}
BROKEN_VOC_OBJECT = {
    "no name": (LESS("<name>dog</name>", ""), "<object> has 0 <name>, it needs one"),
    "an empty name": (LESS("dog", " "), "<name> is empty"),
    "no box": (
        LESS("bndbox>", "box>", 2),
        "<object> has 0 <bndbox>, it needs one",
    ),
    "two boxes": (LESS("</bndbox>", "</bndbox><bndbox/>", 1), "<object> has 2 <bndbox>, it needs"),
    "no corner": (LESS("<ymin>6</ymin>", ""), "<bndbox> has 0 <ymin>, it needs one"),
    "an empty corner": (LESS(">6<", "><"), "<ymin> is empty"),
    "text for a number": (LESS(">6<", ">six<"), "ymin is 'six', it needs a number"),
    "NaN": (LESS(">6<", ">nan<"), "ymin is nan, it needs a finite number"),
    "infinity": (LESS(">15<", ">inf<"), "xmax is inf, it needs a finite number"),
    "a point": (
        voc((40, 30), ("dog", (9, 9, 9, 9)), ("cat", (1, 1, 40, 30))),
        r"its box from \(9, 9\) to \(9, 9\) ends where it begins, or before",
    ),
    "a line": (LESS(">25<", ">6<"), r"its box from \(4, 6\) to \(15, 6\) ends where it begins"),
    "inside out": (LESS(">15<", ">3<"), r"its box from \(4, 6\) to \(3, 25\) ends where it begins"),
    "beyond the right": (
        LESS(">15<", ">42<"),
        r"its box \(3, 5, 42, 25\) leaves the picture of 40",
    ),
    "beyond the top": (
        LESS(">6<", ">-2<"),
        r"its box \(3, -3, 15, 25\) leaves the picture of 40×30",
    ),
}
BROKEN_YOLO = {
    "four columns": ("1 0.2 0.5 0.3", "it has 4 columns, it needs 5: class x y width height"),
    "a polygon": ("1 0 0 0 1 1 1 1 0", "it has 9 columns, it needs 5"),
    "commas": ("1,0.2,0.5,0.3,0.6", "it has 1 columns, it needs 5"),
    "the name of the class": ("dog 0.2 0.5 0.3 0.6", "its class is 'dog', it needs a whole number"),
    "half a class": ("0.5 0.2 0.5 0.3 0.6", r"its class is '0\.5', it needs a whole number"),
    "a class too many": (
        "2 0.2 0.5 0.3 0.6",
        r"its class is 2, it needs 0 to 1, as \['cat', 'dog'",
    ),
    "a class below": ("-1 0.2 0.5 0.3 0.6", "its class is -1, it needs 0 to 1"),
    "text for a number": ("1 x 0.5 0.3 0.6", "x is 'x', it needs a number"),
    "NaN": ("1 0.2 nan 0.3 0.6", "y is nan, it needs a finite number"),
    "infinity": ("1 0.2 0.5 inf 0.6", "width is inf, it needs a finite number"),
    "pixels": ("1 9 15 12 20", "x is 9, it needs a share of the picture, 0 to 1"),
    "below zero": ("1 0.2 0.5 0.3 -0.6", r"height is -0\.6, it needs a share of the picture"),
    "no width": ("1 0.2 0.5 0 0.6", r"its box \(8, 6, 8, 24\) is empty"),
    "beyond the left": (
        "1 0.1 0.5 0.3 0.6",
        r"its box \(-2, 6, 10, 24\) leaves the picture of 40×",
    ),
}
FIRST = ("annotations", 0)
BROKEN_COCO = {
    "no images": (without("images"), "it has no list 'images', which COCO has"),
    "no annotations": (without("annotations"), "it has no list 'annotations'"),
    "categories by name": (having("categories", {"cat": 1}), "it has no list 'categories'"),
    "an image twice": (
        adding("images", file_name="c.png"),
        r"images\[2\]: its id is 7, as that of",
    ),
    "an image without an id": (without("images", 1, "id"), r"images\[1\]: it has no 'id'"),
    "a category twice": (
        adding("categories"),
        r"categories\[2\]: its id is 90, as that of another",
    ),
    "one name twice": (having("categories", 0, "name", "cat"), "two categories are called 'cat'"),
    "no name": (without("categories", 0, "name"), "it has no 'name'"),
    "a number for a name": (having("categories", 0, "name", 5), "its name is 5, it needs a text"),
    "text for an id": (
        having("images", 0, "id", "7"),
        r"images\[0\]: its id is '7', it needs a wh",
    ),
}
BROKEN_COCO_IMAGE = {
    "no file name": (without("images", 1, "file_name"), "it has no 'file_name'"),
    "no such picture": (
        having("images", 1, "file_name", "c.png"),
        r"there are 0 pictures 'c\.png', it needs one",
    ),
    "another folder": (having("images", 1, "file_name", "x/a.png"), "there are 0 pictures 'x/a"),
    "no width": (without("images", 1, "width"), "width is None, it needs a number"),
    "another height": (
        having("images", 1, "height", 31),
        r"it states 40×31 pixels \(width × height\), a\.png has 40×30",
    ),
    "the picture of another": (
        lambda content: content["images"][1].update(content["images"][0] | {"id": 3}),
        r"its picture b\.png is that of another",
    ),
}
BROKEN_COCO_OBJECT = {
    "no box": (without(*FIRST, "bbox"), "it has no 'bbox'"),
    "text for a box": (
        having(*FIRST, "bbox", "3 5 12 20"),
        "its bbox is '3 5 12 20', it needs a l",
    ),
    "three numbers": (having(*FIRST, "bbox", [3, 5, 12]), "its bbox has 3 numbers, it needs 4"),
    "text for a number": (having(*FIRST, "bbox", 1, "five"), "y is 'five', it needs a number"),
    "nothing for a number": (having(*FIRST, "bbox", 1, None), "y is None, it needs a number"),
    "truth for a number": (having(*FIRST, "bbox", 1, True), "y is True, it needs a number"),
    "NaN": (having(*FIRST, "bbox", 2, float("nan")), "width is nan, it needs a finite number"),
    "infinity": (having(*FIRST, "bbox", 3, float("inf")), "height is inf, it needs a finite"),
    "no width": (having(*FIRST, "bbox", 2, 0), r"its box \(3, 5, 3, 25\) is empty"),
    "below zero": (having(*FIRST, "bbox", 3, -2), r"its box \(3, 5, 15, 3\) is empty"),
    "corners": (
        having(*FIRST, "bbox", [20, 5, 40, 25]),
        r"its box \(20, 5, 60, 30\) leaves the pic",
    ),
    "no image": (having(*FIRST, "image_id", 8), "its image_id is 8, which is none of the 2 there"),
    "no category": (
        having(*FIRST, "category_id", 1),
        "its category_id is 1, which is none of the 2",
    ),
    "a category by name": (
        having(*FIRST, "category_id", "dog"),
        "its category_id is 'dog', it nee",
    ),
    "an id twice": (having("annotations", 1, "id", 12), "its id is 12, as that of another"),
    "no id": (without(*FIRST, "id"), "it has no 'id'"),
    "no object": (having(*FIRST, [3, 5, 12, 20]), "it has no 'image_id'"),
}


def refused(read, path, match):
    with pytest.raises(ValueError, match=f"^{read.__name__}: {match}"):
        read(path)


def skipped(read, path, match):
    """What is left with `broken="skip"`; one warning says what is not."""
    with pytest.warns(UserWarning, match=f"^{read.__name__}: {match}.*; it is left out") as seen:
        found = read(path, broken="skip")
    assert len(seen) == 1 and seen[0].filename == __file__, "the warning points at the caller"
    return found


@pytest.mark.parametrize("how", BROKEN_VOC)
def test_a_broken_file_of_voc_is_named_or_left_out_with_its_picture(how, tmp_path):
    content, match = BROKEN_VOC[how]
    written(tmp_path, "voc", content)
    refused(read_voc, tmp_path, match + '.*; broken="skip" leaves out what cannot be used')
    tmp_path.joinpath("b.png").with_suffix(".xml").write_text(voc((20, 20), ("cat", (1, 1, 9, 9))))
    found = skipped(read_voc, tmp_path, match)
    assert found.files == ["b.png"] and len(found.targets[0]["boxes"]) == 1


@pytest.mark.parametrize("how", BROKEN_VOC_OBJECT)
def test_a_broken_object_of_voc_is_named_or_left_out(how, tmp_path):
    content, match = BROKEN_VOC_OBJECT[how]
    written(tmp_path, "voc", content)
    refused(read_voc, tmp_path, rf"a\.xml, object 1: {match}")
    found = skipped(read_voc, tmp_path, rf"a\.xml, object 1: {match}")
    assert found.files == ["a.png", "b.png"] and found.names == ["cat"]
    assert found.targets[0]["boxes"].tolist() == [[0, 0, 40, 30]]


@pytest.mark.parametrize("how", BROKEN_YOLO)
def test_a_broken_line_of_yolo_is_named_or_left_out(how, tmp_path):
    line, match = BROKEN_YOLO[how]
    written(tmp_path, "yolo", f"\n{line}\n0 0.5 0.5 1 1")
    refused(read_yolo, tmp_path, rf"a\.txt, line 2: {match}")
    found = skipped(read_yolo, tmp_path, rf"a\.txt, line 2: {match}")
    assert found.files == ["a.png", "b.png"] and found.names == NAMES
    assert found.targets[0]["boxes"].tolist() == [[0, 0, 40, 30]]


@pytest.mark.parametrize("how", BROKEN_COCO)
def test_a_file_of_coco_that_contradicts_itself_is_refused_in_any_case(how, tmp_path):
    content = coco()
    change, match = BROKEN_COCO[how]
    change(content)
    written(tmp_path, "coco", content)
    for broken in ("raise", "skip"):
        with pytest.raises(ValueError, match=rf"^read_coco: all\.json: {match}"):
            read_coco(tmp_path, broken=broken)


@pytest.mark.parametrize("content", ["", "[]", json.dumps(coco())[:-30], "{'images': []}", "3"])
def test_a_file_that_is_not_json_of_coco_is_refused(content, tmp_path):
    whole = content in ("[]", "3")
    match = "it has no list 'images'" if whole else "it is no whole JSON file .*line 1 column"
    refused(read_coco, written(tmp_path, "coco", content), rf"all\.json: {match}")


@pytest.mark.parametrize("how", BROKEN_COCO_IMAGE)
def test_a_broken_image_of_coco_is_named_or_left_out_with_its_objects(how, tmp_path):
    content = coco()
    change, match = BROKEN_COCO_IMAGE[how]
    change(content)
    written(tmp_path, "coco", content)
    refused(read_coco, tmp_path, rf"all\.json, image 3: {match}")
    found = skipped(read_coco, tmp_path, rf"all\.json, image 3: {match}")
    assert found.files == ["b.png"] and found.targets[0]["boxes"].shape == (0, 4)
    assert found.names == NAMES


@pytest.mark.parametrize("how", BROKEN_COCO_OBJECT)
def test_a_broken_annotation_of_coco_is_named_or_left_out(how, tmp_path):
    content = coco()
    change, match = BROKEN_COCO_OBJECT[how]
    change(content)
    written(tmp_path, "coco", content)
    place = 1 if how == "an id twice" else 0
    refused(read_coco, tmp_path, rf"all\.json, annotations\[{place}\]: {match}")
    found = skipped(read_coco, tmp_path, rf"all\.json, annotations\[{place}\]: {match}")
    assert found.files == ["a.png", "b.png"] and found.names == NAMES
    assert found.targets[0]["labels"].tolist() == [place]


@pytest.mark.parametrize("kind", ["voc", "yolo"])
def test_a_file_without_a_picture_is_named_or_left_out(kind, tmp_path):
    end = {"voc": "xml", "yolo": "txt"}[kind]
    shutil.copy(written(tmp_path, kind) / f"a.{end}", tmp_path / f"c.{end}")
    match = rf"c\.{end}: there is no picture 'c'"
    refused(READERS[kind], tmp_path, match)
    assert_the_two_pictures(skipped(READERS[kind], tmp_path, match))


@pytest.mark.parametrize("kind", READERS)
def test_a_picture_that_cannot_be_read_is_named_or_left_out(kind, tmp_path):
    (written(tmp_path, kind) / "a.png").write_text("no picture")
    match = ".*(a.xml|a.txt|image 3): a.png cannot be read as a picture"
    refused(READERS[kind], tmp_path, match)
    found = skipped(READERS[kind], tmp_path, match)
    assert found.files == ["b.png"]


@pytest.mark.parametrize("kind", ["voc", "coco"])
def test_a_class_that_is_not_among_the_names_is_broken(kind, tmp_path):
    written(tmp_path, kind)
    with pytest.raises(ValueError, match=r"its class is 'dog', names has \['cat'\]"):
        READERS[kind](tmp_path, names=["cat"])
    with pytest.warns(UserWarning, match="its class is 'dog'"):
        found = READERS[kind](tmp_path, names=["cat"], broken="skip")
    assert found.targets[0]["labels"].tolist() == [0]


def test_text_of_another_encoding_is_named(tmp_path):
    (written(tmp_path, "yolo") / "a.txt").write_bytes(YOLO.encode("utf-16"))
    refused(read_yolo, tmp_path, r"a\.txt: .*utf-8")
    assert skipped(read_yolo, tmp_path, r"a\.txt: .*utf-8").files == ["b.png"]


@pytest.mark.parametrize("kind", READERS)
def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_it(kind, tmp_path):
    for file in written(tmp_path, kind).iterdir():
        if file.suffix != ".png":
            file.write_text(file.read_text(), encoding="utf-8-sig")
    assert_the_two_pictures(READERS[kind](tmp_path))


def test_six_decimals_of_yolo_are_enough(tmp_path):
    """As its tools write: a ten-thousandth of a pixel is lost at 40 × 30."""
    rng = np.random.default_rng(0)
    low, high = np.sort(rng.uniform(0, 1, (2, 50, 2)), axis=0)
    lines = [
        f"0 {x:.6f} {y:.6f} {width:.6f} {height:.6f}"
        for (x, y), (width, height) in zip((low + high) / 2, high - low, strict=True)
    ]
    found = read_yolo(written(tmp_path, "yolo", "\n".join(lines)))
    expected = np.concatenate([low, high], axis=1) * [40, 30, 40, 30]
    np.testing.assert_allclose(found.targets[0]["boxes"], expected, atol=1e-4)


@pytest.mark.parametrize("content", [None, "", "cat\ncat\n"])
def test_yolo_without_the_names_of_the_classes_is_refused(content, tmp_path):
    (written(tmp_path, "yolo") / "classes.txt").unlink()
    if content is not None:
        (tmp_path / "classes.txt").write_text(content)
    match = r"holds 0 files classes\.txt, it needs one" if content is None else "needs different na"
    with pytest.raises(ValueError, match=match):
        read_yolo(tmp_path)
    assert_the_two_pictures(read_yolo(tmp_path, names=NAMES))


@pytest.mark.parametrize("kind", ["voc", "yolo"])
def test_a_folder_without_annotations_is_refused(kind, tmp_path):
    (pictures(tmp_path) / "classes.txt").write_text("cat")
    with pytest.raises(
        ValueError, match=r"holds no \.(xml|txt) file with a picture of the same na"
    ):
        READERS[kind](tmp_path)


def test_one_picture_of_two_files_and_one_file_of_two_pictures_are_named(tmp_path):
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
    shutil.copy(written(tmp_path, "voc") / "a.xml", tmp_path / "one" / "a.xml")
    shutil.move(tmp_path / "a.xml", tmp_path / "two" / "a.xml")
    refused(read_voc, tmp_path, r"two/a\.xml: one/a\.xml describes a\.png already")
    shutil.copy(tmp_path / "a.png", tmp_path / "one" / "a.png")
    (tmp_path / "one" / "a.xml").unlink()
    refused(read_voc, tmp_path, r"two/a\.xml: it may belong to any of .*one/a\.png")


def test_all_that_is_wrong_is_counted(tmp_path):
    content = VOC.replace(">15<", ">3<").replace(">30</ymax", ">50</ymax")
    written(tmp_path, "voc", content)
    refused(read_voc, tmp_path, r"a\.xml, object 1: .* \(and 1 more\); broken=")
    with pytest.warns(UserWarning) as seen:
        assert read_voc(tmp_path, broken="skip").targets[0]["boxes"].shape == (0, 4)
    assert len(seen) == 2


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"broken": "drop"}, ValueError, "broken is 'drop', it needs 'raise' or 'skip'"),
        ({"names": "cat"}, ValueError, "names is 'cat', it needs a list of different names"),
        ({"names": ["cat", "cat"]}, ValueError, "names is .*, it needs a list of different names"),
        ({"names": [1, 2]}, ValueError, "names is"),
        ({"path": 3}, TypeError, "path is 3, it needs a string or a path"),
        ({"path": "nowhere"}, FileNotFoundError, "path is nowhere, which does not exist"),
        ({"path": __file__}, NotADirectoryError, "a file; it needs a folder"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(kind, arguments, error, message, tmp_path):
    written(tmp_path, kind)
    with pytest.raises(error, match=f"read_{kind}: .*{message}"):
        READERS[kind](**({"path": tmp_path} | arguments))


SIDE = st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)).map(sorted)


@given(boxes=st.lists(st.tuples(SIDE, SIDE, st.integers(0, 2)), max_size=5))
def test_what_is_written_is_read_again_to_the_last_bit(boxes, tmp_path_factory):
    path = pictures(tmp_path_factory.mktemp("pictures"))
    shares = np.float32([(x[0], y[0], x[1], y[1]) for x, y, _ in boxes]).reshape(-1, 4)
    scaled = shares * np.float32([40, 30, 40, 30])
    kept = (scaled[:, 2:] > scaled[:, :2]).all(axis=1)
    labels = np.array([label for *_, label in boxes], int)[kept]
    before = Annotations(
        ["a.png", "b.png"],
        [(30, 40), (20, 20)],
        [target(scaled[kept], labels), target([], [])],
        ["x", "y", "z"],
    )
    write_coco(path / "all.json", before)
    after = read_coco(path)
    assert (after.files, after.shapes, after.names) == (before.files, before.shapes, before.names)
    for one, other in zip(before.targets, after.targets, strict=True):
        np.testing.assert_array_equal(one["boxes"], other["boxes"])
        np.testing.assert_array_equal(one["labels"], other["labels"])


@pytest.mark.parametrize("kind", READERS)
def test_each_format_becomes_coco(kind, tmp_path):
    write_coco(tmp_path / "new.json", READERS[kind](written(tmp_path, kind)))
    assert_the_two_pictures(read_coco(tmp_path, "new.json"))


def test_pycocotools_reads_what_is_written(tmp_path, capsys):
    coco_of = pytest.importorskip("pycocotools.coco").COCO
    write_coco(tmp_path / "new.json", read_voc(written(tmp_path, "voc")))
    theirs = coco_of(str(tmp_path / "new.json"))
    assert [one["name"] for one in theirs.loadCats(theirs.getCatIds())] == NAMES
    (image,) = (one for one in theirs.loadImgs(theirs.getImgIds()) if one["file_name"] == "a.png")
    boxes = [one["bbox"] for one in theirs.loadAnns(theirs.getAnnIds(imgIds=image["id"]))]
    assert boxes == [[3, 5, 12, 20], [0, 0, 40, 30]]
    assert len(theirs.getAnnIds(areaRng=[200, 1000])) == 1


@pytest.mark.parametrize(
    "change, message",
    [
        ({"files": ["a.png"]}, "1 files, 2 shapes and 2 targets, it needs one of each"),
        ({"targets": [target([[0, 0, 41.5, 9]], [0]), target([], [])]}, "leaves the picture of 40"),
        ({"targets": [target([[5, 5, 5, 9]], [0]), target([], [])]}, "a.png, box .* is empty"),
        ({"targets": [target([[0, 0, np.nan, 9]], [0]), target([], [])]}, "is empty"),
        ({"targets": [target([[0, 0, 5, 9]], [2]), target([], [])]}, "its label is 2, names has 2"),
        ({"targets": [target([[0, 0, 5, 9]], [-1]), target([], [])]}, "its label is -1"),
    ],
)
def test_what_could_not_be_read_is_not_written(change, message, tmp_path):
    good = Annotations(["a.png", "b.png"], [(30, 40), (20, 20)], [target([], [])] * 2, NAMES)
    with pytest.raises(ValueError, match=f"write_coco: .*{message}"):
        write_coco(tmp_path / "new.json", good._replace(**change))
    assert not (tmp_path / "new.json").exists()
