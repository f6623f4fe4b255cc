"""How quickly five programs compute the same convolution, and how time and memory grow.

    python benchmarks/convolution.py

measures the loops of `cnnlib.scratch.naive`, `cnnlib.scratch.ops`, SciPy, TensorFlow and PyTorch in
one run on the same arrays, writes the section on convolution of `benchmarks/RESULTS.md` and draws
`benchmarks/convolution.png`. It takes under three minutes on two idle cores.

Every time is the median of several calls after a warm-up, from a NumPy array to a NumPy array.
All results are compared before they are timed, those of the loops in the tests. SciPy has no
batches and no filter banks, so it is called once per image and filter, forward only. Forward and
backward is the output and the gradients at image, kernel and bias from a given gradient at the
output; frameworks run as one calls them, eagerly.

Each program takes as many threads as it likes; on a machine with other work, where threads
that wait for each other measure the other work, compare one thread of each:

    OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 python benchmarks/convolution.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import importlib.util
import statistics
import time
import tracemalloc
from pathlib import Path

import numpy as np
import scipy.signal
from results import PAGE, machine, write

from cnnlib.plots.picture import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION, Picture
from cnnlib.scratch import naive, ops

HERE = Path(__file__).parent
PACKAGES = {"TensorFlow": "tensorflow", "PyTorch": "torch"}

# batch, side of the image, channels, side of the kernel, filters: "valid", stride 1.
LAYERS = {
    "LeNet-5, first": (64, 28, 1, 5, 6),
    "LeNet-5, second": (64, 12, 6, 5, 16),
    "a color image's": (32, 32, 3, 3, 16),
    "16 → 32 channels": (32, 32, 16, 3, 32),
    "64 → 64 channels": (8, 28, 64, 3, 64),
}
SWEEPS = {
    "side of the image": [(8, side, 8, 3, 16) for side in (8, 16, 32, 64, 128)],
    "channels in and out": [(8, 32, channels, 3, channels) for channels in (2, 4, 8, 16, 32, 64)],
    "images in the batch": [(batch, 32, 8, 3, 16) for batch in (1, 4, 16, 64, 256)],
}
SWEPT = {"side of the image": 1, "channels in and out": 2, "images in the batch": 0}
COLORS = {
    "naive": BLACK,
    "ops": VERMILION,
    "SciPy": PURPLE,
    "TensorFlow": ORANGE,
    "PyTorch": BLUE,
}
NAIVE_OUTPUTS = 30_000  # the loops take about 8 µs an output: larger layers run on fewer images


class Loops:
    """`cnnlib.scratch.naive` or `cnnlib.scratch.ops`."""

    def __init__(self, module, x, kernel, bias, grad):
        self.forward = lambda: module.conv(x, kernel, bias)
        self.both = lambda: (
            module.conv(x, kernel, bias),
            *module.conv_backward(grad, x, kernel),
        )


class SciPy:
    """`scipy.signal.correlate` by its own choice of method, for each image and filter."""

    both = None

    def __init__(self, x, kernel, bias, grad):
        def forward():
            maps = [
                [scipy.signal.correlate(image, k, mode="valid")[..., 0] for k in filters]
                for image in x
            ]
            return np.moveaxis(np.asarray(maps), 1, -1) + bias

        filters = np.ascontiguousarray(np.moveaxis(kernel, -1, 0))
        self.forward = forward


class TensorFlow:
    """`tf.nn.conv2d` with `tf.GradientTape`."""

    def __init__(self, x, kernel, bias, grad):
        import tensorflow as tf

        def forward():
            return tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "VALID"), bias)

        def both():
            with tf.GradientTape() as tape:
                tape.watch(arguments)
                z = forward()
            return [a.numpy() for a in (z, *tape.gradient(z, arguments, grad))]

        x, kernel, bias, grad = map(tf.constant, (x, kernel, bias, grad))
        arguments = [x, kernel, bias]
        self.forward = lambda: forward().numpy()
        self.both = both


class PyTorch:
    """`torch.nn.functional.conv2d` with autograd, on its own channels-first views."""

    def __init__(self, x, kernel, bias, grad):
        import torch

        def forward():
            return torch.nn.functional.conv2d(*arguments)

        def both():
            z = forward()
            gradients = torch.autograd.grad(z, arguments, channels_first(grad))
            return [
                to_numpy(z),
                to_numpy(gradients[0]),
                to_kernel(gradients[1]),
                gradients[2].numpy(),
            ]

        def channels_first(array):
            return torch.from_numpy(array).permute(0, 3, 1, 2)

        def to_numpy(tensor):
            return tensor.detach().permute(0, 2, 3, 1).numpy()

        def to_kernel(tensor):
            return tensor.permute(2, 3, 1, 0).numpy()

        weights = torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous()
        arguments = [channels_first(x), weights, torch.from_numpy(bias)]
        for argument in arguments:
            argument.requires_grad_()
        self.forward = lambda: to_numpy(forward())
        self.both = both


def programs():
    """The programs that are installed, by name; one that is not is named in a printed line."""
    chosen = {
        "naive": lambda *arrays: Loops(naive, *arrays),
        "ops": lambda *arrays: Loops(ops, *arrays),
        "SciPy": SciPy,
    }
    for name, make in (("TensorFlow", TensorFlow), ("PyTorch", PyTorch)):
        if importlib.util.find_spec(PACKAGES[name]) is None:
            print(f"{name} is left out: the package {PACKAGES[name]} is not installed")
        else:
            chosen[name] = make
    return chosen


def arrays(layer):
    """Image, kernel, bias and the gradient at the output, float32."""
    batch, side, channels, size, filters = layer
    generator = np.random.default_rng(0)
    shapes = (
        (batch, side, side, channels),
        (size, size, channels, filters),
        (filters,),
        (batch, side - size + 1, side - size + 1, filters),
    )
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def seconds(call):
    """The median of at least five calls after a warm-up; one call where it takes over a second."""
    call()
    times = []
    while len(times) < 5 or (sum(times) < 0.3 and len(times) < 50):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
        if times[0] > 1:
            break
    return statistics.median(times)


def naive_seconds(make, layer, kind):
    """The loops on as many images of the batch as stay within a second or so, scaled to all."""
    batch, side, _, size, filters = layer
    images = max(1, min(batch, NAIVE_OUTPUTS // ((side - size + 1) ** 2 * filters)))
    call = getattr(make(*arrays((images, *layer[1:]))), kind)
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * batch / images


def measure(layer, kind, chosen):
    """Seconds of each program that has this kind of call, after a comparison of their results."""
    calls = {
        name: getattr(make(*arrays(layer)), kind)
        for name, make in chosen.items()
        if name != "naive"
    }
    calls = {name: call for name, call in calls.items() if call is not None}
    expected = calls["ops"]()
    for name, call in calls.items():
        for result, other in zip(as_list(call()), as_list(expected), strict=True):
            error = np.abs(result - other).max() / np.abs(other).max()
            assert error < 1e-4, f"{name} differs by {error:.1e} on {layer}"
    times = {name: seconds(call) for name, call in calls.items()}
    return {"naive": naive_seconds(chosen["naive"], layer, kind), **times}


def as_list(results):
    return [results] if isinstance(results, np.ndarray) else list(results)


def peak_memory(call):
    """Bytes that NumPy holds at most during the call, beyond what it held before."""
    call()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def im2col_bytes(layer):
    """The matrix of all windows, which a convolution as one product needs."""
    batch, side, channels, size, _ = layer
    return 4 * batch * (side - size + 1) ** 2 * size**2 * channels


def layer_table(kind, chosen):
    """Milliseconds of every program on every layer, and the two ratios, as Markdown."""
    names = [name for name in chosen if kind == "forward" or name != "SciPy"]
    head = ["layer (m, n, C, f, C′)", *names, "naive / ops", "ops / TensorFlow"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for title, layer in LAYERS.items():
        times = measure(layer, kind, chosen)
        ratio = times["ops"] / times["TensorFlow"] if "TensorFlow" in times else float("nan")
        cells = [f"{1000 * times[name]:,.2f}" for name in names]
        cells += [f"{times['naive'] / times['ops']:,.0f}", f"{ratio:.2f}"]
        lines.append(f"| {title} {layer} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def sweep(chosen):
    """Per swept quantity: its values, seconds of every program, and bytes of ops and of im2col."""
    found = {}
    for title, layers in SWEEPS.items():
        rows = []
        for layer in layers:
            run = ops_memory(layer)
            rows.append(
                (layer[SWEPT[title]], measure(layer, "forward", chosen), *run, im2col_bytes(layer))
            )
            print(f"{title} {rows[-1][0]}", flush=True)
        found[title] = rows
    return found


def ops_memory(layer):
    """Peak bytes of `ops` forward, and forward and backward."""
    program = Loops(ops, *arrays(layer))
    return peak_memory(program.forward), peak_memory(program.both)


def sweep_table(found, chosen):
    """The sweep as Markdown: milliseconds forward, and memory as a multiple of im2col's matrix."""
    names = list(chosen)
    head = [
        "grows",
        "to",
        *names,
        "im2col, MB",
        "ops, MB",
        "ops with backward, MB",
        "largest / im2col",
    ]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for title, rows in found.items():
        for value, times, forward, both, needed in rows:
            cells = [title, str(value), *(f"{1000 * times[name]:,.2f}" for name in names)]
            cells += [f"{size / 1e6:.2f}" for size in (needed, forward, both)]
            lines.append("| " + " | ".join([*cells, f"{max(forward, both) / needed:.2f}"]) + " |")
    return "\n".join(lines)


