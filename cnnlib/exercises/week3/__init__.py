"""The exercises of week 3, one file a notebook."""

from cnnlib.exercises.week3 import yolo

EXERCISES = (*yolo.EXERCISES,)
