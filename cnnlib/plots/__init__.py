"""Every picture the notebooks draw: arrays in, a picture with alternative text out."""

from cnnlib.plots.course import course_map
from cnnlib.plots.filters import (
    gallery,
    gray_row,
    kernel_learning,
    kernel_sliding,
    patch_times_kernel,
    weight_counts,
)
from cnnlib.plots.layers import gradient_painting, matrix_product
from cnnlib.plots.picture import Animation, Picture
from cnnlib.plots.sizes import kernel_places, shrinking, usage, volumes

__all__ = [
    "Animation",
    "Picture",
    "course_map",
    "gallery",
    "gradient_painting",
    "gray_row",
    "kernel_learning",
    "kernel_places",
    "kernel_sliding",
    "matrix_product",
    "patch_times_kernel",
    "shrinking",
    "usage",
    "volumes",
    "weight_counts",
]
