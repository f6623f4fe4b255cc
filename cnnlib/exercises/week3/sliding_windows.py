"""Exercises of lesson 02, sliding windows."""

import math

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


# What the windows of exercise 3.5 show, and how many of each the network calls a face.
_CALLED = {"A": 40, "B": 1500, "C": 900, "D": 1200, "E": 45, "F": 250}
_HITS = "B"  # windows that frame a face well enough to count as found


def _judge_negatives(kinds, alarms):
    if not isinstance(kinds, str | list | tuple | set):
        return f'kinds is a {type(kinds).__name__}; it takes two letters, as "AB".'
    chosen = {str(kind).strip().upper() for kind in kinds if str(kind).strip(" ,")}
    if len(chosen) != 2 or not chosen <= set(_CALLED):
        return f"you gave {', '.join(sorted(chosen)) or 'no letter'}; it takes two of A to F."
    if _HITS in chosen:
        return (
            "one kind that you chose is no false alarm. Its windows overlap a face by an IoU above "
            "0.5: shown as negatives, they teach the network to miss faces."
        )
    if "E" in chosen:
        return (
            "one kind that you chose is nearly always called a face, but there are few such "
            "windows. Count the false alarms that it would spare."
        )
    if "A" in chosen:
        return (
            "of one kind that you chose there are most windows, and the network is right about "
            "nearly all of them already. It learns from those that it gets wrong."
        )
    if chosen != {"C", "D"}:
        return "another pair of kinds causes more false alarms than these two."
    left = round(float(alarms), 6)
    false = {kind: count for kind, count in _CALLED.items() if kind != _HITS}
    spared = sum(false[kind] for kind in chosen)
    if left == sum(false.values()) - spared + spared / 10:
        return None
    if left == sum(_CALLED.values()) - spared + spared / 10:
        return "the kinds are right. You counted windows among the alarms that do show a face."
    if left == sum(false.values()) - spared:
        return "the kinds are right. Of these the network still gets every tenth wrong."
    if left == sum(false.values()) - spared / 10:
        return "the kinds are right. A tenth is what is left of them, not what goes."
    if left == spared / 10:
        return "the kinds are right. The false alarms of the other kinds stay."
    return (
        f"the kinds are right, {left:g} alarms are not. Add up what is left of each kind that "
        "shows no face."
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
        _judge_negatives,
        "Two questions for each kind. Is it a mistake at all to call such a window a face? And "
        "how many mistakes would go if the network learned this kind?",
        """
        called = {"A": 40, "B": 1500, "C": 900, "D": 1200, "E": 45, "F": 250}
        del called["B"]  # at an IoU of 0.6 these are hits
        kinds = sorted(called, key=called.get)[-2:]
        alarms_left = sum(n / 10 if kind in kinds else n for kind, n in called.items())
        """,
        "Neither the share that is wrong nor the number of windows decides, but the number of "
        "mistakes. And a negative has to be one.",
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
