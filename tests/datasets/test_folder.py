"""A folder of pictures is read whole and split without leaks; what is wrong with it is named."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnlib.datasets import folder
from cnnlib.datasets import picture as one_picture


def picture(path, color, *, size=(8, 6), **options):
    """A picture of one color on disk; its folder comes with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path, **options)
    return path


@pytest.fixture
def animals(tmp_path):
    """Ten reddish cats and ten bluish dogs, each of another shade."""
    for i in range(10):
        picture(tmp_path / "cat" / f"{i}.png", (200 + i, 0, 0))
        picture(tmp_path / "dog" / f"{i}.png", (0, 0, 200 + i))
    return tmp_path


def only(path, image, tmp_path, **options):
    """What a file that holds this image becomes, beside another class."""
    path = tmp_path / "read" / "one" / path
    path.parent.mkdir(parents=True)
    image.save(path, **options)
    picture(path.parent / "other.png", "gray")
    for name in "ab":
        picture(path.parents[1] / "two" / f"{name}.png", "yellow" if name == "a" else "blue")
    found = folder(path.parents[1], size=min(image.size))
    files = found.files_train + found.files_test
    x = np.concatenate([found.x_train, found.x_test])
    return x[files.index(f"one/{path.name}")]


def test_pictures_are_float32_from_zero_to_one_with_labels_in_alphabetical_order(animals):
    found = folder(animals, size=4)
    assert found.names == ["cat", "dog"]
    assert found.x_train.shape == (16, 4, 4, 3) and found.x_test.shape == (4, 4, 4, 3)
    assert found.x_train.dtype == found.x_test.dtype == np.float32
    assert found.y_train.dtype == found.y_test.dtype == np.int64
    for x, y, files in [
        (found.x_train, found.y_train, found.files_train),
        (found.x_test, found.y_test, found.files_test),
    ]:
        for image, label, file in zip(x, y, files, strict=True):
            kind, number = file.removesuffix(".png").split("/")
            assert found.names[label] == kind
            shade = np.float32((200 + int(number)) / 255)
            expected = (shade, 0, 0) if kind == "cat" else (0, 0, shade)
            np.testing.assert_allclose(image, np.broadcast_to(expected, (4, 4, 3)), rtol=1e-6)
    assert found.source == str(animals) and found.license


@pytest.mark.parametrize(
    "train, of_each", [(0.8, 8), (0.55, 6), (0.01, 1), (0.99, 9), (1, 1), (9, 9), (np.int64(3), 3)]
)
def test_each_class_gives_its_share_or_number(animals, train, of_each):
    found = folder(animals, size=2, train=train)
    assert np.bincount(found.y_train).tolist() == [of_each] * 2
    assert np.bincount(found.y_test).tolist() == [10 - of_each] * 2


def test_classes_of_unequal_size_keep_their_shares(animals):
    for i in range(4, 10):
        (animals / "dog" / f"{i}.png").unlink()
    found = folder(animals, size=2, train=0.5)
    assert np.bincount(found.y_train).tolist() == [5, 2]
    assert np.bincount(found.y_test).tolist() == [5, 2]


def test_a_seed_gives_its_split_wherever_the_folder_lies_and_another_seed_another(animals):
    moved = shutil.copytree(animals, animals.parent / "moved")
    first, again, other = (
        folder(animals, size=2, seed=3),
        folder(moved, size=2, seed=3),
        folder(animals, size=2, seed=4),
    )
    assert first.files_train == again.files_train and first.files_test == again.files_test
    assert set(first.files_test) != set(other.files_test)
    assert set(first.files_train) | set(first.files_test) == set(
        other.files_train + other.files_test
    )


def test_the_split_does_not_depend_on_the_size(animals):
    assert folder(animals, size=2).files_train == folder(animals, size=5).files_train


def test_the_order_is_mixed_over_the_classes(animals):
    y = folder(animals, size=2).y_train
    assert not np.array_equal(y, np.sort(y))


