"""Downloads from a server of our own, which drops connections, lies, or is not there."""

import hashlib
import http.server
import io
import re
import subprocess
import sys
import tarfile
import threading

import numpy as np
import pytest

from cnnlib import datasets
from cnnlib.datasets import remote

CHUNK = 2**13  # bytes that arrive together or not at all
CONTENT = np.random.default_rng(0).bytes(300_000)


class Server(http.server.ThreadingHTTPServer):
    """A server of one file that notes what it was asked and may fail in several ways."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.ranges = []  # the Range header of each request
        self.drops = []  # after how many bytes to hang up, one entry a request; then never
        self.honors_ranges = True
        self.status = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/files/letters.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.ranges.append(self.headers["Range"])
        if server.status:
            return self.send_error(server.status)
        start = 0
        if self.headers["Range"] and server.honors_ranges:
            start = int(re.fullmatch(r"bytes=(\d+)-", self.headers["Range"])[1])
            self.send_response(206)
            last = len(server.content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(server.content)}")
        else:
            self.send_response(200)
        rest = server.content[start:]
        self.send_header("Content-Length", len(rest))
        self.end_headers()
        self.wfile.write(rest[: server.drops.pop(0)] if server.drops else rest)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        register(monkeypatch, "letters", server)
        yield server
        server.shutdown()
        thread.join()


def register(monkeypatch, name, server, *, content=None):
    """Let `fetch` expect this content, or what the server has, from the server."""
    content = server.content if content is None else content
    download = remote.Download(server.url, hashlib.sha256(content).hexdigest(), len(content))
    monkeypatch.setitem(remote._DOWNLOADS, name, download)


@pytest.fixture
def gone(server):
    """The server's address after it has gone: what a laptop without a network meets."""
    server.shutdown()
    server.server_close()
    return server


