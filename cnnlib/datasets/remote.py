"""Data too large to ship, downloaded once into a cache; nothing else of the course needs a network.

    python -m cnnlib.datasets.remote cifar10 --cache DIR

downloads a file, or proves the one that lies there, and prints its path.
"""

import argparse
import os
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch
import requests  # which pooch downloads with
from tqdm import tqdm


class Download(NamedTuple):
    """A file elsewhere, and how to know that it is whole."""

    url: str
    sha256: str
    bytes: int

    @property
    def file(self):
        return self.url.rpartition("/")[2]


_DOWNLOADS = {
    # The form without pickles. Its SHA-256 is the one in MLDatasets.jl and GoMLX.
    "cifar10": Download(
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        170_052_171,
    ),
    "yolo_fastest_xl": Download(
        "https://raw.githubusercontent.com/dog-qiuqiu/Yolo-Fastest/"
        "96a2900d163196c396e73f3fdab04ca4dd9a2f70/ModelZoo/yolo-fastest-1.1_coco/"
        "yolo-fastest-1.1-xl.weights",
        "fac5fb41786c1f38f04972a658443b189f48720d7d117f9a044100e98a35b0c5",
        3_693_964,
    ),
}
_RECORD = 1 + 3 * 32 * 32  # bytes of one CIFAR-10 picture: its label, then red, green, blue


class Cifar10(NamedTuple):
    """The 60,000 small photographs, and where they come from."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: list
    source: str
    license: str


def fetch(name, *, cache=None):
    """Path of a file from the network, downloaded where it is not there, proven whole.

    The SHA-256 is compared at every call. A download that is cut off goes on where it stopped, at
    once as long as bytes arrive, else at the next call. Without a network the error says which file
    to put where.

    Parameters
    ----------
    name : str
        `"cifar10"`: 170 MB. `"yolo_fastest_xl"`: 3.7 MB, for `cnnlib.pretrained.load`.
    cache : str or path, optional
        The folder for the file; by default `$CNNLIB_CACHE`, else the user's cache folder, in it
        `cnnlib`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        Where the name is unknown, or the server's file is another than the listed one.
    TypeError
        Where cache is neither a string nor a path.
    OSError
        Where the file can be neither downloaded (a ConnectionError) nor written.

    Examples
    --------
    >>> fetch("cifar100")
    Traceback (most recent call last):
    ValueError: fetch: name is 'cifar100', it needs one of ['cifar10', 'yolo_fastest_xl']
    """
    if name not in _DOWNLOADS:
        raise ValueError(f"fetch: name is {name!r}, it needs one of {sorted(_DOWNLOADS)}")
    if cache is not None and not isinstance(cache, str | os.PathLike):
        raise TypeError(f"fetch: cache is {cache!r}, it needs a folder")
    folder = Path(cache or os.environ.get("CNNLIB_CACHE") or pooch.os_cache("cnnlib"))
    download = _DOWNLOADS[name]
    path = folder.expanduser().absolute() / download.file
    try:
        pooch.retrieve(
            download.url,
            f"sha256:{download.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=lambda url, output, _: _complete(download, path, output),
        )
    except requests.RequestException as error:
        raise ConnectionError(
            f"fetch: {download.url} cannot be downloaded ({error}), and {path} is "
            f"{'another file' if path.exists() else 'missing'}. With a network, the same call goes "
            f"on where this one stopped. Without one, bring that file, {download.bytes:,} bytes "
            f"with SHA-256 {download.sha256}, from elsewhere and put it there; or set cache, or "
            "CNNLIB_CACHE, to the folder that has it"
        ) from error
    return path


def _complete(download, path, output):
    """Fill `<path>.partial` from wherever it ends, over as many connections as bring bytes.

    Pooch downloads into `output`, which it deletes when the connection breaks.
    """
    partial = path.with_name(f"{path.name}.partial")
    there = partial.stat().st_size if partial.exists() else 0
    while there < download.bytes:
        stopped = requests.ConnectionError("it ended without a byte")
        try:
            _append(download, partial, there)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            stopped = error
        arrived = partial.stat().st_size if partial.exists() else 0
        if arrived <= there:
            raise stopped
        there = arrived
    os.replace(partial, output)


def _append(download, partial, there):
    """One connection: what the file lacks from byte `there` on."""
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    with requests.get(download.url, headers=headers, stream=True, timeout=30) as response:
        response.raise_for_status()
        goes_on = response.status_code == requests.codes.partial_content
        length = int(response.headers.get("Content-Length", 0))
        total = length + there * goes_on
        if total != download.bytes:
            raise ValueError(
                f"fetch: {download.url} has {total:,} bytes, {download.bytes:,} are expected: "
                "the server, or the sign-in page of a network, sends another file"
            )
        with (
            open(partial, "ab" if goes_on else "wb") as file,
            tqdm(
                desc=download.file,
                total=total,
                initial=there * goes_on,
                unit="B",
                unit_scale=True,
                leave=False,
            ) as bar,
        ):
            for chunk in response.iter_content(2**13):  # a drop loses its chunk
                file.write(chunk)
                bar.update(len(chunk))


def cifar10(*, cache=None):
    """CIFAR-10: 60,000 color photographs of 32 × 32 pixels in ten classes, from the network.

    They are read from the archive's binary form, record by record; nothing of it is executed or
    extracted.

    Parameters
    ----------
    cache : str or path, optional
        The folder for the archive, as for `fetch`.

    Returns
    -------
    Cifar10
        `x_train` (50000, 32, 32, 3) and `x_test` (10000, 32, 32, 3), float32 RGB in 0…1, 0.74 GB;
        `y_train` (50000,) and `y_test` (10000,), int64, positions in `names`, the ten classes;
        `source`, `license`.

    Raises
    ------
    ValueError, TypeError, OSError
        As `fetch`.

    References
    ----------
    Krizhevsky, "Learning multiple layers of features from tiny images" (2009),
    https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf.

    Examples
    --------
    >>> cifar10().x_train.shape  # doctest: +SKIP
    (50000, 32, 32, 3)
    """
    with tarfile.open(fetch("cifar10", cache=cache)) as archive:
        training = b"".join(_member(archive, f"data_batch_{i}.bin") for i in range(1, 6))
        return Cifar10(
            *_decoded(training),
            *_decoded(_member(archive, "test_batch.bin")),
            _member(archive, "batches.meta.txt").decode().split(),
            source="CIFAR-10, Alex Krizhevsky, Vinod Nair and Geoffrey Hinton, from 80 Million "
            "Tiny Images",
            license="not stated; its authors ask to cite the report of 2009",
        )


def _member(archive, name):
    return archive.extractfile(f"cifar-10-batches-bin/{name}").read()


def _decoded(content):
    """Records of bytes as (m, 32, 32, 3) float32 in 0…1 and (m,) int64."""
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    images = np.empty((len(records), 32, 32, 3), np.float32)
    np.divide(planes.transpose(0, 2, 3, 1), np.float32(255), out=images)
    return images, records[:, 0].astype(np.int64)


def main():
    parser = argparse.ArgumentParser(
        prog="python -m cnnlib.datasets.remote",
        description="Download data of the course, or prove what is there; print its path.",
    )
    parser.add_argument("name", choices=sorted(_DOWNLOADS))
    parser.add_argument("--cache", metavar="DIR", help="folder for it; default: $CNNLIB_CACHE")
    arguments = parser.parse_args()
    try:
        print(fetch(arguments.name, cache=arguments.cache))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
