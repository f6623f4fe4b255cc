"""Pictures of sizes: borders, where a kernel stops, what a volume becomes, what a stack sees."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.picture import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    SIGNED,
    SKY,
    VERMILION,
    Animation,
    Picture,
)


def shrinking(maps):
    """A picture after each of several layers, all drawn to one scale.

    Parameters
    ----------
    maps : sequence of (n, n) arrays
        The picture, then its maps: each no larger than the picture, each in its own gray scale.

    Raises
    ------
    ValueError
        Where a map is larger than the picture.
    """
    sides = [len(values) for values in maps]
    n = sides[0]
    if max(sides) > n:
        raise ValueError(f"shrinking: maps have sides {sides}, they need {n} at most, the first")
    picture = Picture(
        f"a picture of {n} by {n} pixels and its maps after {len(maps) - 1} layers, to one scale: "
        f"they shrink to {', '.join(map(str, sides[1:]))} pixels a side, toward the middle",
        width=1.45 * len(maps),
        height=2,
    )
    for layer, (axes, values) in enumerate(
        zip(picture.subplots(1, len(maps), squeeze=False).flat, maps, strict=True)
    ):
        lost = (n - len(values)) / 2
        edges = (lost, n - lost, n - lost, lost)
        axes.imshow(values, cmap="gray", extent=edges)
        axes.add_patch(
            Rectangle((0, 0), n, n, fill=False, edgecolor=ORANGE, linewidth=2, linestyle="--")
        )
        axes.set(xlim=(-0.5, n + 0.5), ylim=(n + 0.5, -0.5))
        axes.set_title(f"{len(values)} × {len(values)}", fontsize=10)
        axes.set_xlabel("picture" if layer == 0 else f"layer {layer}")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    return picture


def usage(counts):
    """How often a kernel sees each pixel, as numbers on blue; a pixel never seen is hatched.

    Parameters
    ----------
    counts : dict
        Caption to an (n, n) array of whole numbers; one color scale for all, sizes to one scale.
    """
    stories = [
        f"{caption}: corner {seen[0, 0]}, most {seen.max()}"
        + (f", {np.sum(seen == 0)} pixels never" if (seen == 0).any() else "")
        for caption, seen in counts.items()
    ]
    sides = [len(seen) for seen in counts.values()]
    picture = Picture(
        f"how many times the kernel sees each pixel; {'; '.join(stories)}",
        width=0.6 + 0.33 * sum(sides) + 0.4 * len(sides),
        height=1.1 + 0.33 * max(sides),
    )
    most = max(seen.max() for seen in counts.values())
    grids = picture.subplots(1, len(counts), squeeze=False, width_ratios=sides).flat
    for axes, (caption, seen) in zip(grids, counts.items(), strict=True):
        axes.imshow(seen, cmap="Blues", vmin=0, vmax=1.4 * most)
        for (i, j), times in np.ndenumerate(seen):
            axes.text(j, i, times, ha="center", va="center", fontsize=9)
            if times == 0:
                axes.add_patch(_square(i, j, hatch="////", edgecolor=VERMILION))
        axes.set_title(caption, fontsize=10)
        axes.set(xlabel="column", xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    picture.axes[0].set_ylabel("row")
    return picture


def kernel_places(n, f, *, padding=0, stride=1):
    """Animation of the places a kernel takes: a ring of zeros around it, hops of a stride.

    Parameters
    ----------
    n, f : int
        Side of the image and of the kernel, in pixels.
    padding : int
        Width of the ring of zeros.
    stride : int
        Pixels from one place to the next.

    Raises
    ------
    ValueError
        Where the kernel does not fit into the padded image.
    """
    if f > n + 2 * padding:
        raise ValueError(
            f"kernel_places: f is {f}, it needs {n + 2 * padding} at most, the padded image's side"
        )
    starts = range(-padding, n + padding - f + 1, stride)
    places = [(i, j) for i in starts for j in starts]
    frames = [_place(n, f, padding, len(starts), places[: k + 1]) for k in range(len(places))]
    still = _place(n, f, padding, len(starts), places)
    ring = f", with zeros around it {padding} deep," if padding else ""
    beyond = n + padding - f - starts[-1]
    still.alt = (
        f"animation: a {f} by {f} kernel moves over an image of {n} by {n} pixels{ring} in steps "
        f"of {stride}; it finds {len(starts)} by {len(starts)} places"
        + (f" and leaves the last {beyond} rows and columns unread" if beyond else "")
    )
    return Animation(frames, still, seconds=0.7)


def _place(n, f, padding, outputs, visited):
    """The kernel at the last of the visited places, and the output cells filled so far."""
    picture = Picture("the kernel at one place", width=7, height=3.4)
    image, output = picture.subplots(1, 2, width_ratios=(n + 2 * padding, outputs))
    for i, j in np.ndindex(n + 2 * padding, n + 2 * padding):
        inside = padding <= i < n + padding and padding <= j < n + padding
        color = "0.75" if inside else "white"
        image.add_patch(_square(i - padding, j - padding, facecolor=color, edgecolor="0.4"))
        if not inside:
            image.text(j - padding, i - padding, "0", ha="center", va="center", color="0.4")
    i, j = visited[-1]
    image.add_patch(_square(i, j, f, facecolor=ORANGE, alpha=0.35))
    image.add_patch(_square(i, j, f, edgecolor=ORANGE, linewidth=4))
    image.set(xlim=(-padding - 0.7, n + padding - 0.3), ylim=(n + padding - 0.3, -padding - 0.7))
    image.set_title(f"image {n} × {n}" + (f", padding {padding}" if padding else ""))
    for k, place in enumerate(np.ndindex(outputs, outputs)):
        filled = k < len(visited)
        latest = k == len(visited) - 1
        color = ORANGE if latest else BLUE if filled else "white"
        output.add_patch(_square(*place, facecolor=color, edgecolor="0.4"))
    output.set(xlim=(-0.7, outputs - 0.3), ylim=(outputs - 0.3, -0.7))
    output.set_title(f"output {outputs} × {outputs}")
    for axes in picture.axes:
        axes.set_aspect("equal")
        axes.axis("off")
    return picture


def row_places(n, rows, *, stride=1):
    """One row of pixels under several kernels: their places, and where each number is written.

    Parameters
    ----------
    n : int
        Pixels in the row.
    rows : dict
        Caption to (f, before, after): pixels of the kernel, zeros on the left and on the right.
    stride : int
        Pixels from one place to the next; a number of the output is drawn as wide as the stride.

    Raises
    ------
    ValueError
        Where a kernel does not fit into its padded row.
    """
    for f, left, right in rows.values():
        if f > n + left + right:
            raise ValueError(
                f"row_places: f is {f}, it needs {n + left + right} at most, the padded row"
            )
    before = max(left for _, left, _ in rows.values())
    after = max(right for _, _, right in rows.values())
    stories = []
    picture = Picture("rows of pixels", width=1 + 0.55 * (n + before + after), height=2 * len(rows))
    every = picture.subplots(len(rows), 1, squeeze=False).flat
    for axes, (caption, (f, left, right)) in zip(every, rows.items(), strict=True):
        starts = range(-left, n + right - f + 1, stride)
        for j in range(-left, n + right):
            inside = 0 <= j < n
            axes.add_patch(_square(0, j, facecolor="0.75" if inside else "white", edgecolor="0.4"))
            axes.text(j, 0, j if inside else "0", ha="center", va="center", color="0.3")
        for k, start in enumerate(starts):
            middle, target = start + (f - 1) / 2, k * stride + (stride - 1) / 2
            bar = 1 + 0.35 * (k % -(-f // stride))
            axes.plot((start - 0.4, start + f - 0.6), (bar, bar), color=ORANGE, linewidth=4)
            axes.plot((middle, target), (bar, 2.5), color=BLACK, marker="o", markersize=3)
            place = (k * stride - 0.5, 2.5)
            axes.add_patch(Rectangle(place, stride, 0.8, facecolor=BLUE, edgecolor="white"))
        for height, name in ((0, "pixels"), (1.2, "kernel"), (2.9, "output")):
            axes.text(-before - 0.8, height, name, ha="right", va="center")
        axes.set(xlim=(-before - 2.4, n + after - 0.3), ylim=(3.5, -0.7), aspect="equal")
        axes.set_title(caption, fontsize=10)
        axes.axis("off")
        moved = -left + (f - 1) / 2 - (stride - 1) / 2
        side = "right" if moved > 0 else "left"
        where = f"{abs(moved):g} pixels to the {side} of" if moved else "exactly above"
        starting = ", ".join(map(str, starts))
        stories.append(
            f"{caption}: kernels start at {starting}, their middles lie {where} "
            "the numbers they write"
        )
    picture.alt = f"one row of {n} pixels; {'; '.join(stories)}"
    return picture


def borders(cases):
    """Padded photographs, each beside the edges found in it, all edges on one gray scale.

    Parameters
    ----------
    cases : dict
        Caption to (image, edges), each (H, W); the caption says what the border does.
    """
    picture = Picture(
        "padded photographs and the edges in them; " + "; ".join(cases),
        width=2.4 * 2 * len(cases),
        height=2.7,
    )
    strongest = max(edges.max() for _, edges in cases.values())
    axes = iter(picture.subplots(1, 2 * len(cases)))
    for caption, (image, edges) in cases.items():
        photograph, found = next(axes), next(axes)
        photograph.imshow(image, cmap="gray")
        photograph.set_title("padded photograph", fontsize=10)
        found.imshow(edges, cmap="gray", vmin=0, vmax=strongest)
        found.set_title(caption, fontsize=10)
    for each in picture.axes:
        each.axis("off")
    return picture


def answers(pictures, maps, region):
    """Pictures, and the signed maps of kernels, with one region outlined on all of them.

    Parameters
    ----------
    pictures : dict
        Caption to (H, W) gray or (H, W, 3) color.
    maps : dict
        Caption to (H', W') signed map; one scale for all, shown beside them.
    region : pair of slice
        Rows and columns of the maps, which lie centered on the pictures.
    """
    strongest = {caption: np.abs(values[region]).max() for caption, values in maps.items()}
    picture = Picture(
        f"{' and '.join(pictures)} with a region outlined; strongest answer in it: "
        + ", ".join(f"{caption} {value:.1f}" for caption, value in strongest.items()),
        width=2.4 * (len(pictures) + len(maps)) + 0.8,
        height=2.7,
    )
    rows, columns = region
    size = columns.stop - columns.start, rows.stop - rows.start
    limit = max(np.abs(values).max() for values in maps.values())
    signed = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    map_height = len(next(iter(maps.values())))
    every = picture.subplots(1, len(pictures) + len(maps))
    for axes, (caption, values) in zip(every, (pictures | maps).items(), strict=True):
        axes.imshow(values, **(signed if caption in maps else {"cmap": "gray"}))
        edge = (len(values) - map_height) / 2
        corner = columns.start + edge - 0.5, rows.start + edge - 0.5
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=ORANGE, linewidth=2))
        axes.set_title(caption, fontsize=10)
        axes.axis("off")
    picture.colorbar(
        axes.images[0], ax=list(every), label="answer of the kernel", shrink=0.75, aspect=15
    )
    return picture


def _square(i, j, side=1, **style):
    style = {"facecolor": "none", "linewidth": 1} | style
    return Rectangle((j - 0.5, i - 0.5), side, side, **style)


def volumes(n, f, kernels):
    """An image of three channels, several kernels as deep as it, and one map from each kernel.

    Parameters
    ----------
    n, f : int
        Side of the image and of the kernels, in pixels.
    kernels : int
        How many there are.
    """
    m = n - f + 1
    picture = Picture(
        f"an image of {n} by {n} by 3, drawn as a red, a green and a blue sheet; {kernels} kernels "
        f"of {f} by {f} by 3; each gives one map of {m} by {m}, together {m} by {m} by {kernels}",
        width=9,
        height=3.4,
    )
    axes = picture.subplots()
    depth = 0.55
    _sheets(axes, 0, 0, n, (VERMILION, GREEN, BLUE), depth, frame=f)
    axes.text(n / 2, n + 1.6, f"image {n} × {n} × 3", ha="center", va="top")
    left = n + 4
    step = f + 2 * depth + 1.2
    tops = n / 2 - step * kernels / 2 + 0.8 + step * np.arange(kernels)
    for top in tops:
        _sheets(axes, left, top, f, (VERMILION, GREEN, BLUE), depth)
    axes.text(left + f / 2, n + 1.6, f"{kernels} kernels {f} × {f} × 3", ha="center", va="top")
    right = left + f + 6
    grays = [str(0.85 - 0.25 * k) for k in range(kernels)]
    _sheets(axes, right, (n - m) / 2, m, grays, depth)
    axes.text(right + m / 2, n + 1.6, f"output {m} × {m} × {kernels}", ha="center", va="top")
    for start, end in ((n + 1.7, left - 0.6), (left + f + 1.8, right - 0.6)):
        arrow = {"arrowstyle": "->", "color": BLACK, "linewidth": 1.5}
        axes.annotate("", (end, n / 2), (start, n / 2), arrowprops=arrow)
    axes.set(xlim=(-0.5, right + m + 2), ylim=(n + 1.8, -2.2), aspect="equal")
    axes.axis("off")
    return picture


def _sheets(axes, left, top, side, colors, depth, frame=0):
    """Square grids behind one another, the first in front; a kernel's frame on each."""
    for k, color in enumerate(colors):
        x, y = left + k * depth, top - k * depth
        lines = np.arange(side + 1)
        sheet = {"zorder": -k, "linewidth": 0.7, "colors": "white"}
        axes.add_patch(Rectangle((x, y), side, side, facecolor=color, zorder=-k))
        axes.vlines(x + lines, y, y + side, **sheet)
        axes.hlines(y + lines, x, x + side, **sheet)
        if frame:
            style = {"fill": False, "edgecolor": ORANGE, "linewidth": 3, "zorder": -k}
            axes.add_patch(Rectangle((x, y), frame, frame, **style))


