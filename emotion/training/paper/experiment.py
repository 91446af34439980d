"""Runs the cells, one file of results each, so that a stop costs the cell at work and no other."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from emotion.training.augmentation import PAPER
from emotion.training.datasets import FaceSet
from emotion.training.paper.networks import (
    Parts,
    Pixels,
    Weights,
    build_backbone,
    picture_side,
    preprocess,
    split_network,
    trained_layers,
)
from emotion.training.paper.protocol import Cell, Rows, Split, class_labels, split_at_random, split_by_people
from emotion.training.paper.scores import score

Report = Callable[[str], object]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Setup:
    """What decides the figures, beside the pictures. `copies`: changed copies of every picture learnt from."""

    size: int = 64
    copies: int = 5
    head_epochs: int = 40
    epochs: int = 5
    batch: int = 16
    head_rate: float = 1e-3
    rate: float = 2e-5
    folds: int = 5
    seed: int = 7


#: Passes of the head before layers are trained with it: a head that knows nothing would spoil them.
FIRST = 3

#: To see that all of it runs, in minutes: small pictures, few passes and copies, people left out in halves.
QUICK = Setup(size=48, copies=1, head_epochs=15, epochs=2, folds=2)


@dataclass
class Experiment:
    """One data set, one setup and the folder their results go to; `report` is told each step."""

    faces: FaceSet
    setup: Setup
    weights: Weights
    out: Path
    report: Report

    def __post_init__(self) -> None:
        self.labels = class_labels(self.faces)
        self.people = [str(face.subject) for face in self.faces]
        self.units = np.unique(self.people, return_inverse=True)[1]
        (self.out / "results").mkdir(parents=True, exist_ok=True)

    def splits(self) -> tuple[Split, ...]:
        """The paper's split first, then the folds that leave people out."""
        setup = self.setup
        return (
            split_at_random(self.labels, seed=setup.seed),
            *split_by_people(self.people, folds=setup.folds, seed=setup.seed),
        )

    def run(self, cell: Cell) -> dict[str, Any]:
        """Figures of one cell under both splits, read back where they are there already."""
        trained = trained_layers(self._backbone(cell), cell)
        path = self.out / "results" / f"{self._key(cell, trained)}.json"
        if path.is_file():
            found: dict[str, Any] = json.loads(path.read_text())
            return found
        started = time.monotonic()
        random, *folds = self.splits()
        predicted, history = self._train(cell, trained, random)
        result: dict[str, Any] = {
            "trained": len(trained),
            "history": history,
            "valid": score(self.labels[random.chosen], predicted[random.chosen]),
            "test": score(self.labels[random.judged], predicted[random.judged]),
        }
        everybody = np.empty_like(self.labels)
        for fold in folds:
            everybody[fold.judged] = self._train(cell, trained, fold)[0][fold.judged]
        result["people"] = score(self.labels, everybody, units=self.units)
        result["seconds"] = round(time.monotonic() - started)
        _write(path, result)
        self.report(
            f"{cell.name}: validation {result['valid']['accuracy']['value']:.3f},"
            f" test {result['test']['accuracy']['value']:.3f}, people left out"
            f" {result['people']['accuracy']['value']:.3f} ({result['seconds']} s)"
        )
        return result

    def _train(self, cell: Cell, trained: tuple[str, ...], split: Split) -> tuple[Rows, list[dict[str, float]]]:
        """Predictions for every picture, and the loss and accuracy of every epoch."""
        keras.utils.set_random_seed(self.setup.seed)
        parts = split_network(self._backbone(cell), trained)
        pixels = self._pixels(cell)
        maps = self._maps(cell, trained, parts, self._changed(pixels))
        plain, count = maps[: len(pixels)], len(pixels)
        taught = np.concatenate([split.taught + copy * count for copy in range(self.setup.copies + 1)])
        fit = _Fit(parts.trained, self.setup, cell, bool(trained))
        history = fit.run((maps[taught], self.labels[taught % count]), (plain[split.chosen], self.labels[split.chosen]))
        return np.asarray(_logits(parts.trained, plain).argmax(axis=1), dtype=np.int64), history

    def _backbone(self, cell: Cell) -> keras.Model:
        keras.backend.clear_session()
        return build_backbone(cell.network, size=self.setup.size, weights=self.weights)

    def _pixels(self, cell: Cell) -> Pixels:
        return self.faces.grey_images(picture_side(cell.network, self.setup.size))

    def _changed(self, pixels: Pixels) -> Pixels:
        """The pictures as they are, then `copies` times changed as the paper changes them."""
        random = np.random.default_rng(self.setup.seed)
        copies = [np.stack([PAPER.apply(picture, random) for picture in pixels]) for _ in range(self.setup.copies)]
        return np.concatenate([pixels, *copies])

    def _maps(self, cell: Cell, trained: tuple[str, ...], parts: Parts, pixels: Pixels) -> Floats:
        """What the frozen part makes of the pictures: computed once, saved and reused by every cell with that cut."""
        prepare = preprocess(cell.network, self.weights)
        if parts.frozen is None:
            return prepare(pixels)
        cut = trained[0] if trained else "end"
        path = self.out / "bottleneck" / f"{cell.network}-{cut}-{self.setup.size}-{len(pixels)}.npy"
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            maps = np.concatenate(
                [
                    np.asarray(parts.frozen(prepare(pixels[i : i + 32]), training=False))
                    for i in range(0, len(pixels), 32)
                ]
            )
            part = path.with_suffix(".part.npy")
            np.save(part, maps.astype(np.float16))
            os.replace(part, path)
        return np.asarray(np.load(path), dtype=np.float32)

    def _key(self, cell: Cell, trained: tuple[str, ...]) -> str:
        """Names the training: what is trained, how, and on what; rows that train the same share a file."""
        told = repr((trained, self.setup, self.weights, [face.name for face in self.faces]))
        return f"{cell.network}-{cell.optimizer}-{len(trained)}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"


