"""The bootstrap: when it installs, what it says when a step fails, what it hands on."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools" / "bootstrap.py")
bootstrap = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bootstrap)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own, in a folder with a space, with an empty lock."""
    root = tmp_path / "a folder"
    (root / "locks").mkdir(parents=True)
    for name in ("course", "test"):
        (root / "locks" / f"{name}.txt").touch()
    shutil.copy(ROOT / "pyproject.toml", root)
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "VENV", root / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", root / ".venv" / bootstrap.PYTHON.parts[-2] / "python")
    return root


@pytest.fixture
def steps(project, monkeypatch):
    """The names of the steps that would run; the first of them makes `.venv`."""
    done = []

    def record(what, command, advice, text=None):
        done.append(what.split(" (")[0])
        bootstrap.VENV.mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "step", record)
    monkeypatch.setattr(bootstrap, "works", lambda python: bootstrap.VENV.exists())
    return done


MAKE = "Make the environment .venv with Python {}.{}".format(*sys.version_info[:2])
INSTALL = ["Install what locks/course.txt lists", "Install cnnlib itself"]


def test_installs_once_and_again_when_the_lists_change(project, steps):
    bootstrap.install("course")
    assert steps == [MAKE, *INSTALL]
    bootstrap.install("course")
    assert len(steps) == 3
    (project / "locks" / "course.txt").write_text("numpy==2.4.6")
    bootstrap.install("course")
    assert steps[3:] == INSTALL
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(">=2.1,", ">=2.2,"), "utf-8")
    bootstrap.install("course")
    assert steps[5:] == INSTALL


def test_a_setting_of_the_checks_installs_nothing(project, steps):
    bootstrap.install("course")
    with (project / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[tool.something]\nline = 1\n")
    bootstrap.install("course")
    assert len(steps) == 3


def test_what_the_tests_need_serves_the_course(steps):
    bootstrap.install("test")
    bootstrap.install("course")
    assert len(steps) == 3


def test_a_moved_folder_is_installed_again(project, steps, monkeypatch):
    bootstrap.install("course")
    moved = project.with_name("moved")
    project.rename(moved)
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    monkeypatch.setattr(bootstrap, "VENV", moved / ".venv")
    bootstrap.install("course")
    assert steps[3:] == INSTALL


@pytest.mark.slow
def test_a_real_environment_in_a_folder_with_a_space(project, monkeypatch, capfd):
    # The lock is empty, so what builds cnnlib is missing and the last step has to fail.
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Failure, match=r"Install cnnlib itself failed\.\n  What to do: "):
        bootstrap.install("course")
    assert "hatchling" in capfd.readouterr().err
    assert bootstrap.works(bootstrap.PYTHON)
    assert not list((project / ".venv").glob("installed-*"))


def test_a_failed_step_is_named_with_what_to_do(capsys):
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(bootstrap.Failure) as failure:
        bootstrap.step("Bake a cake", command, "Buy eggs.")
    assert str(failure.value) == "Bake a cake failed.\n  What to do: Buy eggs."
    assert capsys.readouterr().out == "→ Bake a cake\n"


def test_other_pythons_of_the_user_do_not_leak_in(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    seen = tmp_path / "seen.json"
    code = f"import json, os; json.dump(dict(os.environ), open({str(seen)!r}, 'w'))"
    assert bootstrap.run([sys.executable, "-c", code], backend="jax") == 0
    environment = json.loads(seen.read_text(encoding="utf-8"))
    assert "PYTHONPATH" not in environment
    assert "PIP_USER" not in environment
    assert environment["KERAS_BACKEND"] == "jax"
    assert os.environ["PIP_USER"] == "1"


def test_the_summary_fails_if_any_part_did(capsys):
    assert bootstrap.report({"style": 0, "notebooks": 1}) == 1
    assert capsys.readouterr().out == "\nSummary\n  ✓ style\n  ✗ notebooks\n"
    assert bootstrap.report({"style": 0, "notebooks": 0}) == 0


def test_an_unsupported_python_looks_for_another(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "site"])
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.main() == 1
    assert "the course needs Python 3.11, 3.12 or 3.13, this is 3.9" in capsys.readouterr().err
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/found/{name}")
    monkeypatch.setattr(bootstrap, "works", lambda python: python.endswith("3.12"))
    called = []
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: called.append(command) or 0)
    assert bootstrap.main() == 0
    [[python, script, *arguments]] = called
    assert python == "/found/python3.12"
    assert Path(script).samefile(ROOT / "tools" / "bootstrap.py")
    assert arguments == ["site"]


def test_an_interpreter_that_is_gone_does_not_work(tmp_path):
    assert bootstrap.works(sys.executable)
    assert not bootstrap.works(tmp_path / "python")


def test_an_unknown_target_is_refused():
    command = [sys.executable, "tools/bootstrap.py", "everything"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2
    assert "invalid choice: 'everything'" in done.stderr
