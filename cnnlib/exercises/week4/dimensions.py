"""Exercises of lesson 05, one and three dimensions."""

from numbers import Integral

import numpy as np

from cnnlib.exercises.exercise import Exercise

_LENGTH, _CHANNELS, _FILTERS, _F, _STRIDE = 1000, 3, 20, 8, 4
_PLACES = (_LENGTH - _F) // _STRIDE + 1
_PARAMETERS = (_F * _CHANNELS + 1) * _FILTERS


def _judge_layer(shape, parameters):
    if not isinstance(shape, tuple | list) or not all(map(_is_whole, shape)):
        return f"the shape is {shape!r}, it needs a tuple of whole numbers, such as (14, 16)."
    if not _is_whole(parameters):
        return f"the number of parameters is {parameters!r}, it needs a whole number."
    return _shape_fault(tuple(shape)) or _parameters_fault(int(parameters))


def _shape_fault(shape):
    if shape == (_PLACES, _FILTERS):
        return None
    told = f"the shape is {shape}. "
    if shape == (_FILTERS, _PLACES):
        return told + "The numbers are right, but channels come last."
    if len(shape) != 2:
        return told + "One signal has two axes: places along time, and channels."
    places, channels = shape
    if channels == _FILTERS * _CHANNELS:
        return told + "A filter sees all electrodes at once and gives one number, not one for each."
    if channels != _FILTERS:
        return told + "How many channels has the output of a layer? One for each of something."
    causes = {
        _LENGTH - _F + 1: "That many windows there are with stride 1.",
        (_LENGTH - _F) // _STRIDE: "Count the first window too.",
        _LENGTH // _STRIDE: "That is the length divided by the stride: without padding the last "
        "window has to end inside.",
        _LENGTH: "Without padding the output is shorter, and the stride makes it shorter still.",
    }
    return told + causes.get(places, "Use the rule for the size of an output along one axis.")


def _parameters_fault(parameters):
    if parameters == _PARAMETERS:
        return None
    told = f"the shape is right. The number of parameters is {parameters:,}. "
    causes = {
        _PARAMETERS - _FILTERS: "The biases are missing.",
        (_F + 1) * _FILTERS: "A filter has a number for each sample of each electrode under it.",
        _F * _FILTERS: "A filter has a number for each sample of each electrode under it.",
        (_F * _F * _CHANNELS + 1) * _FILTERS: "A filter of one dimension has f numbers for a "
        "channel, not f · f.",
        _F * _CHANNELS * _FILTERS + 1: "Each filter has a bias of its own.",
        _PARAMETERS * _PLACES: "The filters are shared by all places.",
    }
    return told + causes.get(
        parameters, "Count the numbers of one filter with its bias, then the filters."
    )


_COLUMNS, _FRAMES = 8, 4


def _lights():
    """Every film of one light, as (direction, (frames, columns) array)."""
    for step in (-1, 1):
        for start in range(_COLUMNS):
            columns = start + step * np.arange(_FRAMES)
            if columns.min() >= 0 and columns.max() < _COLUMNS:
                film = np.zeros((_FRAMES, _COLUMNS))
                film[np.arange(_FRAMES), columns] = 1
                yield step, film


def _strongest(film, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(film, (2, 2))
    return (windows * kernel).sum(axis=(2, 3)).max()


def _judge_kernel(kernel):
    kernel = np.asarray(kernel)
    if kernel.dtype.kind not in "biuf" or kernel.shape != (2, 2):
        return (
            f"you gave {kernel.tolist()!r}, it needs 2 × 2 numbers: two frames with two columns "
            "each."
        )
    if not np.isfinite(kernel).all():
        return "the kernel has a number that is not finite."
    strongest = {-1: [], 1: []}
    for step, film in _lights():
        strongest[step].append(_strongest(film, kernel.astype(float)))
    left, right = strongest[-1], strongest[1]
    if min(left) > max(right) + 1e-9:
        return None
    told = (
        f"its largest response is {min(left):g} to a light that moves to the left, and "
        f"{max(right):g} to one that moves to the right. "
    )
    if min(right) > max(left) + 1e-9:
        return told + "That is a kernel for motion to the right: which way does time run in it?"
    if np.allclose(kernel[0], kernel[1]):
        return told + "Both frames have the same numbers, so it cannot see a change between them."
    if np.allclose(kernel[:, 0], kernel[:, 1]):
        return told + "Both columns have the same numbers, so it cannot see where the light is."
    if max(left) == max(right) == 0:
        return told + "Where no light is, every kernel gives 0; yours never gives more."
    return told + (
        "Draw the light of two frames under each other, for a motion to the left. Where are the "
        "two ones?"
    )


_QUESTIONS = {
    "a": (True, "Does one frame show which digit it is?"),
    "b": (
        False,
        "Play a film of a digit that moves up backward. What does it show, and what has "
        "changed for the network?",
    ),
    "c": (True, "A long exposure of a thing that stands still is sharp."),
    "d": (
        False,
        "Play a film that gets faster backward. What does it show, and what has changed "
        "for the network?",
    ),
    "e": (True, "How long is the streak on a long exposure?"),
}


def _judge_blind(*answers):
    if len(answers) != len(_QUESTIONS):
        return f"you gave {len(answers)} answers, it needs five: a, b, c, d and e."
    for letter, answer in zip(_QUESTIONS, answers, strict=True):
        if not isinstance(answer, bool | np.bool_):
            return f"({letter}) is {answer!r}, it needs True or False."
    wrong = [
        letter
        for letter, answer in zip(_QUESTIONS, answers, strict=True)
        if bool(answer) != _QUESTIONS[letter][0]
    ]
    if not wrong:
        return None
    others = len(answers) - len(wrong)
    return f"{others} of 5 are right. Look again at ({wrong[0]}). {_QUESTIONS[wrong[0]][1]}"


def _is_whole(value):
    return isinstance(value, Integral) and not isinstance(value, bool)


EXERCISES = (
    Exercise(
        number="4.13",
        judge=_judge_layer,
        hint_text="Electrodes are channels, as red, green and blue are. Then it is the rule of "
        "week 1, along one axis.",
        solution_text="""
            # Three electrodes are three channels; a filter has 8 × 3 numbers and a bias.
            shape = ((1000 - 8) // 4 + 1, 20)
            parameters = (8 * 3 + 1) * 20
            answer = shape, parameters
            """,
        insight="The length of the recording does not occur in the number of parameters.",
    ),
    Exercise(
        number="4.14",
        judge=_judge_kernel,
        hint_text="In the first of the two frames the light is farther to the right than in the "
        "second.",
        solution_text="""
            # A light that moves to the left is in the right column first, then in the left one.
            # The response is 2 where both ones meet it, and 1 at most for the other direction.
            answer = [[0, 1], [1, 0]]
            """,
        insight="A motion is a diagonal in space and time, and a kernel over both can match it.",
    ),
    Exercise(
        number="4.15",
        judge=_judge_blind,
        hint_text="Play the film backward. A network that is blind to order gives the same answer; "
        "is that still the right one?",
        solution_text="""
            a = True  # every frame shows the digit
            b = False  # backward, up becomes down, and the frames are the same
            c = True  # the mean of the frames is a streak or a sharp digit
            d = False  # backward, faster becomes slower
            e = True  # the faster, the longer the streak
            answer = a, b, c, d, e
            """,
        insight="What changes when the film runs backward is what order alone can tell.",
    ),
)
