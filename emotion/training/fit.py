"""The training run: a head on frozen features first, then the layers, for a given time."""

from __future__ import annotations

import csv
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emotion.training import metrics
from emotion.training.augmentation import PRESETS, Augmentation
from emotion.training.datasets import DatasetError, FaceSet
from emotion.training.networks import (
    CLASSES,
    build_backbone,
    build_head,
    freeze_blocks,
    join,
    preprocess,
)

Floats = NDArray[np.float32]
Report = Callable[[str], None]
OPTIMIZERS = ("adamw", "adam", "rmsprop")


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides a run, written to `plan.json` beside its results.

    `minutes` bounds training by the clock: the learning rate falls to zero as the time is used up,
    so a slow machine trains fewer epochs and still ends well. Without it `epochs` are counted.
    """

    out: str
    size: int = 48
    epochs: int = 12
    minutes: float | None = None
    batch: int = 32
    optimizer: str = "adamw"
    learning_rate: float = 5e-5
    warm_up: int = 500
    weight_decay: float = 0.02
    frozen_blocks: int = 1
    hidden: int = 256
    dropout: float = 0.5
    augmentation: str = "strong"
    second_weight: float = 0.3
    rare_power: float = 0.3
    rare_cap: float = 3.0
    held_out: float = 0.08
    bottleneck_epochs: int = 4
    average: float = 0.99
    seed: int = 7
    mixed_precision: bool = True
    backbone_weights: str = "imagenet"


@dataclass(slots=True)
class Progress:
    """What a resumed run must know; saved after every epoch."""

    epoch: int = 0
    seconds: float = 0.0
    best: float = -1.0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Pictures:
    """Grey pixels and what is known of them, in memory."""

    pixels: NDArray[np.uint8]
    votes: Floats
    labels: NDArray[np.int64]
    second: NDArray[np.int64]

    @classmethod
    def read(cls, faces: FaceSet, size: int) -> Pictures:
        return cls(faces.grey_images(size), faces.votes, faces.labels, faces.second_labels)

    def take(self, rows: NDArray[np.int64]) -> Pictures:
        return Pictures(self.pixels[rows], self.votes[rows], self.labels[rows], self.second[rows])

    def __len__(self) -> int:
        return len(self.labels)


def hold_out(labels: NDArray[np.int64], share: float, seed: int) -> tuple[NDArray[np.int64], ...]:
    """Rows to train on and rows to choose by, the same share of every expression in both."""
    random = np.random.default_rng(seed)
    held: list[int] = []
    for label in range(CLASSES):
        rows = random.permutation(np.flatnonzero(labels == label))
        held.extend(rows[: math.ceil(share * len(rows))].tolist())
    kept = np.ones(len(labels), dtype=bool)
    kept[held] = False
    return np.flatnonzero(kept), np.sort(np.array(held, dtype=np.int64))


def sampling_weights(votes: Floats, *, power: float, cap: float) -> NDArray[np.float64]:
    """Chance of each face to be drawn: faces with rare expressions more often, at most `cap` times."""
    prior = votes.mean(axis=0)
    rarity = votes @ (prior.max() / np.maximum(prior, 1e-6)) ** power
    rarity = np.minimum(rarity / rarity.mean(), cap)
    return np.asarray(rarity / rarity.sum(), dtype=np.float64)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Augmented batches of one epoch; the same seed and epoch give the same pictures."""

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
        """Systematic sampling: no face is left out or repeated more than its weight says."""
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
    """Votes and the second source side by side (n, 14); all zero where there is no second label."""
    second = np.zeros((len(pictures), CLASSES), dtype=np.float32)
    known = np.flatnonzero(pictures.second >= 0)
    second[known, pictures.second[known]] = 1.0
    return np.concatenate([pictures.votes, second], axis=1)


def adjusted_loss(priors: Floats, second_weight: float) -> Callable[[Any, Any], Any]:
    """Logit-adjusted cross-entropy (Menon et al. 2021) of both readouts.

    `priors` (2, 7) are those of the faces as drawn. Adding their logarithm in the loss leaves the
    logits themselves answering under an even prior, so any other prior can be read from them.
    """
    log_priors = tf.constant(np.log(np.maximum(priors, 1e-4)), dtype=tf.float32)

    def loss(truth: Any, logits: Any) -> Any:
        first = tf.nn.softmax_cross_entropy_with_logits(truth[:, :CLASSES], logits[:, :CLASSES] + log_priors[0])
        second = tf.nn.softmax_cross_entropy_with_logits(truth[:, CLASSES:], logits[:, CLASSES:] + log_priors[1])
        return first + second_weight * second

    return loss


def drawn_priors(pictures: Pictures, chances: NDArray[np.float64]) -> Floats:
    """Prior of each source under the sampling weights, (2, 7)."""
    both = chances @ targets(pictures)
    priors = both.reshape(2, CLASSES)
    whole = np.maximum(priors.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(priors / whole, dtype=np.float32)


def make_optimizer(plan: TrainingPlan) -> keras.optimizers.Optimizer:
    """The plan's optimizer; gradients are cut at norm 1, without which large steps kill VGG16."""
    rate = plan.learning_rate
    if plan.optimizer == "adamw":
        made = keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay, clipnorm=1.0)
        made.exclude_from_weight_decay(var_names=["bias"])
        return made
    if plan.optimizer == "adam":
        return keras.optimizers.Adam(rate, clipnorm=1.0)
    if plan.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, clipnorm=1.0)
    raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {plan.optimizer!r}.")


