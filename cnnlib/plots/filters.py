"""Pictures of kernels and of what they find."""

import numpy as np
from matplotlib.ticker import LogLocator

from cnnlib.plots.grid import draw_numbers, window_frame
from cnnlib.plots.picture import BLUE, ORANGE, SIGNED, VERMILION, Animation, Picture


def gallery(pictures, *, alt, columns=None, height=3.0, signed=False, frames=()):
    """Images or maps beside each other, each under its caption.

    Parameters
    ----------
    pictures : dict
        Caption to array: (H, W) gray, (H, W, 3) color in 0…1, or signed maps (H, W).
    alt : str
        What the pictures show together.
    columns : int, optional
        Pictures in a row; all of them by default.
    height : float
        Of one row, in inches.
    signed : bool
        Maps around zero: blue below, white at zero, red above, one scale for all.
    frames : sequence of tuple
        Windows to mark on every picture: first row, first column, rows, columns.
    """
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    shape = next(iter(pictures.values())).shape
    width = min(columns * (height - 0.3) * shape[1] / shape[0], 10)
    picture = Picture(alt, width=width, height=rows * height)
    # The strongest half percent saturates, so that a few extremes do not darken the rest.
    limits = [np.percentile(np.abs(values), 99.5) for values in pictures.values()]
    for axes, (caption, values), limit in zip(
        picture.subplots(rows, columns, squeeze=False).flat, pictures.items(), limits, strict=False
    ):
        if signed:
            axes.imshow(values, cmap=SIGNED, vmin=-max(limits), vmax=max(limits))
        else:
            axes.imshow(values, cmap="gray", vmin=0, vmax=limit)
        axes.set_title(caption, fontsize=10)
        for frame in frames:
            axes.add_patch(window_frame(*frame))
    for axes in picture.axes:
        axes.axis("off")
    return picture


def number_grids(grids, *, alt, height=2.6):
    """Small maps beside each other with their numbers written in, on one signed scale.

    Parameters
    ----------
    grids : dict
        Caption to the map, (H, W).
    alt : str
        What the maps show together.
    height : float
        In inches.
    """
    picture = Picture(alt, width=height * len(grids), height=height)
    limit = max(np.abs(values).max() for values in grids.values())
    for axes, (caption, values) in zip(
        picture.subplots(1, len(grids), squeeze=False).flat, grids.items(), strict=True
    ):
        draw_numbers(axes, values, limit=limit)
        axes.set_title(caption, fontsize=10)
    return picture


def weight_counts(counts):
    """Bars of how many weights each layer needs, on a logarithmic axis.

    Parameters
    ----------
    counts : dict
        Name of the layer to its number of weights.
    """
    alt = "weights a layer needs: " + ", ".join(f"{name} {n:,}" for name, n in counts.items())
    picture = Picture(alt, width=7, height=0.6 + 0.5 * len(counts))
    axes = picture.subplots()
    bars = axes.barh(list(counts), list(counts.values()), color=BLUE, height=0.6)
    axes.bar_label(bars, labels=[f"{n:,}" for n in counts.values()], padding=4)
    axes.set(
        xscale="log", xlabel="weights (logarithmic axis: a hundred times more from mark to mark)"
    )
    axes.xaxis.set_major_locator(LogLocator(base=100))
    axes.minorticks_off()
    axes.set_xlim(1, 30 * max(counts.values()))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def gray_row(image, row, *, steps):
    """A photograph with one row marked, and the gray values along that row.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    row : int
        Which row.
    steps : sequence of int
        Columns after which the gray value jumps; each is marked halfway up the step.
    """
    alt = (
        f"left, a photograph with row {row} marked; right, the gray values along that row: "
        f"level stretches, and steep steps after columns {', '.join(map(str, steps))}"
    )
    picture = Picture(alt, width=9, height=3)
    photograph, profile = picture.subplots(1, 2, width_ratios=(1, 2))
    photograph.imshow(image, cmap="gray", vmin=0, vmax=1)
    photograph.axhline(row, color=ORANGE, linewidth=2)
    photograph.axis("off")
    profile.plot(image[row], color=BLUE)
    columns = np.array(steps)
    halfway = (image[row, columns] + image[row, columns + 1]) / 2
    photograph.plot(columns + 0.5, np.full(len(columns), row), ".", color=VERMILION)
    profile.plot(columns + 0.5, halfway, "o", color=VERMILION)
    profile.set(xlabel=f"column, along row {row}", ylabel="gray value", ylim=(-0.05, 1.05))
    profile.spines[["top", "right"]].set_visible(False)
    return picture


