"""The pictures of lesson 01 of week 4: faces found, thresholds chosen, people turned away."""

import numpy as np
from matplotlib.patches import Circle

from cnnlib.plots.boxes import draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SKY, VERMILION, Picture

_QUIET = "#777777"


def faces_as_points(enrolled, again, other):
    """What an encoder does, drawn: two pictures of A and one of B become points in the plane.

    The places of the points are drawn, not computed.

    Parameters
    ----------
    enrolled, again, other : (H, W, 1) arrays
        A's enrolled picture, another one of A, one of B; in 0…1.
    """
    picture = Picture(
        "two pictures of person A and one of person B go through f and become points: A's other "
        "picture lies within a circle of radius τ around A's enrolled one, B's picture outside",
        width=6.6,
        height=3.3,
    )
    grid = picture.add_gridspec(3, 3, width_ratios=[1, 0.9, 3])
    plane = picture.add_subplot(grid[:, 2])
    names = ("A, enrolled", "A again", "B")
    points = ((0.0, 0.0), (0.45, 0.4), (1.5, -0.55))
    colors = (BLUE, BLUE, ORANGE)
    rows = zip(names, (enrolled, again, other), points, colors, strict=True)
    for row, (name, image, point, color) in enumerate(rows):
        axes = picture.add_subplot(grid[row, 0])
        draw_image(axes, image)
        axes.text(-0.12, 0.5, name, transform=axes.transAxes, va="center", ha="right", color=color)
        arrow = {"arrowstyle": "->", "color": _QUIET}
        axes.annotate("", (2.0, 0.5), (1.1, 0.5), xycoords="axes fraction", arrowprops=arrow)
        axes.text(1.55, 0.58, "f", transform=axes.transAxes, ha="center", style="italic")
        plane.plot(*point, "o", color=color, markersize=9)
        plane.annotate(name, point, (0, -9), textcoords="offset points", ha="center", va="top")
    plane.add_patch(Circle(points[0], 1, fill=False, linestyle="--", linewidth=1.4))
    plane.plot([0, -0.8], [0, 0.6], color="black", linewidth=1)
    plane.text(-0.5, 0.42, "τ", ha="left", va="bottom", fontsize=12)
    plane.set(xlim=(-1.15, 2.0), ylim=(-1.15, 1.15), aspect="equal", xticks=[], yticks=[])
    return picture


def nearest_faces(enrolled, pictures, found, *, count=8):
    """New pictures of the first people, and below each the enrolled face that an encoding finds.

    Parameters
    ----------
    enrolled : (n, H, W, 1) array
        One face a person, in 0…1.
    pictures : (n, H, W, 1) array
        Another picture of each.
    found : dict
        Name of an encoding to (n,) indices into `enrolled`.
    count : int
        People to show.
    """
    told = "; ".join(
        f"{name} find {np.sum(rows[:count] == np.arange(count))} of them"
        for name, rows in found.items()
    )
    picture = Picture(
        f"the first {count} of {len(enrolled)} people, one enrolled picture of each: {told}",
        width=1.05 * count + 0.9,
        height=1.25 * (len(found) + 1),
    )
    rows = picture.subplots(1 + len(found), count, squeeze=False)
    for axes, image in zip(rows[0], pictures, strict=False):
        draw_image(axes, image)
    for row, (_, indices) in zip(rows[1:], found.items(), strict=True):
        for i, (axes, index) in enumerate(zip(row, indices, strict=False)):
            draw_image(axes, enrolled[index])
            right = index == i
            axes.set_title(
                "right" if right else "wrong",
                color=GREEN if right else VERMILION,
                fontsize=9,
                pad=2,
            )
    for row, name in zip(rows, ["new picture", *found], strict=True):
        row[0].text(
            -0.12, 0.5, name, transform=row[0].transAxes, rotation=90, va="center", ha="right"
        )
    return picture


