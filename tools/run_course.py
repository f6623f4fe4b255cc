"""Run the course's notebooks and say what held.

Each notebook is executed in a fresh kernel, in its own folder. It stops at its first failing cell,
which is shown with its error; the other notebooks go on, and the exit status is 1. Every executed
notebook is kept in build/course/, and every claim in build/claims.json. `--save` writes the new
outputs into the notebooks themselves, and is the only way by which outputs are ever stored.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import v4
from nbformat.reader import NotJSONError
from tqdm import tqdm

from cnnlib.claims import read_line

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
CELL_SECONDS = 600
COLUMNS = "{:<46} {:>6} {:>7} {:>8} {:>9}"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}
# A widget is drawn by a running kernel, under a number that is new each time; its text stays.
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass
class Run:
    """What one notebook's execution came to."""

    path: Path
    notebook: nbformat.NotebookNode
    seconds: float = 0.0
    peak_bytes: int = 0
    failure: str | None = None
    cells_run: int = 0
    claims: list = field(default_factory=list)

    @property
    def name(self):
        """The path as the course writes it."""
        if self.path.is_relative_to(NOTEBOOKS):
            return self.path.relative_to(NOTEBOOKS).with_suffix("").as_posix()
        return self.path.stem

    @property
    def mark(self):
        return "✗" if self.failure else "✓"

    @property
    def row(self):
        memory = f"{self.peak_bytes / 2**30:.2f} GiB"
        counts = self.cells_run, len(self.claims)
        return COLUMNS.format(f"{self.mark} {self.name}", *counts, f"{self.seconds:.1f} s", memory)

    @property
    def executed(self):
        return BUILD / "course" / f"{self.name}.ipynb"

    @property
    def log(self):
        return BUILD / "course" / f"{self.name}.log"


def main(arguments=None):
    options = parse(arguments)
    paths = options.notebooks or find(options.week)
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        print(f"No such notebook: {', '.join(missing) or 'notebooks/**/*.ipynb'}", file=sys.stderr)
        return 2
    runs = asyncio.run(run_all(paths, options.jobs, kernel_environment(options)))
    stored = [run for run in runs if options.save and not run.failure and save(run)]
    report(runs, options.backend)
    if options.save:
        print(f"Notebooks with new stored outputs: {len(stored)}.")
    return int(any(run.failure for run in runs))


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="these notebooks; default: all")
    parser.add_argument("--week", type=int, choices=(1, 2, 3, 4), help="one week's notebooks")
    parser.add_argument(
        "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="notebooks at a time"
    )
    parser.add_argument(
        "--backend",
        choices=("tensorflow", "jax", "torch"),
        default="tensorflow",
        help="what Keras computes with",
    )
    parser.add_argument("--save", action="store_true", help="store the outputs in the notebooks")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs is {options.jobs}, it needs to be 1 or more")
    if options.save and options.backend != "tensorflow":
        parser.error(f"--save stores outputs of tensorflow, --backend is {options.backend}")
    options.notebooks = [path.resolve() for path in options.notebooks]
    return options


def find(week=None):
    """The notebooks of a week, or all of them, in the order of reading."""
    pattern = "**/*.ipynb" if week is None else f"week{week}_*/*.ipynb"
    return sorted(
        path for path in NOTEBOOKS.glob(pattern) if ".ipynb_checkpoints" not in path.parts
    )


