"""Exercises of lesson 01, face verification."""

from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

_CASES = ((0.01, 0.5), (0.001, 0.1), (0.02, 0.5), (1e-5, 0.3))


def _judge_most_people(most_people):
    if not callable(most_people):
        return (
            f"you gave a {type(most_people).__name__}, it needs your function: "
            "most_people(e, error) gives the largest number of people."
        )
    given = []
    for e, error in _CASES:
        value = most_people(e, error)
        if isinstance(value, bool) or not isinstance(value, Real) or not np.isfinite(value):
            return (
                f"most_people({e:g}, {error:g}) is {value!r}, it needs to be a whole number of "
                "people."
            )
        given.append(float(value))
    given = np.array(given)
    e, error = np.array(_CASES).T
    exact = np.log(1 - error) / np.log(1 - e)
    told = f"most_people({e[0]:g}, {error[0]:g}) is {given[0]:g}. "
    if np.array_equal(given, np.floor(exact)):
        return None
    if np.allclose(given, exact):
        return told + "The formula is right, but people come whole, and the error must not exceed."
    if np.array_equal(given, np.ceil(exact)):
        return told + "With that many the error is already above what is allowed."
    if np.array_equal(given, np.floor(exact) + 1):
        return told + "With that many the error is already above what is allowed."
    if np.allclose(given, error / e, atol=1):
        return told + (
            "You add up the errors of the comparisons. That counts an identification with two "
            "errors twice; what is the probability that none goes wrong?"
        )
    if np.allclose(given, np.log(error) / np.log(1 - e), atol=1):
        return told + (
            "(1 − e)^K is the probability that all goes well, and you set it equal to the error."
        )
    return told + (
        "Write down the probability that all K comparisons go right, and solve for the K at which "
        "one minus it reaches the error."
    )


_SAME, _DIFFERENT = (0.2, 0.4, 0.7), (0.5, 0.6, 0.9)


def _judge_threshold(threshold):
    if isinstance(threshold, bool) or not isinstance(threshold, Real):
        return f"you gave {threshold!r}, it needs a number: a distance."
    if not 0 <= threshold < np.inf:
        return f"you gave {threshold}, but a distance is 0 or more."
    accepted = sum(distance <= threshold for distance in _DIFFERENT)
    rejected = sum(distance > threshold for distance in _SAME)
    told = f"with {threshold:g}, false accepts: {accepted}, false rejects: {rejected}. "
    if accepted == 0 and rejected == 1:
        return None
    if threshold == min(_DIFFERENT):
        return told + "The pair that is exactly as far as the threshold passes as well: d ≤ τ."
    if accepted == 0:
        return told + "No stranger passes, but more people are turned away than needed."
    if rejected == 0:
        return told + "Everybody passes who should; the door also opens to others."
    return told + "Which kind of error does this door forbid?"


def _judge_door(passed, turned_away):
    for name, value in (("the first share", passed), ("the second share", turned_away)):
        if isinstance(value, bool) or not isinstance(value, Real):
            return f"{name} is {value!r}, it needs a number from 0 to 1."
        if not 0 <= value <= 1:
            return f"{name} is {value}, a share lies between 0 and 1."
    if abs(passed - 0.06) > 1e-6:
        told = f"the first share is {passed:g}. "
        if abs(passed - 0.54) < 1e-6:
            return told + "That is the share that is near enough and caught. Which ones get in?"
        if abs(passed - 0.64) < 1e-6:
            return told + "A picture gets in where both checks fail, not where one of them does."
        if abs(passed - 0.1) < 1e-6:
            return told + "A picture that the liveness check misses still has to be near enough."
        return told + "Of the pictures that are near enough, which share is not caught?"
    if abs(turned_away - 0.0494) > 1e-6:
        told = f"the first share is right. The second is {turned_away:g}. "
        if abs(turned_away - 0.0006) < 1e-6:
            return told + "A right person is turned away where one check says no, not both."
        if abs(turned_away - 0.05) < 1e-6:
            return told + "You count those twice whom both checks turn away."
        if abs(turned_away - 0.9506) < 1e-6:
            return told + "That is the share of those who get in."
        return told + "A right person has to pass both checks: what is the probability of that?"
    return None


EXERCISES = (
    Exercise(
        number="4.1",
        judge=_judge_most_people,
        hint_text="Begin with the probability that no comparison goes wrong. A logarithm brings "
        "the exponent down; mind its sign when you divide an inequality.",
        solution_text="""
            import math

            # 1 − (1 − e)^K ≤ error, so (1 − e)^K ≥ 1 − error, so K · log(1 − e) ≥ log(1 − error).
            # log(1 − e) is negative: dividing by it turns the sign around.
            def most_people(e, error):
                return math.floor(math.log(1 - error) / math.log(1 - e))

            answer = most_people
            """,
        insight="One error in a hundred comparisons, and from 69 people on the door is more often "
        "wrong than right.",
    ),
    Exercise(
        number="4.2",
        judge=_judge_threshold,
        hint_text="Write the six distances in order, with S for same and D for different, and move "
        "a threshold from left to right.",
        solution_text="""
            # In order: 0.2 S, 0.4 S, 0.5 D, 0.6 D, 0.7 S, 0.9 D.
            # Below 0.5 no stranger passes. From 0.4 on two of the right pairs do.
            # The third is farther apart than two strangers: no threshold serves all.
            answer = 0.45
            """,
        insight="Any distance from 0.4 to just below 0.5 serves; the middle bears most change.",
    ),
    Exercise(
        number="4.3",
        judge=_judge_door,
        hint_text="Draw both checks one after the other, with the share that goes on after each.",
        solution_text="""
            # A picture gets in where it is near enough and passes as live.
            passed = 0.60 * (1 - 0.90)
            # A right person gets in where both checks say yes.
            turned_away = 1 - (1 - 0.02) * (1 - 0.03)
            answer = passed, turned_away
            """,
        insight="Each check stops a part of the pictures, and each adds its own errors for those "
        "who are welcome.",
    ),
)
