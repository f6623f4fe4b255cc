"""The pictures of lesson 02 of week 4: triplets, the plane of their distances, encodings, runs."""

import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from cnnlib.plots.picture import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Animation,
    Picture,
)

_COLORS = {
    "random": BLUE,
    "semi-hard": GREEN,
    "hard": VERMILION,
    "triplets": GREEN,
    "|f − g|": ORANGE,
    "χ²": PURPLE,
}
_MARKS = "osD^vPX*"  # with the colors, so that they can be told apart without them


def triplet_rows(images, distances, *, unit):
    """Triplets side by side: anchor, positive, negative, and how far the two are from the anchor.

    Parameters
    ----------
    images : (n, 3, height, width, channels) array
        Values in 0…1.
    distances : (n, 2) array
        Of the anchor from its positive, and from its negative.
    unit : str
        What the distances are distances of.
    """
    distances = np.asarray(distances)
    wrong = int((distances[:, 1] < distances[:, 0]).sum())
    picture = Picture(
        f"{len(images)} triplets of anchor, positive and negative with distances of {unit}; in "
        f"{wrong} of them the negative is nearer to the anchor than the positive",
        width=8,
        height=1.3,
    )
    groups = picture.subfigures(1, len(images), squeeze=False, wspace=0.06).flat
    for group, row, (positive, negative) in zip(groups, images, distances, strict=True):
        group.set_facecolor("#f4f4f4")
        names = "anchor", f"positive\n{positive:.2f} away", f"negative\n{negative:.2f} away"
        for axes, image, name in zip(group.subplots(1, 3), row, names, strict=True):
            axes.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=1)
            axes.set_xlabel(name, fontsize=9)
            axes.set(xticks=[], yticks=[])
    return picture


def one_encoder_twice(pictures, encodings, probability, *, parameters):
    """A siamese network: two pictures, one encoder, two encodings, one probability.

    Parameters
    ----------
    pictures : (2, height, width, channels) array
        Values in 0…1.
    encodings : (2, d) array
    probability : float
        That both show the same.
    parameters : int
        Of the encoder.
    """
    picture = Picture(
        f"two pictures go through one encoder with {parameters:,} parameters; its two encodings "
        "are compared number by number, and a logistic unit gives the probability that both show "
        "the same",
        width=8,
        height=2.8,
    )
    picture.set_layout_engine("none")  # everything has its place in inches
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 8), ylim=(0, 2.8))
    axes.axis("off")
    limit = np.abs(encodings).max()
    for image, encoding, bottom, name in zip(
        pictures, encodings, (1.6, 0.2), ("x_i", "x_j"), strict=True
    ):
        middle = bottom + 0.5
        inset = picture.add_axes((0.3 / 8, bottom / 2.8, 1 / 8, 1 / 2.8))
        inset.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=1)
        inset.set(xticks=[], yticks=[])
        axes.text(0.15, middle, f"${name}$", ha="center", va="center", fontsize=11)
        strip = picture.add_axes((3.75 / 8, (middle - 0.13) / 2.8, 1.6 / 8, 0.26 / 2.8))
        strip.imshow(encoding[None], cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
        strip.set(xticks=[], yticks=[])
        axes.text(4.55, middle + 0.2, f"$f({name})$", ha="center", va="bottom", fontsize=11)
        for start, end in (((1.35, middle), (1.85, middle)), ((3.2, middle), (3.7, middle))):
            axes.add_patch(_arrow(start, end))
        axes.add_patch(_arrow((5.4, middle), (5.85, 1.4 + (middle - 1.4) * 0.3)))
    for left, bottom, width, height, text, color in (
        (1.9, 0.35, 1.25, 2.1, f"one encoder $f$\n{parameters:,}\nparameters", SKY),
        (5.9, 1.0, 0.95, 0.8, "compare,\nweigh, $\\sigma$", ORANGE),
    ):
        box = FancyBboxPatch((left, bottom), width, height, boxstyle="round,pad=0.04", fc=color)
        box.set(alpha=0.45, ec="#333333")
        axes.add_patch(box)
        middle = left + width / 2, bottom + height / 2
        axes.text(*middle, text, ha="center", va="center", fontsize=10)
    axes.add_patch(_arrow((6.9, 1.4), (7.2, 1.4)))
    axes.text(7.6, 1.4, f"same:\n{probability:.2f}", ha="center", va="center", fontsize=11)
    return picture


def _arrow(start, end):
    return FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color="#333333")


