"""Every picture the notebooks draw: arrays in, a picture with alternative text out."""

from cnnlib.plots.comparisons import (
    accuracy_by_seed,
    accuracy_over_digits,
    accuracy_over_shifts,
    connections,
    convolution_matrix,
)
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
from cnnlib.plots.learning import learning_curves
from cnnlib.plots.networks import confusion, layer_shares, network_volumes, readings
from cnnlib.plots.picture import Animation, Picture
from cnnlib.plots.pooling import gradient_routes, pooled, shift_curves
from cnnlib.plots.sizes import kernel_places, shrinking, usage, volumes

__all__ = [
    "Animation",
    "Picture",
    "accuracy_by_seed",
    "accuracy_over_digits",
    "accuracy_over_shifts",
    "confusion",
    "connections",
    "convolution_matrix",
    "course_map",
    "gallery",
    "gradient_painting",
    "gradient_routes",
    "gray_row",
    "kernel_learning",
    "kernel_places",
    "kernel_sliding",
    "layer_shares",
    "learning_curves",
    "matrix_product",
    "network_volumes",
    "patch_times_kernel",
    "pooled",
    "readings",
    "shift_curves",
    "shrinking",
    "usage",
    "volumes",
    "weight_counts",
]
