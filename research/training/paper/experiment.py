"""Runs the cells, with one result file each, so that an interruption costs only the current cell."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from research.training.augmentation import PAPER
from research.training.datasets import FaceSet
from research.training.networks import choose_policy, precision
from research.training.paper.faces import cut_faces
from research.training.paper.fitting import Course, Fitting, History
from research.training.paper.networks import (
    Pixels,
    Weights,
    build_backbone,
    copy_head,
    cuts,
    picture_side,
    preprocess,
    read_maps,
    split_network,
    trained_layers,
)
from research.training.paper.protocol import Cell, Rows, Split, class_labels, split_at_random, split_by_people
from research.training.paper.scores import score, score_splits

#: Epochs of the head alone, before layers are trained with it: an untrained head would spoil them.
FIRST = 10

Report = Callable[[str], object]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings that determine the figures, together with the pictures.

    `copies`: augmented copies of each picture; every second epoch trains on another of them, the others on the
    originals. With five of six epochs on copies, VGG16's last block was eight points worse, on other splits. `splits`:
    number of random splits, with seeds from `seed` upwards; the paper has one, and results of single splits vary by ten
    points. `whole_...`: for cells that train more than the last layers, which takes longest and tolerates less. `cut`:
    crop the faces first. `precision`: "auto" uses half precision where the processor supports it.
    """

    size: int = 64
    cut: bool = True
    copies: int = 5
    head_epochs: int = 60
    epochs: int = 60
    batch: int = 16
    head_rate: float = 1e-3
    rate: float = 2e-4
    whole_epochs: int = 16
    whole_rate: float = 5e-5
    splits: int = 3
    folds: int = 3
    whole_splits: int = 3
    whole_folds: int = 3
    seed: int = 7
    precision: str = "auto"


#: For a quick check: small pictures, few epochs and copies, people left out in halves.
QUICK = Setup(
    size=48, copies=3, head_epochs=12, epochs=4, whole_epochs=1, splits=1, folds=2, whole_splits=1, whole_folds=2
)


