"""Make the course's environment where it is missing or out of date, then do what was asked.

`python3 tools/bootstrap.py course` is what `make course` runs; without make, and on Windows, it is
the command to type. It needs Python's standard library alone and installs nothing outside `.venv`.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SUPPORTED = [(3, 11), (3, 12), (3, 13)]
SITE = Path("docs/_build/html")
LOCKED_GROUPS = {
    "test": ("course", "site", "test", "jax"),  # first, because the course's lock follows it
    "course": ("course", "site"),
}
NOT_LIBRARY = ["--ignore=tests/notebooks", "--ignore=tests/tools", "--ignore=tests/test_project.py"]


class Failure(Exception):
    """A step that failed, with what to do about it."""


def main():
    parser = argparse.ArgumentParser(description="The course's commands; `make help` lists them.")
    parser.add_argument("target", choices=TARGETS, metavar="|".join(TARGETS))
    target, options = parser.parse_known_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    os.chdir(str(ROOT))
    try:
        if sys.version_info[:2] not in SUPPORTED:
            python = find_python()
            this = str(ROOT / "tools" / "bootstrap.py")
            return subprocess.call([python, this, target.target, *options])
        return TARGETS[target.target](options)
    except Failure as failure:
        print(f"\n✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def course(options):
    """run every notebook, print what held, build the site"""
    install("course")
    ran = run([PYTHON, "tools/run_course.py", *options])
    build_site()
    if ran != 0:
        raise Failure("Running the notebooks: see the cells above; `make doctor` checks the rest.")
    return 0


def test(options):
    """every check: style, library on two backends, every notebook's stored outputs"""
    install("test")
    pytest = [PYTHON, "-m", "pytest", "-q", "-rs", "-n", "2", "--dist", "loadfile"]
    return report(
        {
            "ruff check": run([PYTHON, "-m", "ruff", "check"]),
            "ruff format": run([PYTHON, "-m", "ruff", "format", "--check"]),
            "tests and doctests, tensorflow": run(
                [*pytest, "--doctest-modules", "cnnlib", "tests"], backend="tensorflow"
            ),
            # JAX compiles each operation anew: the slow tests are left to TensorFlow here.
            "library tests, jax": run(
                library_tests(pytest, "not tensorflow and not slow"), backend="jax"
            ),
            "notebooks": run([*pytest, "--nbval", "notebooks"], backend="tensorflow"),
        }
    )


def test_backends(options):
    """the library's tests on tensorflow, jax and torch"""
    install("test")
    step(
        "Install PyTorch (it is in no lock: its Linux wheels bring gigabytes of CUDA)",
        [PYTHON, "-m", "pip", "install", "--quiet", *groups()["torch"]],
        "Check the network; a build for CPUs is described on PyTorch's page on installation.",
    )
    pytest = [PYTHON, "-m", "pytest", "-q", "-rs", "-n", "2", "--dist", "loadfile"]
    return report(
        {
            f"library tests, {backend}": run(library_tests(pytest), backend=backend)
            for backend in options or ("tensorflow", "jax", "torch")
        }
    )


def lab(options):
    """open JupyterLab on the course"""
    install("course")
    return run([PYTHON, "-m", "jupyterlab", "--notebook-dir=notebooks", *options])


def site(options):
    """build the site from the notebooks as they are stored"""
    install("course")
    build_site()
    return 0


def doctor(options):
    """check this machine: OK or what to do, a line for each need"""
    try:
        install("course")
        python = PYTHON
    except Failure as failure:
        print(f"✗ {failure}\n")
        python = PYTHON if works(PYTHON) else sys.executable
    return run([python, "tools/doctor.py", *options])


def lock(options):
    """renew locks/*.txt from pyproject.toml (needs uv)"""
    uv = shutil.which("uv")
    if uv is None:
        raise Failure("Renewing the locks: uv is not on the PATH; `pip install uv` provides it.")
    form = ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"]
    without_hosts = ["--no-emit-index-url", "--no-emit-find-links"]
    plain = ["--quiet", "--no-annotate", "--no-header"]
    build = "\n".join([*project_file()["build-system"]["requires"], "editables>=0.3,<1"])
    constraint = []
    for name, extras in LOCKED_GROUPS.items():
        chosen = [word for extra in extras for word in ("--extra", extra)]
        command = [uv, "pip", "compile", *form, *without_hosts, *plain, *chosen, *constraint]
        output = lock_file(name).relative_to(ROOT)
        step(
            f"Resolve {output}",
            [*command, "pyproject.toml", "-", "--output-file", output],
            "The message above names the requirements that exclude each other.",
            text=build,
        )
        constraint = ["--constraint", output]
    return 0