def test_copies_are_on_one_side_under_any_name_and_format(animals):
    for i in range(3):
        shutil.copy(animals / "cat" / f"{i}.png", animals / "cat" / f"copy of {i}.png")
        picture(animals / "cat" / f"{i}.bmp", (200 + i, 0, 0))
        picture(animals / "cat" / f"{i}.tiff", (200 + i, 0, 0), compression="tiff_lzw")
    for seed in range(8):
        found = folder(animals, size=3, train=0.5, seed=seed)
        assert len(found.x_train) + len(found.x_test) == 29
        train = {image.tobytes() for image in found.x_train}
        assert not train & {image.tobytes() for image in found.x_test}
        assert len(train) == 10, "each class gives half of its ten different pictures"


def test_a_picture_in_two_classes_is_on_one_side_and_named(animals):
    shutil.copy(animals / "cat" / "0.png", animals / "dog" / "same.png")
    sides = set()
    for seed in range(8):
        with pytest.warns(UserWarning, match=r"lies in 2 classes: cat/0\.png, dog/same\.png"):
            found = folder(animals, size=3, train=0.5, seed=seed)
        both = {"cat/0.png", "dog/same.png"}
        side = both & set(found.files_train), both & set(found.files_test)
        assert set(map(len, side)) == {0, 2}
        sides.add(len(side[0]))
    assert sides == {0, 2}, "over eight seeds it falls on either side"


def test_classes_that_share_every_picture_are_refused(tmp_path):
    for name, shades in [("ant", (0, 1)), ("bee", (1, 2)), ("cow", (2, 0))]:
        for shade in shades:
            picture(tmp_path / name / f"{shade}.png", (0, shade, 0))
    with (
        pytest.warns(UserWarning, match="lies in 2 classes"),
        pytest.raises(ValueError, match=r"class '(ant|bee|cow)' shares so many pictures"),
    ):
        folder(tmp_path, size=2)


@given(
    groups=st.lists(st.lists(st.integers(1, 3), min_size=2, max_size=6), min_size=2, max_size=4),
    train=st.sampled_from([0.2, 0.5, 0.9, 1]),
    seed=st.integers(0, 99),
)
def test_no_split_leaks_loses_or_empties(tmp_path_factory, groups, train, seed):
    """groups[c][p] copies of picture p in class c: each file comes out once, copies together."""
    path = tmp_path_factory.mktemp("pictures")
    files = set()
    for c, copies in enumerate(groups):
        for p, count in enumerate(copies):
            for i in range(count):
                files.add(f"{c}/{p}-{i}.bmp")
                picture(path / str(c) / f"{p}-{i}.bmp", (c, p, 0), size=(2, 2))
    found = folder(path, size=1, train=train, seed=seed)
    assert sorted(found.files_train + found.files_test) == sorted(files)
    learned, tested = (
        {file.split("-")[0] for file in side} for side in (found.files_train, found.files_test)
    )
    assert not learned & tested
    for c, copies in enumerate(groups):
        expected = train if train == 1 else min(max(round(train * len(copies)), 1), len(copies) - 1)
        assert sum(one.startswith(f"{c}/") for one in learned) == expected


GRADIENT = np.linspace(0, 255, 16, dtype=np.uint8).reshape(4, 4)
COLOR = np.stack([GRADIENT, GRADIENT[::-1], GRADIENT.T], axis=-1)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "ppm", "tga", "gif", "webp"])
def test_formats_without_loss_give_the_same_pixels(suffix, tmp_path):
    options = {"lossless": True} if suffix == "webp" else {}
    found = only(f"one.{suffix}", Image.fromarray(COLOR), tmp_path, **options)
    np.testing.assert_array_equal(found, COLOR / np.float32(255))


def test_jpeg_is_near(tmp_path):
    smooth = np.tile(np.linspace(0, 255, 32, dtype=np.uint8), (32, 1))
    found = only("one.jpg", Image.fromarray(smooth).convert("RGB"), tmp_path, quality=95)
    np.testing.assert_allclose(found, smooth[..., None].repeat(3, -1) / 255, atol=0.02)


def test_a_picture_is_known_by_its_content(tmp_path):
    found = only("picture", Image.fromarray(COLOR), tmp_path, format="png")
    np.testing.assert_array_equal(found, COLOR / np.float32(255))


def test_gray_becomes_three_equal_channels(tmp_path):
    found = only("one.png", Image.fromarray(GRADIENT), tmp_path)
    np.testing.assert_array_equal(found, GRADIENT[..., None].repeat(3, -1) / np.float32(255))


