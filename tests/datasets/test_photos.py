"""Every photograph loads without a network, in the documented form, with its origin."""

import socket

import numpy as np
import pytest
from skimage import data
from skimage.color import rgb2gray
from skimage.data import _fetchers

from cnnlib.datasets import photo, photo_names


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No socket can be opened, and no earlier download lies in scikit-image's cache."""

    def refuse(*arguments, **keywords):
        raise ConnectionError("the test allows no network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(_fetchers._image_fetcher, "path", tmp_path)


@pytest.mark.parametrize("name", photo_names())
def test_each_photograph_loads_offline(name, offline):
    image, source, license = photo(name)
    assert image.dtype == np.float32
    assert image.ndim == 3 and image.shape[2] == 3 and min(image.shape[:2]) > 100
    assert 0 <= image.min() < image.max() <= 1
    assert image.std() > 0.01
    assert source.endswith(("(in scikit-image)", "(in scikit-learn)"))
    assert license


def test_offline_means_offline(offline):
    """The check above would notice a photograph that is not in the package."""
    with pytest.raises(Exception, match=r"the test allows no network|internet"):
        data.eagle()


def test_pixels_are_the_packages_divided_by_255():
    np.testing.assert_array_equal(
        photo("astronaut").image, data.astronaut().astype(np.float32) / np.float32(255)
    )


def test_a_gray_photograph_has_three_equal_channels():
    image = photo("camera").image
    assert image.shape == (512, 512, 3)
    assert (image == image[..., :1]).all()


@pytest.mark.parametrize("name", ["astronaut", "camera", "flower"])
def test_gray_is_scikit_images_luminance(name):
    image = photo(name, gray=True).image
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, rgb2gray(photo(name).image), atol=1e-6)


@pytest.mark.parametrize(
    "name, shape", [("astronaut", (64, 64, 3)), ("coffee", (43, 64, 3)), ("brick", (64, 64, 3))]
)
def test_size_is_the_longer_side(name, shape):
    assert photo(name, size=64).image.shape == shape


def test_the_photographs_own_size_changes_nothing():
    np.testing.assert_array_equal(photo("coffee", size=600).image, photo("coffee").image)


def test_shrinking_averages_so_that_nothing_aliases():
    """A picture cell of 8 × 8 pixels keeps about its mean, where plain sampling would take one."""
    image = photo("gravel", gray=True).image
    means = image.reshape(64, 8, 64, 8).mean(axis=(1, 3))
    shrunk = photo("gravel", size=64, gray=True).image
    averaged, sampled = np.abs(shrunk - means).mean(), np.abs(image[4::8, 4::8] - means).mean()
    assert averaged < sampled / 3


def test_an_unknown_name_gets_the_list():
    with pytest.raises(ValueError, match=r"photo: name is 'lena', it needs one of .*'astronaut'"):
        photo("lena")


@pytest.mark.parametrize("size", [0, -1, 601])
def test_a_size_it_cannot_have_is_refused(size):
    with pytest.raises(ValueError, match=f"photo: size is {size}, .* needs 1 to 600"):
        photo("coffee", size=size)


@pytest.mark.parametrize("size", [64.0, True, "64", (64, 64)])
def test_a_size_that_is_no_whole_number_is_refused(size):
    with pytest.raises(TypeError, match=r"photo: size is .* whole number"):
        photo("coffee", size=size)
