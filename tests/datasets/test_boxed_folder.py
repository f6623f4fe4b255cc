"""Pictures with boxes: at one size boxes frame what they framed; copies are on one side."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnlib.datasets import Annotations, folder, read_voc, write_coco
from cnnlib.datasets.pictures import fitted, picture, regions
from cnnlib.datasets.scenes import target


def voc_file(path, size, *objects):
    """A file of VOC's beside a picture; objects are (name, continuous xyxy)."""
    written = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{x_min + 1}</xmin><ymin>{y_min + 1}</ymin>"
        f"<xmax>{x_max}</xmax><ymax>{y_max}</ymax></bndbox></object>"
        for name, (x_min, y_min, x_max, y_max) in objects
    )
    path.write_text(
        f"<annotation><size><width>{size[0]}</width><height>{size[1]}</height></size>{written}"
        "</annotation>"
    )


def painted(path, size, box, color=(255, 0, 0), **options):
    """A black picture on disk with one box of a color, and a file of VOC's that says where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size)
    image.paste(color, box)
    image.save(path, **options)
    voc_file(path.with_suffix(".xml"), size, ("red" if color[0] else "blue", box))
    return path


@pytest.fixture
def shapes(tmp_path):
    """Ten pictures, each with a red box elsewhere; even ones are wide, odd ones tall."""
    for i in range(10):
        size = (60, 30) if i % 2 == 0 else (20, 40)
        painted(tmp_path / f"{i}.png", size, (2 + i % 5, 6, 14 + i % 5, 24 + i // 5))
    return tmp_path


def sides(found):
    return [
        (found.x_train, found.y_train, found.files_train),
        (found.x_test, found.y_test, found.files_test),
    ]


def by_file(found):
    return {
        file: (image, boxes)
        for x, y, files in sides(found)
        for image, boxes, file in zip(x, y, files, strict=True)
    }


def seen(image, channel=0):
    """The box around what is bright in a channel, xyxy."""
    y, x = np.nonzero(image[..., channel] - image[..., 1] > 0.5)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


@pytest.mark.parametrize("fit", ["pad", "squash"])
@pytest.mark.parametrize("size", [(30, 60), (90, 45), 64, (50, 200)])
def test_boxes_frame_what_they_framed(shapes, size, fit):
    found = folder(shapes, size=size, annotations="voc", fit=fit)
    height, width = size if isinstance(size, tuple) else (size, size)
    assert found.x_train.shape == (8, height, width, 3) and found.x_test.shape == (
        2,
        height,
        width,
        3,
    )
    assert found.x_train.dtype == np.float32 and found.names == ["red"]
    assert found.source == str(shapes) and found.license
    for image, boxes in by_file(found).values():
        assert image.min() >= 0 and image.max() <= 1
        assert boxes["boxes"].dtype == np.float32 and boxes["labels"].dtype == np.int64
        # Bright pixels are those whose middle the box holds.
        np.testing.assert_allclose(boxes["boxes"], [seen(image)], atol=1)


def test_a_picture_that_has_the_shape_keeps_its_pixels_and_boxes(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(2):
        Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).save(tmp_path / f"{i}.png")
        voc_file(tmp_path / f"{i}.xml", (40, 30), ("one", (3, 5, 15, 25 + i)))
    for fit in ("pad", "squash"):
        found = by_file(folder(tmp_path, size=(30, 40), annotations="voc", fit=fit))
        for i in range(2):
            image, boxes = found[f"{i}.png"]
            with Image.open(tmp_path / f"{i}.png") as stored:
                np.testing.assert_array_equal(np.rint(image * 255), np.asarray(stored))
            assert boxes["boxes"].tolist() == [[3, 5, 15, 25 + i]]


def test_padding_keeps_shapes_and_is_gray_and_squashing_fills(shapes):
    wide = by_file(folder(shapes, size=60, annotations="voc"))["0.png"]
    assert wide[1]["boxes"].tolist() == [[2, 21, 14, 39]], "15 rows above, 15 below"
    np.testing.assert_allclose(wide[0][[0, 14, 45, 59]], 128 / 255, rtol=1e-6)
    assert wide[0][15:45, 20:].max() == 0
    tall = by_file(folder(shapes, size=(60, 50), annotations="voc"))["1.png"]
    assert tall[1]["boxes"].tolist() == [[14.5, 9, 32.5, 36]], "10 columns on each side"
    np.testing.assert_allclose(tall[0][:, [0, 9, 40, 49]], 128 / 255, rtol=1e-6)
    squashed = by_file(folder(shapes, size=60, annotations="voc", fit="squash"))["0.png"]
    assert squashed[1]["boxes"].tolist() == [[2, 12, 14, 48]]


@given(
    shape=st.tuples(st.integers(1, 900), st.integers(1, 900)),
    result=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    fit=st.sampled_from(["crop", "pad", "squash"]),
)
def test_regions_lie_within_and_keep_shapes(shape, result, fit):
    taken, given_ = regions(shape, result, fit)
    for (left, top, right, bottom), (height, width) in [(taken, shape), (given_, result)]:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    if fit != "pad":
        assert given_ == (0, 0, result[1], result[0])
    if fit != "crop":
        assert taken == (0, 0, shape[1], shape[0])
    if (
        fit == "pad"
    ):  # one side is full, and the other is as long as the shape asks, to half a pixel
        sides_ = given_[2] - given_[0], given_[3] - given_[1]
        assert sides_[0] == result[1] or sides_[1] == result[0]
        scale = min(result[1] / shape[1], result[0] / shape[0])
        for side, long in zip(sides_, shape[::-1], strict=True):
            assert abs(side - max(1, long * scale)) <= 0.5 + 1e-9


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_are_those_of_the_picture_turned_as_its_exif_entry_says(orientation, tmp_path):
    """Stored in eight ways, shown and annotated in one (table 6 of EXIF 2.3)."""
    upright = np.zeros((30, 60, 3), np.uint8)
    upright[6:24, 4:16, 0] = 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    for suffix, options in [("jpg", {"quality": 95}), ("png", {}), ("webp", {"lossless": True})]:
        image = Image.fromarray(np.ascontiguousarray(stored))
        image.save(tmp_path / f"{suffix}.{suffix}", exif=exif, **options)
        voc_file(tmp_path / f"{suffix}.xml", (60, 30), ("red", (4, 6, 16, 24)))
    painted(tmp_path / "other.png", (60, 30), (4, 6, 16, 24), (200, 0, 0))
    found = folder(tmp_path, size=(60, 120), annotations="voc", train=1)
    assert len(by_file(found)) == 4
    for image, boxes in by_file(found).values():
        assert boxes["boxes"].tolist() == [[8, 12, 32, 48]]
        np.testing.assert_allclose(seen(image), [8, 12, 32, 48], atol=1)


@pytest.mark.parametrize("kind", ["coco", "all.json", "yolo"])
def test_every_format_gives_the_same(shapes, kind):
    expected = by_file(folder(shapes, size=40, annotations="voc"))
    if kind == "yolo":
        (shapes / "classes.txt").write_text("red\n")
        for i in range(10):
            x_min, y_min, x_max, y_max = (2 + i % 5, 6, 14 + i % 5, 24 + i // 5)
            width, height = (60, 30) if i % 2 == 0 else (20, 40)
            (shapes / f"{i}.txt").write_text(
                f"0 {(x_min + x_max) / 2 / width} {(y_min + y_max) / 2 / height} "
                f"{(x_max - x_min) / width} {(y_max - y_min) / height}"
            )
    else:
        if kind == "all.json":
            (shapes / "other.json").write_text("{}")
        write_coco(shapes / "all.json", read_voc(shapes))
    found = by_file(folder(shapes, size=40, annotations=kind))
    assert found.keys() == expected.keys()
    for file, (image, boxes) in found.items():
        np.testing.assert_array_equal(image, expected[file][0])
        np.testing.assert_allclose(boxes["boxes"], expected[file][1]["boxes"], rtol=1e-5)


def test_pictures_without_objects_have_empty_boxes(shapes):
    for i in range(9):
        voc_file(shapes / f"{i}.xml", (60, 30) if i % 2 == 0 else (20, 40))
    found = folder(shapes, size=20, annotations="voc", names=["blue", "red"])
    empty = [boxes for _, boxes in by_file(found).values() if not len(boxes["labels"])]
    assert len(empty) == 9 and all(one["boxes"].shape == (0, 4) for one in empty)
    assert found.names == ["blue", "red"]
    assert by_file(found)["9.png"][1]["labels"].tolist() == [1]


@pytest.mark.parametrize("train, expected", [(0.8, 8), (0.55, 6), (0.01, 1), (0.99, 9), (3, 3)])
def test_the_share_or_number_is_of_all_pictures(shapes, train, expected):
    found = folder(shapes, size=8, annotations="voc", train=train)
    assert (len(found.x_train), len(found.x_test)) == (expected, 10 - expected)
    assert (len(found.y_train), len(found.y_test)) == (expected, 10 - expected)


def test_a_seed_gives_its_split_and_another_seed_another(shapes, tmp_path_factory):
    moved = shutil.copytree(shapes, tmp_path_factory.mktemp("elsewhere") / "moved")
    first, again, other = (
        folder(path, size=8, annotations="voc", seed=seed)
        for path, seed in [(shapes, 3), (moved, 3), (shapes, 4)]
    )
    assert first.files_train == again.files_train and first.files_test == again.files_test
    assert first.files_test != other.files_test
    assert sorted(other.files_train + other.files_test) == [f"{i}.png" for i in range(10)]


def test_copies_are_on_one_side(shapes):
    for i in range(4):
        shutil.copy(shapes / f"{i}.png", shapes / f"{i} again.png")
        shutil.copy(shapes / f"{i}.xml", shapes / f"{i} again.xml")
    for seed in range(8):
        found = folder(shapes, size=30, annotations="voc", train=0.5, seed=seed)
        assert len(found.x_train) + len(found.x_test) == 14
        learned, tested = (
            {file[0] for file in side} for side in (found.files_train, found.files_test)
        )
        assert len(learned) == len(tested) == 5 and not learned & tested


def test_the_pictures_to_learn_from_may_be_named(shapes):
    named = ["3", "5.png", "7"]
    found = folder(shapes, size=8, annotations="voc", train=named)
    assert sorted(found.files_train) == ["3.png", "5.png", "7.png"]
    assert sorted(found.files_test) == [f"{i}.png" for i in (0, 1, 2, 4, 6, 8, 9)]
    assert found.files_test != sorted(found.files_test), "the order is mixed"


def test_names_that_are_no_picture_or_two_are_named(shapes):
    (shapes / "more").mkdir()
    for end in ("png", "xml"):
        shutil.move(shapes / f"9.{end}", shapes / "more" / f"3.{end}")
    for named, match in [
        (["1", "12"], "train has '12', which is 0 of the pictures"),
        (["1", "3"], "train has '3', which is 2 of the pictures"),
    ]:
        with pytest.raises(ValueError, match=match):
            folder(shapes, size=8, annotations="voc", train=named)
        with pytest.warns(UserWarning, match=match) as told:
            found = folder(shapes, size=8, annotations="voc", train=named, broken="skip")
        assert found.files_train == ["1.png"] and told[0].filename == __file__
    found = folder(shapes, size=8, annotations="voc", train=["more/3.png"])
    assert found.files_train == ["more/3.png"]


@pytest.mark.parametrize("named", [[], [str(i) for i in range(10)]])
def test_each_side_needs_a_picture(shapes, named):
    with pytest.raises(ValueError, match=rf"train names {len(named)} of 10 pictures, each side"):
        folder(shapes, size=8, annotations="voc", train=named)


def test_copies_that_names_put_on_both_sides_are_told(shapes):
    shutil.copy(shapes / "3.png", shapes / "x.png")
    shutil.copy(shapes / "3.xml", shapes / "x.xml")
    with pytest.warns(
        UserWarning, match=r"copies of one picture are on both sides: 3\.png, x\.png"
    ):
        folder(shapes, size=30, annotations="voc", train=["3", "4"])


def test_too_few_different_pictures_are_refused(shapes):
    with pytest.raises(ValueError, match="the folder has 10 different pictures, it needs at least"):
        folder(shapes, size=8, annotations="voc", train=10)


def test_what_is_broken_is_named_or_left_out_once(shapes):
    voc_file(shapes / "3.xml", (20, 40), ("red", (5, 6, 5, 24)), ("red", (5, 6, 17, 24)))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 60, 3), np.uint8))
    noise.save(shapes / "4.png", "jpeg")
    whole = (shapes / "4.png").read_bytes()
    (shapes / "4.png").write_bytes(whole[: len(whole) // 2])  # its head says how large it is
    match = r"folder: 3\.xml, object 1: its box from \(6, 7\) to \(5, 24\) ends"
    with pytest.raises(ValueError, match=match):
        folder(shapes, size=8, annotations="voc")
    with pytest.warns(UserWarning) as told:
        found = folder(shapes, size=8, annotations="voc", broken="skip")
    assert len(told) == 2 and {one.filename for one in told} == {__file__}
    assert "3.xml, object 1" in str(told[0].message)
    assert "folder: 4.png cannot be read as a picture" in str(told[1].message)
    boxes = by_file(found)
    assert "4.png" not in boxes and len(boxes) == 9
    assert len(boxes["3.png"][1]["boxes"]) == 1
    voc_file(shapes / "3.xml", (20, 40))
    with pytest.raises(ValueError, match=r"folder: 4\.png cannot be read as a picture"):
        folder(shapes, size=8, annotations="voc")


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"annotations": "json"}, ValueError, "annotations is 'json', it needs one of .*'voc'"),
        ({"annotations": 3}, TypeError, "annotations is 3, it needs a string"),
        ({"annotations": "none.json"}, ValueError, "holds no file none.json"),
        ({"annotations": "coco"}, ValueError, "holds 0 .json files"),
        ({"annotations": "yolo"}, ValueError, "holds 0 files classes.txt"),
        ({"names": ["blue"]}, ValueError, "0.xml, object 1: its class is 'red', names has"),
        ({"names": "red"}, ValueError, "names is 'red', it needs a list"),
        ({"fit": "crop"}, ValueError, "fit is 'crop', which cuts objects; with boxes it needs"),
        ({"fit": "stretch"}, ValueError, "fit is 'stretch', it needs one of"),
        ({"train": 1.0}, ValueError, r"train is 1\.0, it needs a share"),
        ({"train": "0"}, TypeError, "train is '0', it needs a share"),
        ({"broken": "x"}, ValueError, "broken is 'x'"),
        ({"size": (8,)}, ValueError, r"size is \(8,\), it needs two numbers"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(shapes, arguments, error, message):
    with pytest.raises(error, match=f"folder: .*{message}"):
        folder(**({"path": shapes, "size": 8, "annotations": "voc"} | arguments))


def test_one_picture_is_read_as_the_folder_reads_it(shapes):
    for fit in ("pad", "squash"):
        found = by_file(folder(shapes, size=(20, 50), annotations="voc", fit=fit))
        for file, (image, _) in found.items():
            np.testing.assert_array_equal(picture(shapes / file, size=(20, 50), fit=fit), image)


def test_a_crop_of_any_shape_is_the_middle(tmp_path):
    pixels = np.arange(30 * 60 * 3, dtype=np.uint32).reshape(30, 60, 3).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "one.png")
    np.testing.assert_array_equal(fitted(tmp_path / "one.png", (30, 20), "crop"), pixels[:, 20:40])
    np.testing.assert_array_equal(fitted(tmp_path / "one.png", (10, 60), "crop"), pixels[10:20])


def test_what_is_read_can_be_written_for_others(shapes, tmp_path):
    """The boxes of the resized pictures, as COCO's JSON, and read again."""
    found = folder(shapes, size=(40, 40), annotations="voc")
    path = tmp_path / "resized"
    path.mkdir()
    for image, file in zip(found.x_train, found.files_train, strict=True):
        Image.fromarray(np.uint8(image * 255 + 0.5)).save(path / file)
    shapes_of = [(40, 40)] * len(found.files_train)
    write_coco(
        path / "all.json",
        Annotations(found.files_train, shapes_of, found.y_train, found.names),
    )
    again = by_file(folder(path, size=(40, 40), annotations="coco"))
    for image, boxes, file in zip(found.x_train, found.y_train, found.files_train, strict=True):
        np.testing.assert_array_equal(image, again[file][0])
        np.testing.assert_array_equal(boxes["boxes"], again[file][1]["boxes"])


def test_a_target_of_scenes_has_the_same_form(shapes):
    found = folder(shapes, size=8, annotations="voc")
    form = target([[0, 0, 1, 1]], [0])
    for one in found.y_train:
        assert one.keys() == form.keys()
        assert all(one[key].dtype == form[key].dtype for key in form)
