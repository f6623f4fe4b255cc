"""The site, built once from the real tree: every notebook on it, nothing fetched, no link dead."""

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(
    path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

pytest.importorskip("sphinx_book_theme")
from proofs import claim_lines  # noqa: E402

# What a browser fetches by itself when it opens a page.
FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("object", "data"),
    ("embed", "src"),
}
FETCHED_LINKS = {"stylesheet", "icon", "shortcut icon", "preload", "modulepreload", "manifest"}


class Page(HTMLParser):
    """What the tests ask of one HTML page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links, self.fetched, self.images = path, set(), [], [], []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id") or attributes.get("name"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)
        if tag == "link" and attributes.get("rel") in FETCHED_LINKS:
            self.fetched.append(attributes["href"])
        self.fetched += [
            attributes[name] for of, name in FETCHED if of == tag and name in attributes
        ]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built pages by path relative to the site."""
    out = tmp_path_factory.mktemp("site") / "html"
    build = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "docs", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert build.returncode == 0, build.stderr
    pages = {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*.html"))}
    return {name: Page(path) for name, path in pages.items() if not name.startswith("_static/")}


def notebook_page(site, path):
    return site[path.relative_to(ROOT).with_suffix(".html").as_posix()]


@pytest.mark.slow
def test_every_notebook_has_a_page_that_the_index_lists(site):
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        page = path.relative_to(ROOT).with_suffix(".html").as_posix()
        assert page in site
        assert page in site["index.html"].links


@pytest.mark.slow
def test_every_picture_of_a_notebook_is_on_its_page_with_its_alternative_text(site):
    described = 0
    for path in NOTEBOOKS:
        stored = [
            output.metadata["image/png"]["alt"]
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        shown = [
            image["alt"] for image in notebook_page(site, path).images if "_images/" in image["src"]
        ]
        assert shown == stored
        described += sum(bool(alt.strip()) for alt in shown)
        assert all(alt.strip() for alt in shown)
    assert described > 0


@pytest.mark.slow
def test_solutions_are_folded(site):
    for path in NOTEBOOKS:
        solutions = path.read_text(encoding="utf-8").count("<details><summary>")
        assert notebook_page(site, path).text.count("<details><summary>") == solutions


@pytest.mark.slow
def test_opening_a_page_fetches_nothing_from_the_network(site):
    for name, page in site.items():
        away = [url for url in page.fetched if urlsplit(url).netloc]
        assert not away, f"{name} fetches {away}"
    root = site["index.html"].path.parent
    for style in root.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        away = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)", text)
        assert not away, f"{style.relative_to(root)} fetches {away}"


@pytest.mark.slow
def test_every_file_that_a_page_fetches_is_there(site):
    for name, page in site.items():
        for url in page.fetched:
            file = page.path.parent / unquote(urlsplit(url).path)
            assert url.startswith("data:") or file.is_file(), f"{name} fetches {url}"


@pytest.mark.slow
def test_no_internal_link_is_dead(site):
    root = site["index.html"].path.parent
    for name, page in site.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (page.path.parent / unquote(url.path)).resolve() if url.path else page.path
            assert target.is_file(), f"{name} links to {link}"
            to = site.get(target.relative_to(root.resolve()).as_posix()) if url.path else page
            if url.fragment and to is not None:
                assert unquote(url.fragment) in to.ids, f"{name} links to {link}"


@pytest.mark.slow
def test_a_link_to_a_source_file_leads_to_its_highlighted_page(site):
    links = 0
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "markdown":
                continue
            for module in re.findall(r"\]\([./]+/(cnnlib/[\w/]+)\.py\)", cell.source):
                page = notebook_page(site, path)
                link = [url for url in page.links if url.endswith(f"/{module}.html")]
                link += [url for url in page.links if url.endswith(f"/{module}.py.html")]
                assert link, f"{path.name} does not lead to {module}"
                target = (page.path.parent / link[0]).resolve()
                assert 'class="highlight"' in target.read_text(encoding="utf-8")
                links += 1
    assert links > 0


@pytest.mark.slow
def test_the_claims_page_lists_every_claim(site):
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", site["claims.html"].text, re.DOTALL)
    listed = sum("<td" in row for row in rows)
    printed = sum(
        line.startswith("✓ ") and line.endswith(")")
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        for line in output.get("text", "").splitlines()
    )
    assert listed == printed > 0


@pytest.mark.slow
def test_every_public_name_with_a_docstring_is_in_the_reference(site):
    pages = [page.text for name, page in site.items() if name.startswith("api/")]
    reference = re.sub(r"<[^>]+>", "", "".join(pages))
    for path in sorted((ROOT / "cnnlib").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node):
                assert f"{module}.{node.name}" in reference


def test_claims_are_sought_in_the_cells_that_make_them():
    def cell(source, text):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        return nbformat.v4.new_code_cell(source, outputs=[output])

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("claim() prints ✓ a line"),
            cell("claim('a', 1, equals=1)", "✓ a: 1 (exactly 1)\nnot one\n"),
            cell("print('✓ all is well')", "✓ all is well\n"),
        ]
    )
    assert claim_lines(notebook) == ["✓ a: 1 (exactly 1)"]
