"""HED, the holistically-nested edge detector: one network, five depths, an answer from each."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("cnnlib")
class ResizeLike(layers.Layer):
    """Resize a map, bilinearly, to the height and width of another one.

    `keras.ops.image.resize` needs a size that is known when TensorFlow traces the model. Bilinear
    interpolation is one matrix along each axis, which any backend builds at run time.
    """

    def call(self, x, like):
        rows = self._interpolation(ops.shape(x)[1], ops.shape(like)[1])
        columns = self._interpolation(ops.shape(x)[2], ops.shape(like)[2])
        return ops.einsum("Hh,mhwc,Ww->mHWc", rows, x, columns)

    def _interpolation(self, old, new):
        """(new, old): each row has the weights of the pixels beside a new pixel's center."""
        scale = ops.cast(old, "float32") / ops.cast(new, "float32")
        centers = (ops.cast(ops.arange(new), "float32") + 0.5) * scale - 0.5
        centers = ops.maximum(0.0, ops.minimum(centers, ops.cast(old - 1, "float32")))
        pixels = ops.cast(ops.arange(old), "float32")
        return ops.relu(1 - ops.abs(centers[:, None] - pixels))

    def compute_output_shape(self, x_shape, like_shape):
        return (x_shape[0], *like_shape[1:3], x_shape[3])


def vgg16_hed():
    """The holistically-nested edge detector, HED, on the thirteen convolutions of VGG-16.

    Each block's last ReLU, `block1_conv2` … `block5_conv3`, gives a map of edge logits, `dsn1` …
    `dsn5`, which is resized to the picture, `side1` … `side5`. `fuse` weighs the five, `edges` is
    the sigmoid. `preprocessed` is what the first convolution sees: BGR, minus VGG's mean color.
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(255, offset=[-122.67892, -116.66877, -104.00699], name="rgb")(image)
    x = layers.Identity(name="preprocessed")(ops.flip(x, axis=-1))
    sides = []
    for block, (convolutions, filters) in enumerate(
        [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1
    ):
        if block > 1:
            x = layers.MaxPooling2D(2, padding="same", name=f"pool{block - 1}")(x)
        for i in range(1, convolutions + 1):
            name = f"block{block}_conv{i}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        logits = layers.Conv2D(1, 1, name=f"dsn{block}")(x)
        sides.append(ResizeLike(name=f"side{block}")(logits, image))
    logits = layers.Conv2D(1, 1, name="fuse")(layers.Concatenate(name="sides")(sides))
    edges = layers.Activation("sigmoid", name="edges")(logits)
    return keras.Model(image, edges, name="vgg16_hed")
