"""Numbers in the files that ship: floats as they are, bytes times a scale plus a minimum."""

import h5py
import keras
import numpy as np
import pytest

from cnnlib.datasets.bundled import bundled_file
from cnnlib.pretrained.weights import assign

BYTES = np.arange(6, dtype=np.uint8).reshape(2, 3) * 50


def assigned(folder, **arrays):
    """The weights of a dense layer from a file with these data sets."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="dense")])
    with h5py.File(folder / "dense.h5", "w") as file:
        for name, array in {"bias": np.zeros(3, np.float16), **arrays}.items():
            file[f"dense/{name}"] = array
    assign(model, folder / "dense.h5")
    return model.get_layer("dense").get_weights()


def test_floats_come_as_they_are(tmp_path):
    kernel = np.array([[0.1, -2, 3], [1e-3, 0, 7]], np.float16)
    np.testing.assert_array_equal(assigned(tmp_path, kernel=kernel)[0], kernel.astype(np.float32))


def test_integers_have_a_scale_for_each_output_channel(tmp_path):
    scale = np.array([0.5, 0.25, 2], np.float32)
    values = (BYTES.astype(int) - 128).astype(np.int8)
    kernel, _ = assigned(tmp_path, kernel=values, kernel_scale=scale)
    np.testing.assert_array_equal(kernel, values * scale)


def test_bytes_have_one_scale_and_a_minimum_in_double_precision(tmp_path):
    scale, minimum = np.float64(0.009007044399485869), np.float64(-1.2069439495311063)
    kernel, _ = assigned(tmp_path, kernel=BYTES, kernel_scale=scale, kernel_minimum=minimum)
    np.testing.assert_array_equal(kernel, (BYTES * scale + minimum).astype(np.float32))


def test_integers_without_a_scale_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"dense\.h5 is no whole HDF5 file: .*kernel_scale"):
        assigned(tmp_path, kernel=BYTES, kernel_minimum=np.float64(0))


@pytest.mark.parametrize(
    "name, numbers", [("tiny_face_detector", 193_321), ("face_landmarks_68", 356_840)]
)
def test_every_number_of_the_face_networks_is_the_published_byte(name, numbers):
    with h5py.File(bundled_file(f"pretrained/{name}.h5")) as file:
        arrays = [array for group in file.values() for array in group.values() if array.ndim]
        assert {array.dtype for array in arrays} == {np.dtype(np.uint8)}
        assert sum(array.size for array in arrays) == numbers


def test_the_face_encoder_ships_as_bytes_but_for_its_first_layers():
    with h5py.File(bundled_file("pretrained/face_encoder.h5")) as file:
        types = {name: group["kernel"].dtype.name for name, group in file.items()}
        assert types.pop("fc") == "uint8"
        first = {name for name, dtype in types.items() if dtype == "float32"}
        assert first == {name for name in types if name.startswith("conv32_")} and len(first) == 7
        for name in set(types) - first:
            kernel = file[name]["kernel"][:]
            assert kernel.dtype == np.int8
            assert (np.abs(kernel.astype(int)).max(axis=(0, 1, 2)) == 127).all()
