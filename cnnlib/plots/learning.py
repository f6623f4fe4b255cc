"""Pictures of learning: what training measures, epoch by epoch."""

from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from cnnlib.plots.picture import BLACK, BLUE, GREEN, ORANGE, VERMILION, Picture


def learning_curves(histories, *, metric="loss", held_back="on data held back"):
    """A metric after each epoch, while training (dashed) and on data held back (solid).

    Parameters
    ----------
    histories : dict
        Name of the network to its history: a dict of lists, `metric` and `"val_" + metric`, as
        `fit` of Keras and of `scratch.network` return it. At most four networks.
    metric : str
        What to draw, on a logarithmic axis where it is a loss.
    held_back : str
        What the legend calls the measurements behind `"val_" + metric`.

    Raises
    ------
    ValueError
        Where a history lacks the metric, or for more than four networks.
    """
    validation = f"val_{metric}"
    for name, history in histories.items():
        if missing := {metric, validation} - set(history):
            raise ValueError(
                f"learning_curves: the history of {name!r} has no {', '.join(sorted(missing))}; "
                "fit needs validation_data"
            )
    colors = (BLUE, ORANGE, GREEN, VERMILION)
    if len(histories) > len(colors):
        raise ValueError(
            f"learning_curves: {len(histories)} histories, it needs {len(colors)} at most"
        )
    picture = Picture(
        f"{metric} after each epoch for {' and '.join(histories)}: dashed while training, "
        f"solid {held_back}",
        width=7,
        height=3.6,
    )
    axes = picture.subplots()
    for color, (name, history) in zip(colors, histories.items(), strict=False):
        epochs = range(1, len(history[metric]) + 1)
        axes.plot(epochs, history[metric], "o--", color=color, markerfacecolor="white")
        axes.plot(epochs, history[validation], "o-", color=color, label=name)
    axes.set(xlabel="epoch", ylabel=metric)
    if metric == "loss":
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    networks = axes.get_legend_handles_labels()[0]
    styles = [
        Line2D([], [], color=BLACK, linestyle="--", label="while training"),
        Line2D([], [], color=BLACK, label=held_back),
    ]
    axes.legend(handles=[*networks, *styles], frameon=False)
    return picture
