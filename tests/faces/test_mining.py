"""Mining: each function is a plain loop made fast; draws are fair; bad input is named."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib.faces.mining import batch_all, batch_hard, batches, pairs, triplets

LABELS = np.array([3, 1, 3, 2, 1, 3, 9])  # 2 and 9 have one picture only
POINTS = np.random.default_rng(0).normal(size=(7, 3))


@st.composite
def labeled_encodings(draw):
    """Up to nine encodings on a small grid, where equal distances are common."""
    m = draw(st.integers(3, 9))
    labels = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    labels[:3] = 0, 0, 1  # so that a triplet exists
    order = draw(st.permutations(range(m)))
    points = draw(st.lists(st.tuples(*[st.integers(0, 3)] * 2), min_size=m, max_size=m))
    return np.array(points, float), np.array(labels)[order]


def squared(points, i, j):
    return sum((points[i] - points[j]) ** 2)


def rows(found):
    return list(zip(*(indices.tolist() for indices in found), strict=True))


def all_by_loops(labels):
    places = range(len(labels))
    return [
        (a, p, n)
        for a, p, n in product(places, places, places)
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]
    ]


def semi_hard_by_loops(points, labels, margin):
    nearest = {}
    for a, p, n in all_by_loops(labels):
        of_positive, of_negative = squared(points, a, p), squared(points, a, n)
        if of_positive < of_negative < of_positive + margin:
            best = nearest.get((a, p))
            if best is None or of_negative < squared(points, a, best):
                nearest[a, p] = n
    return [(a, p, n) for (a, p), n in nearest.items()]


def hard_by_loops(points, labels):
    hardest = {}
    for a, p, n in all_by_loops(labels):
        worst = hardest.setdefault(a, [p, n])
        if squared(points, a, p) > squared(points, a, worst[0]):
            worst[0] = p
        if squared(points, a, n) < squared(points, a, worst[1]):
            worst[1] = n
    return [(a, p, n) for a, (p, n) in hardest.items()]


@given(labeled_encodings())
def test_the_vectorized_forms_are_the_loops(drawn):
    points, labels = drawn
    assert rows(batch_all(labels)) == all_by_loops(labels)
    assert rows(batch_hard(points, labels)) == hard_by_loops(points, labels)
    assert rows(triplets(points, labels, kind="hard")) == hard_by_loops(points, labels)
    for margin in (0.5, 2.0):
        found = triplets(points, labels, kind="semi_hard", margin=margin)
        assert rows(found) == semi_hard_by_loops(points, labels, margin)


@given(labeled_encodings(), st.integers(0, 99))
def test_random_triplets_are_some_of_all_with_every_anchor_and_positive_once(drawn, seed):
    points, labels = drawn
    found = rows(triplets(points, labels, kind="random", seed=seed))
    assert set(found) <= set(all_by_loops(labels))
    assert [row[:2] for row in found] == sorted({row[:2] for row in all_by_loops(labels)})
    assert found == rows(triplets(points, labels, kind="random", seed=seed))


def test_every_negative_is_equally_likely():
    drawn = [rows(triplets(POINTS, LABELS, kind="random", seed=seed)) for seed in range(1200)]
    negatives = np.array([row[2] for found in drawn for row in found if row[:2] == (0, 2)])
    values, counts = np.unique(negatives, return_counts=True)
    assert values.tolist() == [1, 3, 4, 6]
    assert abs(counts / 1200 - 1 / 4).max() < 0.05  # four standard deviations


def test_how_many_there_are_of_p_identities_with_q_pictures():
    labels = np.repeat(np.arange(5), 4)
    assert len(batch_all(labels).anchor) == 5 * 4 * 3 * 4 * 4


def test_labels_may_be_names():
    names = np.array(["Ada", "Bo", "Cy", "Di"])[[2, 0, 2, 1, 0, 2, 3]]
    assert rows(batch_hard(POINTS, names)) == rows(batch_hard(POINTS, LABELS))
    assert rows(batch_all(names.tolist())) == rows(batch_all(LABELS))


def test_encodings_that_are_all_equal_have_no_semi_hard_triplet():
    found = triplets(np.ones((7, 2)), LABELS, kind="semi_hard")
    assert [len(indices) for indices in found] == [0, 0, 0]


def test_half_of_the_pairs_are_same_and_all_say_the_truth():
    drawn = pairs(LABELS, 2001, seed=0)
    assert drawn.same.sum() == 1000 and len(drawn.first) == len(drawn.second) == 2001
    assert (drawn.first != drawn.second).all()
    np.testing.assert_array_equal(LABELS[drawn.first] == LABELS[drawn.second], drawn.same)


def test_pairs_are_drawn_fairly():
    drawn = pairs(LABELS, 24_000, seed=1)
    firsts = np.bincount(drawn.first[drawn.same], minlength=7) / 12_000
    np.testing.assert_allclose(firsts, np.array([1, 1, 1, 0, 1, 1, 0]) / 5, atol=0.02)
    firsts = np.bincount(drawn.first[~drawn.same], minlength=7) / 12_000
    np.testing.assert_allclose(firsts, 1 / 7, atol=0.02)
    of_two = drawn.second[~drawn.same & (drawn.first == 1)]
    seconds = np.bincount(of_two, minlength=7) / len(of_two)
    np.testing.assert_allclose(seconds, np.array([1, 0, 1, 1, 0, 1, 1]) / 5, atol=0.05)


def test_batches_hold_p_identities_with_q_pictures():
    labels = np.repeat(np.arange(6), [2, 3, 4, 5, 6, 7])
    drawn = batches(labels, identities=3, pictures=4, seed=0)
    seen = []
    for _ in range(60):
        chosen = next(drawn)
        assert len(set(chosen.tolist())) == 12
        of_rows = labels[chosen].reshape(3, 4)
        assert (of_rows == of_rows[:, :1]).all() and len(set(of_rows[:, 0])) == 3
        seen += chosen.tolist()
    assert set(seen) == set(range(5, 27))  # identities 0 and 1 have too few pictures
    again = batches(labels, identities=3, pictures=4, seed=np.random.default_rng(0))
    assert [next(again).tolist() for _ in range(5)] == np.reshape(seen[:60], (5, 12)).tolist()


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: triplets(POINTS, LABELS, kind="easy"), ValueError, "kind is 'easy'"),
        (lambda: triplets(POINTS, LABELS, seed=-1), ValueError, "seed is -1"),
        (lambda: triplets(POINTS, LABELS, seed=0.5), TypeError, "seed is 0.5"),
        (lambda: triplets(POINTS, LABELS, margin=0), ValueError, "margin is 0"),
        (lambda: triplets(POINTS, LABELS, margin=np.nan), ValueError, "margin is nan"),
        (lambda: triplets(POINTS, LABELS[:6]), ValueError, "7 embeddings and 6 labels"),
        (lambda: triplets(POINTS[0], LABELS), ValueError, "embeddings has shape (3,)"),
        (lambda: triplets(POINTS * np.nan, LABELS), ValueError, "needs finite numbers"),
        (lambda: batch_hard(POINTS, LABELS / 2), TypeError, "labels have type float64"),
        (lambda: batch_hard(POINTS, LABELS[:, None]), ValueError, "labels have shape (7, 1)"),
        (lambda: batch_hard(POINTS[:3], [1, 1, 1]), ValueError, "3 labels name 1 identities"),
        (lambda: batch_all([1, 2, 3]), ValueError, "3 labels name 3 identities"),
        (lambda: batch_all([]), TypeError, "labels have type float64"),
        (lambda: pairs(LABELS, 1, seed=0), ValueError, "count is 1, it needs 2"),
        (lambda: pairs(LABELS, 10, seed="a"), TypeError, "seed is 'a'"),
        (lambda: batches(LABELS, identities=4, pictures=2, seed=0), ValueError, "have 2 identit"),
        (lambda: batches(LABELS, identities=2, pictures=1, seed=0), ValueError, "pictures is 1"),
    ],
)
def test_bad_input_is_named_at_once(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
