"""Real photographs that do not ship, where $CNNLIB_REAL_DATA has them; see benchmarks/real_data.py.

The bounds are the goals set before, which all five seeds of the benchmark keep. The blood cells are
those of benchmarks/blood_cells.py, the people those of benchmarks/people.py.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from cnnlib import datasets


def real(*needed):
    """The folder of the real data, or the reason why a test cannot run."""
    path = os.environ.get("CNNLIB_REAL_DATA")
    if not path:
        pytest.skip("CNNLIB_REAL_DATA is not set: no real photographs to check with")
    for one in needed:
        if not (Path(path) / one).is_dir():
            pytest.skip(f"CNNLIB_REAL_DATA has no folder {one}")
    return Path(path)


@pytest.fixture(scope="module")
def root():
    return real("sign_digits", "caltech101_subset")


@pytest.fixture(scope="module")
def cells():
    return real("detection_bccd") / "detection_bccd"


@pytest.fixture
def real_data(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    import real_data

    return real_data


def test_a_real_folder_is_read_whole_and_its_copy_stays_on_one_side(root):
    copies = {"cup/image_0012.jpg", "cup/image_0012 6.48.13 PM.jpg"}
    for seed, learned in [(0, set()), (4, copies)]:
        found = datasets.folder(root / "caltech101_subset", size=64, train=30, seed=seed)
        assert found.names == ["ceiling_fan", "cup", "dollar_bill", "laptop", "pizza", "scissors"]
        counts = np.bincount(found.y_train) + np.bincount(found.y_test)
        assert counts.tolist() == [46, 58, 52, 81, 52, 38]
        assert copies & set(found.files_train) == learned
        assert copies & set(found.files_test) == copies - learned
        assert np.bincount(found.y_train).tolist() == [30, 30 + (learned == copies), *[30] * 4]


@pytest.mark.slow
def test_transfer_names_real_objects(root, real_data):
    found = real_data.objects(root, 0, cuts={"pooled head": "pool"})
    assert found["test"] == 147
    assert found["accuracy"]["pooled head"] >= 0.97


@pytest.mark.slow
@pytest.mark.tensorflow  # Keras compiles no model for JAX with a rotation inside
def test_a_residual_network_reads_hands_that_show_numbers(root, real_data):
    found = real_data.sign_digits(root, 0)
    assert (found["train"], found["test"]) == (986, 251)
    assert found["accuracy"] >= 0.97


def test_the_two_clicks_among_the_boxes_of_blood_cells_are_named(cells):
    with pytest.raises(ValueError) as caught:
        datasets.read_voc(cells)
    assert "annotations/BloodImage_00338.xml, object 13: its box from (504, 337)" in str(
        caught.value
    )
    assert "(and 1 more)" in str(caught.value)
    with pytest.warns(UserWarning) as told:
        found = datasets.read_voc(cells, broken="skip")
    assert [str(one.message).split(":")[1] for one in told] == [
        " annotations/BloodImage_00338.xml, object 13",
        " annotations/BloodImage_00343.xml, object 4",
    ]
    assert len(found.files) == 364 and set(found.shapes) == {(480, 640)}


@pytest.mark.filterwarnings("ignore:.*BloodImage_00338:UserWarning")
@pytest.mark.filterwarnings("ignore:.*BloodImage_00343:UserWarning")
def test_blood_cells_have_the_boxes_of_the_table_that_comes_with_them(cells, tmp_path):
    """The table was made from the same files by another program; its corners are VOC's."""
    expected = {}
    with open(cells / "boxes.csv", newline="") as table:
        for row in csv.DictReader(table):
            corners = [int(row[side]) for side in ("xmin", "ymin", "xmax", "ymax")]
            if corners[2] > corners[0] and corners[3] > corners[1]:
                one = (row["class"], corners[0] - 1, corners[1] - 1, *corners[2:])
                expected.setdefault(f"images/{row['image']}", []).append(one)
    found = datasets.read_voc(cells, broken="skip")
    (tmp_path / "images").mkdir()
    for file in found.files:
        (tmp_path / file).symlink_to((cells / file).resolve())
    datasets.write_coco(tmp_path / "all.json", found)
    for read in (found, datasets.read_coco(tmp_path)):
        assert read.names == ["Platelets", "RBC", "WBC"]
        assert sum(len(one["labels"]) for one in read.targets) == 4886
        for file, one in zip(read.files, read.targets, strict=True):
            boxes = [
                (read.names[label], *box)
                for box, label in zip(one["boxes"].tolist(), one["labels"], strict=True)
            ]
            assert boxes == expected[file]


@pytest.mark.filterwarnings("ignore:.*BloodImage_00338:UserWarning")
@pytest.mark.filterwarnings("ignore:.*BloodImage_00343:UserWarning")
def test_blood_cells_are_split_as_their_authors_did(cells):
    parts = {part: (cells / f"{part}.txt").read_text().split() for part in ("train", "val", "test")}
    found = datasets.folder(
        cells,
        size=(60, 80),
        annotations="voc",
        train=parts["train"] + parts["val"],
        broken="skip",
    )
    assert (len(found.x_train), len(found.x_test)) == (292, 72)
    assert sorted(Path(file).stem for file in found.files_test) == sorted(parts["test"])
    for targets in (found.y_train, found.y_test):
        boxes = np.concatenate([one["boxes"] for one in targets])
        assert boxes.min() >= 0 and (boxes.max(axis=0) <= [80, 60, 80, 60]).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


@pytest.mark.slow
def test_people_are_told_apart_and_the_error_among_them_grows_as_derived(monkeypatch):
    real("faces_orl")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    import people

    images, labels, who = people.orl()
    assert images.shape == (400, 112, 92) and np.bincount(labels).tolist() == [10] * 40
    laboratory = np.isin(labels, who["38 of the laboratory"])
    found = {
        name: people.run(encodings[laboratory], labels[laboratory], 0)
        for name, encodings in people.encoded(images).items()
    }
    upright, pixels = found[people.UPRIGHT], found[people.PIXELS]
    assert upright["equal_error_rate"] <= 0.02 < 0.08 <= pixels["equal_error_rate"]
    assert upright["accuracy"] >= 0.98 and upright["one_shot"] >= 0.97
    assert pixels["one_shot"] <= 0.8 and found[people.AS_THEY_ARE]["one_shot"] <= 0.85
    errors = upright["among"]
    for measured, derived in (("known", "known_derived"), ("strangers", "strangers_derived")):
        assert (np.diff(errors[measured]) > 0).all()
        np.testing.assert_allclose(errors[measured], errors[derived], atol=0.02)
    assert errors["known"][-1] > 3 * errors["known_nearest"][-1]
