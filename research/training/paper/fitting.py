"""Trains one network on several splits in turn: built and traced once, reset before each."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from research.training.paper.protocol import Optimizer, Rows

Floats = NDArray[np.float32]
History = list[dict[str, float]]
Weights = list[Floats]

_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


class ChangedCopies(keras.utils.PyDataset):
    """Batches of one size, in another order in each epoch.

    `maps` holds the original pictures, then each of their augmented copies; `rows` are the training rows. Every second
    epoch uses the originals, the others the next copy. An incomplete last batch is left out.
    """

    def __init__(self, maps: Floats, labels: Rows, rows: Rows, *, batch: int, seed: int) -> None:
        super().__init__()
        self._maps, self._labels, self._rows = maps, labels, rows
        self._copies = len(maps) // len(labels) - 1
        self._batch = min(batch, len(rows))
        self._random = np.random.default_rng(seed)
        self._epoch = -1
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self._rows) // self._batch

    def __getitem__(self, index: int) -> tuple[Floats, Rows]:
        rows = self._order[index * self._batch : (index + 1) * self._batch]
        return self._maps[rows + self._copy() * len(self._labels)], self._labels[rows]

    def _copy(self) -> int:
        """0 for the original pictures."""
        return 1 + self._epoch // 2 % self._copies if self._copies and self._epoch % 2 else 0

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._order = self._random.permutation(self._rows)


@dataclass(frozen=True, slots=True)
class Course:
    """Duration and learning rate: `rate` falls to zero along half a cosine."""

    epochs: int
    rate: float
    batch: int
    seed: int


class Fitting:
    """Keeps the weights of the best epoch on the validation pictures, or of the last without such pictures."""

    def __init__(self, network: keras.Model, optimizer: Optimizer, course: Course) -> None:
        self.network, self._course = network, course
        self._first: Weights = network.get_weights()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        kind = _OPTIMIZERS[optimizer]
        network.compile(kind(course.rate, clipnorm=1.0), loss, metrics=["accuracy"], jit_compile=False)

    def set_back(self) -> None:
        """Reset weights and optimizer to their state before the first split."""
        self.network.set_weights(self._first)
        for variable in self.network.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def run(self, maps: Floats, labels: Rows, taught: Rows, chosen: Rows) -> History:
        """Train on the rows `taught` and all their copies, from the current weights."""
        course = self._course
        fitted = self.network.fit(
            ChangedCopies(maps, labels, taught, batch=course.batch, seed=course.seed),
            epochs=course.epochs,
            validation_data=(maps[chosen], labels[chosen]) if len(chosen) else None,
            callbacks=[keras.callbacks.LearningRateScheduler(self._rate), *([_KeepBest()] if len(chosen) else [])],
            shuffle=False,  # already done
            verbose=0,
        )
        return _rows(fitted.history)

    def predict(self, maps: Floats, *, batch: int = 32) -> Rows:
        parts = [self.network(maps[i : i + batch], training=False) for i in range(0, len(maps), batch)]
        return np.concatenate([keras.ops.convert_to_numpy(part).argmax(axis=1) for part in parts]).astype(np.int64)

    def _rate(self, epoch: int, _: float) -> float:
        return float(self._course.rate * (1 + np.cos(np.pi * epoch / self._course.epochs)) / 2)


def _rows(history: dict[str, Sequence[float]]) -> History:
    kept = {name: values for name, values in history.items() if name != "learning_rate"}
    return [dict(zip(kept, map(float, values), strict=True)) for values in zip(*kept.values(), strict=True)]


class _KeepBest(keras.callbacks.Callback):
    """At the end, restores the epoch with the best validation accuracy; among equals, the one with the lowest loss."""

    def __init__(self) -> None:
        super().__init__()
        self._best: tuple[float, float] = (-1.0, 0.0)
        self._weights: Weights = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        mark = (logs["val_accuracy"], -logs["val_loss"])
        if mark > self._best:
            self._best, self._weights = mark, self.model.get_weights()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.set_weights(self._weights)
