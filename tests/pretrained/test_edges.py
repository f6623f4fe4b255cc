"""The networks that ship reproduce the published numbers, on every backend, and refuse bad files.

The expected numbers were measured once with the float32 weights, from which the tests may differ
by what int8 was measured to change: see the tolerance of each.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from cnnlib import pretrained
from cnnlib.datasets import bundled, photo
from cnnlib.models.hed import ResizeLike

LAST_CONVOLUTIONS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3")
# Relative L2 errors that int8 causes in the features of a block, and in its Gram matrix: the worst
# of four photographs.
FEATURE_ERRORS = (0.0034, 0.0097, 0.0186, 0.0226, 0.0173)
GRAM_ERRORS = (0.0037, 0.0107, 0.0227, 0.0229, 0.0219)


@pytest.fixture(scope="module")
def hed():
    return pretrained.load("vgg16_hed")


def run(model, x):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, model(x[np.newaxis]))


def features(model, start):
    """The model from a layer on, giving the last ReLU of each block."""
    outputs = [model.get_layer(name).output for name in LAST_CONVOLUTIONS]
    return keras.Model(model.get_layer(start).output, outputs)


def test_norms_of_the_features_of_a_sine_pattern(hed):
    i = np.arange(224, dtype=np.float32)
    pattern = np.sin(0.05 * i[:, None, None] + 0.07 * i[:, None] + np.arange(3))
    maps = run(features(hed, "preprocessed"), (100 * pattern).astype(np.float32))
    expected = (193470, 32063, 11588, 2619.5, 3504.4)
    for a, norm, error in zip(maps, expected, FEATURE_ERRORS, strict=True):
        assert np.linalg.norm(a) == pytest.approx(norm, rel=error)


def test_gram_traces_of_the_astronaut(hed):
    maps = run(features(hed, "image"), photo("astronaut", size=224).image)
    expected = (480338, 165466, 57861, 9661, 40334)
    for a, trace, error in zip(maps, expected, GRAM_ERRORS, strict=True):
        assert np.square(a).sum() / (a.shape[1] * a.shape[2]) == pytest.approx(trace, rel=error)


def test_edges_of_the_astronaut(hed):
    edges = run(hed, photo("astronaut", size=256).image)
    assert edges.shape == (1, 256, 256, 1)
    assert edges.mean() == pytest.approx(0.319, abs=0.003)
    assert (edges > 0.5).mean() == pytest.approx(0.331, abs=0.003)
    assert edges.max() == pytest.approx(0.986, abs=0.003)


def test_fusion_weights(hed):
    kernel, _ = hed.get_layer("fuse").get_weights()
    np.testing.assert_allclose(kernel.ravel(), (0.2016, 0.2043, 0.2062, 0.2058, 0.2060), atol=5e-5)


def test_the_convolutions_have_the_parameters_of_vgg16(hed):
    convolutions = [layer for layer in hed.layers if layer.name.startswith("block")]
    assert len(convolutions) == 13
    assert sum(layer.count_params() for layer in convolutions) == 14_714_688


def test_the_picture_is_preprocessed_inside(hed):
    """BGR of 0…255 minus VGG's mean color."""
    color = np.full((4, 4, 3), (1.0, 0.5, 0.0), np.float32)
    inside = run(keras.Model(hed.input, hed.get_layer("preprocessed").output), color)
    expected = np.array([0 - 104.00699, 127.5 - 116.66877, 255 - 122.67892])
    np.testing.assert_allclose(inside[0, 2, 2], expected, atol=1e-3)


@pytest.mark.slow
def test_any_height_and_width(hed):
    """One after the other in one process, where TensorFlow traces the model for unknown sizes."""
    for shape in ((37, 61), (64, 48), (1, 1)):
        edges = hed.predict(np.full((2, *shape, 3), 0.5, np.float32), verbose=0)
        assert edges.shape == (2, *shape, 1)
        assert ((edges > 0) & (edges < 1)).all()


@pytest.mark.parametrize("old, new", [((3, 4), (37, 61)), ((5, 5), (5, 5)), ((1, 2), (4, 9))])
def test_resizing_is_bilinear_as_keras_has_it(old, new):
    x = np.random.default_rng(0).normal(size=(2, *old, 3)).astype(np.float32)
    resized = ResizeLike()(x, np.zeros((2, *new, 1), np.float32))
    expected = keras.ops.image.resize(x, new, interpolation="bilinear")
    convert = keras.ops.convert_to_numpy
    np.testing.assert_allclose(convert(resized), convert(expected), atol=1e-5)


def test_side_outputs_are_as_large_as_the_picture_and_fuse_to_the_edges(hed):
    names = [f"side{block}" for block in range(1, 6)]
    model = keras.Model(hed.input, [hed.get_layer(name).output for name in names] + hed.outputs)
    *sides, edges = run(model, photo("camera", size=80).image)
    assert [side.shape for side in sides] == 5 * [(1, 80, 80, 1)]
    kernel, bias = hed.get_layer("fuse").get_weights()
    logits = np.concatenate(sides, axis=-1) @ kernel[0, 0] + bias
    np.testing.assert_allclose(edges, 1 / (1 + np.exp(-logits)), atol=1e-5)


