"""Exercises of lesson 06, ensembles and crops."""

import numpy as np

from cnnlib.exercises.exercise import Exercise

OF_ONE, OF_TWO = 0.20, 0.17
_LIMIT = 2 * OF_TWO - OF_ONE  # E(k) = limit + (E(1) − limit) / k at k = 2
_OF_FIVE = _LIMIT + (OF_ONE - _LIMIT) / 5

_PICTURES = np.random.default_rng(0).random((4, 6, 5, 3))
_WEIGHTS = np.random.default_rng(1).normal(size=(6 * 5 * 3, 3))


def _judge_members(members):
    members = np.asarray(members, dtype=float)
    if members.shape != (3, 2):
        return (
            f"you gave the shape {members.shape}. There is a row for each of the three members, "
            "with its probabilities of the classes 0 and 1."
        )
    for row, probabilities in enumerate(members):
        if not (probabilities >= 0).all() or abs(probabilities.sum() - 1) > 1e-6:
            return f"row {row} is {probabilities.tolist()}: these are no probabilities."
    if (abs(members[:, 0] - members[:, 1]) < 1e-9).any():
        return "a member gives both classes the same probability. Let every member decide."
    right = int((members[:, 0] > members[:, 1]).sum())
    if right != 2:
        return f"{right} of your three members read the picture right. It has to be two of them."
    mean = members.mean(axis=0)
    if mean[0] > mean[1] - 1e-9:
        return (
            f"two members are right, but the mean gives class 0 a probability of {mean[0]:.3g}. "
            "How sure are the two, and how sure is the third?"
        )
    return None


def _network(pictures):
    """A classifier to which every pixel matters."""
    pictures = np.asarray(pictures, dtype=float)
    if pictures.ndim != 4 or pictures.shape[1:] != _PICTURES.shape[1:]:
        raise ValueError(f"the network got the shape {pictures.shape}, it takes (m, 6, 5, 3)")
    strength = np.exp(np.sin(3 * pictures).reshape(len(pictures), -1) @ _WEIGHTS)
    return strength / strength.sum(axis=1, keepdims=True)


def _judge_mirror(answer):
    if not callable(answer):
        return f"you gave a {type(answer).__name__}; it takes a function of a network and pictures."
    given = np.asarray(answer(_network, _PICTURES.copy()), dtype=float)
    alone = _network(_PICTURES)
    if given.shape != alone.shape:
        return f"your function gives the shape {given.shape}, for four pictures and three classes."
    mirrored = _network(_PICTURES[:, :, ::-1])
    if np.allclose(given, alone) or np.allclose(given, mirrored):
        return "your function asks about one of the two only: picture, or mirror image."
    for axis, flipped in (
        ("the rows, top to bottom", _PICTURES[:, ::-1]),
        ("the channels", _PICTURES[..., ::-1]),
        ("the order of the pictures", _PICTURES[::-1]),
    ):
        if np.allclose(given, (alone + _network(flipped)) / 2):
            return f"you turned round {axis}. Which axis of x runs from left to right?"
    if np.allclose(given, _network((_PICTURES + _PICTURES[:, :, ::-1]) / 2)):
        return (
            "you averaged the pixels: a double exposure, the like of which the network has never "
            "seen. What else is there to average?"
        )
    if not np.allclose(given.sum(axis=1), 1):
        return (
            f"the answers for a picture add up to {given[0].sum():.3g}. "
            "What do probabilities add up to?"
        )
    reverse = np.asarray(answer(_network, _PICTURES[:, :, ::-1].copy()), dtype=float)
    if reverse.shape != given.shape or not np.allclose(given, reverse):
        return "your function still answers differently for a picture and for its mirror image."
    if np.allclose(given, given[0]):
        return "your function gives the same answer for every picture. What does the network say?"
    return None


def _judge_error(of_five, of_any_number):
    of_five, of_any_number = float(of_five), float(of_any_number)
    if of_five < of_any_number:
        return "five networks cannot have a lower error than the limit. Did you swap the two?"
    if not abs(of_any_number - _LIMIT) < 5e-4:
        if abs(of_any_number) < 5e-4:
            return (
                "with a limit of 0, two networks would have half the error of one. "
                "What the members have in common stays."
            )
        return (
            f"with a limit of {of_any_number:g}, look at what two networks have: the second one "
            f"takes half of the way from {OF_ONE:.2f} to the limit."
        )
    if abs(of_five - _OF_FIVE) < 5e-4:
        return None
    return (
        f"the limit is right, your {of_five:g} for five is not. Of the way from one network to the "
        "limit, which share is still left with five?"
    )


EXERCISES = (
    Exercise(
        "2.16",
        _judge_members,
        "A vote would go two to one. The mean also counts how sure each of them is.",
        """
        # Two members are just right, the third is sure of the other class.
        members_answers = np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]])
        # The mean gives class 0 only (0.6 + 0.6 + 0.1) / 3, less than a half.
        """,
        "So an ensemble can be wrong where most of its members are right. For the cross entropy "
        "there is no such case.",
    ),
    Exercise(
        "2.17",
        _judge_error,
        "The formula with n = 2 is one equation for the limit. What is half of the way there?",
        """
        # Two networks go half of the way: E_1 - E_inf is twice what the second one gains.
        whole_way = 2 * (0.20 - 0.17)
        of_any_number = 0.20 - whole_way
        of_five = of_any_number + whole_way / 5
        """,
        "From two networks you know what a hundred would bring, before you pay for them.",
    ),
    Exercise(
        "2.18",
        _judge_mirror,
        "The mirror image of the mirror image is the picture. So which two answers can you have, "
        "whichever of the two you begin with? What does not depend on their order?",
        """
        def mirror_proof(network, x):
            # Swapping x and its mirror image swaps the two terms, and their sum stays.
            return (network(x) + network(x[:, :, ::-1])) / 2
        """,
        "Whatever the network has learned, this answer cannot tell left from right. It takes two "
        "passes, and it is harmful wherever left and right matter.",
    ),
)
