"""The exercises of week 4, one file a notebook."""

EXERCISES = ()
