"""How quickly our networks train and predict beside other programs for the same work.

    python benchmarks/models.py

compares in one run, on TensorFlow,

- our builders with `keras.applications` and with plain Keras code of the same network, which
  stands in `plain_networks.py`: a training step and a prediction;
- `augmenter` in a tf.data pipeline with `tf.image` in one, and with torchvision picture by picture
  (a printed line says where it cannot be had);
- a new head learning from features computed once, with the same head learning behind the frozen
  network,

and writes the section on networks of `benchmarks/RESULTS.md`. It takes about five minutes on two
idle cores.

Programs take turns, call by call, in an order that rotates, so that other work on the machine meets
all of them. A ratio is the median of the ratios of neighboring calls, ours to the other. Networks
with the same weights are shown to give the same before they are timed.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
import time

import keras
import numpy as np
import plain_networks as plain
import tensorflow as tf
from results import PAGE, machine, write

from cnnlib import pretrained
from cnnlib.datasets import textures
from cnnlib.models import efficientnet_lite0, googlenet, inception_resnet, resnet, small_resnet, vgg
from cnnlib.training.augmentation import augmenter
from cnnlib.training.transfer import features, fine_tune, head

CLASSES = 10
ROUNDS = 15  # calls of each program, after one that compiles
PICTURES, SIDE, WINDOW = 512, 96, 80  # of the augmentation
COLOR = 0.2
EPOCHS, PER_CLASS, CROP = 80, 20, 112  # of the transfer
CUT = "block14_add"


def published(network):
    return lambda shape: network(weights=None, input_shape=shape, classes=CLASSES)


# Batch and shape of the pictures; each program makes the network for a shape. Ours stands first.
NETWORKS = {
    "ResNet-50": (
        (8, 64, 64, 3),
        {
            "ours": lambda shape: resnet(50, use_bias=True, input_shape=shape, classes=CLASSES),
            "keras.applications": published(keras.applications.ResNet50),
            "plain Keras": lambda shape: plain.resnet50(shape, CLASSES),
        },
    ),
    "VGG-16": (
        (8, 32, 32, 3),
        {
            "ours": lambda shape: vgg(16, input_shape=shape, classes=CLASSES),
            "keras.applications": published(keras.applications.VGG16),
            "plain Keras": lambda shape: plain.vgg16(shape, CLASSES),
        },
    ),
    "EfficientNet-Lite0": (
        (16, 64, 64, 3),
        {
            "ours": lambda shape: efficientnet_lite0(input_shape=shape, classes=CLASSES, dropout=0),
            "plain Keras": lambda shape: plain.lite0(shape, CLASSES),
        },
    ),
    "ResNet-20 for small pictures": (
        (64, 32, 32, 3),
        {
            "ours": lambda shape: small_resnet(3, input_shape=shape, classes=CLASSES),
            "plain Keras": lambda shape: plain.resnet20(shape, CLASSES),
        },
    ),
    "GoogLeNet": (
        (16, 64, 64, 3),
        {
            "ours": lambda shape: googlenet(
                auxiliary=False, input_shape=shape, classes=CLASSES, dropout=0
            ),
            "plain Keras": lambda shape: plain.googlenet(shape, CLASSES),
        },
    ),
    "Inception-ResNet-v2": (
        (4, 75, 75, 3),
        {
            "ours": lambda shape: inception_resnet(input_shape=shape, classes=CLASSES, dropout=0),
            "keras.applications": published(keras.applications.InceptionResNetV2),
        },
    ),
}


def taking_turns(calls, rounds):
    """Seconds of every call in every round: a dict of lists."""
    names = list(calls)
    times = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            start = time.perf_counter()
            calls[name]()
            if number > 0:  # the first round compiles
                times[name].append(time.perf_counter() - start)
    return times


def ratio(times, other):
    """The median over the rounds of our seconds by the other's."""
    return statistics.median(a / b for a, b in zip(times["ours"], times[other], strict=True))


