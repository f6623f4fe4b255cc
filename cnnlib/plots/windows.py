"""Pictures of a classifier slid over a photograph: what it sees, says, finds and costs."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.boxes import draw_boxes, draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SIGNED, VERMILION, Animation, Picture

FOUND = 0.5  # IoU with the target from which on a box counts as found, by convention


def searches(panels):
    """Photographs with the boxes of a search: found green, false alarms vermilion.

    Parameters
    ----------
    panels : dict
        Title to four things: the image, (H, W) or (H, W, channels) in 0…1; the targets, (k, 4)
        boxes in pixels, drawn dotted; the boxes of the search, (n, 4); and the IoU of each of
        these with its target, (n,): from 0.5 on it counts as found.

    Raises
    ------
    ValueError
        Without a panel, or where the numbers of boxes and overlaps differ.
    """
    if not panels:
        raise ValueError("searches: panels is empty, it needs a search")
    told = []
    for title, (_, _, boxes, overlaps) in panels.items():
        if len(boxes) != len(overlaps):
            raise ValueError(
                f"searches: '{title}' has {len(boxes)} boxes and {len(overlaps)} overlaps, "
                "it needs as many"
            )
        found = int(np.sum(np.asarray(overlaps) >= FOUND))
        told.append(f"{title}: {found} on target, {len(boxes) - found} false alarms")
    side = 8.6 / max(2, len(panels))
    height, width = np.shape(next(iter(panels.values()))[0])[:2]
    picture = Picture(
        f"searches for a face: {'; '.join(told)}".replace("\n", " "),
        width=side * len(panels),
        height=0.97 * side * height / width + 0.5,
    )
    axes_of = picture.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, panel) in zip(axes_of, panels.items(), strict=True):
        image, targets, boxes, overlaps = panel
        found = np.asarray(overlaps) >= FOUND
        boxes = np.asarray(boxes, float).reshape(-1, 4)
        draw_image(axes, image)
        draw_boxes(axes, boxes[~found], color=VERMILION, linewidth=1.2)
        draw_boxes(axes, boxes[found], color=GREEN, linewidth=2.5)
        draw_boxes(axes, targets, color="white", linestyle=":", linewidth=1.5)
        outcome = "found" if found.any() else "missed"
        axes.set_title(f"{title}\n{outcome}, {np.sum(~found)} false alarms", fontsize=10)
    return picture


def score_maps(image, maps, *, window, stride):
    """A photograph, and beside it what the network says at every place, a map for each size.

    A score stands at the middle of its window, so the margin of a map stays gray.

    Parameters
    ----------
    image : (H, W) or (H, W, channels) array
        Values in 0…1.
    maps : dict
        Side of the square windows in pixels of the image, to a (rows, columns) array of scores
        in 0…1.
    window, stride : int
        Side of a window, and the distance from one to the next, in pixels of the network's input.
    """
    maps = {size: np.asarray(scores) for size, scores in maps.items()}
    told = []
    for size, scores in maps.items():
        row, column = np.unravel_index(scores.argmax(), scores.shape)
        told.append(
            f"{size} pixels, {scores.shape[0]} by {scores.shape[1]}, highest {scores.max():.2f} "
            f"in row {row}, column {column}"
        )
    picture = Picture(
        f"a photograph and its maps of scores: {'; '.join(told)}".replace("\n", " "),
        width=8.6,
        height=8.6 / (len(maps) + 1) * np.shape(image)[0] / np.shape(image)[1] + 0.45,
    )
    first, *others = picture.subplots(1, len(maps) + 1)
    draw_image(first, image)
    first.set_title("photograph", fontsize=10)
    height, width = np.shape(image)[:2]
    for axes, (size, scores) in zip(others, maps.items(), strict=True):
        step = size * stride / window
        margin = (size - step) / 2
        bottom, right = margin + step * np.array(scores.shape)
        extent = margin, right, bottom, margin
        drawn = axes.imshow(scores, cmap="cividis", vmin=0, vmax=1, extent=extent)
        axes.set_title(f"{size} pixels", fontsize=10)
        axes.set(xlim=(0, width), ylim=(height, 0), xticks=(), yticks=(), facecolor="0.9")
    bar = picture.colorbar(drawn, ax=others, shrink=0.85, pad=0.01)
    bar.set_label("score", fontsize=9)
    return picture


def dense_as_filter(weights, shape, *, place):
    """One unit behind `Flatten`: its weights in a row, and the same weights as a filter.

    Between the two stand the weights of one place of the map, enlarged: side by side in the row,
    one in each slice of the filter.

    Parameters
    ----------
    weights : (height · width · channels,) array
        Of the unit, in the order in which `Flatten` reads.
    shape : (int, int, int)
        (height, width, channels) of the map.
    place : (int, int)
        Row and column of the place that is enlarged.

    Raises
    ------
    ValueError
        Where the map has another number of cells than there are weights, or not that place.
    """
    height, width, channels = shape
    row, column = place
    if np.shape(weights) != (height * width * channels,):
        raise ValueError(
            f"dense_as_filter: weights have shape {np.shape(weights)}, a map of {height}×{width}×"
            f"{channels} needs ({height * width * channels},)"
        )
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"dense_as_filter: place is {tuple(place)}, it needs a cell of {height}×{width}"
        )
    weights = np.asarray(weights)
    block = weights.reshape(shape)
    first = (row * width + column) * channels
    words = f"{len(weights)} weights of one unit"
    picture = Picture(
        f"the {words} as a row of numbers and as a filter of {channels} slices of {height} by "
        f"{width}; those of row {row}, column {column} are numbers {first} to "
        f"{first + channels - 1} of the row and one in each slice",
        width=8.6,
        height=2.9,
    )
    axes = picture.subplots()
    colors = {"cmap": SIGNED, "vmin": -abs(weights).max(), "vmax": abs(weights).max()}
    gap, bar = 0.12, 0.5
    side = 1 - gap  # of a slice; its rows and columns share it
    axes.imshow(weights[np.newaxis], extent=(0, channels - gap, bar, 0), aspect="auto", **colors)
    unit = (channels - gap) / len(weights)
    left, right = first * unit, (first + channels) * unit
    axes.add_patch(Rectangle((left, 0), right - left, bar, fill=False, linewidth=2))
    axes.plot([left, 0], [bar, 1.1], [right, channels - gap], [bar, 1.1], color="0.5", linewidth=1)
    cell = side / width, side / height
    for channel in range(channels):
        ends = channel, channel + side
        axes.imshow(block[row : row + 1, column : column + 1, channel],
                    extent=(*ends, 1.1 + bar, 1.1), **colors)  # fmt: skip
        axes.add_patch(Rectangle((channel, 1.1), side, bar, fill=False, linewidth=2))
        axes.imshow(block[..., channel], extent=(*ends, 2.3 + side, 2.3), **colors)
        axes.add_patch(Rectangle((channel, 2.3), side, side, fill=False, edgecolor="0.6"))
        corner = channel + column * cell[0], 2.3 + row * cell[1]
        axes.add_patch(Rectangle(corner, *cell, fill=False, linewidth=2))
        axes.plot([channel + side / 2, corner[0] + cell[0] / 2], [1.1 + bar, corner[1]],
                  color="0.5", linewidth=1)  # fmt: skip
    for y, text in (
        (-0.15, f"dense: the {words}, in the order of Flatten"),
        (1.0, f"row {row}, column {column} of the map: {channels} channels"),
        (3.65, f"convolution: the same weights as one filter, a slice of {height} × {width} for "
               f"each of the {channels} channels"),
    ):  # fmt: skip
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text((channels - gap) / 2, y, text, ha="center", va="bottom", fontsize=10, bbox=box)
    axes.set(xlim=(-0.05, channels - gap + 0.05), ylim=(3.7, -0.6), aspect="auto")
    axes.axis("off")
    return picture


def windows_by_layer(maps):
    """Which cells of every map one output depends on, output after output.

    Parameters
    ----------
    maps : sequence of tuple
        From the input to the output: name, cells of the map's side, cells of it that an output
        depends on along one axis, and cells from one output's to the next one's.

    Returns
    -------
    Animation
        Of the outputs row by row. The still shows the first output and the last.

    Raises
    ------
    ValueError
        Where an output would depend on cells outside a map.
    """
    outputs = maps[-1][1]
    for name, side, covered, stride in maps:
        if (outputs - 1) * stride + covered > side:
            raise ValueError(
                f"windows_by_layer: '{name}' has {side} cells, {outputs} outputs of {covered} "
                f"cells at stride {stride} need {(outputs - 1) * stride + covered}"
            )
    (name, side, covered, stride), last = maps[0], outputs - 1
    shared = max(0, covered - last * stride)
    alt = (
        f"{outputs} by {outputs} outputs, each of {covered} by {covered} cells of the {side} by "
        f"{side} of the {name}, {stride} apart; the first and the last share "
        f"{shared} by {shared}"
    )
    places = [(row, column) for row in range(outputs) for column in range(outputs)]
    frames = [_layers_with_windows(alt, maps, {BLUE: place}) for place in places]
    still = _layers_with_windows(alt, maps, {BLUE: places[0], ORANGE: places[-1]})
    return Animation(frames, still, seconds=0.9)


def _layers_with_windows(alt, maps, marked):
    picture = Picture(alt, width=8, height=2.75)
    widths = [max(side, 5) for _, side, _, _ in maps]
    panels = picture.subplots(1, len(maps), width_ratios=widths, gridspec_kw={"wspace": 0.15})
    for axes, (name, side, covered, stride), width in zip(panels, maps, widths, strict=True):
        axes.add_patch(Rectangle((0, 0), side, side, facecolor="white", edgecolor="none"))
        for color, (row, column) in marked.items():
            corner = column * stride, row * stride
            axes.add_patch(Rectangle(corner, covered, covered, facecolor=color, alpha=0.45))
            axes.add_patch(
                Rectangle(corner, covered, covered, fill=False, edgecolor=color, linewidth=2)
            )
        ticks = np.arange(side + 1)
        axes.hlines(ticks, 0, side, color="0.7", linewidth=0.5)
        axes.vlines(ticks, 0, side, color="0.7", linewidth=0.5)
        middle = (side - width) / 2
        axes.set(xlim=(middle - 0.3, middle + width + 0.3), ylim=(side + 0.3, -0.3), aspect="equal")
        axes.set_title(f"{name}\n{side} × {side}", fontsize=10)
        axes.axis("off")
    return picture


def work_by_layer(work):
    """Multiplications of each layer for all windows, crop by crop and in one pass.

    Parameters
    ----------
    work : dict
        Layer to a pair: multiplications crop by crop, multiplications in one pass.
    """
    shares = [f"{layer}: {crops / once:.1f} times" for layer, (crops, once) in work.items()]
    picture = Picture(
        f"how many times as many multiplications crops take as one pass, layer by layer: "
        f"{', '.join(shares)}",
        width=7,
        height=0.6 * len(work) + 0.9,
    )
    axes = picture.subplots()
    for row, (crops, once) in enumerate(work.values()):
        for offset, count, color in ((-0.2, crops, ORANGE), (0.2, once, BLUE)):
            axes.barh(row + offset, count, height=0.38, color=color)
            axes.text(count * 1.1, row + offset, f"{count:,}", va="center", fontsize=9)
        beside = axes.get_yaxis_transform()
        axes.text(1.01, row, f"{crops / once:.3g} ×", transform=beside, va="center", fontsize=11)
    axes.set_yticks(range(len(work)), labels=work)
    axes.invert_yaxis()
    largest = max(map(max, work.values()))
    axes.set(
        xscale="log",
        xlim=(min(map(min, work.values())) / 10, 12 * largest),
        xlabel="multiplications (each step of the scale: ten times as many)",
    )
    axes.legend(
        axes.containers[:2],
        ("crop by crop", "in one pass"),
        frameon=False,
        ncols=2,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
    )
    axes.spines[["top", "right"]].set_visible(False)
    return picture
