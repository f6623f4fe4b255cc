"""Statements of fact, checked in the cell that makes them.

A claim prints one line. The line is the record: the notebooks' verification and the course run
read it back with `Claim.parse`, so a stored number that broke its own bound is found as well.
"""

import math
import re
from dataclasses import dataclass
from numbers import Real

_NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e[-+]\d+)?"
_LINE = re.compile(
    rf"✓ (?P<what>.+): (?P<value>{_NUMBER})(?: (?P<unit>[^()]+))? "
    rf"\((?:at least (?P<at_least>{_NUMBER})|at most (?P<at_most>{_NUMBER})"
    rf"|from (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})"
    rf"|(?P<close_to>{_NUMBER}) ± (?P<within>{_NUMBER}))"
    rf"(?:; reruns ± (?P<tolerance>{_NUMBER}))?\)"
)


@dataclass(frozen=True)
class Claim:
    """A statement `what`, the number measured for it, and the bounds the number must keep."""

    what: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    close_to: float | None = None
    tolerance: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value keeps every bound; a NaN keeps none."""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        if self.close_to is not None:
            low, high = self.close_to - self.tolerance, self.close_to + self.tolerance
        return low <= self.value <= high

    @property
    def bound(self) -> str:
        """The bounds in words, as they are printed."""
        if self.close_to is not None:
            return f"{_text(self.close_to)} ± {_text(self.tolerance)}"
        if self.at_least is not None and self.at_most is not None:
            words = f"from {_text(self.at_least)} to {_text(self.at_most)}"
        elif self.at_least is not None:
            words = f"at least {_text(self.at_least)}"
        else:
            words = f"at most {_text(self.at_most)}"
        return words if self.tolerance is None else f"{words}; reruns ± {_text(self.tolerance)}"

    def agrees_with(self, other: "Claim") -> bool:
        """Whether a rerun `other` states the same and measured the same within the tolerance."""
        same_statement = (self.what, self.unit, self.bound) == (other.what, other.unit, other.bound)
        allowed = 2 * self.tolerance if self.close_to is not None else self.tolerance or 0
        return same_statement and abs(self.value - other.value) <= allowed

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"✓ {self.what}: {_text(self.value)}{unit} ({self.bound})"

    @classmethod
    def parse(cls, line: str) -> "Claim | None":
        """Read a printed line back; None where the line is not a claim with numeric bounds.

        >>> Claim.parse("✓ accuracy: 0.987 (at least 0.98; reruns ± 0.01)").holds
        True
        """
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return None
        number = {
            name: None if text is None else float(text.replace(",", ""))
            for name, text in match.groupdict().items()
            if name not in ("what", "unit")
        }
        return cls(
            match["what"],
            number["value"],
            at_least=number["low"] if match["low"] else number["at_least"],
            at_most=number["high"] if match["high"] else number["at_most"],
            close_to=number["close_to"],
            tolerance=number["within"] if match["within"] else number["tolerance"],
            unit=match["unit"] or "",
        )


def claim(
    what,
    value,
    *,
    at_least=None,
    at_most=None,
    equals=None,
    close_to=None,
    tolerance=None,
    unit="",
):
    """State a fact and check it: print the value with its bound, or raise.

    Parameters
    ----------
    what : str
        The statement, in words.
    value : number, or anything that compares with `equals`
        What was measured. An array counts as its nested tuple of numbers.
    at_least, at_most, equals, close_to
        Exactly one bound, or `at_least` together with `at_most`.
    tolerance : number, optional
        With `close_to`: how far the value may lie from it. With `at_least` and `at_most`: how far
        a rerun on another machine may lie from the stored value; without it a rerun must print
        the same digits. An exact count needs no tolerance, what training measures does.
    unit : str, optional
        Printed after the value: `"s"`, `"pixels"`.

    Raises
    ------
    AssertionError
        Where the value breaks the bound; a NaN always does.
    ValueError
        Without a bound, with bounds that exclude each other, or a tolerance that is missing,
        negative or without use.
    TypeError
        Where a numeric bound meets a value that is not a real number.

    Examples
    --------
    >>> claim("output width of a 6-pixel row under a 3-pixel kernel", 6 - 3 + 1, equals=4)
    ✓ output width of a 6-pixel row under a 3-pixel kernel: 4 (exactly 4)
    >>> claim("share of the digits read correctly", 0.9871, at_least=0.98, tolerance=0.01)
    ✓ share of the digits read correctly: 0.9871 (at least 0.98; reruns ± 0.01)
    """
    _require_one_bound(at_least, at_most, equals, close_to, tolerance)
    value = _plain(value)
    if equals is not None:
        equals = _plain(equals)
        unit = f" {unit}" if unit else ""
        statement = f"{what}: {_text(value)}{unit} (exactly {_text(equals)})"
        if value != equals:
            raise AssertionError(f"claim broken: {statement}")
        print(f"✓ {statement}")
        return
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"claim: value is {value!r}, a numeric bound needs a real number")
    made = Claim(what, value, at_least, at_most, close_to, tolerance, unit)
    if not made.holds:
        raise AssertionError(f"claim broken: {str(made).removeprefix('✓ ')}")
    print(made)


def _require_one_bound(at_least, at_most, equals, close_to, tolerance):
    ordered = at_least is not None or at_most is not None
    kinds = ordered + (equals is not None) + (close_to is not None)
    if kinds != 1:
        raise ValueError(
            f"claim: got {kinds} kinds of bound; give exactly one of equals, close_to, "
            "at_least, at_most, or at_least with at_most"
        )
    if at_least is not None and at_most is not None and not at_least <= at_most:
        raise ValueError(f"claim: at_least is {at_least}, which must not exceed at_most {at_most}")
    if close_to is not None and tolerance is None:
        raise ValueError("claim: close_to needs tolerance, the largest distance that still counts")
    if tolerance is not None and (equals is not None or not tolerance >= 0):
        raise ValueError(
            f"claim: tolerance is {tolerance}; it must be 0 or more, and equals takes none"
        )


def _plain(value):
    """The value in Python's own types; arrays and lists become tuples, so that == is one bool."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "numpy"):
        value = value.numpy().tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value


def _text(value) -> str:
    """Whole numbers with separators, other numbers with six significant digits."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:.6g}"
