"""The exercise on which lesson 00 shows how exercises work."""

from cnnlib.exercises.exercise import Exercise


def _judge_dense_weights(answer):
    if answer == 28 * 28 * 10:
        return None
    if answer == 28 * 10:
        return "you gave 280, a picture of one row. How many pixels does a square of 28 by 28 hold?"
    if answer == 28 * 28 * 10 + 10:
        return (
            "you gave 7,850, which counts the 10 biases as well. Only the weights were asked for."
        )
    if answer == 28 * 28:
        return "you gave 784, one weight for each pixel. That serves a single unit."
    return f"you gave {answer!r}. Count the pixels first, then one weight for each pixel and unit."


EXERCISES = (
    Exercise(
        "0.1",
        _judge_dense_weights,
        "Every unit has one weight for every pixel.",
        """
        # 28 rows of 28 pixels, and each of the 10 units has one weight for every pixel.
        weights = 28 * 28 * 10  # 7,840
        """,
        "Lesson 1 counts what this costs on a photograph.",
    ),
)
