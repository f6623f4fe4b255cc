"""What nbval does not see in a notebook: each check takes one and returns its problems.

A problem is a sentence that starts with the cell's number, counted from 0 over all cells as
nbformat does. `CHECKS` holds the checks; test_hygiene.py runs them on the course.
"""

import ast
import json
import re

from IPython.core.inputtransformer2 import TransformerManager
from nbval_extension import BAR
from prose import unsupported_numbers

MOST_LINES = 18  # the house style asks for about 15
CELLS = range(25, 46)
MOST_BYTES = 1_500_000

PATH = re.compile(
    r"(?<![\w.:/])/(?:home|Users|root|tmp|work|private|mnt|opt|var)/[\w.-]+|\b[A-Z]:\\\w+|\bfile://"
)
HOST = re.compile(
    r"\blocalhost\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|\bpypi\.org|\bpythonhosted\.org|\bconda\.anaconda\.org"
    r"|\bdownload\.pytorch\.org|\bregistry\.npmjs\.org|\b[\w.-]+@[\w-]+\.[\w.-]*\w"
)
MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(|<img\b(?P<attributes>[^>]*)>")
HTML_ALT = re.compile(r"\balt=(?:\"[^\"]*\w[^\"]*\"|'[^']*\w[^']*')")
LOGGED = re.compile(r"^(?:WARNING|ERROR)\b.*|^.*\b\w*Warning: .*", re.MULTILINE)
CLAIM_BOUNDS = {"at_least", "at_most", "equals", "close_to"}
SPEAKERS = {"print", "display", "claim", "check", "hint", "solution"}


def unrun_cells(notebook):
    """Code cells that were not executed, or not in order from 1 to n in one kernel."""
    counts = [cell.execution_count for _, cell in _code(notebook)]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"the cells ran in the order {counts}, they need 1 to {len(counts)}"]


def stripped_cells(notebook):
    """Code cells that must have printed or shown something, with no output stored."""
    return [
        f"cell {index}: no output is stored, its code makes some"
        for index, cell in _code(notebook)
        if not cell.outputs and not cell.source.endswith(";") and _speaks(_parsed(cell))
    ]


def stored_errors(notebook):
    """Outputs that are errors."""
    return [
        f"cell {index}: an error is stored: {output.ename}: {output.evalue}"
        for index, output in _outputs(notebook)
        if output.output_type == "error"
    ]


def stored_warnings(notebook):
    """Text on stderr other than progress bars, and warnings that a logger writes to stdout."""
    texts = ((index, BAR.sub("", output.text)) for index, output in _streams(notebook, "stderr"))
    logged = (
        (index, match[0])
        for index, output in _streams(notebook, "stdout")
        if (match := LOGGED.search(output.text))
    )
    return [
        f"cell {index}: a warning: {text.strip()[:100]}"
        for index, text in (*texts, *logged)
        if text.strip()
    ]


def leaked_places(notebook):
    """Absolute paths, hosts and addresses of the machine that ran it, anywhere in the file."""
    problems = []
    for index, cell in enumerate(notebook.cells):
        outputs = [{**output, "data": _texts(output)} for output in cell.get("outputs", [])]
        text = cell.source + "\n" + "\n".join(_strings(outputs))
        found = [match[0] for pattern in (PATH, HOST) for match in pattern.finditer(text)]
        problems += [f"cell {index}: {place!r} leaks a place" for place in dict.fromkeys(found)]
    return problems


def oversize(notebook):
    """More bytes than a notebook may have on disk."""
    size = len(json.dumps(notebook, ensure_ascii=False, indent=1).encode())
    return [f"{size:,} bytes, at most {MOST_BYTES:,} are allowed"] if size > MOST_BYTES else []


def images_without_alt(notebook):
    """Pictures, in outputs and in the text, without words for who cannot see them."""
    problems = []
    for index, output in _outputs(notebook):
        described = output.get("metadata", {}).get("image/png", {}).get("alt", "")
        if "image/png" in output.get("data", {}) and not described.strip():
            problems.append(f"cell {index}: a picture without alt text")
    for index, cell in _markdown(notebook):
        for match in MARKDOWN_IMAGE.finditer(cell.source):
            attributes = match["attributes"]
            described = match["alt"].strip() if attributes is None else HTML_ALT.search(attributes)
            if not described:
                problems.append(f"cell {index}: {match[0]!r} has no alt text")
    return problems


def other_image_formats(notebook):
    """Pictures stored in another format than PNG, which alone is compared."""
    return [
        f"cell {index}: a picture is stored as {mime}, figures are image/png"
        for index, output in _outputs(notebook)
        for mime in output.get("data", {})
        if mime.startswith("image/") and mime != "image/png"
    ]


def claims_without_record(notebook):
    """Calls of `claim` without a bound, and cells that store fewer claims than they call."""
    problems = []
    for index, cell in _code(notebook):
        calls = [call for call in _calls(_kept(_parsed(cell))) if _name(call) == "claim"]
        for call in calls:
            if not CLAIM_BOUNDS & {keyword.arg for keyword in call.keywords}:
                problems.append(f"cell {index}: line {call.lineno}: a claim without bound")
        printed = "".join(o.text for o in cell.outputs if o.get("name") == "stdout")
        lines = [line for line in printed.split("\n") if line.startswith("✓ ")]
        if len(lines) < len(calls):
            problems.append(f"cell {index}: {len(calls)} claims, {len(lines)} stored")
        for call in calls:
            what = call.args[0] if call.args else None
            named = isinstance(what, ast.Constant)
            if named and not any(line.startswith(f"✓ {what.value}: ") for line in lines):
                problems.append(f"cell {index}: the claim {what.value!r} is not in the output")
    return problems


