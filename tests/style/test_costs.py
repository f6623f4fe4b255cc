"""The costs against published numbers and the formulas as loops, and their properties."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from cnnlib import style

REFERENCE = Path(__file__).parents[1] / "reference"
ARRAYS = np.load(REFERENCE / "course_inputs.npz")
CHECKS = {
    check["id"]: check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["op"] in ("gram_matrix", "content_cost", "layer_style_cost", "total_cost")
}
# On JAX and PyTorch, Keras makes float32 of every array it is given.
DOUBLE = keras.backend.backend() == "tensorflow"
DIGITS = {"rtol": 1e-9} if DOUBLE else {"rtol": 1e-5, "atol": 1e-4}
RANDOM = np.random.default_rng(0)


def array(entry):
    return ARRAYS[entry["array"]]


def assert_close(value, expected):
    np.testing.assert_allclose(ops.convert_to_numpy(value), expected, **DIGITS)


@st.composite
def activations(draw, channels=None):
    height, width, drawn = (draw(st.integers(1, 4)) for _ in range(3))
    shape = height, width, channels or drawn
    return np.random.default_rng(draw(st.integers(0, 2**32))).normal(size=shape)


def test_every_published_number_is_here():
    assert set(CHECKS) == {
        "w4_content_cost_tf2",
        "w4_gram_tf2",
        "w4_layer_style_cost_tf2",
        "w4_total_cost_a",
    }


def test_gram_matrix_has_the_published_numbers():
    check = CHECKS["w4_gram_tf2"]
    rows = array(check["inputs"]["A"])  # one row a channel
    gram = ops.convert_to_numpy(style.gram_matrix(rows.T[np.newaxis]))
    assert list(gram.shape) == check["expected"]["G.shape"]
    np.testing.assert_allclose(gram[0], check["expected"]["G[0]"], rtol=0, atol=1e-4)
    assert_close(gram, check["float64"]["G"])


@pytest.mark.parametrize(
    ("name", "function", "of_content"),
    [
        ("w4_content_cost_tf2", style.content_cost, "a_C"),
        ("w4_layer_style_cost_tf2", style.style_cost, "a_S"),
    ],
)
def test_costs_have_the_published_numbers(name, function, of_content):
    check = CHECKS[name]
    pair = [array(check["inputs"][key]) for key in (of_content, "a_G")]
    pair = [a.reshape(a.shape[-3:]) for a in pair]
    cost = float(function(*pair))
    # float32 holds six or seven digits of 14.0178
    atol = max(check["tol"]["atol"], 0 if DOUBLE else 1e-5)
    assert cost == pytest.approx(check["expected"]["J"], rel=0, abs=atol)
    assert_close(cost, check["float64"]["J"])


def test_total_cost_has_the_published_number():
    check = CHECKS["w4_total_cost_a"]
    costs = check["inputs"]["J_content"], check["inputs"]["J_style"]
    assert style.total_cost(*costs) == pytest.approx(check["expected"]["J"], rel=0, abs=1e-12)
    assert style.total_cost(*costs, alpha=10, beta=40) == style.total_cost(*costs)
    assert style.total_cost(2.0, 3.0, alpha=0, beta=5) == 15


@given(activations())
def test_gram_matrix_is_the_sum_over_places(a):
    rows, columns, channels = a.shape
    expected = np.zeros((channels, channels))
    for i in range(rows):
        for j in range(columns):
            expected += np.outer(a[i, j], a[i, j])
    gram = ops.convert_to_numpy(style.gram_matrix(a))
    np.testing.assert_allclose(gram, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(gram, gram.T, rtol=0, atol=1e-6)
    assert np.linalg.eigvalsh(gram).min() >= -1e-5 * max(1, np.trace(gram))


@given(activations(), st.randoms())
def test_gram_matrix_is_blind_to_the_order_of_the_pixels(a, random):
    pixels = a.reshape(-1, a.shape[-1]).tolist()
    random.shuffle(pixels)
    shuffled = np.array(pixels).reshape(a.shape)
    grams = [ops.convert_to_numpy(style.gram_matrix(each)) for each in (a, shuffled)]
    np.testing.assert_allclose(*grams, rtol=1e-4, atol=1e-5)
    assert float(style.style_cost(a, shuffled)) == pytest.approx(0, abs=1e-6)


@given(activations(3))
def test_the_three_scales_differ_by_what_they_divide_by(content):
    generated = content[::-1] + 1
    height, width, channels = content.shape
    squares = np.sum((content - generated) ** 2)
    scales = {"course": 1 / (4 * height * width * channels), "gatys": 0.5}
    scales["relative"] = 1 / np.sum(content**2)
    for scale, factor in scales.items():
        cost = float(style.content_cost(content, generated, scale=scale))
        assert cost == pytest.approx(factor * squares, rel=1e-4)


@given(activations(3))
def test_style_cost_of_equal_sizes_is_that_of_the_lecture(a):
    other = np.sqrt(np.abs(a))
    height, width, channels = a.shape
    grams = [np.einsum("ijk,ijl->kl", each, each) for each in (a, other)]
    squares = np.sum((grams[0] - grams[1]) ** 2)
    lecture = squares / (2 * height * width * channels) ** 2
    for scale in ("course", "gatys"):
        assert float(style.style_cost(a, other, scale=scale)) == pytest.approx(lecture, rel=1e-3)
    relative = float(style.style_cost(a, other, scale="relative"))
    assert relative == pytest.approx(squares / np.sum(grams[0] ** 2), rel=1e-3)


@given(activations(2), st.integers(1, 3))
def test_a_picture_laid_side_by_side_has_the_same_style(a, times):
    assert float(style.style_cost(a, np.tile(a, (times, times, 1)))) == pytest.approx(0, abs=1e-6)


def test_an_answer_of_zeros_costs_one_in_relation():
    a = RANDOM.random((3, 4, 5))
    for function in (style.content_cost, style.style_cost):
        assert float(function(a, 0 * a, scale="relative")) == pytest.approx(1)


@pytest.mark.tensorflow
def test_total_variation_is_that_of_tensorflow():
    import tensorflow as tf

    for shape in ((7, 5, 3), (1, 6, 1), (1, 1, 2)):
        image = RANDOM.random(shape)
        assert float(style.total_variation(image)) == pytest.approx(
            float(tf.image.total_variation(tf.constant(image)))
        )


def test_total_variation_counts_each_pair_of_neighbors_once():
    image = np.zeros((4, 4, 1))
    image[1, 1] = 0.5  # four neighbors
    assert float(style.total_variation(image)) == 2
    image[0, 0] = 1  # two more
    assert float(style.total_variation(image)) == 4


def test_tensors_are_taken_as_they_are():
    a = ops.convert_to_tensor(RANDOM.random((3, 4, 2)).astype("float32"))
    assert float(style.style_cost(a, a)) == float(style.content_cost(a, a)) == 0
    assert style.gram_matrix(a).shape == (2, 2)


A = np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("error", "words", "call"),
    [
        (ValueError, r"gram_matrix: a has shape \(2, 3\), .* \(height, width, channels\)",
         lambda: style.gram_matrix(A[..., 0])),
        (ValueError, r"a has shape \(1, 2, 3, 4\)", lambda: style.gram_matrix(A[np.newaxis])),
        (ValueError, r"a has shape \(0, 3, 4\)", lambda: style.gram_matrix(A[:0])),
        (ValueError, "gram_matrix: a holds nan, it needs finite",
         lambda: style.gram_matrix(A * np.nan)),
        (TypeError, "a holds <U1, it needs numbers", lambda: style.gram_matrix([[["x"]]])),
        (TypeError, "a holds bool, it needs numbers", lambda: style.gram_matrix(A > 0)),
        (ValueError, r"generated has shape \(3, 2, 4\), it needs \(2, 3, 4\) as content",
         lambda: style.content_cost(A, A.swapaxes(0, 1))),
        (ValueError, "generated has 3 channels, it needs 4 as style",
         lambda: style.style_cost(A, A[..., :3])),
        (ValueError, "content_cost: scale is 'half', it needs one of .*'gatys'",
         lambda: style.content_cost(A, A, scale="half")),
        (ValueError, "style_cost: scale is None", lambda: style.style_cost(A, A, scale=None)),
        (ValueError, "content is zero everywhere",
         lambda: style.content_cost(0 * A, A, scale="relative")),
        (ValueError, "style is zero everywhere",
         lambda: style.style_cost(0 * A, A, scale="relative")),
        (ValueError, "total_variation: image has shape", lambda: style.total_variation(A[0])),
        (ValueError, "total_cost: alpha is -1, it needs to be finite, 0 or more",
         lambda: style.total_cost(1, 1, alpha=-1)),
        (ValueError, "total_cost: beta is inf", lambda: style.total_cost(1, 1, beta=np.inf)),
        (ValueError, "total_cost: beta is nan", lambda: style.total_cost(1, 1, beta=np.nan)),
        (TypeError, "total_cost: alpha is '10', it needs a number",
         lambda: style.total_cost(1, 1, alpha="10")),
        (TypeError, "total_cost: beta is True", lambda: style.total_cost(1, 1, beta=True)),
    ],
)  # fmt: skip
def test_bad_input_raises_at_once(error, words, call):
    with pytest.raises(error, match=words):
        call()
