"""What the units of a network respond to, and what in a picture an answer rests on.

`peaks` finds the patches of photographs that most excite each unit of a layer; `alike` compares
them, `left_after` changes one. `activations` gives whole maps, `first_filters` the weights that
meet the picture itself. `input_gradient`, `saliency` and `grad_cam` ask what in one picture speaks
for a class.
"""

from cnnlib.insight.attribution import grad_cam, input_gradient, saliency
from cnnlib.insight.comparison import alike
from cnnlib.insight.patches import Patch, Peaks, activations, left_after, peaks
from cnnlib.insight.weights import first_filters

__all__ = [
    "Patch",
    "Peaks",
    "activations",
    "alike",
    "first_filters",
    "grad_cam",
    "input_gradient",
    "left_after",
    "peaks",
    "saliency",
]
