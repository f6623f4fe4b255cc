"""Numbers in a notebook's text that nothing in it supports.

A number in a Markdown cell must stand in an output or in the code of its notebook, or round what a
claim says to the digits written (98.7 % for 0.98714). It may stand in an arithmetic equation
that is true (6 − 3 + 1 = 4); a false one is a problem of its own. Whole numbers up to 20 are free,
and so are years, seconds and minutes, names (LeNet-5), citations, links, inline code and references
(exercise 1.2). Signs, separators, 3·10⁹ or 3 billion for 3,000,000,000 make no difference.
"""

import ast
import math
import operator
import re

FREE = 20
YEARS = range(1900, 2100)
SCALES = {"thousand": 3, "million": 6, "billion": 9}

_DIGITS = r"\d{1,3}(?:[,\u2009\u202f]\d{3})+(?!\d)|\d+"
_NUMBER = rf"(?:{_DIGITS})(?:\.\d+)?"
# Digits after a letter, or after a letter and a hyphen, are part of a name: VGG-16, conv1.
_IN_TEXT = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<number>{_NUMBER}(?:e[-+]?\d+)?)"
    rf"(?:\s*[*×·]\s*10\*\*\(?(?P<power>[-−]?\d+)\)?)?(?P<percent>\s*%)?"
    rf"(?:\s(?P<scale>thousand|million|billion)\b)?"
    rf"|(?<![\w.])10\*\*\(?(?P<bare_power>[-−]?\d+)\)?"
)
_IN_CODE = re.compile(rf"(?<![\w.])(?:{_NUMBER}|\d[\d_]*|\.\d+)(?:\.)?(?:[eE][-+]?\d+)?(?![\w])")
_REFERENCE = (
    r"(?i)\b(?:exercises?|lessons?|weeks?|sections?|figures?|fig\.|equations?|eq\.|chapters?|ch\.|"
    r"tables?|steps?|parts?|notebooks?|§+)\s*\d+(?:\.\d+)*"
    r"(?:\s*(?:,|and|or|to|–|-)\s*\d+(?:\.\d+)*)*"
)
_LEFT_OUT = re.compile(
    "|".join(
        (
            r"(?s:```.*?```)",
            r"``.+?``|`[^`\n]*`",
            r"\]\([^)\n]*\)",  # the target of a link
            r"<[^>\n]*>|https?://\S+",
            r"(?i:arxiv)[:\s]*\d{4}\.\d{4,5}(?:v\d+)?|(?i:doi)[:\s]*10\.\S+|\b10\.\d{4,}/\S+",
            r"\bpp?\.\s*\d+(?:\s*[–-]\s*\d+)?|(?i:\bvol\.?|\bno\.)\s*\d+|\b\d+\s*\(\d+\)[:,]\s*\d+\s*[–-]\s*\d+",
            _REFERENCE.removeprefix("(?i)").join(("(?i:", ")")),
            r"\b\d+(?:\.\d+)?\s*(?:[–-]\s*\d+\s*)?(?:s|seconds?|min|minutes?)\b",
        )
    )
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RUN = re.compile(rf"(?:{_NUMBER}|[-+−–*/×·÷()⌊⌋√=≈^.%]|floor|sqrt|[ \u2009\u202f])+")
_SPACED = re.compile(r"(?<=\d)[,\u2009\u202f](?=\d{3})")
_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}


def unsupported_numbers(notebook):
    """Numbers of the text that nothing supports, and equations in it that are false."""
    exact, measured = support(notebook)
    problems = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        text = plain(cell.source)
        for equation, true in equations(text):
            text = text.replace(equation, " ")
            if not true:
                problems.append(f"cell {index}: {equation.strip()!r} is false")
        for match in _IN_TEXT.finditer(text):
            if not _is_supported(match, exact, measured):
                near = min(exact | measured, key=lambda x: abs(x - _value(match)), default=None)
                problems.append(
                    f"cell {index}: nothing supports {match[0].strip()}; the nearest is {near}"
                )
    return problems


def support(notebook):
    """The numbers of code and outputs, and those that claims measured, all without their sign."""
    exact, measured = set(), set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        texts = [cell.source]
        for output in cell.outputs:
            texts.append(output.get("text", ""))
            data = output.get("data", {})
            texts += [data[mime] for mime in ("text/plain", "text/html") if mime in data]
        for text in texts:
            exact |= _numbers(text)
            claims = "\n".join(line for line in text.split("\n") if line.startswith("✓ "))
            measured |= _numbers(claims)
    return exact, measured


