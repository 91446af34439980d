"""The paper's figures: feature maps of six faces, loss and accuracy curves, confusion heat maps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import keras
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from research.training.datasets import FaceSet
from research.training.networks import preprocess
from research.training.paper.protocol import CLASSES, class_labels

mpl.use("Agg")

LAYERS: Final = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
CHANNELS: Final = 4


def first_of_each(faces: FaceSet) -> FaceSet:
    """One picture of every expression."""
    labels = class_labels(faces)
    return faces.take(int(np.flatnonzero(labels == label)[0]) for label in range(len(CLASSES)))


def draw_feature_maps(backbone: keras.Model, faces: FaceSet, size: int, folder: Path) -> None:
    """The strongest maps of each layer for one face of every expression; one picture per layer.

    The maps show faces: like the original pictures, they must not be passed on.
    """
    pixels = first_of_each(faces).grey_images(size)
    outputs = [backbone.get_layer(name).output for name in LAYERS]
    layers = keras.Model(backbone.input, outputs)(preprocess(pixels), training=False)
    for name, maps in zip(LAYERS, layers, strict=True):
        values = keras.ops.convert_to_numpy(maps)
        strongest = np.argsort(-values.mean(axis=(0, 1, 2)))[:CHANNELS]
        figure = Figure(figsize=(1.5 * len(CLASSES), 1.5 * (CHANNELS + 1)), layout="constrained")
        grid = figure.subplots(CHANNELS + 1, len(CLASSES))
        for column, label in enumerate(CLASSES):
            grid[0, column].imshow(pixels[column], cmap="gray")
            grid[0, column].set_title(label, fontsize=9)
            for row, channel in enumerate(strongest, start=1):
                grid[row, column].imshow(values[column, :, :, channel], cmap="viridis")
        for axes in grid.flat:
            axes.set_axis_off()
        figure.suptitle(name)
        figure.savefig(folder / f"{name}.png", dpi=110)


def draw_curves(history: Sequence[Mapping[str, float]], target: Path) -> None:
    """Loss and accuracy of every epoch, of head and layers in one curve."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    losses, shares = figure.subplots(1, 2)
    epochs = range(1, len(history) + 1)
    for axes, columns in ((losses, ("loss", "val_loss")), (shares, ("accuracy", "val_accuracy"))):
        for column in columns:
            axes.plot(epochs, [row.get(column, np.nan) for row in history], marker=".", label=column.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(target, dpi=120)


def draw_confusions(results: Mapping[str, Any], target: Path) -> None:
    """Confusion counts: the test parts of the random splits, and each person left out once."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    for axes, (name, title) in zip(
        figure.subplots(1, 2), (("test", "random splits"), ("people", "people left out")), strict=True
    ):
        counts = np.array(results[name]["confusion"])
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.ndindex(counts.shape):
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=shade, fontsize=8)
        axes.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right")
        axes.set_yticks(range(len(CLASSES)), CLASSES)
        axes.set(xlabel="said", ylabel="true", title=title)
    figure.savefig(target, dpi=120)
