"""The pictures of lesson 04 of week 4: style transfer, its costs, and what its knobs do."""

import numpy as np

from cnnlib.plots.grid import draw_numbers
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION, Animation, Picture

_COLORS = BLUE, ORANGE, GREEN, VERMILION


def painted(pictures, *, message, columns=None, height=1.9):
    """Color pictures beside each other, each under its title.

    Parameters
    ----------
    pictures : dict
        Title to (height, width, 3) array in 0…1; a longer title may have two lines.
    message : str
        What the pictures show together.
    columns : int, optional
        Pictures in a row; all of them by default.
    height : float
        Of one picture, in inches.
    """
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    titles = [" ".join(title.split()) for title in pictures]
    widths = [image.shape[1] / image.shape[0] for image in pictures.values()]
    picture = Picture(
        f"{message}: {'; '.join(titles)}",
        width=height * max(sum(widths[i : i + columns]) for i in range(0, len(widths), columns)),
        height=rows * (height + 0.3),
    )
    grid = picture.subplots(rows, columns, squeeze=False, width_ratios=widths[:columns])
    for axes in grid.flat:
        axes.axis("off")
    for axes, (title, image) in zip(grid.flat, pictures.items(), strict=False):
        axes.imshow(image, vmin=0, vmax=1, interpolation="bicubic")
        axes.set_title(title, fontsize=10)
    return picture


def painting_table(rows, *, down, across, height=1.5):
    """Color pictures in a table: each row and each column is one setting.

    Parameters
    ----------
    rows : dict
        Row's setting to a dict of column's setting to (height, width, 3) array in 0…1.
    down, across : str
        What the rows and the columns set.
    height : float
        Of one picture, in inches.
    """
    columns = list(next(iter(rows.values())))
    shape = next(iter(next(iter(rows.values())).values())).shape
    picture = Picture(
        f"a table of pictures: {down} {', '.join(rows)} from top to bottom, "
        f"{across} {', '.join(columns)} from left to right",
        width=0.4 + len(columns) * height * shape[1] / shape[0],
        height=0.4 + len(rows) * height,
    )
    grid = picture.subplots(len(rows), len(columns), squeeze=False)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        for axes, column in zip(line, columns, strict=True):
            axes.imshow(pictures[column], vmin=0, vmax=1, interpolation="bicubic")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        line[0].set_ylabel(f"{down}\n{name}", fontsize=10)
    for axes, column in zip(grid[0], columns, strict=True):
        axes.set_title(f"{across} {column}", fontsize=10)
    return picture


def channels_and_gram(a, gram):
    """The channels of a small array as maps of numbers, and their Gram matrix.

    Parameters
    ----------
    a : (height, width, channels) array
    gram : (channels, channels) array
    """
    a, gram = np.asarray(a), np.asarray(gram)
    channels = a.shape[2]
    picture = Picture(
        f"{channels} channels of {a.shape[0]}×{a.shape[1]} numbers, and their Gram matrix, "
        f"{channels}×{channels}: {gram.tolist()}",
        width=1.9 * (channels + 1),
        height=2.1,
    )
    *maps, last = picture.subplots(1, channels + 1)
    for k, axes in enumerate(maps):
        draw_numbers(axes, a[..., k], limit=np.abs(a).max())
        axes.set_title(f"channel {k}", fontsize=11)
    draw_numbers(last, gram)
    last.set_title("Gram matrix G", fontsize=11)
    last.set_xticks(range(channels), labels=range(channels))
    last.set_yticks(range(channels), labels=range(channels))
    last.grid(visible=False)
    return picture


