"""Pictures of pooling: what a window keeps, where its gradient goes, what a shift changes."""

import numpy as np

from cnnlib.plots.grid import draw_numbers, window_frame
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION, Picture


def pooled(x, results, *, size):
    """A map with its windows framed, and what each kind of pooling makes of it.

    Parameters
    ----------
    x : (n, n) array
        One channel; n is a multiple of `size`.
    results : dict
        Caption to the pooled map, such as `"max"` and `"average"`.
    size : int
        Side of the windows, which do not overlap.
    """
    pools = " and ".join(results)
    picture = Picture(
        f"a map of {x.shape[0]} by {x.shape[1]} numbers in windows of {size} by {size}; "
        f"beside it, one number for each window by {pools} pooling",
        width=8,
        height=3,
    )
    widths = [x.shape[1], *(values.shape[1] for values in results.values())]
    source, *targets = picture.subplots(1, 1 + len(results), width_ratios=widths)
    limit = np.abs(x).max()
    draw_numbers(source, x, limit=limit)
    _frame_windows(source, x, size)
    source.set_title("input")
    for axes, (caption, values) in zip(targets, results.items(), strict=True):
        draw_numbers(axes, values, limit=limit)
        axes.set_title(caption)
    return picture


def gradient_routes(x, grad, routes, *, size):
    """Where pooling sends the gradient: to one pixel of each window, or to all of them.

    Parameters
    ----------
    x : (n, n) array
        The input of the pooling.
    grad : (n / size, n / size) array
        The gradient that arrives, one number for each window.
    routes : dict
        Caption to the gradient of the input, an (n, n) array.
    size : int
        Side of the windows, which do not overlap.
    """
    picture = Picture(
        "an input, the gradient that arrives for its windows, and the gradient of the input: "
        "max pooling sends each number to the largest pixel of its window, average pooling "
        "spreads it evenly",
        width=10,
        height=3,
    )
    panels = {"input A": x, "arriving gradient": grad} | routes
    widths = [values.shape[1] for values in panels.values()]
    for axes, (caption, values) in zip(
        picture.subplots(1, len(panels), width_ratios=widths), panels.items(), strict=True
    ):
        draw_numbers(axes, values, limit=np.abs(x if values is x else grad).max())
        axes.set_title(caption, fontsize=10)
        if values is not grad:
            _frame_windows(axes, values, size)
    return picture


def _frame_windows(axes, values, size):
    for i in range(0, values.shape[0], size):
        for j in range(0, values.shape[1], size):
            axes.add_patch(window_frame(i, j, size, size))


def shift_curves(shifts, changes):
    """How much a map changes when the picture shifts, for several sizes of pooling.

    Parameters
    ----------
    shifts : sequence of int
        In pixels.
    changes : dict
        Size of the pooling windows to the relative change at each shift.
    """
    smallest, *_, largest = changes
    picture = Picture(
        f"relative change of the map over a shift of {shifts[0]} to {shifts[-1]} pixels: it rises "
        f"steeply without pooling (windows of {smallest}) and slowly with windows of {largest}",
        width=6.5,
        height=3.4,
    )
    axes = picture.subplots()
    for (size, values), color in zip(
        changes.items(), (BLUE, ORANGE, GREEN, VERMILION), strict=False
    ):
        axes.plot(shifts, values, "o-", color=color)
        axes.annotate(
            f"windows of {size} × {size}",
            (shifts[-1], values[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=color,
        )
    axes.set(xlabel="shift of the picture, pixels", ylabel="relative change of the map")
    axes.set_xticks(shifts)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    return picture
