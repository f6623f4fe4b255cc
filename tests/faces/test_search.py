"""The search in blocks finds what comparing all pairs finds, rounding and ties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from cnnlib.faces import search
from cnnlib.faces.search import nearest


def brute_force(queries, encodings, k):
    """Every difference in float64, one query at a time; of equals the first."""
    found, distances = [], []
    for query in np.float32(queries).astype(float):
        squares = ((np.float32(encodings) - query) ** 2).sum(axis=1)
        order = np.argsort(squares, kind="stable")[:k]
        found.append(order)
        distances.append(np.sqrt(squares[order]))
    return np.array(found), np.array(distances)


def assert_as_brute_force(queries, encodings, k):
    found, distances = nearest(queries, encodings, k=k)
    expected, measured = brute_force(queries, encodings, k)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(distances, measured, rtol=1e-12, atol=0)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(search, "_ENCODINGS", 7)
    monkeypatch.setattr(search, "_QUERIES", 3)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_it_finds_the_neighbors_that_brute_force_and_scikit_learn_find(k):
    generator = np.random.default_rng(k)
    encodings = generator.normal(size=(3 * search._ENCODINGS + 11, 128)).astype("float32")
    near = encodings[:: len(encodings) // 40] + 0.05 * generator.normal(size=(41, 128))
    queries = np.concatenate([near, generator.normal(size=(10, 128))])
    assert_as_brute_force(queries, encodings, k)
    theirs = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(encodings)
    np.testing.assert_array_equal(
        nearest(queries, encodings, k=k)[0],
        theirs.kneighbors(queries.astype("float32"), return_distance=False),
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 40),
    m=st.integers(1, 8),
    d=st.integers(1, 6),
    scale=st.sampled_from([1e-30, 1e-3, 1, 1e6, 1e14]),
    shift=st.sampled_from([0, 1, 1000]),
    grid=st.booleans(),
)
def test_it_is_exact_for_all_sizes_scales_shifts_and_ties(seed, n, m, d, scale, shift, grid):
    generator = np.random.default_rng(seed)
    draw = (
        (lambda *s: generator.integers(-2, 3, s)) if grid else (lambda *s: generator.normal(size=s))
    )
    encodings, queries = ((draw(rows, d) + shift) * scale / max(shift, 1) for rows in (n, m))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_ENCODINGS", 7)
        patch.setattr(search, "_QUERIES", 3)
        assert_as_brute_force(queries, encodings, int(generator.integers(1, n + 1)))


def test_neighbors_too_close_for_float32_products_are_told_apart():
    # Far from zero: ‖q‖² − 2 q·x + ‖x‖² cancels all digits that these differ in.
    encodings = np.full((50, 128), 100, np.float32)
    encodings[:, 0] += np.arange(50)[::-1] * np.float32(2e-5)
    query = np.full((1, 128), 100, np.float32)
    squares = (query @ query.T)[0] - 2 * (query @ encodings.T)[0] + (encodings**2).sum(axis=1)
    true = (encodings[:, 0].astype(float) - 100) ** 2
    assert np.abs(squares - true).max() > 100 * true.max()
    assert nearest(query, encodings)[0].item() == 49
    assert_as_brute_force(query, encodings, 5)


def test_equals_come_in_the_order_of_the_table(small_blocks):
    found, distances = nearest(np.zeros((4, 2)), np.ones((30, 2)), k=20)
    assert found.tolist() == [list(range(20))] * 4
    np.testing.assert_array_equal(distances, np.sqrt(2))


def test_memory_does_not_grow_with_queries_times_encodings():
    import tracemalloc

    generator = np.random.default_rng(0)
    encodings = generator.normal(size=(40_000, 16)).astype("float32")
    queries = generator.normal(size=(1000, 16)).astype("float32")
    tracemalloc.start()
    nearest(queries, encodings)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6 < 4 * len(queries) * len(encodings)


def test_an_empty_set_of_encodings_and_a_large_k_are_refused():
    with pytest.raises(ValueError, match=r"nearest: k is 3, it needs at most the 2 encodings"):
        nearest([[0.0]], [[0.0], [1.0]], k=3)
    with pytest.raises(ValueError, match=r"encodings has shape \(0, 2\), it needs \(m, 2\)"):
        nearest([[0.0, 1.0]], np.empty((0, 2)))
    with pytest.raises(ValueError, match="k is 0, it needs 1 or more"):
        nearest([[0.0]], [[0.0]], k=0)
    with pytest.raises(TypeError, match=r"k is 1\.0, it needs a whole number"):
        nearest([[0.0]], [[0.0]], k=1.0)


@pytest.mark.parametrize(
    "queries, error, words",
    [
        ([[1.0]], ValueError, r"encodings has shape \(2, 2\), it needs \(m, 1\)"),
        ([1.0, 2.0], ValueError, r"queries has shape \(2,\)"),
        ([[np.nan, 0]], ValueError, "queries row 0 needs finite numbers"),
        ([[np.inf, 0]], ValueError, "queries row 0 needs finite numbers"),
        ([[1e16, 0]], ValueError, "queries holds 1e\\+16, it needs 1e\\+15 at most"),
        ([["a", "b"]], TypeError, "queries has type <U1, it needs numbers"),
        ([[1.0, 2.0], [3.0]], ValueError, "queries is no array"),
        ([[True, False]], TypeError, "queries has type bool"),
    ],
)
def test_queries_of_another_form_are_refused(queries, error, words):
    with pytest.raises(error, match=words):
        nearest(queries, [[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e17])
def test_encodings_that_are_not_finite_are_refused_with_their_row(small_blocks, kind, wrong):
    encodings = np.zeros((20, 3), kind)
    encodings[17, 1] = wrong
    with pytest.raises(ValueError, match=r"row 17 needs finite|holds 1e\+17, it needs 1e\+15"):
        nearest([[0.0, 1.0, 2.0]], encodings)
