"""What every run of pytest in this repository shares, `pytest --nbval notebooks` included."""

import os

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers whose matrix products all took every core would mostly wait for each other.
    for library in ("OMP", "OPENBLAS"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

pytest_plugins = ["nbval_extension"]  # found through `pythonpath` in pyproject.toml


def pytest_collection_modifyitems(items):
    """Skip what compares with TensorFlow itself where another backend runs."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend == "tensorflow":
        return
    for item in items:
        if item.get_closest_marker("tensorflow"):
            item.add_marker(pytest.mark.skip(reason=f"needs TensorFlow, the backend is {backend}"))
