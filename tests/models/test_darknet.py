"""Darknet's plans and weights: what PyTorch computes from the same numbers, and broken files."""

import os
import struct
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from cnnlib import pretrained
from cnnlib.datasets import remote
from cnnlib.datasets.bundled import bundled_file
from cnnlib.detection.yolo import Yolo
from cnnlib.models.darknet import anchors, darknet
from cnnlib.pretrained import networks

# Every kind of layer, two grids, two anchors for each, two classes. Layer numbers in the comments.
PLAN = """\
[net]
height=64
width = 96
channels=3
momentum=0.9

# 0
[convolutional]
filters=8
size=3
stride=2
pad=1
batch_normalize=1
activation=leaky

; 1: depthwise
[convolutional]
groups=8
filters=8
size=5
stride=1
pad=1
batch_normalize=1
activation=linear

# 2: two groups, biases
[convolutional]
groups=2
filters=8
size=3
stride=1
pad=1
activation=relu

# 3
[shortcut]
from=-3
activation=linear

# 4
[maxpool]
size=2
stride=2

# 5
[maxpool]
size=3
stride=1

# 6
[route]
layers=-1, -2

# 7
[dropout]
probability=.2

# 8: 2 anchors of 5 + 2 numbers
[convolutional]
filters=14
size=1
stride=1
pad=1
activation=linear

# 9
[yolo]
mask=2,3
anchors=1,2, 3,4, 5,6, 7.5,8
num=4
classes=2
scale_x_y=1.0
jitter=.2

# 10
[route]
layers=6

# 11
[upsample]
stride=2

# 12
[route]
layers=-1,0

# 13
[convolutional]
filters=14
size=1
stride=1
pad=0
activation=logistic

# 14
[yolo]
mask=0,1
anchors=1,2, 3,4, 5,6, 7.5,8
num=4
classes=2
"""
# Of each convolution: filters, channels of a group, size, and whether it is normalized.
CONVOLUTIONS = {
    0: (8, 3, 3, True),
    1: (8, 1, 5, True),
    2: (8, 4, 3, False),
    8: (14, 16, 1, False),
    13: (14, 24, 1, False),
}


def drawn(seed=0):
    """Numbers for the plan: of each convolution what its file has, in the file's order."""
    rng = np.random.default_rng(seed)
    parts = {}
    for number, (filters, channels, size, normalized) in CONVOLUTIONS.items():
        parts[number] = [rng.normal(size=filters)]
        if normalized:
            gamma, mean, variance = rng.normal(size=(3, filters))
            parts[number] += [gamma, mean, np.abs(variance)]
        parts[number].append(rng.normal(size=(filters, channels, size, size)) / size)
    return {number: [a.astype("<f4") for a in arrays] for number, arrays in parts.items()}


HEADER = struct.pack("<3iQ", 0, 2, 5, 32_013_312)
OLD_HEADER = struct.pack("<4i", 0, 1, 0, 32_013_312)


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "small.cfg").write_text(PLAN)
    return tmp_path / "small.cfg"


def weights_file(folder, header=HEADER, more=b""):
    arrays = [a.tobytes() for arrays in drawn().values() for a in arrays]
    (folder / "small.weights").write_bytes(header + b"".join(arrays) + more)
    return folder / "small.weights"


def run(model, x):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(x))


def torchs_answer(x):
    """The channels before the two yolo layers, from the drawn numbers, channels first."""
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    numbers = {i: [torch.from_numpy(a) for a in arrays] for i, arrays in drawn().items()}

    def convolved(x, number, **options):
        bias, *normalization, kernel = numbers[number]
        x = f.conv2d(x, kernel, padding=kernel.shape[-1] // 2, **options)
        if not normalization:
            return x + bias[:, None, None]
        gamma, mean, variance = normalization
        return f.batch_norm(x, mean, variance, gamma, bias, eps=1e-5)

    x = torch.from_numpy(x).permute(0, 3, 1, 2)
    first = f.leaky_relu(convolved(x, 0, stride=2), 0.1)
    x = f.relu(convolved(convolved(first, 1, groups=8), 2, groups=2)) + first
    pooled = f.max_pool2d(x, 2)
    x = torch.cat([f.max_pool2d(pooled, 3, stride=1, padding=1), pooled], 1)
    coarse = convolved(x, 8)
    fine = torch.cat([f.interpolate(x, scale_factor=2, mode="nearest"), first], 1)
    return coarse.numpy(), torch.sigmoid(convolved(fine, 13)).numpy()


@pytest.mark.parametrize("header", [HEADER, OLD_HEADER], ids=["header", "old header"])
def test_pytorch_computes_the_same_from_the_same_numbers(plan, header):
    model = darknet(plan, weights_file(plan.parent, header))
    x = np.random.default_rng(1).random((2, 64, 96, 3), dtype="float32")
    for volume, channels in zip(run(model, x), torchs_answer(x), strict=True):
        m, _, height, width = channels.shape
        theirs = channels.reshape(m, 2, 7, height, width).transpose(0, 3, 4, 1, 2)
        assert volume.shape == theirs.shape
        np.testing.assert_allclose(volume, theirs[..., [4, 0, 1, 3, 2, 5, 6]], atol=1e-4)


def test_anchors_follow_the_masks(plan):
    assert [a.tolist() for a in anchors(plan)] == [[[5, 6], [7.5, 8]], [[1, 2], [3, 4]]]


def test_the_input_is_the_plans_or_another(plan):
    assert darknet(plan).input_shape == (None, 64, 96, 3)
    assert darknet(plan, input_shape=(32, 160, 3)).output_shape[0] == (None, 8, 40, 2, 7)
    assert darknet(plan, input_shape=(None, None, 3)).input_shape == (None, None, None, 3)


@pytest.mark.parametrize("shape", [(100, 96, 3), (96, 100, 3), (96, 96, 1), (96, 96)])
def test_another_input_is_refused(plan, shape):
    with pytest.raises(ValueError, match=r"darknet: input_shape is .* multiples of 32"):
        darknet(plan, input_shape=shape)


@pytest.mark.parametrize(
    "cut, problem", [(1, "1 are missing"), (4, "4 are missing"), (2_000, "2,000 are missing")]
)
def test_missing_bytes_are_counted(plan, cut, problem):
    path = weights_file(plan.parent)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ValueError, match=rf"small\.weights has [\d,]+ bytes: {problem}"):
        darknet(plan, path)