def patch_times_kernel(patch, kernel):
    """One output number: a patch, the kernel, their products, and the sum.

    Parameters
    ----------
    patch, kernel : (f, f) arrays
        Of one shape.
    """
    products = patch * kernel
    total = products.sum()
    picture = Picture(
        f"a patch of pixels times the kernel, number by number; the products add up to {total:g}",
        width=9,
        height=2.6,
    )
    steps = {"patch": patch, "× kernel": kernel, "= products": products}
    *grids, result = picture.subplots(1, 4)
    for axes, (caption, values) in zip(grids, steps.items(), strict=True):
        draw_numbers(axes, values, pixels=values is patch)
        axes.set_title(caption)
    result.text(0.5, 0.5, f"sum\n{total:g}", ha="center", va="center", fontsize=16)
    result.axis("off")
    return picture


def kernel_sliding(image, kernel, result):
    """Animation of a kernel that visits every place of an image and leaves one number at each.

    Parameters
    ----------
    image : (n, n) array
        The pixels.
    kernel : (f, f) array
        The kernel.
    result : (n-f+1, n-f+1) array
        What it leaves; the static fallback shows it complete.
    """
    rows, columns = result.shape
    frames = [
        _sliding_frame(image, kernel, result, (i, j)) for i in range(rows) for j in range(columns)
    ]
    still = _sliding_frame(image, kernel, result, (rows - 1, columns - 1))
    first_row = ", ".join(f"{value:g}" for value in result[0])
    still.alt = (
        f"animation: a {kernel.shape[0]} by {kernel.shape[1]} kernel slides over an image of "
        f"{image.shape[0]} by {image.shape[1]} pixels, row by row, and writes one number at each "
        f"place: {rows} by {columns} numbers, the first row {first_row}"
    )
    return Animation(frames, still, seconds=0.8)


def _sliding_frame(image, kernel, result, place):
    i, j = place
    (rows, columns), size = kernel.shape, result.shape
    picture = Picture(f"the kernel at row {i}, column {j}", width=8.5, height=3.4)
    pixels, weights, output = picture.subplots(
        1, 3, width_ratios=(image.shape[1], columns, size[1])
    )
    draw_numbers(pixels, image, pixels=True)
    pixels.add_patch(window_frame(i, j, rows, columns))
    pixels.set_title("image")
    draw_numbers(weights, kernel)
    weights.set_title("kernel")
    visited = np.arange(result.size).reshape(size) <= i * size[1] + j
    draw_numbers(output, np.where(visited, result, np.nan), limit=np.abs(result).max())
    output.add_patch(window_frame(i, j, 1, 1))
    output.set_title("output")
    return picture


def kernel_learning(losses, kernels):
    """How a kernel was learned: the loss over the steps, and the kernel at some of them.

    Parameters
    ----------
    losses : sequence of float
        The loss before every step.
    kernels : dict
        Step to the (f, f) kernel at that step.
    """
    stages = ", ".join(str(step) for step in kernels)
    picture = Picture(
        f"the loss falls from {losses[0]:.2g} by {len(losses):,} steps; below, the kernel at "
        f"steps {stages}: from random numbers to a column of positive and one of negative weights",
        width=8,
        height=4.6,
    )
    rows = picture.subfigures(2, 1, height_ratios=(1.2, 1))
    curve = rows[0].subplots()
    curve.plot(losses, color=BLUE)
    curve.set(xlabel="step", ylabel="loss", yscale="log")
    curve.spines[["top", "right"]].set_visible(False)
    limit = max(np.abs(kernel).max() for kernel in kernels.values())
    for axes, (step, kernel) in zip(
        rows[1].subplots(1, len(kernels)), kernels.items(), strict=True
    ):
        curve.axvline(step, color=ORANGE, linewidth=1)
        draw_numbers(axes, kernel.round(2) + 0.0, limit=limit)  # + 0.0: no “-0”
        axes.set_title(f"step {step:,}", fontsize=10)
    return picture
