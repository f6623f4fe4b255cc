"""Every picture the notebooks draw: arrays in, a picture with alternative text out."""

from cnnlib.plots.picture import Animation, Picture

__all__ = ["Animation", "Picture"]
