"""Pictures of signals, films and solids, and of what networks make of them."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from cnnlib.plots.picture import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    SIGNED,
    VERMILION,
    Animation,
    Picture,
)

_COLORS = (BLUE, ORANGE, GREEN)


def piece_in_signal(signal, piece, *, rate, response=None, found=()):
    """A signal with a piece of it in color; below, how much each other piece resembles it.

    Parameters
    ----------
    signal : (length,) array
    piece : (first, last) int
        The samples of the piece, the last one not included.
    rate : float
        Samples a second.
    response : (length − f + 1,) array, optional
        What a filter made of the piece gives at each start of a window; without it only the signal
        is drawn.
    found : sequence of int
        Starts of windows to mark in the response and in the signal.
    """
    first, last = piece
    told = "" if response is None else "; below, the response of a filter made of that piece"
    picture = Picture(
        f"a signal of {len(signal) / rate:g} seconds with the piece from second {first / rate:g} "
        f"to {last / rate:g} in color{told}"
        + "".join(f", with a mark at second {start / rate:g}" for start in found),
        width=9,
        height=2.3 if response is None else 4.0,
    )
    rows = picture.subplots(1 if response is None else 2, sharex=True, squeeze=False)[:, 0]
    seconds = np.arange(len(signal)) / rate
    rows[0].plot(seconds, signal, color=BLACK, linewidth=1)
    rows[0].plot(seconds[first:last], signal[first:last], color=ORANGE, linewidth=2.5)
    rows[0].set_ylabel("voltage\n(units of the file)")
    if response is not None:
        rows[1].plot(seconds[: len(response)], response, color=BLUE, linewidth=1)
        for start in found:
            window = slice(start, start + last - first)
            rows[0].plot(seconds[window], signal[window], color=VERMILION, linewidth=2.5)
            rows[1].plot(seconds[start], response[start], "v", color=VERMILION, markersize=9)
        rows[1].plot(seconds[first], response[first], "v", color=ORANGE, markersize=9)
        rows[1].set_ylabel("response\nof the filter")
    rows[-1].set(xlabel="time in seconds (of a response: where its window begins)")
    if response is None:
        rows[-1].set_xlabel("time in seconds")
    for axes in rows:
        axes.spines[["top", "right"]].set_visible(False)
    return picture


def growth_by_dimension(counts):
    """Weights and multiplications of one layer in one, two and three dimensions.

    Parameters
    ----------
    counts : dict
        What is counted to its three whole numbers, for 1-D, 2-D and 3-D.
    """
    told = "; ".join(
        f"{what}: {', '.join(f'{n:,}' for n in numbers)}" for what, numbers in counts.items()
    )
    picture = Picture(
        f"dots for 1-D, 2-D and 3-D on logarithmic axes of one scale; {told}",
        width=8.4,
        height=2.4,
    )
    largest = max(map(max, counts.values()))
    panels = picture.subplots(1, len(counts), squeeze=False).flat
    for axes, color, (what, numbers) in zip(panels, _COLORS, counts.items(), strict=False):
        names = ["1-D", "2-D", "3-D"]
        axes.plot(numbers, names, "o", color=color, markersize=8)
        for name, number in zip(names, numbers, strict=True):
            axes.annotate(
                f"{number:,}", (number, name), (8, 0), textcoords="offset points", va="center"
            )
        axes.set(xscale="log", xlabel=f"{what} (logarithmic)", xlim=(100, 100 * largest))
        axes.set_ylim(-0.5, 2.5)
        axes.grid(axis="x", alpha=0.3)
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
    return picture


def window_in_volume(n, f):
    """A filter of f×f×f numbers inside a volume of n×n×n, and the one number that it gives.

    Parameters
    ----------
    n, f : int
        Voxels along a side.
    """
    m = n - f + 1
    picture = Picture(
        f"a small cube of {f} by {f} by {f} voxels inside a cube of {n} by {n} by {n}; an arrow "
        f"from it to one voxel of a cube of {m} by {m} by {m}, the output",
        width=7.5,
        height=2.9,
    )
    axes = picture.subplots()
    right = 2.0 * n
    down = (n - m) / 2
    _cube(axes, (0, 0, 0), n, BLACK, 0.05)
    _cube(axes, (2, 4, 3), f, ORANGE, 0.45)
    _cube(axes, (right, down, 0), m, BLACK, 0.05)
    _cube(axes, (right + 2, down + 4, 3), 1, BLUE, 0.9)
    start, end = _oblique(2 + f, 4 + f / 2, 3 + f), _oblique(right + 2, down + 4.5, 3)
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "linewidth": 1.5})
    words = {"va": "top", "ha": "center"}
    axes.text(n / 2, -n - 0.6, f"volume {n} × {n} × {n},\nfilter {f} × {f} × {f}", **words)
    axes.text(right + m / 2, -n - 0.6, f"output {m} × {m} × {m}", **words)
    axes.set(xlim=(-1, right + 1.5 * m + 1), ylim=(-n - 5, n / 2), aspect="equal")
    axes.axis("off")
    return picture


def _oblique(x, y, z):
    """Where a point lies on paper: x to the right, y down, z into the paper at 45 degrees."""
    return x + 0.45 * z, 0.45 * z - y


def _cube(axes, corner, side, color, alpha):
    """The three faces of a cube that one sees; `corner` is the front one at its upper left."""
    x, y, z = corner
    far = np.array([x, y, z]) + side
    front = [(x, y, z), (far[0], y, z), (far[0], far[1], z), (x, far[1], z)]
    top = [(x, y, z), (far[0], y, z), (far[0], y, far[2]), (x, y, far[2])]
    flank = [(far[0], y, z), (far[0], y, far[2]), tuple(far), (far[0], far[1], z)]
    faces = [[_oblique(*point) for point in face] for face in (front, top, flank)]
    axes.add_collection(PolyCollection(faces, facecolor=color, alpha=alpha))
    axes.add_collection(PolyCollection(faces, facecolor="none", edgecolor=color, linewidth=1.2))


def strips(rows, *, alt, signed=(), unit="frame", starts=None):
    """Films or solids as rows of pictures: one after the other in time, or in depth.

    Parameters
    ----------
    rows : dict
        Caption to a (count, height, width) array; rows may differ in count.
    alt : str
        What they show together.
    signed : sequence of str
        Captions whose numbers are drawn in blue and red around zero, the others in gray.
    unit : str
        What a picture of a row is: "frame" or "slice".
    starts : dict, optional
        Caption to the number of the row's first picture, where that is not 1; pictures of one
        number stand under each other.
    """
    starts = {caption: (starts or {}).get(caption, 1) for caption in rows}
    columns = max(starts[caption] - 1 + len(pictures) for caption, pictures in rows.items())
    side = min(1.1, 9.5 / (columns + 1))
    picture = Picture(alt, width=side * (columns + 1.4), height=len(rows) * (side + 0.25) + 0.35)
    grid = picture.subplots(len(rows), columns, squeeze=False)
    for panels, (caption, pictures) in zip(grid, rows.items(), strict=True):
        largest = np.abs(pictures).max()
        colors = {"cmap": "gray", "vmin": 0, "vmax": largest}
        if caption in signed:
            colors = {"cmap": SIGNED, "vmin": -largest, "vmax": largest}
        for number, axes in enumerate(panels, 1):
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(0 <= number - starts[caption] < len(pictures))
            if 0 <= number - starts[caption] < len(pictures):
                axes.imshow(pictures[number - starts[caption]], **colors)
                axes.set_title(f"{number}", fontsize=9, pad=2)
        panels[0].set_ylabel(caption, rotation=0, ha="right", va="center", fontsize=10)
    picture.supxlabel(f"number of the {unit}", fontsize=10)
    return picture


def patterns_and_signals(templates, signals):
    """A row for each kind: its pattern, and signals in which it occurs.

    Parameters
    ----------
    templates : (kinds, points) array
    signals : (kinds, count, length) array
    """
    kinds, count, length = signals.shape
    picture = Picture(
        f"{kinds} patterns, and beside each {count} signals of {length} samples in which it "
        "stands at another place, longer or shorter, higher or lower, in noise",
        width=9.5,
        height=1.35 * kinds + 0.4,
    )
    grid = picture.subplots(kinds, count + 1, sharey=True, width_ratios=[0.45] + [1] * count)
    for row, template, examples in zip(grid, templates, signals, strict=True):
        row[0].plot(template, color=ORANGE, linewidth=2)
        for axes, signal in zip(row[1:], examples, strict=True):
            axes.plot(signal, color=BLUE)
        for axes in row:
            axes.spines[["top", "right"]].set_visible(False)
    grid[0, 0].set_title("pattern", fontsize=10)
    grid[0, 1].set_title("signals", fontsize=10, loc="left")
    for axes in grid[-1]:
        axes.set_xlabel("sample")
    grid[kinds // 2, 0].set_ylabel("value")
    return picture


def accuracies_by_condition(accuracies, *, chance, ylabel="share of answers that are right"):
    """How many answers of each network are right, under each of two or more conditions.

    Parameters
    ----------
    accuracies : dict of dict
        Name of the condition to name of the network to share, 0…1; at most three networks.
    chance : float
        The share that guessing gets right.
    ylabel : str

    Raises
    ------
    ValueError
        Where the conditions differ in their networks, or for more than three.
    """
    conditions = list(accuracies)
    networks = list(accuracies[conditions[0]])
    if any(list(row) != networks for row in accuracies.values()) or len(networks) > len(_COLORS):
        raise ValueError(
            f"accuracies_by_condition: networks are {[list(r) for r in accuracies.values()]}, they "
            f"need to be the same for each condition, {len(_COLORS)} at most"
        )
    picture = Picture(
        f"bars for {', '.join(networks)}, in each of: {'; '.join(conditions)}; a line where "
        "guessing would be",
        width=7,
        height=3.0,
    )
    axes = picture.subplots()
    width = 0.8 / len(networks)
    for k, (network, color) in enumerate(zip(networks, _COLORS, strict=False)):
        places = np.arange(len(conditions)) + (k - (len(networks) - 1) / 2) * width
        heights = [accuracies[condition][network] for condition in conditions]
        bars = axes.bar(places, heights, 0.92 * width, color=color, label=network)
        axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=9)
    axes.axhline(chance, color=BLACK, linestyle="--", linewidth=1, label="guessing")
    axes.set(ylim=(0, 1.12), yticks=np.linspace(0, 1, 6), ylabel=ylabel)
    axes.set_xticks(range(len(conditions)), conditions)
    axes.spines[["top", "right"]].set_visible(False)
    picture.legend(*axes.get_legend_handles_labels(), loc="outside right center", frameon=False)
    return picture


def walks(images, signals, *, titles=None):
    """Digits, the walk around each, and the same walk as two curves: steps to the right and down.

    Parameters
    ----------
    images : (count, H, W) array
        Gray values in 0…1.
    signals : (count, steps, 2) array
        The steps, to the right and down.
    titles : sequence of str, optional
        One a digit.
    """
    count, steps, _ = signals.shape
    picture = Picture(
        f"{count} handwritten digits; under each, a walk of {steps} steps around its outline "
        "as dots colored by their number, with an arrow at the start; below, the same walk as two "
        "curves, one for the steps to the right and one for the steps down",
        width=3.1 * count,
        height=5.8,
    )
    upper, middle, lower = picture.subplots(3, count, height_ratios=(1, 1.1, 0.9), squeeze=False)
    columns = zip(upper, middle, lower, images, signals, titles or [""] * count, strict=True)
    for above, path, below, image, signal, title in columns:
        above.set_title(title, fontsize=11)
        above.imshow(image, cmap="gray", vmin=0, vmax=1)
        above.axis("off")
        places = signal.cumsum(axis=0)
        dots = path.scatter(*places.T, c=np.arange(1, steps + 1), cmap="viridis", s=14)
        path.plot(*places[-1], "o", color=VERMILION, markersize=9, fillstyle="none")
        ahead = {"arrowstyle": "->", "color": VERMILION, "linewidth": 2.5}
        path.annotate("", places[5], places[-1], arrowprops=ahead)
        path.set_aspect("equal")
        path.margins(0.1)
        path.invert_yaxis()
        path.axis("off")
        below.plot(signal[:, 0], color=BLUE, label="to the right")
        below.plot(signal[:, 1], color=ORANGE, label="down")
        below.set(xlabel="number of the step", ylim=(-1.2, 1.2))
        below.spines[["top", "right"]].set_visible(False)
    lower[0].set_ylabel("step")
    picture.colorbar(dots, ax=list(middle), label="number of the step", shrink=0.9)
    picture.legend(
        *lower[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return picture


def films(clips, titles):
    """Films side by side, moving; the still is their long exposure, with an arrow.

    Parameters
    ----------
    clips : (count, frames, H, W) array
        Gray values in 0…1.
    titles : sequence of str
        One a film.
    """
    clips = np.asarray(clips)
    alt = (
        f"{len(clips)} films of {clips.shape[1]} frames in which a handwritten digit moves: "
        f"{', '.join(titles)}; the still shows all frames of a film in one picture, with an arrow "
        "from the first place of the digit to the last"
    )
    exposures = clips.max(axis=1)
    still = _film_frame(exposures, titles, alt, "all frames")
    for axes, clip in zip(still.axes, clips, strict=True):
        start, end = (_middle(clip[k]) for k in (0, -1))
        axes.annotate(
            "", end, start, arrowprops={"arrowstyle": "->", "color": ORANGE, "linewidth": 3}
        )
    frames = [
        _film_frame(clips[:, k], titles, alt, f"frame {k + 1}") for k in range(clips.shape[1])
    ]
    return Animation(frames, still, seconds=0.35)


def _film_frame(pictures, titles, alt, words):
    picture = Picture(alt, width=2.0 * len(pictures), height=2.6)
    for axes, pixels, title in zip(
        picture.subplots(1, len(pictures), squeeze=False).flat, pictures, titles, strict=True
    ):
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=1)
        axes.set_title(title, fontsize=11)
        axes.axis("off")
    picture.supxlabel(words, fontsize=10)
    return picture


def _middle(pixels):
    """Column and row of the center of the ink."""
    rows, columns = np.indices(pixels.shape)
    return (columns * pixels).sum() / pixels.sum(), (rows * pixels).sum() / pixels.sum()


def space_time(slices):
    """Films cut along time: one row of pixels, frame under frame.

    Parameters
    ----------
    slices : dict
        Caption to a (frames, width) array of gray values.
    """
    picture = Picture(
        f"one row of pixels over the frames of {len(slices)} films, {', '.join(slices)}: a thing "
        "that moves to the left is a streak that leans one way, to the right the other way",
        width=3.6 * len(slices),
        height=1.9,
    )
    panels = picture.subplots(1, len(slices), squeeze=False).flat
    for axes, (caption, pixels) in zip(panels, slices.items(), strict=True):
        frames = len(pixels)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, aspect="auto")
        axes.set(xlabel="column, in pixels", yticks=range(frames), title=caption)
        axes.set_yticklabels(range(1, frames + 1))
    picture.axes[0].set_ylabel("frame")
    return picture


def direction_tables(labels, answers, names):
    """Tables with a row for each direction and a column for each answer, for several networks.

    Parameters
    ----------
    labels : (m,) array of int
    answers : dict
        Name of the network to its answers, (m,) array of int.
    names : sequence of str
        Of the directions.
    """
    picture = Picture(
        f"a table for each of {', '.join(answers)}: a row for each of the directions "
        f"{', '.join(names)}, a column for each answer, in each cell a share of the row",
        width=4.1 * len(answers),
        height=3.4,
    )
    panels = picture.subplots(1, len(answers), squeeze=False).flat
    for axes, (network, given) in zip(panels, answers.items(), strict=True):
        counts = np.zeros((len(names), len(names)))
        np.add.at(counts, (np.asarray(labels), np.asarray(given)), 1)
        shares = counts / counts.sum(axis=1, keepdims=True)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (i, j), share in np.ndenumerate(shares):
            ink = "white" if share > 0.6 else "black"
            axes.text(j, i, f"{share:.2f}", ha="center", va="center", color=ink)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="answer", title=network)
    picture.axes[0].set_ylabel("true direction")
    return picture


def responses_by_direction(differences, names):
    """How much more each filter responds to films than to the same films played backward.

    Parameters
    ----------
    differences : (directions, filters) array
        The mean over the films of a direction.
    names : sequence of str
        Of the directions.
    """
    differences = np.asarray(differences)
    picture = Picture(
        f"a row for each of the directions {', '.join(names)}, a column for each of "
        f"{differences.shape[1]} filters: red where the filter responds more to the films than to "
        "the same films played backward, blue where less; rows of opposite directions have "
        "opposite colors",
        width=7.5,
        height=2.4,
    )
    axes = picture.subplots()
    largest = np.abs(differences).max()
    image = axes.imshow(differences, cmap=SIGNED, vmin=-largest, vmax=largest)
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(differences.shape[1]), range(1, differences.shape[1] + 1))
    axes.set(xlabel="number of the filter", ylabel="direction")
    bar = picture.colorbar(image, ax=axes, ticks=[-largest, 0, largest], shrink=0.9)
    bar.set_ticklabels(["stronger\nbackward", "equal", "stronger\nforward"])
    return picture
