"""One network learnt from several splits in turn: built and traced once, set back before each."""

from __future__ import annotations

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
    """Batches of one size, every epoch in another order.

    `maps` holds the pictures as they are, then each of their changed copies in turn; `rows` are those learnt from.
    Every second epoch takes the pictures as they are, the others the next of the copies. What does not fill the last
    batch waits for another epoch.
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
        """0 is the pictures as they are."""
        return 1 + self._epoch // 2 % self._copies if self._copies and self._epoch % 2 else 0

    def on_epoch_end(self) -> None:
        self._epoch += 1
        self._order = self._random.permutation(self._rows)


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast: `rate` falls to nothing along half a cosine."""

    epochs: int
    rate: float
    batch: int
    seed: int


class Fitting:
    """Keeps the weights of the epoch that is best on the pictures to choose by, or where there are none the last."""

    def __init__(self, network: keras.Model, optimizer: Optimizer, course: Course) -> None:
        self.network, self._course = network, course
        self._first: Weights = network.get_weights()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        kind = _OPTIMIZERS[optimizer]
        network.compile(kind(course.rate, clipnorm=1.0), loss, metrics=["accuracy"], jit_compile=False)

    def set_back(self) -> None:
        """The weights and the optimizer as they were before the first split."""
        self.network.set_weights(self._first)
        for variable in self.network.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def run(self, maps: Floats, labels: Rows, taught: Rows, chosen: Rows) -> History:
        """Learn from the rows `taught` and all their copies, from the weights there are."""
        course = self._course
        told = self.network.fit(
            ChangedCopies(maps, labels, taught, batch=course.batch, seed=course.seed),
            epochs=course.epochs,
            validation_data=(maps[chosen], labels[chosen]) if len(chosen) else None,
            callbacks=[keras.callbacks.LearningRateScheduler(self._rate), *([_KeepBest()] if len(chosen) else [])],
            shuffle=False,  # done already
            verbose=0,
        )
        return _rows(told.history)

    def predict(self, maps: Floats, *, batch: int = 32) -> Rows:
        parts = [self.network(maps[i : i + batch], training=False) for i in range(0, len(maps), batch)]
        return np.concatenate([keras.ops.convert_to_numpy(part).argmax(axis=1) for part in parts]).astype(np.int64)

    def _rate(self, epoch: int, _: float) -> float:
        return float(self._course.rate * (1 + np.cos(np.pi * epoch / self._course.epochs)) / 2)


def _rows(history: dict[str, Sequence[float]]) -> History:
    kept = {name: values for name, values in history.items() if name != "learning_rate"}
    return [dict(zip(kept, map(float, values), strict=True)) for values in zip(*kept.values(), strict=True)]


class _KeepBest(keras.callbacks.Callback):
    """Goes back, at the end, to the epoch with the best validation accuracy, of several to the one with least loss."""

    def __init__(self) -> None:
        super().__init__()
        self._best: tuple[float, float] = (-1.0, 0.0)
        self._weights: Weights = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        told = logs or {}
        mark = (told["val_accuracy"], -told["val_loss"])
        if mark > self._best:
            self._best, self._weights = mark, self.model.get_weights()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.set_weights(self._weights)
