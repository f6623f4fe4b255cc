"""The notebooks' exercises: each checks an answer, gives a hint, and keeps a folded solution.

>>> from cnnlib.exercises import exercise
>>> exercise("1.1").check(None)
Exercise 1.1 — no answer yet. Put yours in place of None and run the cell again.
"""

from cnnlib.exercises.exercise import Exercise
from cnnlib.exercises.start import EXERCISES as START
from cnnlib.exercises.week1 import EXERCISES as WEEK1
from cnnlib.exercises.week2 import EXERCISES as WEEK2
from cnnlib.exercises.week3 import EXERCISES as WEEK3
from cnnlib.exercises.week4 import EXERCISES as WEEK4

_EXERCISES = {made.number: made for made in (*START, *WEEK1, *WEEK2, *WEEK3, *WEEK4)}


def exercise(number):
    """The exercise of that number, such as `"1.2"`: the second one of week 1.

    Raises
    ------
    ValueError
        Where there is no such exercise; the message lists those there are.
    """
    if number not in _EXERCISES:
        raise ValueError(f"exercise: no exercise {number!r}; there are {', '.join(_EXERCISES)}")
    return _EXERCISES[number]


__all__ = ["Exercise", "exercise"]
