"""How quickly a face is found among a million, and how quickly triplets are mined.

    python benchmarks/faces.py

compares `Gallery.search` on 1,000,000 encodings of 128 numbers with the flat index of faiss and
with scikit-learn's brute force, and `cnnlib.faces.mining` with the same choice written as loops.
It writes the section on faces of `benchmarks/RESULTS.md`, and takes a few minutes and 3 GB.

One thread each, unless OMP_NUM_THREADS and OPENBLAS_NUM_THREADS say otherwise, and processor
seconds, which other work on the machine changes little: the median of a few calls after a warm-up.
All three programs take their turns, and what they find is compared before it is timed. faiss
(faiss-cpu) is not part of the course's environment; without it its column stays empty.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import importlib.util
import statistics
import time
from functools import partial

import numpy as np
from results import PAGE, machine, write
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from cnnlib.faces.gallery import Gallery
from cnnlib.faces.mining import batch_all, triplets

PEOPLE, NUMBERS = 1_000_000, 128
SEARCHES = ((1, 1), (32, 1), (256, 1), (256, 5))  # queries at a time, neighbors of each
ROUNDS = 3
MATRIX_PRODUCTS = 20  # queries from which faiss is to multiply matrices; by itself, 128,000
MARGIN = 0.2
# Identities of four pictures each; of 256 of them there are twelve million triplets.
BATCHES = {"semi-hard": (16, 64, 256), "hard": (16, 64, 256), "all": (16, 64)}


def drawn_encodings():
    """Encodings of length 1: everybody's, and new ones of people half of whom are enrolled."""
    random = np.random.default_rng(0)
    enrolled = unit(random.standard_normal((PEOPLE, NUMBERS), dtype=np.float32))
    strangers = unit(random.standard_normal((128, NUMBERS), dtype=np.float32))
    known = enrolled[random.choice(PEOPLE, 128, replace=False)]
    changed = unit(known + 0.05 * random.standard_normal(known.shape, dtype=np.float32))
    return enrolled, random.permutation(np.concatenate([changed, strangers]))


def unit(encodings):
    return encodings / np.linalg.norm(encodings, axis=1, keepdims=True)


def searches(enrolled):
    """From queries and k to the rows of the nearest, (m, k), by program."""
    gallery = Gallery(np.asarray, threshold=0.6)
    gallery.enroll_encodings(map(str, range(len(enrolled))), enrolled)
    brute = NearestNeighbors(algorithm="brute").fit(enrolled)
    found = {
        "cnnlib": lambda queries, k: gallery.search(queries, k=k)[0].astype(int),
        "scikit-learn": lambda queries, k: brute.kneighbors(queries, k, return_distance=False),
    }
    if importlib.util.find_spec("faiss"):
        import faiss

        faiss.omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        index = faiss.IndexFlatL2(NUMBERS)
        index.add(enrolled)
        by_itself = faiss.cvar.distance_compute_blas_threshold

        def flat(queries, k):
            many = len(queries) >= MATRIX_PRODUCTS
            faiss.cvar.distance_compute_blas_threshold = MATRIX_PRODUCTS if many else by_itself
            return index.search(queries, k)[1]

        found["faiss"] = flat
    else:
        print("faiss is left out: the package faiss-cpu is not installed")
    return found


def processor_seconds(calls):
    """The median of a few calls of each program, after a first one that gives the answers."""
    answers = {name: call() for name, call in calls.items()}
    times = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(each) for name, each in times.items()}, answers