def _numbers(text):
    return {float(_SPACED.sub("", match[0]).rstrip(".")) for match in _IN_CODE.finditer(text)}


def plain(markdown):
    """The text without what is free of support, its formulas written with Python's operators."""
    text = _LEFT_OUT.sub(lambda m: "]" if m[0].startswith("](") else " ; ", markdown)
    text = re.sub(r"10([⁻⁰¹²³⁴-⁹]+)", lambda m: f"10**({m[1].translate(_SUPERSCRIPTS)})", text)
    text = re.sub(r"(?<=\d)([²³])", lambda m: f"**{m[1].translate(_SUPERSCRIPTS)}", text)
    for pattern, new in (
        (r"\\text\{[^}]*\}|\\mathrm\{[^}]*\}|_\{[^}]*\}|_\w|\^\{?[(\[][^}]*[)\]]\}?", " n "),
        (r"\{,\}", ","),
        (r"(?<=\d)\\[,;:!](?=\d{3})", ","),
        (r"\\left|\\right|\\displaystyle|\\[,;:!]|&", " "),
        (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))"),
        (r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)"),
        (r"√(\d+)", r"sqrt(\1)"),
        (r"\\lfloor|⌊", " floor("),
        (r"\\rfloor|⌋", ") "),
        (r"\\times|\\cdot|\\ast", "×"),
        (r"\\approx", "≈"),
        (r"\\%", "%"),
        (r"\^\{([^{}]*)\}|\^(\d)", r"**(\1\2)"),
    ):
        text = re.sub(pattern, new, text)
    return text


def equations(text):
    """Each chain of equal numeric expressions in a line of text, and whether it is true."""
    for match in _RUN.finditer(text):
        sides = re.split(r"[=≈]", match[0].rstrip(" ."))
        before, after = text[: match.start()], text[match.end() : match.end() + 1]
        # What is left of a side with symbols is no side: "n − 28 = 4", "x1 = 3", "6 = 2n".
        glued = re.search(r"\w$", before) and not match[0].startswith(" ")
        signed = re.search(r"[\w)\]};]\s*$", before) and re.match(r"\s*[-−–+]", sides[0])
        if glued or signed:
            sides = sides[1:]
        if re.match(r"[\w\\{(]", after) and not match[0].endswith(" "):
            sides = sides[:-1]
        values = [value for value in map(evaluate, sides) if value is not None]
        if len(values) < 2:
            continue
        slack = 1e-9 * max(map(abs, values))
        if "≈" in match[0] and (last := _IN_TEXT.search(sides[-1])):
            slack = _unit(last) / 2
        yield match[0], max(values) - min(values) <= slack


def evaluate(expression):
    """The value of an arithmetic expression; None where it is none."""
    python = _SPACED.sub("", expression.strip())
    python = re.sub(r"[×·]", "*", python).replace("%", "/100")
    python = python.translate(str.maketrans("−–÷", "--/"))
    try:
        return _computed(ast.parse(python.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, KeyError):
        return None


def _computed(node):
    match node:
        case ast.Constant(value=int() | float()):
            return node.value
        case ast.BinOp():
            return _OPERATIONS[type(node.op)](_computed(node.left), _computed(node.right))
        case ast.UnaryOp():
            return _OPERATIONS[type(node.op)](_computed(node.operand))
        case ast.Call(func=ast.Name(id="floor" | "sqrt" as name), args=[argument]):
            return getattr(math, name)(_computed(argument))
    raise ValueError(f"evaluate: {ast.unparse(node)} is no arithmetic")


def _power(match):
    written = match["power"] or match["bare_power"] or "0"
    return int(written.replace("−", "-")) + SCALES.get(match["scale"], 0)


def _value(match):
    return float(_SPACED.sub("", match["number"] or "1")) * 10.0 ** _power(match)


def _unit(match):
    """The worth of the last digit written."""
    digits = len((match["number"] or "").partition(".")[2])
    return 10.0 ** (_power(match) - digits)


def _is_supported(match, exact, measured):
    value, scale = _value(match), 100 if match["percent"] else 1
    if any(x.is_integer() and x <= FREE for x in (value, value / scale)):
        return True
    if value in YEARS and match[0].isdigit():
        return True
    half = _unit(match) / 2 * (1 + 1e-9)
    return any(math.isclose(value, s * x, rel_tol=1e-9) for s in {1, scale} for x in exact) or any(
        abs(value - s * x) <= half for s in {1, scale} for x in measured
    )