def test_black_and_white_of_one_bit(tmp_path):
    found = only("one.png", Image.fromarray(GRADIENT > 100), tmp_path)
    np.testing.assert_array_equal(found[..., 0], np.float32(GRADIENT > 100))


@pytest.mark.parametrize("suffix", ["png", "tiff", "pgm"])
def test_sixteen_bits_keep_their_brightness(suffix, tmp_path):
    deep = GRADIENT.astype(np.uint16) * 257
    found = only(f"one.{suffix}", Image.fromarray(deep), tmp_path)
    np.testing.assert_array_equal(found[..., 0], GRADIENT / np.float32(255))


def test_palettes_are_looked_up(tmp_path):
    image = Image.fromarray(GRADIENT).quantize(16)
    expected = np.asarray(image.convert("RGB")) / np.float32(255)
    found = only("one.png", image, tmp_path)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(found[..., 0], GRADIENT / 255, atol=0.01)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_white(mode, tmp_path):
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 2, 4))
    if mode != "RGBA":
        image = image.convert(mode)
    found = only("one.png", image, tmp_path)
    np.testing.assert_array_equal(
        found, np.float32([0, 0, 1, 1])[None, :, None].repeat(4, 0).repeat(3, 2)
    )


def test_half_transparent_is_mixed_with_white(tmp_path):
    found = only("one.png", Image.new("RGBA", (4, 4), (0, 255, 0, 51)), tmp_path)
    np.testing.assert_allclose(found[0, 0], (0.8, 1, 0.8), atol=0.003)


def test_cmyk_becomes_rgb(tmp_path):
    found = only("one.jpg", Image.new("CMYK", (8, 8), (255, 0, 0, 0)), tmp_path, quality=95)
    np.testing.assert_allclose(found, np.broadcast_to((0, 1, 1), (8, 8, 3)), atol=0.02)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_held_sideways_is_undone(orientation, suffix, tmp_path):
    """Each orientation, written as the operations that undo it (table 6 of EXIF 2.3)."""
    upright = np.zeros((16, 16, 3), np.uint8)
    upright[:8, :8] = 255
    upright[:8, 8:] = 128
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
    options = {"jpg": {"quality": 95}, "webp": {"lossless": True}}.get(suffix, {})
    image = Image.fromarray(np.ascontiguousarray(stored))
    found = only(f"one.{suffix}", image, tmp_path, exif=exif, **options)
    np.testing.assert_allclose(found, upright / 255, atol=0.03)


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "lime")]
    found = only("one.gif", frames[0], tmp_path, save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(found[0, 0], (1, 0, 0))


@pytest.fixture
def flags(tmp_path):
    """A class of wide flags, red, white and blue, and one of other pictures."""
    bands = np.zeros((10, 30, 3), np.uint8)
    bands[:, :10], bands[:, 10:20], bands[:, 20:] = (255, 0, 0), (255, 255, 255), (0, 0, 255)
    for name, turned in [("wide", bands), ("tall", bands.transpose(1, 0, 2))]:
        (tmp_path / name).mkdir()
        for i in range(2):
            turned[0, 0, 1] = i  # a different picture each time, outside the middle
            Image.fromarray(turned).resize((90, 30) if name == "wide" else (30, 90)).save(
                tmp_path / name / f"{i}.png"
            )
        picture(tmp_path / name / "other.png", (9, 9, ord(name[0])))
        picture(tmp_path / name / "another.png", (0, 9, ord(name[0])))
    return tmp_path


@pytest.mark.parametrize("kind", ["wide", "tall"])
def test_a_crop_is_the_square_in_the_middle_and_a_squash_is_everything(flags, kind):
    def one(fit):
        found = folder(flags, size=30, fit=fit)
        files = found.files_train + found.files_test
        return np.concatenate([found.x_train, found.x_test])[files.index(f"{kind}/0.png")]

    cropped, squashed = one("crop"), one("squash")
    np.testing.assert_allclose(cropped[4:-4, 4:-4], 1)
    ends = squashed[15] if kind == "wide" else squashed[:, 15]
    np.testing.assert_allclose(ends[[2, 15, 27]], [(1, 0, 0), (1, 1, 1), (0, 0, 1)], atol=0.01)


def test_pictures_that_differ_only_where_the_crop_cuts_are_copies(flags):
    sides = folder(flags, size=10, train=0.5, fit="crop")
    assert {"wide/0.png", "wide/1.png"} <= set(sides.files_train) or {
        "wide/0.png",
        "wide/1.png",
    } <= set(sides.files_test)


def test_shrinking_averages(tmp_path):
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Image.fromarray(stripes).save(tmp_path / name / "stripes.png")
        picture(tmp_path / name / "other.png", (1, len(name), ord(name[0])))
    with pytest.warns(UserWarning, match="lies in 2 classes"):
        found = folder(tmp_path, size=4)
    files = found.files_train + found.files_test
    x = np.concatenate([found.x_train, found.x_test])[files.index("one/stripes.png")]
    np.testing.assert_allclose(x, 0.5, atol=0.02)


def spoil(path, how):
    if how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("a note")
    elif how == "cut off":
        noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:1500])
    elif how == "fractions":
        Image.fromarray(np.ones((4, 4), np.float32)).save(path, format="tiff")
    elif how == "32 bits":
        Image.fromarray(np.full((4, 4), 70_000, np.int32)).save(path, format="tiff")


