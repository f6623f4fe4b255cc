"""Losses of encodings: the course's numbers, cases by hand, numerical gradients, mined batches."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from cnnlib.faces import mining
from cnnlib.faces.losses import KINDS, ShareWithLoss, TripletLoss, contrastive_loss, triplet_loss

REFERENCE = Path(__file__).parents[1] / "reference"
ARRAYS = np.load(REFERENCE / "course_inputs.npz")
COURSE = [
    check
    for check in json.loads((REFERENCE / "course_vectors.json").read_text(encoding="utf-8"))
    if check["op"] == "triplet_loss"
]
LABELS = np.array([4, 1, 4, 2, 1, 4, 2, 7])
POINTS = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
IDENTITIES = np.repeat(np.arange(8), 5)
DRAWN = np.random.default_rng(1).random((2, 40, 8, 8, 1), dtype="float32")
IMAGES = (DRAWN[0, IDENTITIES] + DRAWN[1]) / 2  # half is the identity's, half each picture's own


def number(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("check", COURSE, ids=[check["id"] for check in COURSE])
def test_the_course_gets_the_same(check):
    anchor, positive, negative = (
        ARRAYS[given["array"]] if isinstance(given, dict) else given
        for given in (check["inputs"][name] for name in ("anchor", "positive", "negative"))
    )
    loss = number(triplet_loss(anchor, positive, negative, margin=check["inputs"]["alpha"]))
    np.testing.assert_allclose(loss, check["expected"]["loss"], **check["tol"])
    if "float64" in check and keras.backend.backend() == "tensorflow":  # others take float32
        np.testing.assert_allclose(loss, check["float64"]["loss"], rtol=1e-9)


def test_reductions_and_margins_by_hand():
    anchor, positive, negative = [[0.0], [0.0], [1.0]], [[1.0], [2.0], [1.0]], [[2.0], [1.0], [4.0]]
    of_margin = {0: [0, 3, 0], 1: [0, 4, 0], 5: [2, 8, 0], -1: [0, 2, 0], 9.5: [6.5, 12.5, 0.5]}
    for margin, each in of_margin.items():
        given = {"margin": margin}
        losses = number(triplet_loss(anchor, positive, negative, reduction=None, **given))
        np.testing.assert_allclose(losses, each)
        mean = triplet_loss(anchor, positive, negative, reduction="mean", **given)
        np.testing.assert_allclose(number(mean), np.mean(each), rtol=1e-6)
        assert number(triplet_loss(anchor, positive, negative, **given)) == sum(each)


def test_contrastive_loss_by_hand():
    """Distances 5, 5, 0.5 and 0, of one identity and of two."""
    first = np.zeros((4, 2))
    second = np.array([[3, 4], [3, 4], [0.3, 0.4], [0, 0]])
    losses = contrastive_loss(first, second, [True, False, False, False], margin=2, reduction=None)
    np.testing.assert_allclose(number(losses), [25 / 2, 0, 1.5**2 / 2, 2**2 / 2], rtol=1e-5)
    total = contrastive_loss(first, second, [1, 0, 0, 0], margin=2)
    np.testing.assert_allclose(number(total), 12.5 + 1.125 + 2, rtol=1e-5)


class Encodings(keras.Model):
    """Its own weights, whatever the input, with any loss of them."""

    def __init__(self, start, loss_of):
        super().__init__()
        self.kernel = self.add_weight(shape=start.shape, name="kernel")
        self.kernel.assign(start)
        self.loss_of = loss_of

    def call(self, x):
        return self.kernel + 0 * x

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return self.loss_of(y_pred)


def gradient(loss_of, start):
    """One step of plain gradient descent moves the weights by it."""
    model = Encodings(start, loss_of)
    model.compile(keras.optimizers.SGD(1.0))
    x = np.zeros((len(start), 1), "float32")
    model.fit(x, x, batch_size=len(x), verbose=0)
    return start - number(model.kernel)


def numerical_gradient(loss_of, start, eps=1e-2):
    """The losses are quadratic in pieces, so a large step has no error away from the kinks."""
    slopes = np.zeros_like(start)
    for place in np.ndindex(start.shape):
        shift = np.zeros_like(start)
        shift[place] = eps
        ahead, back = (float(number(loss_of(start + sign * shift))) for sign in (1, -1))
        slopes[place] = (ahead - back) / (2 * eps)
    return slopes


def of_triplets(x):
    return triplet_loss(x[:2], x[2:4], x[4:6], margin=0.7)


def of_pairs(x):
    return contrastive_loss(x[:4], x[4:], np.array([1, 0, 0, 1]), margin=3.0, reduction="mean")


@pytest.mark.parametrize(
    "loss_of",
    [
        of_triplets,
        of_pairs,
        *(lambda x, k=k: TripletLoss(kind=k, margin=1.5)(LABELS, x) for k in KINDS),
    ],
    ids=["triplets", "pairs", *KINDS],
)
def test_the_gradient_is_the_numerical_one(loss_of):
    slopes = numerical_gradient(loss_of, POINTS)
    assert abs(slopes).max() > 0.1
    np.testing.assert_allclose(gradient(loss_of, POINTS), slopes, atol=3e-3)


def test_equal_encodings_have_a_finite_gradient():
    start = np.ones((8, 3), "float32")
    assert (gradient(of_pairs, start) == 0).all()
    for kind in KINDS:
        assert (gradient(lambda x, k=kind: TripletLoss(kind=k)(LABELS, x), start) == 0).all()


def mined_loss(found, margin):
    losses = triplet_loss(*(POINTS[indices] for indices in found), margin=margin, reduction=None)
    return number(losses)


@pytest.mark.parametrize("margin", [0.3, 2.0])
def test_a_batch_costs_what_its_mined_triplets_cost(margin):
    hard = mined_loss(mining.batch_hard(POINTS, LABELS), margin)
    everything = mined_loss(mining.batch_all(LABELS), margin)
    semi_hard = mined_loss(mining.triplets(POINTS, LABELS, kind="semi_hard", margin=margin), margin)
    anchors_and_positives = 3 * 2 + 2 * 1 + 2 * 1
    expected = {
        "hard": (hard.mean(), (hard > 0).mean()),
        "batch_all": (everything[everything > 0].mean(), (everything > 0).mean()),
        "semi_hard": np.array([semi_hard.sum(), len(semi_hard)]) / anchors_and_positives,
    }
    for kind, (loss, share) in expected.items():
        given = {"kind": kind, "margin": margin}
        np.testing.assert_allclose(number(TripletLoss(**given)(LABELS, POINTS)), loss, rtol=1e-5)
        np.testing.assert_allclose(number(ShareWithLoss(**given)(LABELS, POINTS)), share, rtol=1e-5)


def test_random_triplets_of_shuffled_batches_are_all_equally_likely():
    """So their mean loss over many orders is that over anchors and positives of all negatives."""
    anchor, positive, _ = found = mining.batch_all(LABELS)
    losses = mined_loss(found, 1.0)
    pairs = np.unique(np.stack([anchor, positive]), axis=1).T
    expected = np.mean([losses[(anchor == a) & (positive == p)].mean() for a, p in pairs])
    random, loss = np.random.default_rng(0), TripletLoss(kind="random", margin=1.0)
    orders = [random.permutation(len(LABELS)) for _ in range(150)]
    measured = [float(number(loss(LABELS[order], POINTS[order]))) for order in orders]
    assert np.std(measured) > 0.1
    assert abs(np.mean(measured) - expected) < 4 * np.std(measured) / np.sqrt(len(measured))


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_without_a_triplet_costs_nothing(kind):
    for labels in (np.zeros(8, int), np.arange(8)):
        assert number(TripletLoss(kind=kind)(labels, POINTS)) == 0
        assert number(ShareWithLoss(kind=kind)(labels, POINTS)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_margin_equal_encodings_would_cost_nothing(kind):
    """The trivial solution f = 0: with the margin α each triplet costs α, which no step removes."""
    zeros = np.zeros((8, 3), "float32")
    wanted = 0 if kind == "semi_hard" else 0.4  # no negative is farther than the positive
    np.testing.assert_allclose(number(TripletLoss(kind=kind, margin=0.4)(LABELS, zeros)), wanted)
    assert number(triplet_loss(zeros, zeros, zeros, margin=0)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_learns_saves_and_reloads(kind, tmp_path):
    keras.utils.set_random_seed(0)
    given = {"kind": kind, "margin": 0.5}
    layers = [keras.layers.Flatten(), keras.layers.Dense(4), keras.layers.UnitNormalization()]
    network = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    network.compile(
        keras.optimizers.Adam(0.02), TripletLoss(**given), metrics=[ShareWithLoss(**given)]
    )
    chosen = mining.batches(IDENTITIES, identities=6, pictures=4, seed=0)
    history = network.fit(
        ((IMAGES[i], IDENTITIES[i]) for i in chosen),
        steps_per_epoch=5,
        epochs=4,
        shuffle=False,
        verbose=0,
    ).history
    assert history["loss"][-1] < 0.95 * history["loss"][0]
    assert 0 < history["share_with_loss"][-1] <= 1
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert again.loss.get_config() == network.loss.get_config()
    np.testing.assert_allclose(number(again(IMAGES)), number(network(IMAGES)), atol=1e-6)
    (last,) = again.evaluate(IMAGES[:24], IDENTITIES[:24], batch_size=24, verbose=0)[:1]
    (wanted,) = network.evaluate(IMAGES[:24], IDENTITIES[:24], batch_size=24, verbose=0)[:1]
    assert last == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: triplet_loss([1.0], [1.0], [1.0]), ValueError, "anchor has shape (1,)"),
        (lambda: triplet_loss(POINTS, POINTS[:7], POINTS), ValueError, "positive has shape (7, 3)"),
        (lambda: triplet_loss(POINTS, POINTS, POINTS[:1]), ValueError, "negative has shape (1, 3)"),
        (lambda: triplet_loss(*[POINTS[:0]] * 3), ValueError, "anchor has shape (0, 3)"),
        (lambda: triplet_loss(*[POINTS] * 3, margin=np.inf), ValueError, "margin is inf"),
        (lambda: triplet_loss(*[POINTS] * 3, margin="0.2"), TypeError, "margin is '0.2'"),
        (lambda: triplet_loss(*[POINTS] * 3, margin=True), TypeError, "margin is True"),
        (lambda: triplet_loss(*[POINTS] * 3, reduction="max"), ValueError, "reduction is 'max'"),
        (lambda: contrastive_loss(POINTS, POINTS[:, :2], LABELS), ValueError, "second has shape"),
        (lambda: contrastive_loss(POINTS, POINTS, LABELS[:3]), ValueError, "same has shape (3,)"),
        (lambda: contrastive_loss(POINTS, POINTS, LABELS, margin=0), ValueError, "margin is 0"),
        (lambda: TripletLoss(kind="easy"), ValueError, "kind is 'easy'"),
        (lambda: TripletLoss(margin=-1), ValueError, "margin is -1.0, it needs to be positive"),
        (lambda: ShareWithLoss(margin=None), TypeError, "ShareWithLoss: margin is None"),
        (lambda: TripletLoss()(LABELS, POINTS[..., None]), ValueError, "encodings have shape"),
    ],
)
def test_bad_input_is_named_at_once(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