@pytest.mark.slow
def test_a_saved_model_gives_the_same_edges_in_another_process(hed, tmp_path):
    image = photo("coins", size=50).image
    hed.save(tmp_path / "hed.keras")
    np.save(tmp_path / "image.npy", image)
    code = (
        "import sys, keras, numpy as np, cnnlib.pretrained\n"
        "model = keras.models.load_model(sys.argv[1] + '/hed.keras')\n"
        "image = np.load(sys.argv[1] + '/image.npy')\n"
        "edges = keras.ops.convert_to_numpy(model(image[None]))\n"
        "np.save(sys.argv[1] + '/edges.npy', edges)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    np.testing.assert_allclose(np.load(tmp_path / "edges.npy"), run(hed, image), atol=1e-5)


def test_it_loads_from_a_folder_too(hed, tmp_path):
    shutil.copy(bundled.bundled_file("pretrained/vgg16_hed.h5"), tmp_path)
    again = pretrained.load("vgg16_hed", weights=tmp_path)
    for mine, other in zip(hed.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_an_unknown_name_gets_the_list():
    message = (
        r"load: name is 'vgg', it needs one of \['efficientnet_lite0', .*'vgg16_hed'\], or with"
    )
    with pytest.raises(ValueError, match=message):
        pretrained.load("vgg")


def test_official_weights_that_nobody_publishes_are_refused():
    with pytest.raises(ValueError, match=r"'official'.*vgg16_hed.*needs 'bundled' or a folder"):
        pretrained.load("vgg16_hed", weights="official")


def test_weights_of_another_type_are_refused():
    message = "load: weights is None, it needs 'bundled', 'official' or a folder"
    with pytest.raises(TypeError, match=message):
        pretrained.load("vgg16_hed", weights=None)


def test_a_folder_without_the_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"vgg16_hed\.h5 is missing; weights needs"):
        pretrained.load("vgg16_hed", weights=tmp_path)


@pytest.fixture
def broken(tmp_path):
    """A copy of the shipped file, to be spoiled."""
    return Path(shutil.copy(bundled.bundled_file("pretrained/vgg16_hed.h5"), tmp_path))


@pytest.mark.parametrize("size", [0, 100, 5_000_000])
def test_a_cut_off_file_is_refused(broken, size):
    content = broken.read_bytes()
    broken.write_bytes(content[:size])
    with pytest.raises(ValueError, match=r"vgg16_hed\.h5 is no whole HDF5 file"):
        pretrained.load("vgg16_hed", weights=broken.parent)


def test_an_altered_byte_of_a_kernel_is_noticed(broken):
    with h5py.File(broken) as file:
        place = file["block4_conv2/kernel"].id.get_chunk_info(0).byte_offset + 1000
    content = bytearray(broken.read_bytes())
    content[place] ^= 255
    broken.write_bytes(content)
    with pytest.raises(ValueError, match=r"vgg16_hed\.h5 is no whole HDF5 file"):
        pretrained.load("vgg16_hed", weights=broken.parent)


def test_a_damaged_shipped_file_is_refused_before_it_is_opened(broken, monkeypatch):
    data = broken.parent / "data"
    (data / "pretrained").mkdir(parents=True)
    shutil.copy(bundled.CHECKOUT / "data" / "SHA256SUMS", data)
    (data / "pretrained" / broken.name).write_bytes(broken.read_bytes()[:-1])
    monkeypatch.setenv("CNNLIB_DATA", str(data))
    with pytest.raises(ValueError, match=r"vgg16_hed\.h5 was cut off or altered"):
        pretrained.load("vgg16_hed")


def test_a_file_with_other_layers_is_refused(broken):
    with h5py.File(broken, "a") as file:
        file.move("dsn3", "head3")
    with pytest.raises(ValueError, match=r"another network: it lacks .*dsn3.* has .*head3"):
        pretrained.load("vgg16_hed", weights=broken.parent)


def test_a_file_without_a_scale_is_refused(broken):
    with h5py.File(broken, "a") as file:
        del file["block2_conv1/kernel_scale"]
    with pytest.raises(ValueError, match=r"vgg16_hed\.h5 is no whole HDF5 file: .*kernel_scale"):
        pretrained.load("vgg16_hed", weights=broken.parent)


def test_a_kernel_of_another_shape_is_refused(broken):
    with h5py.File(broken, "a") as file:
        del file["fuse/kernel"]
        file["fuse/kernel"] = np.zeros((1, 1, 6, 1), np.float32)
    message = r"\(1, 1, 6, 1\) for kernel of layer fuse, it needs \(1, 1, 5, 1\)"
    with pytest.raises(ValueError, match=message):
        pretrained.load("vgg16_hed", weights=broken.parent)