def stacked_windows(stacks):
    """What one number behind each stack of convolutions sees, and how many weights that takes.

    Parameters
    ----------
    stacks : sequence of tuples of int
        Sides f of each stack's windows, from the input on; stride 1, C channels everywhere.
    """
    told = []
    for windows in stacks:
        names = " and ".join(f"{f} × {f}" for f in windows)
        side, weights = _seen(windows), sum(f * f for f in windows)
        told.append(f"behind {names} it sees {side} × {side} places, with {weights} C² weights")
    widths = [len(windows) + 1 for windows in stacks]
    picture = Picture(
        f"one number and the places of the input that it sees: {'; '.join(told)}",
        width=1.9 * sum(widths),
        height=2.9,
    )
    panels = picture.subplots(1, len(stacks), width_ratios=widths, squeeze=False).flat
    tallest = max(map(_seen, stacks))
    for axes, windows in zip(panels, stacks, strict=True):
        left = 0
        for k, f in enumerate(windows):
            side = _seen(windows[k:])
            then = left + side + 2
            _grid_of_places(axes, left, side, "input" if k == 0 else f"map {k}", tallest)
            _window_to_place(axes, left, side, f, then, _seen(windows[k + 1 :]))
            words = f"{f} × {f}:\n{f * f} $C^2$"
            axes.text(
                left + side + 1, -tallest / 2 - 0.4, words, ha="center", va="top", fontsize=10
            )
            left = then
        _grid_of_places(axes, left, 1, f"map {len(windows)}", tallest)
        total = sum(f * f for f in windows)
        names = " then ".join(f"{f} × {f}" for f in windows)
        axes.set_title(f"{names}: {total} $C^2$ weights", fontsize=11)
        axes.set(xlim=(-0.3, left + 1.3), ylim=(-tallest / 2 - 2, tallest / 2 + 0.9))
        axes.set_aspect("equal")
        axes.axis("off")
    return picture


def _seen(windows):
    """Side of the square that one number behind these windows sees."""
    return 1 + sum(f - 1 for f in windows)


def _grid_of_places(axes, left, side, name, tallest):
    for i in range(side):
        for j in range(side):
            corner = left + j, side / 2 - 1 - i
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=SKY, edgecolor="white", alpha=0.6))
    axes.text(left + side / 2, tallest / 2 + 0.2, name, ha="center", va="bottom", fontsize=10)


def _window_to_place(axes, left, side, f, then, places):
    """The first window, framed, the place that it gives, filled, and lines between the two."""
    style = {"edgecolor": VERMILION, "linewidth": 2}
    axes.add_patch(Rectangle((left, side / 2 - f), f, f, fill=False, **style))
    axes.add_patch(Rectangle((then, places / 2 - 1), 1, 1, facecolor=VERMILION, zorder=2))
    for high, low in ((side / 2, places / 2), (side / 2 - f, places / 2 - 1)):
        axes.plot([left + f, then], [high, low], color=VERMILION, linewidth=1)
