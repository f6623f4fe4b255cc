"""The fast operations against the loops, over shapes, strides, paddings and dilations."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnlib.scratch import naive, ops

QUICK = settings(max_examples=60, deadline=None)


@st.composite
def windows(draw, *, dilations=True):
    """An image and the arguments of a convolution or pooling over it, one to three axes."""
    axes = draw(st.integers(1, 3))
    largest = {1: 9, 2: 6, 3: 4}[axes]

    def per_axis(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(axes))

    dilation = per_axis(1, 2) if dilations else (1,) * axes
    size = per_axis(1, 3)
    stride = draw(st.one_of(st.integers(1, 3), st.just(per_axis(1, 3))))
    pairs = tuple(zip(per_axis(0, 2), per_axis(0, 2), strict=True))
    padding = draw(st.sampled_from(["valid", "same", 1, pairs]))
    image = per_axis(1, largest)
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    x = generator.normal(size=(draw(st.integers(1, 2)), *image, draw(st.integers(1, 3))))
    return x, size, {"padding": padding, "stride": stride}, dilation, generator


def accepted(call, *arguments, **options):
    """The result of the loops; a combination that they refuse is refused by the fast ones too."""
    try:
        return getattr(naive, call)(*arguments, **options)
    except ValueError as error:
        with pytest.raises(ValueError) as caught:
            getattr(ops, call)(*arguments, **options)
        assert str(caught.value) == str(error)
        assume(False)


@QUICK
@given(windows(), st.integers(1, 3))
def test_convolution_equals_the_loops(drawn, filters):
    x, size, options, dilation, generator = drawn
    kernel = generator.normal(size=(*size, x.shape[-1], filters))
    bias = generator.normal(size=filters)
    expected = accepted("conv", x, kernel, bias, dilation=dilation, **options)
    result = ops.conv(x, kernel, bias, dilation=dilation, **options)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12)

    grad = generator.normal(size=expected.shape)
    fast = ops.conv_backward(grad, x, kernel, dilation=dilation, **options)
    slow = naive.conv_backward(grad, x, kernel, dilation=dilation, **options)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("pool", ["max_pool", "average_pool"])
@QUICK
@given(drawn=windows(dilations=False), whole=st.booleans())
def test_pooling_equals_the_loops(pool, drawn, whole):
    x, size, options, _, generator = drawn
    if whole:  # few different values: ties
        x = np.round(x)
    expected = accepted(pool, x, size, **options)
    result = getattr(ops, pool)(x, size, **options)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-13)

    grad = generator.normal(size=expected.shape)
    fast = getattr(ops, f"{pool}_backward")(grad, x, size, **options)
    slow = getattr(naive, f"{pool}_backward")(grad, x, size, **options)
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)


def numerical(f, x, eps=1e-6):
    """Central differences of the number f() at every entry of x."""
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + eps
        above = f()
        x[place] = kept - eps
        slopes[place] = (above - f()) / (2 * eps)
        x[place] = kept
    return slopes


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("options", [{"padding": "same", "dilation": 2}, {"stride": 2}])
def test_convolution_gradients_are_the_slopes(axes, options):
    generator = np.random.default_rng(axes)
    x = generator.normal(size=(2, *[4] * axes, 2))
    kernel = generator.normal(size=(*[2] * axes, 2, 3))
    bias = generator.normal(size=3)
    grad = generator.normal(size=ops.conv(x, kernel, bias, **options).shape)

    def loss():
        return np.sum(grad * ops.conv(x, kernel, bias, **options))

    gradients = ops.conv_backward(grad, x, kernel, **options)
    for gradient, of in zip(gradients, (x, kernel, bias), strict=True):
        np.testing.assert_allclose(gradient, numerical(loss, of), rtol=0, atol=1e-7)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("pool", ["max_pool", "average_pool"])
@pytest.mark.parametrize("options", [{}, {"stride": 1, "padding": "same"}])
def test_pooling_gradients_are_the_slopes(axes, pool, options):
    generator = np.random.default_rng(axes)
    x = generator.normal(size=(2, *[4] * axes, 2))
    forward = getattr(ops, pool)
    grad = generator.normal(size=forward(x, 2, **options).shape)
    gradient = getattr(ops, f"{pool}_backward")(grad, x, 2, **options)
    slopes = numerical(lambda: np.sum(grad * forward(x, 2, **options)), x)
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=1e-7)


@pytest.mark.parametrize("module", [naive, ops])
@pytest.mark.parametrize("pool", [2, 3])
def test_first_of_equal_maxima_takes_the_gradient(module, pool):
    image = np.ones((1, pool, pool, 2))
    gradient = module.max_pool_backward(np.full((1, 1, 1, 2), 7.0), image, pool)
    assert gradient[0, 0, 0].tolist() == [7, 7]
    assert gradient.sum() == 14


@pytest.mark.parametrize("module", [naive, ops])
def test_padding_takes_no_gradient_from_minus_infinity(module):
    row = np.full((1, 2, 1), -np.inf)
    options = {"stride": 1, "padding": 1}
    assert np.isneginf(module.max_pool(row, 2, **options)).all()
    gradient = module.max_pool_backward(np.ones((1, 3, 1)), row, 2, **options)
    assert gradient.ravel().tolist() == [2, 1]


@pytest.mark.parametrize("module", [naive, ops])
def test_nan_is_the_maximum_and_the_first_takes_the_gradient(module):
    row = np.array([5.0, np.nan, np.nan, 9.0, 1, 2, 3, 4]).reshape(1, 8, 1)
    assert np.array_equal(module.max_pool(row, 4).ravel(), [np.nan, 4], equal_nan=True)
    gradient = module.max_pool_backward(np.ones((1, 2, 1)), row, 4)
    assert gradient.ravel().tolist() == [0, 1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("module", [naive, ops])
def test_nan_reaches_the_outputs_that_see_it_and_no_other(module):
    row = np.array([1.0, np.nan, 1, 1]).reshape(1, 4, 1)
    for result in (module.conv(row, np.ones((2, 1, 1))), module.average_pool(row, 2, stride=1)):
        assert np.isnan(result).ravel().tolist() == [True, True, False]


@pytest.mark.parametrize("module", [naive, ops])
@pytest.mark.parametrize(
    ("given", "result"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        ("float16", "float32"),
        ("uint8", "float32"),
        ("int64", "float64"),
        ("bool", "float32"),
    ],
)
def test_dtype(module, given, result):
    x, kernel = np.ones((1, 4, 4, 1), given), np.ones((2, 2, 1, 1), given)
    z = module.conv(x, kernel)
    grad = np.ones((1, 3, 3, 1), given)
    arrays = [z, *module.conv_backward(grad, x, kernel)]
    for pool in ("max_pool", "average_pool"):
        arrays.append(getattr(module, pool)(x, 2, stride=1))
        arrays.append(getattr(module, f"{pool}_backward")(grad, x, 2, stride=1))
    assert {array.dtype.name for array in arrays} == {result}


def test_mixed_dtypes_take_the_larger():
    x, kernel = np.ones((1, 4, 4, 1), "float32"), np.ones((2, 2, 1, 1))
    assert ops.conv(x, kernel).dtype == np.float64


@pytest.mark.parametrize("module", [naive, ops])
def test_arguments_are_left_as_they_were(module):
    x, kernel, bias = np.ones((1, 4, 4, 1)), np.ones((1, 1, 1, 1)), np.ones(1)
    grad = np.ones_like(x)
    module.conv(x, kernel, bias)
    module.conv_backward(grad, x, kernel)
    for pool in ("max_pool", "average_pool"):
        getattr(module, pool)(x, 1)
        getattr(module, f"{pool}_backward")(grad, x, 1)
    assert all((array == 1).all() for array in (x, kernel, bias, grad))


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_memory_stays_within_three_times_what_im2col_needs(batch):
    x = np.ones((batch, 32, 32, 8), "float32")
    kernel = np.ones((3, 3, 8, 16), "float32")
    grad = np.ones((batch, 32, 32, 16), "float32")
    im2col = batch * 32 * 32 * (3 * 3 * 8) * 4  # bytes of the matrix of all windows
    calls = {
        "forward": lambda: ops.conv(x, kernel, padding="same"),
        "backward": lambda: ops.conv_backward(grad, x, kernel, padding="same"),
    }
    for name, call in calls.items():
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 3 * im2col, (name, peak / im2col)


IMAGE, KERNEL = np.ones((2, 5, 5, 3)), np.ones((3, 3, 3, 4))


@pytest.mark.parametrize("module", [naive, ops], ids=["naive", "ops"])
@pytest.mark.parametrize(
    ("call", "arguments", "options", "error", "message"),
    [
        ("conv", (IMAGE[..., :2], KERNEL), {}, ValueError, "kernel has 3 input channels, x has 2"),
        ("conv", (IMAGE[0, 0], KERNEL), {}, ValueError, "x has shape (5, 3), it needs 3 to 5 axes"),
        ("conv", (np.ones((1,) * 6), KERNEL), {}, ValueError, "x has shape (1, 1, 1, 1, 1, 1)"),
        ("conv", (IMAGE, KERNEL[0]), {}, ValueError, "kernel has 3 axes, it needs 4"),
        ("conv", (IMAGE, KERNEL, np.ones(3)), {}, ValueError, "bias has shape (3,), it needs (4,)"),
        ("conv", (IMAGE, KERNEL, 1.0), {}, ValueError, "bias has shape (), it needs (4,)"),
        ("conv", (IMAGE[:, :2], KERNEL), {}, ValueError, "kernel spans 3 pixels on spatial axis 0"),
        ("conv", (IMAGE, KERNEL), {"dilation": (1, 3)}, ValueError, "spans 7 pixels on spatial ax"),
        ("conv", (IMAGE[:0], KERNEL), {}, ValueError, "x is empty, its shape is (0, 5, 5, 3)"),
        ("conv", (IMAGE, KERNEL[..., :0]), {}, ValueError, "kernel is empty"),
        ("conv", (IMAGE.astype(str), KERNEL), {}, TypeError, "x has dtype <U32"),
        ("conv", (IMAGE, KERNEL * 1j), {}, TypeError, "kernel has dtype complex128"),
        ("conv", (None, KERNEL), {}, TypeError, "x has dtype object"),
        ("conv", ([[1.0], [1.0, 2.0]], KERNEL), {}, ValueError, "x is not an array"),
        ("conv", (IMAGE, KERNEL), {"stride": 0}, ValueError, "stride is 0, it needs a whole"),
        ("conv", (IMAGE, KERNEL), {"stride": (1, -1)}, ValueError, "stride is (1, -1)"),
        ("conv", (IMAGE, KERNEL), {"stride": 1.5}, TypeError, "stride is 1.5"),
        ("conv", (IMAGE, KERNEL), {"stride": True}, TypeError, "stride is True"),
        ("conv", (IMAGE, KERNEL), {"stride": "2"}, TypeError, "stride is '2'"),
        ("conv", (IMAGE, KERNEL), {"stride": (1, 1, 1)}, ValueError, "one for each of 2 axes"),
        ("conv", (IMAGE, KERNEL), {"dilation": 0}, ValueError, "dilation is 0"),
        ("conv", (IMAGE, KERNEL), {"dilation": None}, TypeError, "dilation is None"),
        ("conv", (IMAGE, KERNEL), {"padding": "full"}, ValueError, "padding is 'full', the words"),
        ("conv", (IMAGE, KERNEL), {"padding": -1}, ValueError, "padding is -1"),
        ("conv", (IMAGE, KERNEL), {"padding": 0.5}, TypeError, "padding is 0.5"),
        ("conv", (IMAGE, KERNEL), {"padding": True}, TypeError, "padding is True"),
        ("conv", (IMAGE, KERNEL), {"padding": None}, TypeError, "padding is None"),
        ("conv", (IMAGE, KERNEL), {"padding": (1, 1)}, TypeError, "padding is (1, 1)"),
        ("conv", (IMAGE, KERNEL), {"padding": ((1, 1),)}, ValueError, "for each of 2 axes"),
        ("conv", (IMAGE, KERNEL), {"padding": ((1, 1, 1),) * 2}, ValueError, "padding is ((1, 1"),
        ("conv", (IMAGE, KERNEL), {"padding": ((0, 0), (0, -1))}, ValueError, "none negative"),
        ("conv", (IMAGE, KERNEL), {"padding": ((0, 0), (0, 1.0))}, TypeError, "padding is ((0, 0"),
        (
            "conv_backward",
            (np.ones((2, 3, 3, 3)), IMAGE, KERNEL),
            {},
            ValueError,
            "grad has shape (2, 3, 3, 3), it needs the output's, (2, 3, 3, 4)",
        ),
        ("conv_backward", (1.0, IMAGE, KERNEL), {}, ValueError, "grad has shape ()"),
        ("conv_backward", ("g", IMAGE, KERNEL), {}, TypeError, "grad has dtype <U1"),
        ("max_pool", (IMAGE, 0), {}, ValueError, "size is 0"),
        ("max_pool", (IMAGE, 2.0), {}, TypeError, "size is 2.0"),
        ("max_pool", (IMAGE, True), {}, TypeError, "size is True"),
        ("max_pool", (IMAGE, 6), {}, ValueError, "size spans 6 pixels on spatial axis 0, x has 5"),
        ("max_pool", (IMAGE, 2), {"stride": 0}, ValueError, "stride is 0"),
        ("max_pool", (IMAGE, 2), {"padding": 2}, ValueError, "would lie wholly in it"),
        ("max_pool", (IMAGE, 1), {"padding": ((0, 0), (0, 1))}, ValueError, "(0, 1) on spatial ax"),
        ("max_pool", (IMAGE[0, 0, 0], 1), {}, ValueError, "x has shape (3,)"),
        ("average_pool", (IMAGE, 2), {"padding": "SAME"}, ValueError, "padding is 'SAME'"),
        ("average_pool", (IMAGE, (2, 2, 2)), {}, ValueError, "size is (2, 2, 2)"),
        ("average_pool", (IMAGE, 2), {"padding": ((2, 0), (0, 0))}, ValueError, "wholly in it"),
        ("max_pool_backward", (IMAGE, IMAGE, 2), {}, ValueError, "grad has shape (2, 5, 5, 3)"),
        ("average_pool_backward", (IMAGE, IMAGE, 2), {}, ValueError, "needs the output's"),
    ],
)
def test_bad_input_is_refused_by_name(module, call, arguments, options, error, message):
    with pytest.raises(error) as caught:
        getattr(module, call)(*arguments, **options)
    assert str(caught.value).startswith(f"{call}: ")
    assert message in str(caught.value)
