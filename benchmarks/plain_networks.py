"""Networks as one writes them by hand in Keras, to time our builders beside them.

Each takes the shape of a picture, (height, width, channels), and the number of classes.
"""

import keras
import tensorflow as tf
from keras import layers


def resnet50(shape, classes):
    image = x = keras.Input(shape)
    x = layers.ZeroPadding2D(3)(x)
    x = layers.Conv2D(64, 7, strides=2)(x)
    x = layers.ReLU()(layers.BatchNormalization(epsilon=1.001e-5)(x))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            filters, past = 64 * 2**stage, x
            if block == 0:
                past = layers.Conv2D(4 * filters, 1, strides=stride)(past)
                past = layers.BatchNormalization(epsilon=1.001e-5)(past)
            x = layers.Conv2D(filters, 1, strides=stride)(x)
            x = layers.ReLU()(layers.BatchNormalization(epsilon=1.001e-5)(x))
            x = layers.Conv2D(filters, 3, padding="same")(x)
            x = layers.ReLU()(layers.BatchNormalization(epsilon=1.001e-5)(x))
            x = layers.BatchNormalization(epsilon=1.001e-5)(layers.Conv2D(4 * filters, 1)(x))
            x = layers.ReLU()(layers.Add()([past, x]))
    return classified(image, layers.GlobalAveragePooling2D()(x), classes)


def vgg16(shape, classes):
    image = x = keras.Input(shape)
    for filters, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(convolutions):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(4096, activation="relu")(x)
    return classified(image, x, classes)


def lite0(shape, classes):
    def normalized(x):
        return layers.ReLU(6)(layers.BatchNormalization()(x))

    def convolved(x, filters, kernel, stride=1):
        return layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)

    image = keras.Input(shape)
    x = layers.Rescaling(255 / 128, offset=-127 / 128)(image)
    x = normalized(convolved(x, 32, 3, 2))
    for filters, kernel, stride, repeats in (
        (16, 3, 1, 1),
        (24, 3, 2, 2),
        (40, 5, 2, 2),
        (80, 3, 2, 3),
        (112, 5, 1, 3),
        (192, 5, 2, 4),
        (320, 3, 1, 1),
    ):
        for block in range(repeats):
            past, step = x, stride if block == 0 else 1
            if filters > 16:
                x = normalized(convolved(x, 6 * x.shape[-1], 1))
            depthwise = layers.DepthwiseConv2D(kernel, strides=step, padding="same", use_bias=False)
            x = normalized(depthwise(x))
            x = layers.BatchNormalization()(convolved(x, filters, 1))
            if block > 0:
                x = layers.Add()([past, x])
    x = normalized(convolved(x, 1280, 1))
    return classified(image, layers.GlobalAveragePooling2D()(x), classes)


def resnet20(shape, classes):
    def convolved(x, filters, stride=1):
        x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    image = keras.Input(shape)
    x = layers.ReLU()(convolved(image, 16))
    for filters in (16, 32, 64):
        for _ in range(3):
            past, stride = x, filters // x.shape[-1]
            x = convolved(layers.ReLU()(convolved(x, filters, stride)), filters)
            if stride > 1:
                past = keras.ops.pad(past[:, ::2, ::2], [(0, 0)] * 3 + [(0, filters // 2)])
            x = layers.ReLU()(layers.Add()([past, x]))
    return classified(image, layers.GlobalAveragePooling2D()(x), classes)


def googlenet(shape, classes):
    def convolved(x, filters, kernel, stride=1):
        convolution = layers.Conv2D(filters, kernel, stride, padding="same", activation="relu")
        return convolution(x)

    def normalized(x):
        return layers.Lambda(lambda x: tf.nn.lrn(x, 2, 1.0, 0.0001 / 5, 0.75))(x)

    def halved(x):
        return layers.MaxPooling2D(3, 2, padding="same")(x)

    image = keras.Input(shape)
    x = normalized(halved(convolved(image, 64, 7, 2)))
    x = halved(normalized(convolved(convolved(x, 64, 1), 192, 3)))
    for i, (a, b, c, d, e, f) in enumerate(
        (
            (64, 96, 128, 16, 32, 32),
            (128, 128, 192, 32, 96, 64),
            (192, 96, 208, 16, 48, 64),
            (160, 112, 224, 24, 64, 64),
            (128, 128, 256, 24, 64, 64),
            (112, 144, 288, 32, 64, 64),
            (256, 160, 320, 32, 128, 128),
            (256, 160, 320, 32, 128, 128),
            (384, 192, 384, 48, 128, 128),
        )
    ):
        if i in (2, 7):
            x = halved(x)
        branches = [convolved(x, a, 1), convolved(convolved(x, b, 1), c, 3)]
        branches.append(convolved(convolved(x, d, 1), e, 5))
        branches.append(convolved(layers.MaxPooling2D(3, 1, padding="same")(x), f, 1))
        x = layers.Concatenate()(branches)
    return classified(image, layers.GlobalAveragePooling2D()(x), classes)


def classified(image, x, classes):
    return keras.Model(image, layers.Dense(classes, activation="softmax")(x))