def distance_histograms(rows):
    """How far apart two pictures of one person are, and of two people, for each encoding.

    Parameters
    ----------
    rows : dict
        Name to (distances, same), (p,) arrays.
    """
    told = "; ".join(
        f"{name}: {np.mean(d[~same] <= np.median(d[same])):.0%} of the different pairs are nearer "
        "than the median pair of one person"
        for name, (d, same) in rows.items()
    )
    picture = Picture(f"histograms of distances: {told}", width=4.2 * len(rows), height=3.1)
    panels = picture.subplots(1, len(rows), squeeze=False)[0]
    for axes, (name, (distances, same)) in zip(panels, rows.items(), strict=True):
        bins = np.linspace(0, distances.max(), 41)
        for kind, color, label in ((same, BLUE, "one person"), (~same, ORANGE, "two people")):
            shares = np.ones(kind.sum()) / kind.sum()
            axes.hist(distances[kind], bins, weights=shares, color=color, alpha=0.65, label=label)
        axes.set_title(name, fontsize=11)
        axes.set(xlabel="distance d", ylabel="share of the pairs")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].legend(frameon=False, fontsize=9)
    return picture


def errors_over_thresholds(curve, marked):
    """False accepts and false rejects against the threshold.

    Parameters
    ----------
    curve : cnnlib.faces.verification.Roc
    marked : dict
        Name to a threshold that gets a line.
    """
    thresholds, accepts, rejects = curve.thresholds, curve.false_accepts, 1 - curve.true_accepts
    told = ", ".join(marked)
    picture = Picture(
        "as the threshold grows, false accepts rise from 0 to 1 and false rejects fall from 1 to "
        f"0; marked: {told}",
        width=7,
        height=3.3,
    )
    axes = picture.subplots()
    axes.step(
        thresholds[1:], accepts[1:], where="post", color=VERMILION, lw=2, label="false accepts"
    )
    axes.step(thresholds[1:], rejects[1:], where="post", color=BLUE, lw=2, label="false rejects")
    for (name, threshold), color in zip(marked.items(), ("black", _QUIET), strict=False):
        axes.axvline(threshold, color=color, linestyle="--", linewidth=1.3)
        axes.text(threshold + 0.005, 0.97, name, color=color, va="top", fontsize=9)
    axes.set(xlabel="threshold τ", ylabel="share of the pairs", ylim=(-0.02, 1.02))
    axes.legend(frameon=False, loc="center right")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def roc_curves(curves, rates):
    """True accepts against false accepts for every threshold, one line for each encoding.

    Parameters
    ----------
    curves : dict
        Name to `cnnlib.faces.verification.Roc`.
    rates : dict
        Name to equal error rate, which gets a dot.
    """
    first, *others = sorted(rates, key=rates.get)
    picture = Picture(
        f"ROC curves: {first} lie nearest to the corner of no errors, then {', '.join(others)}",
        width=4.6,
        height=3.9,
    )
    axes = picture.subplots()
    axes.plot([0, 1], [1, 0], color=_QUIET, linestyle=":", linewidth=1.2, label="equal errors")
    for (name, curve), color in zip(curves.items(), (ORANGE, BLUE, GREEN), strict=False):
        axes.plot(curve.false_accepts, curve.true_accepts, color=color, lw=2, label=name)
        axes.plot(rates[name], 1 - rates[name], "o", color=color, markersize=7)
    axes.set(xlabel="false accepts", ylabel="true accepts", xlim=(0, 1), ylim=(0, 1.01))
    axes.legend(frameon=False, loc="center right")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def rates_by_run(rows):
    """Equal error rates of several runs, a row of dots for each encoding.

    Parameters
    ----------
    rows : dict
        Name to (runs,) rates.
    """
    order = ", ".join(sorted(rows, key=lambda name: np.mean(rows[name])))
    picture = Picture(
        f"equal error rates of {len(next(iter(rows.values())))} runs, from low to high: {order}",
        width=6.6,
        height=0.45 * len(rows) + 0.8,
    )
    axes = picture.subplots()
    for place, rates in enumerate(rows.values()):
        axes.plot(rates, [place] * len(rates), "o", color=BLUE, markersize=7, alpha=0.6)
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="equal error rate", ylim=(len(rows) - 0.5, -0.5))
    axes.set_xlim(left=0)
    axes.grid(axis="x", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def errors_over_people(k, rows):
    """The share of wrong identifications against the number K of enrolled people.

    Parameters
    ----------
    k : (n,) array
    rows : dict
        Name to (n,) shares. The first is drawn as a line, the others as points.
    """
    picture = Picture(
        f"the error over K from {min(k)} to {max(k)} people rises in every row; at K = {max(k)} "
        f"the lowest is {min(rows, key=lambda name: rows[name][-1])}",
        width=6.6,
        height=3.6,
    )
    axes = picture.subplots()
    styles = zip(("-", "o", "s", "^"), (SKY, BLUE, VERMILION, GREEN), strict=True)
    for (name, shares), (style, color) in zip(rows.items(), styles, strict=False):
        line = "" if style == "-" else ":"
        axes.plot(k, shares, style + line, color=color, lw=4 if style == "-" else 1.2, label=name)
    axes.set(xlabel="enrolled people K", ylabel="share let in", ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def passes_by_stranger(passes, by_coins, *, people):
    """For how many enrolled people each stranger passes, and what coins give in their place.

    Parameters
    ----------
    passes : (m,) array of int
    by_coins : (trials, m) array of int
        The same numbers where every comparison is a coin.
    people : int
        How many are enrolled.
    """
    passes = np.sort(passes)[::-1]
    coins = np.sort(by_coins, axis=1)[:, ::-1].mean(axis=0)
    picture = Picture(
        f"bars for {len(passes)} strangers: some pass for many of the {people} people, some for "
        f"nobody; the most common faces pass {'more' if passes[0] > coins[0] else 'less'} often "
        "than coins would let them",
        width=6.6,
        height=3.0,
    )
    axes = picture.subplots()
    places = np.arange(1, len(passes) + 1)
    axes.bar(places, passes, color=BLUE, label="faces")
    axes.step(places, coins, where="mid", color=VERMILION, linewidth=2, label="coins, mean")
    axes.set(xlabel="strangers, most common face first", ylabel="people they pass for")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def at_the_door(images, matches, *, threshold):
    """Faces before a door, with what the gallery answered.

    Parameters
    ----------
    images : sequence of (H, W) or (H, W, C) arrays
    matches : sequence of pairs
    threshold : float
    """
    words = [name or "not recognized" for name, _ in matches]
    picture = Picture(
        f"{len(words)} faces before a door: {', '.join(words)}",
        width=1.9 * len(words),
        height=2.3,
    )
    panels = picture.subplots(1, len(words), squeeze=False)[0]
    for axes, image, (name, distance), word in zip(panels, images, matches, words, strict=True):
        draw_image(axes, image)
        sign = "≤" if name else ">"
        color = VERMILION if name is None else GREEN
        axes.set_title(f"{word}\n{distance:.2f} {sign} {threshold:.2f}", color=color, fontsize=10)
    return picture


def live_and_recaptured(live, recaptures, *, opens, count=8):
    """Faces as a camera takes them, above their recaptures, and which of these open the door.

    Parameters
    ----------
    live, recaptures : (m, H, W, 1) arrays
    opens : (m,) array of bool
        Whether the recapture passes for the person.
    count : int
        Faces to show.
    """
    told = "some of them open" if np.any(opens[:count]) else "none of them opens"
    picture = Picture(
        f"{count} live faces above their recaptures: these are flat and less sharp, with stripes "
        f"or a spot of light; {told} the door",
        width=1.05 * count + 0.5,
        height=2.7,
    )
    rows = picture.subplots(2, count)
    for row, images, name in zip(rows, (live, recaptures), ("live", "recapture"), strict=True):
        for axes, image in zip(row, images, strict=False):
            draw_image(axes, image)
        row[0].text(
            -0.1, 0.5, name, transform=row[0].transAxes, rotation=90, va="center", ha="right"
        )
    for axes, opened in zip(rows[1], opens, strict=False):
        word, color = ("opens", VERMILION) if opened else ("stays shut", GREEN)
        axes.set_title(word, color=color, fontsize=9, pad=2)
    return picture


def caught_by_artifact(shares):
    """The share of pictures that the liveness check calls a recapture, for each kind.

    Parameters
    ----------
    shares : dict
        Kind of picture to share, 0…1.
    """
    most = max(shares, key=shares.get)
    picture = Picture(
        f"bars for {len(shares)} kinds of pictures: most often called a recapture is {most}",
        width=6.6,
        height=0.38 * len(shares) + 0.8,
    )
    axes = picture.subplots()
    bars = axes.barh(list(shares), list(shares.values()), color=BLUE)
    axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    axes.invert_yaxis()
    axes.set(xlabel="share called a recapture", xlim=(0, 1.08))
    axes.spines[["top", "right"]].set_visible(False)
    return picture
