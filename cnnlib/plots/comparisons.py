"""Pictures that compare dense layers with convolutions: connections, weights, accuracies."""

import numpy as np

from cnnlib.plots.filters import gallery
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, Picture

_COLORS = (BLUE, ORANGE, GREEN)


def connections(image, changes):
    """Which pixels an output depends on: an image with those pixels in color, for each output.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    changes : dict
        Caption to an (H, W) array: how much the output changes when that pixel does; 0 for a pixel
        that does not matter.
    """
    counts = {caption: np.count_nonzero(change) for caption, change in changes.items()}
    told = "; ".join(f"{caption}: {count:,} pixels" for caption, count in counts.items())
    picture = Picture(
        f"the pixels of a digit on which one output number depends, in color; {told}",
        width=3.0 * len(changes),
        height=3.3,
    )
    panels = picture.subplots(1, len(changes), squeeze=False).flat
    for axes, (caption, change) in zip(panels, changes.items(), strict=True):
        axes.imshow(image, cmap="gray", vmin=0, vmax=1)
        axes.imshow(np.where(change > 0, 1.0, np.nan), cmap="autumn", vmin=0, vmax=1.5, alpha=0.55)
        axes.set_title(f"{caption}\n{counts[caption]:,} of {change.size:,} pixels", fontsize=10)
        axes.axis("off")
    return picture


def convolution_matrix(kernel, matrix):
    """A convolution written as the matrix of a dense layer, its weights colored as in the kernel.

    Parameters
    ----------
    kernel : (f, f) array
        Positive numbers, all different, so that each weight can be found again in the matrix.
    matrix : (outputs, inputs) array
        Its zeros stay white.
    """
    outputs, inputs = matrix.shape
    picture = Picture(
        f"a kernel of {kernel.size} weights, each in its own color, and the matrix of {outputs} "
        f"outputs by {inputs} inputs that does the same: the kernel's rows stand as short diagonal "
        f"bands, {np.count_nonzero(matrix)} of {matrix.size} weights are not zero",
        width=10,
        height=4.2,
    )
    left, right = picture.subplots(1, 2, width_ratios=(1, 6))
    for axes, values, caption in (
        (left, kernel, "kernel"),
        (right, matrix, f"the same as a dense layer: {outputs} × {inputs} weights"),
    ):
        drawn = np.where(values == 0, np.nan, values)
        axes.imshow(drawn, cmap="turbo", vmin=0, vmax=1.1 * kernel.max(), alpha=0.75)
        for (i, j), value in np.ndenumerate(drawn):
            if not np.isnan(value):
                axes.text(j, i, f"{value:g}", ha="center", va="center", fontsize=8)
        axes.set_xticks(np.arange(values.shape[1] + 1) - 0.5, labels=[])
        axes.set_yticks(np.arange(values.shape[0] + 1) - 0.5, labels=[])
        axes.grid(color="0.8", linewidth=0.5)
        axes.tick_params(length=0)
        axes.set_title(caption, fontsize=10)
    right.set(xlabel="input pixel, row by row", ylabel="output number, row by row")
    return picture


def scene_moved(pictures, columns, *, alt):
    """Images or maps beside each other, with a line through the same thing in each of them.

    Parameters
    ----------
    pictures : dict
        Caption to an (H, W) array of gray values.
    columns : sequence of int
        Where the thing stands, for each picture.
    alt : str
        What the pictures show together.
    """
    picture = gallery(pictures, alt=alt, height=2.9)
    for axes, column in zip(picture.axes, columns, strict=True):
        axes.axvline(column, color=ORANGE, linewidth=1.5)
    return picture


def with_shuffled(images, shuffled, labels):
    """Images, each beside itself with its pixels in another order.

    Parameters
    ----------
    images, shuffled : (m, H, W) array
        Gray values.
    labels : sequence
        What each image is.
    """
    pairs = {}
    for image, specks, label in zip(images, shuffled, labels, strict=True):
        pairs |= {f"a {label}": image, f"the {label}, shuffled": specks}
    return gallery(
        pairs,
        alt=f"{len(images)} pictures, each beside itself with its pixels shuffled: specks, no form",
        height=1.9,
    )


def global_maximum(maps):
    """The maps of a layer, the one number left of each by a global maximum, and ten answers.

    Parameters
    ----------
    maps : (H, W, 32) array
        Not negative, as after a ReLU.
    """
    height, width, count = maps.shape
    picture = Picture(
        f"{count} maps of {height} × {width} numbers; an arrow to {count} single numbers, the "
        "maximum of each map; an arrow to ten answers, each made from all these numbers",
        width=9.5,
        height=2.9,
    )
    panels = picture.subplots(1, 5, width_ratios=(4, 1.1, 4, 1.1, 1))
    # Eight maps in a row, a margin around each.
    apart = np.pad(maps, ((0, 1), (0, 1), (0, 0)), constant_values=np.nan)
    sheet = apart.reshape(height + 1, width + 1, -1, 8).transpose(2, 0, 3, 1)
    sheet = sheet.reshape(-1, 8 * (width + 1))
    strongest = maps.max(axis=(0, 1)).reshape(-1, 8)
    titles = f"{count} maps of {height} × {width}", f"{count} numbers", "10 answers"
    for axes, values, title in zip(panels[::2], (sheet, strongest), titles, strict=False):
        axes.imshow(values, cmap="gray", vmin=0, vmax=1.1 * maps.max())
        axes.set_title(title, fontsize=10)
    panels[4].set(xlim=(-1, 1), ylim=(9.5, -0.5))
    for digit in range(10):
        panels[4].text(0, digit, str(digit), ha="center", va="center", color=BLUE)
    panels[4].set_title(titles[2], fontsize=10)
    for axes, words in zip(panels[1::2], ("maximum\nof each", "dense\nlayer"), strict=True):
        axes.annotate("", (1, 0.5), (0, 0.5), arrowprops={"arrowstyle": "->", "color": ORANGE})
        axes.text(0.5, 0.56, words, ha="center", va="bottom", fontsize=9)
    for axes in panels:
        axes.axis("off")
    return picture


