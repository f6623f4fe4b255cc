"""The exercises of week 3, one file a notebook."""

from cnnlib.exercises.week3 import (
    localization,
    region_proposals,
    sliding_windows,
    suppression,
    yolo,
)

EXERCISES = (
    *localization.EXERCISES,
    *sliding_windows.EXERCISES,
    *suppression.EXERCISES,
    *yolo.EXERCISES,
    *region_proposals.EXERCISES,
)
