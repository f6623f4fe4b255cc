"""Every notebook of the course passes every check of `hygiene`, and every check finds its fault."""

import copy
from pathlib import Path

import hygiene
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

COURSE = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(path for path in COURSE.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
MOST_BYTES_IN_ALL = 15_000_000


@pytest.mark.parametrize("check", hygiene.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_course(path, check):
    problems = check(nbformat.read(path, as_version=4))
    assert not problems, f"{path.relative_to(COURSE)}:\n" + "\n".join(problems)


def test_the_course_is_light():
    assert PATHS, f"no notebooks under {COURSE}"
    assert sum(path.stat().st_size for path in PATHS) <= MOST_BYTES_IN_ALL


def stdout(text):
    return new_output("stream", name="stdout", text=text)


def good():
    """A small notebook in which no check finds anything."""
    png = new_output(
        "display_data",
        {"image/png": "iVBORw0KGgo=", "text/plain": "<Picture: a step>"},
        metadata={"image/png": {"alt": "a step"}},
    )
    bar = new_output("stream", name="stderr", text="100%|█| 5/5 [00:00<00:00, 9.8it/s]\n")
    imports = "from cnnlib import plots\nfrom cnnlib.claims import claim"
    cells = [
        new_markdown_cell("# Edges\n\nSee [the paper](https://keras.io/home/x) of 1998."),
        new_code_cell(imports),
        new_code_cell("claim('width', 4, equals=4)", outputs=[stdout("✓ width: 4 (exactly 4)\n")]),
        new_code_cell("plots.step()", outputs=[png]),
        new_code_cell("model.fit(x, verbose=0)", outputs=[bar]),
        new_markdown_cell("6 − 3 + 1 = 4\n\n![a step](attachment:step.png)"),
    ]
    cells += [new_markdown_cell("And so on.") for _ in range(hygiene.CELLS[0] - len(cells))]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for count, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
    return copy.deepcopy(notebook)


@pytest.mark.parametrize("check", hygiene.CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_found_in_a_good_notebook(check):
    assert check(good()) == []


def test_the_good_notebook_is_a_notebook():
    nbformat.validate(good())


IMPORTS, CLAIM, PICTURE, FIT, LAST = 1, 2, 3, 4, 5  # the good notebook's cells


def source(index, text):
    def change(notebook):
        notebook.cells[index].source = text

    return change


def added(index, text):
    def change(notebook):
        notebook.cells[index].source += text

    return change


def outputs(index, *made):
    def change(notebook):
        notebook.cells[index].outputs = list(made)

    return change


def count(index, value):
    def change(notebook):
        notebook.cells[index].execution_count = value

    return change


def metadata(index, **values):
    def change(notebook):
        notebook.cells[index].metadata.update(values)

    return change


def without_alt(notebook):
    notebook.cells[PICTURE].outputs[0].metadata = {}


def as_svg(notebook):
    notebook.cells[PICTURE].outputs[0].data["image/svg+xml"] = "<svg/>"


def huge(notebook):
    notebook.cells[PICTURE].outputs[0].data["image/png"] = "A" * 1_500_000


def short(notebook):
    del notebook.cells[-1]


def other_kernel(notebook):
    notebook.metadata.kernelspec.name = "venv"


def patch_version(notebook):
    notebook.metadata.language_info = {"name": "python", "version": "3.11.9"}


ERROR = new_output("error", ename="ValueError", evalue="no", traceback=[])
WARNING = new_output("stream", name="stderr", text="UserWarning: old\n")
HOME = "/" + "home/ada/x.h5"

FAULTS = [
    (hygiene.unrun_cells, count(CLAIM, None)),
    (hygiene.unrun_cells, count(CLAIM, 9)),
    (hygiene.stripped_cells, outputs(CLAIM)),
    (hygiene.stripped_cells, outputs(PICTURE)),
    (hygiene.stripped_cells, source(IMPORTS, "2 + 2")),
    (hygiene.stored_errors, outputs(FIT, ERROR)),
    (hygiene.stored_warnings, outputs(FIT, WARNING)),
    (hygiene.stored_warnings, outputs(FIT, stdout("WARNING:tensorflow:5 calls were retraced"))),
    (hygiene.stored_warnings, outputs(FIT, stdout("shape: 4\nuser.py: UserWarning: old"))),
    (hygiene.leaked_places, outputs(FIT, stdout(f"saved to {HOME}"))),
    (hygiene.leaked_places, source(FIT, f"open('{HOME}')")),
    (hygiene.leaked_places, outputs(FIT, stdout("at C:\\Users\\ada"))),
    (hygiene.leaked_places, outputs(FIT, stdout("http://localhost:8888"))),
    (hygiene.leaked_places, outputs(FIT, stdout("10.1.2.3"))),
    (hygiene.leaked_places, outputs(FIT, stdout("ada@laptop.local"))),
    (hygiene.oversize, huge),
    (hygiene.images_without_alt, without_alt),
    (hygiene.images_without_alt, added(LAST, "\n![](x.png)")),
    (hygiene.images_without_alt, added(LAST, '\n<img src="x.png">')),
    (hygiene.other_image_formats, as_svg),
    (hygiene.claims_without_record, source(CLAIM, "claim('width', 4)")),
    (hygiene.claims_without_record, added(CLAIM, "\nclaim('width', 3, equals=3)")),
    (hygiene.claims_without_record, source(CLAIM, "claim('height', 4, equals=4)")),
    (hygiene.noisy_code, source(FIT, "model.fit(x, verbose=1)")),
    (hygiene.noisy_code, added(IMPORTS, "\nfrom numpy import *")),
    (hygiene.noisy_code, source(FIT, "%pip install numpy")),
    (hygiene.noisy_code, source(FIT, "!pip3 install numpy")),
    (hygiene.scattered_imports, added(FIT, "\nimport numpy as np")),
    (hygiene.imports_past_rooms, added(IMPORTS, "\nimport cnnlib")),
    (hygiene.imports_past_rooms, added(IMPORTS, "\nimport cnnlib.filters as f")),
    (hygiene.imports_past_rooms, added(IMPORTS, "\nfrom cnnlib.plots.picture import _pixels")),
    (hygiene.long_cells, source(FIT, "x = 1\n" * 19)),
    (hygiene.wrong_shape, short),
    (hygiene.wrong_shape, source(0, "Edges")),
    (hygiene.wrong_shape, added(LAST, "\n# Another title")),
    (hygiene.machine_metadata, other_kernel),
    (hygiene.machine_metadata, patch_version),
    (hygiene.odd_tolerances, metadata(FIT, tolerance=0)),
    (hygiene.odd_tolerances, metadata(FIT, tolerance="1e-3")),
    (hygiene.odd_tolerances, metadata(FIT, relative_tolerance=5)),
    (hygiene.odd_tolerances, metadata(FIT, tags=["nbval-ignore-output"])),
    (hygiene.odd_tolerances, added(FIT, "\n# NBVAL_IGNORE_OUTPUT")),
    (hygiene.unsupported_numbers, added(LAST, "\n\n98.6 % are right.")),
]


@pytest.mark.parametrize(("check", "change"), FAULTS)
def test_each_fault_is_found_once(check, change):
    notebook = good()
    change(notebook)
    assert len(check(notebook)) == 1


def test_every_check_is_shown_a_fault():
    assert {check for check, _ in FAULTS} == set(hygiene.CHECKS)
