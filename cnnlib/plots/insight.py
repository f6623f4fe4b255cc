"""Pictures of what networks see: patches, directions of edges, heat over photographs."""

import numpy as np
from matplotlib.colors import to_rgb

from cnnlib.plots.picture import BLUE, GREEN, ORANGE, VERMILION, Picture

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


def heat(panels, *, alt, one_scale=True, outline=None):
    """Maps as heat over gray photographs, beside each other.

    Parameters
    ----------
    panels : dict
        Caption to a pair: an (H, W, 3) photograph in 0…1 and an (h, w) map, 0 or more.
    alt : str
        What the panels show together.
    one_scale : bool
        Full heat is the largest number of all maps; else of each map alone.
    outline : (n, 2) array, optional
        x and y of a polygon on every photograph, in shares of its width and height.
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
        if outline is not None:
            closed = np.vstack([outline, outline[:1]]) * (1, extent[2])
            axes.plot(*closed.T, color=BLUE, linewidth=1.5)
        axes.set(xlim=extent[:2], ylim=extent[2:])
        axes.set_title(caption, fontsize=10)
        axes.axis("off")
    return picture
