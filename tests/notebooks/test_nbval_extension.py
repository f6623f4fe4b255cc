"""The rules of comparison on small texts; test_mutations.py runs them on whole notebooks."""

import re

import pytest
from nbformat.v4 import new_output
from nbval.plugin import get_sanitize_patterns
from nbval_extension import NUMBER, _value, _without_bars, paired_numbers, reconcile_claims


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1e-05 and -0.5, 1,234 of 1,234.5", ["1e-05", "-0.5", "1,234", "1,234.5"]),
        ("[ 1.  nan -inf inf .5]", ["1.", "nan", "-inf", "inf", ".5"]),
        ("[1, 2]", ["1", "2"]),
        ("3-4 − −5", ["3", "4", "−5"]),
        ("conv2 3x3 v1.2.3 information nano", ["3"]),
        ("99%", ["99"]),
        ("", []),
    ],
)
def test_numbers_in_a_text(text, numbers):
    assert NUMBER.findall(text) == numbers


def test_number_values():
    assert [_value(text) for text in ("1,234.5", "−5", "1e-05", "3.")] == [1234.5, -5, 1e-5, 3]


def test_arrays_pair_whatever_their_columns():
    pairs = paired_numbers(
        "array([[ 0.5, 10. ],\n       [ 1. , nan]])", "array([[-0.51, 9.9], [1., nan]])"
    )
    assert pairs == [("0.5", "-0.51"), ("10.", "9.9"), ("1.", "1."), ("nan", "nan")]


@pytest.mark.parametrize(
    ("stored", "new"),
    [("loss 0.5", "cost 0.5"), ("[1, 2]", "[1, 2, 3]"), ("conv1 1", "conv2 1"), ("1 px", "1 s")],
)
def test_other_words_do_not_pair(stored, new):
    assert paired_numbers(stored, new) is None


STATED = "✓ accuracy: {} (at least 0.98; reruns ± 0.01)"


def test_claims_that_agree_take_the_stored_value():
    stored, new = (f"before\n{STATED.format(value)}\nafter" for value in (0.985, 0.99))
    assert reconcile_claims(stored, new) == ([], stored)


@pytest.mark.parametrize(
    ("stored", "new", "says"),
    [
        (STATED.format(0.98), STATED.format(0.995), "stored 0.98, new 0.995, reruns within 0.01"),
        (STATED.format(0.97), STATED.format(0.98), "the stored value breaks its own bound"),
        (STATED.format(0.97), "nothing", "the stored value breaks its own bound"),
        ("✓ n: 3 (at most 4)", "✓ n: 2 (at most 4)", "stored 3, new 2, reruns within 0 (exact)"),
    ],
)
def test_claims_that_disagree_are_told(stored, new, says):
    faults, _ = reconcile_claims(stored, new)
    assert len(faults) == 1
    assert says in faults[0]


@pytest.mark.parametrize(
    "new",
    [STATED.format(0.98).replace("0.98;", "0.97;"), STATED.format(0.98).replace("accuracy", "it")],
)
def test_another_claim_is_left_to_the_comparison_of_the_text(new):
    assert reconcile_claims(STATED.format(0.98), new) == ([], new)


def stderr(text):
    return new_output("stream", name="stderr", text=text)


@pytest.mark.parametrize(
    "text",
    [
        "100%|██████████| 5/5 [00:00<00:00, 19.82it/s]\n",
        "fit:  40%|████      | 2/5 [1:00:01<00:03,  9.7step/s, loss=0.3]\r",
        "12it [00:00, 31.4it/s]\n",
        "\r          \r",
    ],
)
def test_progress_bars_do_not_count(text):
    assert _without_bars([stderr(text)]) == []


def test_other_words_on_stderr_count():
    bar = "100%|██████████| 5/5 [00:00<00:00, 19.82it/s]\n"
    kept = _without_bars([stderr(bar + "UserWarning: old\n")])
    assert [output.text for output in kept] == ["UserWarning: old\n"]
    assert _without_bars([new_output("stream", name="stdout", text=bar)])[0].text == bar


@pytest.fixture
def sanitize(pytestconfig):
    text = (pytestconfig.rootpath / "tests/notebooks/sanitize.cfg").read_text(encoding="utf-8")
    patterns = get_sanitize_patterns(text)
    assert len(patterns) == text.count("regex: ")  # each is followed at once by its replacement

    def apply(line):
        for pattern, replacement in patterns:
            line = re.sub(pattern, replacement, line)
        return line

    return apply


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("12.3 s for 5 epochs", "TIME for 5 epochs"),
        ("1,200 ms, 3 µs, 2 min", "TIME, TIME, TIME"),
        ("loops     9.81 ms", "loops TIME"),
        ("loops  12009.81 ms (2 s)", "loops TIME (TIME)"),
        ("3 steps, 5 stones, 7 minutes", "3 steps, 5 stones, 7 minutes"),
        ("1.5 GiB of memory, 3 MB array", "MEMORY of memory, 3 MB array"),
        (STATED.format(0.987), "✓ accuracy: MEASURED (at least 0.98; reruns ± 0.01)"),
        ("✓ a: -1e-05 px (at most 3; reruns ± 1)", "✓ a: MEASURED px (at most 3; reruns ± 1)"),
        ("✓ a: 3.01 px (3 ± 0.1)", "✓ a: MEASURED px (3 ± 0.1)"),
        ("✓ a: 3 (at most 3)", "✓ a: 3 (at most 3)"),
        ("✓ a: 3 (exactly 3)", "✓ a: 3 (exactly 3)"),
    ],
)
def test_the_sanitizer_masks_numbers_and_no_line(sanitize, line, masked):
    assert sanitize(line) == masked
