"""A gallery of real faces: whom it knows, whom it turns away, what its files and threads bear."""

import json
import os
import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib.datasets import face_crops
from cnnlib.faces import storage
from cnnlib.faces.gallery import Gallery, Match

FACES = face_crops().images[:100]


def small(images):
    """An encoder for tests: a picture's means over blocks of 5×5 pixels."""
    m, height, width, channels = images.shape
    blocks = images.reshape(m, 5, height // 5, 5, width // 5, channels)
    return blocks.mean(axis=(2, 4)).reshape(m, -1)


def brighter(images):
    return np.clip(images + 0.02, 0, 1)


def of_faces(count, *, threshold=0.3):
    gallery = Gallery(small, threshold)
    for i in range(count):
        gallery.enroll(f"person {i}", FACES[i])
    return gallery


def contents(gallery):
    return gallery.names, gallery.threshold, gallery._table.encodings.tolist()


def test_a_changed_picture_is_identified_and_a_stranger_turned_away():
    gallery = of_faces(50, threshold=0.2)
    for i in range(50):
        match = gallery.identify(brighter(FACES[i]))
        assert match == (f"person {i}", pytest.approx(match.distance)) and match
        assert match.distance < 0.11
    strangers = [gallery.identify(image) for image in FACES[50:]]
    turned_away = [match for match in strangers if not match]
    assert len(turned_away) == 50
    assert all(match.name is None and match.distance > 0.2 for match in turned_away)


def test_the_nearest_one_counts_and_the_threshold_itself_still_passes():
    gallery = Gallery(lambda images: images.mean(axis=(1, 2)), 0.25)
    gallery.enroll("dark", np.zeros((4, 4, 1)))
    gallery.enroll("bright", np.ones((4, 4, 1)))
    assert gallery.identify(np.full((4, 4), 0.25)) == Match("dark", 0.25)
    assert gallery.identify(np.full((4, 4), 0.75)) == Match("bright", 0.25)
    assert gallery.identify(np.full((4, 4), 0.5)) == Match(None, 0.5)
    assert gallery.verify("dark", np.full((4, 4), 0.25)) == Match("dark", 0.25)
    assert gallery.verify("bright", np.full((4, 4), 0.25)) == Match(None, 0.75)


def test_of_several_pictures_of_a_person_the_nearest_counts():
    gallery = of_faces(10)
    gallery.enroll("two", FACES[20:22])
    for picture in FACES[20:22]:
        assert gallery.identify(picture) == Match("two", 0)
        assert gallery.verify("two", picture) == Match("two", 0)
    assert len(gallery) == 11
    names, distances = gallery.search(small(FACES[20:21]), k=12)
    assert sorted(names[0]) == sorted([*gallery.names, "two"])
    assert (np.diff(distances) >= 0).all()


def test_removing_forgets_one_person_alone():
    gallery = of_faces(6)
    gallery.enroll("two", FACES[20:22])
    gallery.remove("person 2")
    assert "person 2" not in gallery and "two" in gallery
    assert gallery.names == (*(f"person {i}" for i in (0, 1, 3, 4, 5)), "two")
    assert gallery.identify(FACES[2]).name is None
    assert [gallery.identify(FACES[i]).name for i in (1, 3, 21)] == ["person 1", "person 3", "two"]
    gallery.remove("two")
    assert gallery.identify(FACES[21]).name is None
    gallery.enroll("person 2", FACES[2])
    assert gallery.verify("person 2", FACES[2])


def test_encodings_enrolled_at_once_are_as_pictures_enrolled_one_by_one():
    at_once = Gallery(small, 0.3)
    at_once.enroll_encodings([f"person {i}" for i in range(50)], small(FACES[:50]))
    assert contents(at_once) == contents(of_faces(50))
    before = small(FACES[:2])
    kept = Gallery(small, 0.3)
    kept.enroll_encodings(["a", "b"], before)
    before[:] = 0
    assert kept.identify(FACES[1]) == Match("b", 0)


def test_an_emptied_gallery_takes_encodings_of_another_length():
    gallery = of_faces(1)
    gallery.remove("person 0")
    gallery.enroll_encodings(["a"], [[1.0, 2.0]])
    names, distances = gallery.search([[1.0, 5.0]])
    assert names.tolist() == [["a"]] and distances.tolist() == [[3.0]]


# bad input


def refused(error, words, call, *arguments, **named):
    with pytest.raises(error, match=words):
        call(*arguments, **named)


def test_a_name_enrolled_twice_is_refused_and_nothing_changes():
    gallery = of_faces(3)
    before = contents(gallery)
    refused(ValueError, "'person 1' is enrolled already", gallery.enroll, "person 1", FACES[7])
    enroll = gallery.enroll_encodings
    refused(ValueError, "'x' is enrolled already", enroll, ["x", "x"], small(FACES[:2]))
    refused(ValueError, "'person 0' is enrolled", enroll, ["y", "person 0"], small(FACES[:2]))
    refused(ValueError, "3 names and 2 encodings", enroll, ["x", "y", "z"], small(FACES[:2]))
    assert contents(gallery) == before


def test_an_empty_gallery_and_unknown_names_are_refused():
    gallery = Gallery(small, 0.3)
    refused(ValueError, "identify: the gallery is empty", gallery.identify, FACES[0])
    refused(ValueError, "search: the gallery is empty", gallery.search, small(FACES[:1]))
    refused(ValueError, "verify: 'Ada' is not enrolled", gallery.verify, "Ada", FACES[0])
    refused(ValueError, "remove: 'Ada' is not enrolled", gallery.remove, "Ada")
    assert len(gallery) == 0 and "Ada" not in gallery and None not in gallery


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "\ud800"])
def test_names_that_are_no_line_of_text_are_refused(name):
    refused(ValueError, "it needs printable characters", Gallery(small, 1).enroll, name, FACES[0])


