"""The exercises of week 2, one file a notebook."""

from cnnlib.exercises.week2 import ensembles, transfer_learning

EXERCISES = (*transfer_learning.EXERCISES, *ensembles.EXERCISES)