def triplet_zones(positive, *, margin):
    """Where a negative makes a triplet hard, semi-hard or easy: circles around the anchor.

    Parameters
    ----------
    positive : float
        d(A, P), not squared.
    margin : float
        α.
    """
    kept = np.sqrt(positive**2 + margin)
    zones = {
        "hard": (VERMILION, 0.5 * positive, 205),
        "semi-hard": (ORANGE, (positive + kept) / 2, 325),
        "easy": (GREEN, 1.35 * kept, 0),
    }
    picture = Picture(
        "circles around an anchor A: a negative N inside the inner circle, through the positive P, "
        "makes a hard triplet; between the circles a semi-hard one; beyond the outer circle, where "
        "the margin is kept, an easy one",
        width=6.4,
        height=3.3,
    )
    axes = picture.subplots()
    for radius, color in ((kept, ORANGE), (positive, VERMILION)):
        axes.add_patch(Circle((0, 0), radius, fc="white"))
        axes.add_patch(Circle((0, 0), radius, fc=color, ec=color, alpha=0.3))
    for radius, degrees, label in (
        (positive, 60, "$d(A, P)$"),
        (kept, 130, "$\\sqrt{d(A, P)^2 + \\alpha}$"),
    ):
        end = radius * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        axes.add_patch(_arrow((0, 0), tuple(end)))
        axes.annotate(label, end, 1.35 * end, ha="center", va="center", fontsize=11)
        if radius == positive:
            axes.plot(*end, "s", color=BLUE, markersize=9)
            axes.annotate("P", end, 0.78 * end + (0.11, 0), ha="center", va="center")
    axes.plot(0, 0, "o", color="black", markersize=9)
    axes.annotate("A", (0, 0), (0.02, -0.13), ha="center", va="center", fontsize=11)
    for name, (color, radius, degrees) in zones.items():
        place = radius * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        axes.plot(*place, "^", color=color, markersize=10, markeredgecolor="black")
        words = (1.45 * kept, place[1]) if name != "hard" else (-1.45 * kept, place[1])
        side = "left" if name != "hard" else "right"
        axes.annotate(
            f"N: {name}",
            place,
            words,
            ha=side,
            va="center",
            fontsize=11,
            arrowprops={"arrowstyle": "-", "color": "gray", "shrinkB": 7},
        )
    axes.set(xlim=(-2.4 * kept, 2.4 * kept), ylim=(-1.1 * kept, 1.35 * kept), aspect="equal")
    axes.axis("off")
    return picture


def triplet_plane(panels, *, margin, every=1):
    """Triplets as points: d(A, P)² to the right, d(A, N)² upward, and which of them have a loss.

    A cloud that fills less than half of the common axes is drawn a second time, enlarged.

    Parameters
    ----------
    panels : dict
        Title to (of_positive, of_negative), two (n,) arrays of squared distances.
    margin : float
        α.
    every : int
        Draws every so many of the points; the shares count all.
    """
    limit = 1.05 * max(np.max(both) for both in panels.values())
    told = []
    for title, (of_positive, of_negative) in panels.items():
        most = np.argmax(_shares(of_positive, of_negative, margin))
        told.append(f"{title}: most are {('hard', 'semi-hard', 'easy')[most]}")
    picture = Picture(
        "triplets in the plane of the squared distances of anchor and positive, and of anchor and "
        "negative; " + "; ".join(told),
        width=4 * len(panels),
        height=4,
    )
    for axes, (title, (of_positive, of_negative)) in zip(
        picture.subplots(1, len(panels), sharey=True, squeeze=False).flat,
        panels.items(),
        strict=True,
    ):
        drawn = of_positive[::every], of_negative[::every]
        _cloud(axes, *drawn, margin, limit)
        shares = _shares(of_positive, of_negative, margin)
        for x, y, ha, va, name, share in (
            (0.97, 0.03, "right", "bottom", "hard", shares[0]),
            (0.97, 0.97, "right", "top", "semi-hard", shares[1]),
            (0.03, 0.97, "left", "top", "easy", shares[2]),
        ):
            word = f"{name}: {share:.0%}"
            axes.text(x, y, word, ha=ha, va=va, transform=axes.transAxes, fontsize=10)
        axes.set_xlabel("d(A, P)²")
        axes.set_title(title, fontsize=11)
        reach = 1.05 * max(np.max(of_positive), np.max(of_negative))
        if reach < limit / 2:
            inset = axes.inset_axes((0.42, 0.33, 0.54, 0.54))
            _cloud(inset, *drawn, margin, reach)
            inset.tick_params(labelsize=9)
            words = {"ha": "right", "va": "bottom", "fontsize": 9}
            inset.text(0.97, 0.03, "enlarged", transform=inset.transAxes, **words)
    picture.axes[0].set_ylabel("d(A, N)²")
    return picture


def _cloud(axes, of_positive, of_negative, margin, limit):
    """The three zones and the triplets in them."""
    line = np.array([0, limit])
    axes.set_facecolor("white")
    axes.fill_between(line, 0, line, color=VERMILION, alpha=0.18, linewidth=0)
    axes.fill_between(line, line, line + margin, color=ORANGE, alpha=0.25, linewidth=0)
    axes.fill_between(line, line + margin, 2 * limit, color=GREEN, alpha=0.12, linewidth=0)
    axes.plot(of_positive, of_negative, ".", color=BLUE, markersize=3, alpha=0.5)
    axes.set(xlim=(0, limit), ylim=(0, limit), aspect="equal")


