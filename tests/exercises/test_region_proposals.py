"""Lesson 05's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises.week3.region_proposals import EXERCISES, MAP, ROI

exercises = {exercise.number: exercise for exercise in EXERCISES}


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np}
    exec(exercises[number].solution().code, space)
    return [space[name] for name in names]


@pytest.mark.parametrize(
    "number, names",
    [
        ("3.13", ("pair", "similarity")),
        ("3.14", ("pooled",)),
        ("3.15", ("factor", "limit")),
    ],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercises[number].check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercises[number].check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "pair, similarity, cause",
    [
        ("AC", 2.0, "when half of the picture takes part"),
        ("CB", 1.75, "Write down all three sums"),
        ("AB", 0.75 + 0.72, "the fill is missing"),
        ("AB", 0.75 + 0.96, "the size is missing"),
        ("AB", 0.72 + 0.96, "the color is missing"),
        ("AB", 2.43 / 3, "they are added up"),
        ("AB", 2.68, "agree in every bin"),
        ("AB", 7.0, "its similarity is not 7"),
        ("AD", 2.43, "the pair 'AD'"),
        ("AA", 2.43, "two regions"),
        (("A", "B"), 2.43, "as 'AC'"),
    ],
)
def test_wrong_merges_are_told_by_their_cause(pair, similarity, cause):
    assert cause in exercises["3.13"].judge(pair, similarity)


@pytest.mark.parametrize("pair", ["AB", "BA", "ab"])
def test_every_form_of_the_right_pair_is_right(pair):
    assert exercises["3.13"].judge(pair, 2.43) is None


def test_the_pooled_region_is_what_the_library_pools():
    from cnnlib.detection.rcnn import roi_pool

    maps = MAP[None, :, :, None].astype("float32")
    pooled = np.asarray(roi_pool(maps, [[ROI]], 2, scale=1 / 8))[0, 0, :, :, 0]
    assert exercises["3.14"].judge(pooled) is None
    assert pooled.tolist() == solved("3.14", "pooled")[0]


@pytest.mark.parametrize(
    "pooled, cause",
    [
        ([[46, 43], [66, 63]], "rounded to the nearest cell"),
        ([[45, 43], [65, 63]], "both ends belong"),
        ([[55, 52], [75, 72]], "every cell that it touches"),
        ([[45, 43], [75, 73]], "every cell that it touches"),
        ([[55, 75], [53, 73]], "rows and columns are swapped"),
        ([[33, 31], [53, 51]], "no maxima"),
        ([[1, 2], [3, 4]], "Which cells do the rounded corners take in"),
        ([55, 53, 75, 73], "the shape (4,)"),
    ],
)
def test_wrong_maxima_are_told_by_their_cause(pooled, cause):
    assert cause in exercises["3.14"].judge(pooled)


@pytest.mark.parametrize(
    "factor, limit, cause",
    [
        (156.7, 24.5, "the network's own gain"),
        (2.3 / 49, 24.5, "how much time is left over"),
        (20.0, 24.5, "not 20 times as fast"),
        (49 / 2.3, float("inf"), "has to wait for something"),
        (49 / 2.3, 156.7, "the limit is not 156.7"),
        (float("nan"), 24.5, "not nan times"),
    ],
)
def test_wrong_speeds_are_told_by_their_cause(factor, limit, cause):
    assert cause in exercises["3.15"].judge(factor, limit)


@pytest.mark.parametrize("number, parts", [("3.13", 2), ("3.14", 1), ("3.15", 2)])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), lambda: 1])
def test_any_other_thing_gets_a_message_and_no_traceback(number, parts, answer, capsys):
    exercises[number].check(*[answer] * parts)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("3.13", "AB"), ("3.14", "55"), ("3.15", "24")])
def test_the_hint_keeps_the_answer(number, secret):
    hint = exercises[number].hint_text
    assert hint and secret not in hint
