"""The files that come with the course: where they lie, and whether they are whole."""

import functools
import hashlib
import os
import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CHECKSUMS = "SHA256SUMS"
_CHECKSUM_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?P<name>\S.*)")


def bundled_file(name):
    """Path of a file that ships with the course, proven whole.

    The folder is `$CNNLIB_DATA` where that is set, else `data/` of the checkout. The first call in
    a process reads the file and compares its SHA-256 with the line for it in `SHA256SUMS`.

    Parameters
    ----------
    name : str
        As it stands in `SHA256SUMS`: `"mnist.h5"`, `"pretrained/vgg16_hed.h5"`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        Where `SHA256SUMS` does not list the name or has a line in another form, and where the
        file's SHA-256 is not the listed one: it was cut off or altered.
    FileNotFoundError
        Where the file or `SHA256SUMS` is missing.
    OSError
        Where one of them cannot be read.

    Examples
    --------
    >>> bundled_file("mnist.h5").name
    'mnist.h5'
    """
    return _verified(data_folder(), name)


def data_folder():
    """The folder of the bundled files: `$CNNLIB_DATA`, else `data/` of the checkout."""
    return Path(os.environ.get("CNNLIB_DATA") or CHECKOUT / "data")


def checksums(folder):
    """What `SHA256SUMS` in a folder lists: a dict from file name to SHA-256.

    Raises FileNotFoundError, OSError or ValueError, as `bundled_file` does.
    """
    path = folder / CHECKSUMS
    sums = {}
    content = _read(path, folder).decode(errors="replace")
    for number, line in enumerate(content.splitlines(), start=1):
        match = _CHECKSUM_LINE.fullmatch(line)
        if match is None:
            raise ValueError(
                f"bundled_file: line {number} of {path} is {line[:100]!r}, it needs 64 hexadecimal "
                f"digits, two spaces and a file name. {_remedy(folder, CHECKSUMS)}"
            )
        sums[match["name"]] = match["sha256"]
    return sums


@functools.cache
def _verified(folder, name):
    sums = checksums(folder)
    if name not in sums:
        raise ValueError(f"bundled_file: name is {name!r}, {CHECKSUMS} lists {sorted(sums)}")
    path = folder / name
    content = _read(path, folder)
    found = hashlib.sha256(content).hexdigest()
    if found != sums[name]:
        raise ValueError(
            f"bundled_file: {path} was cut off or altered: its {len(content):,} bytes have "
            f"SHA-256 {found}, {CHECKSUMS} expects {sums[name]}. {_remedy(folder, name)}"
        )
    return path


def _read(path, folder):
    try:
        return path.read_bytes()
    except OSError as error:
        kind = FileNotFoundError if isinstance(error, FileNotFoundError) else OSError
        problem = "is missing" if kind is FileNotFoundError else f"cannot be read ({error})"
        remedy = _remedy(folder, path.relative_to(folder))
        raise kind(f"bundled_file: {path} {problem}. {remedy}") from error


def _remedy(folder, name):
    """What the reader can do about a bad file."""
    if folder == CHECKOUT / "data" and (CHECKOUT / ".git").exists():
        return f"In {CHECKOUT} run: git checkout -- data/{name}"
    return (
        f"Copy {name} from data/ of a checkout of the course into {folder}, "
        "or set CNNLIB_DATA to that data/ folder."
    )
