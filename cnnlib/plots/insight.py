"""Pictures of what networks see: patches, directions of edges, heat over photographs."""

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SIGNED, VERMILION, Picture

_GAP = 0.06  # of a patch's side


def patch_grids(layers, *, size=1.15):
    """The patches of units, three in a row: a row for each layer, a column for each unit.

    Parameters
    ----------
    layers : dict
        Caption of the row to a dict: caption of the unit to its patches, (s, s, 3) arrays in 0…1,
        strongest first, nine at most. NaN, beyond the photograph, stays white.
    size : float
        Of a unit's square, in inches.
    """
    columns = max(map(len, layers.values()))
    told = "; ".join(
        f"{caption.replace(chr(10), ', ')}: {', '.join(units)}" for caption, units in layers.items()
    )
    picture = Picture(
        f"nine patches of photographs for each unit, those that excite it most: {told}",
        width=0.5 + size * columns,
        height=(size + 0.25) * len(layers),
    )
    grid = picture.subplots(len(layers), columns, squeeze=False)
    for line, (caption, units) in zip(grid, layers.items(), strict=True):
        for axes in line:
            axes.set(xlim=(0, 3 + 2 * _GAP), ylim=(3 + 2 * _GAP, 0), xticks=[], yticks=[])
            axes.set_aspect("equal")
            axes.spines[:].set_visible(False)
        for axes, (name, patches) in zip(line, units.items(), strict=False):
            axes.set_title(name, fontsize=9, pad=3)
            for number, patch in enumerate(patches[:9]):
                top, left = (k * (1 + _GAP) for k in divmod(number, 3))
                shown = np.clip(np.nan_to_num(patch, nan=1.0), 0, 1)
                axes.imshow(shown, extent=(left, left + 1, top + 1, top), interpolation="nearest")
        line[0].set_ylabel(caption, fontsize=9)
    return picture


def field_boxes(photo, sides, center, names):
    """Receptive fields around one place of a photograph, the small ones once more, enlarged.

    Parameters
    ----------
    photo : (H, W, 3) array
        In 0…1.
    sides : sequence of int
        Of the fields, in pixels, from the smallest on.
    center : (int, int)
        Column and row of the pixel in their middle.
    names : sequence of str
        Of the layers.
    """
    told = ", ".join(f"{name} {side}" for name, side in zip(names, sides, strict=True))
    picture = Picture(
        "squares around a cat's eye, what one number of each layer sees, side in pixels: " + told,
        width=8,
        height=3.6,
    )
    whole, near = picture.subplots(1, 2, width_ratios=[photo.shape[1] / photo.shape[0], 1])
    colors = (BLUE, VERMILION, GREEN, ORANGE)
    reach = 1.3 * sides[2]
    for axes, shown in ((whole, slice(2, None)), (near, slice(0, 3))):
        axes.imshow(np.clip(photo, 0, 1), interpolation="nearest")
        axes.axis("off")
        for number in range(len(sides))[shown]:
            side, color = sides[number], colors[number % len(colors)]
            corner = (center[0] - side / 2, center[1] - side / 2)
            axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=color, linewidth=2))
            below = axes is near and number == 0  # its name would cover the next one's
            axes.annotate(
                f"{names[number]}: {side}",
                (corner[0], corner[1] + side * below),
                xytext=(2, -3 if below else 2),
                textcoords="offset points",
                va="top" if below else "bottom",
                fontsize=9,
                color="white",
                bbox={"facecolor": color, "edgecolor": "none", "pad": 1.5},
                annotation_clip=False,
            )
    near.set(xlim=(center[0] - reach, center[0] + reach))
    near.set(ylim=(center[1] + reach, center[1] - reach), title="the smallest, enlarged")
    return picture


def directions(filters, patches):
    """Direction of each filter against those of the patches that excite it most.

    Parameters
    ----------
    filters : (n,) array
        In degrees, from dark to light, −180 … 180.
    patches : (n, k) array
        Of each filter's patches; drawn on the turn that is nearest to the filter's own.
    """
    filters, patches = np.asarray(filters), np.asarray(patches)
    nearest = filters[:, None] + (patches - filters[:, None] + 180) % 360 - 180
    picture = Picture(
        f"{len(filters)} filters, by the direction in which they go from dark to light, against "
        f"the directions of {patches.shape[1]} patches each: the points lie along the diagonal",
        width=6,
        height=3.6,
    )
    axes = picture.subplots()
    axes.plot([-180, 180], [-180, 180], color="0.6", linewidth=1, label="filter's own direction")
    across = np.repeat(filters, patches.shape[1])
    axes.plot(across, nearest.ravel(), "o", color=BLUE, alpha=0.5, markersize=4, label="patch")
    ticks = range(-180, 181, 90)
    axes.set(xticks=ticks, yticks=ticks, ylim=(-240, 240))
    axes.set_xlabel("direction of the filter, degrees")
    axes.set_ylabel("of its patches, degrees")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    return picture


