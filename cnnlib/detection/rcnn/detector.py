"""What R-CNN, Fast R-CNN and Faster R-CNN share: judging regions, learning, cleaning up."""

import keras
import numpy as np
from keras import ops

from cnnlib.detection.arguments import share, targets_of
from cnnlib.detection.nms import nms
from cnnlib.detection.rcnn.batches import RegionBatches
from cnnlib.detection.rcnn.matching import decode_corrections, encode_corrections, match
from cnnlib.detection.rcnn.networks import region_head

WARM_UP = 0.05  # share of the steps over which the learning rate rises; then a cosine to 1 %


class RegionDetector(keras.Model):
    """A backbone, and a head that says what is in a region of a picture, and where exactly.

    A subclass says which regions there are to learn from (`draw`), which ones to judge in use
    (`inputs`), and what the head sees of them (`call`).

    Parameters
    ----------
    network : keras.Model
        The backbone: pictures to maps.
    features : tuple of int
        (rows, columns, channels) that the head sees of a region.
    classes : int
        Kinds of objects.
    """

    pictures_at_once = 32  # in `detect`

    def __init__(self, network, features, classes, **model):
        super().__init__(**model)
        self.network, self.classes = network, classes
        self.head = region_head(features, classes)

    def fit(
        self,
        images,
        targets,
        *,
        epochs,
        proposals=None,
        batch_size=8,
        learning_rate=2e-3,
        seed=0,
        verbose=0,
    ):
        """Learn from pictures with boxes: Adam, its rate warmed up and lowered along a cosine.

        Parameters
        ----------
        images : (m, height, width, 3) array
            Pixels in 0…1.
        targets : list of dicts
            Ground truth {"boxes", "labels"} of each picture.
        epochs : int
        proposals : list of (n, 4) arrays, optional
            Regions of each picture. By default `segment_proposals` finds them, which may take
            longer than the training; Faster R-CNN has its own and takes none.
        batch_size : int
            Pictures a step.
        learning_rate : float
            Its highest value.
        seed : int
            Of the regions, the order, the mirroring and the order of the colors.
        verbose : int
            As for `keras.Model.fit`.

        Returns
        -------
        keras.callbacks.History

        Raises
        ------
        ValueError, TypeError
            Where the images have another shape, a target is none, or the lists differ in length.
        """
        name = f"{type(self).__name__}.fit"
        images = _pictures(name, images)
        targets = targets_of(name, targets, self.classes)
        one_each(name, images, "targets", targets)
        draw = self.draw(images, targets, proposals)
        batches = RegionBatches(images, targets, draw, batch_size=batch_size, seed=seed)
        steps = epochs * len(batches)
        warm = max(1, round(WARM_UP * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            learning_rate / warm, steps - warm, 0.01, warmup_target=learning_rate, warmup_steps=warm
        )
        self.compile(keras.optimizers.Adam(rate))
        return super().fit(batches, epochs=epochs, shuffle=False, verbose=verbose)

    def detect(self, images, *, proposals=None, score_threshold=0.05, iou_threshold=0.5):
        """The objects in pictures: each region's box corrected, then suppression per class.

        Parameters
        ----------
        images : (m, height, width, 3) array
            Pixels in 0…1.
        proposals : list of (n, 4) arrays, optional
            As for `fit`.
        score_threshold : float
            A detection's probability is larger. A region may give several classes.
        iou_threshold : float
            Overlap with a better detection of the same class that a detection may have.

        Returns
        -------
        list of dicts
            Detections {"boxes", "scores", "labels"} of each picture, best first.

        Raises
        ------
        ValueError, TypeError
            As `fit`, and for thresholds outside 0…1.
        """
        name = f"{type(self).__name__}.detect"
        images = _pictures(name, images)
        score_threshold = share(name, "score_threshold", score_threshold)
        iou_threshold = share(name, "iou_threshold", iou_threshold)
        if len(images) == 0:
            return []
        inputs, counts = self.inputs(images, proposals)
        answers = self.predict(inputs, batch_size=self.pictures_at_once, verbose=0)
        boxes = decode_corrections(answers["corrections"], answers["regions"], images.shape[1:3])
        boxes = ops.convert_to_numpy(boxes)
        scores = ops.convert_to_numpy(ops.softmax(answers["scores"]))[..., :-1]
        return [
            _cleaned(b[:count], s[:count], score_threshold, iou_threshold)
            for b, s, count in zip(boxes, scores, counts, strict=True)
        ]

    def judge(self, features, regions, *, training):
        """Scores (m, r, classes + 1) and corrections (m, r, 4) of regions (m, r, 4)."""
        pictures, count = ops.shape(regions)[:2]
        features = ops.reshape(features, (-1, *self.head.input_shape[1:]))
        scores, corrections = self.head(features, training=training)
        return {
            "regions": regions,
            "scores": ops.reshape(scores, (pictures, count, self.classes + 1)),
            "corrections": ops.reshape(corrections, (pictures, count, 4)),
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Cross entropy of the regions' classes, and smooth L1 of the corrections of objects."""
        regions = y_pred["regions"]
        classes, boxes = match(regions, y["boxes"], y["labels"], background=self.classes)
        entropy = ops.sparse_categorical_crossentropy(classes, y_pred["scores"], from_logits=True)
        missed = smooth_l1(encode_corrections(boxes, regions) - y_pred["corrections"])
        is_object = ops.cast(classes < self.classes, "float32")
        return ops.mean(entropy) + ops.mean(is_object * missed)

    def build(self, input_shape=None):
        """Everything is built with the parts."""
        self.built = True

    def get_config(self):
        """What builds the same detector anew, as `.keras` files hold it."""
        network = keras.saving.serialize_keras_object(self.network)
        return {"name": self.name, "network": network, "classes": self.classes}

    @classmethod
    def from_config(cls, config):
        """The detector that `get_config` describes; the weights come from the saved file."""
        network = keras.saving.deserialize_keras_object(config["network"])
        return cls(**{**config, "network": network})


def smooth_l1(difference):
    """`d²/2` for `|d| < 1`, `|d| − 1/2` beyond, summed over the last axis (Girshick 2015, eq. 3).

    >>> float(smooth_l1(ops.convert_to_tensor([0.5, -3.0])))
    2.625
    """
    size = ops.abs(difference)
    return ops.sum(ops.where(size < 1, size**2 / 2, size - 0.5), axis=-1)


def _cleaned(boxes, scores, score_threshold, iou_threshold):
    """Detections of one picture, from a box (n, 4) and all scores (n, classes) of each region."""
    region, label = np.nonzero(scores > score_threshold)
    boxes, scores = boxes[region], scores[region, label]
    kept = nms(boxes, scores, iou_threshold=iou_threshold, labels=label)
    return {"boxes": boxes[kept], "scores": scores[kept], "labels": label[kept]}


def _pictures(name, images):
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"{name}: images has shape {images.shape}, it needs (m, height, width, 3)")
    return images.astype("float32", copy=False)


def one_each(name, images, argument, values):
    """Refuse a list that has not as many elements as there are pictures."""
    if len(values) != len(images):
        raise ValueError(
            f"{name}: {argument} has {len(values)} elements, it needs {len(images)}, one a picture"
        )
