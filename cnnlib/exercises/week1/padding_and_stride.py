"""Exercises of lesson 02, padding and stride."""

import numpy as np

from cnnlib import filters
from cnnlib.exercises.exercise import Exercise

# The photograph (height, width, channels), and the layers (f, p, s, kernels) of exercise 1.4.
PHOTOGRAPH = (50, 38, 3)
LAYERS = ((9, 4, 2, 16), (3, 0, 2, 32), (3, 1, 1, 32), (2, 0, 2, 64))

_SLIPS = {
    "you rounded up: the kernel must lie wholly inside, so what is left over counts for nothing":
        lambda n, f, p, s: -(-(n + 2 * p - f) // s) + 1,
    "the first place is missing: the kernel hops from it, so there is one place more than hops":
        lambda n, f, p, s: (n + 2 * p - f) // s,
    "the zeros lie on both sides of the image, you counted one side":
        lambda n, f, p, s: (n + p - f) // s + 1,
    "the zeros around the image are missing":
        lambda n, f, p, s: (n - f) // s + 1,
    "the stride is missing":
        lambda n, f, p, s: n + 2 * p - f + 1,
}  # fmt: skip


def _size(n, f, p, s):
    return (n + 2 * p - f) // s + 1


def _judge_chain(answer):
    shapes = np.asarray(answer, dtype=float)
    if shapes.shape != (len(LAYERS), 3):
        return (
            f"you gave numbers of shape {shapes.shape}; {len(LAYERS)} layers have as many outputs, "
            "each with a height, a width and channels."
        )
    before = PHOTOGRAPH
    for number, (layer, shape) in enumerate(zip(LAYERS, shapes, strict=True), start=1):
        fault = _shape_fault(before, *layer, tuple(shape))
        if fault:
            given = " × ".join(f"{side:g}" for side in shape)
            return f"layer {number} gets {' × '.join(map(str, before))}, you gave {given}: {fault}."
        before = tuple(int(side) for side in shape)
    return None


def _shape_fault(before, f, p, s, kernels, shape):
    *sides, channels = before
    *given, maps = shape
    right = [_size(n, f, p, s) for n in sides]
    if given == right and maps == kernels:
        return None
    if any(side % 1 for side in shape):
        return "a size is a whole number, and half a place is no place"
    if given == right[::-1]:
        return "height and width have changed places"
    if given == right:
        cause = "it has the channels of its input" if maps == channels else "look at its channels"
        return f"{cause}; each kernel is as deep as the input and gives one map"
    causes = [cause for cause, slip in _SLIPS.items() if given == [slip(n, f, p, s) for n in sides]]
    if causes:
        return ", or ".join(causes)
    return (
        "put n, f, p and s of this layer into the formula, once for the height and once for width"
    )


def _judge_halving(answer):
    numbers = np.asarray(answer, dtype=float)
    if numbers.shape != (3,) or (numbers % 1).any():
        return f"you gave {answer!r}; three whole numbers were asked for: f, p and s."
    f, p, s = (int(number) for number in numbers)
    if f < 1 or p < 0 or s < 1:
        return f"f = {f}, p = {p}, s = {s}: f and s count from 1, p from 0."
    if f % 2 == 0:
        return f"f is {f}, which is even: such a kernel has no center. An odd one was asked for."
    for n in range(64, 0, -2):
        if n + 2 * p < f:
            return f"with n = {n} the kernel of {f} does not fit into {n + 2 * p} padded pixels."
        if _size(n, f, p, s) != n // 2:
            return (
                f"n = {n} gives {_size(n, f, p, s)}, and half of it is {n // 2}. "
                + _halving_cause(p, f, s)
            )
    unseen = [i for i in range(64) if not _seen(i, 64, f, p, s)]
    if unseen:
        return (
            f"the sides are right, but of 64 pixels in a row {len(unseen)} are never seen. "
            "How long must a kernel be so that hops of your stride leave no gap?"
        )
    return None


def _halving_cause(p, f, s):
    if s != 2:
        return "When n grows by two pixels, how many places more does your stride give?"
    few = "few" if 2 * p < f - 1 else "many"
    return f"Your stride is right; for this kernel there are too {few} zeros around the image."


def _seen(i, n, f, p, s):
    starts = range(-p, n + p - f + 1, s)
    return any(start <= i < start + f for start in starts)


def _judge_red_to_green(answer):
    kernel = np.asarray(answer, dtype=float)
    if kernel.shape != (3, 3, 3):
        return (
            f"you gave an array of shape {kernel.shape}; a kernel of 3 × 3 places was asked for, "
            "as deep as the image has channels."
        )
    fault = _color_fault(kernel)
    if fault and _color_fault(np.moveaxis(kernel, 0, -1)) is None:
        return "the weights are right, but your first axis holds the channels: they come last."
    return fault


def _color_fault(kernel):
    for color, total in zip(("red", "green", "blue"), kernel.sum(axis=(0, 1)), strict=True):
        if abs(total) > 1e-9:
            return (
                f"an even {color} area gives {total:g}. What must the weights of each channel "
                "add up to?"
            )
    gray = kernel.sum(axis=-1)
    row, column = np.unravel_index(np.abs(gray).argmax(), gray.shape)
    if abs(gray[row, column]) > 1e-9:
        return (
            f"a gray patch, dark but for one white pixel at row {row}, column {column}, gives "
            f"{gray[row, column]:g}. What must the weights of red, green and blue add up to there?"
        )
    if np.abs(kernel[..., 2]).max() > 1e-9:
        return "the blue channel has weights: an edge in blue alone would be found too."
    red, green = (1, 0, 0), (0, 1, 0)
    responses = [_response(kernel, red, red, green), _response(kernel, red, green, green)]
    if np.abs(responses).max() < 1e-9:
        return "your kernel gives 0 where red on the left meets green on the right: it is blind."
    if min(responses) < -1e-9:
        return (
            f"red on the left and green on the right give {min(responses):g}: the sign is wrong. "
            "On which side does the red channel need its positive weights?"
        )
    return None


def _response(kernel, *columns):
    """What the kernel gives on three columns, each of one color."""
    return filters.correlate(np.array([columns] * 3, dtype=float), kernel).item()


EXERCISES = (
    Exercise(
        "1.4",
        _judge_chain,
        "Take the layers one after the other: the output of one is the input of the next. The "
        "formula gives the height and the width, each on its own; the channels need no formula.",
        """
        # Each side: floor((n + 2p - f) / s) + 1. The channels: as many as there are kernels.
        # Layer 1: (50 + 8 - 9) / 2 = 24.5, so 24 hops and 25 places; (38 + 8 - 9) / 2 = 18.5: 19.
        # Layer 2: (25 - 3) / 2 = 11 hops: 12; (19 - 3) / 2 = 8: 9.
        # Layer 3: p = (f - 1) / 2 with stride 1 keeps the size.
        # Layer 4: (12 - 2) / 2 = 5: 6; (9 - 2) / 2 = 3.5: 4, and the last column is never seen.
        shapes = [(25, 19, 16), (12, 9, 32), (12, 9, 32), (6, 4, 64)]
        """,
        "Height and width fall, the number of channels rises: the shape of most networks.",
    ),
    Exercise(
        "1.5",
        _judge_halving,
        "The size has to grow by one where n grows by two: that fixes s. Then put an even n into "
        "the formula, look at what the floor does to the half, and solve for p.",
        """
        # s = 2, because two more pixels have to give one more place.
        # floor((n + 2p - f) / 2) + 1 = n / 2 + floor((2p - f) / 2) + 1 needs 2p - f = -1 for odd f,
        # so p = (f - 1) / 2, as for "same". f = 1 would leave out every other row and column: three
        # pixels in four.
        f, p, s = 3, 1, 2
        halving = (f, p, s)
        """,
        "Padding that keeps the size at stride 1 halves it at stride 2. The first layer of ResNet "
        "does it with f = 7.",
    ),
    Exercise(
        "1.6",
        _judge_red_to_green,
        "Begin with VERTICAL_EDGE in the red channel. A gray edge changes all channels alike: "
        "which weights in the green channel undo what it does to the red one?",
        """
        # Red falls from left to right (+), green rises (-), blue counts for nothing (0).
        # At each place the three weights add up to 0, so equal channels cancel.
        edge = filters.VERTICAL_EDGE
        red_to_green = np.stack([edge, -edge, 0 * edge], axis=-1)
        """,
        "One kernel can compare colors, because it adds up over all channels.",
    ),
)