@pytest.mark.parametrize("how", ["empty", "text", "cut off", "fractions", "32 bits"])
def test_a_broken_file_is_named_and_refused_or_left_out(animals, how):
    spoil(animals / "cat" / "bad.png", how)
    with pytest.raises(ValueError, match=r'cat/bad\.png cannot be read .*; broken="skip" leaves'):
        folder(animals, size=4)
    with pytest.warns(UserWarning, match=r"cat/bad\.png cannot be read .*; it is left out") as seen:
        found = folder(animals, size=4, broken="skip")
    assert len(seen) == 1
    assert seen[0].filename == __file__, "the warning points at the caller"
    assert len(found.x_train) + len(found.x_test) == 20
    assert "cat/bad.png" not in found.files_train + found.files_test


def test_broken_files_do_not_move_the_others_to_the_other_side(animals):
    before = folder(animals, size=4)
    (animals / "dog" / "zzz.png").write_bytes(b"broken")
    with pytest.warns(UserWarning, match="zzz"):
        after = folder(animals, size=4, broken="skip")
    assert before.files_train == after.files_train


def test_what_systems_put_into_folders_is_left_out(animals):
    before = folder(animals, size=4)
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._0.png"):
        (animals / "cat" / name).write_bytes(b"no picture")
    (animals / ".git").mkdir()
    (animals / "README.md").write_text("where the pictures come from")
    (animals / "cat" / ".ipynb_checkpoints").mkdir()
    after = folder(animals, size=4)
    assert before.files_train == after.files_train and before.names == after.names


@pytest.mark.parametrize("kind", ["empty", "pictures", "one class"])
def test_a_folder_with_fewer_than_two_classes_is_refused(kind, tmp_path):
    if kind == "pictures":
        picture(tmp_path / "a.png", "red")
    if kind == "one class":
        picture(tmp_path / "cat" / "a.png", "red")
    held = "1 folders ['cat']" if kind == "one class" else "0 folders []"
    with pytest.raises(ValueError) as caught:
        folder(tmp_path, size=4)
    assert f"{tmp_path} holds {held}, it needs two or more" in str(caught.value)


@pytest.mark.parametrize(
    "train, different, needed", [(0.8, 0, 2), (0.8, 1, 2), (3, 3, 4), (30, 10, 31)]
)
def test_a_class_with_too_few_different_pictures_is_named(animals, train, different, needed):
    shutil.rmtree(animals / "dog")
    (animals / "dog").mkdir()
    for i in range(different):
        for copy in range(2):
            picture(animals / "dog" / f"{i} {copy}.png", (i, 0, 0))
    if train == 30:
        match = f"'cat' has 10 different pictures, it needs at least {needed} with train=30"
    else:
        match = f"'dog' has {different} different pictures, it needs at least {needed} with train="
    with pytest.raises(ValueError, match=match):
        folder(animals, size=4, train=train)


def test_a_folder_within_a_class_is_named(animals):
    (animals / "cat" / "more").mkdir()
    with pytest.raises(ValueError, match="cat/more is a folder within a class"):
        folder(animals, size=4)


