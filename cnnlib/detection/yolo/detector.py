"""The detector: a network's raw answers, what they cost, and how they are read."""

import keras
import numpy as np
from keras import ops

from cnnlib.detection.anchors import size_array
from cnnlib.detection.arguments import one_of, share, targets_of
from cnnlib.detection.nms import nms
from cnnlib.detection.yolo.volumes import (
    CLASS_ACTIVATIONS,
    cell_size,
    class_count,
    decode,
    training_target,
)

BOX_WEIGHT, EMPTY_WEIGHT = 5.0, 0.5


def yolo_loss(y, t, *, anchors, image_shape, class_activation="softmax"):
    """What raw answers cost, summed over the cells and anchors, as a mean over the pictures.

    A responsible anchor pays the cross entropy of p_c = 1, five times the squared errors of its
    midpoint, σ(t_x) and σ(t_y) in cells, and of log height and log width, and the cross entropy of
    its class. An empty one pays half the cross entropy of p_c = 0, an ignored one nothing. Weights
    as in the paper (Redmon et al. 2015, https://arxiv.org/abs/1506.02640, equation 3), which has
    squared errors throughout, and roots of the sides in place of their logarithms.

    Parameters
    ----------
    y : (m, S_h, S_w, A, 5 + C) tensor
        Volumes of `training_target`.
    t : tensor of the same shape
        The network's raw answers.
    anchors : (A, 2) array
        Width and height in pixels.
    image_shape : tuple
        (height, width) of the pictures in pixels.
    class_activation : "softmax" or "sigmoid"

    Returns
    -------
    scalar tensor
    """
    priors = np.asarray(anchors, "float32")[:, ::-1] / cell_size(
        "yolo_loss", tuple(image_shape), t.shape[1:3]
    )
    responsible = y[..., 0] > 0
    empty = y[..., 0] == 0
    sides = ops.where(responsible[..., None], y[..., 3:5], ops.ones_like(y[..., 3:5]))
    wrong_place = ops.square(ops.sigmoid(t[..., 1:3]) - y[..., 1:3])
    wrong_size = ops.square(t[..., 3:5] - ops.log(sides / ops.convert_to_tensor(priors, t.dtype)))
    of_object = ops.softplus(-t[..., 0])
    of_object = of_object + BOX_WEIGHT * ops.sum(wrong_place + wrong_size, axis=-1)
    if t.shape[-1] > 5:
        truth, classes = y[..., 5:], t[..., 5:]
        if class_activation == "softmax":
            of_class = -truth * ops.log_softmax(classes, axis=-1)
        else:
            of_class = ops.softplus(classes) - truth * classes
        of_object = of_object + ops.sum(of_class, axis=-1)
    cost = ops.where(responsible, of_object, 0.0)
    cost = cost + ops.where(empty, EMPTY_WEIGHT * ops.softplus(t[..., 0]), 0.0)
    return ops.mean(ops.sum(cost, axis=(1, 2, 3)))


