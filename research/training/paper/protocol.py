"""The protocol: the grid of networks, depths and optimizers, the two kinds of split, and the paper's figures.

The paper freezes and trains "the last layers" of a network as Keras counts them, with pooling and merge layers, and its
text can be read in two ways; both are run. Cells that train the same weights are one training.
"""

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
#: VGG16's blocks with maps that are small enough but still have spatial detail.
BLOCKS: Final = (3, 4)
#: The paper leaves neutral out.
CLASSES: Final = tuple(name for name in EXPRESSIONS if name != "neutral")

#: Figures in the paper's text, in per cent; no figures for the other cells are known.
PAPER_BEST: Final[Mapping[str, float]] = {"accuracy": 92.86, "precision": 94, "recall": 93, "f1": 93, "test": 88.26}
PAPER_BASELINES: Final[Mapping[str, float]] = {"2d-lda": 95, "svm": 94}


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the tables: which of the last layers are trained or frozen, and the optimizer.

    "maps_of" is not in the paper: only one layer is trained, on the feature maps of the first `layers` blocks.
    `changed`: whether augmented copies are used too, as in the paper, or only the originals.
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
    """Rows for training, for choosing the best epoch (may be empty), and for testing."""

    taught: Rows
    chosen: Rows
    judged: Rows


def grid(networks: Sequence[Network] = NETWORKS) -> Iterator[Cell]:
    """Every cell of both tables, under both readings of the text, the fastest first.

    VGG16's last block is also trained without augmented copies, to show their effect, and so is one layer on the maps
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
    """Without neutral. Raises DatasetError when people are unknown or one of the six is missing."""
    six = faces.where(lambda face: EXPRESSIONS[face.label] in CLASSES)
    missing = sorted(set(CLASSES) - {EXPRESSIONS[face.label] for face in six})
    if missing:
        raise DatasetError(f"{faces.name} has no picture of {', '.join(missing)}.")
    if any(face.subject is None for face in six):
        raise DatasetError(f"{faces.name} does not name its people, as JAFFE's file names do.")
    return six


def class_labels(faces: FaceSet) -> Rows:
    """Indices in CLASSES."""
    return np.array([CLASSES.index(EXPRESSIONS[face.label]) for face in faces], dtype=np.int64)


def split_at_random(labels: Rows, *, seed: int) -> Split:
    """The paper's split: 70, 15 and 15 % of every expression, regardless of people."""
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
    """Leaves out whole people, each of them once. No rows to choose by: the last epoch is tested.

    Raises ValueError when there are fewer people than folds, or when a person would be on both sides.
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
