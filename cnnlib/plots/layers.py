"""Pictures of one convolution layer: as a matrix product, and its gradient on the way back."""

import numpy as np

from cnnlib.plots.grid import draw_numbers, window_frame
from cnnlib.plots.picture import Animation, Picture


def matrix_product(windows, kernel, output):
    """A convolution as one product: windows in the rows, filters in the columns.

    Parameters
    ----------
    windows : (positions, taps) array
        Each window of the image as a row.
    kernel : (taps, filters) array
        Each filter as a column.
    output : (positions, filters) array
        Their product.
    """
    (positions, taps), filters = windows.shape, kernel.shape[1]
    picture = Picture(
        f"a matrix of {positions} windows by {taps} pixels times a matrix of {taps} weights by "
        f"{filters} filters gives {positions} by {filters} output numbers; "
        "one row, one column and the number they make are framed",
        width=9,
        height=4,
    )
    panels = {
        f"windows\n{positions} × {taps}": (windows, (0, 0, 1, taps)),
        f"filters\n{taps} × {filters}": (kernel, (0, 0, taps, 1)),
        f"outputs\n{positions} × {filters}": (output, (0, 0, 1, 1)),
    }
    all_axes = picture.subplots(1, 3, width_ratios=(taps, filters + 2, filters + 2))
    for axes, (caption, (values, box)) in zip(all_axes, panels.items(), strict=True):
        draw_numbers(axes, values, pixels=values is windows)
        axes.add_patch(window_frame(*box))
        axes.set_title(caption, fontsize=10)
    return picture


def gradient_painting(grad, kernel, grad_x):
    """Animation of the way back: each output's gradient paints the kernel onto its window.

    Parameters
    ----------
    grad : (n_H, n_W) array
        Gradient of the loss for each output number.
    kernel : (f, f) array
        The weights.
    grad_x : (n_H + f - 1, n_W + f - 1) array
        The finished gradient for the input; the static fallback shows it.
    """
    painted = np.zeros(grad_x.shape)
    frames = []
    for (i, j), pull in np.ndenumerate(grad):
        painted[i : i + kernel.shape[0], j : j + kernel.shape[1]] += pull * kernel
        frames.append(_painting_frame(grad, kernel, painted, grad_x, (i, j)))
    still = _painting_frame(grad, kernel, grad_x, grad_x, (grad.shape[0] - 1, grad.shape[1] - 1))
    still.alt = (
        f"animation: each of the {grad.size} numbers of dZ multiplies the kernel and adds it to "
        f"dA where its window lay; windows overlap, so the sums in the middle of dA grow to "
        f"{grad_x.max():g}, while a corner gets {grad_x[0, 0]:g}"
    )
    return Animation(frames, still)


def _painting_frame(grad, kernel, painted, grad_x, place):
    picture = Picture(f"painting from row {place[0]}, column {place[1]}", width=8.5, height=3.2)
    panels = {"dZ": grad, "kernel W": kernel, "dA: the sum so far": painted}
    widths = [values.shape[1] for values in panels.values()]
    limits = [np.abs(values).max() for values in (grad, kernel, grad_x)]
    for axes, (caption, values), limit in zip(
        picture.subplots(1, 3, width_ratios=widths), panels.items(), limits, strict=True
    ):
        draw_numbers(axes, values, limit=limit)
        axes.set_title(caption)
    picture.axes[0].add_patch(window_frame(*place, 1, 1))
    picture.axes[2].add_patch(window_frame(*place, *kernel.shape))
    return picture
