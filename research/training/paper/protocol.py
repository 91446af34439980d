"""What is run: the grid of networks, depths and optimizers, the two ways to split, and the figures the paper gives.

The paper freezes and trains "the last layers" of a network as Keras counts them, pooling and joining layers included,
and its text can be read in two ways; both are run. Rows that leave the same weights to be trained are one training.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from research.training.datasets import DatasetError, FaceSet

Network = Literal["vgg16", "inceptionv3"]
Reading = Literal["all", "train_last", "freeze_last", "maps_of"]
Optimizer = Literal["adam", "rmsprop"]
Rows = NDArray[np.int64]

NETWORKS: Final[tuple[Network, ...]] = ("vgg16", "inceptionv3")
OPTIMIZERS: Final[tuple[Optimizer, ...]] = ("adam", "rmsprop")
DEEPEST: Final = 5
#: Of VGG16, those whose maps are small enough and still know where in the face they are.
BLOCKS: Final = (3, 4)
#: The paper leaves neutral out.
CLASSES: Final = tuple(name for name in EXPRESSIONS if name != "neutral")

#: What the paper's text states, in per cent; it names no figure for the other rows that this program knows of.
PAPER_BEST: Final[Mapping[str, float]] = {"accuracy": 92.86, "precision": 94, "recall": 93, "f1": 93, "test": 88.26}
PAPER_BASELINES: Final[Mapping[str, float]] = {"2d-lda": 95, "svm": 94}


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the tables: which of the last layers are trained or frozen, and what moves the weights.

    "maps_of" is not the paper's: nothing but one layer is trained, on what the first `layers` blocks make of the
    pictures. `changed`: whether it learns from changed copies of the pictures too, as the paper does, or from them
    alone as they are.
    """

    network: Network
    reading: Reading
    layers: int
    optimizer: Optimizer
    changed: bool = True

    @property
    def name(self) -> str:
        depth = self.reading if self.reading == "all" else f"{self.reading}_{self.layers}"
        return f"{self.network}-{depth}-{self.optimizer}{'' if self.changed else '-unchanged'}"


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, to choose the best epoch by (may be empty) and to be judged by."""

    taught: Rows
    chosen: Rows
    judged: Rows


def grid(networks: Sequence[Network] = NETWORKS) -> Iterator[Cell]:
    """Every row of both tables, under both readings; those that take least time first.

    VGG16's last block is trained without changed copies too, which tells what they do, and so is one layer on the maps
    of lower blocks.
    """
    for network in networks:
        for reading in ("train_last", "freeze_last"):
            for layers in range(DEEPEST, 0, -1):
                for optimizer in OPTIMIZERS:
                    yield Cell(network, reading, layers, optimizer)
        for optimizer in OPTIMIZERS:
            yield Cell(network, "all", 0, optimizer)
        if network == "vgg16":
            for optimizer in OPTIMIZERS:
                yield Cell(network, "train_last", DEEPEST, optimizer, changed=False)
            for block, optimizer, changed in product(BLOCKS, OPTIMIZERS, (True, False)):
                yield Cell(network, "maps_of", block, optimizer, changed)


def select_six(faces: FaceSet) -> FaceSet:
    """Without neutral. Raises DatasetError where people are not known or one of the six is missing."""
    six = faces.where(lambda face: EXPRESSIONS[face.label] in CLASSES)
    missing = sorted(set(CLASSES) - {EXPRESSIONS[face.label] for face in six})
    if missing:
        raise DatasetError(f"{faces.name} has no picture of {', '.join(missing)}.")
    if any(face.subject is None for face in six):
        raise DatasetError(f"{faces.name} does not name its people, as JAFFE's file names do.")
    return six


def class_labels(faces: FaceSet) -> Rows:
    """Places in CLASSES."""
    return np.array([CLASSES.index(EXPRESSIONS[face.label]) for face in faces], dtype=np.int64)


def split_at_random(labels: Rows, *, seed: int) -> Split:
    """The paper's way: 70, 15 and 15 % of every expression, whoever is in the picture."""
    random = np.random.default_rng(seed)
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        kept = round(0.15 * len(rows))
        for part, chosen in zip(parts, (rows[2 * kept :], rows[:kept], rows[kept : 2 * kept]), strict=True):
            part.extend(chosen.tolist())
    taught, chosen, judged = (np.sort(np.array(part, dtype=np.int64)) for part in parts)
    return Split(taught, chosen, judged)


def split_by_people(people: Sequence[str], *, folds: int, seed: int) -> tuple[Split, ...]:
    """Whole people left out, everybody once. Nothing is chosen by: the last epoch is judged.

    Raises ValueError when there are fewer people than folds, or when somebody were on both sides.
    """
    names = np.array(people)
    order = np.random.default_rng(seed).permutation(np.unique(names))
    if len(order) < folds:
        raise ValueError(f"{folds} folds need as many people; there are {len(order)}.")
    none = np.array([], dtype=np.int64)
    splits = []
    for left_out in np.array_split(order, folds):
        out = np.isin(names, left_out)
        split = Split(np.flatnonzero(~out), none, np.flatnonzero(out))
        if set(names[split.taught]) & set(names[split.judged]):
            raise ValueError("somebody is on both sides of the split")
        splits.append(split)
    return tuple(splits)
