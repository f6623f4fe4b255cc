"""What every test shares."""

import gc
import os
import sys

import pytest
from hypothesis import settings

# A first call imports a framework and the machines of a CI are shared: time is measured elsewhere.
# A CI judges a change, so it draws the same examples every time; at home each run draws new ones.
settings.register_profile("cnnlib", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("cnnlib")


@pytest.fixture(autouse=True, scope="module")
def no_models_left_over():
    """Forget a file's networks after it: together those of all files would fill the memory."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        gc.collect()
