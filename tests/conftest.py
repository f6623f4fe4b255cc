"""What every test shares."""

from hypothesis import settings

# A first call imports a framework and the machines of a CI are shared: time is measured elsewhere.
settings.register_profile("cnnlib", deadline=None)
settings.load_profile("cnnlib")
