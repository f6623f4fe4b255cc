"""Pictures of depth: blocks with and without a shortcut, what they learn, how gradients travel."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import LogLocator, NullLocator

from cnnlib.plots.picture import BLUE, ORANGE, VERMILION, Picture

_HUES = {"plain": BLUE, "residual": VERMILION}
_STYLES = ("-", "--", "-.")  # lines that coincide stay visible
_INPUT, _OUTPUT = "$a^{[l]}$", "$a^{[l+2]}$"


def residual_blocks():
    """A plain block, an identity block and a convolution block beside each other."""
    picture = Picture(
        "three blocks, their input a at the top: a plain block of two convolutions; an identity "
        "block, where an arrow leads a past them to a plus sign before the last ReLU; a "
        "convolution block, where a 1 × 1 convolution W_s lies on that arrow",
        width=9,
        height=4.4,
    )
    titles = "plain block", "identity block", "convolution block"
    for axes, title in zip(picture.subplots(1, 3), titles, strict=True):
        stride = ", stride 2" if title == "convolution block" else ""
        chain = {_INPUT: 8.8, f"conv 3×3{stride}\nbatch norm": 7.2, "ReLU": 5.7}
        chain |= {"conv 3×3\nbatch norm ": 4.2, "+": 2.7, "ReLU ": 1.2, _OUTPUT: -0.3}
        if title == "plain block":
            del chain["+"]
        else:
            _shortcut(axes, changes_shape=title == "convolution block")
        _chain(axes, chain)
        axes.set_title(title, fontsize=11)
        axes.set(xlim=(-1.35, 3.5), ylim=(-0.7, 9.2))
        axes.axis("off")
    return picture


def _chain(axes, heights):
    """Words one below the other, in a box where they name a layer, joined by arrows."""
    bottom = None
    for words, height in heights.items():
        half = 0.55 if "\n" in words else 0.35
        if bottom is not None:
            axes.annotate(
                "", (0, height + half), (0, bottom), arrowprops={"arrowstyle": "->", "shrinkA": 0}
            )
        bottom = height - half
        if words in (_INPUT, "+", _OUTPUT):
            size, color = 13, VERMILION if words == "+" else "black"
            axes.text(0, height, words, ha="center", va="center", fontsize=size, color=color)
        else:
            _box(axes, 0, height, words, 2.3, BLUE if "conv" in words else ORANGE)


def _shortcut(axes, *, changes_shape):
    line = {"color": VERMILION, "linewidth": 1.8}
    axes.plot([0.45, 2.35, 2.35], [8.8, 8.8, 2.7], **line)
    axes.annotate("", (0.2, 2.7), (2.41, 2.7), arrowprops={"arrowstyle": "->", **line})
    if changes_shape:
        words = "$W_s$: conv 1×1,\n$n_C × n_C'$, stride 2\nbatch norm"
        _box(axes, 2.35, 5.7, words, 2.05, VERMILION)
    else:
        axes.text(2.45, 5.7, f"{_INPUT} itself", va="center", fontsize=9, color=VERMILION)


def _box(axes, x, y, words, width, color):
    height = 0.7 if "\n" not in words else 0.55 * (words.count("\n") + 1)
    corner = x - width / 2, y - height / 2
    axes.add_patch(
        FancyBboxPatch(
            corner,
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor="white",
            edgecolor=color,
            zorder=3,
        )
    )
    axes.text(x, y, words.strip(), ha="center", va="center", fontsize=9, zorder=4)


def losses_by_depth(losses, *, here=None):
    """Training loss after each epoch for networks of several depths, a panel a kind.

    Parameters
    ----------
    losses : dict
        "plain" and "residual", or one of them, to a dict of depth to a (seeds, epochs) array. At
        most three depths, the deeper the darker. Drawn as the mean over the seeds in a band from
        the least to the largest.
    here : dict, optional
        Pairs (kind, depth) to losses of the reader's own run, as rings.
    """
    told = "; ".join(
        f"{kind}: " + ", ".join(f"{np.mean(a, 0)[-1]:.2g} at {depth}" for depth, a in runs.items())
        for kind, runs in losses.items()
    )
    picture = Picture(
        f"training loss over epochs for networks of several depths; at the end, by layers, {told}",
        width=3.3 + 3.2 * len(losses),
        height=3.5,
    )
    panels = picture.subplots(1, len(losses), sharey=True, squeeze=False).flat
    for axes, (kind, runs) in zip(panels, losses.items(), strict=True):
        shades = _shades(_HUES[kind], len(runs))
        for color, style, (depth, values) in zip(shades, _STYLES, runs.items(), strict=False):
            values = np.asarray(values)
            epochs = np.arange(values.shape[1]) + 1
            axes.fill_between(epochs, values.min(0), values.max(0), color=color, alpha=0.15)
            axes.plot(epochs, values.mean(0), style, color=color, label=f"{depth} layers")
            if (kind, depth) in (here or {}):
                axes.plot(epochs, here[kind, depth], "o", color=color, fillstyle="none")
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("epoch")
        axes.set_title(kind, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9)
    picture.axes[0].set_ylabel("training loss")
    return picture


def gradients_by_layer(norms):
    """Gradient norm of the first convolution and of the last of each block, on a logarithmic axis.

    Parameters
    ----------
    norms : dict
        Name of the network, its first word "plain" or "residual", to its norms, from the input
        to the output. At most three networks of a kind.
    """
    told = "; ".join(f"{name}: {v[0]:.2g} to {v[-1]:.2g}" for name, v in norms.items())
    picture, axes = _norms(f"gradient norm by layer, from the first to the last; {told}", norms)
    axes.set_xlabel("input ←  the first convolution, then the last of each block  → output")
    for name, values in norms.items():
        axes.plot(range(1, len(values) + 1), values, **_line(name, norms), label=name)
    axes.legend(frameon=False, fontsize=9)
    return picture


def gradients_over_training(steps, norms):
    """Gradient norm over training, on a logarithmic axis of whole powers of ten.

    Parameters
    ----------
    steps : sequence of int
        When the norms were recorded.
    norms : dict
        Name of the line, its first word "plain" or "residual", to its norms, one for each of
        `steps`. At most three lines of a kind.
    """
    picture, axes = _norms(
        f"gradient norm over {steps[-1]} training steps, a line each: {'; '.join(norms)}", norms
    )
    axes.set_xlabel("training step")
    everything = np.concatenate([np.ravel(values) for values in norms.values()])
    decades = np.log10([everything.min(), everything.max()])
    axes.set_ylim(10 ** np.floor(decades[0]), 10 ** np.ceil(decades[1]))
    for name, values in norms.items():
        axes.plot(steps, values, marker="o", markersize=4, **_line(name, norms), label=name)
    axes.legend(frameon=False, fontsize=9)
    return picture


def _norms(alt, norms):
    for kind in _HUES:
        alike = len([name for name in norms if _kind(name) == kind])
        if alike > len(_STYLES):
            raise ValueError(
                f"gradient norms: {alike} lines are {kind}, there are {len(_STYLES)} line styles"
            )
    picture = Picture(alt, width=7.5, height=3.6)
    axes = picture.subplots()
    axes.set(yscale="log", ylabel="gradient norm")
    axes.spines[["top", "right"]].set_visible(False)
    return picture, axes


def _kind(name):
    kind = name.replace(",", " ").split()[0]
    if kind not in _HUES:
        raise ValueError(f"gradient norms: a line is '{name}', it needs to be plain or residual")
    return kind


def _line(name, names):
    """One hue for each kind of network, one style for each line of that kind."""
    kind = _kind(name)
    alike = [other for other in names if _kind(other) == kind]
    return {"color": _HUES[kind], "linestyle": _STYLES[alike.index(name)]}


def _shades(hue, count):
    """From a light mixture of the hue with white to the hue itself."""
    shares = np.linspace(0.45, 1, count)
    return [share * np.array(to_rgb(hue)) + 1 - share for share in shares]


def network_sizes(sizes):
    """Millions of parameters and billions of multiplications of networks, as bars.

    Parameters
    ----------
    sizes : dict
        Name of the network to a pair (parameters, multiplications).
    """
    told = "; ".join(f"{name} {p / 1e6:.1f} and {m / 1e9:.1f}" for name, (p, m) in sizes.items())
    picture = Picture(
        f"millions of parameters and billions of multiplications: {told}", width=9, height=2.6
    )
    units = ("parameters, millions", 1e6, BLUE), ("multiplications, billions", 1e9, ORANGE)
    for axes, (label, unit, color), numbers in zip(
        picture.subplots(1, 2, sharey=True), units, zip(*sizes.values(), strict=True), strict=True
    ):
        bars = axes.barh(list(sizes), [number / unit for number in numbers], color=color)
        axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=9)
        axes.set_xlabel(label)
        axes.margins(x=0.15)
        axes.spines[["top", "right"]].set_visible(False)
    picture.axes[0].invert_yaxis()
    return picture
