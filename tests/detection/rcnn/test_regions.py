"""RoI pooling and RoI align: torchvision's numbers, gradients, and bad input."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from cnnlib.detection.rcnn import roi_align, roi_pool

REFERENCE = np.load(Path(__file__).parents[2] / "reference" / "roi.npz")
FEATURES, ROIS = REFERENCE["features"], REFERENCE["rois"]
SIZES = {"5x5": (5, 5), "2x7": (2, 7), "1x1": 1}
SCALE = 1 / 8


@pytest.mark.parametrize("size", SIZES)
def test_roi_pool_equals_torchvision(size):
    pooled = ops.convert_to_numpy(roi_pool(FEATURES, ROIS, SIZES[size], scale=SCALE))
    np.testing.assert_allclose(pooled, REFERENCE[f"pool_{size}"], atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ratio", [1, 2, 3])
@pytest.mark.parametrize("aligned", [False, True])
def test_roi_align_equals_torchvision(size, ratio, aligned):
    answer = roi_align(
        FEATURES, ROIS, SIZES[size], scale=SCALE, sampling_ratio=ratio, aligned=aligned
    )
    wanted = REFERENCE[f"align_{size}_{ratio}_{aligned}"]
    np.testing.assert_allclose(ops.convert_to_numpy(answer), wanted, atol=1e-5, rtol=0)


def test_the_parts_of_a_large_region_end_with_it():
    """57 cells in 7 parts: 57 / 7 · 7 is more than 57 in 32 bits."""
    row = np.arange(64, dtype="float32")[None, None, :, None]
    pooled = ops.convert_to_numpy(roi_pool(row, [[[0, 0, 56, 0]]], (1, 7)))
    assert pooled.ravel().tolist() == [-(-57 * part // 7) - 1 for part in range(1, 8)]


def test_both_equal_torchvision_where_it_is_installed():
    torch, vision = pytest.importorskip("torch"), pytest.importorskip("torchvision.ops")
    random = np.random.default_rng(1)
    features = random.normal(size=(1, 12, 8, 2)).astype("float32")
    rois = np.sort(random.uniform(0, 64, (1, 50, 2, 2)), axis=2).reshape(1, 50, 4)
    rois = rois.astype("float32")
    maps, boxes = torch.from_numpy(features.transpose(0, 3, 1, 2)), [torch.from_numpy(rois[0])]
    for ours, theirs in (
        (roi_pool(features, rois, 3, scale=SCALE), vision.roi_pool(maps, boxes, 3, SCALE)),
        (
            roi_align(features, rois, 3, scale=SCALE),
            vision.roi_align(maps, boxes, 3, SCALE, 2, True),
        ),
    ):
        theirs = theirs.permute(0, 2, 3, 1).numpy()
        np.testing.assert_allclose(ops.convert_to_numpy(ours)[0], theirs, atol=1e-5)


def slope(function, features, step=0.25):
    """The gradient by each feature, by differences: both functions are piecewise linear."""
    grad = np.zeros_like(features)
    for place in np.ndindex(features.shape):
        up, down = features.copy(), features.copy()
        up[place] += step
        down[place] -= step
        grad[place] = (float(function(up)) - float(function(down))) / (2 * step)
    return grad


class Reader(keras.Model):
    """A map as the only weight, so that one step of SGD shows the gradient on any backend."""

    def __init__(self, features, read):
        super().__init__()
        self.read = read
        self.map = self.add_weight(shape=features.shape, initializer="zeros")
        self.map.assign(features)

    def call(self, x):
        return self.map + 0 * ops.sum(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return self.read(y_pred)


@pytest.mark.parametrize("read", [roi_pool, roi_align])
def test_the_gradient_goes_to_the_features(read):
    random = np.random.default_rng(2)
    # Whole numbers, all different: no difference of a half changes which is the largest.
    features = random.permutation(4 * 5 * 2).reshape(1, 4, 5, 2).astype("float32")
    rois = np.array([[[0, 0, 20, 17], [9, 3, 33, 30], [30, 20, 31, 21]]], "float32")
    weights = ops.convert_to_tensor(random.normal(size=(1, 3, 2, 3, 2)).astype("float32"))

    def loss(x):
        return ops.sum(read(x, rois, (2, 3), scale=SCALE) * weights)

    model = Reader(features, loss)
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    model.fit(np.zeros((1, 1)), np.zeros((1, 1)), verbose=0)
    grad = features - ops.convert_to_numpy(model.map)
    assert np.abs(grad).max() > 0.1
    np.testing.assert_allclose(grad, slope(loss, features), atol=1e-3)


def test_a_region_of_whole_cells_keeps_their_values():
    maps = np.random.default_rng(3).normal(size=(1, 6, 6, 4)).astype("float32")
    cells = ops.convert_to_numpy(
        roi_align(maps, [[[8, 16, 32, 48]]], (4, 3), scale=1 / 8, sampling_ratio=1)
    )
    np.testing.assert_allclose(cells[0, 0], maps[0, 2:6, 1:4], atol=1e-6)


def test_no_regions_give_no_features():
    for read in (roi_pool, roi_align):
        assert read(FEATURES, np.zeros((2, 0, 4)), 5).shape == (2, 0, 5, 5, 3)


@pytest.mark.parametrize("read", [roi_pool, roi_align])
@pytest.mark.parametrize(
    "change, error, words",
    [
        ({"features": FEATURES[0]}, ValueError, r"features has shape \(9, 11, 3\)"),
        ({"rois": ROIS[0]}, ValueError, r"rois has shape \(14, 4\), it needs \(m, r, 4\)"),
        ({"rois": ROIS[..., :3]}, ValueError, r"rois has shape \(2, 14, 3\)"),
        ({"rois": ROIS[:1]}, ValueError, ".*features have m = 2"),
        ({"size": 0}, ValueError, "size holds 0"),
        ({"size": (2, 2.5)}, TypeError, "size holds 2.5"),
        ({"size": (1, 2, 3)}, ValueError, r"size is \(1, 2, 3\)"),
        ({"scale": 0}, ValueError, "scale is 0"),
        ({"scale": float("nan")}, ValueError, "scale is nan"),
        ({"scale": "1/8"}, TypeError, "scale is '1/8'"),
    ],
)
def test_bad_input_is_named(read, change, error, words):
    arguments = {"features": FEATURES, "rois": ROIS, "size": 2, "scale": SCALE} | change
    with pytest.raises(error, match=f"{read.__name__}: {words}"):
        read(arguments["features"], arguments["rois"], arguments["size"], scale=arguments["scale"])


@pytest.mark.parametrize("ratio, error", [(0, ValueError), (1.5, TypeError), (True, TypeError)])
def test_roi_align_refuses_other_sampling_ratios(ratio, error):
    with pytest.raises(error, match="roi_align: sampling_ratio holds"):
        roi_align(FEATURES, ROIS, 2, sampling_ratio=ratio)
