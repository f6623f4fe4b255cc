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
from cnnlib.plots.pooling import gradient_routes, pooled, shift_curves
from cnnlib.plots.sizes import kernel_places, shrinking, usage, volumes

__all__ = [
    "Animation",
    "Picture",
    "course_map",
    "gallery",
    "gradient_painting",
    "gradient_routes",
    "gray_row",
    "kernel_learning",
    "kernel_places",
    "kernel_sliding",
    "matrix_product",
    "patch_times_kernel",
    "pooled",
    "shift_curves",
    "shrinking",
    "usage",
    "volumes",
    "weight_counts",
]
