"""Real people told apart by their faces: verification, one-shot recognition, the error among K.

    CNNLIB_REAL_DATA=folder python benchmarks/people.py
    python benchmarks/people.py --data olivetti

The first expects faces_orl/orl_faces.npz in the folder: x, (400, 112, 92) gray bytes, ten pictures
of each of 40 people, and y, whose they are: the face database of the Olivetti Research Laboratory
(Samaria and Harter 1994, https://doi.org/10.1109/ACV.1994.341300) in a copy whose first two people
somebody else replaced. It measures with them and without, and writes `benchmarks/people.json` and
the section on people of `benchmarks/RESULTS.md`. The second downloads the 40 original people by
scikit-learn, 64 × 64 pixels each, and prints the section only.

Nothing is trained on these people. Compared are the published encoder on faces turned
upright by the bundled landmarks, the same on the pictures as they are, and the pixels. For each of
five seeds half of the people, drawn, choose the threshold, at equal errors; the others are tested:

- verification: all pairs of their pictures;
- one-shot: of all people one picture each is enrolled, the nearest to another picture counts;
- identification among K of them, one picture each enrolled: every comparison has to be right, or
  the nearest only; pictures of people who are not enrolled have to be turned away.

Beside what was measured stands what follows from the errors of single comparisons if they were
independent. It takes about half a minute of one core.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from results import circumstances, write
from sklearn.datasets import fetch_olivetti_faces

from cnnlib.faces.encoder import aligned, face_encoder, face_landmarks
from cnnlib.faces.verification import (
    best_threshold,
    distances,
    equal_error_rate,
    error_rates,
    identification_error,
    measured_identification_error,
    pairs,
)

RESULTS = Path(__file__).with_suffix(".json")
SEEDS = range(5)
KS = np.array([1, 2, 5, 10, 18])
UPRIGHT, AS_THEY_ARE, PIXELS = "published encoder, upright", "published encoder", "pixels"


def orl():
    """Pictures in 0…1, whose they are, and the people of each measurement."""
    if not os.environ.get("CNNLIB_REAL_DATA"):
        sys.exit("people: CNNLIB_REAL_DATA is not set, it needs the folder of the photographs")
    path = Path(os.environ["CNNLIB_REAL_DATA"], "faces_orl", "orl_faces.npz")
    with np.load(path, allow_pickle=False) as file:
        images, labels = file["x"] / np.float32(255), file["y"]
    return images, labels, {"40 people": range(40), "38 of the laboratory": range(2, 40)}


def olivetti():
    """The like, from scikit-learn."""
    found = fetch_olivetti_faces()
    return found.images, found.target, {"40 people": range(40)}


def encoded(images):
    """The encodings to compare, by the name of what makes them."""
    encoder = face_encoder()
    upright = [aligned(image, face_landmarks(image)) for image in images]
    return {
        UPRIGHT: encoder(upright),
        AS_THEY_ARE: encoder(list(images)),
        PIXELS: images.reshape(len(images), -1),
    }


def run(encodings, labels, seed):
    """What one split of the people gives."""
    generator = np.random.default_rng(seed)
    people = generator.permutation(np.unique(labels))
    enrolled = np.array([generator.choice(np.flatnonzero(labels == one)) for one in people])
    choosing = np.isin(labels, people[: len(people) // 2])
    chosen_on = pairs(encodings[choosing], labels[choosing])
    threshold = best_threshold(*chosen_on, goal="equal_error")
    tested_on = pairs(encodings[~choosing], labels[~choosing])
    rates = error_rates(*tested_on, threshold)
    return {
        "threshold": round(threshold, 4),
        "equal_error_rate": round(equal_error_rate(*tested_on), 4),
        "accuracy": round(1 - np.mean(rates), 4),
        "false_accepts": round(rates.false_accepts, 4),
        "false_rejects": round(rates.false_rejects, 4),
        "one_shot": one_shot(encodings, labels, enrolled),
        "among": among(encodings, labels, enrolled[~choosing[enrolled]], threshold),
    }


def compared(encodings, labels, enrolled):
    """Distances of all other pictures of the enrolled people from the enrolled ones, and whose."""
    others = np.isin(labels, labels[enrolled])
    others[enrolled] = False
    same = labels[others, np.newaxis] == labels[enrolled]
    return distances(encodings[others], encodings[enrolled]), same


def one_shot(encodings, labels, enrolled):
    """The share of pictures whose nearest enrolled picture shows the same person."""
    found, same = compared(encodings, labels, enrolled)
    error = measured_identification_error(
        found, same, len(enrolled), threshold=np.inf, rule="nearest"
    )
    return round(1 - error, 4)


def among(encodings, labels, enrolled, threshold):
    """Errors of identification among each of `KS` people, measured and derived."""
    found, same = compared(encodings, labels, enrolled)
    rates = error_rates(found.ravel(), same.ravel(), threshold)
    of_others = found[~same].reshape(len(found), -1)  # the gallery without the picture's person
    nobody = np.zeros(of_others.shape, bool)
    errors = {
        "known": measured_identification_error(found, same, KS, threshold=threshold),
        "known_derived": 1 - (1 - rates.false_rejects) * (1 - rates.false_accepts) ** (KS - 1),
        "known_nearest": measured_identification_error(
            found, same, KS, threshold=threshold, rule="nearest"
        ),
        "strangers": measured_identification_error(of_others, nobody, KS, threshold=threshold),
        "strangers_derived": identification_error(rates.false_accepts, KS),
    }
    return {name: values.round(4).tolist() for name, values in errors.items()}


def measured(images, labels, people):
    """Runs of all seeds, by the people and by what encodes them."""
    of_encoders = encoded(images)
    return {
        who: {
            name: [run(encodings[kept], labels[kept], seed) for seed in SEEDS]
            for name, encodings in of_encoders.items()
        }
        for who, chosen in people.items()
        for kept in [np.isin(labels, chosen)]
    }


def spread(runs, what):
    """Mean, least and most over the seeds, in percent."""
    values = 100 * np.array([one[what] for one in runs])
    return f"{values.mean():.1f} ({values.min():.1f} to {values.max():.1f})"


def section(results, data):
    """The tables of the results page, and what has to be known to read them."""
    rows = "\n".join(
        f"| {who} | {name} | {spread(runs, 'equal_error_rate')} | {spread(runs, 'accuracy')} | "
        f"{spread(runs, 'one_shot')} |"
        for who, of_encoders in results["people"].items()
        for name, runs in of_encoders.items()
    )
    errors = {
        who: {
            name: np.mean([one["among"][name] for one in of_encoders[UPRIGHT]], axis=0)
            for name in of_encoders[UPRIGHT][0]["among"]
        }
        for who, of_encoders in results["people"].items()
    }
    among_rows = "\n".join(
        f"| {who} | {k} | "
        + " | ".join(f"{100 * values[i]:.1f}" for values in found.values())
        + " |"
        for who, found in errors.items()
        for i, k in enumerate(results["k"])
    )
    return f"""## People

