"""The map of the course: one photograph, and the question of each week over its picture."""

import numpy as np

from cnnlib import plots


def test_course_map_shows_edges_photograph_box_and_face():
    photograph = np.random.default_rng(0).random((8, 10, 3))
    edges = photograph[1:-1, 1:-1, 0]
    picture = plots.course_map(photograph, edges, (2, 1, 6, 5))
    titles = [axes.get_title() for axes in picture.axes]
    assert [title.split("\n")[0] for title in titles] == [f"Week {week}" for week in range(1, 5)]
    assert all(title.endswith("?") for title in titles)
    assert all(f"week {week}" in picture.alt for week in range(1, 5))
    shown = [axes.images[0].get_array() for axes in picture.axes]
    for drawn, given in zip(shown, (edges, photograph, photograph), strict=False):
        np.testing.assert_array_equal(drawn, given)
    np.testing.assert_array_equal(shown[3], photograph[1:5, 2:6])
    assert [len(axes.patches) for axes in picture.axes] == [0, 0, 1, 0]
    (box,) = picture.axes[2].patches
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (2, 1, 4, 4)
