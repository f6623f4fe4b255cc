"""Exercises of lesson 01, classic networks."""

from cnnlib.arithmetic import output_size
from cnnlib.exercises.exercise import Exercise

_LAYERS = ((11, 4), (3, 2), (3, 2), (3, 2))  # f and s of conv1, pool1, pool2, pool5
_LITTLE = ("conv1", "conv2", "conv3", "conv4", "dense1", "dense2")
_CONVOLUTIONS = 14_714_688, 15_346_630_656  # VGG-16's: parameters, multiplications


def _sides(n, padding):
    sides = []
    for (f, stride), border in zip(_LAYERS, (padding, 0, 0, 0), strict=True):
        n = output_size(n, f, padding=border, stride=stride)
        sides.append(n)
    return sides


def _judge_sides(sides, padding):
    given = [_number(side, "a side") for side in sides]
    right = _sides(224, 0)
    if len(given) != len(right):
        return f"you gave {len(given)} sides, it needs four: after conv1, pool1, pool2 and pool5."
    if given == _sides(227, 0):
        return "these are the sides for 227 pixels. What does the first layer make of 224?"
    if [round(side) for side in given] != given:
        return (
            f"you gave {sides}. A kernel that does not fit any more is left out: sides are whole."
        )
    if given != right:
        wrong = [ours == theirs for ours, theirs in zip(given, right, strict=True)].index(False)
        layer = ("conv1", "pool1", "pool2", "pool5")[wrong]
        return f"the side after {layer} is not {given[wrong]:g}. Which f and which s has it?"
    zeros = _number(padding, "a padding")
    if zeros != round(zeros) or zeros < 0:
        return f"you gave a padding of {padding}, it needs a whole number of zeros on each side."
    if zeros > 2 and _sides(224, int(zeros))[0] == 55:
        return f"the sides are right. {zeros:g} zeros give 55 places, but fewer do so, too."
    if _sides(224, int(zeros))[0] != 55:
        return (
            f"the sides are right. With {zeros:g} zeros on each side conv1 gives "
            f"{_sides(224, int(zeros))[0]}. Both sides count, and ⌊ ⌋ forgives a rest."
        )
    return None


def _judge_heaviest_and_busiest(heaviest, busiest, uses):
    heaviest, busiest = _name(heaviest), _name(busiest)
    if heaviest != "dense1":
        reason = {
            "conv4": "It is the heaviest convolution. How many numbers reach dense1, and how many "
            "units does each of them go to?",
            "dense2": "It makes only ten numbers.",
        }.get(heaviest, "Multiply f · f, the channels in and the filters, or inputs and units.")
        return f"the heaviest layer is not {heaviest}. {reason}"
    if busiest != "conv3":
        reason = {
            "conv1": "Its maps are the largest, but it reads three channels only.",
            "conv4": "It has more weights than conv3. At how many places does each use them?",
            "dense1": "It uses each of its weights once.",
        }.get(busiest, "Multiply each layer's weights by the places of its maps.")
        return f"the heaviest layer is right, the busiest one is not {busiest}. {reason}"
    uses = _number(uses, "the uses")
    if uses != 16 * 16:
        reason = {
            16.0: "The maps have a height and a width.",
            16.0 * 16 * 128: "Each filter has weights of its own.",
            8.0 * 8: "That is the map behind the pooling.",
            32.0 * 32: "That is the map of conv2.",
        }.get(uses, "At how many places of its map does conv3 apply a kernel?")
        return f"both layers are right, the uses are not {uses:g}. {reason}"
    return None


def _name(value):
    if not isinstance(value, str):
        raise TypeError(f"a layer's name should be a text like 'conv1', not {value!r}")
    name = value.strip().lower()
    if name not in _LITTLE:
        raise ValueError(f"there is no layer with weights named {value!r}, only {_LITTLE}")
    return name


