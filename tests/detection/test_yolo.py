"""YOLO as a detector: what its loss counts, that it learns, answers, and survives a file."""

import keras
import numpy as np
import pytest

from cnnlib.detection.boxes import iou
from cnnlib.detection.yolo import Yolo, decode, encode, training_target, yolo_loss
from cnnlib.detection.yolo.detector import mirrored
from cnnlib.models import yolo_network

ANCHORS = [[10.0, 24.0], [24.0, 10.0]]
FORM = {"anchors": ANCHORS, "image_shape": (48, 64)}
SMALL = {"convolutions": ((8, 2), (16, 2), (24, 2), (24, 1)), "anchors": 2}


def bars(count, seed=0):
    """Dark pictures of 48×64 with a bright bar each, upright (class 0) or lying (class 1)."""
    generator = np.random.default_rng(seed)
    images = generator.uniform(0, 0.3, size=(count, 48, 64, 3)).astype("float32")
    targets = []
    for image in images:
        label = int(generator.integers(2))
        width, height = ((8, 22), (22, 8))[label]
        left, top = generator.integers(64 - width), generator.integers(48 - height)
        image[top : top + height, left : left + width] += 0.6
        box = np.array([[left, top, left + width, top + height]], "float32")
        targets.append({"boxes": box, "labels": np.array([label])})
    return images, targets


def raw(boxes, labels, **choices):
    return encode(
        boxes, labels, grid=(6, 8), classes=2, parametrization="priors", **FORM, **choices
    )


def loss(y, t, **choices):
    y, t = (keras.ops.convert_to_tensor(value.astype("float32")) for value in (y, t))
    return float(yolo_loss(y, t, **FORM, **choices))


def by_hand(y, t):
    """The loss again, anchor by anchor, with the formulas of the docstring."""
    total = 0.0
    for place in np.ndindex(y.shape[:-1]):
        (c, x, y_, h, w, *classes), (t_c, t_x, t_y, t_h, t_w, *t_classes) = y[place], t[place]
        p = 1 / (1 + np.exp(-t_c))
        if c == 0:
            total -= 0.5 * np.log(1 - p)
        if c == 1:
            anchor = ANCHORS[place[3]]
            total -= np.log(p)
            total += 5 * (1 / (1 + np.exp(-t_x)) - x) ** 2 + 5 * (1 / (1 + np.exp(-t_y)) - y_) ** 2
            total += 5 * (t_h - np.log(h * 8 / anchor[1])) ** 2
            total += 5 * (t_w - np.log(w * 8 / anchor[0])) ** 2
            total -= np.log((np.exp(t_classes) / np.exp(t_classes).sum())[np.argmax(classes)])
    return total / len(y)


# A box between two cells, so that an anchor of the other one is ignored, and one in its cell.
BOXES, LABELS = np.array([[11.5, 15, 35.5, 25], [40, 4, 50, 30]]), [1, 0]


def test_the_loss_is_the_sum_of_its_formulas():
    form = {"grid": (6, 8), "classes": 2, **FORM}
    y = np.array([training_target(BOXES, LABELS, **form), training_target([], [], **form)])
    assert {-1, 0, 1} == set(y[..., 0].ravel())
    t = np.random.default_rng(1).normal(size=y.shape)
    assert loss(y, t) == pytest.approx(by_hand(y, t), rel=1e-5)


def test_the_right_answer_costs_nothing():
    boxes, labels = [[3, 4, 13, 30], [30, 20, 60, 29]], [0, 1]
    y = encode(boxes, labels, grid=(6, 8), classes=2, **FORM)
    t = np.clip(raw(boxes, labels), -30, 30)
    assert loss(y[None], t[None]) == pytest.approx(0, abs=1e-6)


def test_empty_anchors_pay_for_p_c_alone_and_ignored_ones_for_nothing():
    y, t = np.zeros((2, 6, 8, 2, 7)), np.zeros((2, 6, 8, 2, 7))
    t[0, 2, 3, 1] = [np.log(3), 9, -9, 4, 4, 7, 7]  # p_c = .75
    others = 0.5 * np.log(2) * (2 * 6 * 8 * 2 - 1)
    assert loss(y, t) == pytest.approx((others + 0.5 * np.log(4)) / 2, rel=1e-5)
    y[0, 2, 3, 1, 0] = -1
    assert loss(y, t) == pytest.approx(others / 2, rel=1e-5)


