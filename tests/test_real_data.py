"""Real photographs that do not ship, where $CNNLIB_REAL_DATA has them; see benchmarks/real_data.py.

The bounds are the goals set before, which all five seeds of the benchmark keep.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from cnnlib import datasets


@pytest.fixture(scope="module")
def root():
    """The folder of the real data, or the reason why nothing here can run."""
    path = os.environ.get("CNNLIB_REAL_DATA")
    if not path:
        pytest.skip("CNNLIB_REAL_DATA is not set: no real photographs to check with")
    for needed in ("sign_digits", "caltech101_subset"):
        if not (Path(path) / needed).is_dir():
            pytest.skip(f"CNNLIB_REAL_DATA has no folder {needed}")
    return Path(path)


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
