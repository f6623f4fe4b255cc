"""Verification and identification: closed forms, scikit-learn, enumeration, bad input."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.metrics.pairwise import euclidean_distances

from cnnlib.faces import verification as module
from cnnlib.faces.verification import (
    best_threshold,
    distances,
    equal_error_rate,
    error_rates,
    identification_error,
    measured_identification_error,
    pairs,
    roc,
    simulated_identification_error,
)


@st.composite
def verified(draw):
    """Distances of pairs, ties among them, and which show the same person; both kinds occur."""
    length = st.sampled_from([0, 0.25, 0.5, 0.50001, 1, 3])
    near, far = (draw(st.lists(length, min_size=1, max_size=12)) for _ in range(2))
    return np.array(near + far), np.repeat([True, False], [len(near), len(far)])


def normal_pairs(shift, n=20_001):
    """Quantiles of two normal distributions of distances, `shift` deviations apart."""
    quantiles = norm.ppf((np.arange(n) + 0.5) / n)
    values = np.concatenate([10 + quantiles, 10 + shift + quantiles])
    return values, np.repeat([True, False], n)


def test_distances_are_scikit_learns():
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(5, 7)), generator.normal(size=(4, 7))
    np.testing.assert_allclose(distances(a, b), euclidean_distances(a, b), atol=1e-9)


def test_each_pair_comes_once():
    encodings = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    labels = ["Ann", "Bob", "Ann", "Cy", "Bob", "Ann"]
    found = pairs(encodings, labels)
    for place, (i, j) in enumerate(combinations(range(6), 2)):
        expected = np.linalg.norm(encodings[i].astype(float) - encodings[j])
        assert found.distances[place] == pytest.approx(expected, rel=1e-12)
        assert found.same[place] == (labels[i] == labels[j])
    assert found.same.dtype == bool and found.same.sum() == 4


@settings(max_examples=40)
@given(verified())
def test_the_curve_tells_what_each_threshold_lets_pass(given_pairs):
    values, same = given_pairs
    curve = roc(values, same)
    assert curve.thresholds[0] == -np.inf
    assert curve.thresholds[1:].tolist() == sorted(set(values.tolist()))
    for *shares, threshold in zip(*curve, strict=True):
        passed = values <= threshold
        np.testing.assert_allclose(shares, [passed[~same].mean(), passed[same].mean()])
        rates = error_rates(values, same, threshold)
        np.testing.assert_allclose(rates, [passed[~same].mean(), 1 - passed[same].mean()])


@settings(max_examples=40)
@given(verified())
def test_the_area_under_the_curve_is_scikit_learns(given_pairs):
    curve = roc(*given_pairs)
    area = np.trapezoid(curve.true_accepts, curve.false_accepts)
    assert area == pytest.approx(roc_auc_score(given_pairs[1], -given_pairs[0]))


@settings(max_examples=40)
@given(verified(), st.floats(0.1, 10))
def test_the_unit_of_distance_changes_no_rate(given_pairs, unit):
    values, same = given_pairs
    rate = equal_error_rate(values, same)
    assert 0 <= rate <= 1
    assert equal_error_rate(values * unit, same) == pytest.approx(rate, abs=1e-12)
    assert equal_error_rate(3 - values, ~same) == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize("shift", [0, 0.5, 1, 2, 4])
def test_the_equal_error_rate_of_two_normal_distributions(shift):
    """Both errors are equal in the middle between them: Φ(−shift / 2)."""
    values, same = normal_pairs(shift)
    assert equal_error_rate(values, same) == pytest.approx(norm.cdf(-shift / 2), abs=1e-4)
    if shift:
        for goal in ("accuracy", "equal_error"):
            threshold = best_threshold(values, same, goal=goal)
            assert threshold == pytest.approx(10 + shift / 2, abs=0.02)
        admitting = best_threshold(values, same, goal=0.01)
        assert admitting == pytest.approx(10 + shift + norm.ppf(0.01), abs=0.01)


def test_the_equal_error_rate_at_the_ends():
    same = np.repeat([True, False], 3)
    assert equal_error_rate([1, 2, 3, 4, 5, 6], same) == 0
    assert equal_error_rate([4, 5, 6, 1, 2, 3], same) == 1
    assert equal_error_rate([2, 2, 2, 2, 2, 2], same) == 0.5
    assert equal_error_rate([1, 2, 5, 3, 4, 6], same) == pytest.approx(1 / 3)


@settings(max_examples=40)
@given(verified())
def test_no_threshold_is_better_than_the_best_one(given_pairs):
    values, same = given_pairs
    tried = [-1, *values, *(values + 1e-7)]
    rates = np.array([error_rates(values, same, threshold) for threshold in tried])

    def reached(goal):
        return np.array(error_rates(values, same, best_threshold(values, same, goal=goal)))

    assert reached("accuracy").mean() == pytest.approx(rates.mean(axis=1).min())
    gaps = np.abs(rates[:, 0] - rates[:, 1])
    assert abs(np.subtract(*reached("equal_error"))) == pytest.approx(gaps.min())
    for admitted in (0, 0.2, 1):
        false_accepts, false_rejects = reached(admitted)
        assert false_accepts <= admitted
        assert false_rejects == rates[rates[:, 0] <= admitted, 1].min()


def test_the_best_threshold_keeps_away_from_both_neighbors():
    assert best_threshold([0.1, 0.3, 0.7, 0.9], [True, True, False, False]) == 0.5
    assert best_threshold([0.1, 0.7, 0.9], [True, False, False], goal=0.5) == pytest.approx(0.4)
    near = np.array([1, np.nextafter(1, 2)])
    assert best_threshold(near, np.array([True, False])) == 1


def test_accuracy_over_balanced_pairs_is_one_minus_the_mean_error():
    generator = np.random.default_rng(3)
    values, same = generator.random(200), np.repeat([True, False], 100)
    accuracy = accuracy_score(same, values <= 0.4)
    assert 1 - np.mean(error_rates(values, same, 0.4)) == pytest.approx(accuracy)


@pytest.mark.parametrize("k, expected", [(1, 0.01), (2, 0.0199), (100, 0.6339676587)])
def test_the_error_of_identification_by_hand(k, expected):
    assert identification_error(0.01, k) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0, 1), st.integers(1, 1000))
def test_the_error_of_identification_is_its_formula_and_grows(rate, k):
    error = identification_error(rate, k)
    assert error == pytest.approx(1 - (1 - rate) ** k, abs=1e-12)
    assert rate - 1e-12 <= error <= min(1, k * rate) + 1e-12
    assert identification_error(rate, k + 1) >= error - 1e-12


def test_the_error_of_identification_where_rates_are_tiny():
    """1 − (1 − e)^k itself would be 0 in floating point."""
    assert identification_error(1e-18, 1000) == pytest.approx(1e-15, rel=1e-9)
    assert identification_error(1.0, 3) == 1
    found = identification_error(np.array([[0], [0.5]]), [1, 2])
    np.testing.assert_allclose(found, [[0, 0], [0.5, 0.75]])


@pytest.mark.parametrize("rate", [0, 0.003, 0.1, 1])
def test_the_simulation_agrees_with_the_derivation(rate):
    ks, trials = np.array([1, 3, 30, 300]), 20_000
    derived = identification_error(rate, ks)
    simulated = simulated_identification_error(rate, ks, trials=trials, seed=0)
    spread = np.sqrt(derived * (1 - derived) / trials)
    assert (np.abs(simulated - derived) <= 4.5 * spread).all()
    again = simulated_identification_error(rate, ks, trials=trials, seed=0)
    np.testing.assert_array_equal(simulated, again)
    one = simulated_identification_error(rate, 3, trials=trials, seed=1)
    assert isinstance(one, float) and abs(one - derived[1]) <= 4.5 * spread[1]


def by_enumeration(values, same, k, threshold, rule):
    """The share of all galleries of k people in which a picture is not told rightly."""
    wrong = []
    for row, owners in zip(values, same, strict=True):
        own, others = np.flatnonzero(owners), np.flatnonzero(~owners)
        errors = []
        for drawn in combinations(others, k - len(own)):
            passing = [i for i in (*drawn, *own) if row[i] <= threshold]
            if rule == "all" or not len(own):
                right = passing == own.tolist()
            else:  # of equal distances a wrong one counts
                nearest = min(passing, key=lambda i: (row[i], owners[i]), default=None)
                right = nearest == own[0]
            errors.append(not right)
        wrong.append(np.mean(errors))
    return np.mean(wrong)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 6),
    st.sampled_from([0.15, 0.5, np.inf]),
    st.sampled_from(["all", "nearest"]),
)
def test_the_measured_error_is_that_of_all_galleries(seed, k, threshold, rule):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 8, (5, 6)) / 8  # ties are likely
    owner = generator.integers(-1, 6, 5)  # −1: a stranger
    same = owner[:, np.newaxis] == np.arange(6)
    found = measured_identification_error(values, same, k, threshold=threshold, rule=rule)
    assert found == pytest.approx(by_enumeration(values, same, k, threshold, rule), abs=1e-12)


def test_derivation_simulation_and_measurement_agree_where_comparisons_are_independent():
    """A gallery of coins: each comparison goes wrong by itself with probability 0.02."""
    generator = np.random.default_rng(0)
    people = 400
    same = np.eye(people, dtype=bool)
    wrong = generator.random((people, people)) < 0.02
    values = np.where(same != wrong, 0.2, 0.8)
    rates = error_rates(values.ravel(), same.ravel(), 0.5)
    ks = np.array([1, 5, 20, 100])
    derived = 1 - (1 - rates.false_rejects) * (1 - rates.false_accepts) ** (ks - 1)
    measured = measured_identification_error(values, same, ks, threshold=0.5)
    np.testing.assert_allclose(measured, derived, atol=0.01)
    np.testing.assert_allclose(measured, identification_error(0.02, ks), atol=0.03)
    assert (np.diff(measured) > 0).all()


def test_strangers_are_let_in_less_often_where_pictures_differ():
    """Half of the strangers look like one person in five, half like nobody: Jensen's inequality."""
    values = np.full((40, 100), 0.8)
    values[:20, :20] = 0.2
    nobody = np.zeros(values.shape, bool)
    ks = np.array([1, 10, 50])
    measured = measured_identification_error(values, nobody, ks, threshold=0.5)
    derived = identification_error(0.1, ks)
    assert measured[0] == pytest.approx(derived[0])
    assert (measured[1:] < derived[1:] - 0.1).all()
    np.testing.assert_allclose(measured[1:], 0.5, atol=0.06)  # only the lookalikes, and they always