def network_rows():
    """The Markdown table of training steps and predictions, a row for each network and kind."""
    others = ["keras.applications", "plain Keras"]
    head = ["network (m, n, n, C)", "call", "ours, ms", *(f"ours / {name}" for name in others)]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    for title, (shape, builders) in NETWORKS.items():
        for kind, times in network_times(shape, builders).items():
            cells = [f"{1000 * statistics.median(times['ours']):,.1f}"]
            cells += [f"{ratio(times, name):.2f}" if name in times else "" for name in others]
            lines.append(f"| {title} {shape} | {kind} | " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
        keras.backend.clear_session()
    return "\n".join(lines)


def network_times(shape, builders):
    """Seconds of training steps and of predictions, of networks that are shown to be the same."""
    generator = np.random.default_rng(0)
    x, y = generator.random(shape, dtype="float32"), np.arange(shape[0]) % CLASSES
    networks = {name: build(shape[1:]) for name, build in builders.items()}
    weights = networks["ours"].get_weights()
    expected = None
    for name, network in networks.items():
        network.set_weights(weights)
        # In training, batch normalization keeps what untrained weights give from shrinking to 0.
        found = keras.ops.convert_to_numpy(network(x, training=True))
        expected = found if expected is None else expected
        error = np.abs(found - expected).max() / np.ptp(expected)
        assert error < 1e-3, f"{name} is another network: it differs by {error:.1e}"
        network.compile("sgd", "sparse_categorical_crossentropy")
    training = {
        name: lambda network=network: network.train_on_batch(x, y)
        for name, network in networks.items()
    }
    prediction = {
        name: lambda network=network: network.predict_on_batch(x)
        for name, network in networks.items()
    }
    return {
        "training step": taking_turns(training, ROUNDS),
        "prediction": taking_turns(prediction, ROUNDS),
    }


def augmentation_rows(torchvision):
    """Pictures a second of every program: mirrored and cropped, and their colors changed too."""
    x = np.random.default_rng(0).random((PICTURES, SIDE, SIDE, 3), dtype="float32")
    lines = []
    for what, color in (("mirror, crop", 0), ("mirror, crop, color", COLOR)):
        calls = {"ours": with_augmenter(x, color), "tf.image": with_tf_image(x, color)}
        if torchvision:
            calls["torchvision"] = with_torchvision(x, color, torchvision)
        if not lines:
            head = ["change", *(f"{name}, pictures / s" for name in calls)]
            head += [f"ours / {name}, seconds" for name in calls if name != "ours"]
            lines += ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
        times = taking_turns(calls, ROUNDS)
        cells = [f"{PICTURES / statistics.median(seconds):,.0f}" for seconds in times.values()]
        cells += [f"{ratio(times, name):.2f}" for name in calls if name != "ours"]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def with_augmenter(x, color):
    augment = augmenter(flip="horizontal", crop=(WINDOW, WINDOW), color=color)
    batches = tf.data.Dataset.from_tensor_slices(x).batch(64)
    return emptied(batches.map(lambda images: augment(images, training=True), tf.data.AUTOTUNE))


def with_tf_image(x, color):
    def change(image):
        image = tf.image.random_crop(image, (WINDOW, WINDOW, 3))
        image = tf.image.random_flip_left_right(image)
        if color:
            image = tf.image.random_brightness(image, color)
            image = tf.image.random_contrast(image, 1 - color, 1 + color)
            image = tf.image.random_saturation(image, 1 - color, 1 + color)
            image = tf.image.random_hue(image, color / 2)
        return tf.clip_by_value(image, 0, 1)

    pictures = tf.data.Dataset.from_tensor_slices(x)
    return emptied(pictures.map(change, tf.data.AUTOTUNE).batch(64))


def torchvision_transforms():
    """torchvision's module of changes; None, with a printed reason, where it cannot be had."""
    try:
        from torchvision.transforms import v2
    except (ImportError, RuntimeError) as error:  # the second where it does not fit PyTorch
        print(f"torchvision is left out: {error}")
        return None
    return v2


def emptied(dataset):
    """A call that draws every batch of the pipeline."""

    def call():
        for _ in dataset.prefetch(2):
            pass

    return call


def with_torchvision(x, color, v2):
    import torch

    changes = [v2.RandomCrop(WINDOW), v2.RandomHorizontalFlip()]
    if color:
        changes.append(v2.ColorJitter(color, color, color, color / 2))
    change = v2.Compose(changes)
    pictures = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))

    def call():
        for start in range(0, len(pictures), 64):
            torch.stack([change(picture) for picture in pictures[start : start + 64]])

    return call


