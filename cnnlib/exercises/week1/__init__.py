"""The exercises of week 1, one file a notebook."""

EXERCISES = ()