def _judge_without_dense(parameters, multiplications):
    parameters = _number(parameters, "the parameters")
    multiplications = _number(multiplications, "the multiplications")
    weights, work = _CONVOLUTIONS
    slips = {
        weights + 512 * 1000: "The thousand outputs have biases too.",
        weights + (7 * 7 * 512 + 1) * 1000: "You still flatten: the mean leaves one number a map.",
        weights: "Something has to make a thousand scores of the means.",
        138_357_544: "That is VGG-16 as it was.",
    }
    if parameters != weights + 513 * 1000:
        reason = slips.get(parameters, "What does the last layer read, and how many biases has it?")
        return f"the parameters are not {parameters:,.0f}. {reason}"
    slips = {
        work: "The last layer multiplies as well.",
        work + 513 * 1000: "A bias is added, not multiplied.",
        work + 7 * 7 * 512 * 1000: "The last layer reads one number a map.",
        15_470_264_320: "That is VGG-16 as it was.",
    }
    if multiplications != work + 512 * 1000:
        reason = slips.get(multiplications, "A convolution's work does not change. What is new?")
        return f"the parameters are right, the work is not {multiplications:,.0f}. {reason}"
    return None


def _number(value, what):
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise TypeError(f"{what} should be a number, not {value!r}")
    return float(value)


EXERCISES = (
    Exercise(
        "2.1",
        _judge_sides,
        "⌊(n + 2p − f) / s⌋ + 1, layer by layer; conv2 to conv5 keep the side. For the padding ask "
        "which least n + 2p takes 54 strides.",
        """
        from cnnlib.arithmetic import output_size

        # Only these four change a side: conv2 to conv5 have a stride of 1 and a border that fits.
        n, sides = 224, []
        for f, s in ((11, 4), (3, 2), (3, 2), (3, 2)):  # conv1, pool1, pool2, pool5
            n = output_size(n, f, stride=s)
            sides.append(n)
        # 55 places are 54 strides of 4 and 11 pixels more: at least 227, of which 224 are there.
        # That would be a zero and a half on each side; whole zeros: 2, and one column is not used.
        padding = 2
        """,
        "Three pixels less at the start, and dense1 would read 5 × 5 maps in place of 6 × 6.",
    ),
    Exercise(
        "2.2",
        _judge_heaviest_and_busiest,
        "Weights: f · f · channels in · filters, or inputs · units. Work: the weights times the "
        "places of the map.",
        """
        # "same" padding keeps the side, each pooling halves it.
        places = {"conv1": 64 * 64, "conv2": 32 * 32, "conv3": 16 * 16, "conv4": 8 * 8}
        # Kernels reach through all channels; dense1 reads every number behind conv4.
        weights = {
            "conv1": 5 * 5 * 3 * 16,
            "conv2": 3 * 3 * 16 * 64,
            "conv3": 3 * 3 * 64 * 128,
            "conv4": 3 * 3 * 128 * 128,
            "dense1": 8 * 8 * 128 * 256,
            "dense2": 256 * 10,
        }
        # A convolution uses each weight once at each place of its map, a dense layer once.
        work = {name: count * places.get(name, 1) for name, count in weights.items()}
        heaviest = max(weights, key=weights.get)
        busiest = max(work, key=work.get)
        uses = places[busiest]
        """,
        "Neither the largest map nor the most filters decides: the product does. conv4 has twice "
        "the weights of conv3, at a quarter of the places: half its work.",
    ),
    Exercise(
        "2.3",
        _judge_without_dense,
        "The mean of a map has no parameters and, as the course counts, no multiplications. How "
        "many numbers does it leave of 7 × 7 × 512?",
        """
        from cnnlib import arithmetic, models

        # What follows a convolution changes neither its weights nor its work: keep the thirteen.
        rows = arithmetic.layer_table(models.vgg(16, input_shape=(224, 224, 3)))
        convolutions = [row for row in rows if row.kind == "Conv2D"]
        # 512 means, a thousand scores, a bias for each score.
        parameters = sum(row.parameters for row in convolutions) + (512 + 1) * 1000
        multiplications = sum(row.multiplications for row in convolutions) + 512 * 1000
        """,
        "A ninth of the weights is left, and nearly all of the work. Lesson 2's networks end so.",
    ),
)
