"""EfficientNet-Lite0 as it ships, the names of its classes, and the networks that Keras publishes.

The expected numbers were measured with the float32 weights and Pillow's bicubic resizing.
"""

import urllib.error

import h5py
import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from cnnlib import pretrained
from cnnlib.datasets import photo
from cnnlib.datasets.bundled import bundled_file
from cnnlib.pretrained import official

TOP_FIVE = {
    "chelsea": {
        "tiger cat": 0.385,
        "Egyptian cat": 0.363,
        "tabby": 0.167,
        "lynx": 0.017,
        "window screen": 0.001,
    },
    "coffee": {
        "espresso": 0.951,
        "cup": 0.015,
        "consomme": 0.008,
        "chocolate sauce": 0.004,
        "coffee mug": 0.003,
    },
    "rocket": {
        "missile": 0.302,
        "projectile": 0.211,
        "drilling platform": 0.092,
        "space shuttle": 0.056,
        "mosque": 0.016,
    },
    "camera": {
        "tripod": 0.937,
        "harmonica": 0.010,
        "binoculars": 0.009,
        "microphone": 0.007,
        "reflex camera": 0.004,
    },
    "china": {
        "palace": 0.349,
        "bell cote": 0.138,
        "monastery": 0.073,
        "castle": 0.048,
        "lakeside": 0.046,
    },
}


@pytest.fixture(scope="module")
def lite0():
    return pretrained.load("efficientnet_lite0")


@pytest.fixture(scope="module")
def pattern():
    """What the stem sees in the reference: a sine along the rows, the columns and the channels."""
    i = np.arange(224)
    waves = np.sin(0.05 * i[:, None, None] + 0.07 * i[:, None] + np.arange(3))
    return waves[np.newaxis].astype(np.float32)


@pytest.fixture(scope="module")
def logits_of_pattern(lite0, pattern):
    """From pictures that the preprocessing inside turns into the pattern."""
    outputs = [lite0.get_layer(name).output for name in ("pool", "logits")]
    results = keras.Model(lite0.input, outputs)((128 * pattern + 127) / 255)
    return [keras.ops.convert_to_numpy(result)[0] for result in results]


def test_logits_of_a_sine_pattern(logits_of_pattern):
    """Kernels in float16 may move a logit by 0.03."""
    _, logits = logits_of_pattern
    assert logits.argmax() == 418
    assert logits.max() == pytest.approx(8.0608, abs=0.03)
    assert logits.mean() == pytest.approx(-0.07979, abs=0.001)
    assert logits.std() == pytest.approx(1.62727, rel=1e-3)
    np.testing.assert_allclose(logits[:4], (-0.5016, 1.5044, -1.3210, -1.2493), atol=0.03)


def test_features_of_a_sine_pattern(logits_of_pattern):
    pool, _ = logits_of_pattern
    assert np.linalg.norm(pool) == pytest.approx(21.145, rel=2e-3)
    assert pool.mean() == pytest.approx(0.15800, rel=2e-3)


