"""Exercises of lesson 05, augmentation."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

GRAY_VARIANCE = 0.04


def _judge_views(count):
    value = np.asarray(count)
    if value.shape != () or value.dtype.kind not in "iuf" or value != np.floor(value):
        return f"you gave {count!r}. The answer is one whole number of pictures."
    places = 256 - 224 + 1
    reasons = {
        2 * places**2: None,
        2 * (places - 1) ** 2: "you have one place too few along each side. The window may start "
        "at the first row and at the last one that leaves room: count both.",
        places**2: "the places are right. Each window can be mirrored as well.",
        (places - 1) ** 2: "two things are missing: a place along each side, and the mirror.",
        2 * places: "you counted the places along one side. Each row goes with each column.",
        4 * places: "rows and columns do not add up: each row goes with each column.",
        4 * places**2: "only left and right are exchanged: each window gives two pictures.",
    }
    if value.item() in reasons:
        return reasons[value.item()]
    return (
        f"you gave {count}. How many rows can the window start at, how many columns, and how many "
        "pictures does each place give?"
    )


def _judge_mirror(mirror):
    if not callable(mirror):
        return f"you gave {type(mirror).__name__}, it needs a function of a picture and a place."
    for height, width, row, column in ((4, 7, 1, 2), (6, 5, 0, 4), (3, 8, 2, 3)):
        picture = np.arange(height * width * 3, dtype=float).reshape(height, width, 3)
        answer = mirror(picture.copy(), (row, column))
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            return "your function has to return two things: the picture and the place of the eye."
        mirrored, eye = np.asarray(answer[0]), tuple(np.ravel(answer[1]).tolist())
        if mirrored.shape != picture.shape:
            return f"a picture of shape {picture.shape} came back as {mirrored.shape}."
        if np.array_equal(mirrored, picture):
            return "your picture came back as it was."
        if np.array_equal(mirrored, picture[::-1]):
            return "your picture stands upside down. Which axis runs from left to right?"
        if not np.array_equal(mirrored, picture[:, ::-1]):
            return "your picture is not the mirrored one: its columns come in the reverse order."
        if len(eye) != 2:
            return f"for the eye you gave {answer[1]!r}, it needs a row and a column."
        if eye == (row, width - 1 - column):
            continue
        where = f"in a picture of {height} × {width} the eye at {(row, column)} went to {eye}"
        if eye == (row, column):
            return f"{where}. The picture has changed sides, and the eye with it."
        if eye == (row, width - column):
            return f"{where}. Columns count from 0: where does the first one go?"
        if eye[0] != row:
            return f"{where}. A mirror leaves each row in its place."
        return f"{where}. How far from the left border was it, and how far from the right is it?"
    return None


def _judge_shift(shift):
    shift = np.asarray(shift, dtype=float)
    if shift.shape != (3,):
        return f"you gave the shape {shift.shape}. It needs three numbers, for R, G and B."
    eigenvalue, length = 3 * GRAY_VARIANCE, np.sqrt(3)
    causes = {
        eigenvalue / length: None,
        eigenvalue: "this is the eigenvalue itself. Eigenvectors have length 1: what is each of "
        "their three numbers here?",
        GRAY_VARIANCE / length: "the variance of one channel is not the eigenvalue. Multiply the "
        "covariance matrix by (1, 1, 1): how much longer does it get?",
        GRAY_VARIANCE: "this is the variance of one channel. What are eigenvector and eigenvalue "
        "of the matrix of nine equal numbers?",
        np.sqrt(eigenvalue) / length: "you took the square root of the eigenvalue. In the formula "
        "of the paper λ is the variance.",
    }
    if np.ptp(shift) > 1e-3:
        return (
            "your numbers differ from each other. Would the gray picture stay gray? What are the "
            "second and the third eigenvalue of this covariance?"
        )
    for size, cause in causes.items():  # either sign: −e is an eigenvector where e is one
        if abs(abs(shift[0]) - size) < 1e-3:
            return cause
    return (
        f"you gave {shift[0]:g} for each. Write the covariance as a 3 × 3 matrix first, and find "
        "the direction that it only stretches."
    )


EXERCISES = (
    Exercise(
        "2.13",
        _judge_views,
        "Count the rows at which a window can start as you count the places of a kernel.",
        """
        # A window starts at rows 0 to 32, and at as many columns; each view also comes mirrored.
        places = 256 - 224 + 1
        views = places * places * 2
        """,
        "They overlap, so they teach far less than as many photographs would. "
        "(The paper counts 32 · 32 · 2 = 2,048.)",
    ),
    Exercise(
        "2.14",
        _judge_mirror,
        "Which place does column 0 go to? And the last column?",
        """
        def mirror(picture, eye):
            row, column = eye
            return picture[:, ::-1], (row, picture.shape[1] - 1 - column)
        """,
        "A label that is a place has to move with the picture.",
    ),
    Exercise(
        "2.15",
        _judge_shift,
        "Where R = G = B, all nine numbers of the covariance matrix are equal. Which direction "
        "does such a matrix only stretch, and by how much?",
        """
        # Nine equal numbers stretch (1, 1, 1) by 3 · 0.04 and take what is across it to 0.
        e_1, lambda_1 = np.ones(3) / np.sqrt(3), 3 * 0.04
        shift_of_gray = 1 * lambda_1 * e_1  # λ_2 = λ_3 = 0: α_2 and α_3 add nothing
        """,
        "An eigenvector's sign is free: three times −0.0693 is right as well. "
        "Gray pictures only get lighter or darker: PCA color moves along colors that the data has.",
    ),
)
