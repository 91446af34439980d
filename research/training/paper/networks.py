"""The paper's two networks, split where training begins: the frozen part runs once and its feature maps are saved."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from research.training.datasets import DatasetError
from research.training.networks import preprocess as preprocess_vgg16
from research.training.paper.protocol import CLASSES, DEEPEST, Cell, Network

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Preprocess = Callable[[Pixels], Floats]
InceptionInputs = Literal["-1..1", "0..1"]

HIDDEN: Final = 256
DROPOUT: Final = 0.5
#: The smallest side that InceptionV3 accepts.
INCEPTION_LEAST: Final = 75


@dataclass(frozen=True, slots=True)
class Weights:
    """Source of each network's weights: "imagenet" (downloaded by Keras), a file, or None for random ones.

    `inception_inputs`: the value range that the InceptionV3 file was trained on; Keras' own is -1..1.
    """

    vgg16: str | None = "imagenet"
    inceptionv3: str | None = "imagenet"
    inception_inputs: InceptionInputs = "-1..1"


@dataclass(frozen=True, slots=True)
class Parts:
    """`trained` starts from the output of layer `cut`, or from pictures, and ends in one logit per class."""

    cut: str | None
    trained: keras.Model


def picture_side(cell: Cell, size: int) -> int:
    """Side (pixels) of a cell's pictures, given `size`.

    1.5 times `size` if only feature maps are used: lower maps need a large face.
    """
    if cell.reading == "maps_of":
        return size * 3 // 2
    return _accepted_side(cell.network, size)


def _accepted_side(network: Network, size: int) -> int:
    return max(size, INCEPTION_LEAST) if network == "inceptionv3" else size


def preprocess(network: Network, weights: Weights) -> Preprocess:
    """Grey pictures (n, h, w) as the network's input."""
    return preprocess_vgg16 if network == "vgg16" else lambda grey: _scale_inception(grey, weights.inception_inputs)


def build_backbone(network: Network, *, size: int, weights: Weights) -> keras.Model:
    """The network without top. Raises DatasetError when its file does not contain it."""
    source = getattr(weights, network)
    make = keras.applications.VGG16 if network == "vgg16" else keras.applications.InceptionV3
    side = _accepted_side(network, size)
    fetched = "imagenet" if source == "imagenet" else None
    backbone = make(weights=fetched, include_top=False, input_shape=(side, side, 3), name=network)
    if source is not None and fetched is None:
        _load(backbone, Path(source))
    return backbone


def describe_weights(network: Network, weights: Weights) -> dict[str, str]:
    """Origin of a network's weights: file name and SHA-256; empty for Keras' own.

    `inputs` is the value range that an InceptionV3 file was trained on.
    """
    source = getattr(weights, network)
    if source in (None, "imagenet"):
        return {}
    path = Path(source)
    found = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return found | ({"inputs": weights.inception_inputs} if network == "inceptionv3" else {})


def trained_layers(backbone: keras.Model, cell: Cell) -> tuple[str, ...]:
    """Names of the layers with weights that a cell trains, in order; cells with the same layers are one training."""
    if cell.reading == "maps_of":
        return ()
    layers = backbone.layers
    cut = len(layers) - cell.layers
    chosen = {"all": layers, "train_last": layers[cut:], "freeze_last": layers[:cut]}[cell.reading]
    return tuple(layer.name for layer in chosen if layer.weights)


def split_network(backbone: keras.Model, trained: tuple[str, ...]) -> Parts:
    """Set the trainable layers, add the head, and split the network before the first of them if it is a chain."""
    for layer in backbone.layers:
        layer.trainable = layer.name in trained
    names = [layer.name for layer in backbone.layers]
    tail = [name for name in names if backbone.get_layer(name).weights][-len(trained) :] if trained else []
    if not trained:
        inputs = keras.Input(backbone.output_shape[1:])
        return Parts(names[-1], keras.Model(inputs, _head(inputs)))
    if tuple(tail) == trained and _is_chain(backbone) and names.index(trained[0]) > 1:
        start = names.index(trained[0])
        inputs = x = keras.Input(backbone.layers[start - 1].output.shape[1:])
        for layer in backbone.layers[start:]:
            x = layer(x)
        return Parts(names[start - 1], keras.Model(inputs, _head(x)))
    # Batch normalisation keeps ImageNet's statistics, which batches of faces in one studio's light would spoil.
    return Parts(None, keras.Model(backbone.input, _head(backbone(backbone.input, training=False))))


def read_maps(backbone: keras.Model, block: int) -> Parts:
    """One layer on VGG16's feature maps at the end of a block."""
    cut = f"block{block}_pool"
    inputs = keras.Input(backbone.get_layer(cut).output.shape[1:])
    return Parts(cut, keras.Model(inputs, _logits(_flatten(inputs))))


def cuts(backbone: keras.Model) -> tuple[str, ...]:
    """Every layer at which a cell's frozen part ends, in order."""
    names = [layer.name for layer in backbone.layers]
    found = set()
    for layers in range(1, DEEPEST + 1):
        trained = trained_layers(backbone, Cell(backbone.name, "train_last", layers, "adam"))
        found.add(names[names.index(trained[0]) - 1] if trained else names[-1])
    return tuple(name for name in names if name in found)


def copy_head(source: keras.Model, target: keras.Model) -> None:
    """Copy the head's weights from one network to another."""
    for layer in source.layers:
        if layer.name.startswith("head_"):
            target.get_layer(layer.name).set_weights(layer.get_weights())


def _head(features: keras.KerasTensor) -> keras.KerasTensor:
    return _logits(keras.layers.Dense(HIDDEN, activation="relu", name="head_hidden")(_flatten(features)))


def _flatten(features: keras.KerasTensor) -> keras.KerasTensor:
    x = keras.layers.Flatten()(features)
    x = keras.layers.LayerNormalization(name="head_scale")(x)
    return keras.layers.Dropout(DROPOUT, name="head_dropout")(x)


def _logits(features: keras.KerasTensor) -> keras.KerasTensor:
    return keras.layers.Dense(len(CLASSES), name="head_logits", dtype="float32")(features)


def _is_chain(backbone: keras.Model) -> bool:
    return not any(isinstance(layer, keras.layers.Concatenate) for layer in backbone.layers)


def _scale_inception(grey: Pixels, inputs: InceptionInputs) -> Floats:
    scaled = np.repeat(grey[..., None], 3, axis=-1).astype(np.float32) / 255
    return np.asarray(scaled * 2 - 1 if inputs == "-1..1" else scaled, dtype=np.float32)


def _load(backbone: keras.Model, path: Path) -> None:
    if not path.is_file():
        raise DatasetError(f"The weights {path} do not exist.")
    try:
        backbone.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path} does not hold {backbone.name} without top: {error}") from error
