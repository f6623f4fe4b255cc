"""Exercises of lesson 04, transfer learning."""

from numbers import Real

from cnnlib.exercises.exercise import Exercise

_REGIMES = ("freeze_all", "freeze_some", "initialize")
_CHOICE = {"A": "freeze_all", "B": "initialize", "C": "freeze_some", "D": "freeze_all"}
_ADVICE = {
    "A": "It is 0.01 better on one draw of forty pictures. How far do draws lie apart, and what "
    "does it cost to train more?",
    ("B", "freeze_all"): "Its head does not even name the pictures that it learned from. What can "
    "a head not mend, if the features lack it?",
    "B": "There are pictures enough to train more and to see whether it helps. Does it?",
    ("C", "initialize"): "It is best on training and on test pictures. Which pictures are "
    "there to choose by?",
    "C": "Compare the accuracies on the validation pictures.",
    "D": "Once a step has changed a layer of the base, what it said of a picture before is out of "
    "date. When can it be kept?",
}
_PICTURES, _EPOCHS, _BASE, _HEAD = 2000, 40, 20, 0.1  # milliseconds a picture
_SLOW = _EPOCHS * _PICTURES * (_BASE + _HEAD) / 1000
_FAST = _PICTURES * (_BASE + _EPOCHS * _HEAD) / 1000
_MANY = _PICTURES * (5 * _BASE + _EPOCHS * _HEAD) / 1000
_FROZEN, _TRAINED, _AVERAGE = 2.0, -1.0, 4.09


def _judge_choice(choice):
    if not isinstance(choice, dict):
        raise TypeError(f"the answer is a dictionary of A, B, C and D, not {type(choice).__name__}")
    for case, right in _CHOICE.items():
        if case not in choice:
            return f"you gave no regime for {case}."
        regime = choice[case]
        if regime not in _REGIMES:
            return f"for {case} you gave {regime!r}. The regimes are {', '.join(_REGIMES)}."
        if regime != right:
            return f"{case} is not for {regime}. {_ADVICE.get((case, regime)) or _ADVICE[case]}"
    return None


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
        _judge_choice,
        "Ask of each case: is the training accuracy the trouble, or only the one on new pictures? "
        "Is a difference larger than chance? Which pictures may choose? What must be kept?",
        """
        choice = {
            # 0.01 is less than draws differ: no gain is shown, so take the cheapest.
            "A": "freeze_all",
            # Frozen, it misses training pictures too: its features lack something that the many
            # pictures can teach, and the validation pictures show that they do.
            "B": "initialize",
            # Validation chooses. The best on training pictures has learned some by heart, and
            # test pictures that choose are no test any more.
            "C": "freeze_some",
            # Only a frozen base says the same of a picture in every epoch: compute it once.
            "D": "freeze_all",
        }
        """,
        "The number of pictures alone decides nothing: it says what is worth a try.",
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