def search_table(enrolled, everyone):
    """Milliseconds of each program, and whether all find the same neighbors."""
    programs = searches(enrolled)
    lines = [
        "| queries at a time | nearest | cnnlib | faiss flat | scikit-learn | cnnlib / faiss "
        "| same neighbors: faiss, scikit-learn |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for count, k in SEARCHES:
        queries = everyone[:count]
        times, answers = processor_seconds(
            {name: partial(search, queries, k) for name, search in programs.items()}
        )
        require_nearest(answers, queries, enrolled)
        cells = " | ".join(
            f"{1000 * times[name]:,.1f}" if name in times else "—"
            for name in ("cnnlib", "faiss", "scikit-learn")
        )
        ratio = f"{times['cnnlib'] / times['faiss']:.2f}" if "faiss" in times else "—"
        same = ", ".join(
            f"{(answers[name] == answers['cnnlib']).mean():.2%}" if name in answers else "—"
            for name in ("faiss", "scikit-learn")
        )
        lines.append(f"| {count} | {k} | {cells} | {ratio} | {same} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def require_nearest(answers, queries, enrolled):
    """Where programs disagree, cnnlib's neighbor is at least as near in float64."""
    ours = answers["cnnlib"]
    for name, theirs in answers.items():
        for row, place in np.argwhere(theirs != ours):
            mine, other = (
                np.linalg.norm(queries[row].astype(float) - enrolled[found[row, place]])
                for found in (ours, theirs)
            )
            if mine > other:
                raise AssertionError(f"{name} found a nearer neighbor of query {row}")


def semi_hard_loops(encodings, labels):
    """For each anchor and positive the nearest negative that is farther, within the margin."""
    distances, labels = loop_table(encodings, labels)
    found = []
    for a in range(len(labels)):
        for p in range(len(labels)):
            if p == a or labels[p] != labels[a]:
                continue
            nearest, least, most = None, distances[a][p], distances[a][p] + MARGIN
            for n in range(len(labels)):
                if labels[n] != labels[a] and least < distances[a][n] < most:
                    nearest, most = n, distances[a][n]
            if nearest is not None:
                found.append((a, p, nearest))
    return found


def hard_loops(encodings, labels):
    """For each anchor its farthest positive and its nearest negative."""
    distances, labels = loop_table(encodings, labels)
    found = []
    for a in range(len(labels)):
        farthest = nearest = None
        for other in range(len(labels)):
            if labels[other] != labels[a]:
                if nearest is None or distances[a][other] < distances[a][nearest]:
                    nearest = other
            elif other != a and (farthest is None or distances[a][other] > distances[a][farthest]):
                farthest = other
        found.append((a, farthest, nearest))
    return found


def all_loops(_, labels):
    """Every triplet that the labels allow."""
    labels = labels.tolist()
    return [
        (a, p, n)
        for a in range(len(labels))
        for p in range(len(labels))
        if p != a and labels[p] == labels[a]
        for n in range(len(labels))
        if labels[n] != labels[a]
    ]


def loop_table(encodings, labels):
    """Squared distances and labels as lists, which loops read faster than arrays."""
    return cdist(encodings, encodings, "sqeuclidean").tolist(), labels.tolist()


def mining_table():
    """Milliseconds of the vectorized choice and of the loops, which choose the same triplets."""
    tasks = {
        "semi-hard": (partial(triplets, kind="semi_hard", margin=MARGIN), semi_hard_loops),
        "hard": (partial(triplets, kind="hard"), hard_loops),
        "all": (lambda _, labels: batch_all(labels), all_loops),
    }
    lines = [
        "| triplets | pictures | chosen | cnnlib | loops | loops / cnnlib |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for kind, (ours, loops) in tasks.items():
        for identities in BATCHES[kind]:
            labels = np.repeat(np.arange(identities), 4)
            encodings = unit(np.random.default_rng(0).normal(size=(len(labels), 32)))
            programs = {"cnnlib": ours, "loops": loops}
            times, answers = processor_seconds(
                {name: partial(choose, encodings, labels) for name, choose in programs.items()}
            )
            np.testing.assert_array_equal(np.transpose(answers["cnnlib"]), answers["loops"])
            lines.append(
                f"| {kind} | {len(labels):,} | {len(answers['loops']):,} | "
                f"{1000 * times['cnnlib']:,.2f} | {1000 * times['loops']:,.1f} | "
                f"{times['loops'] / times['cnnlib']:,.0f} |"
            )
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main():
    began = time.perf_counter()
    packages = ["numpy", "scikit-learn", *["faiss-cpu"] * bool(importlib.util.find_spec("faiss"))]
    where = machine(packages)
    mining = mining_table()
    found = search_table(*drawn_encodings())
    write(
        "faces",
        f"""## Faces

`python benchmarks/faces.py` measured all of this in one run, in processor milliseconds. {where}

### A gallery of {PEOPLE:,} people

The nearest of {PEOPLE:,} encodings of {NUMBERS} numbers, length 1, float32; of the queries one half
are enrolled ones that changed a little, the others strangers. Where a program finds another
neighbor than cnnlib, which measures in float64 what is near, cnnlib's is at least as near. faiss
is told to multiply matrices from {MATRIX_PRODUCTS} queries on: version 1.15 is slower by itself.

{found}

### Mining

Batches with four pictures of each identity, encodings of 32 numbers of length 1. The loops go over
a table of distances that is computed as cnnlib computes it, and choose the same triplets.

{mining}
""",
    )
    print(f"wrote {PAGE} after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
