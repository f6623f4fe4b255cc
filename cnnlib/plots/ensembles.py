"""Pictures of averaged answers: what the members share, what more of them gain, what crops see."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SKY, VERMILION, Picture

_COLORS = (BLUE, ORANGE, GREEN, VERMILION)
_GRID = {"colors": "gray", "linewidth": 0.5, "alpha": 0.5}
_ERRORS = {
    "accuracy": lambda value: f"{100 * value:.1f} %",
    "cross entropy": lambda value: f"{value:.2f}",
    "squared error": lambda value: f"{value:.3f}",
}


def shared_errors(first, second):
    """How many pictures two networks misread together, beside what chance would have them share.

    Parameters
    ----------
    first, second : (m,) array of bool
        Whether each network misreads each picture.

    Raises
    ------
    ValueError
        Where the two differ in length.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    if first.shape != second.shape:
        raise ValueError(
            f"shared_errors: first has shape {first.shape}, second {second.shape}; it needs both "
            "for the same pictures"
        )
    ours, theirs, both = first.sum(), second.sum(), (first & second).sum()
    by_chance = ours * theirs / len(first)
    picture = Picture(
        f"of {len(first):,} pictures the first network misreads {ours:,}, the second {theirs:,}; "
        f"{both:,} of them are the same, where chance would give {by_chance:.0f}",
        width=8,
        height=2.2,
    )
    axes = picture.subplots()
    for row, shared in enumerate((both, by_chance)):
        parts = (ours - shared, shared, theirs - shared)
        left = 0
        for part, color in zip(parts, (BLUE, VERMILION, SKY), strict=True):
            axes.barh(row, part, left=left, color=color, edgecolor="white")
            if part > 0.03 * (ours + theirs):
                place = left + part / 2
                ink = "black" if color == SKY else "white"
                axes.text(place, row, f"{part:,.0f}", ha="center", va="center", color=ink)
            left += part
    axes.set_yticks((0, 1), labels=("measured", "if by chance"))
    axes.invert_yaxis()
    axes.set_xlabel("pictures that at least one network misreads")
    names = ("only the first", "both", "only the second")
    axes.legend(
        axes.patches[:3], names, frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1)
    )
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def members_and_mean(image, probabilities, label):
    """One picture, what each member says of it, and the mean of all of them.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    probabilities : (members, classes) array
    label : int
        The right class.
    """
    probabilities = np.asarray(probabilities)
    mean, answers = probabilities.mean(axis=0), probabilities.argmax(axis=1)
    picture = Picture(
        f"a picture of class {label} beside the probabilities of {len(answers)} networks, whose "
        f"answers are {', '.join(map(str, answers))}; their mean answers {mean.argmax()}, with "
        f"{mean.max():.2f}",
        width=8,
        height=2.9,
    )
    left, right = picture.subplots(1, 2, width_ratios=(1, 3))
    left.imshow(image, cmap="gray", vmin=0, vmax=1)
    left.set_title(f"label {label}", fontsize=10)
    left.axis("off")
    classes = np.arange(len(mean))
    right.bar(classes, mean, color=SKY, width=0.7, label="mean")
    spread = np.linspace(-0.25, 0.25, len(answers)) if len(answers) > 1 else [0]
    for offset, member in zip(spread, probabilities, strict=True):
        name = "one network" if offset == spread[0] else None
        right.plot(
            classes + offset, member, "o", color=ORANGE, markersize=4, label=name, clip_on=False
        )
    right.set(xlabel="class", ylabel="probability", ylim=(0, 1.05))
    right.set_xticks(classes)
    right.legend(frameon=False)
    right.spines[["top", "right"]].set_visible(False)
    return picture


