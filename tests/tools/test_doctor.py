"""The doctor, on this machine and on faults that are put before it."""

import doctest
import importlib.metadata
import importlib.util
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("doctor", ROOT / "tools" / "doctor.py")
doctor = importlib.util.module_from_spec(SPEC)
sys.modules["doctor"] = doctor  # a dataclass looks its module up
SPEC.loader.exec_module(doctor)


def test_its_examples_hold():
    assert doctest.testmod(doctor) == (0, 1)


@pytest.mark.slow
def test_this_machine_is_well():
    faults = [str(finding) for finding in doctor.examine() if not finding.met]
    assert faults == []


def test_it_works_without_a_single_package():
    said = subprocess.run(
        [sys.executable, "-I", "-S", "tools/doctor.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert said.returncode == 1, said.stderr
    for requirement in doctor.requirements():
        name = requirement.split(">")[0]
        assert f"FIX  {name}: missing; run `make course`" in said.stdout
    assert "OK   data/mnist.h5: whole" in said.stdout


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0), (2, 7, 18)])
def test_an_unsupported_python_is_named_and_ends_the_examination(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    [finding] = doctor.examine()
    assert not finding.met
    assert finding.said.endswith("install Python 3.11, 3.12 or 3.13")


def test_a_full_disk(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage(9, 9, 2 * doctor.GIB))
    assert doctor.disk(doctor.DISK_INSTALLED).met
    finding = doctor.disk(doctor.DISK_BEFORE_INSTALLING)
    assert not finding.met
    assert "2.0 GiB free, the course needs 6 GiB" in finding.said


def test_too_little_memory(monkeypatch):
    size = namedtuple("size", "total")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: size(2 * doctor.GIB))
    finding = doctor.memory()
    assert not finding.met
    assert finding.said.startswith("2.0 GiB; the course needs 8 GB")


@pytest.mark.parametrize("version", ["1.26.4", "3.0.0", "2.0.99"])
def test_a_package_out_of_range(version, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: version)
    finding = doctor.package("numpy>=2.1,<3")
    assert not finding.met
    assert finding.said.startswith(f"{version}, the course needs >=2.1,<3")


def test_every_range_of_the_project_is_understood():
    pattern = r"[\w.-]+>=\d[\d.]*(,<\d[\d.]*)?"
    for requirement in doctor.requirements():
        assert doctor.re.fullmatch(pattern, requirement), requirement


def test_an_unknown_backend(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    [finding] = doctor.backend_and_gpu()
    assert not finding.met
    assert "KERAS_BACKEND is 'theano': unset it" in finding.said


def answer(stdout, returncode=0):
    done = subprocess.CompletedProcess([], returncode, stdout, "")
    return lambda *_, **__: done


def test_a_backend_that_multiplies_wrongly(monkeypatch):
    found = '{"backend": "jax", "gpus": [], "corner": 2.0, "keras": "3.15"}'
    monkeypatch.setattr(doctor.subprocess, "run", answer(found))
    wrong, gpu = doctor.backend_and_gpu()
    assert not wrong.met
    assert wrong.said.endswith("gets 2.0, not 3")
    assert str(gpu) == "OK   GPU: none (fine)"


def test_a_gpu_is_named(monkeypatch):
    found = '{"backend": "jax", "gpus": ["cuda:0"], "corner": 3.0, "keras": "3.15"}'
    monkeypatch.setattr(doctor.subprocess, "run", answer(f"a log line\n{found}\n"))
    assert [str(finding) for finding in doctor.backend_and_gpu()] == [
        "OK   Keras: 3.15 multiplies with jax",
        "OK   GPU: cuda:0",
    ]


def test_a_crash_without_a_word(monkeypatch):
    monkeypatch.setattr(doctor.subprocess, "run", answer("", returncode=-11))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    [finding] = doctor.backend_and_gpu()
    assert not finding.met
    assert "it ended without a word" in finding.said


def test_damaged_and_missing_data(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path))
    [nothing] = doctor.data()
    assert not nothing.met
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  mnist.h5\n{'0' * 64}  gone.h5\n")
    (tmp_path / "mnist.h5").write_bytes(b"cut off")
    damaged, missing = doctor.data()
    assert not damaged.met
    assert "was cut off or altered" in damaged.said
    assert not missing.met
    assert "is missing" in missing.said


def test_the_exit_status_counts(monkeypatch, capsys):
    findings = [doctor.Finding("disk", True, "free"), doctor.Finding("memory", False, "small")]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    assert doctor.main() == 1
    assert capsys.readouterr().out.endswith("FIX  memory: small\n\n1 to fix.\n")


def test_brief_says_only_what_is_to_fix(monkeypatch, capsys):
    met, broken = doctor.Finding("disk", True, "free"), doctor.Finding("memory", False, "add some")
    monkeypatch.setattr(sys, "argv", ["doctor.py", "--brief"])
    monkeypatch.setattr(doctor, "examine", lambda: [met])
    assert doctor.main() == 0
    assert capsys.readouterr().out == "Everything the course needs is here.\n"
    monkeypatch.setattr(doctor, "examine", lambda: [met, broken])
    assert doctor.main() == 1
    assert capsys.readouterr().out == "FIX  memory: add some\n\n1 to fix.\n"
