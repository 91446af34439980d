"""VGG16 for expressions: the ImageNet layers and a small head."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from research.training.datasets import DatasetError

CLASSES = len(EXPRESSIONS)
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
FEATURE_SCALE = 0.05
"""Scales VGG16's last activations (tens) to about one, so that one learning rate suits head and layers."""


def preprocess(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey images (count, h, w) as VGG16's input: BGR minus the ImageNet mean."""
    repeated = np.repeat(grey[..., None], 3, axis=-1).astype(np.float32)
    return np.asarray(repeated - np.array(IMAGENET_MEAN_BGR, dtype=np.float32))


def build_backbone(*, size: int, weights: Path | str | None = "imagenet") -> keras.Model:
    """VGG16 up to `block5_conv3`.

    Without the last pooling, which at 48x48 would discard five of nine positions. `weights`: "imagenet" (downloaded by
    Keras), a file of VGG16 without top, or None for random ones.
    """
    fetched = "imagenet" if weights == "imagenet" else None
    vgg = keras.applications.VGG16(weights=fetched, include_top=False, input_shape=(size, size, 3), name="vgg16")
    if weights is not None and fetched is None:
        _load_backbone(vgg, Path(weights))
    return keras.Model(vgg.input, vgg.get_layer("block5_conv3").output, name="vgg16")


def freeze_blocks(backbone: keras.Model, count: int) -> None:
    """Freeze the first `count` convolution blocks, and make the rest trainable."""
    for layer in backbone.layers:
        if layer.name.startswith("block"):
            layer.trainable = int(layer.name[5]) > count


def build_head(*, shape: tuple[int, ...], hidden: int = 256, dropout: float = 0.5, readouts: int = 1) -> keras.Model:
    """Fully connected head on the last feature map: logits (readouts * 7).

    With two readouts, the second learns another source's labels from the same features.
    """
    features = keras.Input(shape=shape, name="features")
    x = keras.layers.Flatten(name="flatten")(features)
    x = keras.layers.Rescaling(FEATURE_SCALE, name="scale")(x)
    x = keras.layers.Dropout(dropout, name="dropout_features")(x)
    x = keras.layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(dropout, name="dropout_hidden")(x)
    logits = keras.layers.Dense(CLASSES * readouts, dtype="float32", name="logits")(x)
    return keras.Model(features, logits, name="head")


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Backbone and head as one network: pictures in, logits out."""
    pictures = keras.Input(shape=backbone.input_shape[1:], name="pictures")
    return keras.Model(pictures, head(backbone(pictures)), name="vgg16_expressions")


def blend_readouts(network: keras.Model, share: float) -> keras.Model:
    """Copy of a network with one readout: (1 - share) of the first and `share` of the second, if any."""
    kernel, bias = network.get_layer("head").get_weights()[-2:]
    if len(bias) == 2 * CLASSES:
        kernel = (1 - share) * kernel[:, :CLASSES] + share * kernel[:, CLASSES:]
        bias = (1 - share) * bias[:CLASSES] + share * bias[CLASSES:]
    return _rebuild(network, kernel, bias)


def copy_plain(network: keras.Model) -> keras.Model:
    """The same network in float32, without dropout."""
    return _rebuild(network, *network.get_layer("head").get_weights()[-2:])


def _rebuild(network: keras.Model, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> keras.Model:
    backbone, head = network.get_layer("vgg16"), network.get_layer("head")
    with precision("float32"):
        plain_backbone = build_backbone(size=backbone.input_shape[1], weights=None)
        hidden, readouts = head.get_layer("hidden").units, len(bias) // CLASSES
        plain_head = build_head(shape=backbone.output_shape[1:], hidden=hidden, dropout=0.0, readouts=readouts)
        plain = join(plain_backbone, plain_head)
    plain_backbone.set_weights(backbone.get_weights())
    plain_head.set_weights([*head.get_weights()[:-2], kernel, bias])
    return plain


def choose_policy(wanted: str, cpu: Path = Path("/proc/cpuinfo")) -> str:
    """Keras policy for "bfloat16", "float32" or "auto".

    Half precision halves the time with hardware support, and takes ten times as long without (measured on AVX2), so
    "auto" uses it only with a GPU or a processor that lists it.
    """
    if wanted != "auto":
        return "mixed_bfloat16" if wanted == "bfloat16" else "float32"
    flags = cpu.read_text() if cpu.is_file() else ""
    fast = "avx512_bf16" in flags or "amx_bf16" in flags or _sees_gpu()
    return "mixed_bfloat16" if fast else "float32"


def _sees_gpu() -> bool:
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    return bool(keras.distribution.list_devices("gpu"))


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Layers created inside use the Keras policy, "float32" or "mixed_bfloat16"."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _load_backbone(vgg: keras.Model, path: Path) -> None:
    if not path.is_file():
        raise DatasetError(f"Backbone weights {path} do not exist.")
    try:
        vgg.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path} does not hold VGG16 without top: {error}") from error
