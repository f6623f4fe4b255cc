"""Let a link to a file of the repository lead to that file's page on the site.

A notebook links `../../cnnlib/filters.py`, which JupyterLab opens. On the site the same link leads
to the highlighted source; a link to a page, from outside its folder, leads to the page. Links to
files that do not exist stay as they are, and MyST warns of them.
"""

import os.path
from html import escape
from pathlib import Path

from docutils import nodes
from gather import MIRRORED
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri


class LinkToSource(SphinxPostTransform):
    """Resolve what MyST could not: links to files outside `docs/`."""

    default_priority = 8  # MyST resolves its references at 9
    formats = ("html",)

    def run(self, **kwargs):
        """Replace the open references by links to pages."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node["reftype"] == "myst" and not node.get("refdomain"):
                page = self._page(node["reftarget"])
                if page is not None:
                    builder = self.app.builder
                    uri = relative_uri(
                        builder.get_target_uri(self.env.docname), builder.get_target_uri(page)
                    )
                    node.replace_self(nodes.reference("", "", *node, refuri=uri, internal=True))

    def _page(self, target):
        """The page that shows the file at `target`, a path relative to this page's own source."""
        docs = Path(self.app.confdir)
        here = self.env.docname
        if here.split("/")[0] not in MIRRORED:
            here = f"{docs.name}/{here}"
        path = os.path.normpath(os.path.join(os.path.dirname(here), target))
        if path.startswith("..") or not (docs.parent / path).is_file():
            return None
        page = os.path.splitext(path)[0].removeprefix(f"{docs.name}/")
        if page in self.env.found_docs:
            return page
        if getattr(self.env, "_viewcode_modules", {}).get(page.replace("/", ".")):
            return f"_modules/{page}"
        linked = self.app.linked_sources
        linked.add(path)
        return f"source/{path}"


def _source_pages(app):
    for path in sorted(app.linked_sources):
        text = (Path(app.confdir).parent / path).read_text(encoding="utf-8")
        try:
            lexer = get_lexer_for_filename(path).aliases[0]
        except ClassNotFound:
            lexer = "text"
        code = app.builder.highlighter.highlight_block(text, lexer, force=True)
        yield (
            f"source/{path}",
            {"title": path, "body": f"<h1>{escape(path)}</h1>{code}"},
            "page.html",
        )


def _start(app):
    app.linked_sources = set()


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", _start)
    app.connect("html-collect-pages", _source_pages)
    app.add_post_transform(LinkToSource)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
