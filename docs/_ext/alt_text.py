"""Give every picture of a notebook the alternative text that is stored with it.

The course's pictures keep it in the output's metadata, `{"image/png": {"alt": ...}}`, which myst-nb
leaves unread. Its plugins have to be installed packages; wrapping the one method is smaller.
"""

from myst_nb.core.render import NbElementRenderer

_render_image = NbElementRenderer.render_image


def _render_described(self, data):
    images = _render_image(self, data)
    described = data.output_metadata.get(data.mime_type, {})
    if "alt" in described:
        images[0]["alt"] = described["alt"]
    return images


def setup(app):
    """Register with Sphinx."""
    NbElementRenderer.render_image = _render_described
    return {"parallel_read_safe": True}
