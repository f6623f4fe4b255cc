"""A classifier slid over a picture: window by window, or as one convolution over all of it.

Sermanet et al., "OverFeat: integrated recognition, localization and detection using convolutional
networks" (2014), https://arxiv.org/abs/1312.6229, section 3.5.
"""

from cnnlib.detection.windows.conversion import cells_by_layer, convolutional
from cnnlib.detection.windows.crops import Windows, pyramid, sliding_windows
from cnnlib.detection.windows.search import detect
from cnnlib.detection.windows.variation import varied

__all__ = [
    "Windows",
    "cells_by_layer",
    "convolutional",
    "detect",
    "pyramid",
    "sliding_windows",
    "varied",
]
