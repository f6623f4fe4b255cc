"""Convert two networks of the npm package @vladmandic/face-api for data/pretrained/.

    python tools/convert_face_api.py SOURCE [--folder data/pretrained]

SOURCE is the file vladmandic-face-api-1.7.15.tgz that `npm pack @vladmandic/face-api@1.7.15`
writes. h5py and NumPy suffice, no framework is needed.

1. Checks the SHA-256 of each network's weights and of the list that names them, by the sums below.
2. Cuts the weights, which follow one another without gaps, at the shapes of the list.
3. Keeps each array's bytes, its scale and its minimum as they are: a number is
   byte · scale + minimum. The order of axes is Keras's already.
4. Writes one group a layer, named as in `cnnlib.models.faces`, in the form of `weights_file`: for
   each variable the data sets <variable> (uint8), <variable>_scale, <variable>_minimum (float64).
"""

import json

import numpy as np
from weights_file import main, read_member

# Ours, theirs, and the SHA-256 of their weights and of their list.
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
)
VARIABLES = {
    "filters": "kernel",
    "weights": "kernel",
    "depthwise_filter": "depthwise_kernel",
    "pointwise_filter": "pointwise_kernel",
    "bias": "bias",
}


def convert(source):
    """The two files, layer by layer."""
    for ours, theirs, *sums in NETWORKS:
        members = f"package/model/{theirs}.bin", f"package/model/{theirs}-weights_manifest.json"
        content, listed = map(read_member, [source, source], members, sums)
        (group,) = json.loads(listed)
        yield f"{ours}.h5", layers(np.frombuffer(content, np.uint8), group["weights"]).items()


def layers(content, listed):
    """Our layer names, each with the names and arrays of its variables."""
    found, start = {}, 0
    for weight in listed:
        path, _, name = weight["name"].rpartition("/")
        size, quantization = int(np.prod(weight["shape"])), weight["quantization"]
        values = content[start : start + size].reshape(weight["shape"])
        start += size
        found.setdefault(path.replace("/", "_"), []).extend(
            [
                (VARIABLES[name], values),
                (f"{VARIABLES[name]}_scale", np.float64(quantization["scale"])),
                (f"{VARIABLES[name]}_minimum", np.float64(quantization["min"])),
            ]
        )
    if start != content.size:
        raise ValueError(f"the list names {start:,} weights, the file has {content.size:,}")
    return found


if __name__ == "__main__":
    main(__doc__, convert)