@pytest.mark.parametrize("more", [1, 4, 1_000])
def test_bytes_left_over_are_counted(plan, more):
    path = weights_file(plan.parent, more=bytes(more))
    with pytest.raises(ValueError, match=rf"bytes: {more:,} are left over"):
        darknet(plan, path)


@pytest.mark.parametrize("size", [0, 3, 12])
def test_a_file_that_ends_in_its_header_is_refused(plan, size):
    path = weights_file(plan.parent)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=rf"has {size} bytes: [\d,]+ are missing"):
        darknet(plan, path)


def line_of(text):
    return PLAN[: PLAN.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ("[dropout]", "[crnn]", r"layer \[crnn\] is not known"),
        ("[shortcut]", "[net]", r"layer \[net\] is not known"),
        ("jitter=.2", "focal_loss=1", r"option focal_loss of \[yolo\] is not known"),
        ("stride=2\npad=1", "dilation=2\nstride=2\npad=1", r"option dilation of \[conv"),
        ("scale_x_y=1.0", "scale_x_y=1.05", r"scale_x_y=1\.05 of \[yolo\] is not known"),
        ("activation=relu", "activation=mish", r"activation=mish of \[conv.* is not known"),
        ("activation=leaky", "activation leaky", r"is 'activationleaky', it needs option=value"),
        ("groups=2", "groups=3", r"groups=3 of \[convolutional\] is not known"),
        ("filters=8\nsize=3\nstride=2", "filters=0\nsize=3\nstride=2", "filters=0 of"),
        ("size=5", "size=five", r"size=five of \[convolutional\] is not known"),
        ("size=2\nstride=2", "size=3\nstride=2", r"size=3 of \[maxpool\] is not known"),
        ("from=-3", "from=-4", r"from=-4 of \[shortcut\] is not known"),
        ("layers=6", "layers=10", r"layers=10 of \[route\] is not known"),
        ("layers=6", "layers=-11", r"layers=-11 of \[route\] is not known"),
        ("mask=2,3", "mask=2,4", r"mask=2,4 of \[yolo\] is not known"),
        ("anchors=1,2, 3,4, 5,6, 7.5,8", "anchors=1,2,3", r"anchors=1,2,3 of \[yolo\] is not"),
        ("[yolo]\nmask=2,3", "[yolo]\nmask=2", r"\[yolo\] has 1 anchors and 2 classes, it needs 7"),
        ("[upsample]\nstride=2", "[upsample]", r"\[upsample\] has no stride"),
    ],
)
def test_what_is_not_known_is_named_with_its_line(plan, old, new, problem):
    plan.write_text(PLAN.replace(old, new, 1))
    with pytest.raises(
        ValueError, match=rf"darknet: line (\d+) of .*small\.cfg:? .*{problem}"
    ) as e:
        darknet(plan)
    line = int(str(e.value).split("line ")[1].split(" ")[0])
    assert 0 <= line - line_of(old) <= new.count("\n")


@pytest.mark.parametrize("text", ["", "height=64\n", PLAN[: PLAN.index("# 9")], "[yolo]\n"])
def test_a_file_that_is_no_plan_is_refused(plan, text):
    plan.write_text(text)
    with pytest.raises(ValueError, match=r"darknet: .*small\.cfg"):
        darknet(plan)


def test_a_shortcut_between_maps_of_two_shapes_is_refused(plan):
    plan.write_text(PLAN.replace("[dropout]\nprobability=.2", "[shortcut]\nfrom=0"))
    with pytest.raises(ValueError, match=r"from=0 of \[shortcut\] is not known"):
        darknet(plan)


