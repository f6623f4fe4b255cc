"""The runner, on notebooks of a few lines."""

import importlib.util
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("run_course", ROOT / "tools" / "run_course.py")
run_course = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run_course)

CLAIMS = """
from cnnlib.claims import claim
claim("width of the map", 6 - 3 + 1, equals=4)
claim("accuracy", 0.987, at_least=0.98, tolerance=0.01)
print("✓ not a claim, it has no bound")
"""
PROGRESS = """
from tqdm import tqdm
for _ in tqdm(range(3)):
    pass
print("done")
"""


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setattr(run_course, "BUILD", tmp_path / "build")


def notebook(folder, name, *sources, **metadata):
    """A notebook of code cells, written to `folder`."""
    path = folder / f"{name}.ipynb"
    cells = [v4.new_code_cell(source, metadata=metadata) for source in sources]
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


def test_counts_claims_and_lists_them(tmp_path, capsys):
    path = notebook(tmp_path, "good", CLAIMS, "1 + 1")
    assert run_course.main([str(path)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if " GiB" in line)
    assert row.split()[:4] == ["✓", "good", "2", "2"]
    held = json.loads((tmp_path / "build" / "claims.json").read_text(encoding="utf-8"))
    assert [claim["what"] for claim in held] == ["width of the map", "accuracy"]
    assert [claim["bound"] for claim in held] == ["exactly 4", "at least 0.98; reruns ± 0.01"]
    assert not json.loads(path.read_text(encoding="utf-8"))["cells"][1]["outputs"]


def test_a_failing_cell_is_shown_and_the_other_notebooks_go_on(tmp_path, capsys):
    bad = notebook(tmp_path, "bad", "height = 3", "height / 0", "print('never')")
    good = notebook(tmp_path, "good", "1 + 1")
    before = bad.read_bytes()
    assert run_course.main([str(bad), str(good), "--save", "--jobs", "1"]) == 1
    said = capsys.readouterr().out
    assert "bad: code cell 2 failed" in said
    assert "height / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "✓ good" in said
    assert bad.read_bytes() == before
    assert nbformat.read(good, as_version=4).cells[0].outputs[0].data["text/plain"] == "2"
    kept = nbformat.read(tmp_path / "build" / "course" / "bad.ipynb", as_version=4)
    assert [cell.execution_count for cell in kept.cells] == [1, 2, None]


def test_a_broken_claim_fails(tmp_path, capsys):
    path = notebook(tmp_path, "broken", CLAIMS.replace("0.987", "0.9"))
    assert run_course.main([str(path)]) == 1
    assert "claim broken: accuracy: 0.9 (at least 0.98" in capsys.readouterr().out


def test_an_error_that_a_tag_allows_still_fails(tmp_path):
    path = notebook(tmp_path, "tagged", "1 / 0", tags=["raises-exception"])
    assert run_course.main([str(path)]) == 1


def test_a_cell_that_did_not_run_fails(tmp_path, capsys):
    path = notebook(tmp_path, "skipped", "1 + 1", tags=["skip-execution"])
    assert run_course.main([str(path)]) == 1
    assert "code cells that did not run: 1" in capsys.readouterr().out


def test_saving_stores_what_repeats(tmp_path):
    path = notebook(tmp_path, "good", CLAIMS, PROGRESS)
    ids = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert run_course.main([str(path), "--save"]) == 0
    first = path.read_bytes()
    stored = nbformat.read(path, as_version=4)
    assert [cell.id for cell in stored.cells] == ids
    assert [cell.execution_count for cell in stored.cells] == [1, 2]
    assert [output.text for output in stored.cells[1].outputs] == ["done\n"]
    assert all(not cell.metadata for cell in stored.cells)
    assert stored.metadata.kernelspec.name == "python3"
    assert "version" not in stored.metadata.language_info
    assert run_course.main([str(path), "--save"]) == 0
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.glob("*good*")] == ["good.ipynb"]


def test_a_notebook_that_cannot_be_replaced_stays_whole(tmp_path, monkeypatch, capsys):
    path = notebook(tmp_path, "good", "1 + 1")
    before = path.read_bytes()

    def refuse(source, target):
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(os, "replace", refuse)
    assert run_course.main([str(path), "--save"]) == 1
    assert "could not be stored: [Errno 13] Permission denied" in capsys.readouterr().out
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.glob("*good*")] == ["good.ipynb"]


def test_a_kernel_that_died_once_gets_another_chance(tmp_path):
    dies_once = """
    import os, pathlib
    seen = pathlib.Path("seen")
    if not seen.exists():
        seen.touch()
        os._exit(1)
    """
    path = notebook(tmp_path, "fragile", dies_once)
    assert run_course.main([str(path)]) == 0


def test_a_kernel_that_always_dies_fails(tmp_path, capsys):
    path = notebook(tmp_path, "dead", "import os; os._exit(1)")
    assert run_course.main([str(path)]) == 1
    assert "its kernel died twice" in capsys.readouterr().out


def test_the_backend_reaches_the_kernel(tmp_path):
    path = notebook(tmp_path, "asks", "import os; assert os.environ['KERAS_BACKEND'] == 'jax'")
    assert run_course.main([str(path), "--backend", "jax"]) == 0


def test_memory_is_that_of_the_kernel(tmp_path, capsys):
    path = notebook(tmp_path, "large", "import time; held = bytearray(2**29); time.sleep(1)")
    assert run_course.main([str(path)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if " GiB" in line)
    assert 0.5 < float(row.split()[-2]) < 1.0


def test_a_file_that_is_no_notebook_fails_alone(tmp_path, capsys):
    broken = tmp_path / "text.ipynb"
    broken.write_text("not JSON", encoding="utf-8")
    good = notebook(tmp_path, "good", "1 + 1")
    assert run_course.main([str(broken), str(good)]) == 1
    said = capsys.readouterr().out
    assert "text: not a notebook" in said
    assert "✓ good" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.ipynb"], "No such notebook"),
        (["--backend", "theano"], "invalid choice: 'theano'"),
        (["--jobs", "0"], "--jobs is 0, it needs to be 1 or more"),
        (["--week", "5"], "invalid choice: 5"),
        (["--save", "--backend", "jax"], "--save stores outputs of tensorflow"),
    ],
)
def test_bad_arguments_are_refused(arguments, said, capsys):
    try:
        status = run_course.main(arguments)
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    assert said in capsys.readouterr().err


def test_a_week_is_found_in_the_order_of_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(run_course, "NOTEBOOKS", tmp_path)
    for folder in ("week1_foundations", "week2_case_studies"):
        (tmp_path / folder).mkdir()
    second = notebook(tmp_path / "week1_foundations", "02_b")
    first = notebook(tmp_path / "week1_foundations", "01_a")
    other = notebook(tmp_path / "week2_case_studies", "01_c")
    door = notebook(tmp_path, "00_start_here")
    assert run_course.find(1) == [first, second]
    assert run_course.find() == [door, first, second, other]
