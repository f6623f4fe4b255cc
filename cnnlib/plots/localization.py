"""Pictures of localization and landmarks: the answer y, its errors, and points on faces."""

import numpy as np

from cnnlib.plots.boxes import draw_boxes, draw_image
from cnnlib.plots.picture import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Picture

LETTERS = ("p_c", "b_x", "b_y", "b_h", "b_w")


def three_tasks(one, several, names):
    """What is asked of a picture: its class, its class and place, or all its objects.

    Parameters
    ----------
    one, several : pair of (H, W, 3) image and dict
        A picture with one object and a picture with several, each with its ground truth.
    names : sequence of str
        The words of the classes.
    """
    (image, target), (crowd, targets) = one, several
    word = names[int(target["labels"][0])]
    count = len(targets["labels"])
    picture = Picture(
        f"three questions: classification names a {word}; localization also draws its box; "
        f"detection draws the boxes of {count} objects",
        width=8.4,
        height=3.2,
    )
    first, second, third = picture.subplots(1, 3)
    draw_image(first, image)
    first.set_title(f"classification\nwhat is it? {word}", fontsize=11)
    draw_image(second, image)
    draw_boxes(second, target["boxes"], target["labels"], names=names)
    second.set_title("localization\nwhat, and where?", fontsize=11)
    draw_image(third, crowd)
    draw_boxes(third, targets["boxes"], targets["labels"], names=names)
    third.set_title("detection\nall of them: what and where?", fontsize=11)
    return picture


def answer_vectors(images, y, names):
    """Pictures with the numbers of y beside them, and what they measure drawn in.

    Parameters
    ----------
    images : (m, H, W, 3) array
    y : (m, 5 + classes) array
        The answers, in the order p_c, b_x, b_y, b_h, b_w, then the classes.
    names : sequence of str
        The words of the classes.
    """
    y = np.asarray(y, dtype=float)
    there = int((y[:, 0] == 1).sum())
    picture = Picture(
        f"{len(images)} pictures with their y: {there} with an object, whose midpoint and size are "
        "shares of the picture; where there is none, only p_c means something",
        width=4.4 * len(images),
        height=3.3,
    )
    for axes, image, answer in zip(picture.subplots(1, len(images)), images, y, strict=True):
        height, width = image.shape[:2]
        draw_image(axes, image)
        axes.set_xlim(0, 1.62 * width)  # room for the numbers
        if answer[0] == 1:
            _measures(axes, answer, width, height)
        words = [*(f"${letter}$" for letter in LETTERS), *names]
        for row, (word, number) in enumerate(zip(words, answer, strict=True)):
            counts = row == 0 or answer[0] == 1
            axes.text(
                1.05 * width,
                height * (0.06 + row / len(words)),
                f"{word}: {number:.2f}" if counts else f"{word}: any",
                fontsize=11,
                va="center",
                color="black" if counts else "0.45",
            )
    return picture


def _measures(axes, answer, width, height):
    _, x, y, h, w = answer[:5] * (1, width, height, height, width)
    draw_boxes(axes, [[x - w / 2, y - h / 2, x + w / 2, y + h / 2]])
    axes.plot([0, x], [y, y], color="white", linewidth=1.2, linestyle=":")
    axes.plot([x, x], [0, y], color="white", linewidth=1.2, linestyle=":")
    axes.plot([x], [y], marker="o", color="white", markeredgecolor="black", markersize=7)
    label = {"fontsize": 10, "color": "white", "fontweight": "bold"}
    axes.text(x / 2, y, "$b_x$", ha="center", va="bottom", **label)
    axes.text(x, (y - h / 2) / 2, " $b_y$", ha="left", va="center", **label)


