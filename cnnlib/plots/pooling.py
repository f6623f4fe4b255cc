"""Pictures of pooling: what a window keeps, what a shift changes, where the gradient goes."""

import numpy as np

from cnnlib.plots.grid import draw_numbers, window_frame
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION, Animation, Picture


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


def walk(rows, pooled_rows, *, size):
    """Animation of a bright cell that walks along a row, and of the maxima of its windows.

    Parameters
    ----------
    rows : (steps, n) array
        The row at each step; n is a multiple of `size`.
    pooled_rows : (steps, n / size) array
        Its maxima at each step.
    size : int
        Length of the windows, which do not overlap.
    """
    steps = len(rows)
    changed = np.flatnonzero((pooled_rows[1:] != pooled_rows[:-1]).any(axis=1)) + 1
    frames = [_walked(rows, pooled_rows, size, k, changed) for k in range(steps)]
    still = _walked(rows, pooled_rows, size, steps - 1, changed)
    still.alt = (
        f"animation: a bright cell walks along a row of {rows.shape[1]} cells with windows of "
        f"{size}, one cell a step; the pooled row changes at {len(changed)} of {steps - 1} steps, "
        f"where the cell enters another window: step {', '.join(map(str, changed))}"
    )
    return Animation(frames, still, seconds=0.9)


def _walked(rows, pooled_rows, size, step, changed):
    """The row and its maxima up to a step; later steps are empty."""
    picture = Picture(f"the row at step {step}", width=6.6, height=3.9)
    source, target = picture.subplots(1, 2, width_ratios=(rows.shape[1], 3 + pooled_rows.shape[1]))
    done = np.arange(len(rows))[:, None] <= step
    draw_numbers(source, np.where(done, rows, np.nan), limit=rows.max())
    for left in range(0, rows.shape[1], size):
        source.add_patch(window_frame(0, left, len(rows), size))
    draw_numbers(target, np.where(done, pooled_rows, np.nan), limit=rows.max())
    for k in changed[changed <= step]:
        target.text(pooled_rows.shape[1] - 0.3, k, "← changed", va="center", color=VERMILION)
    source.set_title("the row, step by step", fontsize=10)
    source.set(xlabel="cell", ylabel="step")
    target.set_title("its maxima", fontsize=10)
    target.set_xlabel("window")
    sides = (source.xaxis, source.yaxis, target.xaxis)
    for axis, count in zip(sides, (*rows.T.shape, pooled_rows.shape[1]), strict=True):
        axis.set_ticks(range(count), labels=range(count), minor=True)
        axis.set_tick_params(which="minor", length=0)
    for axes in (source, target):
        axes.set_anchor("NW")
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
        "an input with the largest number of each window ringed, the gradient that arrives for "
        "its windows, and the gradient of the input: max pooling sends each number to the largest "
        "pixel of its window, average pooling spreads it evenly",
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
    n = x.shape[0] // size
    for i, j in np.ndindex(n, n):
        window = x[i * size : (i + 1) * size, j * size : (j + 1) * size]
        row, column = np.unravel_index(window.argmax(), window.shape)
        picture.axes[0].plot(
            j * size + column,
            i * size + row,
            "o",
            markersize=22,
            markerfacecolor="none",
            markeredgecolor=GREEN,
            markeredgewidth=3,
        )
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


def shift_and_difference(sizes, by_shift, by_digit):
    """What pooling leaves of the change by a shift, and of the change to a different digit.

    Parameters
    ----------
    sizes : sequence of int
        Sides of the pooling windows.
    by_shift, by_digit : sequence of float
        Relative change of the pooled map for each size; their quotient is written to the shift's.
    """
    quotients = np.divide(by_shift, by_digit)
    faster = "faster" if quotients[-1] < quotients[0] else "no faster"
    picture = Picture(
        f"relative change of the map over windows of {sizes[0]} to {sizes[-1]}: the change to a "
        f"different digit falls, and the change by a shift falls {faster}",
        width=7.5,
        height=3.4,
    )
    axes = picture.subplots()
    for name, values, color in (
        ("a different digit", by_digit, ORANGE),
        ("the same digit, shifted", by_shift, BLUE),
    ):
        axes.plot(sizes, values, "o-", color=color)
        axes.annotate(
            name,
            (sizes[-1], values[-1]),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=color,
        )
    for size, value, quotient in zip(sizes, by_shift, quotients, strict=True):
        axes.annotate(
            f"{quotient:.2f} of it",
            (size, value),
            xytext=(0, -16),
            textcoords="offset points",
            ha="center",
            color=BLUE,
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, labels=sizes)
    axes.set(xlabel="side of the pooling windows", ylabel="relative change of the map")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.1)
    axes.spines[["top", "right"]].set_visible(False)
    return picture