def kernel_environment(options):
    """The variables of a kernel: the backend, and the cores that are its own."""
    # Kernels side by side whose matrix products all took every core would mostly wait.
    threads = str(max(1, (os.cpu_count() or 1) // options.jobs))
    variables = {"KERAS_BACKEND": options.backend}
    variables |= {f"{library}_NUM_THREADS": threads for library in ("OMP", "OPENBLAS")}
    return os.environ | variables


async def run_all(paths, jobs, environment):
    places = asyncio.Queue()
    for place in range(jobs):
        places.put_nowait(place)

    async def run_in_turn(path):
        place = await places.get()
        try:
            return await run_one(path, environment, place)
        finally:
            places.put_nowait(place)

    return await asyncio.gather(*map(run_in_turn, paths))


async def run_one(path, environment, place):
    """Execute a notebook; once more in a fresh kernel where the kernel itself died."""
    for attempt in (1, 2):
        run = Run(path, v4.new_notebook())
        run.executed.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        try:
            run.notebook = read(path)
            await execute(run, environment, place)
        except DeadKernelError:
            if attempt == 1:
                continue
            run.failure = f"its kernel died twice; is there enough memory? Its log: {run.log}"
        except NotJSONError as error:
            run.failure = f"not a notebook: {error}"
        except CellExecutionError as error:
            run.failure = describe(run.notebook, error)
        except CellTimeoutError:
            run.failure = f"a cell ran longer than {CELL_SECONDS} s"
        except RuntimeError as error:
            run.failure = f"its kernel did not start: {error}. Its log: {run.log}"
        else:
            run.failure = unrun(run.notebook)
        break
    run.seconds = time.monotonic() - started
    run.cells_run = sum(bool(cell.execution_count) for cell in code_cells(run.notebook))
    run.claims = list(claims(run.notebook))
    nbformat.write(run.notebook, run.executed)
    tqdm.write(f"{run.mark} {run.name}")
    return run


def read(path):
    """A notebook without its stored outputs, so that nothing old can pass for new."""
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.outputs = []
        cell.execution_count = None
    return notebook


async def execute(run, environment, place):
    client = NotebookClient(
        run.notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(run.path.parent)}},
        coalesce_streams=True,
        force_raise_errors=True,
        record_timing=False,
        store_widget_state=False,
    )
    total = len(code_cells(run.notebook))
    bar = tqdm(
        total=total, desc=run.name, position=place, leave=False, disable=not sys.stderr.isatty()
    )
    client.on_cell_executed = lambda **_: bar.update()
    watch = asyncio.create_task(watch_memory(client, run))
    try:
        # The kernel's own stderr holds TensorFlow's log lines, not what the cells print.
        with run.log.open("w", encoding="utf-8") as kernel_log:
            await client.async_execute(env=environment, stderr=kernel_log)
    finally:
        watch.cancel()
        bar.close()


async def watch_memory(client, run):
    """Keep the largest memory that the kernel and its children were seen to hold together."""
    while True:
        await asyncio.sleep(0.2)
        process = getattr(getattr(client.km, "provisioner", None), "process", None)
        if process is None:
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            kernel = psutil.Process(process.pid)
            family = [kernel, *kernel.children(recursive=True)]
            held = sum(one.memory_info().rss for one in family)
            run.peak_bytes = max(run.peak_bytes, held)


def describe(notebook, error):
    """The failing cell: its number, its source, its error."""
    number, cell = next(
        (number, cell)
        for number, cell in enumerate(code_cells(notebook), start=1)
        if any(output.output_type == "error" for output in cell.outputs)
    )
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    return f"code cell {number} failed\n{source}\n\n    {error.ename}: {ANSI.sub('', error.evalue)}"


def unrun(notebook):
    """Name the cells that did not run, None where all did."""
    numbers = [
        str(number)
        for number, cell in enumerate(code_cells(notebook), start=1)
        if cell.source.strip() and not cell.execution_count
    ]
    return f"code cells that did not run: {', '.join(numbers)}" if numbers else None


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def claims(notebook):
    """Each claim that the outputs print: what, measured value and bound."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            for line in output.get("text", "").splitlines():
                if claim := read_line(line):
                    yield claim._asdict()


def save(run):
    """Store the outputs in the notebook, without what would differ at each saving.

    The old notebook stays whole until the new one is complete. Returns whether it was stored.
    """
    notebook = run.notebook
    notebook.metadata.kernelspec = KERNEL
    notebook.metadata.language_info = LANGUAGE
    notebook.metadata.pop("widgets", None)
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if not is_progress(output)]
        for output in cell.outputs:
            if "data" in output:
                output.data.pop(WIDGET, None)
    beside = run.path.with_name(f".{run.path.name}.new")
    try:
        nbformat.write(notebook, beside)
        os.replace(beside, run.path)
    except OSError as error:
        run.failure = f"it ran, but its outputs could not be stored: {error}"
        return False
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return True


def is_progress(output):
    """Whether an output is a progress bar, which draws itself over and over on stderr."""
    return output.get("name") == "stderr" and re.search(r"\d+%\|.*\|", output.text) is not None


def report(runs, backend):
    for run in runs:
        if run.failure:
            print(f"\n✗ {run.name}: {run.failure}")
    print("\n" + COLUMNS.format("notebook", "cells", "claims", "seconds", "memory"))
    for run in runs:
        print(run.row)
    held = [{"notebook": run.name, **claim} for run in runs for claim in run.claims]
    path = BUILD / "claims.json"
    path.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    whole = sum(not run.failure for run in runs)
    print(f"\n{whole} of {len(runs)} notebooks ran to their end on {backend}.")
    print(f"{len(held)} claims held; build/claims.json lists them.")


if __name__ == "__main__":
    sys.exit(main())
