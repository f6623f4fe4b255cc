"""A real notebook is falsified in one cell after the other, and nbval must find each, and only it.

All changes are made in one copy, each in a cell of its own, so that one run shows both: the
falsified cells fail, for the reason that they should, and every cell left alone passes.
"""

import base64
import io
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import hygiene
import nbformat
import pytest
from PIL import Image

from cnnlib.claims import Claim

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "week1_foundations" / "02_padding_and_stride.ipynb"


def read():
    return nbformat.read(NOTEBOOK, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell):
    return next((output for output in cell.outputs if output.get("name") == "stdout"), None)


def claims(cell):
    lines = printed(cell).text.split("\n") if printed(cell) else []
    return [claim for claim in map(Claim.parse, lines) if claim]


def shown(cell):
    return next(
        (output.data for output in cell.outputs if "image/png" in output.get("data", {})), None
    )


def opened(data):
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def is_still(cell):
    return shown(cell) is not None and not getattr(opened(shown(cell)), "is_animated", False)


def change_a_digit(cell):
    exact = re.compile(r"(?<=: )\d(?=[^\n]*\(exactly)")
    printed(cell).text = exact.sub(lambda m: str((int(m[0]) + 1) % 10), printed(cell).text, count=1)


def delete_the_output(cell):
    cell.outputs = []


def show_another_picture(cell, other):
    size = opened(shown(cell)).size
    shown(cell)["image/png"] = png(opened(other).convert("RGB").resize(size))


def show_nothing(cell):
    shown(cell)["image/png"] = png(Image.new("RGB", opened(shown(cell)).size, "white"))


def drop_a_frame(cell):
    image = opened(shown(cell))
    pages = []
    for number in range(image.n_frames - 1):
        image.seek(number)
        pages.append(image.convert("RGB"))
    buffer = io.BytesIO()
    pages[0].save(
        buffer, "PNG", save_all=True, append_images=pages[1:], default_image=True, duration=600
    )
    shown(cell)["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def drop_only_the_picture(cell):
    del shown(cell)["image/png"]


def store_a_value_past_its_bound(cell):
    claim = claims(cell)[0]
    outside = claim.at_least - 1 if claim.at_least is not None else claim.at_most + 1
    restate(cell, claim, outside)


def store_a_value_past_its_tolerance(cell):
    claim = next(c for c in claims(cell) if c.tolerance)
    away = 2 * claim.tolerance if claim.at_least is not None else -2 * claim.tolerance
    restate(cell, claim, claim.value + away)


def restate(cell, claim, value):
    altered = Claim(**{**vars(claim), "value": value})
    assert str(claim) in printed(cell).text
    printed(cell).text = printed(cell).text.replace(str(claim), str(altered))


def break_the_bound(cell):
    before = cell.source
    cell.source = re.sub(r"\bequals=[^,)]+", "equals=-1", cell.source)
    assert cell.source != before


def has_exact(cell):
    return printed(cell) is not None and re.search(r": \d[^\n]*\(exactly \d", printed(cell).text)


def has_bound(cell):
    return any(claim.close_to is None for claim in claims(cell))


def has_tolerance(cell):
    return any(claim.tolerance and claim.close_to is None for claim in claims(cell))


# What is done, to which kind of cell, and what nbval has to say about it. The scarcest kinds choose
# first; what stops a cell comes last, in the last cell that can take it.
MUTATIONS = (
    (store_a_value_past_its_tolerance, has_tolerance, r"claim: stored .* reruns within"),
    (store_a_value_past_its_bound, has_bound, r"breaks its own bound"),
    (
        drop_a_frame,
        lambda cell: shown(cell) and not is_still(cell),
        r"frames stored, .* frames new",
    ),
    (show_another_picture, is_still, r"picture 1: similarity .*, threshold"),
    (show_nothing, is_still, r"picture 1: similarity .*, threshold"),
    (drop_only_the_picture, is_still, r"pictures: 0 stored, 1 new"),
    (change_a_digit, has_exact, r"stdout: stored .*, new .*, tolerance 0 \(exact\)"),
    (
        delete_the_output,
        lambda cell: printed(cell) and not shown(cell),
        r"Unexpected output fields",
    ),
    (break_the_bound, lambda cell: "equals=" in cell.source and has_exact(cell), r"claim broken"),
)


def falsify(notebook):
    """Make every mutation, each in another cell; what is to be found, by number of the cell."""
    cells = code_cells(notebook)
    original = code_cells(read())
    free, expected = set(range(len(cells))), {}
    for mutate, fits, reason in MUTATIONS:
        fitting = [number for number in sorted(free) if fits(cells[number])]
        assert fitting, f"{NOTEBOOK.name} has no cell left for {mutate.__name__}"
        number = fitting[-1] if mutate is break_the_bound else fitting[0]
        if mutate is show_another_picture:
            others = [shown(c) for i, c in enumerate(original) if i != number and is_still(c)]
            show_another_picture(cells[number], random.Random(0).choice(others))
        else:
            mutate(cells[number])
        free.remove(number)
        expected[number] = reason
    return expected


def failures(path):
    """What nbval says of a notebook under this repository's settings: {cell: message or None}."""
    report = path.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "--nbval", str(path), "-q", "--color=no"]
    command += ["-p", "no:cacheprovider", f"--junit-xml={report}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failed = case.find("failure")
        found[int(case.get("name").removeprefix("Cell "))] = None if failed is None else failed.text
    return found


@pytest.mark.slow
def test_nbval_finds_each_falsified_cell_and_no_other():
    notebook = read()
    expected = falsify(notebook)
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        path = Path(folder) / NOTEBOOK.name
        nbformat.write(notebook, path)
        found = failures(path)
    assert set(found) == set(range(len(code_cells(notebook))))
    assert {number for number, message in found.items() if message} == set(expected)
    for number, reason in expected.items():
        assert re.search(reason, found[number]), found[number]


def test_a_stripped_cell_is_found():
    notebook = read()
    cell = next(cell for cell in code_cells(notebook) if printed(cell))
    cell.outputs, cell.execution_count = [], None  # as nbstripout leaves it, which nbval passes
    assert hygiene.unrun_cells(notebook)
    assert len(hygiene.stripped_cells(notebook)) == 1


def test_another_number_in_the_text_is_found():
    notebook = read()
    text = next(cell for cell in notebook.cells[1:] if cell.cell_type == "markdown")
    text.source += "\n\nIt was 98.71 %."
    assert any("98.71 %" in problem for problem in hygiene.unsupported_numbers(notebook))
