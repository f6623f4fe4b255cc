"""The exercises of week 4, one file a notebook."""

from cnnlib.exercises.week4 import dimensions, style, triplets

EXERCISES = (*triplets.EXERCISES, *style.EXERCISES, *dimensions.EXERCISES)
