"""The site: the stored notebooks as pages, the library's docstrings, and what the course proves."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "Convolutional networks"
author = "the authors of this course"
copyright = "its authors: text CC BY 4.0, code Apache-2.0, data as they came"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "gather",
    "alt_text",
    "source_links",
    "proofs",
]
exclude_patterns = ["_build", "_static", "**/.ipynb_checkpoints"]
default_role = "code"  # docstrings write `name` for code

nb_execution_mode = "off"
nb_output_stderr = "remove"
nb_merge_streams = True
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {
    "members": True,
    "ignore-module-all": True,
    "exclude-members": "set",  # matplotlib gives it to every Figure
}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
viewcode_follow_imported_members = False  # a class that Keras decorates is not Keras's
napoleon_google_docstring = False
napoleon_use_rtype = False

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_theme_options = {
    "logo": {
        "text": project,
        "alt_text": "",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
    },
    "navbar_persistent": [],  # the search stands in the side bar
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
mathjax_path = "mathjax/tex-chtml-full.js"
# The menu would load speech engines that are not shipped.
mathjax3_config = {"options": {"enableMenu": False}}
