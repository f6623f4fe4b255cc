"""Lesson 06's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib import arithmetic, filters
from cnnlib.exercises import exercise

GROWTH = (16, 4, 1)
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
        ("1.16", ("growth_dense", "growth_sparse", "growth_shared")),
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
    "place, factor, cause",
    [
        (0, 2, "How many pixels are that?"),
        (0, 4, "Which of them does a dense layer join"),
        (0, 8, "one side too few"),
        (0, 1, "do not know how large the picture is"),
        (0, 7, "How many outputs"),
        (1, 2, "How many outputs are that"),
        (1, 16, "How large is the window now"),
        (1, 1, "weights of their own"),
        (2, 4, "Do they need new weights"),
        (2, 2, "What does a filter depend on"),
        (2, 16, "What does a filter depend on"),
        (2, 3.5, "`growth_shared` you gave 3.5"),
        (2, True, "`growth_shared` you gave True"),
    ],
)
def test_wrong_factors_name_the_layer_and_the_slip(place, factor, cause, capsys):
    answer = list(GROWTH)
    answer[place] = factor
    exercise("1.16").check(*answer)
    printed = capsys.readouterr().out
    assert f"not yet: for `growth_{('dense', 'sparse', 'shared')[place]}`" in printed
    assert cause in printed


def test_the_factors_are_those_of_counted_layers():
    def dense(n):
        return (n * n * 8) * (n * n * 16)

    def sparse(n):
        return (3 * 3 * 8) * (n * n * 16)

    def shared(n):
        return arithmetic.conv_parameters(3, 8, 16, bias=False)

    assert tuple(weights(28) / weights(14) for weights in (dense, sparse, shared)) == GROWTH


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


def bar(place, size=20, thickness=2, gray=1.0):
    """A standing bar from border to border."""
    image = np.zeros((size, size))
    image[:, place : place + thickness] = gray
    return image


@pytest.mark.parametrize("size", [20, 31])
@pytest.mark.parametrize("gray", [1.0, 0.4])
def test_the_solution_keeps_its_promise_at_every_place_the_text_allows(size, gray):
    (invariant,) = solved("1.18", "invariant")
    bars = [bar(place, size, gray=gray) for place in range(2, size - 3)]
    standing = {invariant(image) for image in bars}
    lying = {invariant(image.T) for image in bars}
    assert len(standing) == len(lying) == 1
    assert standing.pop() > lying.pop()


@pytest.mark.parametrize(
    "function",
    [
        lambda image: edges(image).max(),
        lambda image: [np.abs(edges(image)).sum()],
        lambda image: image.sum(axis=0).max(),
        lambda image: -filters.correlate(image, filters.HORIZONTAL_EDGE).max(),
    ],
)
def test_any_invariance_that_tells_the_bars_apart_is_right(function):
    assert exercise("1.18").judge(function) is None


@pytest.mark.parametrize(
    "function, cause",
    [
        (edges, "A map moves with the bar"),
        (lambda image: edges(image).max(axis=0), "your answer has 18 numbers"),
        (lambda image: image.argmax(), "standing bar has moved by"),
        (lambda image: image[:, 3].sum(), "standing bar has moved by"),
        (lambda image: image[:, :11].sum(), "standing bar has moved by"),
        (lambda image: image.sum(axis=0).max() + image[16, 0], "lying bar has moved by"),
        (lambda image: image.sum(), "a lying bar is that to a standing bar"),
        (lambda image: 42, "a lying bar is that to a standing bar"),
        (lambda image: edges(image).sum(), "cancel"),
        (lambda image: -edges(image).max(), "larger for the lying bar"),
        (
            lambda image: filters.correlate(image, filters.HORIZONTAL_EDGE).max(),
            "larger for the lying bar",
        ),
        (lambda image: np.inf, "finite"),
        (lambda image: [], "your answer has 0 numbers"),
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
def test_factors_of_any_kind_get_a_message(answer, capsys):
    exercise("1.16").check(*answer)
    assert capsys.readouterr().out.startswith("Exercise 1.16 — not yet: ")


@pytest.mark.parametrize(
    "number, secrets",
    [
        ("1.16", ["16", "4"]),
        ("1.17", ["[0, 1, 2, 3, 0]"]),
        ("1.18", [".max"]),
    ],
)
def test_the_hint_keeps_the_answer(number, secrets, capsys):
    exercise(number).hint()
    _, _, printed = capsys.readouterr().out.partition(": ")
    assert not any(secret in printed for secret in secrets)


def test_a_row_that_only_some_lying_bars_cross_is_refused():
    assert "bar has moved" in exercise("1.18").judge(lambda image: image[5].max())


def test_a_forgotten_return_is_told_so():
    assert "a finite number is asked for" in exercise("1.18").judge(lambda image: None)
