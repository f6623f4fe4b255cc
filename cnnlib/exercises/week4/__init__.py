"""The exercises of week 4, one file a notebook."""

from cnnlib.exercises.week4 import dimensions, insight, style, triplets, verification

EXERCISES = (
    *verification.EXERCISES,
    *triplets.EXERCISES,
    *insight.EXERCISES,
    *style.EXERCISES,
    *dimensions.EXERCISES,
)
