"""Lesson 06's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib import filters
from cnnlib.exercises import exercise

WEIGHTS = (3_612_672, 165_888, 1_152)
MATRIX = np.array([[1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3]])


def solved(number, *names):
    """The answer that the exercise's own solution computes."""
    space = {"np": np, "filters": filters}
    exec(exercise(number).solution().code, space)
    return [space[name] for name in names]


def edges(image):
    return filters.correlate(image, filters.VERTICAL_EDGE)


@pytest.mark.parametrize(
    "number, names",
    [
        ("1.16", ("weights_dense", "weights_sparse", "weights_shared")),
        ("1.17", ("matrix",)),
        ("1.18", ("invariant",)),
    ],
)
def test_the_solution_is_right_and_the_stub_is_not(number, names, capsys):
    exercise(number).check(*solved(number, *names))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(names))
    assert "no answer yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "place, count, cause",
    [
        (0, 28_224, "left the channels out"),
        (0, 3_614_976, "counted the biases"),
        (0, 3_872, "You added"),
        (0, 25_088, "each map one unit"),
        (0, 7, "How many output numbers"),
        (1, 20_736, "a window of 3 × 3 has depth"),
        (1, 10_368, "a single map"),
        (1, 1_152, "the places share"),
        (1, 112_896, "not for each input"),
        (2, 144, "a filter of 3 × 3 has depth"),
        (2, 1_168, "counted the biases"),
        (2, 72, "that is one filter"),
        (2, 165_888, "no place shares"),
        (2, 3.5, "`weights_shared` you gave 3.5"),
    ],
)
def test_wrong_counts_name_the_layer_and_the_slip(place, count, cause, capsys):
    answer = list(WEIGHTS)
    answer[place] = count
    exercise("1.16").check(*answer)
    printed = capsys.readouterr().out
    assert (
        f"not yet: for `{('weights_dense', 'weights_sparse', 'weights_shared')[place]}`" in printed
    )
    assert cause.casefold() in printed.casefold()


@pytest.mark.parametrize(
    "matrix, cause",
    [
        (MATRIX.T, "the matrix that carries the gradient back"),
        (np.vstack([[2, 3, 0, 0, 0], MATRIX, [0, 0, 0, 1, 2]]), "Without padding"),
        (MATRIX[::-1, ::-1], "stands reversed"),
        ([[1, 2, 3, 0, 0]] * 3, "rows are all the same"),
        ([[1, 2, 3, 0, 0], [0, 0, 1, 2, 3], [0, 0, 0, 0, 1]], "row 1 has weights outside"),
        ([[1, 2, 3, 0, 0], [0, 4, 5, 6, 0], [0, 0, 7, 8, 9]], "What is shared?"),
        (MATRIX * 2, "the kernel was"),
        ([1, 2, 3], r"shape (3,)"),
    ],
)
def test_wrong_matrices_are_told_by_their_cause(matrix, cause):
    assert cause in exercise("1.17").judge(matrix)


@pytest.mark.parametrize(
    "function",
    [
        lambda image: edges(image).max(),
        lambda image: [edges(image).max(), edges(image).min()],
        lambda image: np.abs(edges(image)).sum(),
        lambda image: image.sum(axis=0).max(),
    ],
)
def test_any_invariance_that_tells_the_bars_apart_is_right(function):
    assert exercise("1.18").judge(function) is None


@pytest.mark.parametrize(
    "function, cause",
    [
        (edges, "moves with its input"),
        (lambda image: edges(image)[::3, ::3].max(axis=0), "moves with its input"),
        (lambda image: image, "moved by one pixel"),
        (lambda image: image.argmax(), "about the place"),
        (lambda image: image[5, 5], "about one pixel"),
        (lambda image: edges(image)[:11, :11].max(), "moved far"),
        (lambda image: image.sum(), "a lying bar is that to a standing bar"),
        (lambda image: 42, "a lying bar is that to a standing bar"),
        (lambda image: edges(image).sum(), "cancel"),
        (lambda image: np.flatnonzero(image)[: np.argmax(image) % 7], "shape of your answer"),
    ],
)
def test_what_is_not_invariant_or_sees_no_difference_is_told_so(function, cause):
    assert cause in exercise("1.18").judge(function)


@pytest.mark.parametrize("number", ["1.17", "1.18"])
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), 3.5])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(answer)
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("answer", [("a", [], {}), (1.5, 2.5, 3.5), (True, True, True)])
def test_counts_of_any_kind_get_a_message(answer, capsys):
    exercise("1.16").check(*answer)
    assert capsys.readouterr().out.startswith("Exercise 1.16 — not yet: ")


@pytest.mark.parametrize(
    "number, secrets",
    [
        ("1.16", ["3,612,672", "165,888", "1,152"]),
        ("1.17", ["[0, 1, 2, 3, 0]"]),
        ("1.18", [".max"]),
    ],
)
def test_the_hint_keeps_the_answer(number, secrets, capsys):
    exercise(number).hint()
    printed = capsys.readouterr().out
    assert not any(secret in printed for secret in secrets)
