"""What every test shares."""

import os

from hypothesis import settings

# A first call imports a framework and the machines of a CI are shared: time is measured elsewhere.
# A CI judges a change, so it draws the same examples every time; at home each run draws new ones.
settings.register_profile("cnnlib", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("cnnlib")
