"""The exercises of week 2, one file a notebook."""

EXERCISES = ()