def test_a_file_is_downloaded_once_then_found(server, tmp_path):
    path = remote.fetch("letters", cache=tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "letters.bin"
    assert path.read_bytes() == CONTENT
    assert remote.fetch("letters", cache=tmp_path / "new" / "folder") == path
    assert server.ranges == [None]
    assert [one.name for one in path.parent.iterdir()] == ["letters.bin"]


def test_the_bar_shows_the_bytes(server, tmp_path, capsys):
    remote.fetch("letters", cache=tmp_path)
    assert re.search(r"letters\.bin: .*300k", capsys.readouterr().err)


def test_a_dropped_connection_goes_on_where_it_stopped(server, tmp_path):
    server.drops = [10 * CHUNK, 5 * CHUNK + 3, CHUNK]
    path = remote.fetch("letters", cache=tmp_path)
    assert path.read_bytes() == CONTENT
    stops = [10 * CHUNK, 15 * CHUNK, 16 * CHUNK]
    assert server.ranges == [None, *(f"bytes={stop}-" for stop in stops)]


def test_a_call_goes_on_where_an_earlier_one_stopped(server, tmp_path):
    server.drops = [10 * CHUNK, 0]
    with pytest.raises(ConnectionError, match="the same call goes on where this one stopped"):
        remote.fetch("letters", cache=tmp_path)
    assert (tmp_path / "letters.bin.partial").read_bytes() == CONTENT[: 10 * CHUNK]
    assert not (tmp_path / "letters.bin").exists()
    assert remote.fetch("letters", cache=tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=81920-", "bytes=81920-"]
    assert not (tmp_path / "letters.bin.partial").exists()


def test_a_server_without_ranges_starts_anew(server, tmp_path):
    server.honors_ranges = False
    (tmp_path / "letters.bin.partial").write_bytes(b"what came before")
    assert remote.fetch("letters", cache=tmp_path).read_bytes() == CONTENT
    assert server.ranges == ["bytes=16-"]


def test_a_server_without_ranges_that_always_drops_ends(server, tmp_path):
    server.honors_ranges = False
    server.drops = [10 * CHUNK] * 10
    with pytest.raises(ConnectionError):
        remote.fetch("letters", cache=tmp_path)
    assert len(server.ranges) == 2


def test_a_download_that_stopped_at_its_last_byte_asks_for_nothing(server, tmp_path):
    (tmp_path / "letters.bin.partial").write_bytes(CONTENT)
    assert remote.fetch("letters", cache=tmp_path).read_bytes() == CONTENT
    assert server.ranges == []


@pytest.mark.parametrize("size", [10, len(CONTENT), len(CONTENT) + 7], ids=["part", "all", "more"])
def test_a_wrong_beginning_is_found_out_and_does_not_stay(server, tmp_path, size):
    (tmp_path / "letters.bin.partial").write_bytes(bytes(size))
    with pytest.raises(ValueError, match=r"downloaded file \(letters\.bin\) does not match"):
        remote.fetch("letters", cache=tmp_path)
    assert not list(tmp_path.iterdir())
    assert remote.fetch("letters", cache=tmp_path).read_bytes() == CONTENT


def test_an_altered_file_on_the_server_is_refused(server, tmp_path):
    server.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(ValueError, match="does not match the known hash"):
        remote.fetch("letters", cache=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", [None, 100])
def test_another_file_is_refused_before_it_is_stored(server, tmp_path, there):
    server.content = b"<html>please sign in</html>" * 50
    if there:
        (tmp_path / "letters.bin.partial").write_bytes(CONTENT[:there])
    with pytest.raises(ValueError, match=r"letters\.bin has 1,350 bytes, 300,000 are expected"):
        remote.fetch("letters", cache=tmp_path)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([CONTENT[:there]] if there else [])


def test_a_file_put_there_by_hand_needs_no_network(gone, tmp_path):
    (tmp_path / "letters.bin").write_bytes(CONTENT)
    assert remote.fetch("letters", cache=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("content", [None, b"something else"])
def test_without_a_network_the_error_says_what_to_put_where(gone, tmp_path, content):
    if content:
        (tmp_path / "letters.bin").write_bytes(content)
    with pytest.raises(ConnectionError) as caught:
        remote.fetch("letters", cache=tmp_path)
    message = str(caught.value)
    path = tmp_path / "letters.bin"
    assert f"fetch: {gone.url} cannot be downloaded" in message
    assert f"{path} is {'another file' if content else 'missing'}" in message
    assert f"300,000 bytes with SHA-256 {hashlib.sha256(CONTENT).hexdigest()}" in message
    assert "put it there" in message and "CNNLIB_CACHE" in message
    if content:
        assert path.read_bytes() == content, "nothing is deleted before there is something better"


@pytest.mark.parametrize("status", [404, 416, 503])
def test_a_status_of_failure_is_named(server, tmp_path, status):
    server.status = status
    with pytest.raises(ConnectionError, match=f"cannot be downloaded .*{status}"):
        remote.fetch("letters", cache=tmp_path)
    assert len(server.ranges) == 1


def test_the_folder_of_the_environment_is_used_and_the_argument_goes_before(
    server, tmp_path, monkeypatch
):
    monkeypatch.setenv("CNNLIB_CACHE", str(tmp_path / "environment"))
    assert remote.fetch("letters").parent == tmp_path / "environment"
    assert remote.fetch("letters", cache=str(tmp_path / "other")).parent == tmp_path / "other"


def test_the_last_resort_is_the_users_cache(server, tmp_path, monkeypatch):
    monkeypatch.delenv("CNNLIB_CACHE", raising=False)
    monkeypatch.setattr(remote.pooch, "os_cache", lambda name: tmp_path / "cache of" / name)
    assert remote.fetch("letters") == tmp_path / "cache of" / "cnnlib" / "letters.bin"


def test_bad_arguments_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"name is 'cats', it needs one of \['cifar10', 'yolo_"):
        remote.fetch("cats", cache=tmp_path)
    with pytest.raises(TypeError, match="cache is 3, it needs a folder"):
        remote.fetch("cifar10", cache=3)


def test_a_file_in_the_place_of_the_cache_is_an_error(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        remote.fetch("letters", cache=tmp_path / "file")


NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def batches(count):
    """CIFAR-10's six files of records, with `count` records each, and what is in them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, (6, count), dtype=np.uint8)
    images = rng.integers(0, 256, (6, count, 32, 32, 3), dtype=np.uint8)
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    files = {"batches.meta.txt": "".join(f"{name}\n" for name in NAMES).encode() + b"\n"}
    for name, y, x in zip(names, labels, images, strict=True):
        # A label, then 1,024 bytes of red, of green, of blue, each row by row.
        records = [
            bytes([label]) + b"".join(image[:, :, channel].tobytes() for channel in range(3))
            for label, image in zip(y, x, strict=True)
        ]
        files[name] = b"".join(records)
    return files, images, labels


def archived(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def test_cifar10_is_read_record_by_record(server, monkeypatch, tmp_path):
    files, images, labels = batches(3)
    server.content = archived(files)
    register(monkeypatch, "cifar10", server)
    found = remote.cifar10(cache=tmp_path)
    assert found.x_train.shape == (15, 32, 32, 3) and found.x_test.shape == (3, 32, 32, 3)
    assert found.x_train.dtype == found.x_test.dtype == np.float32
    assert found.y_train.dtype == found.y_test.dtype == np.int64
    np.testing.assert_array_equal(found.x_train, np.concatenate(images[:5]) / np.float32(255))
    np.testing.assert_array_equal(found.x_test, images[5] / np.float32(255))
    np.testing.assert_array_equal(found.y_train, np.concatenate(labels[:5]))
    np.testing.assert_array_equal(found.y_test, labels[5])
    assert found.names == NAMES
    assert "CIFAR-10" in found.source and found.license
    assert len(list(tmp_path.iterdir())) == 1, "nothing is extracted"


def test_the_room_is_reached_from_datasets():
    assert datasets.remote is remote
    with pytest.raises(AttributeError, match="no attribute 'imagenet'"):
        datasets.imagenet  # noqa: B018


def run(monkeypatch, *arguments):
    """`python -m cnnlib.datasets.remote`, with the downloads of this process."""
    monkeypatch.setattr(sys, "argv", ["remote", *map(str, arguments)])
    return remote.main()


def test_the_command_prints_where_the_file_lies(server, monkeypatch, tmp_path, capsys):
    run(monkeypatch, "letters", "--cache", tmp_path)
    assert capsys.readouterr().out == f"{tmp_path / 'letters.bin'}\n"
    assert (tmp_path / "letters.bin").read_bytes() == CONTENT


def test_the_command_ends_with_the_error_in_words(gone, monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="put it there"):
        run(monkeypatch, "letters", "--cache", tmp_path)


def test_the_command_refuses_what_it_does_not_know():
    command = [sys.executable, "-W", "error", "-m", "cnnlib.datasets.remote", "cats"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert "invalid choice: 'cats'" in result.stderr and "Warning" not in result.stderr