@keras.saving.register_keras_serializable("cnnlib")
class Yolo(keras.Model):
    """A network with one answer for each anchor of each cell, trained and read as YOLO.

    Parameters
    ----------
    network : keras.Model
        Pictures (m, height, width, channels) to raw answers (m, S_h, S_w, A, 5 + C), in the
        parametrization `"priors"`; or to a list of such volumes, from several grids.
    anchors : (A, 2) array, or a list with one for each volume
        Width and height in pixels of the network's pictures.
    classes : int
        Number of classes C, 0 for a single kind of thing.
    class_activation : "softmax" or "sigmoid"
        Whether the classes exclude each other.

    Raises
    ------
    ValueError
        Where the network's volumes do not fit the anchors and classes.

    Examples
    --------
    >>> from cnnlib.models import yolo_network
    >>> model = Yolo(yolo_network(), anchors=[[10, 30], [20, 40], [40, 20]], classes=3)
    >>> found = model.detect(np.zeros((2, 96, 96, 3), "float32"), score_threshold=0.9)
    >>> [sorted(picture) for picture in found]
    [['boxes', 'labels', 'scores'], ['boxes', 'labels', 'scores']]
    """

    def __init__(self, network, *, anchors, classes, class_activation="softmax", **options):
        super().__init__(**options)
        one_of("Yolo", "class_activation", class_activation, CLASS_ACTIVATIONS)
        if not isinstance(network, keras.Model) or not getattr(network, "outputs", None):
            raise TypeError(
                f"Yolo: network is a {type(network).__name__}, it needs a keras.Model that is built"
            )
        several = anchors if len(network.outputs) > 1 else [anchors]
        self.network = network
        self.anchors = tuple(
            tuple(map(tuple, size_array("Yolo", "anchors", one).tolist())) for one in several
        )
        self.classes = class_count("Yolo", classes)
        self.class_activation = class_activation
        shapes = [tuple(volume.shape[3:]) for volume in network.outputs]
        wanted = [(len(one), 5 + classes) for one in self.anchors]
        if shapes != wanted:
            raise ValueError(
                f"Yolo: network gives volumes that end in {shapes}, {[len(a) for a in several]} "
                f"anchors and {classes} classes need {wanted}"
            )

    def call(self, images, training=False):
        """The network's raw answers."""
        return self.network(images, training=training)

    def fit(
        self,
        images,
        targets,
        *,
        epochs,
        batch_size=8,
        learning_rate=3e-3,
        mirror=True,
        permute_colors=True,
        seed=0,
        callbacks=None,
    ):
        """Train with Adam, whose step warms up over 5 % of the way and falls along a cosine.

        Parameters
        ----------
        images : (m, height, width, channels) array
            float32 in 0…1.
        targets : list of dict
            For each picture its `boxes` (n, 4), corners in pixels, and `labels` (n,).
        epochs : int
            How often each picture is seen.
        batch_size : int
        learning_rate : float
            The largest step size.
        mirror : bool
            Show a picture mirrored, left for right, every other time.
        permute_colors : bool
            Show a picture with its color channels in random order.
        seed : int
            Of the order, the mirrors and the colors.
        callbacks : list of keras.callbacks.Callback, optional

        Returns
        -------
        keras.callbacks.History
            `.history["loss"]` for each epoch.

        Raises
        ------
        ValueError
            Where images and targets differ in number, a picture's boxes cannot be encoded (the
            message names the picture), or the network has several volumes.
        """
        images = _pictures("Yolo.fit", images)
        targets = targets_of("Yolo.fit", targets, max(self.classes, 1))
        if len(images) != len(targets) or len(images) == 0:
            raise ValueError(
                f"Yolo.fit: {len(images)} images and {len(targets)} targets, it needs as many of "
                "both, and one at least"
            )
        if len(self.anchors) > 1:
            raise ValueError(
                f"Yolo.fit: network gives {len(self.anchors)} volumes, it trains networks with one"
            )
        volumes = self._training_targets(targets, images.shape[1:])
        batches = _Batches(images, volumes, batch_size, seed, mirror, permute_colors)
        steps = epochs * len(batches)
        warm_up = max(1, steps // 20)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0,
            max(1, steps - warm_up),
            alpha=0.01,
            warmup_target=learning_rate,
            warmup_steps=warm_up,
        )
        self.compile(keras.optimizers.Adam(schedule))
        return super().fit(batches, epochs=epochs, shuffle=False, callbacks=callbacks, verbose=0)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """`yolo_loss` of a batch, as `keras.Model.fit` asks for it."""
        return yolo_loss(
            y,
            y_pred,
            anchors=self.anchors[0],
            image_shape=x.shape[1:3],
            class_activation=self.class_activation,
        )

    def detect(self, images, *, score_threshold=0.05, iou_threshold=0.5, batch_size=32):
        """What is where in each picture: one pass, a threshold, and suppression within a class.

        Parameters
        ----------
        images : (m, height, width, channels) array
            As the network takes them.
        score_threshold : float
            Only answers with a larger score count. The default is low, as the measure of a
            detector over all thresholds (mAP) needs it; 0.5 leaves what it is sure of.
        iou_threshold : float
            A box goes where its IoU with a better one of its class is larger. 1 suppresses nothing.
        batch_size : int
            Pictures that go through the network at once.

        Returns
        -------
        list of dict
            For each picture `boxes` (n, 4) corners in pixels, `scores` (n,), `labels` (n,), best
            score first.

        Raises
        ------
        ValueError, TypeError
            For pictures of another form, and thresholds outside 0…1.
        """
        images = _pictures("Yolo.detect", images)
        share("Yolo.detect", "score_threshold", score_threshold)
        share("Yolo.detect", "iou_threshold", iou_threshold)
        found = []
        for start in range(0, len(images), batch_size):
            volumes = self.predict_on_batch(images[start : start + batch_size])
            volumes = volumes if isinstance(volumes, list | tuple) else [volumes]
            for of_picture in zip(*volumes, strict=True):
                answers = self._read(of_picture, images.shape[1:3], score_threshold)
                best = nms(
                    answers["boxes"],
                    answers["scores"],
                    labels=answers["labels"],
                    iou_threshold=iou_threshold,
                )
                found.append({name: values[best] for name, values in answers.items()})
        return found

    def _read(self, volumes, image_shape, score_threshold):
        """The answers of all volumes of a picture, before suppression."""
        read = [
            decode(
                volume,
                anchors=anchors,
                image_shape=image_shape,
                score_threshold=score_threshold,
                parametrization="priors",
                class_activation=self.class_activation,
            )
            for volume, anchors in zip(volumes, self.anchors, strict=True)
        ]
        return {name: np.concatenate([one[name] for one in read]) for name in read[0]}

    def _training_targets(self, targets, image_shape):
        shape = self.network.compute_output_shape((1, *image_shape))
        volumes = np.empty((len(targets), *shape[1:]), "float32")
        for i, target in enumerate(targets):
            try:
                volumes[i] = training_target(
                    target["boxes"],
                    target["labels"],
                    grid=shape[1:3],
                    anchors=self.anchors[0],
                    classes=self.classes,
                    image_shape=image_shape[:2],
                )
            except ValueError as error:
                raise ValueError(f"Yolo.fit: targets[{i}] cannot be encoded: {error}") from error
        return volumes

    def get_config(self):
        """What builds the same detector anew, as `.keras` files hold it."""
        return super().get_config() | {
            "network": keras.saving.serialize_keras_object(self.network),
            "anchors": self.anchors if len(self.anchors) > 1 else self.anchors[0],
            "classes": self.classes,
            "class_activation": self.class_activation,
        }

    @classmethod
    def from_config(cls, config):
        """The detector that `get_config` describes; the weights come from the saved file."""
        network = keras.saving.deserialize_keras_object(config.pop("network"))
        return cls(network, **config)


