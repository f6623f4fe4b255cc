"""The exercises of week 3, one file a notebook."""

from cnnlib.exercises.week3 import region_proposals, sliding_windows, suppression, yolo

EXERCISES = (
    *sliding_windows.EXERCISES,
    *suppression.EXERCISES,
    *yolo.EXERCISES,
    *region_proposals.EXERCISES,
)
