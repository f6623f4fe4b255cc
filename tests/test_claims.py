"""A claim prints what it checked, reads back what it printed, and refuses what means nothing."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnlib.claims import Claim, claim, read_line

numbers = st.integers(-(10**9), 10**9) | st.floats(-1e12, 1e12, allow_nan=False)
distances = st.floats(0, 1e6) | st.integers(0, 1000)
words = st.from_regex(r"[A-Za-z×²][\w ,:×()%-]{0,30}[a-z)]", fullmatch=True)
units = st.sampled_from(["", "s", "pixels", "%", "10⁶ weights"])


@st.composite
def bounds(draw):
    kind = draw(st.sampled_from(["at_least", "at_most", "both", "close_to"]))
    if kind == "close_to":
        return {"close_to": draw(numbers), "tolerance": draw(distances)}
    made = {}
    if draw(st.booleans()):
        made["tolerance"] = draw(distances)
    if kind == "both":
        made["at_least"], made["at_most"] = sorted([draw(numbers), draw(numbers)])
    else:
        made[kind] = draw(numbers)
    return made


@given(words, numbers, bounds(), units)
def test_parse_reads_back_what_is_printed(what, value, bound, unit):
    made = Claim(what, value, unit=unit, **bound)
    read = Claim.parse(str(made))
    assert read is not None
    assert (read.what, read.unit, read.bound) == (what, unit, made.bound)
    assert read.holds == made.holds  # rounding never carries a value across its bound
    again = Claim.parse(str(read))  # a digit kept for the bound's sake may go at the second time
    assert again.states_the_same_as(read)
    assert again.holds == read.holds
    assert math.isclose(read.value, value, rel_tol=1e-5)


@given(words, numbers, bounds(), units)
def test_a_claim_prints_one_line_or_raises(what, value, bound, unit):
    made = Claim(what, value, unit=unit, **bound)
    if made.holds:
        claim(what, value, unit=unit, **bound)
    else:
        with pytest.raises(AssertionError, match="claim broken"):
            claim(what, value, unit=unit, **bound)


@pytest.mark.parametrize(
    ("value", "bound", "line"),
    [
        (0.9871, {"at_least": 0.98, "tolerance": 0.01}, "0.9871 (at least 0.98; reruns ± 0.01)"),
        (3e9, {"at_most": 4e9}, "3,000,000,000 (at most 4,000,000,000)"),
        (2, {"at_least": 1, "at_most": 3}, "2 (from 1 to 3)"),
        (1.02, {"close_to": 1, "tolerance": 0.05}, "1.02 (1 ± 0.05)"),
        (1e-7, {"at_most": 1e-5}, "1e-07 (at most 1e-05)"),
        (-0.5, {"at_least": -1}, "-0.5 (at least -1)"),
        (280, {"equals": 280}, "280 (exactly 280)"),
        (1 / 3, {"at_most": 0.5}, "0.333333 (at most 0.5)"),
        (1234567.8, {"at_most": 1234568}, "1,234,568 (at most 1,234,568)"),
        (np.array([1, 2]), {"equals": [1, 2]}, "(1, 2) (exactly (1, 2))"),
        (np.float32(0.5), {"equals": 0.5}, "0.5 (exactly 0.5)"),
        (np.int64(7), {"at_least": np.int64(7)}, "7 (at least 7)"),
    ],
)
def test_printed_form(value, bound, line, capsys):
    claim("it", value, **bound)
    assert capsys.readouterr().out == f"✓ it: {line}\n"


def test_unit_follows_the_value(capsys):
    claim("wait", 2.5, at_most=4, unit="s")
    assert capsys.readouterr().out == "✓ wait: 2.5 s (at most 4)\n"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
@pytest.mark.parametrize(
    "bound",
    [
        {"at_least": -1e300},
        {"at_most": 1e300},
        {"at_least": -1, "at_most": 1},
        {"close_to": 0, "tolerance": 1e9},
    ],
)
def test_what_is_not_finite_keeps_no_bound(value, bound):
    with pytest.raises(AssertionError, match=r"claim broken: it: (nan|-?inf)"):
        claim("it", value, **bound)


@pytest.mark.parametrize("value", [math.nan, [1.0, math.nan]])
def test_nan_is_not_even_itself(value):
    with pytest.raises(AssertionError):
        claim("it", value, equals=value)


def test_a_broken_claim_shows_value_and_bound():
    with pytest.raises(AssertionError, match=r"claim broken: it: 0\.97 \(at least 0\.98\)"):
        claim("it", 0.97, at_least=0.98)
    with pytest.raises(AssertionError, match=r"0\.9799999 \(at least 0\.98\)"):
        claim("it", 0.9799999, at_least=0.98)
    with pytest.raises(AssertionError, match=r"0\.30000000000000004 \(exactly 0\.3\)"):
        claim("it", 0.1 + 0.2, equals=0.3)
    with pytest.raises(AssertionError, match=r"\(1, 2\) \(exactly \(1, 2, 3\)\)"):
        claim("it", [1, 2], equals=[1, 2, 3])


@pytest.mark.parametrize(
    ("bound", "error", "says"),
    [
        ({}, ValueError, "exactly one"),
        ({"equals": 1, "at_least": 1}, ValueError, "exactly one"),
        ({"equals": 1, "close_to": 1, "tolerance": 1}, ValueError, "exactly one"),
        ({"at_least": 2, "at_most": 1}, ValueError, "must not exceed"),
        ({"close_to": 1}, ValueError, "needs tolerance"),
        ({"equals": 1, "tolerance": 1}, ValueError, "equals takes none"),
        ({"at_least": 0, "tolerance": -1}, ValueError, "0 or more"),
        ({"at_least": -math.inf}, ValueError, "finite"),
        ({"at_most": math.nan}, ValueError, "finite"),
        ({"close_to": 1, "tolerance": math.inf}, ValueError, "finite"),
        ({"at_least": "0"}, TypeError, "real number"),
        ({"at_least": True}, TypeError, "real number"),
        ({"at_least": 0, "unit": "a (b)"}, ValueError, "unit"),
        ({"at_least": 0, "unit": "a: b"}, ValueError, "unit"),
    ],
)
def test_misuse_is_refused(bound, error, says):
    with pytest.raises(error, match=says):
        claim("it", 1, **bound)


@pytest.mark.parametrize("what", ["", " ", "two\nlines", " padded", 3])
def test_the_statement_is_one_line_of_words(what):
    with pytest.raises(ValueError, match="one line of words"):
        claim(what, 1, equals=1)


@pytest.mark.parametrize("value", ["1", True, 1j, [1.0, 2.0], None])
def test_a_numeric_bound_needs_a_number(value):
    with pytest.raises(TypeError, match="real number"):
        claim("it", value, at_least=0)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "accuracy: 0.9",
        "✓ a: 4 (exactly 4)",
        "✓ a: 4",
        "✓ a: many (at least 2)",
        "✓ a: 4 (at least)",
    ],
)
def test_other_lines_are_no_claims(line):
    assert Claim.parse(line) is None


def claimed(value, bound="at least 0.98; reruns ± 0.01", what="accuracy"):
    return Claim.parse(f"✓ {what}: {value} ({bound})")


def test_a_stored_value_may_break_its_bound_and_is_found():
    assert claimed("0.98").holds
    assert not claimed("0.9799").holds
    assert claimed("0.7", "0.8 ± 0.1").holds
    assert not claimed("0.69", "0.8 ± 0.1").holds


def test_reruns_agree_within_the_tolerance_as_it_is_printed():
    assert claimed("0.98").agrees_with(claimed("0.99"))
    assert not claimed("0.98").agrees_with(claimed("0.9901"))
    assert claimed("0.7", "0.8 ± 0.1").agrees_with(claimed("0.9", "0.8 ± 0.1"))


def test_without_tolerance_the_digits_are_the_same():
    bound = "at least 0.98"
    assert claimed("0.9871", bound).agrees_with(claimed("0.9871", bound))
    assert not claimed("0.9871", bound).agrees_with(claimed("0.9872", bound))
    large = "at least 1"
    assert not claimed("1,000,000,001", large).agrees_with(claimed("1,000,000,000", large))


@pytest.mark.parametrize(
    "other",
    [
        claimed("0.98", "at least 0.97; reruns ± 0.01"),
        claimed("0.98", "at least 0.98; reruns ± 0.02"),
        claimed("0.98", "at most 0.98; reruns ± 0.01"),
        claimed("0.98", what="error"),
        claimed("0.98 s"),
    ],
)
def test_another_statement_never_agrees(other):
    assert other is not None
    assert not claimed("0.98").agrees_with(other)


@given(numbers, distances, st.floats(-2, 2))
def test_agreement_is_symmetric(value, tolerance, share):
    first = Claim("it", value, at_least=-1e13, tolerance=tolerance)
    other = Claim("it", value + share * tolerance, at_least=-1e13, tolerance=tolerance)
    assume(math.isfinite(other.value))
    assert first.agrees_with(other) == other.agrees_with(first)
    assert first.agrees_with(first)


def test_claims_need_no_framework():
    code = "import sys, cnnlib.claims; print({'numpy', 'keras', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("✓ width: 4 (exactly 4)", ("width", "4", "exactly 4")),
        ("✓ width: 4 pixels (exactly 4)", ("width", "4 pixels", "exactly 4")),
        (
            "✓ map: its shape: (4, 4) (exactly (4, 4))",
            ("map: its shape", "(4, 4)", "exactly (4, 4)"),
        ),
        (
            "✓ read correctly: 0.987 (at least 0.98; reruns ± 0.01)",
            ("read correctly", "0.987", "at least 0.98; reruns ± 0.01"),
        ),
        ("✓ time (of one): 1.5 s (from 1 to 2)", ("time (of one)", "1.5 s", "from 1 to 2")),
        ("✓ width: 4 (exactly 5)", None),
        ("width: 4 (exactly 4)", None),
    ],
)
def test_a_printed_claim_of_any_kind_is_read_back(line, read):
    assert read_line(line) == read
