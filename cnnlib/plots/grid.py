"""Grids of numbers, and the frame that marks a window on one."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.picture import ORANGE, SIGNED


def window_frame(i, j, rows, columns):
    """The outline of a window whose first cell is (i, j)."""
    return Rectangle((j - 0.5, i - 0.5), columns, rows, fill=False, edgecolor=ORANGE, linewidth=4)


def draw_numbers(axes, values, *, limit=None, pixels=False):
    """A grid of numbers: pixels on their gray, others on signed colors; a NaN stays empty."""
    limit = limit or np.nanmax(np.abs(values)) or 1
    if pixels:
        axes.imshow(values, cmap="gray", vmin=0, vmax=limit)
    else:
        axes.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit)
    for (i, j), value in np.ndenumerate(values):
        if not np.isnan(value):
            dark = value < 0.5 * limit if pixels else abs(value) > 0.6 * limit
            ink = "white" if dark else "black"
            axes.text(j, i, f"{value + 0.0:.3g}", ha="center", va="center", color=ink)
    axes.set_xticks(np.arange(values.shape[1] + 1) - 0.5, labels=[])
    axes.set_yticks(np.arange(values.shape[0] + 1) - 0.5, labels=[])
    axes.grid(color="black", linewidth=0.5)
    axes.tick_params(length=0)
