"""Lesson 02's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week4.triplets import EXERCISES, MARGIN, NEGATIVES, POSITIVE

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number):
    """The answer that the exercise's own solution computes."""
    space = {}
    exec(exercises[number].solution().code, space)
    return space["answer"]


@pytest.mark.parametrize("number", ["4.4", "4.5", "4.6"])
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    exercises[number].check(solved(number))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(None)
    assert "no answer yet" in capsys.readouterr().out


def test_the_semi_hard_ones_have_a_loss_below_the_margin():
    losses = np.maximum(POSITIVE**2 - NEGATIVES**2 + MARGIN, 0)
    assert (np.flatnonzero((losses > 0) & (losses < MARGIN)) + 1).tolist() == solved("4.4")


def test_no_triplet_of_length_1_costs_less_than_the_solution():
    points = np.random.default_rng(0).normal(size=(3, 5000, 2))
    anchor, positive, negative = points / np.linalg.norm(points, axis=-1, keepdims=True)
    squared = [((anchor - other) ** 2).sum(axis=-1) for other in (positive, negative)]
    least = np.maximum(squared[0] - squared[1] + 5, 0).min()
    assert solved("4.5") <= least < solved("4.5") + 0.02


@pytest.mark.parametrize("chosen", [(4, 3), {3, 4}, np.array([3, 4])])
def test_any_sequence_of_the_right_numbers_is_right(chosen):
    assert exercises["4.4"].judge(chosen) is None


@pytest.mark.parametrize(
    "chosen, cause",
    [
        ([3, 4, 5], "not squared"),
        ([1, 2], "nearer than the positive: what is that kind called"),
        ([1, 2, 3, 4], "All of these have a loss"),
        ([5, 6], "they are easy"),
        ([3], "asks for all of them"),
        ([2, 3, 4], "Square all distances"),
        ([], "Square all distances"),
        ([3, 3], "each number from 1 to 6 can stand there once"),
        ([0, 4], "each number from 1 to 6 can stand there once"),
        ([3.0, 4.0], "it needs a list of numbers"),
        (3, "it needs a list of numbers"),
    ],
)
def test_wrong_choices_are_told_by_their_cause(chosen, cause):
    assert cause in exercises["4.4"].judge(chosen)


@pytest.mark.parametrize(
    "value, cause",
    [
        (0, "How far apart can"),
        (5, "where all encodings are equal"),
        (3, "The loss has its square"),
        (4, "a diameter away"),
        (-1, "a maximum with 0"),
        (2.5, "as small and the second as large"),
        ("1", "it needs a number"),
        (True, "it needs a number"),
    ],
)
def test_wrong_losses_are_told_by_their_cause(value, cause):
    assert cause in exercises["4.5"].judge(value)


def test_the_loss_of_the_shrunk_triplet_is_that_of_its_encodings():
    anchor, positive, negative = np.array([[0.0, 0.0], [0.0, 0.5], [0.45**0.5, 0.0]])
    losses = []
    for s in (1, 0.5):
        near, far = (
            (s * anchor - s * other) @ (s * anchor - s * other) for other in (positive, negative)
        )
        losses.append(max(near - far + MARGIN, 0))
    kind, loss = solved("4.6")
    assert losses == pytest.approx([0.1, loss]) and kind == "semi-hard"


@pytest.mark.parametrize("kind", ["semi-hard", "semi_hard", "Semi-hard", " semihard "])
def test_any_spelling_of_the_right_kind_is_right(kind):
    assert exercises["4.6"].judge([kind, 0.25]) is None
    assert exercises["4.6"].judge((kind, np.float32(0.25))) is None


@pytest.mark.parametrize(
    "given, cause",
    [
        (("random", 0.25), "the order may be right or wrong"),
        (("hard", 0.25), "which sign is that"),
        (("semi-hard", 0.1), "the loss before shrinking"),
        (("semi-hard", 0.2), "What do their squares do"),
        (("semi-hard", 0.025), "The margin does not shrink."),
        (("semi-hard", 0.05), "the squares shrink by s²"),
        (("semi-hard", 0.3), "where all encodings are equal"),
        (("semi-hard", -0.05), "Where is the margin"),
        (("semi-hard", 0.7), "Put s, the bracket and α"),
        (("easy", 0.25), "it needs one of random, semi-hard, hard"),
        (("semi-hard", "0.25"), "it needs a number"),
        (("semi-hard", True), "it needs a number"),
        ("semi-hard", "it needs two things"),
        (0.25, "it needs two things"),
    ],
)
def test_wrong_answers_about_shrinking_are_told_by_their_cause(given, cause):
    assert cause in exercises["4.6"].judge(given)


@pytest.mark.parametrize("number", ["4.4", "4.5", "4.6"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercises[number].check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("4.4", "4"), ("4.5", "4"), ("4.6", "semi-hard")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
