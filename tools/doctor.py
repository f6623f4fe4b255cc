"""Check this machine: for each need of the course one line, OK or what to do.

It starts with Python's standard library alone, so that it can also say which packages are missing.
Paste its output into a report of a fault.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL = "run `make course`, or `python tools/bootstrap.py course`"
GIB = 2**30
# .venv alone takes 2.8 GiB on Linux, and as much again passes through while it is made.
DISK_BEFORE_INSTALLING, DISK_INSTALLED = 6 * GIB, GIB
# Two notebooks at a time, of up to 3 GiB each; machines sold with 8 GB report a little less.
MEMORY = 7 * GIB
BACKEND_SECONDS = 300
MULTIPLY = """
import json, keras
ops, backend = keras.ops, keras.backend.backend()
product = ops.matmul(ops.ones((2, 3)), ops.ones((3, 2)))
if backend == "tensorflow":
    import tensorflow
    gpus = [device.name for device in tensorflow.config.list_physical_devices("GPU")]
elif backend == "jax":
    import jax
    gpus = [str(device) for device in jax.devices() if device.platform == "gpu"]
elif backend == "torch":
    import torch
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
found = {"backend": backend, "gpus": gpus, "corner": float(product[0, 0])}
print(json.dumps(found | {"keras": keras.__version__}))
"""


@dataclass(frozen=True)
class Finding:
    """One need of the course: whether it is met, and what was found or what to do."""

    need: str
    met: bool
    said: str

    def __str__(self):
        return f"{'OK ' if self.met else 'FIX'}  {self.need}: {self.said}"


def main():
    brief = "--brief" in sys.argv[1:]  # only what is to fix
    if hasattr(sys.stdout, "reconfigure"):  # a notebook's stdout has no encoding to choose
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    if not brief:
        print(f"     {platform.platform()}, {os.cpu_count()} processor cores")
    to_fix = 0
    for finding in examine():
        to_fix += not finding.met
        if not (brief and finding.met):
            print(finding)
    if not brief or to_fix:
        print()
    print(f"{to_fix} to fix." if to_fix else "Everything the course needs is here.")
    return int(to_fix > 0)


def examine():
    """Every finding, the quick ones first."""
    yield python()
    if not python().met:
        return
    packages = [package(requirement) for requirement in requirements()]
    complete = all(finding.met for finding in packages)
    yield disk(DISK_INSTALLED if complete else DISK_BEFORE_INSTALLING)
    yield memory()
    yield from packages
    yield from backend_and_gpu()
    yield from data()


def python():
    version = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", False, f"{version}; install Python 3.11, 3.12 or 3.13")
    return Finding("Python", True, f"{version}, {sys.executable}")


def disk(needed):
    free = shutil.disk_usage(ROOT).free
    said = f"{free / GIB:.1f} GiB free"
    if free < needed:
        said += f", the course needs {needed / GIB:.0f} GiB; free some, or clone to another disk"
    return Finding("disk", free >= needed, said)


def memory():
    size = memory_bytes()
    if size is None:
        return Finding("memory", True, "size unknown until psutil is there; 8 GB are enough")
    said = f"{size / GIB:.1f} GiB"
    if size < MEMORY:
        said += "; the course needs 8 GB, 4 GB will do with make course OPTIONS='--jobs 1'"
    return Finding("memory", size >= MEMORY, said)


def memory_bytes():
    """How much memory the machine has; None where there is no way to ask."""
    try:
        import psutil
    except ImportError:
        if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
            return None
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return psutil.virtual_memory().total


def requirements():
    """What `pyproject.toml` lists for running the course."""
    import tomllib  # from Python 3.11 on; an older Python has been refused by now

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["course"]]


def package(requirement):
    name, wanted = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, f"missing; {INSTALL}")
    if not within(version, wanted):
        return Finding(name, False, f"{version}, the course needs {wanted}; {INSTALL}")
    return Finding(name, True, version)


def within(version, wanted):
    """Whether a release lies in a range such as `>=2.1,<3`.

    >>> within("2.10.1", ">=2.1,<3"), within("3.0", ">=2.1,<3"), within("2.0.9", ">=2.1,<3")
    (True, False, False)
    """
    found = release(version)
    for sign, bound in re.findall(r"(>=|<)([\d.]+)", wanted):
        if (found >= release(bound)) != (sign == ">="):
            return False
    return True


def release(version):
    """The numbers at the start of a version, closing zeros left out: 3.0 is 3."""
    numbers = [int(part) for part in re.match(r"[\d.]*\d", version)[0].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def backend_and_gpu():
    """Import Keras in a process of its own and multiply two matrices with it."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", MULTIPLY],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=BACKEND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        yield Finding("Keras", False, f"did not start within {BACKEND_SECONDS} s; try again")
        return
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        error = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        chosen = os.environ.get("KERAS_BACKEND")
        remedy = f"KERAS_BACKEND is {chosen!r}: unset it, or set tensorflow" if chosen else INSTALL
        yield Finding("Keras", False, f"does not work ({error}); {remedy}")
        return
    found = json.loads(lines[-1])
    right = found["corner"] == 3.0
    said = f"{found['keras']} multiplies with {found['backend']}"
    yield Finding("Keras", right, said if right else f"{said} and gets {found['corner']}, not 3")
    yield Finding("GPU", True, ", ".join(found["gpus"]) or "none (fine)")


def data():
    """The files that ship with the course, by the checksums beside them."""
    # Loaded from its file: its package imports NumPy and more, which may be missing.
    path = ROOT / "cnnlib" / "datasets" / "bundled.py"
    spec = importlib.util.spec_from_file_location("bundled", path)
    bundled = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bundled)
    try:
        names = bundled.checksums(bundled.data_folder())
    except (OSError, ValueError) as error:
        yield Finding("data", False, str(error))
        return
    for name in names:
        try:
            bundled.bundled_file(name)
        except (OSError, ValueError) as error:
            yield Finding(f"data/{name}", False, str(error))
        else:
            yield Finding(f"data/{name}", True, "whole")


if __name__ == "__main__":
    sys.exit(main())
