"""The exercises of week 3, one file a notebook."""

from cnnlib.exercises.week3 import region_proposals, sliding_windows, yolo

EXERCISES = (
    *sliding_windows.EXERCISES,
    *yolo.EXERCISES,
    *region_proposals.EXERCISES,
)
