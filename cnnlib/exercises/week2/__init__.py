"""The exercises of week 2, one file a notebook."""

from cnnlib.exercises.week2 import (
    augmentation,
    classic_networks,
    ensembles,
    inception,
    residual_networks,
    transfer_learning,
)

EXERCISES = (
    *classic_networks.EXERCISES,
    *residual_networks.EXERCISES,
    *inception.EXERCISES,
    *transfer_learning.EXERCISES,
    *augmentation.EXERCISES,
    *ensembles.EXERCISES,
)
