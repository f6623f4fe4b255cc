"""The exercises of week 4, one file a notebook."""

from cnnlib.exercises.week4 import dimensions, triplets

EXERCISES = (*triplets.EXERCISES, *dimensions.EXERCISES)
