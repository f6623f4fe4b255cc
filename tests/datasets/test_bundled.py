"""Bundled files are found, proven whole, and each kind of damage gets an error that helps."""

import hashlib
import re

import pytest

from cnnlib.datasets import bundled
from cnnlib.datasets.bundled import bundled_file, checksums, data_folder

CONTENT = b"twelve bytes"
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder with one whole file in it."""
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    (tmp_path / "digits.h5").write_bytes(CONTENT)
    (tmp_path / "SHA256SUMS").write_text(f"{SUM}  digits.h5\n")
    return tmp_path


def test_a_whole_file_is_found_in_the_folder_of_the_environment(folder):
    assert bundled_file("digits.h5") == folder / "digits.h5"


def test_the_file_is_read_once_a_process(folder):
    bundled_file("digits.h5")
    (folder / "digits.h5").write_bytes(b"altered later")
    assert bundled_file("digits.h5") == folder / "digits.h5"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_the_folder_is_the_checkouts(value, monkeypatch):
    if value is None:
        monkeypatch.delenv("CNNLIB_DATA", raising=False)
    else:
        monkeypatch.setenv("CNNLIB_DATA", value)
    assert data_folder() == bundled.CHECKOUT / "data"
    assert (data_folder() / "SHA256SUMS").is_file()


def test_an_unlisted_name_gets_the_list(folder):
    with pytest.raises(ValueError, match=r"name is 'cats\.h5', SHA256SUMS lists \['digits\.h5'\]"):
        bundled_file("cats.h5")


def test_a_path_out_of_the_folder_is_an_unlisted_name(folder):
    with pytest.raises(ValueError, match="SHA256SUMS lists"):
        bundled_file("../digits.h5")


def test_a_missing_file_is_named_with_the_remedy(folder):
    (folder / "digits.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"digits\.h5 is missing\. Copy digits\.h5 from"):
        bundled_file("digits.h5")


@pytest.mark.parametrize("content", [CONTENT[:5], b"", b"twelve bytez", CONTENT + b"!"], ids=repr)
def test_a_cut_off_or_altered_file_is_named_with_both_sums_and_its_size(folder, content):
    (folder / "digits.h5").write_bytes(content)
    with pytest.raises(ValueError) as caught:
        bundled_file("digits.h5")
    message = str(caught.value)
    assert f"{folder / 'digits.h5'} was cut off or altered" in message
    assert f"its {len(content)} bytes have SHA-256 {hashlib.sha256(content).hexdigest()}" in message
    assert f"expects {SUM}" in message


def test_a_file_that_was_put_right_is_accepted(folder):
    (folder / "digits.h5").write_bytes(b"wrong")
    with pytest.raises(ValueError):
        bundled_file("digits.h5")
    (folder / "digits.h5").write_bytes(CONTENT)
    assert bundled_file("digits.h5").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["digits.h5", "SHA256SUMS"])
def test_an_unreadable_file_is_named(folder, name):
    # A folder in the file's place fails for every user; root may read whatever chmod forbids.
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(OSError, match=rf"{name} cannot be read \(.+\)\. Copy {name}") as caught:
        bundled_file("digits.h5")
    assert not isinstance(caught.value, FileNotFoundError)


def test_missing_checksums_are_named(folder):
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match="SHA256SUMS is missing"):
        bundled_file("digits.h5")


@pytest.mark.parametrize(
    "line",
    ["digits.h5", f"{SUM[:-1]}  digits.h5", f"{SUM.upper()}  digits.h5", SUM, "", "\0\xff"],
    ids=["no sum", "short sum", "capitals", "no name", "empty", "binary"],
)
def test_malformed_checksums_are_named_with_the_line(folder, line):
    (folder / "SHA256SUMS").write_text(f"{SUM}  digits.h5\n{line}\n{SUM}  more.h5\n")
    with pytest.raises(ValueError, match=r"line 2 of .*SHA256SUMS is .* needs 64 hexadecimal"):
        bundled_file("digits.h5")


def test_in_a_checkout_the_remedy_is_a_git_command(tmp_path, monkeypatch):
    monkeypatch.delenv("CNNLIB_DATA", raising=False)
    monkeypatch.setattr(bundled, "CHECKOUT", tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "SHA256SUMS").write_text(f"{SUM}  mnist.h5\n")
    with pytest.raises(FileNotFoundError, match=r"run: git checkout -- data/mnist\.h5"):
        bundled_file("mnist.h5")


def test_readme_states_size_and_sum_of_each_file_that_ships():
    folder = bundled.CHECKOUT / "data"
    rows = dict(
        re.findall(
            r"^\| `([^`]+\.(?:cfg|h5|txt))` \|.*\| ([\d,]+ \| `[0-9a-f]{64})` \|$",
            (folder / "README.md").read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        )
    )
    shipped = {
        path.relative_to(folder).as_posix(): (
            f"{path.stat().st_size:,} | `{hashlib.sha256(path.read_bytes()).hexdigest()}"
        )
        for path in folder.rglob("*")
        if path.suffix in (".cfg", ".h5", ".txt")
    }
    assert rows == shipped
    assert checksums(folder) == {name: row[-64:] for name, row in shipped.items()}
