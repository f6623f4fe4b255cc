"""The exercises of week 1, one file a notebook."""

from cnnlib.exercises.week1 import convolution_layer, edge_detection, padding_and_stride, pooling

EXERCISES = (
    *edge_detection.EXERCISES,
    *padding_and_stride.EXERCISES,
    *convolution_layer.EXERCISES,
    *pooling.EXERCISES,
)
