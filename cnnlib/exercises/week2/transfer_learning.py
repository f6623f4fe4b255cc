"""Exercises of lesson 04, transfer learning."""

from numbers import Real

from cnnlib.exercises.exercise import Exercise

_HEADS = (113 * 12, (14 * 14 * 112 + 1) * 12)  # averaged, flattened
_PICTURES, _EPOCHS, _BASE, _HEAD = 2000, 40, 20, 0.1  # milliseconds a picture
_SLOW = _EPOCHS * _PICTURES * (_BASE + _HEAD) / 1000
_FAST = _PICTURES * (_BASE + _EPOCHS * _HEAD) / 1000
_MANY = _PICTURES * (5 * _BASE + _EPOCHS * _HEAD) / 1000
_FROZEN, _TRAINED, _AVERAGE = 2.0, -1.0, 4.09


def _judge_heads(averaged, flattened):
    _require_numbers(averaged, flattened)
    if (averaged, flattened) == _HEADS:
        return None
    if (averaged, flattened) == _HEADS[::-1]:
        return "the two numbers stand in each other's place."
    if (averaged, flattened) == (112 * 12, 14 * 14 * 112 * 12):
        return "these are the weights alone. What else does a unit of a dense layer learn?"
    if averaged == _HEADS[1]:
        return "the first head reads averages: how many numbers are left of a map of 14 × 14?"
    if averaged != _HEADS[0]:
        return (
            f"for the averaged maps you gave {averaged:,}. How many numbers does the head read, "
            "how many probabilities does it give, and what does each of these have besides?"
        )
    return (
        f"the first is right; for the flattened maps you gave {flattened:,}. How many numbers are "
        "there in maps of 14 × 14 with 112 channels?"
    )


def _judge_seconds(slow, fast, five):
    _require_numbers(slow, fast, five)
    given, right = (slow, fast, five), (_SLOW, _FAST, _MANY)
    if all(map(_close, given, right)):
        return None
    if all(_close(seconds, 1000 * known) for seconds, known in zip(given, right, strict=True)):
        return "these are milliseconds. Give seconds."
    if not _close(slow, _SLOW):
        return (
            f"for pictures in every epoch you gave {slow:g} s. Each of the 40 epochs sends each "
            "picture through the base and through the head."
        )
    if _close(fast, _PICTURES * (_BASE + _HEAD) / 1000):
        return "the base runs once, but the head still learns for 40 epochs."
    if not _close(fast, _FAST):
        return (
            f"the first is right; for features computed once you gave {fast:g} s. Which part runs "
            "once for each picture, which part 40 times?"
        )
    if _close(five, _PICTURES * 5 * (_BASE + _EPOCHS * _HEAD) / 1000):
        return (
            "the first two are right. In each epoch the head still sees each picture once, in one "
            "of its five versions."
        )
    return (
        f"the first two are right; for five versions you gave {five:g} s. How often does the base "
        "run for each picture now?"
    )


def _judge_norm(frozen, trained, average):
    _require_numbers(frozen, trained, average)
    if _close(frozen, _FROZEN) and _close(trained, _TRAINED) and _close(average, _AVERAGE):
        return None
    if _close(frozen, _TRAINED) and _close(trained, _FROZEN):
        return "the first two stand in each other's place: which one looks at the batch?"
    if _close(frozen, 6 / 9):
        return "the frozen one divided by the variance. Which number is the deviation?"
    if not _close(frozen, _FROZEN):
        return (
            f"for the frozen layer you gave {frozen:g}. It knows a mean and a variance from its "
            "training, and uses them as outside training."
        )
    if not _close(trained, _TRAINED):
        return (
            f"the first is right; for the layer that trains you gave {trained:g}. Which mean and "
            "which deviation do 10 and 16 have together?"
        )
    if _close(average, 0.01 * 4 + 0.99 * 13):
        return "the first two are right. Does a momentum of 0.99 keep the old mean, or drop it?"
    return (
        f"the first two are right; for the new running mean you gave {average:g}. It is 0.99 of "
        "the old one and 0.01 of the mean of the batch."
    )


def _require_numbers(*answer):
    for number in answer:
        if isinstance(number, bool) or not isinstance(number, Real):
            raise TypeError(f"each answer is one number, not {type(number).__name__}")


def _close(given, right):
    return abs(given - right) <= 0.005 * abs(right)


EXERCISES = (
    Exercise(
        "2.10",
        _judge_heads,
        "A dense softmax has a weight for each pair of a number that it reads and a class, and a "
        "bias for each class. The only question is how many numbers it reads.",
        """
        # The mean of each of the 112 maps, and a bias: 113 numbers for each class.
        averaged = (112 + 1) * 12
        # Flattened, every place of every map is read by itself.
        flattened = (14 * 14 * 112 + 1) * 12
        """,
        "Averaging leaves 196 times fewer weights to learn: few pictures can teach those.",
    ),
    Exercise(
        "2.11",
        _judge_seconds,
        "Write how often the base runs and how often the head runs, then multiply. What does "
        "freezing change about the base's answer from epoch to epoch?",
        """
        pictures, epochs, base, head = 2000, 40, 0.020, 0.0001  # seconds a picture
        every_epoch = epochs * pictures * (base + head)
        computed_once = pictures * base + epochs * pictures * head
        # Five versions of each picture are five pictures for the base. An epoch of the head still
        # sees each picture once, in one of its versions.
        five_versions = 5 * pictures * base + epochs * pictures * head
        """,
        "What is frozen gives the same answer in every epoch; augmentation costs a pass for each "
        "version, and one drawn anew in each epoch would cost as much as no precomputing.",
    ),
    Exercise(
        "2.12",
        _judge_norm,
        "A normalization subtracts a mean and divides by a deviation, the root of a variance. "
        "Frozen, it takes those of its training; while training, those of the batch.",
        """
        frozen = (10 - 4) / 9**0.5
        # The batch has the mean 13 and the variance 9.
        trained = (10 - 13) / 9**0.5
        running_mean = 0.99 * 4 + 0.01 * 13
        """,
        "The same number comes out as 2 or as −1: the layers behind it never saw such features. "
        "And 0.99 forgets the old pictures one step at a time.",
    ),
)