def accuracy_over_digits(digits, accuracies, *, here):
    """Accuracy of networks over the number of digits they learned from, on a logarithmic axis.

    Parameters
    ----------
    digits : sequence of int
        How many digits each network learned from.
    accuracies : dict
        Name of the network to a (seeds, len(digits)) array of accuracies in 0…1.
    here : dict
        Name of the network to one pair (digits, accuracy): a run of the reader's own, as a ring.
    """
    picture, axes = _accuracy_axes(
        f"share of test digits read correctly over {digits[0]:,} to {digits[-1]:,} training "
        f"digits, {_several(accuracies)}; {_ranking(accuracies, -1)} at the right end"
    )
    _draw_bands(axes, digits, accuracies)
    for color, pair in zip(_COLORS, here.values(), strict=False):
        axes.plot(*pair, "o", color=color, markersize=12, fillstyle="none", markeredgewidth=2)
    axes.set(xscale="log", xlabel="training digits")
    axes.set_xticks(digits, labels=[f"{n:,}" for n in digits])
    axes.minorticks_off()
    axes.set_xlim(digits[0] * 0.85, digits[-1] * 3.2)
    return picture


def accuracy_over_shifts(shifts, accuracies, *, here):
    """Accuracy of networks over how far the test digits have been moved.

    Parameters
    ----------
    shifts : sequence of int
        In pixels.
    accuracies : dict
        Name of the network to a (seeds, len(shifts)) array of accuracies in 0…1.
    here : dict
        Name of the network to a dict of shift to accuracy: the reader's own run, as rings.
    """
    picture, axes = _accuracy_axes(
        f"share of test digits read correctly when they are moved by {shifts[0]} to {shifts[-1]} "
        f"pixels, {_several(accuracies)}; {_ranking(accuracies, 0)} at the left end, "
        f"{_ranking(accuracies, -1)} at the right end"
    )
    _draw_bands(axes, shifts, accuracies)
    for color, run in zip(_COLORS, here.values(), strict=False):
        axes.plot(
            *zip(*run.items(), strict=True), "o", color=color, markersize=10, fillstyle="none"
        )
    axes.set(xlabel="shift of the test digits, pixels", ylim=(0, 1))
    axes.set_xticks(shifts)
    axes.set_xlim(shifts[0] - 0.3, shifts[-1] + 2.6)
    return picture


def accuracy_by_seed(groups):
    """Accuracy of networks under several conditions, one dot for each seed.

    Parameters
    ----------
    groups : dict
        Condition to a dict of the network's name to its accuracies, one for each seed.
    """
    rankings = [f"{group}: {_ranking(runs)}" for group, runs in groups.items()]
    picture, axes = _accuracy_axes(
        f"share of test digits read correctly, a dot for each seed; {'; '.join(rankings)}"
    )
    networks = list(next(iter(groups.values())))
    for network, color in zip(networks, _COLORS, strict=False):
        for place, runs in enumerate(groups.values()):
            offset = 0.24 * (networks.index(network) - (len(networks) - 1) / 2)
            seeds = runs[network]
            label = network if place == 0 else None
            axes.plot(
                [place + offset] * len(seeds), seeds, "o", color=color, alpha=0.7, label=label
            )
    axes.set_xticks(range(len(groups)), labels=list(groups))
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.legend(frameon=False, loc="lower left")
    return picture


def _accuracy_axes(alt):
    picture = Picture(alt, width=7, height=3.6)
    axes = picture.subplots()
    axes.set_ylabel("test digits read correctly")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    return picture, axes


def _draw_bands(axes, x, accuracies):
    """A line through the medians of the seeds, on a band from the worst to the best."""
    for (name, seeds), color in zip(accuracies.items(), _COLORS, strict=False):
        medians = np.median(seeds, axis=0)
        axes.fill_between(x, np.min(seeds, axis=0), np.max(seeds, axis=0), color=color, alpha=0.25)
        axes.plot(x, medians, color=color)
        axes.annotate(
            name,
            (x[-1], medians[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=color,
        )


def _several(accuracies):
    count = len(next(iter(accuracies.values())))
    return f"median and range of {count} seeds"


def _ranking(accuracies, at=None):
    """The networks from the best to the worst, by the medians of their seeds at one place."""
    medians = {
        name: np.median(seeds if at is None else np.array(seeds)[:, at])
        for name, seeds in accuracies.items()
    }
    return " above ".join(sorted(medians, key=medians.get, reverse=True))