def test_a_saved_network_gives_the_same(plan):
    model = darknet(plan, weights_file(plan.parent))
    model.save(plan.parent / "model.keras")
    again = keras.models.load_model(plan.parent / "model.keras")
    x = np.random.default_rng(0).random((1, 64, 96, 3), dtype="float32")
    for mine, other in zip(run(model, x), run(again, x), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


PARAMETERS = 923_486


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with weights for Yolo-Fastest-xl: of the right length, all 0.01."""
    folder = tmp_path_factory.mktemp("weights")
    content = HEADER + np.full(PARAMETERS, 0.01, "<f4").tobytes()
    (folder / "yolo-fastest-1.1-xl.weights").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def hundredths(folder):
    return pretrained.load("yolo_fastest_xl", weights=folder)


def test_yolo_fastest_has_the_length_of_its_file_and_two_grids_for_any_size(hundredths):
    assert hundredths.name == "yolo_fastest_xl"
    assert 20 + 4 * hundredths.count_params() == 3_693_964  # bytes of the published file
    for height, width in [(320, 320), (64, 96)]:
        volumes = run(hundredths, np.zeros((1, height, width, 3), np.float32))
        grids = [(1, height // cell, width // cell, 3, 85) for cell in (32, 16)]
        assert [volume.shape for volume in volumes] == grids


@pytest.mark.slow
def test_yolo_fastest_for_photographs_of_streets():
    model = darknet(bundled_file("pretrained/yolo_fastest_xl.cfg"), input_shape=(576, 1024, 3))
    assert model.output_shape == [(None, 18, 32, 3, 85), (None, 36, 64, 3, 85)]


@pytest.mark.parametrize("weights", ["bundled", "official"])
def test_yolo_fastest_is_fetched_where_no_folder_is_named(weights, monkeypatch):
    """The builder is left out: what it is given is looked at."""
    monkeypatch.setattr(remote, "fetch", lambda name: f"cache/{name}")
    monkeypatch.setattr(networks.darknet, "darknet", lambda *given, **options: (*given, options))
    plan, file, options = pretrained.load("yolo_fastest_xl", weights=weights)
    assert (plan.name, file) == ("yolo_fastest_xl.cfg", "cache/yolo_fastest_xl")
    assert options == {"input_shape": (None, None, 3), "name": "yolo_fastest_xl"}


def test_without_a_network_one_sentence_says_what_to_do(monkeypatch):
    def fail(name):
        raise ConnectionError("no network")

    monkeypatch.setattr(remote, "fetch", fail)
    message = (
        r"^load: yolo-fastest-1\.1-xl\.weights of yolo_fastest_xl does not ship: with a network "
        "the same call downloads it, without one weights needs to be a folder that has it$"
    )
    with pytest.raises(ConnectionError, match=message):
        pretrained.load("yolo_fastest_xl")


def test_a_folder_without_the_weights_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"yolo-fastest-1\.1-xl\.weights is missing"):
        pretrained.load("yolo_fastest_xl", weights=tmp_path)


def test_anchors_and_classes_of_yolo_fastest():
    coarse, fine = pretrained.anchors("yolo_fastest_xl")
    assert coarse.tolist() == [[115, 73], [119, 199], [242, 238]]
    assert fine.tolist() == [[12, 18], [37, 49], [52, 132]]
    names = pretrained.class_names("yolo_fastest_xl")
    assert len(names) == len(set(names)) == 80
    assert (names[0], names[16], names[79]) == ("person", "dog", "toothbrush")
    for function in (pretrained.anchors, pretrained.class_names):
        with pytest.raises(ValueError, match="name is 'vgg', it needs"):
            function("vgg")


@pytest.fixture(scope="module")
def real_data():
    path = os.environ.get("CNNLIB_REAL_DATA")
    if not path:
        pytest.skip("CNNLIB_REAL_DATA is not set: no weights and no photograph of a dog")
    return Path(path)


def test_a_dog_a_car_and_a_bicycle(real_data):
    network = pretrained.load("yolo_fastest_xl", weights=real_data / "detector_yolo_fastest")
    detector = Yolo(
        network,
        anchors=pretrained.anchors("yolo_fastest_xl"),
        classes=80,
        class_activation="sigmoid",
    )
    pixels = np.asarray(Image.open(real_data / "photos_darknet" / "dog.jpg").convert("RGB"))
    fitted = pretrained.stretched(pixels / 255, 320)
    (found,) = detector.detect(fitted.image[np.newaxis], score_threshold=0.5)
    names = pretrained.class_names("yolo_fastest_xl")
    assert [names[label] for label in found["labels"]] == ["dog", "car", "bicycle"]
    np.testing.assert_allclose(found["scores"], (0.89, 0.87, 0.86), atol=0.005)
    boxes = fitted.to_photograph(found["boxes"])  # measured here, and looked at
    expected = [(116, 188, 384, 536), (445, 80, 687, 161), (115, 125, 569, 494)]
    np.testing.assert_allclose(boxes, expected, atol=1)