@pytest.mark.parametrize("name", [None, 7, b"Ada", ("Ada",)])
def test_names_that_are_no_text_are_refused(name):
    gallery = of_faces(1)
    for call in (gallery.enroll, gallery.verify):
        refused(TypeError, "it needs a string", call, name, FACES[0])
    refused(TypeError, "it needs a string", gallery.remove, name)


@pytest.mark.parametrize(
    "encoding, words",
    [
        ([[1.0, 2.0]], r"shape \(1, 2\), it needs \(m, 25\)"),
        ([[np.nan] * 25], "row 0 needs finite numbers"),
        ([[np.inf] * 25], "row 0 needs finite numbers"),
        ([0.0] * 25, r"shape \(25,\)"),
        (np.zeros((2, 25)), "2 encodings of 1 pictures"),
    ],
)
def test_wrong_encodings_are_refused_and_nothing_changes(encoding, words):
    gallery = of_faces(3)
    before = contents(gallery)
    gallery.encoder = lambda images: np.array(encoding)
    refused(ValueError, words, gallery.enroll, "new", FACES[5])
    refused(ValueError, words, gallery.identify, FACES[5])
    refused(ValueError, words, gallery.verify, "person 1", FACES[5])
    assert contents(gallery) == before


@pytest.mark.parametrize("shape", [(), (5,), (0, 5, 1), (5, 5, 0), (0, 5, 5, 1), (1, 1, 5, 5, 1)])
def test_pictures_of_other_shapes_are_refused(shape):
    gallery = of_faces(1)
    refused(ValueError, "enroll: image has shape", gallery.enroll, "new", np.ones(shape))
    refused(ValueError, "identify: image has shape", gallery.identify, np.ones(shape))


def test_several_pictures_have_no_one_identity_and_text_is_no_picture():
    gallery = of_faces(1)
    refused(ValueError, "it needs one picture", gallery.identify, FACES[:2])
    refused(ValueError, "it needs one picture", gallery.verify, "person 0", FACES[:1])
    refused(TypeError, "image has type <U5", gallery.identify, "a.png")
    refused(ValueError, "image is no array", gallery.identify, [[1, 2], [3]])


@pytest.mark.parametrize("threshold", [-0.1, np.nan, np.inf])
def test_thresholds_that_are_no_distance_are_refused(threshold):
    refused(ValueError, "it needs a distance of 0 or more", Gallery, small, threshold)


def test_a_threshold_or_encoder_of_another_type_is_refused():
    refused(TypeError, "threshold is '0.5', it needs a number", Gallery, small, "0.5")
    refused(TypeError, "threshold is True", Gallery, small, True)
    refused(TypeError, "encoder is a str", Gallery, "small", 0.5)


# files


