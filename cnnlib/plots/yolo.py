"""Pictures of YOLO: cells and midpoints, anchors, the volume of a picture, what training brings."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnnlib.plots.boxes import BOX_COLORS, draw_boxes, draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Animation, Picture

_ANCHOR_COLORS = (BLUE, GREEN, PURPLE, VERMILION, ORANGE, SKY)
_ROLES = {"responsible": VERMILION, "helper": ORANGE, "ignored": SKY, "empty": "white"}


def cells_and_midpoints(image, target, grid, *, names):
    """A picture with the boxes of its objects, their midpoints, and cells; full ones are marked.

    Parameters
    ----------
    image : (H, W, 3) array
    target : dict
        `"boxes"` and `"labels"`.
    grid : (int, int)
        Rows and columns of cells.
    names : sequence of str
        The words of the classes.
    """
    cells = _cells(target["boxes"], grid, np.shape(image))
    found, counts = np.unique(cells, axis=0, return_counts=True)
    crowded = found[counts > 1].tolist()
    told = ", ".join(
        f"{names[label]} in row {row}, column {column}"
        for label, (row, column) in zip(target["labels"], cells.tolist(), strict=True)
    )
    picture = Picture(
        f"a street scene under a grid of {grid[0]} by {grid[1]} cells; midpoints: {told}; cells "
        f"with several midpoints: {len(crowded)}",
        width=4.2,
        height=4.2,
    )
    axes = picture.subplots()
    draw_image(axes, image)
    _draw_grid(axes, grid, np.shape(image))
    height, width = np.shape(image)[0] / grid[0], np.shape(image)[1] / grid[1]
    for row, column in crowded:
        corner = column * width, row * height
        axes.add_patch(Rectangle(corner, width, height, color=BOX_COLORS[2], alpha=0.35))
    draw_boxes(axes, target["boxes"], target["labels"], names=names)
    middle = (target["boxes"][:, :2] + target["boxes"][:, 2:]) / 2
    axes.plot(*middle.T, "o", color="white", markeredgecolor="black", markersize=8)
    return picture


def anchors_and_mean_iou(sizes, labels, anchors, mean_ious, *, names):
    """The sizes of boxes with the anchors among them, and the mean IoU over their number.

    Parameters
    ----------
    sizes : (n, 2) array
        Width and height of each box in pixels.
    labels : (n,) array of int
        The class of each box.
    anchors : (A, 2) array
        The shapes to draw, in pixels.
    mean_ious : (k,) array
        For 1, 2, … k anchors.
    names : sequence of str
        The words of the classes.
    """
    count = len(anchors)
    shapes = ", ".join(f"{width:.0f} by {height:.0f}" for width, height in anchors)
    picture = Picture(
        f"left: widths and heights of {len(sizes):,} boxes of {len(names)} classes, and {count} "
        f"anchors of {shapes} pixels; right: mean IoU with the best anchor, from "
        f"{mean_ious[0]:.2f} for one to {mean_ious[-1]:.2f} for {len(mean_ious)}",
        width=8,
        height=3.4,
    )
    left, right = picture.subplots(1, 2)
    for label, name in enumerate(names):
        of_class = sizes[labels == label]
        left.plot(*of_class.T, ".", color=BOX_COLORS[label], markersize=3, alpha=0.5, label=name)
    left.plot(
        *anchors.T, "P", color="black", markeredgecolor="white", markersize=12, label="anchor"
    )
    left.set(xlabel="width in pixels", ylabel="height in pixels", xlim=(0, None), ylim=(0, None))
    left.legend(
        frameon=False,
        fontsize=9,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        ncols=2,
        columnspacing=1,
        handletextpad=0.2,
        markerscale=1.2,
    )
    number = np.arange(1, len(mean_ious) + 1)
    right.plot(number, mean_ious, "o-", color=BLUE)
    right.plot(count, mean_ious[count - 1], "o", color=VERMILION, markersize=10)
    right.set(xlabel="number of anchors k", ylabel="mean IoU with the best anchor", ylim=(0, 1))
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return picture


def target_volume(image, y, *, names):
    """A picture under its grid, and what the answers that are not zero say, number by number.

    Parameters
    ----------
    image : (H, W, 3) array
    y : (S_h, S_w, A, 5 + C) array
        As `detection.yolo.encode` gives it.
    names : sequence of str
        The words of the C classes.
    """
    places = np.argwhere(y[..., 0] > 0)
    vectors = y[tuple(places.T)]
    heads = ["p_c", "b_x", "b_y", "b_h", "b_w", *names]
    rows = [
        f"row {row}, column {column}, anchor {anchor}" for row, column, anchor in places.tolist()
    ]
    told = "; ".join(
        f"{row}: {', '.join(f'{value:.2f}' for value in vector)}"
        for row, vector in zip(rows, vectors, strict=True)
    )
    picture = Picture(
        f"a picture with {len(places)} objects as a volume of {' by '.join(map(str, y.shape))} "
        f"numbers; the answers that are not zero: {told}",
        width=9,
        height=3.2,
    )
    left, right = picture.subplots(1, 2, width_ratios=(1, 1.9))
    draw_image(left, image)
    _draw_grid(left, y.shape[:2], np.shape(image))
    height, width = np.array(np.shape(image)[:2]) / y.shape[:2]
    for i, (row, column, _) in enumerate(places):
        color = _ANCHOR_COLORS[i % len(_ANCHOR_COLORS)]
        corner = column * width, row * height
        left.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=color, linewidth=3))
        b_x, b_y, b_h, b_w = vectors[i, 1:5]
        x, y_middle = (column + b_x) * width, (row + b_y) * height
        left.plot(x, y_middle, "o", color=color, markeredgecolor="white", markersize=7)
        frame = (x - b_w * width / 2, y_middle - b_h * height / 2), b_w * width, b_h * height
        left.add_patch(Rectangle(*frame, fill=False, edgecolor=color, linestyle="--"))
    right.axis("off")
    table = right.table(
        [[f"{value:.2f}" if 0 < i < 5 else f"{value:.0f}" for i, value in enumerate(vector)]
         for vector in vectors],
        rowLabels=[row.replace("row ", "r").replace("column ", "c").replace("anchor ", "a")
                   for row in rows],
        colLabels=[f"${head}$" if "_" in head else head for head in heads],
        colWidths=[0.1] * 5 + [0.16] * len(names),
        loc="center",
        cellLoc="center",
    )  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    table.scale(1, 1.5)
    for i in range(len(places)):
        color = _ANCHOR_COLORS[i % len(_ANCHOR_COLORS)]
        table[i + 1, -1].get_text().set_color(color)
    return picture


def parametrizations(anchor, cell):
    """How a raw number becomes a place in the cell and a width: as it is, or through σ and exp.

    Parameters
    ----------
    anchor : float
        Width of the anchor in pixels.
    cell : float
        Width of a cell in pixels.
    """
    t = np.linspace(-4, 4, 161)
    picture = Picture(
        "two curves over a raw number t from -4 to 4. The place in the cell: as it is, t leaves "
        "the range from 0 to 1; its sigmoid never does. The width in pixels: as it is, t times a "
        f"cell of {cell:g} is negative for negative t; {anchor:g} times exp(t) never is, and is "
        f"the anchor's {anchor:g} at t = 0",
        width=8,
        height=3,
    )
    left, right = picture.subplots(1, 2)
    left.axhspan(0, 1, color="0.92")
    left.plot(t, t, "--", color=ORANGE, label="$b_x = t$")
    left.plot(t, 1 / (1 + np.exp(-t)), color=BLUE, label=r"$b_x = \sigma(t)$")
    left.set(xlabel="raw number $t$", ylabel="midpoint in the cell $b_x$", ylim=(-0.6, 1.6))
    right.axhspan(0, 120, color="0.92")
    right.plot(t, t * cell, "--", color=ORANGE, label="width = $t$ · cell")
    right.plot(t, anchor * np.exp(t), color=BLUE, label="width = anchor · $e^t$")
    right.plot(0, anchor, "o", color=BLUE)
    right.set(xlabel="raw number $t$", ylabel="width in pixels", ylim=(-50, 120))
    for axes in (left, right):
        axes.legend(frameon=False, loc="upper left", fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    return picture


def roles(image, boxes, y, anchors, *, placed):
    """Which answers learn an object, which learn that there is none, which are left in peace.

    A panel for each anchor, with the objects. Where an answer is not empty its cell is tinted, and
    its anchor drawn dashed around the middle of the cell.

    Parameters
    ----------
    image : (H, W, 3) array
    boxes : (n, 4) array
        Of the objects, in pixels.
    y : (S_h, S_w, A, 5 + C) array
        As `detection.yolo.training_target` gives it: p_c is 1, 0 or −1.
    anchors : (A, 2) array
        Width and height in pixels.
    placed : (n, 3) array of int
        Row, column and anchor that each object went to, as `detection.anchors.assign` gives it.
    """
    role = np.select([y[..., 0] > 0, y[..., 0] < 0], ["helper", "ignored"], "empty").astype(object)
    role[tuple(np.transpose(placed))] = "responsible"
    counts = {name: int((role == name).sum()) for name in _ROLES}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    picture = Picture(
        f"the answers of {y.shape[0]} by {y.shape[1]} cells to {len(boxes)} objects, a panel for "
        f"each of {y.shape[2]} anchors: {told}",
        width=1.95 * y.shape[2],
        height=2.5,
    )
    cell = np.divide(np.shape(image)[1::-1], y.shape[1::-1])  # width and height
    panels = picture.subplots(1, y.shape[2], squeeze=False).flat
    for a, axes in enumerate(panels):
        draw_image(axes, image)
        _draw_grid(axes, y.shape[:2], np.shape(image))
        draw_boxes(axes, boxes, color="white", linewidth=1.5)
        for row, column in np.argwhere(role[..., a] != "empty"):
            color, corner = _ROLES[role[row, column, a]], cell * (column, row)
            axes.add_patch(Rectangle(corner, *cell, facecolor=color, alpha=0.6))
            frame = corner + cell / 2 - anchors[a] / 2, *anchors[a]
            axes.add_patch(Rectangle(*frame, fill=False, color=color, linestyle="--", linewidth=2))
        axes.set_title(f"anchor {a}: {anchors[a][0]:.0f} × {anchors[a][1]:.0f}", fontsize=9)
    handles = [Rectangle((0, 0), 1, 1, facecolor=_ROLES[n], edgecolor="0.6") for n in _ROLES]
    labels = [f"{name} ({count})" for name, count in counts.items()]
    picture.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=10)
    return picture


def detections_over_training(images, snapshots, *, names, titles):
    """An animation: what a detector finds in some pictures as it learns.

    Parameters
    ----------
    images : sequence of (H, W, 3) arrays
    snapshots : list of list of dict
        At each time the detections in each picture.
    names : sequence of str
        The words of the classes.
    titles : sequence of str
        One for each time.
    """
    counts = [sum(len(found["boxes"]) for found in snapshot) for snapshot in snapshots]
    told = ", ".join(f"{title}: {count}" for title, count in zip(titles, counts, strict=True))
    alt = f"boxes that a detector in training draws on {len(images)} unseen pictures. {told}"
    frames = [
        _row(images, snapshot, names, title, f"{title}: {count} boxes")
        for snapshot, title, count in zip(snapshots, titles, counts, strict=True)
    ]
    return Animation(frames, _row(images, snapshots[-1], names, titles[-1], alt), seconds=1.0)


def precision_by_class(evaluations, *, names):
    """Average precision of each class at several thresholds of IoU, and their mean.

    Parameters
    ----------
    evaluations : dict
        IoU threshold to the `Evaluation` of `detection.metrics.mean_average_precision`.
    names : sequence of str
        The words of the classes.
    """
    told = "; ".join(
        f"at IoU {iou}: "
        + ", ".join(f"{name} {found.per_class[i]:.2f}" for i, name in enumerate(names))
        + f", mean {found.map:.2f}"
        for iou, found in evaluations.items()
    )
    picture = Picture(f"average precision of {len(names)} classes {told}", width=7, height=3)
    axes = picture.subplots()
    width = 0.8 / len(evaluations)
    for i, (iou, found) in enumerate(evaluations.items()):
        values = [found.per_class[label] for label in range(len(names))] + [found.map]
        places = np.arange(len(values)) + (i - (len(evaluations) - 1) / 2) * width
        bars = axes.bar(places, values, width, color=(BLUE, ORANGE, GREEN)[i], label=f"IoU ≥ {iou}")
        axes.bar_label(bars, fmt="%.2f", fontsize=9)
    axes.set_xticks(range(len(names) + 1), labels=[*names, "mean (mAP)"])
    axes.set(ylabel="average precision", ylim=(0, 1.1))
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def misses(images, targets, detections, found, *, names):
    """Objects that a detector did not find, and what it says instead.

    Parameters
    ----------
    images : sequence of (H, W, 3) arrays
    targets, detections : sequences of dict
    found : sequence of (n,) arrays of bool
        Whether each object of a picture was found.
    names : sequence of str
        The words of the classes.
    """
    lost = [np.asarray(target["labels"])[~hit] for target, hit in zip(targets, found, strict=True)]
    # Which ones are missed differs from training to training, so only the titles name them.
    picture = Picture(
        f"{len(images)} pictures with the missed objects dashed in black and white, their classes "
        "in the titles, beside the boxes that the detector drew, in the colors of their classes",
        width=2.4 * len(images),
        height=3,
    )
    panels = picture.subplots(1, len(images), squeeze=False).flat
    for axes, image, target, answer, hit, labels in zip(
        panels, images, targets, detections, found, lost, strict=True
    ):
        draw_image(axes, image)
        draw_boxes(axes, answer["boxes"], answer["labels"])
        missed = np.asarray(target["boxes"])[~hit]
        draw_boxes(axes, missed, color="white", linewidth=4)
        draw_boxes(axes, missed, color="black", linestyle="--")
        words = ", ".join(names[label] for label in labels)
        axes.set_title(f"missed: {words}", fontsize=9)
    _class_legend(picture, names)
    return picture


def _cells(boxes, grid, shape):
    """Row and column of each box's midpoint, (n, 2)."""
    middle = (boxes[:, 1::-1] + boxes[:, :1:-1]) / 2
    return np.minimum(middle / shape[:2] * grid, np.subtract(grid, 1)).astype(int)


def _draw_grid(axes, grid, shape):
    """The lines between cells."""
    for axis, (cells, side) in enumerate(zip(grid, shape, strict=False)):
        line = axes.axvline if axis else axes.axhline
        for edge in range(1, cells):
            line(edge * side / cells, color="white", linewidth=1, alpha=0.8)


def _row(images, detections, names, title, alt):
    """Pictures side by side with their detections."""
    picture = Picture(alt, width=1.9 * len(images), height=2.5)
    for axes, image, found in zip(
        picture.subplots(1, len(images), squeeze=False).flat, images, detections, strict=True
    ):
        draw_image(axes, image)
        draw_boxes(axes, found["boxes"], found["labels"])
    picture.suptitle(title, fontsize=11)
    _class_legend(picture, names)
    return picture


def _class_legend(picture, names):
    """The colors of the classes, below: tags would hide each other where boxes are close."""
    frames = [
        Rectangle((0, 0), 1, 1, fill=False, edgecolor=BOX_COLORS[label], linewidth=2)
        for label in range(len(names))
    ]
    picture.legend(
        frames, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=10
    )