GOOD, BOTH = np.array([0.1, 0.9]), np.array([True, False])
TWO_BY_TWO = np.array([[0.1, 0.9], [0.8, 0.2]]), np.eye(2, dtype=bool)
BAD_PAIRS = {
    "negative": ((-GOOD, BOTH), ValueError, "distances holds -0.1, it needs 0 or more"),
    "not finite": (([0.1, np.nan], BOTH), ValueError, "distances holds nan"),
    "words": ((["a", "b"], BOTH), TypeError, "distances has type <U1, it needs numbers"),
    "numbers for bool": ((GOOD, [1, 0]), TypeError, "same has type int64, it needs bool"),
    "lengths": ((GOOD, [True]), ValueError, "distances has shape (2,), same (1,)"),
    "none": (([], np.zeros(0, bool)), ValueError, "the same and not empty"),
    "one kind": ((GOOD, [True, True]), ValueError, "same has no pair of different people"),
    "other kind": ((GOOD, [False, False]), ValueError, "same has no pair of the same person"),
}


@pytest.mark.parametrize("function", ["roc", "equal_error_rate", "best_threshold", "error_rates"])
@pytest.mark.parametrize("case", BAD_PAIRS)
def test_bad_pairs(function, case):
    arguments, error, message = BAD_PAIRS[case]
    threshold = (0.5,) if function == "error_rates" else ()
    with pytest.raises(
        error, match=re.escape(f"{function}: {message}" if case != "none" else message)
    ):
        getattr(module, function)(*arguments, *threshold)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: distances([[1, 2]], [[1]]), ValueError, "others have 1 numbers each, encodings"),
        (lambda: distances([1, 2], [[1]]), ValueError, "encodings has shape (2,), it needs (n, d)"),
        (lambda: distances([[1]], [[np.inf]]), ValueError, "others row 0 needs finite numbers"),
        (lambda: distances([["a"]], [[1]]), TypeError, "encodings has type <U1, it needs numbers"),
        (lambda: pairs([[1], [2]], [1]), ValueError, "labels has shape (1,), it needs (2,)"),
        (lambda: error_rates(GOOD, BOTH, "a"), TypeError, "threshold is 'a', it needs a number"),
        (lambda: error_rates(GOOD, BOTH, np.nan), ValueError, "threshold is NaN"),
        (lambda: best_threshold(GOOD, BOTH, goal="best"), ValueError, "goal is 'best', it needs"),
        (lambda: best_threshold(GOOD, BOTH, goal=1.5), ValueError, "goal is 1.5"),
        (lambda: identification_error(1.5, 2), ValueError, "error_rate is 1.5, it needs 0 to 1"),
        (lambda: identification_error("a", 2), TypeError, "error_rate is 'a', it needs numbers"),
        (lambda: identification_error(0.5, 0), ValueError, "k is 0, it needs 1 or more"),
        (lambda: identification_error(0.5, 1.5), TypeError, "k is 1.5, it needs whole numbers"),
        (lambda: identification_error(0.5, []), TypeError, "k is []"),
        (
            lambda: simulated_identification_error(0.5, 2, trials=0, seed=0),
            ValueError,
            "trials is 0, it needs 1 or more",
        ),
        (
            lambda: simulated_identification_error(-1, 2, seed=0),
            ValueError,
            "error_rate is -1",
        ),
        (
            lambda: measured_identification_error(*TWO_BY_TWO, 3, threshold=1),
            ValueError,
            "k is 3, the gallery has 2 people",
        ),
        (
            lambda: measured_identification_error(*TWO_BY_TWO, 1, threshold=1, rule="first"),
            ValueError,
            "rule is 'first', it needs one of ['all', 'nearest']",
        ),
        (
            lambda: measured_identification_error(
                TWO_BY_TWO[0], ~np.zeros((2, 2), bool), 1, threshold=1
            ),
            ValueError,
            "same has 2 owners in row 0, it needs one at most",
        ),
        (
            lambda: measured_identification_error(GOOD, BOTH, 1, threshold=1),
            ValueError,
            "distances has shape (2,), same (2,); both need (m, n)",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
