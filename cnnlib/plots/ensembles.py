"""Pictures of averaged answers: what the members share, what more of them gain, what crops see."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SKY, VERMILION, Picture

_COLORS = (BLUE, ORANGE, GREEN, VERMILION)
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


def measures_over_members(runs, *, here):
    """Measures of averaged answers over the number of networks in the mean, a panel for each.

    Parameters
    ----------
    runs : dict
        Measure to an (experiments, members) array: column k − 1 is for k networks.
    here : dict
        Measure to the numbers of one more experiment, for 1, 2, … networks: drawn as rings.
    """
    told = []
    for measure, values in runs.items():
        first, last = np.mean(values, axis=0)[[0, -1]]
        told.append(f"{measure} from {_written(measure, first)} to {_written(measure, last)}")
    count = np.shape(next(iter(runs.values())))[1]
    picture = Picture(
        f"means over 1 to {count} networks, {len(next(iter(runs.values())))} experiments: "
        + "; ".join(told),
        width=4.2 * len(runs),
        height=3.2,
    )
    for axes, (measure, values) in zip(
        picture.subplots(1, len(runs), squeeze=False).flat, runs.items(), strict=True
    ):
        members = np.arange(1, count + 1)
        for run in values:
            axes.plot(members, run, color=BLUE, linewidth=1, alpha=0.4)
        axes.plot(members, np.mean(values, axis=0), color=BLUE, linewidth=2.5)
        if measure in here:
            axes.plot(
                members[: len(here[measure])],
                here[measure],
                "o",
                color=ORANGE,
                fillstyle="none",
                markersize=8,
                markeredgewidth=2,
            )
        axes.set(xlabel="networks in the mean", ylabel=measure)
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


def accuracy_over_passes(passes, runs):
    """Accuracy over the passes that one answer takes, on a logarithmic axis.

    Parameters
    ----------
    passes : dict
        Way of answering to the passes through a network that it takes, each way another number.
    runs : dict
        Way of answering to its accuracies in 0…1, one for each experiment: a line through all ways.
    """
    average = {way: float(np.mean(runs[way])) for way in passes}
    picture = Picture(
        "accuracy over passes for one answer, on average: "
        + "; ".join(f"{way}, {passes[way]}: {100 * value:.1f} %" for way, value in average.items()),
        width=8,
        height=3.6,
    )
    axes = picture.subplots()
    places = list(passes.values())
    for run in zip(*(runs[way] for way in passes), strict=True):
        axes.plot(places, run, "o-", color=BLUE, alpha=0.4, markersize=4)
    axes.plot(places, list(average.values()), color=ORANGE, linewidth=2.5)
    for way, place in passes.items():
        axes.annotate(
            way,
            (place, min(runs[way])),
            xytext=(0, -8),
            textcoords="offset points",
            ha="center",
            va="top",
        )
    axes.set(xscale="log", xlabel="passes through a network for one answer", ylabel="accuracy")
    axes.set_xticks(places, labels=places)
    axes.minorticks_off()
    axes.set_xlim(0.6, 1.7 * max(places))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def accuracy_over_crops(crops, groups):
    """Accuracy over the number of crops that are averaged, a panel for each group of networks.

    Parameters
    ----------
    crops : sequence of int
        How many crops.
    groups : dict
        Title of the panel to an (experiments, len(crops)) array of accuracies in 0…1.
    """
    told = []
    for title, runs in groups.items():
        first, *others = 100 * np.mean(runs, axis=0)
        values = ", ".join(f"{value:.1f} %" for value in (first, *others))
        told.append(f"{title}: {values}".replace("\n", " "))
    picture = Picture(
        f"mean accuracy with {', '.join(map(str, crops))} crops; {'; '.join(told)}",
        width=2.7 * len(groups),
        height=3.1,
    )
    lowest = min(np.min(runs) for runs in groups.values())
    panels = picture.subplots(1, len(groups), sharey=True, squeeze=False).flat
    for axes, (title, runs) in zip(panels, groups.items(), strict=True):
        for run in runs:
            axes.plot(range(len(crops)), run, "o-", color=BLUE, alpha=0.4, markersize=4)
        axes.plot(range(len(crops)), np.mean(runs, axis=0), color=ORANGE, linewidth=2.5)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(crops)), labels=crops)
        axes.set(xlabel="crops", ylim=(lowest - 0.03, 1))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("accuracy")
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    return picture


def _written(measure, value):
    return _ERRORS.get(measure, "{:g}".format)(value)
