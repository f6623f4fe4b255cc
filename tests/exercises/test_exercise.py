"""What every exercise does, shown on one that asks for 6 × 7."""

import html

import pytest
from IPython.core.formatters import DisplayFormatter

from cnnlib.exercises import Exercise, exercise


def judge(answer):
    answer = answer() if callable(answer) else answer
    return None if answer == 42 else f"{answer} came, a product was expected: did you add?"


PRODUCT = Exercise(
    number="9.1",
    judge=judge,
    hint_text="Seven sixes.",
    solution_text="""
        # a < b & c are for the page
        for _ in range(7):
            total += 6
    """,
    insight="It repeats.",
)


def failing():
    raise KeyError("width")


@pytest.mark.parametrize("nothing", [(None,), (...,), (None, None), ()])
def test_no_answer_yet(nothing, capsys):
    PRODUCT.check(*nothing)
    assert capsys.readouterr().out.startswith("Exercise 9.1 — no answer yet.")


def test_right(capsys):
    PRODUCT.check(42)
    assert capsys.readouterr().out == "Exercise 9.1 — right. It repeats.\n"


def test_wrong_says_what_came_and_not_the_answer(capsys):
    PRODUCT.check(13)
    printed = capsys.readouterr().out
    assert printed == "Exercise 9.1 — not yet: 13 came, a product was expected: did you add?\n"
    assert "42" not in printed


@pytest.mark.parametrize("answer", [0, False, ""])
def test_an_empty_answer_is_an_answer(answer, capsys):
    PRODUCT.check(answer)
    assert "not yet" in capsys.readouterr().out


def test_an_answer_that_raises_is_told_so(capsys):
    PRODUCT.check(failing)
    assert "not yet: your code stopped with KeyError: 'width'" in capsys.readouterr().out


def test_too_many_answers_are_told_so(capsys):
    PRODUCT.check(6, 7)
    assert "it cannot be read, TypeError" in capsys.readouterr().out


def test_hint(capsys):
    PRODUCT.hint()
    assert capsys.readouterr().out == "Hint for exercise 9.1: Seven sixes.\n"


def test_the_solution_is_folded_and_escaped():
    shown, _ = DisplayFormatter().format(PRODUCT.solution())
    folded = shown["text/html"]
    assert folded.startswith("<details><summary>Solution of exercise 9.1</summary>")
    assert " open" not in folded
    code = folded.split("<code>")[1].split("</code>")[0]
    assert "<" not in code
    assert html.unescape(code) == (
        "# a < b & c are for the page\nfor _ in range(7):\n    total += 6"
    )
    assert shown["text/plain"].endswith(html.unescape(code))


def test_an_unknown_number_lists_those_there_are():
    with pytest.raises(ValueError, match=r"no exercise '9\.9'; there are .*1\.1"):
        exercise("9.9")
