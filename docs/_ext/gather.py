"""Bring in what lives elsewhere: notebooks, benchmark results, and one page a room of cnnlib.

Sphinx reads one folder. `notebooks/` and `benchmarks/` keep their place at the root and are
mirrored under `docs/`; a file is written only where it changed, so that a second build is quick.
"""

import re
from pathlib import Path

from sphinx.directives.other import TocTree
from sphinx.util.matching import patfilter

MIRRORED = {"notebooks": (".ipynb", ".png", ".svg"), "benchmarks": (".md", ".png", ".svg")}


def mirrored(root):
    """Path under `docs/` and content of every file of the mirrored folders."""
    return {
        path.relative_to(root): path.read_bytes()
        for folder, suffixes in MIRRORED.items()
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in suffixes and not any(part.startswith(".") for part in path.parts)
    }


def rooms(root):
    """Path under `docs/` and content of one page a room of cnnlib, a section for each module."""
    pages = {}
    for path in sorted((root / "cnnlib").rglob("*.py")):
        *folders, name = path.relative_to(root).with_suffix("").parts
        parts = folders if name == "__init__" else [*folders, name]
        if len(parts) < 2 or any(part.startswith("_") for part in parts):
            continue
        pages.setdefault(parts[1], []).append(parts)
    return {
        Path("api", f"{room}.rst"): _page(root, room, modules) for room, modules in pages.items()
    }


def _page(root, room, modules):
    sections = [f"{room}\n{'=' * len(room)}"]
    for parts in sorted(modules):
        if len(parts) > 2:
            title = ".".join(parts[1:])
            sections.append(f"{title}\n{'-' * len(title)}")
        sections.append(_module(root, parts))
    return ("\n\n".join(sections) + "\n").encode()


def _module(root, parts):
    module = ".".join(parts)
    package = root.joinpath(*parts[:-1], "__init__.py").read_text(encoding="utf-8")
    if not re.search(rf"^def {parts[-1]}\(", package, re.MULTILINE):
        return f".. automodule:: {module}"
    # The name belongs to the function, exercises.exercise; of its module the classes are shown.
    source = root.joinpath(*parts).with_suffix(".py").read_text(encoding="utf-8")
    classes = re.findall(r"^class (\w+)", source, re.MULTILINE)
    return "\n\n".join(f".. autoclass:: {module}.{name}" for name in classes)


def _gather(app, config):
    docs = Path(app.confdir)
    pages = mirrored(docs.parent) | rooms(docs.parent)
    for path, content in pages.items():
        target = docs / path
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for folder in (*MIRRORED, "api"):
        for target in (docs / folder).rglob("*"):
            if target.is_file() and target.relative_to(docs) not in pages:
                target.unlink()


class Pages(TocTree):
    """A table of contents by pattern, left out while no page matches."""

    def run(self):
        """As `toctree`, which would warn."""
        patterns = [line for line in self.content if line]
        if any(patfilter(self.env.found_docs, pattern) for pattern in patterns):
            return super().run()
        self.env.note_reread()
        return []


def _escape_stars(app, what, name, obj, options, lines):
    """A shape `(m, *image, channels)` in a docstring is no emphasis."""
    lines[:] = [re.sub(r"(?<=[(,] )\*(?=\w)|(?<=\()\*(?=\w)", r"\\*", line) for line in lines]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("pages", Pages)
    app.connect("config-inited", _gather)
    app.connect("autodoc-process-docstring", _escape_stars, priority=400)  # before napoleon
    return {"parallel_read_safe": True}