def test_classes_that_do_not_exclude_each_other_pay_each():
    y = encode([[3, 4, 13, 30]], [1], grid=(6, 8), classes=2, **FORM)[None]
    t = np.clip(raw([[3, 4, 13, 30]], [1]), -30, 30)[None]
    t[..., 5:] = [np.log(3), np.log(4)]  # sigmoids of .75 and .8, softmax of 3/7 and 4/7
    assert loss(y, t, class_activation="sigmoid") == pytest.approx(
        np.log(4) - np.log(0.8), rel=1e-4
    )
    assert loss(y, t) == pytest.approx(np.log(7 / 4), rel=1e-4)


@pytest.mark.parametrize("classes", [0, 2])
def test_gradients_of_the_loss_reach_every_weight_and_are_finite(classes):
    images, targets = bars(4)
    if classes == 0:
        targets = [one | {"labels": np.zeros(1, int)} for one in targets]
    network = yolo_network(input_shape=(48, 64, 3), classes=classes, **SMALL)
    model = Yolo(network, anchors=ANCHORS, classes=classes)
    before = [np.array(weight) for weight in model.get_weights()]
    history = model.fit(images, targets, epochs=3, batch_size=4)  # the first step has size 0
    assert np.isfinite(history.history["loss"]).all()
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert (old != new).any()


