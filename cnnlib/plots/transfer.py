"""Pictures of transfer: what a trained network sees and says, and what a new head makes of it."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.networks import _percent
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, PURPLE, VERMILION, Picture

_COLORS = (VERMILION, BLUE, GREEN, PURPLE)


def color_filters(kernels, *, columns=16):
    """First-layer filters as small color pictures; gray is a weight of zero.

    Parameters
    ----------
    kernels : (f, f, 3, filters) array
        Weights of a convolution that reads red, green and blue. Each filter is scaled by its own
        largest weight, at least by a hundredth of the largest of all: one of nothing stays gray.
    columns : int
        Filters in a row.
    """
    count = kernels.shape[-1]
    largest = np.abs(kernels).max(axis=(0, 1, 2), keepdims=True)
    shown = 0.5 + 0.5 * kernels / np.maximum(largest, largest.max() / 100)
    rows = -(-count // columns)
    picture = Picture(
        f"{count} filters of {kernels.shape[0]} by {kernels.shape[1]} weights in red, green and "
        "blue, each as a small picture: some hold light beside dark, an edge or a line, some hold "
        "one color beside another",
        width=0.6 * columns,
        height=0.75 * rows,
    )
    for number, axes in enumerate(picture.subplots(rows, columns, squeeze=False).flat):
        axes.axis("off")
        if number < count:
            axes.imshow(shown[..., number])
            axes.set_title(str(number), fontsize=9, pad=2)
    return picture


def named_photos(photos, answers):
    """Photographs, and under each the classes that a network finds likeliest.

    Parameters
    ----------
    photos : dict
        Caption to an (H, W, 3) array of colors in 0…1.
    answers : list
        For each photograph a list of (name, probability), best first, as `pretrained.decode`
        returns it.

    Raises
    ------
    ValueError
        Where the numbers of photographs and answers differ.
    """
    if len(photos) != len(answers):
        raise ValueError(
            f"named_photos: {len(photos)} photos and {len(answers)} answers, "
            "it needs one answer for each"
        )
    told = "; ".join(
        f"{caption}: {likeliest[0][0]} {likeliest[0][1]:.0%}"
        for caption, likeliest in zip(photos, answers, strict=True)
    )
    picture = Picture(
        f"photographs with the {len(answers[0])} likeliest classes of each as bars, the best: "
        f"{told}",
        width=3.2 * len(photos),
        height=4.2,
    )
    above, below = picture.subplots(2, len(photos), squeeze=False, height_ratios=(3, 1.5))
    for axes, bars, (caption, photo), likeliest in zip(
        above, below, photos.items(), answers, strict=True
    ):
        axes.imshow(photo)
        axes.set_title(caption, fontsize=11)
        axes.set(xticks=[], yticks=[])  # the frame stays: a photo may be all white
        names, shares = zip(*likeliest, strict=True)
        places = np.arange(len(names))
        bars.barh(places, shares, color=[BLUE] + ["0.7"] * (len(names) - 1), height=0.8)
        for place, name, share in zip(places, names, shares, strict=True):
            bars.text(max(share, 0) + 0.02, place, f"{name} {share:.0%}", va="center", fontsize=9)
        bars.set(xlim=(0, 1.9), ylim=(len(names) - 0.4, -0.6), yticks=[], xticks=[0, 1])
        bars.set_xticklabels(["0", "1"])
        bars.set_xlabel("probability", loc="left")
        bars.spines[["top", "right"]].set_visible(False)
    return picture


def cut_network(shapes, layer):
    """A base, cut and frozen (gray), and behind it the average and the new head, with the shapes.

    Parameters
    ----------
    shapes : four tuples of int
        Of the picture, the maps at the cut, the features and the answer.
    layer : str
        Where the base is cut.
    """
    told = [" × ".join(map(str, shape)) for shape in shapes]
    picture = Picture(
        f"a picture of {told[0]} enters the frozen base, cut at {layer}, which gives maps of "
        f"{told[1]}; their average is {told[2]} features; the head, which alone learns, gives "
        f"{told[3]} probabilities",
        width=9,
        height=2.0,
    )
    axes = picture.subplots()
    axes.set(xlim=(0, 9), ylim=(0, 2))
    axes.axis("off")
    boxes = (
        (1.5, 1.7, "base, frozen", "0.8"),
        (4.4, 1.1, "average", "1"),
        (6.7, 0.9, "head", ORANGE),
    )
    for left, wide, name, color in boxes:
        axes.add_patch(Rectangle((left, 0.7), wide, 0.8, facecolor=color, edgecolor="0.3"))
        axes.text(left + wide / 2, 1.1, name, ha="center", va="center", fontsize=11)
    starts = [0.1, *(left + wide for left, wide, _, _ in boxes)]
    ends = [*(left for left, *_ in boxes), 8.8]
    for start, end, shape in zip(starts, ends, told, strict=True):
        axes.annotate("", (end, 1.1), (start, 1.1), arrowprops={"arrowstyle": "->", "color": "0.3"})
        axes.text((start + end) / 2, 1.22, shape, ha="center", fontsize=10)
    axes.plot([3.27, 3.27], [0.45, 1.75], "--", color=VERMILION)
    axes.text(3.27, 0.15, f"cut at {layer}", color=VERMILION, ha="center", fontsize=10)
    return picture


def halves(photos, boxes_train, boxes_test):
    """Photographs with the places of their crops: training on one side, test on the other.

    Parameters
    ----------
    photos : dict
        Caption to an (H, W) array of gray values.
    boxes_train, boxes_test : sequences of (m, 4) arrays
        For each photograph (x_min, y_min, x_max, y_max) of its crops.
    """
    picture = Picture(
        f"{' and '.join(photos)}: the squares of the training crops all lie in one half of the "
        "photograph, those of the test crops all in the other",
        width=4.0 * len(photos),
        height=2.9,
    )
    panels = picture.subplots(1, len(photos), squeeze=False).flat
    for axes, (caption, gray), train, test in zip(
        panels, photos.items(), boxes_train, boxes_test, strict=True
    ):
        axes.imshow(gray, cmap="gray", vmin=0, vmax=1)
        for boxes, color in ((train, BLUE), (test, ORANGE)):
            for left, top, right, bottom in boxes:
                square = Rectangle(
                    (left, top), right - left, bottom - top, fill=False, edgecolor=color, lw=1.5
                )
                axes.add_patch(square)
        axes.set_title(caption, fontsize=10)
        axes.axis("off")
    return picture


def class_crops(rows, names):
    """Crops of each class in a column of their own.

    Parameters
    ----------
    rows : dict
        Caption of the row to (classes, H, W) gray crops, one of each class.
    names : sequence of str
        Of the classes; the columns' titles.
    """
    picture = Picture(
        f"crops of {len(names)} photographs, {', '.join(names)}, a column each; "
        f"the rows: {', '.join(rows)}",
        width=10,
        height=0.3 + 1.05 * len(rows),
    )
    grid = picture.subplots(len(rows), len(names), squeeze=False)
    for line, (caption, crops) in zip(grid, rows.items(), strict=True):
        for axes, crop in zip(line, crops, strict=True):
            axes.imshow(crop, cmap="gray", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(caption, fontsize=10)
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(_short(name), fontsize=9)
    return picture


def regimes_over_crops(crops, accuracies, *, here):
    """Accuracy of several ways to learn over the number of crops, on a logarithmic axis.

    Parameters
    ----------
    crops : sequence of int
        Training crops of each class.
    accuracies : dict
        Name of the way to a (draws, len(crops)) array of accuracies in 0…1.
    here : dict
        Name of the way to one pair (crops, accuracy): a run of the reader's own, as a ring.
    """
    picture, axes = _accuracy_axes(
        f"share of test crops named correctly over {crops[0]} to {crops[-1]} training crops of "
        f"each photograph, median and range of the draws; {_ranking(accuracies, 0)} with the "
        f"fewest, {_ranking(accuracies, -1)} with the most"
    )
    _draw_bands(axes, crops, accuracies, here)
    axes.set(xscale="log", xlabel="training crops of each photograph")
    axes.set_xticks(crops, labels=[str(n) for n in crops])
    axes.minorticks_off()
    axes.legend(frameon=False, loc="lower right")
    return picture


def accuracy_over_depths(layers, accuracies, *, here):
    """Accuracy of a head over the layer at which the network was cut.

    Parameters
    ----------
    layers : sequence of str
        Names, from the first layer to the last.
    accuracies : (draws, len(layers)) array
        In 0…1.
    here : dict
        Name of the layer to the accuracy of the reader's own run, as a ring.
    """
    medians = np.median(accuracies, axis=0)
    best = layers[int(medians.argmax())]
    picture, axes = _accuracy_axes(
        "share of test crops that a head names correctly, over the layer whose features it reads; "
        f"it rises from {layers[0]} to {best}"
        + (f" and falls a little to {layers[-1]}" if best != layers[-1] else "")
    )
    places = range(len(layers))
    for run in accuracies:
        axes.plot(places, run, "o", color=BLUE, alpha=0.35, markersize=5)
    axes.plot(places, medians, color=BLUE)
    for layer, accuracy in here.items():
        axes.plot(layers.index(layer), accuracy, "o", color=ORANGE, markersize=12, fillstyle="none")
    axes.set_xticks(places, labels=[layer.replace("_", "\n", 1) for layer in layers], fontsize=9)
    axes.set_xlabel("layer at which the network is cut, from the picture to the answer")
    return picture


def mistakes(images, probabilities, labels, names, *, columns=6):
    """Gray pictures with the class that a network names, its probability, and the right one.

    Parameters
    ----------
    images : (m, H, W) array
        In 0…1.
    probabilities : (m, classes) array
        What the network gives for each.
    labels : sequence of int
        The right classes.
    names : sequence of str
        Of all classes.
    columns : int
        Pictures in a row.
    """
    rows = -(-len(images) // columns)
    answers = probabilities.argmax(axis=1)
    told = ", ".join(
        f"{names[label]} named {names[answer]}"
        for label, answer in zip(labels, answers, strict=True)
    )
    picture = Picture(f"crops that the network misnames: {told}", width=10, height=2.1 * rows)
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes, image, row, label in zip(grid, images, probabilities, labels, strict=False):
        answer = int(row.argmax())
        axes.imshow(image, cmap="gray", vmin=0, vmax=1)
        answered = f"{_short(names[answer])} ({_percent(row[answer])})"
        axes.set_title(f"{answered}\nis {_short(names[label])}", fontsize=10)
    for axes in picture.axes:
        axes.axis("off")
    return picture


def _short(name):
    """The first word of a name, abbreviated where it is long."""
    word = name.split("_")[0]
    return word if len(word) <= 11 else f"{word[:10]}."


def _accuracy_axes(alt):
    picture = Picture(alt, width=8, height=3.8)
    axes = picture.subplots()
    axes.set_ylabel("test crops named correctly")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.spines[["top", "right"]].set_visible(False)
    return picture, axes


def _draw_bands(axes, x, accuracies, here):
    """A line through the medians of the draws, on a band from the worst to the best."""
    for (name, draws), color in zip(accuracies.items(), _COLORS, strict=False):
        axes.fill_between(x, np.min(draws, axis=0), np.max(draws, axis=0), color=color, alpha=0.15)
        axes.plot(x, np.median(draws, axis=0), "o-", color=color, label=name, markersize=4)
        if name in here:
            axes.plot(*here[name], "o", color=color, markersize=13, fillstyle="none")


def _ranking(accuracies, at):
    medians = {name: np.median(draws, axis=0)[at] for name, draws in accuracies.items()}
    best_first = sorted(medians, key=medians.get, reverse=True)
    return ", ".join(f"{name} {medians[name]:.1%}" for name in best_first)
