"""Make roi.npz: RoI pooling and RoI align as torchvision computes them.

    python tests/reference/make_roi.py

in an environment with torch 2.13.0 and torchvision 0.28.0 (any recent pair gives the same) draws a
map (2, 3, 9, 11) and 14 regions of each of its two pictures: large ones, ones smaller than a cell,
ones that stick out on each side, one wholly outside, one without area, one inside out.

The file holds `features` (2, 9, 11, 3) and `rois` (2, 14, 4), channels last and as cnnlib takes
them, and for each case of `CASES` the answer (2, 14, rows, columns, 3). Arrays are float32.
"""

from pathlib import Path

import numpy as np

RESULTS = Path(__file__).with_name("roi.npz")
SCALE = 1 / 8  # the map has 9 × 11 cells, the pictures 72 × 88 pixels
SIZES = {"5x5": (5, 5), "2x7": (2, 7), "1x1": (1, 1)}
SPECIAL = [
    [0, 0, 88, 72],
    [10, 20, 11, 21],
    [-30, 10, 20, 40],
    [60, 50, 120, 100],
    [-20, -20, 110, 90],
    [200, 200, 240, 230],
    [-90, -90, -40, -50],
    [33, 44, 33, 44],
    [4, 12, 20, 28],
]


def draw():
    random = np.random.default_rng(0)
    features = random.normal(size=(2, 9, 11, 3)).astype("float32")
    corners = np.sort(random.uniform(-10, 90, size=(2, 5, 2, 2)), axis=2)
    drawn = corners.reshape(2, 5, 4)
    rois = np.concatenate([np.array([SPECIAL, SPECIAL], float), drawn], axis=1)
    return features, rois.astype("float32")


def main():
    import torch
    from torchvision.ops import roi_align, roi_pool

    features, rois = draw()
    maps = torch.from_numpy(features).permute(0, 3, 1, 2)
    boxes = list(torch.from_numpy(rois))

    def channels_last(answer):
        return answer.permute(0, 2, 3, 1).reshape(2, rois.shape[1], *answer.shape[2:], 3).numpy()

    results = {"features": features, "rois": rois}
    for name, size in SIZES.items():
        results[f"pool_{name}"] = channels_last(roi_pool(maps, boxes, size, SCALE))
        for ratio in (1, 2, 3):
            for aligned in (False, True):
                answer = roi_align(maps, boxes, size, SCALE, ratio, aligned)
                results[f"align_{name}_{ratio}_{aligned}"] = channels_last(answer)
    np.savez_compressed(RESULTS, **results)


if __name__ == "__main__":
    main()
