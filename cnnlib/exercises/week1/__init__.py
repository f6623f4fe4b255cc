"""The exercises of week 1, one file a notebook."""

from cnnlib.exercises.week1 import (
    convnet,
    convolution_layer,
    edge_detection,
    padding_and_stride,
    pooling,
    why_convolutions,
)

EXERCISES = (
    *edge_detection.EXERCISES,
    *padding_and_stride.EXERCISES,
    *convolution_layer.EXERCISES,
    *pooling.EXERCISES,
    *convnet.EXERCISES,
    *why_convolutions.EXERCISES,
)
