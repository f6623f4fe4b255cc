"""How quickly a picture is painted in another's style, and by which optimizer.

    KERAS_BACKEND=tensorflow python benchmarks/style.py

compares `cnnlib.style.StyleTransfer` with the same costs and the same Adam written out in
TensorFlow below, a compiled function that a loop calls; the costs of both have to agree to float32
before they are timed. Then it lowers the cost of three transfers by L-BFGS and by Adam with three
learning rates, and compares what is left after equal time. It writes the section on style transfer
of `benchmarks/RESULTS.md`. It takes about three minutes on two idle cores.

Times are processor seconds, so that other work on the machine counts less. The time of a step is
that of 30 steps less that of 5, over 25: reading the weights and tracing are left out, for both.
One thread of each:

    OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 python benchmarks/style.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
import time

import keras
import numpy as np
import tensorflow as tf
from results import PAGE, machine, write

from cnnlib import pretrained
from cnnlib.datasets import painting, photo
from cnnlib.style import STYLE_LAYERS, StyleTransfer

CONTENT_LAYER, ALPHA, BETA = "block3_conv3", 1.0, 100.0
SIZES = (96, 144)
FEW, MANY, ROUNDS = 5, 30, 3
RATES = (0.02, 0.05, 0.1)
SEEDS, STEPS, SIZE = (0, 1, 2), 80, 96


def straight(network, content, style, steps, learning_rate):
    """Style transfer in TensorFlow alone: the picture, and the cost before each step."""
    names = [CONTENT_LAYER, *STYLE_LAYERS]
    cut = keras.Model(network.inputs[0], [network.get_layer(name).output for name in names])
    cut.trainable = False

    def gram(a):
        rows = tf.reshape(a, (-1, a.shape[-1]))
        return tf.matmul(rows, rows, transpose_a=True) / (a.shape[1] * a.shape[2])

    target = cut(content[np.newaxis])[0]
    wanted = [gram(a) for a in cut(style[np.newaxis])[1:]]
    image = tf.Variable(content[np.newaxis])
    adam = keras.optimizers.Adam(learning_rate)
    adam.build([image])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            answer, *answers = cut(image)
            content_cost = tf.reduce_sum((answer - target) ** 2) / tf.reduce_sum(target**2)
            style_cost = 0.0
            for weight, a, g in zip(STYLE_LAYERS.values(), answers, wanted, strict=True):
                style_cost += weight * tf.reduce_sum((gram(a) - g) ** 2) / tf.reduce_sum(g**2)
            cost = ALPHA * content_cost + BETA * style_cost
        adam.apply_gradients([(tape.gradient(cost, image), image)])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
        return cost

    costs = [float(step()) for _ in range(steps)]
    return image[0].numpy(), costs


def ours(network, content, style, steps, learning_rate, optimizer="adam"):
    """The same by the library."""
    transfer = StyleTransfer(
        content,
        style,
        content_layer=CONTENT_LAYER,
        alpha=ALPHA,
        beta=BETA,
        network=network,
    )
    image, history = transfer.fit(
        steps, optimizer=optimizer, learning_rate=learning_rate, progress=False
    )
    return image, history["cost"]


def seconds(call, *arguments, **named):
    """Processor seconds of a call, and what it returned."""
    start = time.process_time()
    result = call(*arguments, **named)
    return time.process_time() - start, result


def speed_table(network):
    """Steps a second of both programs, which take turns."""
    lines = [
        "| picture | StyleTransfer, steps a second | TensorFlow, steps a second | ratio | "
        "least and most of the ratio | costs differ by at most |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for size in SIZES:
        content, style = photo("chelsea", size=size).image, painting(size=size).image
        costs = [call(network, content, style, FEW, 0.02)[1] for call in (ours, straight)]
        np.testing.assert_allclose(costs[0], costs[1], rtol=1e-3)
        apart = np.max(np.abs(np.divide(*costs) - 1))
        times = {ours: [], straight: []}
        for _ in range(ROUNDS):
            for call, found in times.items():
                few, many = (
                    seconds(call, network, content, style, steps, 0.02)[0] for steps in (FEW, MANY)
                )
                found.append((many - few) / (MANY - FEW))
        mine, theirs = (statistics.median(times[call]) for call in (ours, straight))
        ratios = np.divide(times[straight], times[ours])
        height, width, _ = content.shape
        lines.append(
            f"| {height}×{width} | {1 / mine:.2f} | {1 / theirs:.2f} | {theirs / mine:.2f} | "
            f"{ratios.min():.2f}, {ratios.max():.2f} | {apart:.1e} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def optimizer_table(network):
    """What is left of the cost after the time that Adam takes for its steps."""
    lines = [
        "| painting | L-BFGS, same time | " + " | ".join(f"Adam {rate}" for rate in RATES) + " | "
        "processor seconds of the steps: L-BFGS, Adam |",
        "|---|---:|" + "---:|" * len(RATES) + "---:|",
    ]
    content = photo("chelsea", size=SIZE).image
    for seed in SEEDS:
        pair = content, painting(size=112, seed=seed).image
        runs = [seconds(ours, network, *pair, STEPS, rate) for rate in RATES]
        adam_time = statistics.median(took for took, _ in runs)
        took, (_, costs) = seconds(ours, network, *pair, STEPS, 0.02, optimizer="lbfgs")
        within = min(len(costs), max(1, int(STEPS * adam_time / took)))
        ends = [f"{min(found):.3f}" for _, (_, found) in runs]
        lines.append(
            f"| strokes, seed {seed} | {min(costs[:within]):.3f} | {' | '.join(ends)} | "
            f"{took:.1f}, {adam_time:.1f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines)


def main():
    began = time.perf_counter()
    where = machine(["keras", "tensorflow", "scipy"])
    network = pretrained.load("vgg16_hed")
    speed, optimizers = speed_table(network), optimizer_table(network)
    write(
        "style",
        f"""## Style transfer

`python benchmarks/style.py` measured all of this in one run. {where}

### Steps a second

One step is the costs, the gradient of the pixels and one step of Adam. The content is the cat of
scikit-image, the style a painting of `datasets.painting` at the same size, the layers are the
library's own. "TensorFlow" is the same written out in TensorFlow, as one compiled function. Median
of {ROUNDS} rounds, in which the two take turns; processor seconds. The last column compares the
costs of {FEW} steps.

{speed}

### L-BFGS against Adam

The lowest cost within {STEPS} steps of Adam, by learning rate, and within the same time by L-BFGS,
which begins at the photograph as well; {SIZE} pixels, three paintings.

{optimizers}
""",
    )
    print(f"wrote {PAGE} after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