class _Batches(keras.utils.PyDataset):
    """Pictures with their volumes, in a new order each epoch, mirrored and recolored by chance."""

    def __init__(self, images, volumes, batch_size, seed, mirror, permute_colors):
        super().__init__()
        self.images, self.volumes, self.batch_size = images, volumes, batch_size
        self.seed, self.mirror, self.permute_colors = seed, mirror, permute_colors
        self.epoch = 0

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def on_epoch_end(self):
        self.epoch += 1

    def __getitem__(self, batch):
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.images))
        chosen = order[batch * self.batch_size :][: self.batch_size]
        x, y = self.images[chosen], self.volumes[chosen]
        generator = np.random.default_rng((self.seed, self.epoch, batch))
        if self.mirror:
            turned = generator.random(len(chosen)) < 0.5
            x[turned], y[turned] = x[turned, :, ::-1], mirrored(y[turned])
        if self.permute_colors:
            for picture in x:
                picture[:] = picture[:, :, generator.permutation(x.shape[3])]
        return x, y


def mirrored(y):
    """Volumes (m, S_h, S_w, A, 5 + C) of the pictures turned left for right."""
    y = y[:, :, ::-1].copy()
    y[..., 1] = np.where(y[..., 0] > 0, 1 - y[..., 1], y[..., 1])
    return y


def _pictures(function, images):
    images = np.asarray(images)
    if images.ndim != 4 or images.dtype.kind != "f":
        raise ValueError(
            f"{function}: images have shape {images.shape} and type {images.dtype}, it needs "
            "(m, height, width, channels) of float32 in 0…1"
        )
    return images