def noisy_code(notebook):
    """`verbose=1` and its like, star imports, and installations."""
    problems = []
    for index, cell in _code(notebook):
        tree = _parsed(cell)
        for call in _calls(tree):
            for keyword in call.keywords:
                value = getattr(keyword.value, "value", None)
                if keyword.arg == "verbose" and value in (1, 2, "auto"):
                    problems.append(f"cell {index}: verbose={value!r}, its output cannot repeat")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                problems.append(f"cell {index}: from {node.module} import *")
        if re.search(r"^\s*[!%]?\s*(?:pip|conda|uv)3?\s+.*install|-m pip\b", cell.source, re.M):
            problems.append(f"cell {index}: installs packages")
    return problems


def scattered_imports(notebook):
    """Imports in more than one cell."""
    imports = [
        (index, node)
        for index, cell in _code(notebook)
        for node in ast.walk(_parsed(cell))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return [
        f"cell {index}: imports belong together, in cell {imports[0][0]}: {ast.unparse(node)}"
        for index, node in imports
        if index != imports[0][0]
    ]


def imports_past_rooms(notebook):
    """Imports of `cnnlib` as a whole, or of what is private in it."""
    problems = []
    for index, cell in _code(notebook):
        for node in ast.walk(_parsed(cell)):
            names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
            whole = isinstance(node, ast.Import) and any(n.split(".")[0] == "cnnlib" for n in names)
            parts = (getattr(node, "module", None) or "").split(".")
            private = parts[0] == "cnnlib" and any(n.startswith("_") for n in parts[1:] + names)
            if whole or (isinstance(node, ast.ImportFrom) and private):
                problems.append(f"cell {index}: {ast.unparse(node)}; import cnnlib by public room")
    return problems


def long_cells(notebook):
    """Code cells with more lines than a reader takes in at once."""
    lengths = ((index, len(cell.source.strip().splitlines())) for index, cell in _code(notebook))
    return [
        f"cell {index}: {length} lines of code, at most {MOST_LINES}"
        for index, length in lengths
        if length > MOST_LINES
    ]


def wrong_shape(notebook):
    """A first cell that is no title, and a length that is no chapter's."""
    problems = []
    first = notebook.cells[0]
    titles = [c for _, c in _markdown(notebook) if re.search(r"^# ", c.source, re.M)]
    if first.cell_type != "markdown" or not first.source.startswith("# ") or len(titles) != 1:
        problems.append("cell 0: it has to hold the one title, '# …'")
    door = "start here" in first.source.splitlines()[0].lower()
    if len(notebook.cells) not in CELLS and not door:
        problems.append(f"{len(notebook.cells)} cells, between {CELLS[0]} and {CELLS[-1]} expected")
    return problems


def machine_metadata(notebook):
    """A kernel of one machine, or the patch version of its Python."""
    problems = []
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        problems.append(f"the kernel is {kernel!r}, it needs to be 'python3'")
    version = notebook.metadata.get("language_info", {}).get("version", "")
    if version.count(".") > 1:
        problems.append(f"language_info names Python {version}, which changes without reason")
    return problems


def odd_tolerances(notebook):
    """Comparison metadata that is no positive number, or that would let anything pass."""
    problems = []
    for index, cell in _code(notebook):
        for key in ("tolerance", "relative_tolerance", "picture_similarity"):
            value = cell.metadata.get(key, 0.1)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and 0 < value <= 1):
                problems.append(f"cell {index}: {key} is {value!r}, it needs to be in 0…1")
        ignored = re.findall(r"NBVAL_\w+|PYTEST_VALIDATE\w+", cell.source)
        tags = [t for t in cell.metadata.get("tags", []) if "nbval" in t or t == "raises-exception"]
        problems += [f"cell {index}: {mark} hides the cell" for mark in ignored + tags]
    return problems


CHECKS = (
    unrun_cells,
    stripped_cells,
    stored_errors,
    stored_warnings,
    leaked_places,
    oversize,
    images_without_alt,
    other_image_formats,
    claims_without_record,
    noisy_code,
    scattered_imports,
    imports_past_rooms,
    long_cells,
    wrong_shape,
    machine_metadata,
    odd_tolerances,
    unsupported_numbers,
)


def _code(notebook):
    return ((i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")


def _markdown(notebook):
    return ((i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "markdown")


def _outputs(notebook):
    return ((i, output) for i, cell in _code(notebook) for output in cell.outputs)


def _streams(notebook, name):
    return ((i, output) for i, output in _outputs(notebook) if output.get("name") == name)


def _texts(output):
    return {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}


def _strings(thing):
    if isinstance(thing, str):
        return [thing]
    items = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else []
    return [text for item in items for text in _strings(item)]


def _parsed(cell):
    """The cell's syntax tree; lines for the shell or IPython become the calls they stand for."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def _kept(tree):
    """The cell's statements but for those in a `try`, where a claim is broken to show how."""
    tree.body = [statement for statement in tree.body if not isinstance(statement, ast.Try)]
    return tree


def _calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call):
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def _speaks(tree):
    """Whether running this surely leaves an output: it prints, claims, or ends in a value."""
    last = tree.body[-1] if tree.body else None
    top = [node for node in tree.body if isinstance(node, ast.Expr)]
    if any(isinstance(node.value, ast.Call) and _name(node.value) in SPEAKERS for node in top):
        return True
    if not isinstance(last, ast.Expr) or isinstance(last.value, ast.Constant):
        return False
    if not isinstance(last.value, ast.Call):
        return True
    return getattr(getattr(last.value.func, "value", None), "id", None) == "plots"
