"""Pictures of augmentation: what each kind makes of a digit, and what it does to the accuracy."""

import numpy as np

from cnnlib.plots.picture import BLACK, BLUE, ORANGE, VERMILION, Picture


def changed_digits(rows, *, alt):
    """Rows of small gray pictures, each row under one name, with a faint cross at the middle.

    Parameters
    ----------
    rows : dict
        Name of the row to its pictures, (k, H, W), gray in 0…1; the same k in all.
    alt : str
        What the rows show together.

    Raises
    ------
    ValueError
        Where the rows differ in length.
    """
    counts = {name: len(pictures) for name, pictures in rows.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"changed_digits: rows have {counts} pictures, they need one number")
    columns = next(iter(counts.values()))
    picture = Picture(alt, width=0.72 * columns + 1.5, height=0.8 * len(rows))
    grid = picture.subplots(len(rows), columns, squeeze=False)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        for axes, values in zip(line, pictures, strict=True):
            axes.imshow(values, cmap="gray", vmin=0, vmax=1)
            height, width = np.shape(values)
            axes.axhline((height - 1) / 2, color=ORANGE, linewidth=0.8, alpha=0.7)
            axes.axvline((width - 1) / 2, color=ORANGE, linewidth=0.8, alpha=0.7)
            axes.set(xticks=(), yticks=())
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    return picture


def displacement(before, u, v, after):
    """A digit, the places that its pixels are taken from, and the digit that comes of it.

    Parameters
    ----------
    before, after : (H, W) array
        Gray in 0…1.
    u, v : (H, W) array
        How far down and to the right of a pixel its value is taken from, in pixels.
    """
    farthest = np.hypot(u, v).max()
    picture = Picture(
        "a digit, arrows from its pixels to the places that they are taken from, neighbors alike "
        f"and at most {farthest:.1f} pixels long, and the digit that comes of it",
        width=7.5,
        height=2.8,
    )
    left, middle, right = picture.subplots(1, 3)
    for axes, values, title in ((left, before, "A"), (right, after, "T(A)")):
        axes.imshow(values, cmap="gray", vmin=0, vmax=1)
        axes.set_title(title, fontsize=10)
    middle.imshow(1 - 0.3 * np.asarray(before), cmap="gray", vmin=0, vmax=1)
    rows, columns = np.indices(np.shape(u))[:, 1::3, 1::3]
    middle.quiver(
        columns,
        rows,
        v[1::3, 1::3],
        u[1::3, 1::3],
        color=BLUE,
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.008,
    )
    middle.set_title("u down, v to the right", fontsize=10)
    for axes in picture.axes:
        axes.set(xticks=(), yticks=())
    return picture


def accuracy_of_kinds(accuracies, *, here):
    """Accuracy after training with each kind of change: a dot a seed, a line at the mean.

    Parameters
    ----------
    accuracies : dict
        Name of the kind to its accuracies in 0…1, one for each seed.
    here : dict
        Name of some of the kinds to the accuracy of the reader's own run, drawn as a ring.
    """
    means = {kind: np.mean(seeds) for kind, seeds in accuracies.items()}
    order = " above ".join(sorted(means, key=means.get, reverse=True))
    picture = Picture(
        f"share of test digits read correctly, a dot for each seed and a line at their mean; "
        f"from the best to the worst mean: {order}",
        width=7.5,
        height=0.42 * len(accuracies) + 0.8,
    )
    axes = picture.subplots()
    for row, (kind, seeds) in enumerate(accuracies.items()):
        axes.plot(seeds, [row] * len(seeds), "o", color=BLUE, alpha=0.7)
        axes.plot([means[kind]] * 2, [row - 0.3, row + 0.3], color=BLACK)
        if kind in here:
            axes.plot(here[kind], row, "o", color=BLACK, markersize=12, fillstyle="none")
    axes.set_yticks(range(len(accuracies)), labels=list(accuracies))
    axes.invert_yaxis()
    axes.set_xlabel("test digits read correctly")
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def accuracy_by_digit(without, mirrored):
    """For each digit, the accuracy without a change and with it, joined by a line.

    Parameters
    ----------
    without, mirrored : (10,) array
        Share read of each digit, in 0…1.
    """
    without, mirrored = np.asarray(without), np.asarray(mirrored)
    lost = without - mirrored
    order = np.argsort(-lost, kind="stable")
    picture = Picture(
        "share of each digit that is read, without mirroring and with it; most is lost by "
        f"{order[0]}, {order[1]} and {order[2]}, least by {order[-1]}",
        width=7.5,
        height=3.2,
    )
    axes = picture.subplots()
    axes.vlines(range(10), without, mirrored, color=BLACK, linewidth=1)
    axes.plot(range(10), without, "o", color=BLUE, label="without mirroring")
    axes.plot(range(10), mirrored, "s", color=VERMILION, label="with mirroring")
    axes.set(xlabel="digit", ylabel="read correctly", ylim=(0, 1.02), xticks=range(10))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1))
    return picture


def accuracy_over_strength(strengths, accuracies, pictures, *, label):
    """Accuracy over the strength of one change, under a picture changed as far as each allows.

    Parameters
    ----------
    strengths : sequence of float
        Growing.
    accuracies : (seeds, len(strengths)) array
        In 0…1.
    pictures : (len(strengths), H, W) array
        Gray in 0…1: an example for each strength.
    label : str
        Name of the strength, with its unit.
    """
    means = np.mean(accuracies, axis=0)
    picture = Picture(
        f"share of test digits read correctly over the {label}, a dot for each of "
        f"{len(accuracies)} seeds and a line at their mean: {means[0]:.0%} at {strengths[0]}, "
        f"highest {means.max():.0%} at {strengths[int(means.argmax())]}, {means[-1]:.0%} at "
        f"{strengths[-1]}; above each point a digit changed as far as it allows",
        width=7.5,
        height=4.4,
    )
    shown, axes = picture.subfigures(2, 1, height_ratios=(1, 3))
    for panel, values in zip(shown.subplots(1, len(pictures)), pictures, strict=True):
        panel.imshow(values, cmap="gray", vmin=0, vmax=1)
        panel.set(xticks=(), yticks=())
    axes = axes.subplots()
    places = range(len(strengths))  # evenly spaced, so that each stands under its picture
    for place, seeds, mean in zip(places, np.transpose(accuracies), means, strict=True):
        axes.plot([place] * len(seeds), seeds, "o", color=BLUE, alpha=0.7)
        axes.plot([place - 0.2, place + 0.2], [mean] * 2, color=BLACK)
    axes.set_xticks(places, labels=strengths)
    axes.set_xlim(-0.5, len(strengths) - 0.5)
    axes.set(xlabel=label, ylabel="test digits read correctly")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    return picture
