"""The directive `proofs`: every claim of the stored notebooks, its measured value and its bound."""

from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from cnnlib.claims import read_line

log = logging.getLogger(__name__)


def claim_lines(notebook):
    """The lines that the notebook's cells with a claim have printed with a check mark."""
    return [
        line.strip()
        for cell in notebook.cells
        if cell.cell_type == "code" and "claim(" in cell.source
        for output in cell.outputs
        if output.output_type == "stream"
        for line in output.text.splitlines()
        if line.startswith("✓ ")
    ]


class Proofs(SphinxDirective):
    """A section a notebook, with a table of its claims."""

    def run(self):
        """Read the mirrored notebooks and build the sections."""
        self.env.note_reread()  # another notebook may have come
        sections = []
        for path in sorted(Path(self.env.srcdir, "notebooks").rglob("*.ipynb")):
            rows = self._rows(path)
            if rows:
                sections += self._section(path, rows)
        return sections

    def _rows(self, path):
        rows = []
        for line in claim_lines(nbformat.read(path, as_version=4)):
            row = read_line(line)
            if row is None:
                log.warning("proofs: %s prints a claim that cannot be read: %s", path.name, line)
            else:
                rows.append(row)
        return rows

    def _section(self, path, rows):
        docname = path.relative_to(self.env.srcdir).with_suffix("").as_posix()
        builder = self.env.app.builder
        title = _title(path)
        link = make_refnode(builder, self.env.docname, docname, "", nodes.Text(title))
        count = f", {len(rows)} claim{'s' if len(rows) > 1 else ''}"
        return [
            nodes.rubric("", "", nodes.inline("", "", link, nodes.Text(count))),
            _table(("what is claimed", "measured", "bound"), rows),
        ]


def _title(path):
    """The notebook's first heading."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return cell.source.splitlines()[0].removeprefix("# ")
    return path.stem


def _table(head, rows):
    table = nodes.table(classes=["claims"])
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=width) for width in (60, 20, 20)]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *(_row(row) for row in rows))
    table += group
    return table


def _row(texts):
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in texts))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("proofs", Proofs)
    return {"parallel_read_safe": True}
