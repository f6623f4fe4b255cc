"""Neural style transfer: a new picture with the content of one picture and the style of another.

No weight of the network learns. Gradient descent changes the pixels of the picture itself, until
the network answers it as it answers the content picture in one layer, and with the style picture's
correlations between channels in others (Gatys, Ecker and Bethge, arxiv.org/abs/1508.06576).
"""

from cnnlib.style.costs import (
    SCALES,
    content_cost,
    gram_matrix,
    style_cost,
    total_cost,
    total_variation,
)
from cnnlib.style.transfer import STYLE_LAYERS, StyleTransfer

__all__ = [
    "SCALES",
    "STYLE_LAYERS",
    "StyleTransfer",
    "content_cost",
    "gram_matrix",
    "style_cost",
    "total_cost",
    "total_variation",
]
