"""Lesson 00's exercise: its own solution passes, typical slips are told by their cause."""

import pytest

from cnnlib.exercises import exercise


def test_the_solution_is_right_and_the_stub_is_not(capsys):
    space = {}
    exec(exercise("0.1").solution().code, space)
    exercise("0.1").check(space["weights"])
    assert capsys.readouterr().out.startswith("Exercise 0.1 — right.")
    exercise("0.1").check(None)
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, cause",
    [
        (280, "a picture of one row"),
        (7_850, "counts the 10 biases as well"),
        (784, "serves a single unit"),
        (794, "Count the pixels first"),
        (78_400, "Count the pixels first"),
    ],
)
def test_wrong_counts_are_told_by_their_cause(answer, cause, capsys):
    exercise("0.1").check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Exercise 0.1 — not yet: ")
    assert cause in printed
    assert "7,840" not in printed


@pytest.mark.parametrize("answer", ["a word", [28, 28], {"weights": 1}, object(), float("nan")])
def test_any_other_thing_gets_a_message_and_no_traceback(answer, capsys):
    exercise("0.1").check(answer)
    assert capsys.readouterr().out.startswith("Exercise 0.1 — not yet: ")


def test_the_hint_keeps_the_answer(capsys):
    exercise("0.1").hint()
    printed = capsys.readouterr().out
    assert "Every unit" in printed
    assert "7,840" not in printed
