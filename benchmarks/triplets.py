"""Which triplets teach an encoder most, and whether triplets teach more than pairs do.

    python benchmarks/triplets.py

trains `embedding_network`, five seeds each, on pictures of 200 identities, and asks after some of
the steps whether two pictures of 100 other identities show the same one:

- mining: glyphs; random, semi-hard and hard triplets of each batch;
- comparison: glyphs; semi-hard triplets against the two siamese networks, which learn yes or no for
  pairs, from the same encoder, whose numbers are 0 or more because χ² needs that;
- faces: drawn people; semi-hard triplets.

A step is a batch of 64 pictures: four of each of 16 identities, or 32 pairs, about half of them of
one identity. All learn by Adam for 300 steps.

It writes `benchmarks/triplets.json`, which lesson 2 of week 4 draws, after each training, goes on
where it was stopped, and takes about seven minutes of one processor. Besides the circumstances the
file holds `steps`, after which there was an examination, and `runs`, a list of trainings:

- `pictures` ("glyphs", "faces"), `encoder` ("plain", "nonnegative"), `method` ("random",
  "semi_hard", "hard", "absolute", "chi_square") and `seed` name one;
- `equal_error_rate`, `accuracy`: a list, one value for each of `steps`, of 4,000 pairs of 50
  identities, half of them the same one; the threshold for the accuracy serves pairs of the 50
  others best;
- `spread`: likewise, the standard deviation that a number of the encodings has on average;
- `share_with_loss`: of the triplets between two examinations, so one value fewer; of siamese
  networks empty;
- `pixels`: the equal error rate of the distance of pixels, on the same pairs;
- `cpu_seconds`: of the training without the examinations.

A seed draws the pictures, the starting weights and the batches. Methods with the same seed see the
same pictures.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
import json
import time
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from results import circumstances

from cnnlib import datasets
from cnnlib.faces import mining
from cnnlib.faces.losses import ShareWithLoss, TripletLoss
from cnnlib.faces.siamese import siamese
from cnnlib.faces.verification import best_threshold, equal_error_rate
from cnnlib.models.embedding import embedding_network

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
STEPS = (0, 20, 50, 100, 150, 200, 300)
TRAINED, HELD_OUT = 200, 100  # identities
PICTURES = {"glyphs": (datasets.glyphs, 20), "faces": (datasets.faces, 10)}  # of each identity
PICTURES_HELD_OUT = 10  # of each identity
IDENTITIES, OF_EACH = 16, 4  # in a batch of triplets
PAIRS_TRAINED, PAIRS_ASKED = 32, 4000  # in a batch, and in an examination
MARGIN, RATE = 0.3, 1e-3
NAME = ("pictures", "encoder", "method", "seed")  # of a training
TRIPLETS = ("random", "semi_hard", "hard")
TRAININGS = (
    *(("glyphs", "plain", kind) for kind in TRIPLETS),
    ("glyphs", "nonnegative", "semi_hard"),
    ("glyphs", "nonnegative", "absolute"),
    ("glyphs", "nonnegative", "chi_square"),
    ("faces", "plain", "semi_hard"),
)


class Exam(NamedTuple):
    """Held-out pictures, and pairs of them: of one half of the identities, and of the other."""

    images: np.ndarray
    chosen: mining.Pairs  # on these the threshold is chosen
    asked: mining.Pairs


def exam(pictures, seed):
    make, _ = PICTURES[pictures]
    held_out = make(HELD_OUT, PICTURES_HELD_OUT, seed=seed, part="test")
    half = len(held_out.labels) // 2
    chosen = mining.pairs(held_out.labels[:half], PAIRS_ASKED, seed=seed)
    asked = mining.pairs(held_out.labels[half:], PAIRS_ASKED, seed=seed)
    asked = asked._replace(first=asked.first + half, second=asked.second + half)
    return Exam(held_out.images, chosen, asked)


def marks(held_out, encodings, distances):
    """Equal error rate, accuracy, and spread of the encodings."""
    of_chosen, of_asked = (
        distances(encodings[pairs.first], encodings[pairs.second])
        for pairs in (held_out.chosen, held_out.asked)
    )
    said_same = of_asked <= best_threshold(of_chosen, held_out.chosen.same)
    return {
        "equal_error_rate": round(equal_error_rate(of_asked, held_out.asked.same), 4),
        "accuracy": round(float((said_same == held_out.asked.same).mean()), 4),
        "spread": round(float(np.sqrt(encodings.var(axis=0).mean())), 5),
    }


def euclidean(first, second):
    return np.linalg.norm(first - second, axis=1)


def triplet_learner(encoder, training, kind, seed):
    """The compiled model, from a number of steps to what it learns in them, and its distance."""
    choices = {"kind": kind, "margin": MARGIN}
    encoder.compile(
        keras.optimizers.Adam(RATE), TripletLoss(**choices), metrics=[ShareWithLoss(**choices)]
    )
    batches = mining.batches(training.labels, identities=IDENTITIES, pictures=OF_EACH, seed=seed)

    def lesson(steps):
        order = np.concatenate(list(itertools.islice(batches, steps)))
        return training.images[order], training.labels[order]

    return encoder, lesson, euclidean


def siamese_learner(encoder, training, comparison, seed):
    """The same of a network that says whether two pictures show one identity."""
    network = siamese(encoder, comparison=comparison)
    network.compile(keras.optimizers.Adam(RATE), "binary_crossentropy")
    random = np.random.default_rng(seed)
    pairs = mining.pairs(training.labels, PAIRS_TRAINED * STEPS[-1], seed=random)
    order = iter(random.permutation(len(pairs.same)))

    def lesson(steps):
        taken = list(itertools.islice(order, PAIRS_TRAINED * steps))
        images = [training.images[places[taken]] for places in (pairs.first, pairs.second)]
        return images, pairs.same[taken].astype("float32")

    def distances(first, second):
        return 1 - network.compare(first, second)

    return network, lesson, distances


def run(kind, method, seed, training, held_out):
    """Train one encoder, and examine it on the way."""
    keras.utils.set_random_seed(seed)
    encoder = embedding_network(
        input_shape=training.images.shape[1:], nonnegative=kind == "nonnegative"
    )
    learner = triplet_learner if method in TRIPLETS else siamese_learner
    model, lesson, distances = learner(encoder, training, method, seed)
    batch = IDENTITIES * OF_EACH if method in TRIPLETS else PAIRS_TRAINED
    pixels = held_out.images.reshape(len(held_out.images), -1)
    found = {
        "pixels": marks(held_out, pixels, euclidean)["equal_error_rate"],
        **{mark: [] for mark in ("equal_error_rate", "accuracy", "spread", "share_with_loss")},
        "cpu_seconds": 0.0,
    }
    for before, step in itertools.pairwise((0, *STEPS)):
        if step > 0:
            x, y = lesson(step - before)
            start = time.process_time()
            history = model.fit(x, y, batch_size=batch, shuffle=False, verbose=0).history
            found["cpu_seconds"] += time.process_time() - start
            found["share_with_loss"] += [round(s, 4) for s in history.get("share_with_loss", [])]
        encodings = encoder.predict(held_out.images, batch_size=250, verbose=0)
        for name, mark in marks(held_out, encodings, distances).items():
            found[name].append(mark)
    found["cpu_seconds"] = round(found["cpu_seconds"], 1)
    return found


def main():
    results = circumstances() | {"steps": STEPS, "runs": []}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    done = {tuple(run[key] for key in NAME) for run in results["runs"]}
    for pictures, seed in itertools.product(PICTURES, SEEDS):
        names = [(*training, seed) for training in TRAININGS if training[0] == pictures]
        missing = [name for name in names if name not in done]
        if missing:
            make, of_each = PICTURES[pictures]
            training, held_out = make(TRAINED, of_each, seed=seed), exam(pictures, seed)
        for name in missing:
            found = dict(zip(NAME, name, strict=True)) | run(*name[1:], training, held_out)
            results["runs"].append(found)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            print(*name, found["equal_error_rate"], found["cpu_seconds"], flush=True)


if __name__ == "__main__":
    main()
