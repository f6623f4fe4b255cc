"""Every picture the notebooks draw: arrays in, a picture with alternative text out."""

from cnnlib.plots.architectures import architecture
from cnnlib.plots.augmentation import (
    accuracy_by_digit,
    accuracy_of_kinds,
    accuracy_over_strength,
    changed_digits,
)
from cnnlib.plots.comparisons import (
    accuracy_by_seed,
    accuracy_over_digits,
    accuracy_over_shifts,
    connections,
    convolution_matrix,
    global_maximum,
    scene_moved,
    with_shuffled,
)
from cnnlib.plots.course import course_map
from cnnlib.plots.ensembles import (
    accuracy_over_crops,
    accuracy_over_passes,
    measures_over_members,
    members_and_mean,
    shared_errors,
    ten_crops,
)
from cnnlib.plots.filters import (
    gallery,
    gray_row,
    kernel_learning,
    kernel_sliding,
    number_grids,
    patch_times_kernel,
    weight_counts,
)
from cnnlib.plots.layers import gradient_painting, kernel_rows, layer_maps, matrix_product
from cnnlib.plots.learning import learning_curves
from cnnlib.plots.networks import confusion, layer_shares, network_volumes, readings
from cnnlib.plots.picture import Animation, Picture
from cnnlib.plots.pooling import (
    gradient_routes,
    pooled,
    shift_and_difference,
    shift_curves,
    walk,
)
from cnnlib.plots.sizes import (
    answers,
    borders,
    kernel_places,
    row_places,
    shrinking,
    usage,
    volumes,
)
from cnnlib.plots.transfer import (
    accuracy_over_depths,
    class_crops,
    color_filters,
    halves,
    mistakes,
    named_photos,
    regimes_over_crops,
)

__all__ = [
    "Animation",
    "Picture",
    "accuracy_by_digit",
    "accuracy_by_seed",
    "accuracy_of_kinds",
    "accuracy_over_crops",
    "accuracy_over_depths",
    "accuracy_over_digits",
    "accuracy_over_passes",
    "accuracy_over_shifts",
    "accuracy_over_strength",
    "answers",
    "architecture",
    "borders",
    "changed_digits",
    "class_crops",
    "color_filters",
    "confusion",
    "connections",
    "convolution_matrix",
    "course_map",
    "gallery",
    "global_maximum",
    "gradient_painting",
    "gradient_routes",
    "gray_row",
    "halves",
    "kernel_learning",
    "kernel_places",
    "kernel_rows",
    "kernel_sliding",
    "layer_maps",
    "layer_shares",
    "learning_curves",
    "matrix_product",
    "measures_over_members",
    "members_and_mean",
    "mistakes",
    "named_photos",
    "network_volumes",
    "number_grids",
    "patch_times_kernel",
    "pooled",
    "readings",
    "regimes_over_crops",
    "row_places",
    "scene_moved",
    "shared_errors",
    "shift_and_difference",
    "shift_curves",
    "shrinking",
    "ten_crops",
    "usage",
    "volumes",
    "walk",
    "weight_counts",
    "with_shuffled",
]
