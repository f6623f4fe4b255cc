"""The map of the course: four questions to one photograph."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlib.plots.picture import ORANGE, Picture


def course_map(photograph, edges, face):
    """Four pictures, a question each: the edges, the name, the place, the person.

    Parameters
    ----------
    photograph : (H, W, 3) array
        Colors in 0…1.
    edges : (H', W') array
        Strength of its edges.
    face : tuple of four numbers
        Box around the face, (x_min, y_min, x_max, y_max) in pixels.
    """
    picture = Picture(
        "one photograph of an astronaut, asked four questions: week 1, where are its edges; "
        "week 2, what does it show; week 3, where is the face, with a box around it; "
        "week 4, whose face is it, the face alone",
        width=10,
        height=3,
    )
    x_min, y_min, x_max, y_max = face
    panels = {
        "Week 1\nWhere are the edges?": edges,
        "Week 2\nWhat does it show?": photograph,
        "Week 3\nWhere is the face?": photograph,
        "Week 4\nWhose face is it?": photograph[y_min:y_max, x_min:x_max],
    }
    all_axes = picture.subplots(1, 4)
    for axes, (question, image) in zip(all_axes, panels.items(), strict=True):
        axes.imshow(image, cmap="gray", vmin=0, vmax=np.percentile(edges, 99.5))
        axes.set_title(question, fontsize=11)
        axes.set(xticks=[], yticks=[], anchor="N")
        axes.spines[:].set_visible(False)
    all_axes[3].spines[:].set(visible=True, color=ORANGE, linewidth=3)
    all_axes[2].add_patch(
        Rectangle(
            (x_min, y_min), x_max - x_min, y_max - y_min, fill=False, edgecolor=ORANGE, linewidth=3
        )
    )
    return picture