`python benchmarks/people.py --data {data}` on {results["machine"]}.
Ten pictures of each person. Nothing was trained on them here; whether the published encoder learned
from some of them is not known. Percent over five seeds, mean (least to most): half of the people,
drawn, choose the threshold at equal errors, the others are tested. One-shot: one picture of each
person is enrolled, the nearest of all counts.

| people | encodings | equal error rate | accuracy | one-shot accuracy |
|---|---|---:|---:|---:|
{rows}

Errors of identification among K tested people, one picture of each enrolled, of the published
encoder on upright faces, in percent, means over the seeds. Known people: all K comparisons have to
be right, or the nearest person only. Strangers: nobody may be recognized. Derived is what follows
from the error rates of the single comparisons if these were independent.

| people | K | known | derived | nearest only | strangers | derived |
|---|---:|---:|---:|---:|---:|---:|
{among_rows}
"""


COPY = """
Two of the 40 people are not the laboratory's: in the copy at hand somebody put other pictures in
the place of the first two, with profiles and faces turned up. That was seen by looking, after the
first measurement; so both are given.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=("orl", "olivetti"), default="orl")
    data = parser.parse_args().data
    images, labels, people = {"orl": orl, "olivetti": olivetti}[data]()
    here = circumstances()
    named = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    results = {
        "machine": f"{here['machine']}, {named}",
        "k": KS.tolist(),
        "people": measured(images, labels, people),
    }
    text = section(results, data)
    print(text)
    if data == "orl":
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        write("people", text + COPY)


if __name__ == "__main__":
    main()
