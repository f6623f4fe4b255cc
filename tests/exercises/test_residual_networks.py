"""Lesson 02's exercises: their own solutions pass, typical slips are told by their cause."""

import numpy as np
import pytest

from cnnlib.exercises import exercise

NAMES = {
    "2.4": ("shape_out", "in_shortcut", "in_branch"),
    "2.5": ("plain_kernel", "branch_kernel"),
    "2.6": ("plain_slope", "residual_slope", "paths"),
}
SHAPE, SHORTCUT, BRANCH = (14, 14, 1024), 524_288, 983_040
ZEROS = np.zeros((3, 3, 2, 2))


def kernel(*entries):
    """A kernel of ones at the (row, column, from, to) given, zeros elsewhere."""
    made = ZEROS.copy()
    for entry in entries:
        made[entry] = 1
    return made


SAME = kernel((1, 1, 0, 0), (1, 1, 1, 1))


@pytest.mark.parametrize("number", NAMES)
def test_the_solution_is_right_and_the_stub_is_not(number, capsys):
    space = {"np": np}
    exec(exercise(number).solution().code, space)
    exercise(number).check(*[space[name] for name in NAMES[number]])
    assert capsys.readouterr().out.startswith(f"Exercise {number} — right.")
    exercise(number).check(*[None] * len(NAMES[number]))
    assert "no answer yet" in capsys.readouterr().out


def test_a_list_is_a_shape_and_nested_lists_are_kernels():
    assert exercise("2.4").judge([14, 14, 1024], SHORTCUT, BRANCH) is None
    assert exercise("2.5").judge(SAME.tolist(), ZEROS.astype(int).tolist()) is None
    assert exercise("2.6").judge(np.float64(1e-20), 6.7275, np.int64(1_048_576)) is None


@pytest.mark.parametrize(
    "answer, cause",
    [
        (((28, 28, 1024), SHORTCUT, BRANCH), "a stride of 2 is somewhere"),
        (((7, 7, 1024), SHORTCUT, BRANCH), "the stride is in the branch once"),
        (((14, 14, 512), SHORTCUT, BRANCH), "the last filters decide"),
        ((14, SHORTCUT, BRANCH), "height, width and channels were asked for"),
        ((SHAPE, 1024 * 1024, BRANCH), "a has not that many channels yet"),
        ((SHAPE, 9 * 512 * 1024, BRANCH), "looks at one pixel at a time"),
        ((SHAPE, 0, BRANCH), "a itself cannot be added"),
        ((SHAPE, SHORTCUT, BRANCH + SHORTCUT), "the whole block, W_s included"),
        ((SHAPE, SHORTCUT, 589_824), "the convolution in the middle alone"),
        ((SHAPE, SHORTCUT, 9 * (512 * 256 + 256 * 256 + 256 * 1024)), "two of the three"),
        ((SHAPE, SHORTCUT, 12), "f · f · channels in"),
    ],
)
def test_wrong_blocks_are_told_by_their_cause(answer, cause):
    assert cause in exercise("2.4").judge(*answer)


@pytest.mark.parametrize(
    "plain, branch, cause",
    [
        (ZEROS, ZEROS, "there is no shortcut to bring a"),
        (kernel((1, 1)), ZEROS, "each output adds up both channels"),
        (kernel((1, 1, 0, 1), (1, 1, 1, 0)), ZEROS, "it swaps the channels"),
        (kernel((0, 0, 0, 0), (0, 0, 1, 1)), ZEROS, "it moves the map by a pixel"),
        (np.ones((3, 3, 2, 2)), ZEROS, "each output adds up both channels"),
        (SAME / 9, ZEROS, "each output should be one number"),
        (SAME, SAME, "the block gives 2a"),
        (SAME, -SAME, "What may the branch give?"),
        (SAME[..., 0], ZEROS, "plain has the shape (3, 3, 2)"),
        (SAME, 0, "branch has the shape ()"),
    ],
)
def test_wrong_kernels_are_told_by_their_cause(plain, branch, cause):
    assert cause in exercise("2.5").judge(plain, branch)


@pytest.mark.parametrize(
    "answer, cause",
    [
        ((2.0, 6.7275, 2**20), "it does not add them"),
        ((0.1, 6.7275, 2**20), "the slope of one layer"),
        ((0, 6.7275, 2**20), "write down the slope of one layer first"),
        ((1e-20, 3.0, 2**20), "stops after the first terms"),
        ((1e-20, 1.0, 2**20), "each layer has a shortcut of its own"),
        ((1e-20, 6.7275, 20), "that counts layers"),
        ((1e-20, 6.7275, 40), "the choices multiply"),
        ((1e-20, 6.7275, 21), "can still be different paths"),
    ],
)
def test_wrong_slopes_are_told_by_their_cause(answer, cause):
    assert cause in exercise("2.6").judge(*answer)


@pytest.mark.parametrize("number", NAMES)
@pytest.mark.parametrize("answer", ["a word", {"f": 3}, [[1, 2], [3]], object(), True, np.nan])
def test_any_other_thing_gets_a_message_and_no_traceback(number, answer, capsys):
    exercise(number).check(*[answer] * len(NAMES[number]))
    assert capsys.readouterr().out.startswith(f"Exercise {number} — not yet: ")


@pytest.mark.parametrize("number, secret", [("2.4", "1024"), ("2.5", "zeros"), ("2.6", "1.1")])
def test_the_hint_keeps_the_answer(number, secret):
    assert secret not in exercise(number).hint_text
