"""The fast operations against the loops, over shapes, strides, paddings and dilations."""

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