@dataclass(slots=True)
class _Fit:
    """The head first, then head and layers together; keeps the best epoch on the pictures to choose by, or the last."""

    network: keras.Model
    setup: Setup
    cell: Cell
    deep: bool

    def run(self, taught: tuple[Floats, Rows], chosen: tuple[Floats, Rows]) -> list[dict[str, float]]:
        states = [(layer, layer.trainable) for layer in _body(self.network)]
        for layer, _ in states:
            layer.trainable = False
        history = self._phase(taught, chosen, FIRST if self.deep else self.setup.head_epochs, self.setup.head_rate)
        if self.deep:
            for layer, state in states:
                layer.trainable = state
            history += self._phase(taught, chosen, self.setup.epochs, self.setup.rate)
        return history

    def _phase(
        self, taught: tuple[Floats, Rows], chosen: tuple[Floats, Rows], epochs: int, rate: float
    ) -> list[dict[str, float]]:
        kind = keras.optimizers.Adam if self.cell.optimizer == "adam" else keras.optimizers.RMSprop
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.network.compile(kind(rate, clipnorm=1.0), loss, metrics=["accuracy"], jit_compile=False)
        keep = _KeepBest()
        told = self.network.fit(
            *taught,
            batch_size=self.setup.batch,
            epochs=epochs,
            validation_data=chosen if len(chosen[1]) else None,
            callbacks=[keep] if len(chosen[1]) else [],
            verbose=0,
        )
        keep.restore(self.network)
        return [dict(zip(told.history, values, strict=True)) for values in zip(*told.history.values(), strict=True)]


def _body(network: keras.Model) -> list[keras.layers.Layer]:
    """Every layer but the head's, those of a network inside too."""
    layers = [inner for layer in network.layers for inner in getattr(layer, "layers", [layer])]
    return [layer for layer in layers if not layer.name.startswith("head_")]


class _KeepBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the best validation accuracy, and of two the one with less loss."""

    def __init__(self) -> None:
        super().__init__()
        self.best: tuple[float, float] = (-1.0, 0.0)
        self.weights: list[Floats] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        told = logs or {}
        mark = (told.get("val_accuracy", 0.0), -told.get("val_loss", 0.0))
        if mark > self.best:
            self.best, self.weights = mark, self.model.get_weights()

    def restore(self, network: keras.Model) -> None:
        if self.weights:
            network.set_weights(self.weights)


def _logits(network: keras.Model, inputs: Floats, batch: int = 32) -> Floats:
    parts = [np.asarray(network(inputs[i : i + batch], training=False)) for i in range(0, len(inputs), batch)]
    return np.concatenate(parts)


def _write(path: Path, result: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(part, path)
