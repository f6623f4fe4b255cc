"""Pictures of 1×1 convolutions, of windows side by side, and of what heads and maps tell."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from cnnlib.plots.networks import SLANT, draw_box
from cnnlib.plots.picture import BLACK, BLUE, GREEN, ORANGE, PURPLE, SIGNED, VERMILION, Picture

_COLORS = (BLUE, ORANGE, GREEN, VERMILION)
_WINDOWS = {"1×1": BLUE, "3×3": ORANGE, "5×5": GREEN, "7×7": PURPLE, "max pool": VERMILION}
GRAY = "0.75"
STEP = 150  # channels' widths between two volumes, room for what stands on the arrow


def wanted_and_error(photograph, wanted, given):
    """A photograph, the map that is wanted of it, and how far a given map is off.

    Parameters
    ----------
    photograph : (H, W, 3) array
        Colors in 0…1.
    wanted, given : (H, W) arrays
        In 0…1; the error is given − wanted.
    """
    error = given - wanted
    picture = Picture(
        f"a photograph, a gray map of what is wanted of each pixel, and the error of a given map: "
        f"from {error.min():.2f} (blue, too little) to {error.max():.2f} (red, too much)",
        width=10,
        height=2.4,
    )
    grid = picture.subplots(1, 3)
    limit = np.abs(error).max()
    shown = (
        grid[0].imshow(photograph),
        grid[1].imshow(wanted, cmap="gray", vmin=0, vmax=1),
        grid[2].imshow(error, cmap=SIGNED, vmin=-limit, vmax=limit),
    )
    for axes, map_, title in zip(
        grid[1:], shown[1:], ("wanted", "error of the best single 1×1"), strict=True
    ):
        axes.set_title(title, fontsize=10)
        picture.colorbar(map_, ax=axes, shrink=0.85)
    grid[0].set_title("photograph", fontsize=10)
    for axes in grid:
        axes.axis("off")
    return picture


def two_ways(ways):
    """Chains of convolutions between volumes, one below the other and to one scale.

    Parameters
    ----------
    ways : dict
        Name of the chain to its steps: the first is the input's shape (height, width, channels),
        each other one a tuple of the convolution in words, its multiplications, and its output's
        shape.
    """
    totals = {name: sum(step[1] for step in steps[1:]) for name, steps in ways.items()}
    picture = Picture(
        "volumes from left to right, convolutions between them; multiplications in all: "
        + ", ".join(f"{name} {total:,}" for name, total in totals.items()),
        width=10,
        height=1.75 * len(ways),
    )
    all_axes = picture.subplots(len(ways), 1, squeeze=False)[:, 0]
    right = 0
    for axes, (name, (first, *steps)) in zip(all_axes, ways.items(), strict=True):
        axes.set_title(f"{name}: {totals[name]:,} multiplications", loc="left", fontsize=11)
        left = _volume(axes, 0, first)
        for words, multiplications, shape in steps:
            arrow = {"arrowstyle": "->", "color": BLACK, "linewidth": 1.5}
            middle = first[0] / 2
            axes.annotate("", (left + STEP - 6, middle), (left + 6, middle), arrowprops=arrow)
            text = f"{words}\n{multiplications:,}"
            axes.text(left + STEP / 2, middle + 5, text, ha="center", va="bottom", fontsize=9.5)
            left = _volume(axes, left + STEP, shape)
        right = max(right, left)
    for axes in all_axes:
        axes.set(xlim=(-4, right + 40), ylim=(-22, 48), aspect="equal")
        axes.axis("off")
    return picture


def _volume(axes, left, shape):
    """A box from `left` on; returns where it ends."""
    height, width, channels = shape
    draw_box(axes, left, 0, height, channels, SLANT * width)
    words = " × ".join(map(str, shape))
    axes.text(left + channels / 2, -5, words, ha="center", va="top", fontsize=10)
    return left + channels + SLANT * width


def side_by_side(channels, branches):
    """The branches of an Inception module: how many channels each step has, and their sum.

    The color of a step is that of its window.

    Parameters
    ----------
    channels : int
        Of the volume that every branch reads.
    branches : dict
        Name of the branch to its steps: tuples of a window ("1×1" to "7×7" or "max pool") and
        channels, at most two.
    """
    ends = {name: steps[-1][1] for name, steps in branches.items()}
    total = sum(ends.values())
    picture = Picture(
        f"{channels} channels go into {len(branches)} branches side by side: "
        + "; ".join(
            f"{name}, {' then '.join(f'{words} with {n}' for words, n in steps)}"
            for name, steps in branches.items()
        )
        + f"; concatenated they are {total} channels",
        width=10,
        height=5,
    )
    axes = picture.subplots()
    room = 62  # between two lanes, for the words above a bar
    lanes = [max(n for _, n in steps) for steps in branches.values()]
    height = sum(lanes) + room * len(lanes)
    bottom, joined, bar = height, (height + total) / 2, 0.16
    middle = height / 2
    axes.add_patch(Rectangle((-bar, middle - channels / 2), bar, channels, facecolor=GRAY))
    _words(axes, -bar / 2, middle + channels / 2, f"input\n{channels}")
    for lane, steps in zip(lanes, branches.values(), strict=True):
        bottom -= lane + room
        level = bottom + lane / 2
        before = (0, middle)
        if len(steps) == 1:
            axes.plot([0, 1], [middle, level], color=GRAY, linewidth=1.5, zorder=0)
            before = (1, level)
        for column, (words, count) in enumerate(steps, start=3 - len(steps)):
            color = _WINDOWS[words]
            axes.plot([before[0], column], [before[1], level], color=GRAY, linewidth=1.5, zorder=0)
            axes.add_patch(Rectangle((column, level - count / 2), bar, count, facecolor=color))
            _words(axes, column + bar / 2, level + count / 2, f"{words}, {count}")
            before = (column + bar, level)
        joined -= count
        corners = [
            (2 + bar, level - count / 2),
            (2 + bar, level + count / 2),
            (3, joined + count),
            (3, joined),
        ]
        axes.add_patch(Polygon(corners, facecolor=color, alpha=0.25))
        axes.add_patch(Rectangle((3, joined), bar, count, facecolor=color))
    _words(axes, 3 + bar / 2, (height + total) / 2, f"concatenated\n{total}")
    axes.set(xlim=(-0.5, 3.6), ylim=(-room / 2, height))
    axes.axis("off")
    return picture


def _words(axes, x, y, text):
    axes.text(x, y + 5, text, ha="center", va="bottom", fontsize=9.5)


def kept_share(counts, mixtures, channels, *, whole):
    """How much of a volume's variance is left in fewer channels, mixed or picked.

    Parameters
    ----------
    counts : sequence of int
        Channels that are kept.
    mixtures, channels : sequences of float
        Share of the variance that is left, for each of `counts`, in as many mixtures of all
        channels and in as many of the channels themselves.
    whole : int
        Channels before the convolution.
    """
    picture = Picture(
        f"share of the variance of {whole} channels that is left in mixtures, or in channels: "
        + ", ".join(
            f"{n}: {mixed:.0%}, {picked:.0%}"
            for n, mixed, picked in zip(counts, mixtures, channels, strict=True)
        ),
        width=7,
        height=3.2,
    )
    axes = picture.subplots()
    axes.plot(counts, mixtures, "o-", color=BLUE, label="the best mixtures")
    axes.plot(counts, channels, "o-", color=ORANGE, label="the channels that vary most")
    equal = "uncorrelated, of equal variance"
    axes.plot(counts, np.divide(counts, whole), "--", color=GRAY, label=equal)
    axes.set(xscale="log", ylim=(0, 1.05), ylabel="share of the variance")
    axes.set_xlabel(
        f"channels kept, of {whole} (logarithmic axis: twice as many from mark to mark)"
    )
    axes.set_xticks(counts, labels=list(map(str, counts)))
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    return picture


def work_by_window(work):
    """Stacked bars: the multiplications of each part of a network, by the size of the window.

    Parameters
    ----------
    work : dict
        Name of the part to a dict of window ("1×1") to multiplications.
    """
    windows = sorted({window for parts in work.values() for window in parts})
    totals = {window: sum(parts.get(window, 0) for parts in work.values()) for window in windows}
    largest = max(work, key=lambda part: sum(work[part].values()))
    picture = Picture(
        f"multiplications of {len(work)} parts of a network, most in {largest}; by window: "
        + ", ".join(f"{window} {total:,}" for window, total in totals.items()),
        width=9,
        height=3.4,
    )
    axes = picture.subplots()
    bottom = np.zeros(len(work))
    for window in windows:
        millions = np.array([parts.get(window, 0) / 1e6 for parts in work.values()])
        axes.bar(list(work), millions, 0.7, bottom=bottom, color=_WINDOWS[window], label=window)
        bottom += millions
    axes.set(ylabel="million multiplications", ylim=(0, 1.06 * bottom.max()))
    axes.tick_params(axis="x", length=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, title="window")
    return picture


def gradients_with_heads(norms, *, marks=()):
    """The norm of the gradient at each layer, from the input to the output, on a log axis.

    Parameters
    ----------
    norms : dict
        Name of the case to a dict of layer to norm; all of the same layers, in their order.
    marks : sequence of str
        Layers after which a head branches off.
    """
    layers = list(next(iter(norms.values())))
    first = ", ".join(f"{name} {case[layers[0]]:.2g}" for name, case in norms.items())
    picture = Picture(
        f"gradient norms from {layers[0]} to {layers[-1]}; at {layers[0]}: {first}",
        width=9,
        height=3.4,
    )
    axes = picture.subplots()
    for color, (name, case) in zip(_COLORS, norms.items(), strict=False):
        shown = [norm or np.nan for norm in case.values()]  # 0 has no place on the axis
        axes.plot(layers, shown, "o-", color=color, label=name)
    for mark in marks:
        axes.axvline(layers.index(mark) + 0.5, color=GRAY, linestyle=":", zorder=0)
    axes.set(yscale="log", ylabel="norm of the gradient", xlabel="layer, from input to output")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return picture


def runs_by_network(runs, *, ylabel):
    """One dot for each run of each network, a bar at their mean, and lines along each seed.

    Parameters
    ----------
    runs : dict
        Name of the network to its numbers, one for each seed, in the same order for all.
    ylabel : str
        What the numbers are.
    """
    means = {name: float(np.mean(values)) for name, values in runs.items()}
    picture = Picture(
        f"{ylabel}, a dot for each seed, its runs joined by a line; means: "
        + ", ".join(f"{name} {mean:.3g}" for name, mean in means.items()),
        width=7,
        height=3.2,
    )
    axes = picture.subplots()
    for seed in zip(*runs.values(), strict=True):
        axes.plot(range(len(runs)), seed, color=GRAY, linewidth=1, zorder=1)
    for place, (color, (name, values)) in enumerate(zip(_COLORS, runs.items(), strict=False)):
        axes.plot([place] * len(values), values, "o", color=color, alpha=0.7)
        axes.plot([place - 0.2, place + 0.2], [means[name]] * 2, color=color, linewidth=2)
    axes.set_xticks(range(len(runs)), labels=list(runs))
    axes.set(xlim=(-0.6, len(runs) - 0.4), ylabel=ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def class_evidence(pictures, maps, classes):
    """Pictures, and under each the maps of some classes, with the picture's outlines on them.

    Parameters
    ----------
    pictures : (m, H, W) array
        Gray pictures in 0…1.
    maps : (m, h, w, classes) array
        Class maps of each picture.
    classes : sequence of m tuples
        The classes whose maps are drawn, as many for each picture.
    """
    rows = 1 + len(classes[0])
    named = "; ".join(" and ".join(map(str, chosen)) for chosen in classes)
    picture = Picture(
        f"{len(pictures)} pictures, and below each the class maps of {named}: red where a place "
        "speaks for the class, blue where against it",
        width=3.2 * len(pictures),
        height=1.75 * rows,
    )
    grid = picture.subplots(rows, len(pictures), squeeze=False)
    limit = max(
        np.abs(one[..., chosen]).max() for one, chosen in zip(maps, map(list, classes), strict=True)
    )
    for column, image, one, chosen in zip(grid.T, pictures, maps, classes, strict=True):
        column[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        extent = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
        for axes, number in zip(column[1:], chosen, strict=True):
            shown = axes.imshow(
                one[..., number], cmap=SIGNED, vmin=-limit, vmax=limit, extent=extent
            )
            axes.contour(image, levels=[0.5], colors=BLACK, linewidths=0.8)
            axes.set_title(f"for {number}", fontsize=10)
    for axes in picture.axes:
        axes.axis("off")
    label = "number in the class map"
    picture.colorbar(shown, ax=grid[1:].ravel().tolist(), label=label, shrink=0.8)
    return picture