def over_depth(layers, measures, *, ylabel):
    """Measures over the layers of a network, a line each.

    Parameters
    ----------
    layers : sequence of str
        From the first to the last.
    measures : dict
        Name to one number for each layer.
    ylabel : str
        What is measured, with its unit.
    """
    told = "; ".join(
        f"{name} {'falls' if values[-1] < values[0] else 'rises'} from the first to the last"
        if abs(values[-1] - values[0]) > 0.1
        else f"{name} stays about the same"
        for name, values in measures.items()
    )
    picture = Picture(f"{ylabel}, over {len(layers)} layers: {told}", width=8, height=3.2)
    axes = picture.subplots()
    places = range(len(layers))
    colors = (BLUE, ORANGE, GREEN, VERMILION)
    for (name, values), color in zip(measures.items(), colors, strict=False):
        axes.plot(places, values, "o-", color=color, label=name)
    axes.set_xticks(places, labels=[layer.replace("_", "\n") for layer in layers], fontsize=9)
    axes.set(ylabel=ylabel, xlabel="layer, from the picture on")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return picture


def heat(panels, *, alt, one_scale=True):
    """Maps as heat over gray photographs, beside each other.

    Parameters
    ----------
    panels : dict
        Caption to a pair: an (H, W, 3) photograph in 0…1 and an (h, w) map, 0 or more.
    alt : str
        What the panels show together.
    one_scale : bool
        Full heat is the largest number of all maps; else of each map alone.
    """
    picture = Picture(alt, width=min(2.6 * len(panels), 10), height=2.9)
    tops = [values.max() for _, values in panels.values()]
    for axes, (caption, (photo, values)), top in zip(
        picture.subplots(1, len(panels), squeeze=False).flat, panels.items(), tops, strict=True
    ):
        top = max(tops) if one_scale else top
        extent = (0, 1, photo.shape[0] / photo.shape[1], 0)
        axes.imshow(photo.mean(axis=-1), cmap="gray", vmin=0, vmax=1, extent=extent)
        opacity = 0.85 * values / max(top, 1e-12)
        layer = np.dstack([np.broadcast_to(to_rgb(VERMILION), (*values.shape, 3)), opacity])
        axes.imshow(layer, extent=extent, interpolation="bilinear")
        axes.set(xlim=extent[:2], ylim=extent[2:])
        axes.set_title(caption, fontsize=10)
        axes.axis("off")
    return picture


def maps_beside(photo, maps, *, alt, columns=3):
    """Maps beside the photograph that they belong to, each on its own scale.

    Parameters
    ----------
    photo : (H, W, 3) array
        In 0…1.
    maps : dict
        Caption to an (h, w) map, 0 or more. Full color is reached by one number in a hundred.
    alt : str
        What the maps show together.
    columns : int
        Panels in a row.
    """
    rows = -(-(1 + len(maps)) // columns)
    picture = Picture(alt, width=2.7 * columns, height=2.95 * rows)
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes in grid:
        axes.axis("off")
    grid[0].imshow(np.clip(photo, 0, 1))
    grid[0].set_title("photograph", fontsize=10)
    for axes, (caption, values) in zip(grid[1:], maps.items(), strict=False):
        top = max(np.quantile(values, 0.99), 1e-12)
        axes.imshow(values, cmap="magma", vmin=0, vmax=top, interpolation="nearest")
        axes.set_title(caption, fontsize=10)
    return picture


def weighted_maps(maps, weights, heat):
    """Grad-CAM as a drawing: maps times weights, and more of them; their sum; ReLU.

    Parameters
    ----------
    maps : (h, w, n) array
        Some of the maps, 0 or more.
    weights : (n,) array
    heat : (h, w) array
        The weighted sum of all maps, before ReLU.
    """
    told = ", ".join(f"{'plus' if w > 0 else 'minus'} a map" for w in weights)
    count = maps.shape[-1]
    picture = Picture(
        f"{told} and further ones, each times its weight, give a sum with both signs; ReLU keeps "
        "what is above zero",
        width=9,
        height=2.3,
    )
    every = picture.subplots(1, count + 2)
    largest = np.abs(heat).max()
    for number, axes in enumerate(every[:count]):
        own = np.sign(weights[number]) * maps[..., number]
        axes.imshow(own, cmap=SIGNED, vmin=-np.abs(own).max(), vmax=np.abs(own).max())
        axes.set_title(f"{weights[number]:+.4f} ×", fontsize=10)
    for axes, values, title in (
        (every[-2], heat, "… all added"),
        (every[-1], np.maximum(heat, 0), "ReLU"),
    ):
        axes.imshow(values, cmap=SIGNED, vmin=-largest, vmax=largest)
        axes.set_title(title, fontsize=10)
    for axes in every:
        axes.set(xticks=[], yticks=[])
    return picture