def test_mirrored_volumes_are_those_of_the_mirrored_boxes():
    turned = BOXES[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + (64, 0, 64, 0)
    form = {"grid": (6, 8), "classes": 2, **FORM}
    both = (training_target(boxes, LABELS, **form) for boxes in (BOXES, turned))
    first, second = (y[None] for y in both)
    assert (first[..., 0] == -1).any()
    np.testing.assert_allclose(mirrored(first), second, atol=1e-12)
    np.testing.assert_array_equal(mirrored(mirrored(first)), first)


@pytest.fixture(scope="module")
def trained():
    """Trained on 192 bars, in some seconds."""
    keras.utils.set_random_seed(0)
    network = yolo_network(input_shape=(48, 64, 3), classes=2, **SMALL)
    model = Yolo(network, anchors=ANCHORS, classes=2)
    history = model.fit(*bars(192), epochs=12, learning_rate=1e-2)
    return model, history


def test_it_learns_to_find_unseen_bars(trained):
    model, history = trained
    losses = history.history["loss"]
    assert len(losses) == 12 and losses[-1] < losses[0] / 5
    images, targets = bars(40, seed=1)
    found = model.detect(images, score_threshold=0.3)
    right = [
        len(one["boxes"]) > 0
        and iou(one["boxes"][:1], target["boxes"])[0, 0] > 0.5
        and one["labels"][0] == target["labels"][0]
        for one, target in zip(found, targets, strict=True)
    ]
    assert np.mean(right) > 0.8


def test_detections_are_what_decode_reads_less_what_suppression_drops(trained):
    model, _ = trained
    images, _ = bars(5, seed=2)
    t = model.predict(images, verbose=0)
    everything = model.detect(images, score_threshold=1e-5, iou_threshold=1, batch_size=2)
    suppressed = model.detect(images, score_threshold=1e-5)
    dropped = 0
    for raw_answers, all_of_it, kept in zip(t, everything, suppressed, strict=True):
        read = decode(raw_answers, score_threshold=1e-5, parametrization="priors", **FORM)
        for name in ("boxes", "scores", "labels"):
            np.testing.assert_allclose(all_of_it[name], read[name], rtol=0, atol=1e-3)
        assert (np.diff(kept["scores"]) <= 0).all()
        dropped += len(all_of_it["scores"]) - len(kept["scores"])
        for label in (0, 1):
            same = kept["boxes"][kept["labels"] == label]
            assert (np.triu(iou(same, same), 1) <= 0.5).all()
    assert dropped > 0


def test_saved_and_loaded_it_detects_the_same(trained, tmp_path):
    model, _ = trained
    model.save(tmp_path / "bars.keras")
    loaded = keras.models.load_model(tmp_path / "bars.keras")
    assert isinstance(loaded, Yolo)
    assert (loaded.anchors, loaded.classes) == (model.anchors, model.classes)
    images, _ = bars(3, seed=3)
    for first, second in zip(model.detect(images), loaded.detect(images), strict=True):
        for name in ("boxes", "scores", "labels"):
            np.testing.assert_allclose(first[name], second[name], rtol=0, atol=1e-4)


class Constant(keras.layers.Layer):
    """The same volume for every picture."""

    def __init__(self, volume, **options):
        super().__init__(**options)
        self.volume = np.asarray(volume, "float32")

    def call(self, x):
        return keras.ops.zeros_like(x[:, :1, :1, :1, None]) + self.volume


def test_a_network_with_several_volumes_is_read_as_one():
    """Two grids that find one box each, and a third box that both find."""
    grids = {(3, 4): [[30.0, 40.0]], (6, 8): [[8.0, 8.0], [12.0, 20.0]]}
    large, small, both = [[2, 2, 34, 40]], [[50, 30, 58, 40]], [[40, 2, 54, 22]]
    image = keras.Input((48, 64, 3))
    volumes = []
    for (grid, anchors), own in zip(grids.items(), (large, small), strict=True):
        form = {"grid": grid, "anchors": anchors, "classes": 3, "image_shape": (48, 64)}
        t = encode([*own, *both], [2, 1], parametrization="priors", **form)
        volumes.append(Constant(np.clip(t, -20, 20))(image))
    model = Yolo(keras.Model(image, volumes), anchors=list(grids.values()), classes=3)
    x = np.zeros((2, 48, 64, 3), "float32")
    for found in model.detect(x):
        assert sorted(found["labels"]) == [1, 2, 2]
        assert iou(found["boxes"], [*large, *small, *both]).max(axis=0) == pytest.approx(
            1, abs=1e-4
        )
    with pytest.raises(ValueError, match=r"^Yolo.fit: network gives 2 volumes"):
        model.fit(x, [{"boxes": large, "labels": [0]}] * 2, epochs=1)


def test_a_picture_without_objects_trains_and_detects():
    model = Yolo(
        yolo_network(input_shape=(48, 64, 3), classes=2, **SMALL), anchors=ANCHORS, classes=2
    )
    nothing = {"boxes": np.zeros((0, 4)), "labels": np.zeros(0, int)}
    images, _ = bars(2)
    assert np.isfinite(model.fit(images, [nothing] * 2, epochs=1).history["loss"]).all()
    found = model.detect(images, score_threshold=1)
    assert [one["boxes"].shape for one in found] == [(0, 4)] * 2
    assert model.detect(images[:0]) == []


@pytest.fixture(scope="module")
def fresh():
    network = yolo_network(input_shape=(48, 64, 3), classes=2, **SMALL)
    return Yolo(network, anchors=ANCHORS, classes=2)


def test_networks_and_anchors_have_to_fit():
    network = yolo_network(input_shape=(48, 64, 3), classes=2, **SMALL)
    with pytest.raises(ValueError, match=r"^Yolo: network gives volumes that end in \[\(2, 7\)\]"):
        Yolo(network, anchors=ANCHORS, classes=3)
    with pytest.raises(ValueError, match=r"1 anchors|\[1\] anchors"):
        Yolo(network, anchors=ANCHORS[:1], classes=2)
    with pytest.raises(ValueError, match=r"^Yolo: class_activation is 'tanh'"):
        Yolo(network, anchors=ANCHORS, classes=2, class_activation="tanh")
    with pytest.raises(TypeError, match=r"^Yolo: network is a str"):
        Yolo("yolo", anchors=ANCHORS, classes=2)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda images, targets: (images[0], targets), r"images have shape \(48, 64, 3\)"),
        (lambda images, targets: (images.astype("uint8"), targets), "type uint8"),
        (lambda images, targets: (images, targets[:1]), "2 images and 1 targets"),
        (lambda images, targets: (images[:0], []), "0 images and 0 targets"),
        (
            lambda images, targets: (
                images,
                [targets[0], {"boxes": [[0, 0, 9, 9]], "labels": [2]}],
            ),
            r"targets\[1\]\['labels'\] holds 2, it needs 0 to 1",
        ),
        (
            lambda images, targets: (
                images,
                [targets[0], {"boxes": [[60, 0, 90, 9]], "labels": [0]}],
            ),
            r"targets\[1\] cannot be encoded: .* midpoint \[75.0, 4.5\]",
        ),
        (
            lambda images, targets: (
                images,
                [targets[0], {"boxes": [[6, 0, 6, 9]], "labels": [0]}],
            ),
            r"targets\[1\] cannot be encoded: .* above 0",
        ),
    ],
)
def test_fit_names_bad_input(fresh, change, message):
    images, targets = change(*bars(2))
    with pytest.raises(ValueError, match=f"^Yolo.fit: .*{message}"):
        fresh.fit(images, targets, epochs=1)


@pytest.mark.parametrize("name", ["score_threshold", "iou_threshold"])
def test_detect_names_bad_thresholds(fresh, name):
    images, _ = bars(1)
    with pytest.raises(ValueError, match=f"^Yolo.detect: {name} is 2, it needs a number from 0"):
        fresh.detect(images, **{name: 2})