def measures_over_members(runs, *, here, forecast):
    """Measures of averaged answers over the number of networks in the mean, a panel for each.

    Parameters
    ----------
    runs : dict
        Measure to an (experiments, members) array: column n − 1 is for n networks.
    here : dict
        Measure to the numbers of one more experiment, for 1, 2, … networks: drawn as rings.
    forecast : dict
        Measure to a pair: what was forecast for 1, 2, … networks, drawn dashed, and the limit for
        infinitely many, drawn dotted.
    """
    told = []
    for measure, values in runs.items():
        first, last = np.mean(values, axis=0)[[0, -1]]
        told.append(f"{measure} from {_written(measure, first)} to {_written(measure, last)}")
    for measure, (_, limit) in forecast.items():
        told.append(f"forecast of the {measure} without end: {_written(measure, limit)}")
    count = np.shape(next(iter(runs.values())))[1]
    picture = Picture(
        f"means over 1 to {count} networks, {len(next(iter(runs.values())))} experiments: "
        + "; ".join(told),
        width=4.4 * len(runs),
        height=3.4,
    )
    for axes, (measure, values) in zip(
        picture.subplots(1, len(runs), squeeze=False).flat, runs.items(), strict=True
    ):
        members = np.arange(1, count + 1)
        for run in values:
            axes.plot(members, run, color=BLUE, linewidth=1, alpha=0.4)
        axes.plot(members, np.mean(values, axis=0), color=BLUE, linewidth=2.5)
        if measure in forecast:
            line, limit = forecast[measure]
            axes.plot(members, line, "--", color=ORANGE, linewidth=1.5, label="your forecast")
            axes.axhline(limit, linestyle=":", color=ORANGE, label="its limit")
        if measure in here:
            axes.plot(
                members[: len(here[measure])],
                here[measure],
                "o",
                color=ORANGE,
                fillstyle="none",
                markersize=8,
                markeredgewidth=2,
                label="your five",
            )
            axes.legend(frameon=False)
        better = "higher" if measure == "accuracy" else "lower"
        axes.set(xlabel="networks in the mean", ylabel=f"{measure} ({better} is better)")
        axes.set_xticks(members)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
        axes.yaxis.set_major_formatter(lambda value, _, measure=measure: _written(measure, value))
        axes.spines[["top", "right"]].set_visible(False)
    return picture


