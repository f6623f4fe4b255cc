"""R-CNN: cut every proposal out of the picture, and run the whole network on each."""

import keras
from keras import ops

from cnnlib.detection.rcnn.proposed import ProposedRegions
from cnnlib.detection.rcnn.regions import roi_align


@keras.saving.register_keras_serializable("cnnlib")
class RCNN(ProposedRegions):
    """Regions with convolutional features: each proposal is resized and goes through the network.

    Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object detection
    and semantic segmentation" (2013), https://arxiv.org/abs/1311.2524. Here a softmax over classes
    and background takes the place of the paper's support vector machines, classes and boxes are
    learned together and from scratch, and one correction serves all classes.

    Parameters
    ----------
    network : keras.Model
        Backbone for pictures of the crops' size: `small_backbone(input_shape=(32, 32, 3))`.
    classes : int
        Kinds of objects, 1 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from cnnlib.detection.rcnn.networks import small_backbone
    >>> detector = RCNN(small_backbone(input_shape=(32, 32, 3)), classes=3)
    >>> len(detector.detect(np.zeros((2, 96, 96, 3), "float32")))
    2
    """

    pictures_at_once = 4  # with hundreds of crops each

    def __init__(self, network, *, classes, **model):
        super().__init__(network, network.output_shape[1:], classes, **model)

    def call(self, inputs, training=False):
        """Judge `inputs["regions"]` (m, r, 4) of `inputs["images"]` by a crop of each."""
        regions = inputs["regions"]
        size = self.network.input_shape[1:3]
        crops = roi_align(inputs["images"], regions, size, sampling_ratio=1)
        features = self.network(ops.reshape(crops, (-1, *size, 3)), training=training)
        return self.judge(features, regions, training=training)
