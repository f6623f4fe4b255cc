"""Exercises of lesson 05, a ConvNet on real digits."""

import math
from numbers import Real

import numpy as np

from cnnlib.exercises.exercise import Exercise

# Exercise 1.13: what each layer with parameters would have after one slip, by its cause. The maps
# go 32 → 28 → 14 → 12 → 6, so 6·6·24 = 864 numbers reach the first dense layer.
LAYERS = {
    "the 12 filters of 5 × 5": ((5 * 5 * 1 + 1) * 12, {
        5 * 5 * 12: "the biases are missing, one for each filter",
        5 * 5 + 1: "that is one filter; how many are there?",
        5 * 5 * 12 + 1: "there is a bias for each filter, not one for the layer",
        28 * 28 * 12: "that counts activations; parameters belong to the filter, not to the places",
    }),
    "the 24 filters of 3 × 3": ((3 * 3 * 12 + 1) * 24, {
        3 * 3 * 12 * 24: "the biases are missing, one for each filter",
        (3 * 3 + 1) * 24: "a filter is as deep as the volume that it reads",
        3 * 3 * 24: "a filter is as deep as the volume that it reads, and it has a bias",
        3 * 3 * 12 + 1: "that is one filter; how many are there?",
        12 * 12 * 24: "that counts activations; parameters belong to the filter, not to the places",
    }),
    "the dense layer of 64": ((6 * 6 * 24 + 1) * 64, {
        6 * 6 * 24 * 64: "the biases are missing, one for each unit",
        6 * 6 * 24: "that is what flatten gives; each of the units has a weight for all of it",
        (6 * 6 + 1) * 64: "flatten takes all channels, not one map",
        (12 * 12 * 24 + 1) * 64: "the second pooling is missing",
        (13 * 13 * 24 + 1) * 64: "the first pooling is missing",
        (7 * 7 * 24 + 1) * 64: "the second convolution has no padding, so it shrinks the map",
        (8 * 8 * 24 + 1) * 64: "the convolutions have no padding, so they shrink the maps",
        (6 * 6 * 12 + 1) * 64: "the maps that are flattened are those of the second convolution",
    }),
    "the dense layer of 10": ((64 + 1) * 10, {
        64 * 10: "the biases are missing, one for each unit",
        (6 * 6 * 24 + 1) * 10: "it reads the dense layer before it, not what flatten gives",
    }),
}  # fmt: skip

FILTERS, UNITS = (6, 16), (120, 84)  # exercise 1.14

# Exercise 1.15: misread by A alone and by B alone, by A and by B at all, of so many digits.
ONLY_A, ONLY_B, ALL_A, ALL_B, DIGITS = 30, 40, 100, 110, 10_000
WANTED = 2  # standard deviations


def _judge_counts(answer):
    counts = np.asarray(answer, dtype=float)
    if counts.shape != (len(LAYERS),):
        return (
            f"you gave numbers of shape {counts.shape}; {len(LAYERS)} layers have parameters, "
            "so as many counts were asked for, in the order of the chain."
        )
    for count, (layer, (right, slips)) in zip(counts, LAYERS.items(), strict=True):
        if count == right:
            continue
        cause = slips.get(
            count, "count the weights of one filter or unit, add its bias, and take it as often"
        )
        return f"for {layer} you gave {count:,.12g}: {cause}."
    return None


def _judge_halving(filters, units):
    given = [*_whole(filters), *_whole(units)]
    if len(_whole(filters)) != 2 or len(_whole(units)) != 2:
        return (
            f"you gave filters = {filters!r} and units = {units!r}; two whole numbers from 1 on "
            "were asked for in each."
        )
    changed = sum(new != old for new, old in zip(given, (*FILTERS, *UNITS), strict=True))
    if changed != 1:
        return f"you changed {changed} of the four numbers; a single one was asked for."
    (parameters, work), (before, work_before) = _cost(*given), _cost(*FILTERS, *UNITS)
    shares = f"{parameters / before:.0%} of the parameters, {work / work_before:.0%} of the work"
    small, fast = 2 * parameters <= before, 2 * work <= work_before
    if small and fast:
        return None
    if small:
        cause = "Small, but slow: which layers do the work?"
    elif fast:
        cause = "Fast, but large: which layer holds the parameters, and what does it read?"
    elif given[1] < FILTERS[1]:
        cause = "The right place, and not far enough."
    else:
        cause = "Which of the four numbers counts in the work and in the largest dense layer?"
    return f"that leaves {shares}. {cause}"


