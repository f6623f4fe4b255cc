"""The loops and the fast operations against the numbers printed in the course's assignments."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from cnnlib.scratch import naive, ops

REFERENCE = Path(__file__).parents[1] / "reference"
ARRAYS = np.load(REFERENCE / "course_inputs.npz")
CHECKS = {
    check["id"]: check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["week"] == 1 and check["op"] != "model_params"  # that one is about a whole network
}


def value(entry):
    """A number, a list, a word, or the array that the entry names."""
    return ARRAYS[entry["array"]] if isinstance(entry, dict) else entry


def pick(results, name):
    """What `Z`, `Z.mean`, `Z.shape` or `Z[3,2,1]` means among the results."""
    array, rest = re.fullmatch(r"(\w+)(.*)", name).groups()
    result = np.asarray(results[array])
    if rest.startswith("["):
        parts = ([int(n) if n else None for n in p.split(":")] for p in rest[1:-1].split(","))
        return result[tuple(p[0] if len(p) == 1 else slice(*p) for p in parts)]
    return {"": result, ".mean": result.mean(), ".sum": result.sum(), ".shape": result.shape}[rest]


def zero_pad(module, X, pad):
    """A 1×1 kernel that is the identity shows the padding itself."""
    return {"X_pad": module.conv(X, np.eye(X.shape[-1])[None, None], padding=pad)}


def conv_single_step(module, a_slice_prev, W, b):
    return {"Z": module.conv(a_slice_prev[None], W[..., None], b.ravel()).item()}


def conv_forward(module, A_prev, W, b, stride, pad):
    Z = module.conv(A_prev, W, b.ravel(), padding=pad, stride=stride)
    return {"Z": Z, "A_prev": A_prev}


def conv_backward(module, dZ, A_prev, W, b, stride, pad):
    dA_prev, dW, db = module.conv_backward(dZ, A_prev, W, padding=pad, stride=stride)
    return {"dA_prev": dA_prev, "dW": dW, "db": db.reshape(b.shape)}


def pool_forward(module, A_prev, f, stride, mode):
    return {"A": getattr(module, f"{mode}_pool")(A_prev, f, stride=stride)}


def pool_backward(module, dA, A_prev, f, stride, mode):
    # The assignment's gradient covers more positions than the windows that fit: the first are used.
    positions = [(n - f) // stride + 1 for n in A_prev.shape[1:-1]]
    grad = dA[:, : positions[0], : positions[1]]
    backward = getattr(module, f"{mode}_pool_backward")
    return {"dA_prev": backward(grad, A_prev, f, stride=stride), "dA": dA}


def create_mask(module, x):
    return {"mask": module.max_pool_backward([[[[1.0]]]], x[None, ..., None], x.shape)[0, ..., 0]}


def distribute_value(module, dz, shape):
    image = np.zeros((1, *shape, 1))
    return {"a": module.average_pool_backward([[[[dz]]]], image, shape)[0, ..., 0]}


FUNCTIONS = {
    function.__name__: function
    for function in (
        zero_pad,
        conv_single_step,
        conv_forward,
        conv_backward,
        pool_forward,
        pool_backward,
        create_mask,
        distribute_value,
    )
}


@pytest.mark.parametrize("module", [naive, ops], ids=["naive", "ops"])
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_published_numbers(check, module):
    inputs = {name: value(entry) for name, entry in check["inputs"].items()}
    results = FUNCTIONS[check["op"]](module, **inputs)
    for name, entry in check["expected"].items():
        np.testing.assert_allclose(pick(results, name), value(entry), **check["tol"], err_msg=name)
    for name, entry in check.get("float64", {}).items():
        np.testing.assert_allclose(pick(results, name), value(entry), rtol=0, atol=1e-9)


def test_all_fourteen_checks_are_there():
    assert len(CHECKS) == 14
    assert {check["op"] for check in CHECKS.values()} == set(FUNCTIONS)