def draw(found, chosen):
    """Above the time of each program, below the memory, over each swept quantity."""
    picture = Picture(
        "Time and memory of a convolution over the side of the image, the channels and the batch, "
        "on logarithmic axes: the loops lie hundreds of times above the other programs.",
        width=10,
        height=5.5,
    )
    above, below = picture.subplots(2, len(found), sharex="col", sharey="row")
    for top, bottom, (title, rows) in zip(above, below, found.items(), strict=True):
        values = [row[0] for row in rows]
        for name in chosen:
            top.loglog(
                values,
                [1000 * row[1][name] for row in rows],
                "o-",
                ms=3,
                color=COLORS[name],
                label=name,
            )
        bottom.loglog(
            values, [row[4] / 1e6 for row in rows], "--", color=BLACK, label="matrix of im2col"
        )
        bottom.loglog(
            values,
            [row[2] / 1e6 for row in rows],
            "o-",
            ms=3,
            color=VERMILION,
            label="ops, forward",
        )
        bottom.loglog(
            values,
            [row[3] / 1e6 for row in rows],
            "s-",
            ms=3,
            color=GREEN,
            label="ops, with backward",
        )
        bottom.set_xlabel(title)
        bottom.set_xticks(values, [str(value) for value in values])
        bottom.minorticks_off()
    above[0].set_ylabel("forward, ms")
    below[0].set_ylabel("peak memory, MB")
    above[0].legend(fontsize=7)
    below[0].legend(fontsize=7)
    (HERE / "convolution.png").write_bytes(picture.png())


def main():
    began = time.perf_counter()
    chosen = programs()
    where = machine(["numpy", "scipy", *(PACKAGES[name] for name in chosen if name in PACKAGES)])
    forward = layer_table("forward", chosen)
    both = layer_table("both", chosen)
    found = sweep(chosen)
    draw(found, chosen)
    write(
        "convolution",
        f"""## Convolution

`python benchmarks/convolution.py` measured all of this in one run. {where}

Milliseconds, median after a warm-up; m images of n × n pixels with C channels, C′ filters of f × f,
"valid", stride 1, float32, from NumPy array to NumPy array. The loops ran on part of the larger
batches, and their time is scaled to the whole. SciPy is called once per image and filter.

### Forward

{forward}

### Forward and backward

{both}

### How time and memory grow

Forward, in milliseconds. Memory is the peak of a call as tracemalloc sees it, results included;
im2col is the size of the matrix of all windows alone.

![Time and memory over image side, channels and batch](convolution.png)

{sweep_table(found, chosen)}
""",
    )
    print(f"wrote {PAGE} after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
