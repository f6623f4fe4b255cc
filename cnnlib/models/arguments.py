"""What every builder asks of its arguments before it makes a layer."""

from numbers import Integral, Real


def whole_numbers(builder, argument, values, *, length=None):
    """The values as a tuple of integers of 1 or more."""
    if not isinstance(values, tuple | list) or (length and len(values) != length):
        wanted = f"{length} integers" if length else "a tuple of integers"
        raise ValueError(f"{builder}: {argument} is {values!r}, it needs {wanted}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{builder}: {argument} holds {value!r}, it needs integers")
        if value < 1:
            raise ValueError(f"{builder}: {argument} holds {value}, it needs 1 or more")
    return tuple(values)


def image_shape(builder, input_shape, *, least):
    """(height, width, channels) of pictures that are large enough for the network."""
    height, width, channels = whole_numbers(builder, "input_shape", input_shape, length=3)
    if min(height, width) < least:
        raise ValueError(
            f"{builder}: input_shape is {tuple(input_shape)}, it needs {least}×{least} pixels "
            "at least, so that one is left at the end"
        )
    return height, width, channels


def class_count(builder, classes):
    """A number of classes to tell apart, 2 or more."""
    (classes,) = whole_numbers(builder, "classes", (classes,))
    if classes < 2:
        raise ValueError(f"{builder}: classes is {classes}, it needs 2 or more")
    return classes


def dropout_share(builder, dropout):
    """The share of numbers that dropout sets to 0 in training."""
    if isinstance(dropout, bool) or not isinstance(dropout, Real):
        raise TypeError(f"{builder}: dropout is {dropout!r}, it needs a number")
    if not 0 <= dropout < 1:
        raise ValueError(f"{builder}: dropout is {dropout}, it needs a share from 0 to below 1")
    return float(dropout)


def one_of(builder, argument, value, choices):
    """The value, which has to be among the choices."""
    if isinstance(value, bool) or value not in choices:
        raise ValueError(f"{builder}: {argument} is {value!r}, it needs one of {list(choices)}")
    return value
