"""Pictures of one convolution layer: its maps, its matrix product, its gradient, its kernels."""

import numpy as np

from cnnlib.plots.grid import draw_numbers, window_frame
from cnnlib.plots.picture import SIGNED, Animation, Picture


def layer_maps(image, kernels, maps):
    """A picture, the kernels that slide over it, and below each kernel its map.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    kernels : (f, f, filters) array
        One scale for all: blue below zero, white at zero, red above.
    maps : (n_H, n_W, filters) array
        What each kernel makes of the picture, again on one scale.
    """
    filters = kernels.shape[-1]
    picture = Picture(
        f"a picture of {image.shape[0]} by {image.shape[1]} pixels, {filters} kernels of "
        f"{kernels.shape[0]} by {kernels.shape[1]} weights, and below each kernel the map that it "
        "makes of the picture: red where positive, blue where negative",
        width=10,
        height=2.6,
    )
    grid = picture.add_gridspec(2, filters + 1, width_ratios=[2] + [1] * filters)
    axes = picture.add_subplot(grid[:, 0])
    axes.imshow(image, cmap="gray", vmin=0, vmax=1)
    axes.set_title("the picture", fontsize=10)
    for row, (name, stack) in enumerate({"kernel": kernels, "map": maps}.items()):
        limit = np.abs(stack).max()
        for c in range(filters):
            axes = picture.add_subplot(grid[row, c + 1])
            axes.imshow(stack[..., c], cmap=SIGNED, vmin=-limit, vmax=limit)
            axes.set_title(f"{name} {c}", fontsize=10)
    for axes in picture.axes:
        axes.axis("off")
    return picture


def kernel_rows(rows):
    """Kernels in rows that compare them; each row has its own scale, written at its left.

    Parameters
    ----------
    rows : dict
        Name of the row to its kernels, (f, f, filters).
    """
    largest = {name: np.abs(kernels).max() for name, kernels in rows.items()}
    picture = Picture(
        f"{len(rows)} rows of kernels, red where a weight is positive and blue where it is "
        "negative; the largest weight of each row: "
        + ", ".join(f"{name} {size:.2f}" for name, size in largest.items()),
        width=10,
        height=1.25 * len(rows),
    )
    filters = next(iter(rows.values())).shape[-1]
    lines = picture.subplots(len(rows), filters, squeeze=False)
    for line, (name, kernels) in zip(lines, rows.items(), strict=True):
        for c, axes in enumerate(line):
            axes.imshow(kernels[..., c], cmap=SIGNED, vmin=-largest[name], vmax=largest[name])
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(f"{name}\n± {largest[name]:.2f}")
    for c, axes in enumerate(lines[0]):
        axes.set_title(f"kernel {c}", fontsize=10)
    return picture


def matrix_product(image, rows, columns, outputs):
    """A convolution as one product: windows in the rows, filters in the columns.

    Parameters
    ----------
    image : (n, n) array
        The picture; one of its windows is framed, and what becomes of it.
    rows : (positions, taps) array
        Each window of the picture as a row.
    columns : (taps, filters) array
        Each filter as a column.
    outputs : (positions, filters) array
        Their product; its first column is folded back into a map.
    """
    (positions, taps), filters = rows.shape, columns.shape[1]
    f, side = (round(np.sqrt(count)) for count in (taps, positions))
    place = positions // 2
    i, j = divmod(place, side)
    picture = Picture(
        f"a picture of {len(image)} by {len(image)} pixels; its windows, a matrix of {positions} "
        f"rows by {taps} pixels, times a matrix of {taps} weights by {filters} filters, gives "
        f"{positions} by {filters} output numbers; the first column folds back into a map of "
        f"{side} by {side}; one window is framed on its way",
        width=10,
        height=4.9,
    )
    grids = [
        (f"picture\n{len(image)} × {len(image)}", image),
        (f"windows\n{positions} × {taps}", rows),
        (f"filters\n{taps} × {filters}", columns),
        (f"outputs\n{positions} × {filters}", outputs),
        (f"first map\n{side} × {side}", outputs[:, 0].reshape(side, side)),
    ]
    frames = [(i, j, f, f), (place, 0, 1, taps), (0, 0, taps, 1), (place, 0, 1, 1), (i, j, 1, 1)]
    scales = [image, image, columns, outputs, outputs]
    for axes, (_, values), scale, frame in zip(
        _in_line(picture, grids, "→×=→"), grids, scales, frames, strict=True
    ):
        draw_numbers(axes, values, limit=np.abs(scale).max(), pixels=scale is image)
        axes.add_patch(window_frame(*frame))
    return picture


