"""Galleries in files: HDF5, names as JSON, encodings as numbers, one checksum, no pickled code."""

import contextlib
import hashlib
import json
import os
import uuid
from pathlib import Path

import h5py
import numpy as np

_FORMAT = "cnnlib gallery 1"
_KINDS = {"description": (np.uint8, 1), "counts": (np.int64, 1), "encodings": (np.float32, 2)}


def write(path, threshold, counts, encodings):
    """Write a gallery beside `path`, then put the whole file in its place.

    Parameters
    ----------
    path : str or path
    threshold : float
    counts : dict
        Name to its number of encodings.
    encodings : (n, d) float32 array
        Name after name.

    Raises
    ------
    OSError
        Where the file cannot be written; what was there is unchanged.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    described = {"format": _FORMAT, "threshold": threshold, "names": list(counts)}
    arrays = {
        "description": np.frombuffer(json.dumps(described).encode(), np.uint8),
        "counts": np.array(list(counts.values()), np.int64),
        "encodings": encodings,
    }
    try:
        with h5py.File(part, "w") as file:
            for name, values in arrays.items():
                file.create_dataset(name, data=values)
            file.attrs["sha256"] = _checksum(arrays)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())  # on the disk before it takes the old one's place
        os.replace(part, path)
    except OSError as error:
        raise type(error)(
            f"save: {path} could not be written, what was there is unchanged: {error}"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # after os.replace there is none
            part.unlink()


def read(path):
    """(threshold, counts, encodings) as `write` took them.

    The file may come from anyone: it is read as numbers and text alone, no link to another file is
    followed, and an array takes no more memory than it has in the file.

    Raises
    ------
    FileNotFoundError, PermissionError, IsADirectoryError
        Where there is no file to read.
    ValueError
        Where it is damaged or something else.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"load: there is no file {path}")
    try:
        with h5py.File(path) as file:
            arrays = {name: _array(file, name, *kind) for name, kind in _KINDS.items()}
            if file.attrs["sha256"] != _checksum(arrays):
                raise ValueError("its numbers are not those that were saved")
        return _gallery(**arrays)
    except (PermissionError, IsADirectoryError) as error:
        raise type(error)(f"load: {path} cannot be read: {error}") from error
    except Exception as error:  # what h5py and JSON raise depends on the place of the damage
        raise ValueError(
            f"load: {path} is damaged or was not written by Gallery.save: {error}"
        ) from error


def require_name(function, name):
    """A name is a line of text that every file can hold."""
    if not isinstance(name, str):
        raise TypeError(f"{function}: name is {name!r}, it needs a string")
    if not name.strip() or not name.isprintable():  # half a surrogate pair is not printable either
        raise ValueError(f"{function}: name is {name!r}, it needs printable characters")


def _checksum(arrays):
    """SHA-256 of all that is kept: HDF5's own checksums do not cover where the numbers stand."""
    digest = hashlib.sha256()
    for values in arrays.values():
        digest.update(str(values.shape).encode())
        digest.update(np.ascontiguousarray(values))
    return digest.hexdigest()


def _array(file, name, kind, dims):
    """A data set of the file itself, uncompressed and complete."""
    link = file.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink) or not isinstance(file[name], h5py.Dataset):
        raise ValueError(f"it has no data of its own under {name!r}")
    data = file[name]
    if data.dtype != kind or data.ndim != dims or data.is_virtual or data.external:
        raise ValueError(f"{name} is {data.dtype} {data.shape}, not {dims}-dimensional {kind}")
    if data.nbytes > min(data.id.get_storage_size(), os.path.getsize(file.filename)):
        raise ValueError(f"{name} is not complete")
    return data[()]


def _gallery(description, counts, encodings):
    """The parts of a file, which have to fit together."""
    described = json.loads(description.tobytes())
    if not isinstance(described, dict) or described.get("format") != _FORMAT:
        raise ValueError("it has another format")
    names, threshold = described["names"], described["threshold"]
    if not isinstance(names, list) or not len(set(names)) == len(names) == len(counts):
        raise ValueError(f"its {len(counts)} counts do not belong to as many names")
    for name in names:
        require_name("load", name)
    if (counts < 1).any() or counts.sum() != len(encodings):
        raise ValueError(f"its counts do not add up to its {len(encodings)} encodings")
    if type(threshold) is not float or not 0 <= threshold < np.inf:
        raise ValueError(f"its threshold is {threshold!r}")
    if not np.isfinite(encodings).all():
        raise ValueError("its encodings are not finite")
    return threshold, dict(zip(names, counts.tolist(), strict=True)), encodings
