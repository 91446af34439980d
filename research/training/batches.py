"""Labelled pictures in memory, and augmented batches of them."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from research.training.augmentation import PRESETS, Augmentation
from research.training.datasets import DatasetError, FaceSet
from research.training.networks import CLASSES, preprocess
from research.training.plan import TrainingPlan

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Grey pixels and their labels, in memory."""

    pixels: NDArray[np.uint8]
    votes: Floats
    labels: NDArray[np.int64]
    second: NDArray[np.int64]
    clear: NDArray[np.bool_]

    @classmethod
    def read(cls, faces: FaceSet, size: int) -> "Pictures":
        return cls(faces.grey_images(size), faces.votes, faces.labels, faces.second_labels, faces.clear)

    def take(self, rows: NDArray[np.int64]) -> "Pictures":
        return Pictures(self.pixels[rows], self.votes[rows], self.labels[rows], self.second[rows], self.clear[rows])

    def __len__(self) -> int:
        return len(self.labels)


def hold_out(faces: FaceSet, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows for training and held-out rows.

    The same share of every expression is held out. If people are known, whole people are held out, so that no person is
    in both parts. Raises DatasetError when nothing would be left for training.
    """
    random = np.random.default_rng(seed)
    people = sorted({face.subject for face in faces if face.subject is not None})
    if people:
        count = max(1, round(share * len(people)))
        chosen = set(random.permutation(people)[:count].tolist())
        held = [row for row, face in enumerate(faces) if face.subject in chosen]
    else:
        labels, held = faces.labels, []
        for label in range(CLASSES):
            rows = random.permutation(np.flatnonzero(labels == label))
            held.extend(rows[: math.ceil(share * len(rows))].tolist())
    kept = np.setdiff1d(np.arange(len(faces)), held)
    if not len(kept):
        raise DatasetError(f"{faces.name} is too small to hold a part of it out.")
    return kept, np.sort(np.array(held, dtype=np.int64))


def sampling_weights(votes: Floats, *, power: float, cap: float) -> NDArray[np.float64]:
    """Sampling probability of each face: higher for rare expressions, at most `cap` times."""
    prior = votes.mean(axis=0)
    rarity = votes @ (prior.max() / np.maximum(prior, 1e-6)) ** power
    rarity = np.minimum(rarity / rarity.mean(), cap)
    return np.asarray(rarity / rarity.sum(), dtype=np.float64)


class Batches(keras.utils.PyDataset):
    """Augmented batches of one epoch, determined by seed and epoch."""

    def __init__(self, pictures: Pictures, plan: TrainingPlan, first_epoch: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=12)
        self.pictures = pictures
        self.plan = plan
        self.change: Augmentation = PRESETS[plan.augmentation]
        self.chances = sampling_weights(pictures.votes, power=plan.rare_power, cap=plan.rare_cap)
        self.epoch = first_epoch
        self.order = self._draw()

    def __len__(self) -> int:
        return max(1, len(self.pictures) // self.plan.batch)

    def _draw(self) -> NDArray[np.int64]:
        """Systematic sampling: each face is drawn as often as its weight says."""
        random = np.random.default_rng((self.plan.seed, self.epoch))
        count = len(self) * self.plan.batch
        marks = (np.arange(count) + random.random()) / count
        shuffled = random.permutation(len(self.pictures))
        drawn = np.searchsorted(np.cumsum(self.chances[shuffled]), marks)
        rows = shuffled[np.minimum(drawn, len(self.pictures) - 1)]
        return np.asarray(random.permutation(rows), dtype=np.int64)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self.order = self._draw()

    def __getitem__(self, index: int) -> tuple[Floats, Floats]:
        random = np.random.default_rng((self.plan.seed, self.epoch, index))
        rows = self.order[index * self.plan.batch : (index + 1) * self.plan.batch]
        pixels = np.stack([self.change.apply(self.pictures.pixels[row], random) for row in rows])
        return preprocess(pixels), targets(self.pictures.take(rows))


def targets(pictures: Pictures) -> Floats:
    """Votes and labels of the second source side by side (n, 14); zeros without a second label."""
    second = np.zeros((len(pictures), CLASSES), dtype=np.float32)
    known = np.flatnonzero(pictures.second >= 0)
    second[known, pictures.second[known]] = 1.0
    return np.concatenate([pictures.votes, second], axis=1)


def drawn_priors(pictures: Pictures, chances: NDArray[np.float64]) -> Floats:
    """Class prior of each source under the sampling weights, (2, 7)."""
    both = chances @ targets(pictures)
    priors = both.reshape(2, CLASSES)
    whole = np.maximum(priors.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(priors / whole, dtype=np.float32)
