"""Loads the shipped file as a Keras network in floats, where gradients or single layers are needed.

The weights are the served ones; only the rounding of activations between layers is missing.
"""

import keras
import numpy as np
from numpy.typing import NDArray

from emotion.classifier.spec import ModelDamaged, ModelSpec
from research.training.litert_file import Weights, read_layers
from research.training.networks import build_backbone, build_head, join, precision

Floats = NDArray[np.float32]


def load_float_network(spec: ModelSpec, content: bytes) -> keras.Model:
    """The network in the int8 file `content`: pictures as the spec preprocesses them (n, h, w, 3) to logits, seven
    for each readout.

    The backbone is its layer "vgg16", the head "head". Raises ModelDamaged when the file is not our VGG16.
    """
    try:
        layers = read_layers(content)
        with precision("float32"):
            backbone = build_backbone(size=spec.input.height, weights=None)
            hidden, shape = len(layers[-2][0].levels), backbone.output_shape[1:]
            head = build_head(shape=shape, hidden=hidden, dropout=0.0, readouts=spec.readouts)
        backbone.set_weights(_to_keras(layers[:-2]))
        head.set_weights(_to_keras(layers[-2:]))
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelDamaged(f"The weights of {spec.name} are not a VGG16 for expressions.") from error
    return join(backbone, head)


def _to_keras(layers: list[list[Weights]]) -> list[Floats]:
    """Kernels with output channels last, each followed by its bias."""
    return [np.moveaxis(weights.to_floats(), 0, -1) for layer in layers for weights in layer]
