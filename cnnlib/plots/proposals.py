"""Pictures of region proposals: what is merged and covered, what a head sees, what it costs."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.boxes import BOX_COLORS, draw_boxes, draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, PURPLE, VERMILION, Picture

_SERIES = (BLUE, ORANGE, GREEN, VERMILION, PURPLE)
_FORWARD, _PROPOSING = BLUE, ORANGE


def merged_segments(image, segments, merges, counts):
    """A photograph and its regions, painted in their mean colors, after more and more merges.

    Parameters
    ----------
    image : (height, width, 3) array
        Colors in 0…1.
    segments : (height, width) int array
        The number of each pixel's segment.
    merges : (n − 1, 2) int array
        The two regions that became region n, n + 1, …
    counts : sequence of int
        Regions left in each panel, from n down to 1.
    """
    image = np.asarray(image)
    n = len(merges) + 1
    stages = " and ".join([", ".join(map(str, counts[:-1])), str(counts[-1])])
    height = 2.9 * image.shape[0] / image.shape[1] + 0.35
    picture = Picture(
        f"a photograph, and beside it its regions in their mean colors when {stages} of them are "
        "left: first small ones of one color each, then parts of things and things",
        width=2.9 * (len(counts) + 1),
        height=height,
    )
    panels = picture.subplots(1, len(counts) + 1)
    draw_image(panels[0], image)
    panels[0].set_title("photograph", fontsize=10)
    for axes, count in zip(panels[1:], counts, strict=True):
        owner = _owners(merges, n - count)[segments]
        sums = [np.bincount(owner.ravel(), image[..., c].ravel()) for c in range(3)]
        means = np.stack(sums, axis=1) / np.maximum(np.bincount(owner.ravel()), 1)[:, None]
        draw_image(axes, means[owner])
        axes.set_title("1 region" if count == 1 else f"{count} regions", fontsize=10)
    return picture


def _owners(merges, done):
    """The region that each segment belongs to after some merges."""
    n = len(merges) + 1
    owner = np.arange(n)
    for new, pair in enumerate(merges[:done], start=n):
        owner[np.isin(owner, pair)] = new
    return owner


def proposals_over(images, proposals, truth, best, *, titles):
    """Pictures with all proposals (thin), the true boxes, and the proposal nearest to each.

    Parameters
    ----------
    images : sequence of (height, width, 3) arrays
    proposals, truth, best : sequences of (n, 4) arrays
        Boxes (x_min, y_min, x_max, y_max) in pixels; `best` has a row for each of `truth`.
    titles : sequence of str
    """
    counts = ", ".join(f"{title}: {len(b)}" for title, b in zip(titles, proposals, strict=True))
    ratio = max(np.shape(image)[0] / np.shape(image)[1] for image in images)
    picture = Picture(
        f"pictures under many thin boxes, the proposals ({counts}); the true boxes are dashed, and "
        "for each of them the proposal that overlaps it most is thick",
        width=3.0 * len(images),
        height=3.0 * ratio + 0.6,
    )
    panels = picture.subplots(1, len(images), squeeze=False).flat
    for axes, image, some, true, nearest, title in zip(
        panels, images, proposals, truth, best, titles, strict=True
    ):
        draw_image(axes, image)
        draw_boxes(axes, some, color="white", linewidth=0.4)
        draw_boxes(axes, nearest, color=ORANGE, linewidth=2.5)
        draw_boxes(axes, true, color=GREEN, linestyle="--")
        axes.set_title(title, fontsize=10)
    picture.legend(
        handles=[
            Rectangle((0, 0), 1, 1, fill=False, edgecolor="0.6", linewidth=0.6, label="proposal"),
            Rectangle((0, 0), 1, 1, fill=False, edgecolor=ORANGE, linewidth=2.5, label="nearest"),
            Rectangle((0, 0), 1, 1, fill=False, edgecolor=GREEN, linestyle="--", label="true box"),
        ],
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=10,
    )
    return picture


def recall_over_proposals(curves):
    """The share of the true boxes that are covered, over the number of proposals a picture.

    Parameters
    ----------
    curves : dict
        Name to (counts, recall); recall is one number for each count, or a row of them for each
        of several trainings, drawn as thin lines.
    """
    told = "; ".join(
        f"{name}: {np.atleast_2d(recall).mean(axis=0)[-1]:.0%} with {counts[-1]}"
        for name, (counts, recall) in curves.items()
    )
    picture = Picture(
        f"recall over the number of proposals, on a logarithmic axis: {told}", width=7, height=3.4
    )
    axes = picture.subplots()
    for (name, (counts, recall)), color in zip(curves.items(), _SERIES, strict=False):
        rows = np.atleast_2d(recall)
        if len(rows) > 1:
            axes.plot(counts, rows.T, color=color, linewidth=0.7)
        axes.plot(counts, rows.mean(axis=0), "o-", color=color, linewidth=2.5, label=name)
    axes.set_xscale("log")
    ticks = sorted({int(count) for counts, _ in curves.values() for count in counts})
    ticks = [tick for tick in ticks if tick in (1, 2, 5, 10, 20, 50, 100, 200)]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="proposals a picture", ylabel="recall at IoU 0.5", ylim=(0, 1.04))
    axes.legend(loc="lower right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def regions_and_crops(image, boxes, crops, labels, names):
    """A picture with numbered regions, and what each looks like resized to one shape.

    Parameters
    ----------
    image : (height, width, 3) array
    boxes : (n, 4) array
        Corners in pixels.
    crops : (n, rows, columns, 3) array
    labels : (n,) array of int
        The class in each region, which is its color; gray where it is the last of `names`.
    names : sequence of str
        The words of the classes, "background" last.
    """
    labels = [int(label) for label in labels]
    picture = Picture(
        f"a picture with {len(boxes)} regions of different shapes, and each of them resized to "
        f"{crops.shape[1]} by {crops.shape[2]} pixels: {', '.join(names[i] for i in labels)}",
        width=2.6 + 1.45 * len(boxes),
        height=2.5,
    )
    axes, *panels = picture.subplots(1, 1 + len(boxes), width_ratios=[2, *[1] * len(boxes)])
    draw_image(axes, image)
    for number, (box, crop, label, panel) in enumerate(
        zip(boxes, crops, labels, panels, strict=True), start=1
    ):
        color = "0.8" if label == len(names) - 1 else BOX_COLORS[label % len(BOX_COLORS)]
        draw_boxes(axes, box, color=color)
        axes.text(box[0] + 1, box[1] + 1, str(number), color=color, va="top", weight="bold")
        draw_image(panel, np.clip(crop, 0, 1))
        panel.set_title(f"{number}: {names[label]}", fontsize=10)
    return picture


def pooled_region(cells, roi, rows, columns, pooled, *, stride):
    """A map with a region, the whole cells it is rounded to, and the maximum of each part.

    Parameters
    ----------
    cells : (height, width) array
        One channel of the map.
    roi : (4,) array
        The region's corners in pixels of the picture.
    rows, columns : sequences of (first, last)
        Cells of each part of the grid, the last one included.
    pooled : (len(rows), len(columns)) array
    stride : float
        Pixels of a cell's side.
    """
    height, width = np.shape(cells)
    picture = Picture(
        f"a map of {height} by {width} numbers with a region that cuts through its cells; rounded "
        f"to whole cells, and divided into {len(rows)} by {len(columns)} parts that overlap, it "
        f"gives the maxima {np.asarray(pooled).tolist()}",
        width=7.4,
        height=3.5,
    )
    left, right = picture.subplots(1, 2, width_ratios=(width, 3.4))
    _numbers(left, cells)
    x_min, y_min, x_max, y_max = np.asarray(roi) / stride
    for i, (top, bottom) in enumerate(rows):
        for j, (first, last) in enumerate(columns):
            color = _SERIES[len(columns) * i + j]
            inset = 0.06 + 0.05 * (len(columns) * i + j)  # overlapping frames stay apart
            left.add_patch(
                Rectangle(
                    (first + inset, top + inset),
                    last + 1 - first - 2 * inset,
                    bottom + 1 - top - 2 * inset,
                    fill=False,
                    edgecolor=color,
                    linewidth=2,
                )
            )
            right.add_patch(Rectangle((j, i), 1, 1, facecolor="white", edgecolor=color, lw=3))
            right.text(j + 0.5, i + 0.5, f"{pooled[i][j]:g}", ha="center", va="center", fontsize=13)
    left.add_patch(
        Rectangle((x_min, y_min), x_max - x_min, y_max - y_min, fill=False, ls="--", lw=2)
    )
    left.set_title("dashed: the region; frames: its parts in whole cells", fontsize=10)
    right.set(xlim=(-0.1, len(columns) + 0.1), ylim=(len(rows) + 0.1, -0.1), aspect="equal")
    right.axis("off")
    right.set_title("the maximum of each part", fontsize=10)
    return picture


def _numbers(axes, cells):
    """A map as a grid of numbers, cell (i, j) from j to j + 1 and i to i + 1."""
    height, width = np.shape(cells)
    for i, j in np.ndindex(height, width):
        axes.add_patch(Rectangle((j, i), 1, 1, facecolor="0.96", edgecolor="0.8"))
        axes.text(j + 0.5, i + 0.5, f"{cells[i][j]:g}", ha="center", va="center", color="0.3")
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.axis("off")


def proposal_network(image, anchors, volumes, *, cell):
    """One cell's anchors on a picture, and the volumes in which all cells answer for theirs.

    Parameters
    ----------
    image : (height, width, 3) array
    anchors : (A, 2) array
        Width and height in pixels.
    volumes : dict
        Name to (rows, columns, numbers a cell): the map, what the convolution makes of it, and
        the two answers, in this order.
    cell : (int, int)
        Row and column of the cell.
    """
    (rows, columns, _), *_ = volumes.values()
    side = np.divide(np.shape(image)[1::-1], (columns, rows))
    middle = (np.array(cell)[::-1] + 0.5) * side
    told = "; ".join(f"{name}: {' by '.join(map(str, of))}" for name, of in volumes.items())
    picture = Picture(
        f"a picture under {rows} by {columns} cells, {len(anchors)} anchors around the middle of "
        f"the one in row {cell[0]}, column {cell[1]}; beside it the volumes of the proposal "
        f"network, the last two both from the one before them: {told}",
        width=8.6,
        height=3.1,
    )
    left, right = picture.subplots(1, 2, width_ratios=(1, 2))
    draw_image(left, image)
    ends = side * (columns, rows)
    for axis, (line, count) in enumerate(((left.axvline, columns), (left.axhline, rows))):
        for edge in np.linspace(0, ends[axis], count + 1)[1:-1]:
            line(edge, color="white", linewidth=0.5, alpha=0.6)
    left.add_patch(Rectangle(middle - side / 2, *side, facecolor="white"))
    for number, size in enumerate(anchors):
        color = _SERIES[number % len(_SERIES)]
        corner = middle - np.asarray(size) / 2
        left.add_patch(Rectangle(corner, *size, fill=False, edgecolor=color, linewidth=2.5))
    left.set_title(f"a cell and its {len(anchors)} anchors", fontsize=10)
    places = (0, 0), (1.25, 0), (2.5, -0.6), (2.5, 0.6)
    for (name, volume), (x, y), color in zip(
        volumes.items(), places, (BLUE, BLUE, ORANGE, GREEN), strict=True
    ):
        right.add_patch(Rectangle((x, y - 0.4), 1, 0.8, facecolor=color, alpha=0.25))
        words = f"{name}\n{' × '.join(map(str, volume))}"
        right.text(x + 0.5, y, words, ha="center", va="center", fontsize=10)
    for (x, y), (x_next, y_next) in ((places[0], places[1]), (places[1], places[2]),
                                     (places[1], places[3])):  # fmt: skip
        right.annotate("", (x_next, y_next), (x + 1, y), arrowprops={"arrowstyle": "->"})
    right.set(xlim=(-0.05, 3.55), ylim=(1.1, -1.1))
    right.axis("off")
    right.set_title("what the proposal network computes, for all cells at once", fontsize=10)
    return picture


def detector_stages(detectors):
    """What each detector runs once a picture and what once a region, from left to right.

    Parameters
    ----------
    detectors : dict
        Name to two lists of steps: once a picture, then once a region.
    """
    told = "; ".join(
        f"{name}: once a picture {', '.join(once)}"
        + (f", once a region {', '.join(often)}" if often else "")
        for name, (once, often) in detectors.items()
    )
    longest = max(len(once) + len(often) for once, often in detectors.values())
    picture = Picture(
        f"the steps of each detector as a row of boxes; {told}",
        width=1.5 + 1.5 * longest,
        height=0.62 * len(detectors) + 0.5,
    )
    axes = picture.subplots()
    for row, (name, (once, often)) in enumerate(detectors.items()):
        axes.text(-0.12, row, name, ha="right", va="center", fontsize=11)
        colors = [BLUE] * len(once) + [ORANGE] * len(often)
        for place, (step, color) in enumerate(zip([*once, *often], colors, strict=True)):
            axes.add_patch(Rectangle((place, row - 0.32), 0.86, 0.64, color=color))
            ink = "white" if color == BLUE else "black"
            axes.text(place + 0.43, row, step, ha="center", va="center", color=ink, fontsize=10)
            if place:
                axes.annotate(
                    "", (place, row), (place - 0.14, row), arrowprops={"arrowstyle": "->"}
                )
    axes.set(xlim=(-0.9, longest), ylim=(len(detectors) - 0.5, -0.5))
    axes.axis("off")
    keys = (BLUE, "once a picture"), (ORANGE, "once a region")
    picture.legend(
        handles=[Rectangle((0, 0), 1, 1, color=color, label=label) for color, label in keys],
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=10,
    )
    return picture


def detectors_compared(precision, forward, proposing, seen):
    """For each detector its average precision, a dot a training, and where its time goes.

    Parameters
    ----------
    precision : dict
        Name to the mAP of each training.
    forward : dict
        Name to seconds of a picture in the network and behind it.
    proposing : dict
        Name to seconds of a picture before the network; 0 where it finds its own regions.
    seen : dict
        Name to (scenes, times): from how many it learned, and how often it saw each.
    """
    names = list(precision)
    told = "; ".join(
        f"{name} after {seen[name][0]:,} scenes seen {seen[name][1]} times: "
        f"mAP {min(precision[name]):.2f} to {max(precision[name]):.2f}, "
        f"{1000 * (forward[name] + proposing[name]):.1f} ms"
        for name in names
    )
    picture = Picture(
        f"left the mAP of each detector, right the milliseconds of a picture on a logarithmic "
        f"axis, of which most is the search for proposals in two of them; {told}",
        width=9,
        height=3.3,
    )
    left, right = picture.subplots(1, 2, sharey=True)
    for place, name in enumerate(names):
        values = precision[name]
        left.plot(values, [place] * len(values), "o", color=BLUE, alpha=0.6)
        left.plot([np.mean(values)] * 2, [place - 0.3, place + 0.3], color="black", linewidth=2)
        own, before = 1000 * forward[name], 1000 * proposing[name]
        right.plot(own, place, "o", color=_FORWARD, label="network" if place == 0 else None)
        if before:
            key = "proposals" if place == 0 else None
            right.plot(before, place, "s", color=_PROPOSING, label=key)
        right.plot([own + before] * 2, [place - 0.3, place + 0.3], color="black", linewidth=2)
        right.text(1.15 * (own + before), place, f"{own + before:.1f}", va="center", fontsize=10)
    labels = [f"{name}\n{seen[name][0]:,} scenes × {seen[name][1]}" for name in names]
    left.set_yticks(range(len(names)), labels)
    left.invert_yaxis()
    left.set(xlabel="mAP at IoU 0.5 (bar: mean)")
    most = 1000 * max(forward[name] + proposing[name] for name in names)
    right.set(xlabel="milliseconds a picture (bar: in all)", xscale="log", xlim=(0.6, 3 * most))
    right.set_xticks([1, 10, 100], ["1", "10", "100"])
    right.legend(frameon=False, loc="lower right")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    return picture