TARGETS = {
    "course": course,
    "test": test,
    "test-backends": test_backends,
    "lab": lab,
    "site": site,
    "doctor": doctor,
    "lock": lock,
}


def install(name):
    """Bring `.venv` to what `locks/<name>.txt` says; nothing to do where it is there already."""
    if not works(PYTHON):
        make_venv()
    # What the tests need contains what the course needs.
    if any(installed(one) == fingerprint(one) for one in {name, "test"}):
        return
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--quiet", "--python", PYTHON] if uv else None
    pip = pip or [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    step(
        f"Install what locks/{name}.txt lists (a download of about a gigabyte)",
        [*pip, "--require-hashes", "-r", lock_file(name)],
        "Check the network and the free disk space, then run the same command again; "
        "what is downloaded is kept. `make doctor` checks both.",
    )
    step(
        "Install cnnlib itself",
        [*pip, "--no-deps", "--no-build-isolation", "-e", ROOT],
        "Is pyproject.toml changed? `git diff pyproject.toml` shows it.",
    )
    installed_file(name).write_text(fingerprint(name), encoding="utf-8")


def make_venv():
    uv = shutil.which("uv")
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    if uv:
        command = [uv, "venv", "--quiet", "--seed", "--clear", "--python", sys.executable, VENV]
    step(
        "Make the environment .venv with Python {}.{}".format(*sys.version_info[:2]),
        command,
        "On Debian and Ubuntu the package python3-venv is needed; or install uv, or ask conda "
        "for the environment of environment.yml.",
    )


def fingerprint(name):
    """What an installation was made from; another text means that it is out of date."""
    settings = project_file()
    made_from = [
        str(ROOT),
        settings["project"],
        settings["build-system"],
        settings["tool"]["hatch"],
    ]
    digest = hashlib.sha256(json.dumps(made_from).encode())
    digest.update(lock_file(name).read_bytes())
    return digest.hexdigest()


def installed(name):
    file = installed_file(name)
    return file.read_text(encoding="utf-8") if file.exists() else None


def installed_file(name):
    return VENV / f"installed-{name}"


def lock_file(name):
    return ROOT / "locks" / f"{name}.txt"


def project_file():
    import tomllib  # from Python 3.11 on; this file also starts on older ones, to say so

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def groups():
    return project_file()["project"]["optional-dependencies"]


def library_tests(pytest, chosen="not tensorflow"):
    return [*pytest, "-m", chosen, *NOT_LIBRARY, "tests"]


def build_site():
    step(
        "Build the site",
        [PYTHON, "-m", "sphinx", "--quiet", "-b", "html", "docs", SITE],
        "The message above names the page; `make site` builds the site alone.",
    )
    print("The course as pages: open {} in a browser.".format(SITE / "index.html"))


def step(what, command, advice, text=None):
    print(f"→ {what}")
    if run(command, text=text) != 0:
        raise Failure(f"{what} failed.\n  What to do: {advice}")


def run(command, backend=None, text=None):
    """The exit status of a command in the course's folder."""
    # What other Pythons of this user left in the environment must not leak into this one.
    foreign = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    environment.update(PYTHONUTF8="1", PYTHONNOUSERSITE="1")
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [str(word) for word in command]
    return subprocess.run(command, cwd=ROOT, env=environment, input=text, text=True).returncode


def report(statuses):
    print("\nSummary")
    for name, status in statuses.items():
        print("  {} {}".format("✗" if status else "✓", name))
    return int(any(statuses.values()))


def find_python():
    """A supported Python, where the one that runs this file is not."""
    for version in reversed(SUPPORTED):
        found = shutil.which("python{}.{}".format(*version))
        if found and works(found):
            return found
    raise Failure(
        "Finding Python: the course needs Python 3.11, 3.12 or 3.13, this is {}.{}.\n"
        "  What to do: install one of them from python.org or your system's packages, "
        "or with uv: `uv python install 3.13`.".format(*sys.version_info[:2])
    )


def works(python):
    """Whether the interpreter starts; a moved folder or an upgraded system leaves dead ones."""
    try:
        return subprocess.run([str(python), "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
