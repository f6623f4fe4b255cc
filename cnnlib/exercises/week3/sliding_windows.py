"""Exercises of lesson 02, sliding windows."""

import math

import numpy as np

from cnnlib.exercises.exercise import Exercise

_SIDE = 24  # pixels of the window in exercise 3.4


def _worst(offset, axes=2):
    """IoU of two windows that lie `offset` pixels apart along each of the axes."""
    shared = (_SIDE - offset) ** axes * _SIDE ** (2 - axes)
    return shared / (2 * _SIDE**2 - shared)


def _judge_stride(stride):
    value = float(stride)
    if not value.is_integer() or not 1 <= value <= _SIDE:
        return f"you gave {value:g}; it takes a whole number of pixels, from 1 to {_SIDE}."
    here = _worst(value / 2)
    if here >= 0.5 > _worst((value + 1) / 2):
        return None
    if _worst(value) >= 0.5 > _worst(value + 1):
        return (
            f"you let the face lie {value:g} pixels from its nearest window. "
            "But there is a window on the other side as well."
        )
    if _worst(value / 2, axes=1) >= 0.5 > _worst((value + 1) / 2, axes=1):
        return "your face is off along one axis only. It may be off along both at once."
    if (_SIDE - value / 2) ** 2 >= _SIDE**2 / 2 > (_SIDE - (value + 1) / 2) ** 2:
        return (
            "you compared the shared area with the window alone. "
            "IoU compares it with all that the two cover together."
        )
    if here < 0.5:
        return (
            f"at a stride of {value:g}, a face in the middle between four windows has an IoU of "
            f"{here:.2f} with each of them."
        )
    return f"a stride of {value:g} keeps the promise, but it is not the largest that does."


def _judge_kernel(answer):
    if not callable(answer):
        return (
            f"you gave a {type(answer).__name__}; it takes a function of weights, height and width."
        )
    rng = np.random.default_rng(0)
    height, width, channels, units = 3, 4, 2, 5
    weights = rng.normal(size=(height * width * channels, units))
    kernel = np.asarray(answer(weights.copy(), height, width), dtype=float)
    wanted = (height, width, channels, units)
    if kernel.shape != wanted:
        if sorted(kernel.shape) == sorted(wanted):
            return (
                f"your kernel has the shape {kernel.shape}. A kernel's axes are height, width, "
                "channels of the map, filters, in this order."
            )
        return (
            f"for {weights.shape} weights and a map of {height}×{width} your kernel has the shape "
            f"{kernel.shape}. How many numbers does one filter hold, and how many are there?"
        )
    if np.allclose(kernel, weights.reshape(wanted)):
        return None
    if not np.allclose(np.sort(kernel, axis=None), np.sort(weights, axis=None)):
        return "your kernel holds other numbers than the dense layer. No weight changes."
    by_channel = weights.reshape(channels, height, width, units).transpose(1, 2, 0, 3)
    if np.allclose(kernel, by_channel):
        return (
            "your kernel reads the weights channel after channel. Flatten goes along the rows, and "
            "takes all channels of a position before it moves on."
        )
    by_column = weights.reshape(width, height, channels, units).transpose(1, 0, 2, 3)
    if np.allclose(kernel, by_column):
        return "your kernel runs down the columns. Flatten goes along the rows."
    by_unit = weights.T.reshape(units, height, width, channels).reshape(wanted)
    if np.allclose(kernel, by_unit):
        return "the numbers of one unit ended up in several filters. A unit becomes a filter."
    return (
        "the shape is right, but the weights meet other numbers of the map than in the dense "
        "layer. In which order does Flatten read the map?"
    )


def _judge_map(rows, columns, watchers):
    given = tuple(float(value) for value in (rows, columns, watchers))
    rows, columns, watchers = given
    right_rows, right_columns = (math.floor((side - 32) / 4) + 1 for side in (200, 150))
    if (rows, columns) == (right_columns, right_rows):
        return "rows and columns are the wrong way round: 200 is the height."
    if (rows, columns) == (200 / 4, float(150 // 4)):
        return "you divided by the stride only. The last window has to fit into the page as well."
    if (rows, columns) == (right_rows - 1, right_columns - 1):
        return "you counted the steps from window to window. There is one window more than steps."
    if (rows, columns) == (169, 119):
        return "these are windows at a stride of 1. What do the two poolings multiply up to?"
    if (rows, columns) == (85, 60):
        return "these are windows at a stride of 2. There are two poolings."
    if (rows, columns) != (right_rows, right_columns):
        return (
            f"a map of {rows:g}×{columns:g} it is not. Count windows of 32 pixels along 200 and "
            "along 150 pixels, at the network's stride."
        )
    per_axis = 32 // 4
    if watchers == per_axis**2:
        return None
    if watchers == per_axis:
        return "the map is right. You counted along one axis; the windows overlap along two."
    if watchers == 1:
        return "the map is right. But windows overlap: more than one of them holds the pixel."
    if watchers == 32**2:
        return "the map is right. You counted windows at every pixel, not at every fourth."
    return (
        f"the map is right, {watchers:g} outputs are not. Which first rows may a window have, so "
        "that row 100 is one of its 32?"
    )


EXERCISES = (
    Exercise(
        "3.4",
        _judge_stride,
        "The worst place for a face is where its nearest windows are as far away as can be. How "
        "far is that, along each axis? Write the shared area with that distance.",
        """
        # In the worst place the face is half a stride from the nearest windows, along both axes.
        def worst_iou(s):
            shared = (24 - s / 2) ** 2
            return shared / (2 * 24**2 - shared)

        largest_stride = max(s for s in range(1, 25) if worst_iou(s) >= 0.5)
        """,
        "A third of the window is as coarse as a grid may be. And sizes that lie apart cost some "
        "of the overlap too.",
    ),
    Exercise(
        "3.5",
        _judge_kernel,
        "Flatten reads a map as NumPy does: row by row, and all channels of a position together. "
        "Each unit of the dense layer is one filter.",
        """
        def as_kernel(weights, height, width):
            # One column of weights is one unit; Flatten laid out height, width, channels in a row.
            return weights.reshape(height, width, -1, weights.shape[1])
        """,
        "Not a weight has changed, nor their order in memory. It is the same layer, and it has "
        "learned to slide.",
    ),
    Exercise(
        "3.6",
        _judge_map,
        "The two poolings halve the map twice. So from one output to the next it is how many "
        "pixels? Then it is the formula of the windows, along each axis.",
        """
        stride = 2 * 2
        rows, columns = (200 - 32) // stride + 1, (150 - 32) // stride + 1
        # Of the windows that begin every 4 rows, 32 / 4 hold row 100; likewise for the columns.
        outputs_that_see_it = (32 // stride) ** 2
        """,
        "Crop by crop the network would look at this pixel that many times. In one pass the first "
        "convolution looks once.",
    ),
)
