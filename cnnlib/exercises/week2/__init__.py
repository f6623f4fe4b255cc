"""The exercises of week 2, one file a notebook."""

from cnnlib.exercises.week2 import ensembles

EXERCISES = (*ensembles.EXERCISES,)