@given(
    names=st.lists(
        st.text(st.characters(categories=["L", "N", "S", "P"]), min_size=1), unique=True, max_size=5
    ),
    threshold=st.floats(0, 1e300),
    seed=st.integers(0, 100),
)
def test_a_saved_gallery_comes_back_whole(tmp_path_factory, names, threshold, seed):
    generator = np.random.default_rng(seed)
    gallery = Gallery(lambda images: images.reshape(len(images), -1), threshold)
    for name in names:
        gallery.enroll(name, generator.normal(size=(generator.integers(1, 4), 2, 2, 1)))
    path = tmp_path_factory.mktemp("galleries") / "people.h5"
    gallery.save(path)
    loaded = Gallery.load(path, gallery.encoder)
    assert contents(loaded)[:2] == contents(gallery)[:2]
    np.testing.assert_array_equal(
        loaded._table.encodings, gallery._table.encodings[: len(names) * 3]
    )
    assert loaded._table.rows == gallery._table.rows


def test_saving_again_replaces_the_file_and_leaves_no_other(tmp_path):
    gallery = of_faces(3)
    gallery.save(tmp_path / "people.h5")
    gallery.remove("person 1")
    gallery.save(tmp_path / "people.h5")
    assert contents(Gallery.load(tmp_path / "people.h5", small)) == contents(gallery)
    assert os.listdir(tmp_path) == ["people.h5"]