def ten_crops(image, crops):
    """A picture with the five windows marked on it, and beside it the ten crops.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    crops : (10, size, size) array
        As `ten_crop` cuts them: the corners, the center, and their mirror images.

    Raises
    ------
    ValueError
        Where there are not ten square crops that fit into the picture.
    """
    crops = np.asarray(crops)
    height, width = image.shape
    if crops.shape != (10, size := crops.shape[-1], size) or size > min(height, width):
        raise ValueError(
            f"ten_crops: crops have shape {crops.shape}, it needs (10, size, size) with a size "
            f"that fits into {height}×{width}"
        )
    picture = Picture(
        f"a picture of {height} by {width} pixels with five windows of {size} by {size} marked, "
        "at the corners and in the center; beside it the five crops, and below these their mirror "
        "images",
        width=9,
        height=3.4,
    )
    grid = picture.add_gridspec(2, 7)
    whole = picture.add_subplot(grid[:, :2])
    whole.imshow(image, cmap="gray", vmin=0, vmax=1)
    down, right = height - size, width - size
    corners = [(0, 0), (0, right), (down, 0), (down, right)]
    colors = (*_COLORS, "white")
    for (row, column), color in zip([*corners, (down // 2, right // 2)], colors, strict=True):
        whole.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), size, size, fill=False, edgecolor=color, linewidth=2
            )
        )
    whole.axis("off")
    names = ("top left", "top right", "bottom left", "bottom right", "center")
    for k, crop in enumerate(crops):
        axes = picture.add_subplot(grid[k // 5, 2 + k % 5])
        axes.imshow(crop, cmap="gray", vmin=0, vmax=1)
        axes.set_title(names[k % 5] if k < 5 else "mirrored", fontsize=9)
        axes.axis("off")
    return picture


def gain_over_passes(passes, gains, *, paths):
    """Points gained over one network, over the passes that one answer takes.

    Parameters
    ----------
    passes : dict
        Way of answering to the passes through a network that it takes.
    gains : dict
        Way of answering to the percentage points that it gains, one number for each experiment.
    paths : dict
        What is added first to the ways from the cheapest on, each path a line of its own color.
    """
    average = {way: float(np.mean(gains[way])) for way in passes}
    picture = Picture(
        "points gained over passes for one answer, on average: "
        + "; ".join(f"{way}, {passes[way]}: {value:.1f}" for way, value in average.items()),
        width=8,
        height=3.6,
    )
    axes = picture.subplots()
    for (name, ways), color in zip(paths.items(), (BLUE, GREEN, VERMILION), strict=False):
        places = [passes[way] for way in ways]
        for run in zip(*(gains[way] for way in ways), strict=True):
            axes.plot(places, run, "o-", color=color, linewidth=1, alpha=0.3, markersize=4)
        mean = [average[way] for way in ways]
        axes.plot(places, mean, color=color, linewidth=2.5, label=name)
    for way, place in passes.items():
        axes.annotate(
            way,
            (place, min(gains[way])),
            xytext=(0, -8),
            textcoords="offset points",
            ha="center",
            va="top",
        )
    axes.axhline(0, color="gray", linewidth=0.8, zorder=0)
    axes.set(
        xscale="log",
        xlabel="passes through a network for one answer (logarithmic)",
        ylabel="points gained",
    )
    axes.set_xticks(list(passes.values()), labels=passes.values())
    axes.minorticks_off()
    axes.set_xlim(0.6, 1.7 * max(passes.values()))
    axes.margins(y=0.15)
    axes.legend(frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def gain_over_crops(crops, groups):
    """Points gained over the center, over the number of crops, a panel for each group of networks.

    Parameters
    ----------
    crops : sequence of int
        How many crops, the first of them 1: the center alone.
    groups : dict
        Title of the panel to an (experiments, len(crops)) array of accuracies in 0…1.
    """
    gains = {
        title: 100 * (np.asarray(runs) - np.asarray(runs)[:, :1]) for title, runs in groups.items()
    }
    told = []
    for title, runs in gains.items():
        values = ", ".join(_points(value) for value in np.mean(runs, axis=0)[1:])
        told.append(f"{title}: {values}".replace("\n", " "))
    picture = Picture(
        f"points gained over the center by {' and '.join(map(str, crops[1:]))} crops, on average; "
        f"{'; '.join(told)}",
        width=2.7 * len(groups),
        height=3.6,
    )
    panels = picture.subplots(1, len(groups), sharey=True, squeeze=False).flat
    for axes, (title, runs) in zip(panels, gains.items(), strict=True):
        axes.axhline(0, color="gray", linewidth=0.8, zorder=0)
        for run in runs:
            axes.plot(
                range(len(crops)), run, "o-", color=GREEN, linewidth=1, alpha=0.3, markersize=4
            )
        mean = np.mean(runs, axis=0)
        axes.plot(range(len(crops)), mean, color=GREEN, linewidth=2.5)
        gained = mean[-1] >= 0
        axes.annotate(
            _points(mean[-1]),
            (len(crops) - 1, runs[:, -1].max() if gained else runs[:, -1].min()),
            xytext=(0, 8 if gained else -8),
            textcoords="offset points",
            ha="center",
            va="bottom" if gained else "top",
        )
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(crops)), labels=crops)
        axes.set(xlabel="crops")
        axes.margins(x=0.15, y=0.15)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("points gained over the center")
    return picture


def gradient_cells(image, gradients):
    """A picture, and in each of its cells a line along each direction of edges, by their strength.

    Parameters
    ----------
    image : (H, W) array
        Gray values in 0…1.
    gradients : (rows, columns, k, k, directions) array
        `skimage.feature.hog` with `feature_vector=False`: for each block its k × k cells. A cell
        is drawn with its mean over the blocks that it is in.
    """
    cells = _mean_over_blocks(np.asarray(gradients))
    rows, columns, directions = cells.shape
    row, column, direction = np.unravel_index(cells.argmax(), cells.shape)
    # hog measures a gradient's angle from rightward to downward; the edge stands across it.
    angles = np.pi / 2 - np.pi * (np.arange(directions) + 0.5) / directions
    picture = Picture(
        f"a digit, and on {rows} by {columns} cells lines along its edges in {directions} "
        f"directions, the longer the stronger; the longest in row {row + 1}, column {column + 1}, "
        f"at {np.rad2deg(angles[direction]) % 180:.0f} degrees to the horizontal",
        width=7,
        height=3.4,
    )
    left, right = picture.subplots(1, 2)
    left.imshow(image, cmap="gray", vmin=0, vmax=1)
    right.imshow(1 - 0.25 * np.asarray(image), cmap="gray", vmin=0, vmax=1)
    height, width = np.shape(image)[0] / rows, np.shape(image)[1] / columns
    y, x = np.indices((rows, columns))[..., None]
    middle = np.stack([(x + 0.5) * width - 0.5, (y + 0.5) * height - 0.5], axis=-1)
    along = np.stack([np.cos(angles) * width, -np.sin(angles) * height], axis=-1)
    half = 0.48 * (cells / cells.max())[..., None] * along
    ends = np.stack([middle - half, middle + half], axis=-2).reshape(-1, 2, 2)
    right.add_collection(LineCollection(ends, colors=BLUE, linewidths=1.5))
    for axes in (left, right):
        axes.set(xticks=(), yticks=())
    right.hlines(np.arange(1, rows) * height - 0.5, -0.5, columns * width - 0.5, **_GRID)
    right.vlines(np.arange(1, columns) * width - 0.5, -0.5, rows * height - 0.5, **_GRID)
    left.set_title("pixels", fontsize=10)
    right.set_title("edges, cell by cell", fontsize=10)
    return picture


def _mean_over_blocks(gradients):
    """(rows, columns, k, k, directions) of overlapping blocks to one vector for each cell."""
    rows, columns, k = gradients.shape[:3]
    total = np.zeros((rows + k - 1, columns + k - 1, gradients.shape[-1]))
    blocks = np.zeros((*total.shape[:2], 1))
    for i, j in np.ndindex(k, k):
        total[i : i + rows, j : j + columns] += gradients[:, :, i, j]
        blocks[i : i + rows, j : j + columns] += 1
    return total / blocks


def _points(value):
    return f"{value:+.1f}".replace("-", "−")


def _written(measure, value):
    return _ERRORS.get(measure, "{:g}".format)(value)
