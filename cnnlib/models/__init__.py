"""Networks of the course, each a function that returns a keras.Model."""

from cnnlib.models.alexnet import alexnet
from cnnlib.models.efficientnet_lite import efficientnet_lite0
from cnnlib.models.embedding import embedding_network
from cnnlib.models.inception import googlenet, inception_module
from cnnlib.models.inception_resnet import inception_resnet
from cnnlib.models.lenet import lenet5
from cnnlib.models.network_in_network import network_in_network
from cnnlib.models.resnet import resnet, small_resnet
from cnnlib.models.sequences import sequence_network
from cnnlib.models.vgg import vgg
from cnnlib.models.videos import video_network
from cnnlib.models.yolo import yolo_network

__all__ = [
    "alexnet",
    "efficientnet_lite0",
    "embedding_network",
    "googlenet",
    "inception_module",
    "inception_resnet",
    "lenet5",
    "network_in_network",
    "resnet",
    "sequence_network",
    "small_resnet",
    "vgg",
    "video_network",
    "yolo_network",
]
