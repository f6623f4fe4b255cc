"""Convert three networks of the npm package @vladmandic/face-api for data/pretrained/.

    python tools/convert_face_api.py SOURCE [--folder data/pretrained]

SOURCE is the file vladmandic-face-api-1.7.15.tgz that `npm pack @vladmandic/face-api@1.7.15`
writes. h5py and NumPy suffice, no framework is needed.

1. Checks the SHA-256 of each network's weights and of the list that names them, by the sums below.
2. Cuts the weights, which follow one another without gaps, at the shapes of the list.
3. Detector and landmarks: keeps each array's bytes, its scale and its minimum as they are: a
   number is byte · scale + minimum. For each variable there are the data sets <variable> (uint8),
   <variable>_scale, <variable>_minimum (float64).
4. Encoder: folds the scale and shift behind each convolution into its kernel and bias. Stores
   kernels as int8, with a scale for each output channel, max |kernel| / 127; those of the first
   seven layers and all biases as float32; the last, dense kernel with its bytes as they are.
5. Writes one group a layer, named as in `cnnlib.models.faces`, in the form of `weights_file`. The
   order of axes is Keras's already.
"""

import json

import numpy as np
from weights_file import main, quantized, read_member

# Ours, theirs, and the SHA-256 of their weights and of their list; the form of the result below.
NETWORKS = (
    (
        "tiny_face_detector",
        "tiny_face_detector_model",
        "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871",
        "5d1af4849ac48d5b985f4a9b16010c512353ddd6fcc63d50fd0bc9e9e64296e5",
    ),
    (
        "face_landmarks_68",
        "face_landmark_68_model",
        "4611ef65c87d836d03d684b30eec4d195d8b219fa1dd58fc58945831c6b9299b",
        "ca4886639f86e99b39fed0c155f81b63317225773bd9616716e887b0153389c9",
    ),
    (
        "face_encoder",
        "face_recognition_model",
        "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589",
        "cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b",
    ),
)
VARIABLES = {
    "filters": "kernel",
    "weights": "kernel",
    "depthwise_filter": "depthwise_kernel",
    "pointwise_filter": "pointwise_kernel",
    "bias": "bias",
}


def convert(source):
    """The three files, layer by layer."""
    for ours, theirs, *sums in NETWORKS:
        members = f"package/model/{theirs}.bin", f"package/model/{theirs}-weights_manifest.json"
        content, listed = map(read_member, [source, source], members, sums)
        (group,) = json.loads(listed)
        weights = dict(published(content, group["weights"]))
        yield f"{ours}.h5", (folded if ours == "face_encoder" else as_published)(weights).items()


def published(content, listed):
    """The name of each array, the array and its quantization: scale and minimum, none of floats."""
    start = 0
    for weight in listed:
        quantization = weight.get("quantization")
        dtype = np.dtype(np.uint8 if quantization else "<f4")
        size = int(np.prod(weight["shape"]))
        array = np.frombuffer(content, dtype, size, start).reshape(weight["shape"])
        start += array.nbytes
        yield weight["name"], (array, quantization)
    if start != len(content):
        raise ValueError(f"the list names {start:,} bytes, the file has {len(content):,}")


def as_published(weights):
    """Our layer names, each with the names and arrays of its variables, bytes as they are."""
    found = {}
    for name, weight in weights.items():
        path, _, last = name.rpartition("/")
        found.setdefault(path.replace("/", "_"), []).extend(in_bytes(VARIABLES[last], *weight))
    return found


def in_bytes(variable, array, quantization):
    yield variable, array
    yield f"{variable}_scale", np.float64(quantization["scale"])
    yield f"{variable}_minimum", np.float64(quantization["min"])


def folded(weights):
    """Our layer names, each with its variables; the scale behind a convolution is part of them."""
    found = {}
    for name in weights:
        path, is_kernel, _ = name.partition("/conv/filters")
        if is_kernel:
            kernel, bias = number(*weights[name]), number(*weights[f"{path}/conv/bias"])
            scale = number(*weights[f"{path}/scale/weights"])
            shift = number(*weights[f"{path}/scale/biases"])
            found[path.replace("/", "_")] = [
                *in_int8((kernel * scale).astype(np.float32)),
                ("bias", (bias * scale + shift).astype(np.float32)),
            ]
    return found | {"fc": in_bytes("kernel", *weights["fc"])}


def number(array, quantization):
    return array * quantization["scale"] + quantization["min"] if quantization else array


def in_int8(kernel):
    """int8, but for layers of 32 filters: they have few numbers and act on all that follow."""
    if kernel.shape[-1] > 32:
        kernel, scale = quantized(kernel)
        yield "kernel_scale", scale
    yield "kernel", kernel


if __name__ == "__main__":
    main(__doc__, convert)