def rate_factor(progress: float) -> float:
    """Cosine from 1 to 0 as progress goes from 0 to 1."""
    return 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))


@dataclass(slots=True)
class Averaged:
    """Running mean of the weights, taken every few steps to cost nothing."""

    decay: float
    weights: list[Floats] = field(default_factory=list)
    count: int = 0

    def update(self, current: list[Floats]) -> None:
        if not self.weights:
            self.weights = [value.copy() for value in current]
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        for mean, value in zip(self.weights, current, strict=True):
            mean += (1 - decay) * (value - mean)


class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Learning rate, weight averaging, validation, checkpoints and history of one run."""

    AVERAGE_EVERY = 10

    def __init__(self, plan: TrainingPlan, progress: Progress, held: Pictures, prior: Floats, report: Report) -> None:
        super().__init__()
        self.plan, self.progress, self.held = plan, progress, held
        self.prior, self.report = prior, report
        self.averaged = Averaged(plan.average)
        self.resumed_at = progress.seconds
        self.started = time.monotonic()
        self.out = Path(plan.out)

    def spent(self) -> float:
        return self.resumed_at + time.monotonic() - self.started

    def share_done(self, steps: int) -> float:
        if self.plan.minutes is not None:
            return self.spent() / (60 * self.plan.minutes)
        return steps / max(1, self.plan.epochs * self.params["steps"])

    def on_train_begin(self, logs: Any = None) -> None:
        path = self.out / "average.npz"
        if self.progress.steps and path.is_file():
            with np.load(path) as saved:
                self.averaged.weights = [saved[f"w{i}"] for i in range(len(saved.files) - 1)]
                self.averaged.count = int(saved["count"])

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        steps = self.progress.steps
        warm = min(1.0, (steps + 1) / max(1, self.plan.warm_up))
        rate = self.plan.learning_rate * warm * rate_factor(self.share_done(steps))
        self.model.optimizer.learning_rate.assign(rate)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.progress.steps += 1
        if self.progress.steps % self.AVERAGE_EVERY == 0:
            self.averaged.update(self.model.get_weights())
        if self.plan.minutes is not None and self.share_done(0) >= 1.0:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        current = self.model.get_weights()
        if self.averaged.weights:
            self.model.set_weights(self.averaged.weights)
        row = self._validate(epoch, logs or {})
        if row["score"] > self.progress.best:
            self.progress.best = row["score"]
            _save_model(self.model, self.out / "best.keras")
        self.model.set_weights(current)
        self.progress.epoch = epoch + 1
        self.progress.seconds = self.spent()
        self._save_state()
        _append_row(self.out / "history.csv", row)
        self.report(
            f"epoch {epoch + 1}: loss {row['loss']:.4f}  held out {row['val_accuracy']:.4f}"
            f"  balanced recall {row['val_balanced_recall']:.4f}  {self.progress.seconds:.0f} s"
        )
        if self.plan.minutes is not None and self.share_done(0) >= 1.0:
            self.model.stop_training = True

    def _validate(self, epoch: int, logs: dict[str, float]) -> dict[str, float]:
        logits = predict_logits(self.model, self.held.pixels)[:, :CLASSES]
        everyday = (logits + np.log(self.prior)).argmax(axis=1)
        confusion = metrics.confusion_counts(self.held.labels, logits.argmax(axis=1), CLASSES)
        accuracy = float((everyday == self.held.labels).mean())
        balanced = float(np.nanmean(metrics.recalls(confusion)))
        probabilities = metrics.softmax(logits + np.log(self.prior))
        cross = -(self.held.votes * np.log(np.maximum(probabilities, 1e-9))).sum(axis=1)
        return {
            "epoch": epoch + 1,
            "seconds": round(self.spent(), 1),
            "learning_rate": float(self.model.optimizer.learning_rate),
            "loss": float(logs.get("loss", math.nan)),
            "val_loss": float(cross.mean()),
            "val_accuracy": accuracy,
            "val_balanced_recall": balanced,
            "score": (accuracy + balanced) / 2,
        }

    def _save_state(self) -> None:
        _save_model(self.model, self.out / "last.keras")
        saved = {f"w{i}": value for i, value in enumerate(self.averaged.weights)}
        np.savez(self.out / "average.part.npz", count=self.averaged.count, **saved)
        os.replace(self.out / "average.part.npz", self.out / "average.npz")
        part = self.out / "progress.part.json"
        part.write_text(json.dumps(asdict(self.progress)))
        os.replace(part, self.out / "progress.json")


def predict_logits(network: keras.Model, pixels: NDArray[np.uint8], *, batch: int = 64) -> NDArray[np.float32]:
    """Logits of grey images in order, without augmentation."""
    parts = [
        np.asarray(network(preprocess(pixels[start : start + batch]), training=False))
        for start in range(0, len(pixels), batch)
    ]
    return np.concatenate(parts).astype(np.float32)


def bottleneck_features(
    backbone: keras.Model, pixels: NDArray[np.uint8], path: Path, *, batch: int = 64
) -> NDArray[np.float16]:
    """Feature maps of the frozen backbone, computed once and read back from `path` afterwards."""
    if path.is_file():
        saved: NDArray[np.float16] = np.load(path, mmap_mode="r")
        if len(saved) == len(pixels):
            return saved
    maps = np.empty((len(pixels), *backbone.output_shape[1:]), dtype=np.float16)
    run = tf.function(lambda pictures: backbone(pictures, training=False))
    for start in range(0, len(pixels), batch):
        stop = min(start + batch, len(pixels))
        maps[start:stop] = tf.cast(run(preprocess(pixels[start:stop])), tf.float16).numpy()
    np.save(path, maps)
    return maps


def train_head(
    head: keras.Model,
    maps: NDArray[np.float16],
    pictures: Pictures,
    plan: TrainingPlan,
) -> None:
    """Teach the head on saved features, with the loss of the whole run."""
    chances = sampling_weights(pictures.votes, power=plan.rare_power, cap=plan.rare_cap)
    priors = drawn_priors(pictures, chances)
    head.compile(
        optimizer=keras.optimizers.Adam(5e-4),
        loss=adjusted_loss(priors, plan.second_weight),
        jit_compile=False,
    )
    goal = targets(pictures)
    weight = (chances * len(pictures)).astype(np.float32)
    head.fit(maps, goal, sample_weight=weight, batch_size=128, epochs=plan.bottleneck_epochs, verbose=0)


def train(plan: TrainingPlan, faces: FaceSet, *, report: Report, resume: bool = False) -> Path:
    """Run the plan on labelled faces and return the folder with its results.

    Leaves `best.keras` (by the mean of everyday accuracy and balanced recall on the held-out
    part), `last.keras`, `history.csv`, `plan.json` and `held_out.npy` (rows not trained on).
    """
    out = Path(plan.out)
    progress = _prepare(out, plan, resume)
    keras.utils.set_random_seed(plan.seed)
    policy = "mixed_bfloat16" if plan.mixed_precision else "float32"
    keras.mixed_precision.set_global_policy(policy)
    kept, held = hold_out(faces.labels, plan.held_out, plan.seed)
    if not len(kept) or not len(held):
        raise DatasetError(f"{faces.name} is too small to hold a part of it out.")
    np.save(out / "held_out.npy", held)
    pictures = Pictures.read(faces, plan.size)
    taught, chosen = pictures.take(kept), pictures.take(held)
    report(f"{len(taught)} faces to learn from, {len(chosen)} held out.")
    network = _start_network(plan, taught, progress, out, report)
    batches = Batches(taught, plan, progress.epoch)
    if not progress.steps:
        priors = drawn_priors(taught, batches.chances)
        network.compile(
            optimizer=make_optimizer(plan),
            loss=adjusted_loss(priors, plan.second_weight),
            jit_compile=False,
        )
    prior = np.maximum(taught.votes.mean(axis=0), 1e-4)
    keeper = Keeper(plan, progress, chosen, prior, report)
    epochs = plan.epochs if plan.minutes is None else 10_000
    network.fit(batches, epochs=epochs, initial_epoch=progress.epoch, callbacks=[keeper], verbose=0)
    return out


def _prepare(out: Path, plan: TrainingPlan, resume: bool) -> Progress:
    out.mkdir(parents=True, exist_ok=True)
    state = out / "progress.json"
    if resume and state.is_file():
        return Progress(**json.loads(state.read_text()))
    if state.exists() and not resume:
        raise DatasetError(f"{out} already holds a run; resume it or choose another folder.")
    (out / "plan.json").write_text(json.dumps(asdict(plan), indent=2))
    return Progress()


def _start_network(plan: TrainingPlan, taught: Pictures, progress: Progress, out: Path, report: Report) -> keras.Model:
    priors = drawn_priors(taught, sampling_weights(taught.votes, power=plan.rare_power, cap=plan.rare_cap))
    if progress.steps:
        report(f"Resuming after epoch {progress.epoch}.")
        loss = adjusted_loss(priors, plan.second_weight)
        return keras.models.load_model(out / "last.keras", custom_objects={"loss": loss})
    backbone = build_backbone(size=plan.size, weights=plan.backbone_weights)
    head = build_head(shape=backbone.output_shape[1:], hidden=plan.hidden, dropout=plan.dropout, readouts=2)
    if plan.bottleneck_epochs:
        maps = bottleneck_features(backbone, taught.pixels, out / "bottleneck.npy")
        train_head(head, maps, taught, plan)
        report("Head taught on the frozen features.")
    freeze_blocks(backbone, plan.frozen_blocks)
    return join(backbone, head)


def _save_model(network: keras.Model, path: Path) -> None:
    part = path.with_name(f"part-{path.name}")
    network.save(part)
    os.replace(part, path)


def _append_row(path: Path, row: dict[str, float]) -> None:
    fresh = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)