def _shares(of_positive, of_negative, margin):
    """The shares of hard, semi-hard and easy triplets."""
    gap = np.asarray(of_positive) - np.asarray(of_negative)
    hard, loss = gap >= 0, gap + margin > 0
    return np.array([hard.mean(), (loss & ~hard).mean(), (~loss).mean()])


def encodings_over_steps(encodings, labels, steps, *, seconds=0.9):
    """Encodings on their way, in the two directions in which the last of them vary most.

    Parameters
    ----------
    encodings : (t, m, d) array
        Of the same m pictures after t numbers of steps.
    labels : (m,) array
        Up to eight identities.
    steps : (t,) sequence of int
    """
    encodings, labels = np.asarray(encodings), np.asarray(labels)
    last = encodings[-1] - encodings[-1].mean(axis=0)
    directions = np.linalg.svd(last, full_matrices=False)[2][:2]
    seen = (encodings - encodings.mean(axis=1, keepdims=True)) @ directions.T
    limit = 1.1 * np.abs(seen).max()
    names = np.unique(labels)
    alt = (
        f"encodings of {len(names)} identities never seen in training, {len(labels)} pictures, "
        f"over {steps[-1]} steps: one color and mark for each identity"
    )
    frames = [_points(alt, [seen[t]], [steps[t]], labels, limit) for t in range(len(steps))]
    still = _points(alt, [seen[0], seen[-1]], [steps[0], steps[-1]], labels, limit)
    return Animation(frames, still, seconds=seconds)


def _points(alt, panels, steps, labels, limit):
    picture = Picture(alt, width=7.4, height=3.7)
    grid = picture.subplots(1, len(panels), squeeze=False).flat
    palette = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, "#555555", "#8a6d00")
    for axes, points, step in zip(grid, panels, steps, strict=True):
        for place, name in enumerate(np.unique(labels)):
            x, y = points[labels == name].T
            axes.plot(x, y, _MARKS[place], color=palette[place], markersize=6, alpha=0.8)
        axes.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        axes.set(xlabel="first direction", ylabel="second direction")
        axes.locator_params(nbins=5)
        axes.set_title(f"after {step} steps", fontsize=11)
    return picture


def runs_of(results, measure, **wanted):
    """A measure of the trainings in a benchmark's results that are as wanted.

    Parameters
    ----------
    results : dict
        With "runs", a list of dicts.
    measure : str
        Which of their entries.
    **wanted
        What other entries have to be.

    Returns
    -------
    (runs, ...) array

    Raises
    ------
    ValueError
        Where no training is as wanted.

    Examples
    --------
    >>> results = {"runs": [{"kind": "hard", "error": [0.3, 0.2]}, {"kind": "easy", "error": []}]}
    >>> runs_of(results, "error", kind="hard")
    array([[0.3, 0.2]])
    """
    found = [run[measure] for run in results["runs"] if wanted.items() <= run.items()]
    if not found:
        raise ValueError(f"runs_of: no training has {wanted}")
    return np.array(found)


def runs_over_steps(steps, runs, *, ylabel, baseline=None, log=False):
    """A measure over the steps of training: thin lines are runs, thick ones their means.

    Parameters
    ----------
    steps : (t,) sequence of int
    runs : dict
        Method to a (seeds, t) array.
    ylabel : str
        The measure.
    baseline : tuple, optional
        Name and value of what needs no training, drawn dashed.
    log : bool
        Whether the measure has a logarithmic axis.
    """
    means = {name: np.mean(values, axis=0) for name, values in runs.items()}
    order = sorted(means, key=lambda name: means[name][-1])
    picture = Picture(
        f"{ylabel} over {steps[0]} to {steps[-1]} steps, means of "
        f"{len(next(iter(runs.values())))} seeds; lowest in the end is {order[0]}, then "
        + ", then ".join(order[1:]),
        width=7,
        height=3.5,
    )
    axes = picture.subplots()
    spare = iter((BLUE, ORANGE, GREEN, VERMILION, PURPLE))
    for name, values in runs.items():
        color = _COLORS.get(name) or next(spare)
        for run in values:
            axes.plot(steps, run, color=color, linewidth=0.8, alpha=0.4)
        axes.plot(steps, means[name], "o-", color=color, linewidth=2.5, markersize=5, label=name)
    if baseline:
        name, value = baseline
        axes.axhline(value, color="gray", linestyle="--", linewidth=1.5, label=name)
    if log:
        axes.set_yscale("log")
        axes.set_yticks([0.01, 0.03, 0.1, 0.3], ["0.01", "0.03", "0.1", "0.3"])
        axes.minorticks_off()
    else:
        axes.set_ylim(0, None)
    axes.set(xlabel="steps of training", ylabel=ylabel)
    axes.legend(frameon=False, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return picture
