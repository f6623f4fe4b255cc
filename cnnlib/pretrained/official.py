"""The classifiers whose weights Keras publishes, with their preprocessing inside."""

import os
from pathlib import Path

import keras
from keras import layers, ops

# The network in keras.applications, the side of its pictures, and whether it was trained on BGR of
# 0…255 minus the mean color, as the first ones were, or on RGB of −1…1.
NETWORKS = {
    "inception_resnet_v2": ("InceptionResNetV2", 299, "rgb"),
    "mobilenet_v2": ("MobileNetV2", 224, "rgb"),
    "resnet50": ("ResNet50", 224, "bgr"),
    "resnet101": ("ResNet101", 224, "bgr"),
    "resnet152": ("ResNet152", 224, "bgr"),
    "vgg16": ("VGG16", 224, "bgr"),
    "vgg19": ("VGG19", 224, "bgr"),
}


def official(name, bundled):
    """A network of keras.applications with its preprocessing before it, in one flat model.

    Where it cannot be downloaded, the error lists the networks that are `bundled`.
    """
    network, side, order = NETWORKS[name]
    image = keras.Input((side, side, 3), name="image")
    if order == "rgb":
        x = layers.Rescaling(2, offset=-1, name="preprocessed")(image)
    else:
        x = layers.Rescaling(255, offset=[-123.68, -116.779, -103.939], name="rgb")(image)
        x = layers.Identity(name="preprocessed")(ops.flip(x, axis=-1))
    try:
        probabilities = getattr(keras.applications, network)(input_tensor=x).output
    except Exception as error:  # Keras raises a bare Exception where a download fails
        if not isinstance(error.__context__ or error, OSError):
            raise
        cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
        raise ConnectionError(
            f"load: the official weights of {name} are not in {cache} and cannot be downloaded: "
            f"{error}. Where there is a network, run once: "
            f"""python -c "import cnnlib.pretrained as p; p.load('{name}', weights='official')", """
            f"and copy that folder here if it is another machine. Without: {bundled} ship."
        ) from error
    return keras.Model(image, probabilities, name=name)