@dataclass
class Experiment:
    """One data set, one setup and the folder of their results; `report` is called with each step."""

    faces: FaceSet
    setup: Setup
    weights: Weights
    out: Path
    report: Report

    def __post_init__(self) -> None:
        if self.setup.cut:
            self.faces = cut_faces(self.faces)
        self.labels = class_labels(self.faces)
        self.people = [str(face.subject) for face in self.faces]
        self.units = np.unique(self.people, return_inverse=True)[1]
        for folds in (self.setup.folds, self.setup.whole_folds):
            split_by_people(self.people, folds=folds, seed=self.setup.seed)
        (self.out / "results").mkdir(parents=True, exist_ok=True)

    def run(self, cell: Cell) -> dict[str, Any]:
        """Figures of one cell with both kinds of split; existing results are read from their file."""
        with precision(choose_policy(self.setup.precision)):
            trained = trained_layers(self._backbone(cell), cell)
            path = self.out / "results" / f"{self._key(cell, trained)}.json"
            if path.is_file():
                found: dict[str, Any] = json.loads(path.read_text())
                return found
            started, spent = time.monotonic(), time.process_time()
            result = {"trained": len(trained), **self._judge(cell, trained)}
        result["seconds"] = round(time.monotonic() - started)
        result["cpu_seconds"] = round(time.process_time() - spent)
        _write(path, result)
        self.report(
            f"{cell.name}: validation {result['valid']['accuracy']['value']:.3f},"
            f" test {result['test']['accuracy']['value']:.3f}, people left out"
            f" {result['people']['accuracy']['value']:.3f} ({result['seconds']} s)"
        )
        return result

    def _judge(self, cell: Cell, trained: tuple[str, ...]) -> dict[str, Any]:
        setup, learner = self.setup, self._prepare(cell, trained)
        number, folds = (setup.whole_splits, setup.whole_folds) if learner.is_whole else (setup.splits, setup.folds)
        splits = [split_at_random(self.labels, seed=setup.seed + i) for i in range(number)]
        learnt = [learner.learn(split) for split in splits]
        predicted = np.empty_like(self.labels)
        for fold in split_by_people(self.people, folds=folds, seed=setup.seed):
            predicted[fold.judged] = learner.learn(fold)[0][fold.judged]
        return {
            "splits": number,
            "folds": folds,
            "history": learnt[0][1],
            "valid": self._score(learnt, [split.chosen for split in splits]),
            "test": self._score(learnt, [split.judged for split in splits]),
            "people": score(self.labels, predicted, units=self.units),
        }

    def _score(self, learnt: Sequence[tuple[Rows, History]], parts: Sequence[Rows]) -> dict[str, Any]:
        predicted = [every[rows] for (every, _), rows in zip(learnt, parts, strict=True)]
        return score_splits([self.labels[rows] for rows in parts], predicted)

    def _prepare(self, cell: Cell, trained: tuple[str, ...]) -> "_Learner":
        """Networks and feature maps of a cell: first for the head alone, then for head and layers together."""
        keras.utils.set_random_seed(self.setup.seed)
        setup, pixels = self.setup, self._pixels(cell)
        if cell.reading == "maps_of":
            low = read_maps(self._backbone(cell), cell.layers)
            course = Course(setup.epochs, setup.rate, setup.batch, setup.seed)
            return _Learner(
                self.labels, Fitting(low.trained, cell.optimizer, course), self._maps(cell, low.cut, pixels)
            )
        end = split_network(self._backbone(cell), ())
        course = Course(setup.head_epochs if not trained else FIRST, setup.head_rate, setup.batch, setup.seed)
        head = Fitting(end.trained, cell.optimizer, course)
        learner = _Learner(self.labels, head, self._maps(cell, end.cut, pixels))
        if trained:
            parts = split_network(self._backbone(cell, fresh=False), trained)
            epochs, rate = (setup.epochs, setup.rate) if parts.cut else (setup.whole_epochs, setup.whole_rate)
            course = Course(epochs, rate, setup.batch, setup.seed)
            learner.deep, learner.is_whole = Fitting(parts.trained, cell.optimizer, course), not parts.cut
            learner.deep_maps = self._maps(cell, parts.cut, pixels)
        return learner

    def _backbone(self, cell: Cell, *, fresh: bool = True) -> keras.Model:
        if fresh:
            keras.backend.clear_session()
        return build_backbone(cell.network, size=picture_side(cell, self.setup.size), weights=self.weights)

    def _pixels(self, cell: Cell) -> Pixels:
        """The original pictures, then each of the cell's copies, augmented as in the paper."""
        pixels = self.faces.grey_images(picture_side(cell, self.setup.size))
        random = np.random.default_rng(self.setup.seed)
        copies = range(self._setup_of(cell).copies)
        return np.concatenate([pixels, *(np.stack([PAPER.apply(each, random) for each in pixels]) for _ in copies)])

    def _setup_of(self, cell: Cell) -> Setup:
        return self.setup if cell.changed else replace(self.setup, copies=0)

    def _maps(self, cell: Cell, cut: str | None, pixels: Pixels) -> Floats:
        """Feature maps of the pictures at layer `cut`: computed once, saved, and used by every cell."""
        if cut is None:
            return preprocess(cell.network, self.weights)(pixels)
        path = self._maps_path(cell, cut, len(pixels))
        if not path.is_file():
            self._compute_maps(cell, pixels)
        return np.asarray(np.load(path), dtype=np.float32)

    def _maps_path(self, cell: Cell, cut: str, count: int) -> Path:
        """The name identifies all that the maps depend on, so that other settings in the folder compute their own."""
        side = picture_side(cell, self.setup.size)
        digest = self._digest((side, self.setup.cut, self.setup.seed, count))
        return self.out / "bottleneck" / f"{cell.network}-{cut}-{side}-{digest}.npy"

    def _compute_maps(self, cell: Cell, pixels: Pixels) -> None:
        """Compute the maps at all cuts in one pass and save them in half precision."""
        backbone, prepare = self._backbone(cell, fresh=False), preprocess(cell.network, self.weights)
        names = (f"block{cell.layers}_pool",) if cell.reading == "maps_of" else cuts(backbone)
        frozen = keras.Model(backbone.input, [backbone.get_layer(name).output for name in names])
        starts = range(0, len(pixels), 32)
        batches = [keras.tree.flatten(frozen(prepare(pixels[i : i + 32]), training=False)) for i in starts]
        for name, maps in zip(names, zip(*batches, strict=True), strict=True):
            path = self._maps_path(cell, name, len(pixels))
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part.npy")
            np.save(part, np.concatenate([keras.ops.convert_to_numpy(each).astype(np.float16) for each in maps]))
            os.replace(part, path)

    def _key(self, cell: Cell, trained: tuple[str, ...]) -> str:
        """Identifies a training by layers, optimizer and data; cells with the same training share a file."""
        what = f"maps_of_{cell.layers}" if cell.reading == "maps_of" else len(trained)
        return f"{cell.network}-{cell.optimizer}-{what}-{self._digest((trained, self._setup_of(cell)))}"

    def _digest(self, settings: tuple[object, ...]) -> str:
        everything = repr((*settings, self.weights, [face.name for face in self.faces]))
        return hashlib.sha256(everything.encode()).hexdigest()[:10]


@dataclass(slots=True)
class _Learner:
    """The head of a cell and, if it trains layers too, head and layers: one network for every split.

    `is_whole`: more than the last layers are trained, directly on the pictures.
    """

    labels: Rows
    head: Fitting
    maps: Floats
    deep: Fitting | None = None
    deep_maps: Floats | None = None
    is_whole: bool = False

    def learn(self, split: Split) -> tuple[Rows, History]:
        """Predictions for every original picture, and loss and accuracy of every epoch."""
        self.head.set_back()
        history = self.head.run(self.maps, self.labels, split.taught, split.chosen)
        if self.deep is None or self.deep_maps is None:
            return self.head.predict(self.maps[: len(self.labels)]), history
        self.deep.set_back()
        copy_head(self.head.network, self.deep.network)
        history += self.deep.run(self.deep_maps, self.labels, split.taught, split.chosen)
        return self.deep.predict(self.deep_maps[: len(self.labels)]), history


def _write(path: Path, result: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(part, path)
