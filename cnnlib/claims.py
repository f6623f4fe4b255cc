"""Statements of fact, checked in the cell that makes them.

A claim prints one line. The line is the record: the notebooks' verification and the course run
read it back with `Claim.parse`, so a stored number that broke its own bound is found as well.
"""

import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from typing import NamedTuple

_NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e[-+]\d+)?"
_LINE = re.compile(
    rf"✓ (?P<what>.+): (?P<value>{_NUMBER})(?: (?P<unit>[^()]+))? "
    rf"\((?:at least (?P<at_least>{_NUMBER})|at most (?P<at_most>{_NUMBER})"
    rf"|from (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})"
    rf"|(?P<close_to>{_NUMBER}) ± (?P<within>{_NUMBER}))"
    rf"(?:; reruns ± (?P<tolerance>{_NUMBER}))?\)"
)
_EXACT_LINE = re.compile(
    r"✓ (?P<what>.+?): (?P<value>(?P<bound>.+)(?: [^()]+)?) \(exactly (?P=bound)\)"
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
        """Whether the value keeps every bound; a NaN and an infinity keep none."""
        if not math.isfinite(self.value):
            return False
        if self.close_to is not None:
            return _distance(self.value, self.close_to) <= Decimal(str(self.tolerance))
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return low <= self.value <= high

    @property
    def bound(self) -> str:
        """The bounds in words, as they are printed."""
        if self.close_to is not None:
            return f"{_exact(self.close_to)} ± {_exact(self.tolerance)}"
        if self.at_least is not None and self.at_most is not None:
            words = f"from {_exact(self.at_least)} to {_exact(self.at_most)}"
        elif self.at_least is not None:
            words = f"at least {_exact(self.at_least)}"
        else:
            words = f"at most {_exact(self.at_most)}"
        return words if self.tolerance is None else f"{words}; reruns ± {_exact(self.tolerance)}"

    @property
    def allowed(self) -> float:
        """How far a rerun may lie from this value: across the whole band, where there is one."""
        return 2 * self.tolerance if self.close_to is not None else self.tolerance or 0

    def states_the_same_as(self, other: "Claim") -> bool:
        """Whether both make the same statement, under the same bound."""
        return (self.what, self.unit, self.bound) == (other.what, other.unit, other.bound)

    def agrees_with(self, other: "Claim") -> bool:
        """Whether a rerun `other` states the same and measured the same within the tolerance."""
        close = _distance(self.value, other.value) <= Decimal(str(self.allowed))
        return self.states_the_same_as(other) and close

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"✓ {self.what}: {self._measured}{unit} ({self.bound})"

    @property
    def _measured(self) -> str:
        """Six significant digits, more where rounding would carry the value across its bound."""
        for digits in range(6, 17):
            text = _text(self.value, digits)
            if replace(self, value=_number(text)).holds == self.holds:
                return text
        return _exact(self.value)

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
            name: None if text is None else _number(text)
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
        Where the value breaks the bound; a NaN and an infinity always do.
    ValueError
        Without a bound, with bounds that exclude each other or that every number keeps, with a
        tolerance that is missing, negative or without use, or with words that fill no line.
    TypeError
        Where a numeric bound or the value under it is not a real number.

    Examples
    --------
    >>> claim("output width of a 6-pixel row under a 3-pixel kernel", 6 - 3 + 1, equals=4)
    ✓ output width of a 6-pixel row under a 3-pixel kernel: 4 (exactly 4)
    >>> claim("share of the digits read correctly", 0.9871, at_least=0.98, tolerance=0.01)
    ✓ share of the digits read correctly: 0.9871 (at least 0.98; reruns ± 0.01)
    """
    _require_one_line(what, unit)
    at_least, at_most, close_to, tolerance = map(_plain, (at_least, at_most, close_to, tolerance))
    _require_one_bound(at_least, at_most, equals, close_to, tolerance)
    value = _plain(value)
    if equals is not None:
        equals = _plain(equals)
        unit = f" {unit}" if unit else ""
        bound = f"(exactly {_exact(equals)})"
        if not _same(value, equals):
            raise AssertionError(f"claim broken: {what}: {_exact(value)}{unit} {bound}")
        print(f"✓ {what}: {_exact(equals)}{unit} {bound}")  # not the value: 1.0 reads as 1
        return
    if not _is_number(value):
        raise TypeError(f"claim: value is {value!r}, a numeric bound needs a real number")
    made = Claim(what, value, at_least, at_most, close_to, tolerance, unit)
    if not made.holds:
        raise AssertionError(f"claim broken: {str(made).removeprefix('✓ ')}")
    print(made)


class Statement(NamedTuple):
    """A printed claim as its three texts, whatever its kind of bound."""

    what: str
    measured: str
    bound: str


def read_line(line: str) -> Statement | None:
    """What a printed line claims; None where it is no claim.

    >>> read_line("✓ output width: 4 pixels (exactly 4)")
    Statement(what='output width', measured='4 pixels', bound='exactly 4')
    """
    line = line.strip()
    made = Claim.parse(line)
    if made is not None:
        text, _, bound = line.removeprefix(f"✓ {made.what}: ").removesuffix(")").rpartition(" (")
        return Statement(made.what, text, bound)
    exact = _EXACT_LINE.fullmatch(line)
    return exact and Statement(exact["what"], exact["value"], f"exactly {exact['bound']}")


def _require_one_line(what, unit):
    if not isinstance(what, str) or what.strip().splitlines() != [what]:
        raise ValueError(f"claim: what is {what!r}, it needs to be one line of words")
    if not isinstance(unit, str) or any(mark in unit for mark in "():\n\r"):
        raise ValueError(f"claim: unit is {unit!r}, it needs to be a word or two, without ( ) or :")


def _require_one_bound(at_least, at_most, equals, close_to, tolerance):
    ordered = at_least is not None or at_most is not None
    kinds = ordered + (equals is not None) + (close_to is not None)
    if kinds != 1:
        raise ValueError(
            f"claim: got {kinds} kinds of bound; give exactly one of equals, close_to, "
            "at_least, at_most, or at_least with at_most"
        )
    numbers = {
        "at_least": at_least,
        "at_most": at_most,
        "close_to": close_to,
        "tolerance": tolerance,
    }
    for name, number in numbers.items():
        if number is None:
            continue
        if not _is_number(number):
            raise TypeError(f"claim: {name} is {number!r}, it needs to be a real number")
        if not math.isfinite(number):
            raise ValueError(f"claim: {name} is {number}, it needs to be finite")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise ValueError(f"claim: at_least is {at_least}, which must not exceed at_most {at_most}")
    if close_to is not None and tolerance is None:
        raise ValueError("claim: close_to needs tolerance, the largest distance that still counts")
    if tolerance is not None and (equals is not None or tolerance < 0):
        raise ValueError(
            f"claim: tolerance is {tolerance}; it must be 0 or more, and equals takes none"
        )


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _plain(value):
    """The value in Python's own types; arrays and lists become tuples."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "numpy"):
        value = value.numpy().tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value


def _same(value, expected):
    """Equality item by item, so that a NaN differs also from itself inside a tuple."""
    if isinstance(value, tuple) and isinstance(expected, tuple):
        return len(value) == len(expected) and all(map(_same, value, expected))
    return bool(value == expected)


def _distance(a, b):
    """The distance of two numbers in decimals, as a reader counts it: 0.8 − 0.7 is 0.1."""
    return abs(Decimal(str(a)) - Decimal(str(b)))


def _text(value, digits=6) -> str:
    """Whole numbers with separators, other numbers with six significant digits."""
    if not _is_number(value):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.{digits}g}"


def _exact(value) -> str:
    """As `_text`, with every digit that tells the number from its neighbors."""
    text = _text(value)
    if not _is_number(value) or isinstance(value, int) or _number(text) == value:
        return text
    return repr(float(value))


def _number(text):
    """What `_text` printed, as a number."""
    text = text.replace(",", "")
    return int(text) if text.lstrip("-").isdigit() else float(text)
