"""The pictures of lesson 03 of week 3: overlap, suppression, precision over recall."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.boxes import draw_boxes, draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, SKY, VERMILION, Animation, Picture

_GONE = "#999999"


def overlap_cells(a, b):
    """Two boxes with whole corners on paper of unit squares; the squares that both cover are full.

    Parameters
    ----------
    a, b : sequences of four integers
        (x_min, y_min, x_max, y_max), 0 or more.
    """
    cells = [_cells(box) for box in (a, b)]
    both, either = cells[0] & cells[1], cells[0] | cells[1]
    width, height = (max(a[i], b[i]) + 1 for i in (2, 3))
    picture = Picture(
        f"two boxes on squared paper: together they cover {len(either)} squares, "
        f"{len(both)} of them both",
        width=5.5,
        height=5.5 * height / width + 0.3,
    )
    axes = picture.subplots()
    for x, y in sorted(either):
        color = ORANGE if (x, y) in both else "#f3e3bd"
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, edgecolor="white"))
    for box, color, name in ((a, BLUE, "A"), (b, VERMILION, "B")):
        size = box[2] - box[0], box[3] - box[1]
        axes.add_patch(Rectangle(box[:2], *size, fill=False, edgecolor=color, linewidth=3))
        corner = (box[0] + 0.15, box[1] + 0.15) if name == "A" else (box[2] - 0.6, box[3] - 0.8)
        axes.text(*corner, name, color=color, fontsize=14, weight="bold", va="top")
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xlabel="x, pixels")
    axes.set_ylabel("y, pixels")
    axes.set_xticks(range(width + 1))
    axes.set_yticks(range(height + 1))
    axes.grid(color="#dddddd", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    return picture


def _cells(box):
    x_min, y_min, x_max, y_max = box
    return {(x, y) for x in range(x_min, x_max) for y in range(y_min, y_max)}


def overlap_over_distance(distances, iou, generalized, *, side):
    """Two squares that move apart, and below them their IoU and generalized IoU, as an animation.

    Dashed around the squares is the smallest box that holds both, hatched what of it neither
    covers: generalized IoU is IoU less the hatched share.

    Parameters
    ----------
    distances, iou, generalized : (n,) arrays
        Pixels from one left edge to the other, and both measures there.
    side : float
        Of the squares, in pixels.
    """
    alt = (
        f"two squares of {side:g} pixels move apart, and the box around both grows: IoU falls from "
        f"{iou[0]:.2g} to {iou[-1]:.2g} and stays there once they are apart, from {side:g} pixels "
        f"on; generalized IoU goes on falling to {generalized[-1]:.2f}"
    )
    turns = np.linspace(0, len(distances) - 1, 13).round().astype(int)
    measures = distances, iou, generalized
    frames = [_apart(alt, *measures, side, turn) for turn in turns]
    return Animation(frames, _apart(alt, *measures, side, turns[-1]), seconds=0.5)


def _apart(alt, distances, iou, generalized, side, turn):
    """The squares at one distance above the curves, where dots mark it."""
    picture = Picture(alt, width=7, height=4.2)
    above, axes = picture.subplots(2, 1, height_ratios=(1, 2.4))
    distance, most = distances[turn], distances[-1] + side
    if distance > side:
        empty = Rectangle((side, 0), distance - side, side, hatch="//", facecolor="#eeeeee")
        above.add_patch(empty)
        empty.set_edgecolor(_GONE)
    for x, color in ((0, GREEN), (distance, ORANGE)):
        above.add_patch(Rectangle((x, 0), side, side, facecolor=color, alpha=0.6))
    margin = side / 16
    around = (-margin, -margin), side + distance + 2 * margin, side + 2 * margin
    above.add_patch(Rectangle(*around, fill=False, linestyle="--", linewidth=2))
    above.set(xlim=(-2 * margin, most + 2 * margin), ylim=(side + 2 * margin, -2 * margin))
    above.set_aspect("equal")
    above.axis("off")
    above.set_title("dashed: the box around both; hatched: what neither covers", fontsize=10)

    axes.axvspan(side, 1.1 * distances[-1], color="#eeeeee")
    axes.axhline(0, color="gray", linewidth=0.8)
    axes.plot(distances, generalized, color=VERMILION, linewidth=2.5, label="generalized IoU")
    axes.plot(distances, iou, color=BLUE, linewidth=2.5, label="IoU")
    for values, color in ((generalized, VERMILION), (iou, BLUE)):
        axes.plot(distance, values[turn], "o", color=color, markersize=9)
    axes.text((side + distances[-1]) / 2, 0.8, "apart", ha="center", color="#555555")
    axes.set(xlabel="distance of the left edges, pixels", ylabel="measure", ylim=(-1.05, 1.05))
    axes.set_xlim(distances[0], 1.015 * distances[-1])
    axes.legend(frameon=False, loc="lower left")
    axes.spines[["top", "right"]].set_visible(False)
    return picture


def suppression_steps(image, boxes, scores, steps, *, seconds=1.2):
    """Non-max suppression as an animation: in each step a box stays and removes what it overlaps.

    Parameters
    ----------
    image : (H, W, 3) array
        Values in 0…1.
    boxes, scores : (n, 4) and (n,) arrays
        Before suppression.
    steps : sequence of (kept, removed)
        As `cnnlib.detection.nms.nms_steps` yields them.
    """
    boxes, scores = np.asarray(boxes), np.asarray(scores)
    frames, told, stay, waiting = [], [], [], list(range(len(boxes)))
    drawn = image, boxes, scores
    for kept, removed in steps:
        going = np.asarray(removed, dtype=int).tolist()
        waiting = [i for i in waiting if i != kept and i not in going]
        stay.append(kept)
        told.append(f"{scores[kept]:.2f} stays and removes {len(going)}")
        title = f"the best of the rest stays, removed: {len(going)}"
        frames.append(_turn(told[-1], title, *drawn, waiting, stay, going=going, best=[kept]))
    alt = f"non-max suppression of {len(boxes)} boxes, best first: {'; '.join(told)}"
    still = _turn(alt, f"before: {len(boxes)} boxes", *drawn, list(range(len(boxes))), stay)
    return Animation(frames, still, seconds=seconds)


def _turn(alt, title, image, boxes, scores, waiting, stay, *, going=(), best=()):
    """On the left the boxes of this turn, on the right those that stay for good."""
    picture = Picture(alt, width=6.4, height=3.6)
    left, right = picture.subplots(1, 2)
    for axes in (left, right):
        draw_image(axes, image)
    draw_boxes(left, boxes[waiting], color=SKY, linewidth=1.2)
    draw_boxes(left, boxes[list(going)], color=VERMILION, linestyle=":", linewidth=1.8)
    draw_boxes(left, boxes[list(best)], color=ORANGE, linewidth=3)
    draw_boxes(right, boxes[stay], scores=scores[stay], color=ORANGE, linewidth=2.5)
    left.set_title(title, fontsize=11)
    right.set_title(f"stay: {len(stay)}", fontsize=11)
    return picture


def precision_over_recall(curves, areas):
    """Precision over recall, as measured and as the average precision counts it.

    Parameters
    ----------
    curves : dict
        Name to (recall, precision), (n,) arrays, the best detections first.
    areas : dict
        Name to average precision, which stands in the title.
    """
    told = "; ".join(f"{name}: average precision {areas[name]:.3f}" for name in curves)
    picture = Picture(f"precision over recall, {told}", width=4.2 * len(curves), height=3.6)
    panels = picture.subplots(1, len(curves), sharey=True, squeeze=False).flat
    for axes, (name, (recall, precision)) in zip(panels, curves.items(), strict=True):
        recall, precision = np.asarray(recall), np.asarray(precision)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        edges = np.concatenate([[0], recall])
        axes.stairs(best, edges, fill=True, color="#f3e3bd")
        axes.stairs(best, edges, color=ORANGE, linewidth=2, label="best at this recall or more")
        style = {"marker": "o", "markersize": 5} if len(recall) < 20 else {}
        axes.plot(recall, precision, color=BLUE, linewidth=1.5, label="measured", **style)
        axes.set_title(f"{name}: AP = {areas[name]:.3f}", fontsize=11)
        axes.set(xlabel="recall", xlim=(0, 1), ylim=(0, 1.05))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("precision")
    panels[0].legend(frameon=False, loc="upper right", fontsize=9)
    return picture


def map_over_thresholds(thresholds, rows, *, without):
    """Mean average precision over the IoU threshold of the suppression, one line for each way.

    Parameters
    ----------
    thresholds : (t,) array
    rows : dict
        Way of suppressing to (t,) values.
    without : float
        The value without suppression.
    """
    told = "; ".join(
        f"{name}, {min(values):.2f} to {max(values):.2f}, best at {thresholds[np.argmax(values)]:g}"
        for name, values in rows.items()
    )
    picture = Picture(
        f"mAP over the threshold of the suppression: {told}; without suppression {without:.2f}",
        width=7,
        height=3.4,
    )
    axes = picture.subplots()
    for (name, values), color in zip(rows.items(), (GREEN, BLUE), strict=False):
        axes.plot(thresholds, values, "o-", color=color, linewidth=2, label=name)
    axes.axhline(without, color=_GONE, linestyle="--", linewidth=1.5)
    axes.text(thresholds[0], without + 0.02, "no suppression", color="#555555")
    axes.set(xlabel="IoU above which a box goes", ylabel="mAP at IoU 0.5", ylim=(0, 1))
    axes.legend(frameon=False, loc="upper right")
    axes.spines[["top", "right"]].set_visible(False)
    return picture
