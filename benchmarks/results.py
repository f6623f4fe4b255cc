"""What every benchmark says of the machine it ran on, and how it keeps what it measured."""

import importlib.metadata
import os
import platform
from pathlib import Path

PAGE = Path(__file__).with_name("RESULTS.md")


def machine(packages):
    """Processor, cores, versions, threads and load, in one sentence each."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    threads = os.environ.get("OMP_NUM_THREADS")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"Machine: {models[0] if models else platform.processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; {versions}. "
        f"Threads: {threads or 'as many as each program takes by itself, one per core'}. "
        f"Load average over the last minute when the run began: {load} (an idle machine has 0; "
        "other work stretches long calls more than short ones)."
    )


def circumstances():
    """Machine, devices and versions, as the results files of the experiments begin."""
    import keras  # the benchmarks that keep no such file need no Keras here

    backend = keras.backend.backend()
    return {
        "machine": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores",
        "devices": keras.distribution.list_devices(),
        "versions": {name: importlib.metadata.version(name) for name in ("keras", backend)},
    }


def write(name, section):
    """Put a section in its place in RESULTS.md, which holds others."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Results\n"
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{section}\n{end}{after}", encoding="utf-8")
