"""Which numbers in a text count as supported."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from prose import evaluate, unsupported_numbers

CODE = "sizes = 28 * 28\nrate = 1e-3\nweights = 3_000_000_000"
OUTPUT = (
    "✓ read correctly: 0.98714 (at least 0.98; reruns ± 0.01)\n"
    "✓ parameters of the layer: 150,528,000 (exactly 150,528,000)\n"
    "shape (3072, 10), -30.0\nthe mean is 0.433.\n"
)


def notebook(text):
    outputs = [new_output("stream", name="stdout", text=OUTPUT)]
    return new_notebook(cells=[new_markdown_cell(text), new_code_cell(CODE, outputs=outputs)])


@pytest.mark.parametrize(
    "text",
    [
        "28 × 28 pixels, a rate of 0.001, columns of 30, a change of −30, 3,072 numbers",
        "$28\\times28\\times3$ and 3{,}072",
        "3·10⁹ weights, $3\\cdot10^9$, $3 \\cdot 10^{9}$, 3 billion, 3,000,000,000, 10⁻³",
        "98.7 % right, 0.987, 0.98714, at least 98 %, 99 % in whole numbers",
        "151 million, 150,528,000",
        "7 rows, 20 epochs, 100 %",
        "6 − 3 + 1 = 4 and 224 − 5 + 1 = 220.",
        "$n - f + 1 = 224 - 5 + 1 = 220$ where $f = 5$",
        "$$\\left\\lfloor \\frac{227 + 2\\cdot 0 - 11}{4} \\right\\rfloor + 1 = 55$$",
        "⌊(39 − 3)/1⌋ + 1 = 37, $5^2 \\cdot 3 = 75$, 5² · 3 = 75, 1 − 0.75 = 25 %",
        "1000 × 1000 × 3 = 3,000,000",
        "1/3 ≈ 0.33, 1728 · 1728 ≈ 3·10⁶",
        "LeNet-5 (LeCun et al., 1998), VGG-16, conv32, ResNet50, float32",
        "[arXiv:1409.1556](https://arxiv.org/abs/1409.1556), doi:10.1109/5.726791, pp. 2278–2324",
        "exercise 1.12, exercises 1.31 and 1.32, week 44, section 25.3",
        "`np.ones(512)`\n\n```\nx = 512\n```\n",
        "about 45 s, 30–40 seconds, 25 minutes",
        "a mean of 0.433",
        "n − 28 = 4; x25 = 3; 6 = 2n",
    ],
)
def test_supported(text):
    assert unsupported_numbers(notebook(text)) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("32 × 28 pixels", "cell 0: nothing supports 32; the nearest is 30.0"),
        ("98.6 % right", "nothing supports 98.6 %"),
        ("0.9872 right", "nothing supports 0.9872; the nearest is 0.98714"),
        ("4·10⁹ weights", "nothing supports 4·10**(9)"),
        ("$4\\cdot10^9$", "nothing supports 4×10**(9)"),
        ("4 billion", "nothing supports 4 billion"),
        ("6 − 3 + 1 = 5", "'6 − 3 + 1 = 5' is false"),
        ("$n - f + 1 = 6 - 3 + 1 = 5$", "is false"),
        ("$\\frac{227-11}{4} + 1 = 56$", "is false"),
        ("1/3 ≈ 0.34", "is false"),
        ("3,073 numbers", "nothing supports 3,073"),
        ("20.5 rows", "nothing supports 20.5"),
        ("1,998 rows", "nothing supports 1,998"),
    ],
)
def test_unsupported(text, says):
    problems = unsupported_numbers(notebook(text))
    assert len(problems) == 1
    assert says in problems[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2·(3 + 1)", 8),
        ("7 ÷ 2", 3.5),
        ("floor(7/2)", 3),
        ("3,000 − 1", 2999),
        ("-2**2", -4),
        ("1/0", None),
        ("2 ×", None),
        ("3 (4)", None),
        ("", None),
        ("exit()", None),
    ],
)
def test_evaluate(expression, value):
    assert evaluate(expression) == value
