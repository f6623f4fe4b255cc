"""The small faces: scikit-image's pixels, unchanged, with their labels and origin."""

import numpy as np
from skimage.data import lfw_subset

from cnnlib.datasets import face_crops


def test_they_are_scikit_images_pixels():
    crops = face_crops()
    assert crops.images.shape == (200, 25, 25, 1)
    assert crops.images.dtype == np.float32
    np.testing.assert_allclose(crops.images[..., 0], lfw_subset(), rtol=0, atol=1e-7)
    assert crops.images.min() >= 0 and crops.images.max() <= 1


def test_the_faces_stand_first():
    crops = face_crops()
    assert crops.labels.dtype == np.int64
    assert crops.labels.tolist() == [1] * 100 + [0] * 100
    faces, backgrounds = crops.images[:100], crops.images[100:]
    # A face has a brow and cheeks: its deviation from gray varies less than that of backgrounds.
    assert faces.std(axis=(1, 2)).min() > 0.05
    black = (backgrounds == 0).mean(axis=(1, 2, 3))
    assert (black > 0.05).sum() > 10 > ((faces == 0).mean(axis=(1, 2, 3)) > 0.05).sum()


def test_they_say_where_they_come_from_and_that_no_license_is_stated():
    crops = face_crops()
    assert "scikit-image" in crops.source and "Labeled Faces in the Wild" in crops.source
    assert crops.license == "not stated by scikit-image"


def test_each_call_gives_pixels_of_its_own():
    first = face_crops()
    first.images[:] = 0
    assert face_crops().images.max() > 0.5