def _whole(numbers):
    """The numbers as integers; none at all where one of them is not whole and positive."""
    if not isinstance(numbers, tuple | list | np.ndarray):
        return []
    whole = all(
        isinstance(number, Real) and not isinstance(number, bool) and number > 0 and number % 1 == 0
        for number in numbers
    )
    return [int(number) for number in numbers] if whole else []


def _cost(maps1, maps2, units1, units2):
    """Parameters and multiplications of LeNet-5 at 28 × 28 × 1: maps of 24, 12, 8 and 4 pixels."""
    weights = {
        "conv1": 25 * maps1,
        "conv2": 25 * maps1 * maps2,
        "dense": 4 * 4 * maps2 * units1 + units1 * units2 + units2 * 10,
    }
    parameters = sum(weights.values()) + maps1 + maps2 + units1 + units2 + 10
    work = 24 * 24 * weights["conv1"] + 8 * 8 * weights["conv2"] + weights["dense"]
    return parameters, work


def _judge_lead(lead, times):
    for name, value in (("the lead", lead), ("the digits", times)):
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            return f"for {name} you gave {value!r}; a number was asked for."
    right = (ONLY_B - ONLY_A) / math.sqrt(ONLY_A + ONLY_B)
    if not math.isclose(lead, right, rel_tol=0.02):
        return f"for the lead you gave {lead:g}: {_lead_cause(lead, right)}."
    needed = (WANTED / right) ** 2
    if not math.isclose(times, needed, rel_tol=0.04):
        return f"for the digits you gave {times:,.12g} times as many: {_times_cause(times, right)}."
    return None


def _lead_cause(lead, right):
    difference = ONLY_B - ONLY_A
    variances = [count / DIGITS * (1 - count / DIGITS) / DIGITS for count in (ALL_A, ALL_B)]
    both = "that counts digits that both misread, and they do not tell A and B apart"
    slips = {
        -right: "A misreads fewer, so A leads",
        difference: "that is the difference; divide it by what it scatters by",
        difference / (ONLY_A + ONLY_B): "that is a share; the scatter is a root",
        difference / math.sqrt(ALL_A + ALL_B): both,
        difference / DIGITS / math.sqrt(variances[0]): "that takes one rate as if it were exact",
        difference / DIGITS / math.sqrt(sum(variances)): both,
    }
    for slip, cause in slips.items():
        if math.isclose(lead, slip, rel_tol=0.02):
            return cause
    return "only the digits that exactly one of them misreads are coins; how many are they?"


def _times_cause(times, right):
    if math.isclose(times, WANTED / right, rel_tol=0.04):
        return "with so many digits the difference grows, and what it scatters by grows as well"
    if times > 100:
        return "the number of digits was not asked for, but how many times as many"
    few = "few" if times < (WANTED / right) ** 2 else "many"
    return f"too {few}; with k times the digits, what happens to 30 and to 40? Solve for k"


EXERCISES = (
    Exercise(
        "1.13",
        _judge_counts,
        "Follow the volume first: its side and its channels after each layer. A filter has a "
        "weight for each number of its window, through all channels, and one bias; a unit has a "
        "weight for each number that it gets, and one bias.",
        """
        # 32 × 32 × 1 → 28 × 28 × 12 → 14 × 14 × 12 → 12 × 12 × 24 → 6 × 6 × 24 → 864 → 64 → 10
        counts = (
            (5 * 5 * 1 + 1) * 12,
            (3 * 3 * 12 + 1) * 24,
            (6 * 6 * 24 + 1) * 64,
            (64 + 1) * 10,
        )
        """,
        "One layer holds nearly all of them: the first that is dense.",
    ),
    Exercise(
        "1.14",
        _judge_halving,
        "Write down both sums: the parameters are mostly in dense1, the multiplications mostly in "
        "conv2. Which of the four numbers is a factor in both?",
        """
        # conv2's filters count in conv2's work, 8·8·25·6 for each, and in what dense1 reads, 16
        # numbers for each. With 3 of them: 17,503 of 44,426 parameters, 131,880 of 281,640
        # multiplications. With 4 the work is still above half.
        filters = (6, 3)
        units = (120, 84)
        """,
        "The last volume before flatten decides the size of the network.",
    ),
    Exercise(
        "1.15",
        _judge_lead,
        "Each digit that exactly one of them misreads is the toss of a coin. Over k tosses, heads "
        "minus tails scatters by the root of k. With more digits there are more coins, and their "
        "difference grows in proportion.",
        """
        # The 70 digits that one of them misreads are the coins.
        lead = (40 - 30) / (30 + 40) ** 0.5
        # With k times the digits: k·10 / √(k·70), which is √k times the lead.
        times_as_many = (2 / lead) ** 2
        """,
        "A lead of 1.2 is a toss of coins. The digits that both misread say nothing about it.",
    ),
)
