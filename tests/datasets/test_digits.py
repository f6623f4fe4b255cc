"""MNIST as it ships: complete, in the documented form, and the error when its file is damaged."""

import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest

from cnnlib import datasets
from cnnlib.datasets import bundled, mnist


@pytest.fixture(scope="module")
def digits():
    return mnist()


def test_all_seventy_thousand_are_there(digits):
    assert digits.x_train.shape == (60000, 28, 28, 1)
    assert digits.x_test.shape == (10000, 28, 28, 1)
    assert digits.y_train.shape == (60000,)
    assert digits.y_test.shape == (10000,)


def test_pixels_are_float32_from_zero_to_one_and_labels_integers(digits):
    for x in (digits.x_train, digits.x_test):
        assert (x.dtype, x.min(), x.max()) == (np.float32, 0, 1)
    for y in (digits.y_train, digits.y_test):
        assert y.dtype == np.int64
        assert np.unique(y).tolist() == list(range(10))


@pytest.mark.parametrize(
    "images, labels, image_sum, label_sum",
    [
        # SHA-256 of the original IDX files, whose header the test puts back.
        (
            "x_train",
            "y_train",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        (
            "x_test",
            "y_test",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ],
    ids=["train", "test"],
)
def test_every_pixel_and_label_is_the_originals(digits, images, labels, image_sum, label_sum):
    pixels = np.rint(getattr(digits, images) * 255).astype(np.uint8)
    for array, sha256 in ((pixels[..., 0], image_sum), (getattr(digits, labels), label_sum)):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        content = header + array.astype(np.uint8).tobytes()
        assert hashlib.sha256(content).hexdigest() == sha256


def test_it_says_where_it_comes_from(digits):
    assert "LeCun" in digits.source
    assert digits.license == "CC BY-SA 3.0"


def test_it_is_a_function_of_the_room_too():
    assert datasets.mnist is mnist


def test_a_truncated_file_says_what_to_do(tmp_path, monkeypatch):
    whole = bundled.CHECKOUT / "data"
    shutil.copy(whole / "SHA256SUMS", tmp_path)
    (tmp_path / "mnist.h5").write_bytes((whole / "mnist.h5").read_bytes()[:1_000_000])
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"mnist\.h5 was cut off or altered: its 1,000,000 bytes"):
        mnist()


def test_no_framework_is_imported():
    code = (
        "import sys; from cnnlib import datasets; datasets.mnist(); datasets.photo('coins');"
        "assert not {'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
