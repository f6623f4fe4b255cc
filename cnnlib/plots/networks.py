"""Pictures of whole networks: their volumes, where their numbers are, and what they answer."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from cnnlib.plots.picture import BLACK, BLUE, GREEN, ORANGE, SKY, VERMILION, Picture

SLANT = 0.35  # of a pixel, to the right and up, for each pixel of a volume's width
GAP = 22  # pixels between two volumes, room for what stands on the arrow


def network_volumes(shapes, steps):
    """The activations of a network as boxes, all to one scale, with the layers between them.

    Parameters
    ----------
    shapes : sequence of (height, width, channels)
        Of the input and of each layer's output.
    steps : sequence of str
        What happens from one to the next, such as `"10 filters\\nf = 3, s = 1"`: one fewer.

    Raises
    ------
    ValueError
        Where the numbers of shapes and steps do not fit together.
    """
    if len(steps) != len(shapes) - 1:
        raise ValueError(
            f"network_volumes: {len(shapes)} shapes and {len(steps)} steps, "
            "it needs one step between two shapes"
        )
    captions = [" × ".join(map(str, shape)) for shape in shapes]
    picture = Picture(
        "the volumes of a network as boxes to one scale, height and width shrinking and channels "
        f"growing: {', then '.join(caption.replace('×', 'by') for caption in captions)}",
        width=10,
        height=3.4,
    )
    axes = picture.subplots()
    tallest = max(height + SLANT * width for height, width, _ in shapes)
    left = 0
    for k, ((height, width, channels), caption) in enumerate(zip(shapes, captions, strict=True)):
        slant = SLANT * width
        draw_box(axes, left, (tallest - height - slant) / 2, height, channels, slant)
        middle = left + (channels + slant) / 2
        axes.text(middle, -5, caption, ha="center", va="top", fontsize=11)
        end = left + channels + slant
        if k < len(steps):
            arrow = {"arrowstyle": "->", "color": BLACK, "linewidth": 1.5}
            axes.annotate(
                "", (end + GAP - 2, tallest / 2), (end + 2, tallest / 2), arrowprops=arrow
            )
            axes.text(
                end + GAP / 2, tallest / 2 + 2, steps[k], ha="center", va="bottom", fontsize=9
            )
        left = end + GAP
    axes.set(xlim=(-4, left - GAP + 4), ylim=(-11, tallest + 1), aspect="equal")
    axes.axis("off")
    return picture


def draw_box(axes, left, bottom, height, channels, slant, *, edge=0.8):
    """Channels run to the right, the height up, the width slants to the back."""
    right, top = left + channels, bottom + height
    faces = {
        BLUE: [(left, bottom), (right, bottom), (right, top), (left, top)],
        SKY: [(left, top), (right, top), (right + slant, top + slant), (left + slant, top + slant)],
        "#004C78": [
            (right, bottom),
            (right + slant, bottom + slant),
            (right + slant, top + slant),
            (right, top),
        ],
    }
    for color, corners in faces.items():
        axes.add_patch(Polygon(corners, facecolor=color, edgecolor="white", linewidth=edge))


def layer_shares(rows):
    """Bars of each layer's activations, parameters and multiplications.

    Parameters
    ----------
    rows : list of LayerRow
        As `arithmetic.layer_table` makes it: the input first.
    """
    panels = {
        "activations": ("activation_size", BLUE),
        "parameters": ("parameters", ORANGE),
        "multiplications": ("multiplications", GREEN),
    }
    largest = {what: max(rows, key=lambda row: getattr(row, f)) for what, (f, _) in panels.items()}
    picture = Picture(
        "three bars for each layer; "
        + "; ".join(
            f"most {what} in {row.name}: {getattr(row, panels[what][0]):,}"
            for what, row in largest.items()
        ),
        width=10,
        height=0.9 + 0.3 * len(rows),
    )
    names = [row.name for row in rows]
    all_axes = picture.subplots(1, 3, sharey=True)
    for axes, (what, (field, color)) in zip(all_axes, panels.items(), strict=True):
        values = [getattr(row, field) for row in rows]
        bars = axes.barh(names, values, color=color, height=0.7)
        axes.bar_label(bars, labels=[f"{value:,}" for value in values], padding=3, fontsize=9)
        axes.set(xlabel=what, xticks=[], xlim=(0, 1.4 * max(values)))
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    all_axes[0].invert_yaxis()
    return picture


def readings(images, probabilities, labels, *, columns=8):
    """Pictures, each with the network's answer, its probability, and the label.

    Parameters
    ----------
    images : (m, H, W) array
        Gray pictures in 0…1.
    probabilities : (m, classes) array
        What the network gives for each.
    labels : sequence
        What each picture is: a class number, red where the answer differs, or words for what is
        shown where no class is right.
    columns : int
        Pictures in a row.

    Raises
    ------
    ValueError
        Where the three differ in length.
    """
    if not len(images) == len(probabilities) == len(labels):
        raise ValueError(
            f"readings: {len(images)} images, {len(probabilities)} rows of probabilities and "
            f"{len(labels)} labels, they need one number"
        )
    rows = -(-len(images) // columns)
    picture = Picture(
        f"{len(images)} pictures; above each, the network's answer and its probability, "
        "and what the picture is",
        width=1.25 * columns,
        height=1.62 * rows,
    )
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes, image, row, label in zip(grid, images, probabilities, labels, strict=False):
        answer = int(np.argmax(row))
        axes.imshow(image, cmap="gray", vmin=0, vmax=1)
        shown = isinstance(label, str)
        axes.set_title(
            f"{answer} ({_percent(row[answer])})\n{'shown:' if shown else 'is'} {label}",
            fontsize=10,
            color=BLACK if shown or label == answer else VERMILION,
        )
    for axes in picture.axes:
        axes.axis("off")
    return picture


def _percent(probability):
    """Whole percents; what is not certain is not rounded to certainty."""
    return ">99%" if 0.995 <= probability < 1 else f"{probability:.0%}"


def confusion(labels, answers, *, classes=10):
    """How often each class was read as each other one; right answers are left out.

    Parameters
    ----------
    labels, answers : sequences of int
        What each picture is, and what the network says.
    classes : int
        Numbers from 0 to classes − 1.
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (np.asarray(labels), np.asarray(answers)), 1)
    np.fill_diagonal(counts, 0)
    picture = Picture(
        "a table with a row for each label and a column for each answer: how often a picture was "
        "misread so; the diagonal, where both agree, is left out",
        width=5.2,
        height=4.6,
    )
    axes = picture.subplots()
    axes.imshow(counts, cmap="Oranges", vmin=0, vmax=1.3 * max(counts.max(), 1))
    for (label, answer), count in np.ndenumerate(counts):
        if label == answer:
            axes.add_patch(Rectangle((answer - 0.5, label - 0.5), 1, 1, facecolor="0.85"))
        elif count:
            axes.text(answer, label, count, ha="center", va="center")
    axes.set(xlabel="answer", ylabel="label", xticks=range(classes), yticks=range(classes))
    axes.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.8", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    return picture
