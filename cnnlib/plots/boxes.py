"""Pictures with boxes on them."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.picture import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Picture

BOX_COLORS = (ORANGE, SKY, VERMILION, GREEN, PURPLE, BLUE)  # of the classes 0, 1, 2 …, then again


def draw_image(axes, image):
    """An image whose pixel (i, j) covers j … j + 1 and i … i + 1, so that boxes fit on it."""
    image = np.asarray(image)
    height, width = image.shape[:2]
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
    axes.axis("off")


def draw_boxes(
    axes,
    boxes,
    labels=None,
    scores=None,
    names=None,
    *,
    color=None,
    linestyle="-",
    linewidth=2,
):
    """Frames on an image that `draw_image` has drawn, with a tag where there is something to say.

    Parameters
    ----------
    axes : matplotlib Axes
    boxes : (n, 4) array
        Corners (x_min, y_min, x_max, y_max) in pixels.
    labels : (n,) array of int, optional
        The class of each box: its color and, where `names` has one, the word on its tag.
    scores : (n,) array, optional
        The number on its tag.
    names : sequence of str, optional
        The words of the classes.
    color : str, optional
        One color for all of them.
    """
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    left, right = sorted(axes.get_xlim())
    top = min(axes.get_ylim())
    for i, (x_min, y_min, x_max, y_max) in enumerate(boxes):
        label = 0 if labels is None else int(labels[i])
        ink = color or BOX_COLORS[label % len(BOX_COLORS)]
        axes.add_patch(
            Rectangle(
                (x_min, y_min),
                x_max - x_min,
                y_max - y_min,
                fill=False,
                edgecolor=ink,
                linestyle=linestyle,
                linewidth=linewidth,
            )
        )
        words = tag(i, labels, scores, names)
        if words:
            on_the_right = x_min > (left + right) / 2
            low = y_min - top < 0.1 * abs(np.diff(axes.get_ylim())[0])  # no room above the box
            axes.text(
                x_max if on_the_right else x_min,
                y_min,
                words,
                fontsize=9,
                color="black",
                ha="right" if on_the_right else "left",
                va="top" if low else "bottom",
                bbox={"facecolor": ink, "edgecolor": "none", "pad": 1},
            ).set_in_layout(False)


def tag(i, labels, scores, names):
    """What stands on the tag of box i: "car 0.91", or a part of it, or nothing."""
    words = [] if labels is None or names is None else [str(names[int(labels[i])])]
    if scores is not None:
        words.append(f"{scores[i]:.2f}")
    return " ".join(words)


def boxed(images, targets, *, names=None, titles=None, tags=True, columns=4):
    """A row of pictures with their boxes, further rows where there are many.

    Parameters
    ----------
    images : sequence of (H, W, 3), (H, W, 1) or (H, W) arrays
        Values in 0…1.
    targets : sequence of dict
        `"boxes"` (n, 4), and `"labels"` (n,) and `"scores"` (n,) where there are some.
    names : sequence of str, optional
        The words of the classes.
    titles : sequence of str, optional
        One for each picture.
    tags : bool
        Whether to write names and scores on the boxes.
    columns : int
        Pictures in a row at most.

    Raises
    ------
    ValueError
        Where the numbers of images, targets and titles differ, or there is no image.
    """
    count = len(images)
    titles = [""] * count if titles is None else titles
    if not count or not count == len(targets) == len(titles):
        raise ValueError(
            f"boxed: there are {count} images, {len(targets)} targets and {len(titles)} titles, "
            "it needs as many of each, at least one"
        )
    if not tags:
        names, targets = None, [{**target, "scores": None} for target in targets]
    columns = min(columns, count)
    rows = -(-count // columns)
    height, width = np.shape(images[0])[:2]
    picture = Picture(
        f"{count} {'picture' if count == 1 else 'pictures'} with boxes: "
        + "; ".join(_told(*pair, names) for pair in zip(titles, targets, strict=True)),
        width=2.4 * columns,
        height=rows * (2.4 * height / width + (0.3 if any(titles) else 0)),
    )
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes, image, target, title in zip(grid, images, targets, titles, strict=False):
        draw_image(axes, image)
        draw_boxes(axes, target["boxes"], target.get("labels"), target.get("scores"), names)
        axes.set_title(title, fontsize=10)
    for axes in grid[count:]:
        axes.axis("off")
    return picture


def _told(title, target, names):
    """One picture in words: its title and the tags of its boxes."""
    labels, scores = target.get("labels"), target.get("scores")
    count = len(target["boxes"])
    tags = [tag(i, labels, scores, names) for i in range(count)]
    found = ", ".join(filter(None, tags)) or {0: "no box", 1: "a box"}.get(count, f"{count} boxes")
    return f"{title}: {found}".replace("\n", " ") if title else found
