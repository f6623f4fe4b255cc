"""The exercises of week 3, one file a notebook."""

EXERCISES = ()