def test_a_path_that_does_not_exist_or_is_a_file_is_named(animals):
    with pytest.raises(FileNotFoundError, match=r"path is .*nowhere, which does not exist"):
        folder(animals / "nowhere", size=4)
    with pytest.raises(NotADirectoryError, match=r"path is .*0\.png, a file; it needs a folder"):
        folder(animals / "cat" / "0.png", size=4)


def test_a_path_may_be_a_string(animals):
    found = folder(str(animals), size=4)
    np.testing.assert_array_equal(found.x_test, folder(animals, size=4).x_test)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"size": 0}, ValueError, "size is 0, it needs at least 1 pixel"),
        ({"size": -3}, ValueError, "size is -3"),
        ({"size": 4.0}, TypeError, r"size is 4\.0, it needs a whole number of pixels"),
        (
            {"size": (4, 4.5)},
            TypeError,
            r"size is \(4, 4\.5\), it needs a whole number of pixels, or",
        ),
        ({"size": (4, 4, 3)}, ValueError, r"size is \(4, 4, 3\), it needs two numbers"),
        ({"size": (4, 0)}, ValueError, r"size is \(4, 0\), it needs at least 1 pixel"),
        ({"size": True}, TypeError, "size is True"),
        ({"train": 0.0}, ValueError, r"train is 0\.0, it needs a share between 0 and 1 or a whole"),
        ({"train": 1.0}, ValueError, r"train is 1\.0"),
        ({"train": 1.5}, ValueError, r"train is 1\.5"),
        ({"train": -0.2}, ValueError, r"train is -0\.2"),
        ({"train": float("nan")}, ValueError, "train is nan"),
        ({"train": 0}, ValueError, "train is 0"),
        ({"train": True}, TypeError, "train is True"),
        ({"train": "half"}, TypeError, "train is 'half', it needs a share or a number"),
        ({"fit": "stretch"}, ValueError, "fit is 'stretch', it needs one of .*'crop'"),
        ({"names": ["a"]}, ValueError, "names is given, it needs annotations"),
        ({"train": ["0"]}, TypeError, r"train is \['0'\], it needs a share or a number"),
        (
            {"broken": "ignore"},
            ValueError,
            "broken is 'ignore', it needs 'raise' or 'skip'",
        ),
        ({"path": 3}, TypeError, "path is 3, it needs a string or a path"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_arguments_are_named(animals, arguments, error, message):
    with pytest.raises(error, match=f"folder: {message}"):
        folder(**({"path": animals, "size": 4} | arguments))


def test_every_argument_is_checked_before_a_file_is_read(animals, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda file: pytest.fail("a file was opened"))
    for arguments in ({"size": 0}, {"train": 2.0}, {"fit": "x"}, {"broken": "x"}):
        with pytest.raises(ValueError):
            folder(animals, **({"size": 4} | arguments))


@pytest.mark.parametrize("fit", ["crop", "squash"])
def test_one_picture_is_read_as_the_folder_reads_it(flags, fit):
    found = folder(flags, size=30, fit=fit)
    for image, file in zip(found.x_train, found.files_train, strict=True):
        alone = one_picture(flags / file, size=30, fit=fit)
        assert alone.dtype == np.float32
        np.testing.assert_array_equal(alone, image)


def test_one_broken_or_missing_picture_and_bad_arguments_are_named(tmp_path):
    spoil(tmp_path / "bad.png", "cut off")
    for path, arguments, error, message in [
        (tmp_path / "bad.png", {}, ValueError, r"picture: .*bad\.png cannot be read as a picture"),
        (tmp_path, {}, ValueError, "cannot be read as a picture"),
        (tmp_path / "no.png", {}, FileNotFoundError, r"path is .*no\.png, which does not exist"),
        (7, {}, TypeError, "picture: path is 7"),
        (tmp_path / "bad.png", {"size": 0}, ValueError, "picture: size is 0"),
        (tmp_path / "bad.png", {"size": 1.5}, TypeError, r"picture: size is 1\.5"),
        (tmp_path / "bad.png", {"fit": "stretch"}, ValueError, "picture: fit is 'stretch'"),
    ]:
        with pytest.raises(error, match=message):
            one_picture(path, **({"size": 4} | arguments))
