"""Fast R-CNN: one pass of the network over the picture, then regions are cut out of its map."""

import keras

from cnnlib.detection.rcnn.proposed import ProposedRegions
from cnnlib.detection.rcnn.regions import roi_align

SIZE = 5  # rows and columns that the head sees of a region


@keras.saving.register_keras_serializable("cnnlib")
class FastRCNN(ProposedRegions):
    """R-CNN whose regions share one map.

    Girshick, "Fast R-CNN" (2015), https://arxiv.org/abs/1504.08083; with RoI align where the paper
    has RoI pooling, and one correction for all classes.

    Parameters
    ----------
    network : keras.Model
        Backbone for the whole picture: `small_backbone()`.
    classes : int
        Kinds of objects, 1 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from cnnlib.detection.rcnn.networks import small_backbone
    >>> detector = FastRCNN(small_backbone(), classes=3)
    >>> len(detector.detect(np.zeros((2, 96, 96, 3), "float32")))
    2
    """

    def __init__(self, network, *, classes, **model):
        features = (SIZE, SIZE, network.output_shape[3])
        super().__init__(network, features, classes, **model)

    def call(self, inputs, training=False):
        """Judge `inputs["regions"]` (m, r, 4) of `inputs["images"]` on the shared map."""
        maps = self.network(inputs["images"], training=training)
        regions = inputs["regions"]
        scale = map_scale(self.network)
        features = roi_align(maps, regions, SIZE, scale=scale)
        return self.judge(features, regions, training=training)


def map_scale(network):
    """Cells of a network's map per pixel of the picture.

    >>> from cnnlib.detection.rcnn.networks import small_backbone
    >>> map_scale(small_backbone())
    0.125
    """
    return network.output_shape[1] / network.input_shape[1]