def layer_costs(costs):
    """The style cost of each layer as a dot in two scales, on a logarithmic axis.

    Parameters
    ----------
    costs : dict
        Layer to its pair of costs, above 0, from the first layer to the last: in the course's
        scale and in the relative one.
    """
    absolute = {name: pair[0] for name, pair in costs.items()}
    relative = [pair[1] for pair in costs.values()]
    least, most = min(absolute, key=absolute.get), max(absolute, key=absolute.get)
    picture = Picture(
        f"the style cost of {len(costs)} layers on a logarithmic axis: in the course's scale "
        f"smallest in {least}, largest in {most}, about 10 to the power "
        f"{np.log10(absolute[most] / absolute[least]):.0f} times as large; in the relative scale "
        f"largest over smallest less than 10 to the power "
        f"{np.ceil(np.log10(max(relative) / min(relative))):.0f}",
        width=8,
        height=0.6 + 0.3 * len(costs),
    )
    axes = picture.subplots()
    marks = {"markersize": 7, "linestyle": ""}
    axes.plot(relative, list(costs), "D", color=GREEN, label="relative scale", **marks)
    axes.plot(
        list(absolute.values()), list(costs), "o", color=VERMILION, label="course's scale", **marks
    )
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=10, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.set_xlabel("style cost of the layer, logarithmic")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def costs_over_steps(histories, pictures):
    """The pictures that several runs end in; below, their content and style cost over the steps.

    Steps that raise the whole cost are left out: L-BFGS tries some, and takes them back.

    Parameters
    ----------
    histories : dict
        Run to history, with lists "cost", "content" and "style", as `StyleTransfer.fit` gives it.
        There are two runs.
    pictures : dict
        Run to (height, width, 3) array in 0…1.
    """
    told = [
        f"{term} {run} {'rises' if history[term][-1] > history[term][0] else 'falls'}"
        for term in ("content", "style")
        for run, history in histories.items()
    ]
    picture = Picture(
        f"two pictures, {' and '.join(pictures)}, and their costs over steps: {'; '.join(told)}",
        width=7.5,
        height=5,
    )
    above, below = picture.subplots(2, 2)
    for axes, (run, image) in zip(above, pictures.items(), strict=True):
        axes.imshow(image, vmin=0, vmax=1, interpolation="bicubic")
        axes.set_title(run, fontsize=10)
        axes.axis("off")
    for axes, term in zip(below, ("content", "style"), strict=True):
        for (run, history), color in zip(histories.items(), _COLORS, strict=False):
            cost = np.asarray(history["cost"])
            steps = np.flatnonzero(cost == np.minimum.accumulate(cost))
            axes.plot(steps, np.asarray(history[term])[steps], color=color, linewidth=2, label=run)
        axes.set(xlabel="step", ylabel=f"{term} cost")
        axes.spines[["top", "right"]].set_visible(False)
    axes.set(yscale="log", ylabel="style cost, logarithmic")
    axes.legend(frameon=False, fontsize=10)
    return picture


def cost_by_optimizer(histories, *, skip=3):
    """The whole cost over the steps, one line for each optimizer, on a logarithmic axis.

    Parameters
    ----------
    histories : dict
        Optimizer to history, with a list "cost".
    skip : int
        Steps at the beginning to leave out: they would take most of the axis.
    """
    ends = {name: history["cost"][-1] for name, history in histories.items()}
    picture = Picture(
        f"the cost over the steps: at the end lowest by {min(ends, key=ends.get)}, "
        f"then {', '.join(sorted(ends, key=ends.get)[1:])}",
        width=6.5,
        height=2.8,
    )
    axes = picture.subplots()
    for (name, history), color in zip(histories.items(), _COLORS, strict=False):
        steps = np.arange(len(history["cost"]))[skip:]
        axes.plot(steps, history["cost"][skip:], color=color, linewidth=2, label=name)
    axes.set(xlabel="steps: costs and gradients computed", ylabel="cost J, logarithmic")
    axes.set_yscale("log")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def painting_grows(snapshots, *, height=1.5, seconds=0.4):
    """A picture over the steps of a style transfer, as an animation; the last one stands still.

    Parameters
    ----------
    snapshots : dict
        Step to (height, width, 3) array in 0…1, in order.
    height : float
        Of the picture, in inches.
    """
    steps = list(snapshots)
    alt = f"a photograph turns into a painting, from step {steps[0]} to step {steps[-1]}"

    def frame(step):
        image = snapshots[step]
        picture = Picture(alt, width=height * image.shape[1] / image.shape[0], height=height + 0.4)
        axes = picture.subplots()
        axes.imshow(image, vmin=0, vmax=1, interpolation="bicubic")
        axes.axis("off")
        axes.set_title(f"step {step}", fontsize=11)
        return picture

    return Animation([frame(step) for step in steps], frame(steps[-1]), seconds=seconds)