def test_pytorch_computes_the_same_from_the_file(pattern, logits_of_pattern):
    torch = pytest.importorskip("torch")

    def padded(x, kernel, stride):
        """TensorFlow's "same": where the zeros are odd in number, one more at the far side."""
        zeros = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[:1:-1]]
        return torch.nn.functional.pad(x, [part for n in zeros for part in (n // 2, n - n // 2)])

    def convolve(x, layer, norm, *, stride=1, relu6=True):
        kernel = torch.from_numpy(file[layer]["kernel"][:].astype(np.float32))
        depthwise = layer.endswith("depthwise")
        kernel = kernel.permute((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        x = padded(x, kernel.shape[-1], stride)
        x = torch.conv2d(x, kernel, stride=stride, groups=x.shape[1] if depthwise else 1)
        statistics = ("moving_mean", "moving_variance", "gamma", "beta")
        values = [torch.from_numpy(file[norm][name][:]) for name in statistics]
        x = torch.nn.functional.batch_norm(x, *values, eps=1e-3)
        return torch.nn.functional.relu6(x) if relu6 else x

    with h5py.File(bundled_file("pretrained/efficientnet_lite0.h5")) as file, torch.no_grad():
        x = torch.from_numpy(pattern).permute(0, 3, 1, 2)
        x = convolve(x, "stem_conv", "stem_norm", stride=2)
        for number in range(16):
            name, start = f"block{number}", x
            stride = 2 if number in (1, 3, 5, 11) else 1
            if number > 0:
                x = convolve(x, f"{name}_expand_conv", f"{name}_expand_norm")
            x = convolve(x, f"{name}_depthwise", f"{name}_depthwise_norm", stride=stride)
            x = convolve(x, f"{name}_project_conv", f"{name}_project_norm", relu6=False)
            if x.shape == start.shape:
                x = x + start
        pool = convolve(x, "head_conv", "head_norm").mean((2, 3)).numpy()[0]
        logits = pool @ file["logits"]["kernel"][:].astype(np.float32) + file["logits"]["bias"][:]
    for mine, other in zip(logits_of_pattern, (pool, logits), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


def test_top_five_of_photographs(lite0):
    crops = np.stack([pretrained.center_crop(photo(name).image) for name in TOP_FIVE])
    predictions = lite0(crops)
    for answers, expected in zip(pretrained.decode(predictions), TOP_FIVE.values(), strict=True):
        assert dict(answers) == pytest.approx(expected, abs=0.03)
        assert answers[0][0] == next(iter(expected))


def test_squashing_the_whole_photograph_changes_the_answer(lite0):
    """Resized to 224×224 without a crop, Chelsea becomes another cat, as the reference has it."""
    whole = keras.ops.image.resize(photo("chelsea").image[None], (224, 224), antialias=True)
    ((name, probability),) = pretrained.decode(lite0(whole), top=1)[0]
    assert name == "Egyptian cat"
    assert probability == pytest.approx(0.771, abs=0.1)  # bilinear here, bicubic there


def test_decode_sorts_and_keeps_the_order_of_equals():
    predictions = np.zeros((2, 1000))
    predictions[0, [0, 999, 500]] = 0.2, 0.5, 0.3
    first, second = pretrained.decode(predictions, top=3)
    assert first == [("toilet tissue", 0.5), ("cliff dwelling", 0.3), ("tench", 0.2)]
    assert second == [("tench", 0.0), ("goldfish", 0.0), ("great white shark", 0.0)]
    assert len(pretrained.decode(predictions)[0]) == 5
    assert len({name for name, _ in pretrained.decode(predictions, top=1000)[0]}) == 1000


@pytest.mark.parametrize(
    "predictions, top, error, message",
    [
        (
            np.zeros((2, 10)),
            5,
            ValueError,
            r"predictions has shape \(2, 10\), it needs \(m, 1000\)",
        ),
        (np.zeros(1000), 5, ValueError, r"predictions has shape \(1000,\), it needs \(m, 1000\)"),
        (np.full((1, 1000), np.nan), 5, ValueError, "predictions holds nan, it needs 0 to 1"),
        (np.full((1, 1000), -0.5), 5, ValueError, r"predictions holds -0\.5, it needs 0 to 1"),
        (np.full((1, 1000), 8.0), 5, ValueError, r"predictions holds 8\.0, it needs 0 to 1"),
        (np.zeros((1, 1000)), 0, ValueError, "top is 0, it needs 1 to 1000"),
        (np.zeros((1, 1000)), 1001, ValueError, "top is 1001, it needs 1 to 1000"),
        (np.zeros((1, 1000)), 2.5, TypeError, r"top is 2\.5, it needs a whole number"),
        (np.zeros((1, 1000)), True, TypeError, "top is True, it needs a whole number"),
    ],
)
def test_decode_refuses(predictions, top, error, message):
    with pytest.raises(error, match=f"decode: {message}"):
        pretrained.decode(predictions, top)


MODULES = {
    "inception_resnet_v2": keras.applications.inception_resnet_v2,
    "mobilenet_v2": keras.applications.mobilenet_v2,
    "resnet50": keras.applications.resnet,
    "resnet101": keras.applications.resnet,
    "resnet152": keras.applications.resnet,
    "vgg16": keras.applications.vgg16,
    "vgg19": keras.applications.vgg19,
}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_official_networks_get_pictures_as_they_were_trained_on(name, monkeypatch):
    """The network is left out: what comes in front of it is compared with Keras's own function."""

    def nothing(*, input_tensor):
        return keras.Model(keras.utils.get_source_inputs(input_tensor), input_tensor)

    (network,) = (
        attribute for attribute in vars(MODULES[name]) if attribute.lower() == name.replace("_", "")
    )
    monkeypatch.setattr(keras.applications, network, nothing)
    model = pretrained.load(name, weights="official")
    x = np.random.default_rng(0).random((1, *model.input_shape[1:]), dtype="float32")
    expected = MODULES[name].preprocess_input(255 * x)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(x)), expected, atol=1e-4)


def test_official_weights_from_a_faked_download(tmp_path, monkeypatch):
    network = keras.applications.MobileNetV2(weights=None)
    network.save(tmp_path / "mobilenet.h5")
    fetched = []

    def fetch(file, origin, **options):
        fetched.append(file)
        return str(tmp_path / "mobilenet.h5")

    monkeypatch.setattr(file_utils, "get_file", fetch)
    model = pretrained.load("mobilenet_v2", weights="official")
    assert len(fetched) == 1 and fetched[0].startswith("mobilenet_v2")
    assert model.name == "mobilenet_v2"
    x = np.random.default_rng(0).random((1, 224, 224, 3), dtype="float32")
    expected = keras.ops.convert_to_numpy(network(2 * x - 1))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(x)), expected, rtol=1e-4, atol=1e-7)
    assert len(pretrained.decode(model(x), top=2)[0]) == 2


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_a_saved_official_network_gives_the_same(order, tmp_path, monkeypatch):
    def convolution(*, input_tensor):
        output = keras.layers.Conv2D(4, 5, strides=4)(input_tensor)
        return keras.Model(keras.utils.get_source_inputs(input_tensor), output)

    monkeypatch.setitem(official.NETWORKS, "vgg16", ("VGG16", 32, order))
    monkeypatch.setattr(keras.applications, "VGG16", convolution)
    model = pretrained.load("vgg16", weights="official")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).random((1, 32, 32, 3), dtype="float32")
    results = [keras.ops.convert_to_numpy(m(x)) for m in (model, again)]
    np.testing.assert_allclose(*results, rtol=1e-5)


def test_without_network_and_cache_the_error_says_what_to_do(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(file_utils, "urlretrieve", fail)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    message = (
        r"official weights of mobilenet_v2 are not in .*models and cannot be downloaded: .*"
        r"Name or service not known.* run once: python -c .*p\.load\('mobilenet_v2', "
        r"weights='official'\).*\['efficientnet_lite0', .*'vgg16_hed'\] ship"
    )
    with pytest.raises(ConnectionError, match=message) as caught:
        pretrained.load("mobilenet_v2", weights="official")
    assert str(tmp_path / "models") in str(caught.value)


def test_an_error_that_is_not_of_the_network_is_not_hidden(monkeypatch):
    def damaged(*arguments, **options):
        raise ValueError("Incomplete or corrupted file detected")

    monkeypatch.setattr(file_utils, "get_file", damaged)
    with pytest.raises(ValueError, match="Incomplete or corrupted file"):
        pretrained.load("mobilenet_v2", weights="official")


def test_networks_that_do_not_ship_need_official_weights(tmp_path):
    for weights in ("bundled", tmp_path):
        with pytest.raises(ValueError, match=r"vgg16 does not ship .* it needs 'official'"):
            pretrained.load("vgg16", weights=weights)


def test_what_is_available():
    assert pretrained.available() == [
        "efficientnet_lite0",
        "face_encoder",
        "face_landmarks_68",
        "street_yolo",
        "tiny_face_detector",
        "vgg16_hed",
    ]
    assert pretrained.available("official") == sorted([*MODULES, "yolo_fastest_xl"])
    with pytest.raises(ValueError, match="available: weights is 'folder', it needs 'bundled' or"):
        pretrained.available("folder")


def test_a_file_of_another_network_is_refused(tmp_path):
    other = bundled_file("pretrained/vgg16_hed.h5")
    (tmp_path / "efficientnet_lite0.h5").write_bytes(other.read_bytes())
    with pytest.raises(ValueError, match=r"another network: it lacks .*block0_.* has .*dsn1"):
        pretrained.load("efficientnet_lite0", weights=tmp_path)


def test_a_cut_off_file_is_refused(tmp_path):
    content = bundled_file("pretrained/efficientnet_lite0.h5").read_bytes()
    (tmp_path / "efficientnet_lite0.h5").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"efficientnet_lite0\.h5 is no whole HDF5 file"):
        pretrained.load("efficientnet_lite0", weights=tmp_path)