def beside_truth(images, targets, found, *, titles, columns=6):
    """True boxes dashed, and the boxes that somebody found for them solid.

    Parameters
    ----------
    images : (m, H, W, 3) array
    targets : sequence of dict
        The true `"boxes"` of each picture, (n, 4) corners in pixels.
    found : sequence of (n, 4) arrays
        Corners in pixels.
    titles : sequence of str
        One for each picture.
    """
    rows = -(-len(images) // columns)
    picture = Picture(
        f"{len(images)} pictures, true boxes dashed, those found solid",
        width=1.5 * columns,
        height=1.8 * rows + 0.1,
    )
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes, image, target, boxes, title in zip(
        grid, images, targets, found, titles, strict=False
    ):
        draw_image(axes, image)
        draw_boxes(axes, target["boxes"], color="white", linestyle="--")
        draw_boxes(axes, boxes, color=GREEN)
        axes.set_title(title, fontsize=9)
    for axes in grid[len(images) :]:
        axes.axis("off")
    return picture


def localized(images, y_true, y_pred, names, *, columns=6):
    """What a localizer answers, beside the truth: true boxes dashed, its own solid.

    Parameters
    ----------
    images : (m, H, W, 3) array
    y_true, y_pred : (m, 5 + classes) arrays
        An answer with p_c above 0.5 counts as an object.
    names : sequence of str
        The words of the classes.
    """
    y_true, y_pred = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    said = [_said(answer, names) for answer in y_pred]
    shown = [names[truth[5:].argmax()] if truth[0] == 1 else "nothing" for truth in y_true]
    rows = -(-len(images) // columns)
    picture = Picture(
        f"{len(images)} pictures, true boxes dashed, the network's solid, its answer as the title. "
        "In truth they show: " + ", ".join(shown),
        width=1.5 * columns,
        height=1.8 * rows + 0.1,
    )
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes, image, truth, answer, title in zip(grid, images, y_true, y_pred, said, strict=False):
        draw_image(axes, image)
        if truth[0] == 1:
            _box(axes, truth, image, color="white", linestyle="--")
        if answer[0] > 0.5:
            _box(axes, answer, image, color=GREEN)
        axes.set_title(title, fontsize=9)
    for axes in grid[len(images) :]:
        axes.axis("off")
    return picture


def _said(answer, names):
    if answer[0] <= 0.5:
        return f"nothing {1 - answer[0]:.2f}"
    return f"{names[answer[5:].argmax()]} {answer[0]:.2f}"


def _box(axes, answer, image, **style):
    height, width = image.shape[:2]
    _, x, y, h, w = answer[:5] * (1, width, height, height, width)
    draw_boxes(axes, [[x - w / 2, y - h / 2, x + w / 2, y + h / 2]], **style)


def iou_over_size(sizes, overlaps, *, medians):
    """The IoU of each answered box over the size of its object, with the median of each third.

    Parameters
    ----------
    sizes : (n,) array
        The shorter side of each true box, in pixels.
    overlaps : (n,) array
        IoU of true and answered box.
    medians : sequence of (low, high, median)
        From and to which size, and the median IoU there.
    """
    picture = Picture(
        "IoU over the shorter side of the object: medians "
        + ", ".join(f"{m:.2f} from {low:.0f} to {high:.0f} pixels" for low, high, m in medians),
        width=7,
        height=3.2,
    )
    axes = picture.subplots()
    axes.plot(sizes, overlaps, "o", color=BLUE, alpha=0.35, markersize=4, label="an object")
    for number, (low, high, median) in enumerate(medians):
        axes.plot(
            [low, high],
            [median, median],
            color=VERMILION,
            linewidth=3,
            label="median of a third" if number == 0 else None,
        )
    axes.set_xlabel("shorter side of the object (pixels)")
    axes.set_ylabel("IoU of the answered box")
    axes.set_ylim(-0.02, 1)
    axes.legend(loc="upper left", fontsize=9)
    return picture


def landmarked(images, points, present, *, found=None, row_names=None, columns=6):
    """Faces with their landmarks: blue is left, orange right, white in the middle.

    Parameters
    ----------
    images : (m, H, W, 3) array
    points : (m, 8, 2) array
        Landmarks of `landmark_faces` in pixels: dots, and crosses where they cannot be seen.
    present : (m, 8) array of bool
    found : (m, 8, 2) array, optional
        What a network answers: these are the dots then, each with a line to its true place, and
        what cannot be seen is left out.
    row_names : sequence of str, optional
        What stands before each row.
    """
    hidden = int((~np.asarray(present)).sum())
    rows = -(-len(images) // columns)
    told = "" if found is None else " where a network puts them, each with a line to its true place"
    picture = Picture(
        f"{len(images)} faces with eight landmarks{told}; {hidden} of them cannot be seen",
        width=1.5 * columns,
        height=1.5 * rows + 0.1,
    )
    grid = picture.subplots(rows, columns, squeeze=False).flat
    for axes in grid[len(images) :]:
        axes.axis("off")
    for number, (axes, image) in enumerate(zip(grid, images, strict=False)):
        height, width = image.shape[:2]
        draw_image(axes, image)
        answers = points[number] if found is None else found[number]
        for truth, answer, seen, color in zip(
            points[number], answers, present[number], SIDES, strict=True
        ):
            if not seen and found is not None:
                continue
            axes.plot(*np.transpose([truth, answer]), color="white", linewidth=1.5)
            axes.plot(
                *np.reshape(answer, (2, 1)),
                marker="o" if seen else "x",
                color=color,
                markersize=6,
                markeredgecolor="black" if seen else color,
                markeredgewidth=0.6 if seen else 2,
                linestyle="none",
            )
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        if row_names is not None and number % columns == 0:
            axes.text(
                -0.04 * width,
                height / 2,
                row_names[number // columns],
                fontsize=10,
                rotation=90,
                ha="right",
                va="center",
            )
    return picture


# Of the eight landmarks: left eye twice, right eye twice, nose, mouth left and right, chin.
SIDES = (BLUE, BLUE, ORANGE, ORANGE, "white", BLUE, ORANGE, "white")


def errors_by_landmark(errors, names):
    """The mean error of each landmark, one series of dots for each network.

    Parameters
    ----------
    errors : dict of str to (landmarks,) array
        Pixels, under the words of the legend.
    names : sequence of str
        The landmarks.
    """
    picture = Picture(
        "mean error of each landmark in pixels: "
        + "; ".join(
            f"{label} from {min(each):.1f} to {max(each):.1f}" for label, each in errors.items()
        ),
        width=8,
        height=3.4,
    )
    axes = picture.subplots()
    places = np.arange(len(names))
    for (label, each), color, marker in zip(
        errors.items(), ("black", PURPLE, SKY), ("o", "s", "^"), strict=False
    ):
        axes.plot(each, places, marker, color=color, markersize=8, label=label)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("mean error (pixels)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=9)
    return picture


# The usual order of 68 points: from, to (not included), and the words for them.
PARTS_OF_68 = (
    (0, 17, "jaw"),
    (17, 27, "brows"),
    (27, 36, "nose"),
    (36, 48, "eyes"),
    (48, 68, "mouth"),
)


def face_points(image, points, *, frame=None):
    """A photograph of a face with the 68 points in their usual order, a color for each part.

    Parameters
    ----------
    image : (H, W, 3) array
    points : (68, 2) array
        (x, y) in pixels of the image.
    frame : (4,) array, optional
        The corners of the crop that a network saw.
    """
    picture = Picture(
        "a photographed face with 68 points: "
        + ", ".join(f"{end - start} on the {part}" for start, end, part in PARTS_OF_68),
        width=5.2,
        height=5,
    )
    axes = picture.subplots()
    draw_image(axes, image)
    if frame is not None:
        draw_boxes(axes, [frame], color="white", linestyle="--")
    colors = ("white", ORANGE, SKY, BLUE, PURPLE)
    for (start, end, part), color in zip(PARTS_OF_68, colors, strict=True):
        axes.plot(
            *points[start:end].T,
            "o",
            color=color,
            markersize=6,
            markeredgecolor="black",
            markeredgewidth=0.6,
            label=part,
        )
    axes.legend(fontsize=9, loc="lower right")
    return picture