def transfer_rows():
    """The same head's training behind the frozen network and on features computed once."""
    data = textures(PER_CLASS, size=CROP)
    base = pretrained.load("efficientnet_lite0")

    def learner(precomputed):
        """A classifier, and a call that trains its head for some epochs."""
        model = fine_tune(base, CLASSES, layer=CUT, input_shape=data.x_train.shape[1:])
        x, learning = data.x_train, model
        if precomputed:
            x, learning = features(base, x, layer=CUT), head(model)
        return model, lambda epochs: learning.fit(
            x, data.y_train, epochs=epochs, batch_size=50, verbose=0
        )

    titles = {False: "behind the network", True: "precomputed"}
    lines = [
        "| head | until the first epoch is over, s | another epoch, ms | all, s | test accuracy |",
        "|---|---:|---:|---:|---:|",
    ]
    waits, epochs = {}, {}
    for precomputed, title in titles.items():
        keras.utils.set_random_seed(0)
        start = time.perf_counter()
        model, train = learner(precomputed)
        train(1)
        first = time.perf_counter() - start
        train(EPOCHS - 1)
        waits[precomputed] = time.perf_counter() - start
        epochs[precomputed] = (waits[precomputed] - first) / (EPOCHS - 1)
        answers = model.predict(data.x_test, verbose=0).argmax(axis=1)
        cells = [f"{first:.1f}", f"{1000 * epochs[precomputed]:.1f}", f"{waits[precomputed]:.1f}"]
        cells.append(f"{np.mean(answers == data.y_test):.3f}")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    cells = ["", f"{epochs[False] / epochs[True]:.1f}", f"{waits[False] / waits[True]:.1f}", ""]
    lines.append("| ratio | " + " | ".join(cells) + " |")
    print("\n".join(lines), flush=True)
    return "\n".join(lines)


def main():
    began = time.perf_counter()
    torchvision = torchvision_transforms()
    packages = ["numpy", "keras", "tensorflow"]
    where = machine(packages + (["torch", "torchvision"] if torchvision else []))
    tf.get_logger().setLevel("ERROR")  # it warns of many networks in one process
    networks = network_rows()
    augmentation = augmentation_rows(torchvision)
    transfer = transfer_rows()
    write(
        "networks",
        f"""## Networks

`python benchmarks/models.py` measured all of this in one run, on TensorFlow. {where}

### Training steps and predictions

m pictures of n × n with C channels, {CLASSES} classes, no dropout, SGD, compiled as Keras does by
itself; medians of {ROUNDS} calls, the programs taking turns. A ratio is the median over the turns;
above 1 ours is slower. With the same weights the networks of a row give the same probabilities.

{networks}

### Augmentation

{PICTURES} pictures of {SIDE} × {SIDE} × 3 in batches of 64, windows of {WINDOW} × {WINDOW}, every
picture with draws of its own. Ours changes batches in a tf.data pipeline, tf.image pictures in
such a pipeline, torchvision (where it is installed) pictures in a loop of one process.

{augmentation}

### Transfer

A new head on EfficientNet-Lite0, cut at `{CUT}`, learns {PER_CLASS} pictures of {CROP} × {CROP}
of each of {CLASSES} classes for {EPOCHS} epochs: behind the frozen network, and from features that
are computed once. The first column has all that comes before: copying, compilation, the features.

{transfer}
""",
    )
    print(f"wrote {PAGE} after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
