"""Networks of the course, each a function that returns a keras.Model."""

from cnnlib.models.lenet import lenet5

__all__ = ["lenet5"]