def gradient_painting(grad, kernel):
    """Animation of the way back: each output's gradient paints the kernel onto its window.

    It starts from an empty gradient at the input; the static fallback shows the finished one.

    Parameters
    ----------
    grad : (n_H, n_W) array
        Gradient of the loss for each output number, at stride 1.
    kernel : (f, f) array
        The weights.
    """
    f = len(kernel)
    sums = [np.zeros(np.add(grad.shape, f - 1))]
    for (i, j), pull in np.ndenumerate(grad):
        sums.append(sums[-1].copy())
        sums[-1][i : i + f, j : j + f] += pull * kernel
    limit = max(np.abs(values).max() for values in (np.multiply.outer(grad, kernel), *sums))
    places = [None, *np.ndindex(grad.shape)]
    frames = [
        _painting_frame(grad, kernel, painted, place, limit)
        for place, painted in zip(places, sums, strict=True)
    ]
    still = _painting_frame(grad, kernel, sums[-1], places[-1], limit)
    still.alt = (
        f"animation: from an empty dA, each of the {grad.size} numbers of dZ multiplies the kernel "
        f"and adds it to dA where its window lay; windows overlap, so the entry at row 1, column 1 "
        f"collects from four windows and becomes {sums[-1][1, 1]:g}, "
        f"while the corner gets {sums[-1][0, 0]:g} from one"
    )
    return Animation(frames, still, seconds=0.9)


def _painting_frame(grad, kernel, painted, place, limit):
    paint = np.full(kernel.shape, np.nan) if place is None else grad[place] * kernel
    grids = [("dZ", grad), ("W", kernel), ("dZ at the frame × W", paint), ("dA so far", painted)]
    picture = Picture(f"dA after the place {place}", width=9.5, height=3)
    all_axes = _in_line(picture, grids, "×=→", gap=1.6)
    for axes, (_, values) in zip(all_axes, grids, strict=True):
        draw_numbers(axes, values, limit=limit)
    if place is not None:
        all_axes[0].add_patch(window_frame(*place, 1, 1))
        all_axes[3].add_patch(window_frame(*place, *kernel.shape))
    return picture


def _in_line(picture, grids, signs, *, gap=1.2):
    """Axes for grids of one cell size with their tops in line, and a sign in each gap of cells."""
    picture.set_layout_engine("none")
    width, height = picture.get_size_inches()
    titles = 0.2 + 0.2 * max(caption.count("\n") + 1 for caption, _ in grids)  # inches
    across = sum(values.shape[1] for _, values in grids) + gap * len(grids)
    cell = min(width / across, (height - titles - 0.1) / max(len(v) for _, v in grids))
    left, top = (width - cell * (across - gap)) / 2, height - titles
    axes = []
    for (caption, values), sign in zip(grids, (*signs, ""), strict=True):
        rows, columns = values.shape
        box = (left / width, (top - cell * rows) / height)
        axes.append(picture.add_axes((*box, cell * columns / width, cell * rows / height)))
        axes[-1].set_title(caption, fontsize=10)
        left += cell * (columns + gap)
        middle = (top - cell) / height  # the level of the lowest grid's middle
        picture.text(
            (left - cell * gap / 2) / width, middle, sign, ha="center", va="center", fontsize=16
        )
    return axes