@pytest.mark.parametrize("step", ["create_dataset", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_the_file_before_it(tmp_path, monkeypatch, step, error):
    def fail(*_, **__):
        raise error

    of_faces(3).save(tmp_path / "people.h5")
    before = (tmp_path / "people.h5").read_bytes()
    monkeypatch.setattr(h5py.File if step == "create_dataset" else storage.os, step, fail)
    with pytest.raises(type(error)) as told:
        of_faces(5).save(tmp_path / "people.h5")
    if isinstance(error, OSError):
        assert "what was there is unchanged: disk full" in str(told.value)
    assert (tmp_path / "people.h5").read_bytes() == before
    assert os.listdir(tmp_path) == ["people.h5"]


def test_a_process_killed_while_it_saves_leaves_the_file_before_it(tmp_path):
    path = tmp_path / "people.h5"
    of_faces(3).save(path)
    before = path.read_bytes()
    program = """
        import os, signal, sys
        import numpy as np
        from cnnlib.faces import gallery, storage
        storage.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        people = gallery.Gallery(len, 1)
        people.enroll_encodings([str(i) for i in range(1000)], np.ones((1000, 128)))
        people.save(sys.argv[1])
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(path)], timeout=60)
    assert run.returncode == -9
    assert path.read_bytes() == before
    assert len(Gallery.load(path, small)) == 3


def test_a_folder_that_is_not_there_is_named(tmp_path):
    refused(FileNotFoundError, "nowhere", of_faces(1).save, tmp_path / "nowhere" / "people.h5")
    refused(FileNotFoundError, "there is no file", Gallery.load, tmp_path / "people.h5", small)
    refused(IsADirectoryError, "cannot be read", Gallery.load, tmp_path, small)


@pytest.mark.parametrize("content", [b"", b"people", b"\x89HDF\r\n\x1a\n", b"\x80\x04K\x00."])
def test_a_file_that_is_something_else_is_refused(tmp_path, content):
    path = tmp_path / "people.h5"
    path.write_bytes(content)
    refused(ValueError, "is damaged or was not written by Gallery.save", Gallery.load, path, small)
    assert path.read_bytes() == content


def test_a_shortened_file_is_refused(tmp_path):
    path = tmp_path / "people.h5"
    of_faces(20).save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        refused(ValueError, "is damaged", Gallery.load, path, small)


def test_a_changed_byte_is_refused_or_changes_nothing(tmp_path):
    path = tmp_path / "people.h5"
    gallery = of_faces(20)
    gallery.save(path)
    whole = path.read_bytes()
    caught = 0
    for place in range(0, len(whole), 13):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            loaded = Gallery.load(path, small)
        except ValueError as error:
            assert "is damaged" in str(error)
            caught += 1
        else:
            assert contents(loaded) == contents(gallery)
    assert caught > 100


def rewritten(path, **arrays):
    """A file as `save` makes it, with some of its arrays replaced, or left out where None."""
    of_faces(4).save(path)
    with h5py.File(path, "a") as file:
        for name, values in arrays.items():
            del file[name]
            if values is not None:
                file[name] = values
        file.attrs["sha256"] = storage._checksum(
            {name: file[name][()] for name in storage._KINDS if name in file}
        )


def described(**changes):
    text = {"format": "cnnlib gallery 1", "threshold": 0.3, "names": list("abcd")} | changes
    return np.frombuffer(json.dumps(text).encode(), np.uint8)


@pytest.mark.parametrize(
    "arrays",
    [
        {"counts": None},
        {"encodings": np.zeros((4, 25), np.float64)},
        {"encodings": np.zeros((3, 25), np.float32)},
        {"encodings": np.zeros((100,), np.float32)},
        {"encodings": np.full((4, 25), np.nan, np.float32)},
        {"counts": np.array([1, 1, 1, 2])},
        {"counts": np.array([0, 1, 1, 2])},
        {"counts": np.array([1, 1, 2])},
        {"description": np.frombuffer(b"{", np.uint8)},
        {"description": np.frombuffer(b"[1]", np.uint8)},
        {"description": described(format="cnnlib gallery 2")},
        {"description": described(threshold="0.3")},
        {"description": described(threshold=float("nan"))},
        {"description": described(threshold=-1.0)},
        {"description": described(names=list("abca"))},
        {"description": described(names=["a", "b", "c", 4])},
        {"description": described(names=["a", "b", "c", ""])},
        {"description": described(names="abcd")},
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path, arrays):
    path = tmp_path / "people.h5"
    rewritten(path, **arrays)
    refused(ValueError, "is damaged", Gallery.load, path, small)


def test_an_untrusted_file_reads_no_other_file_and_claims_no_memory(tmp_path):
    path, secret = tmp_path / "people.h5", tmp_path / "secret.h5"
    rewritten(secret)
    rewritten(path)
    with h5py.File(path, "a") as file:
        del file["encodings"]
        file["encodings"] = h5py.ExternalLink("secret.h5", "/encodings")
    refused(ValueError, "no data of its own", Gallery.load, path, small)
    with h5py.File(path, "a") as file:
        del file["encodings"]
        layout = h5py.VirtualLayout((4, 25), np.float32)
        layout[:] = h5py.VirtualSource(str(secret), "encodings", (4, 25))
        file.create_virtual_dataset("encodings", layout)
    refused(ValueError, "is damaged", Gallery.load, path, small)
    with h5py.File(path, "a") as file:
        del file["encodings"]
        file.create_dataset("encodings", (4, 25), np.float32, external=[(str(secret), 0, 400)])
    refused(ValueError, "is damaged", Gallery.load, path, small)
    with h5py.File(path, "a") as file:  # a terabyte that no one wrote
        del file["encodings"]
        file.create_dataset(
            "encodings", (2**31, 128), np.float32, chunks=(1024, 128), fletcher32=True
        )
    refused(ValueError, "encodings is not complete", Gallery.load, path, small)


# threads


def test_readers_see_a_whole_gallery_while_a_writer_enrolls_and_removes():
    gallery = of_faces(20)
    done, failures, searches = threading.Event(), [], [0] * 4

    def read(reader):
        try:
            while not done.is_set() or searches[reader] < 20:
                i = searches[reader] % 20
                assert gallery.identify(FACES[i]) == Match(f"person {i}", 0)
                assert gallery.verify(f"person {i}", FACES[i])
                names = gallery.names
                assert len(set(names)) == len(names) >= 20
                searches[reader] += 1
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read, args=[i]) for i in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(10):
        for i in range(20, 60):
            gallery.enroll(f"person {i}", FACES[i])
        for i in range(20, 60 if turn < 9 else 40):
            gallery.remove(f"person {i}")
    done.set()
    for reader in readers:
        reader.join()
    assert failures == [] and min(searches) >= 20
    assert gallery.names == tuple(f"person {i}" for i in (*range(20), *range(40, 60)))
    assert [gallery.identify(FACES[i]).name for i in (5, 45)] == ["person 5", "person 45"]


def test_of_writers_with_one_name_one_wins_and_nobody_is_lost():
    gallery, start, refusals = Gallery(small, 0.3), threading.Barrier(4), []

    def write(writer):
        start.wait()
        for i in range(25):
            gallery.enroll(f"{writer}: {i}", FACES[25 * writer + i])
            try:
                gallery.enroll(f"shared {i}", FACES[i])
            except ValueError as error:
                refusals.append(str(error))

    writers = [threading.Thread(target=write, args=[i]) for i in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(refusals) == 75 and all("is enrolled already" in words for words in refusals)
    assert len(gallery) == 125
    assert all(gallery.verify(f"{i // 25}: {i % 25}", FACES[i]) for i in range(100))
