"""The training run: first the head on frozen features, then the layers, for a given time."""

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
from numpy.typing import NDArray
from sklearn.metrics import recall_score
from tqdm import tqdm

from emotion.classifier.spec import ClassifierUnavailable, ModelSpec
from research.training import metrics
from research.training.batches import Batches, Pictures, drawn_priors, hold_out, targets
from research.training.datasets import DatasetError, FaceSet
from research.training.dequantise import load_float_network
from research.training.losses import AdjustedLoss, agreement
from research.training.networks import (
    CLASSES,
    build_backbone,
    build_head,
    choose_policy,
    freeze_blocks,
    join,
    precision,
    preprocess,
)
from research.training.plan import OPTIMIZERS, Fingerprint, Progress, TrainingPlan
from research.training.refit import refit_head

Floats = NDArray[np.float32]
Report = Callable[[str], object]
MOST_EPOCHS = 10_000


def make_optimizer(plan: TrainingPlan) -> keras.optimizers.Optimizer:
    """The plan's optimizer; gradients are clipped to norm 1, without which large steps ruin VGG16."""
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
    """Cosine schedule: from 1 to 0 as progress goes from 0 to 1."""
    return 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))


@dataclass(slots=True)
class Averaged:
    """Moving average of the weights, updated every few steps so that it costs nearly nothing.

    It follows quickly at first; an optimizer's own (`use_ema`) would stay close to the start for a thousand steps, and
    a small data set has fewer.
    """

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


class Keeper(keras.callbacks.Callback):
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
        self.bar: tqdm[Any] | None = None

    def spent(self) -> float:
        return self.resumed_at + time.monotonic() - self.started

    def share_done(self, steps: int) -> float:
        if self.plan.minutes is not None:
            return self.spent() / (60 * self.plan.minutes)
        return steps / max(1, self.plan.epochs * int(self.params["steps"]))

    def on_train_begin(self, logs: Any = None) -> None:
        path = self.out / "average.npz"
        if self.progress.steps and path.is_file():
            with np.load(path) as saved:
                self.averaged.weights = [saved[f"w{i}"] for i in range(len(saved.files) - 1)]
                self.averaged.count = int(saved["count"])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.bar = tqdm(total=self.params["steps"], desc=f"epoch {epoch + 1}", unit="batch", leave=False, disable=None)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        steps = self.progress.steps
        warm = min(1.0, (steps + 1) / max(1, self.plan.warm_up))
        rate = self.plan.learning_rate * warm * rate_factor(self.share_done(steps))
        self.model.optimizer.learning_rate.assign(rate)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.progress.steps += 1
        if self.progress.steps % self.AVERAGE_EVERY == 0:
            self.averaged.update(self.model.get_weights())
        if self.bar is not None:
            self.bar.set_postfix(loss=f"{(logs or {}).get('loss', math.nan):.3f}", refresh=False)
            self.bar.update()
        if self.plan.minutes is not None and self.share_done(0) >= 1.0:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.bar is not None:
            self.bar.close()
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
        accuracy = float((everyday == self.held.labels).mean())
        balanced = macro_recall(logits, self.held.labels)
        probabilities = metrics.softmax(logits + np.log(self.prior))
        cross = -(self.held.votes * np.log(np.maximum(probabilities, 1e-9))).sum(axis=1)
        return {
            "epoch": epoch + 1,
            "seconds": round(self.spent(), 1),
            "learning_rate": float(self.model.optimizer.learning_rate),
            "loss": float(logs.get("loss", math.nan)),
            "agreement": float(logs.get("agreement", math.nan)),
            "val_loss": float(cross.mean()),
            "val_accuracy": accuracy,
            "val_balanced_recall": balanced,
            "score": (accuracy + balanced) / 2,
        }

    def _save_state(self) -> None:
        _save_model(self.model, self.out / "last.keras")
        saved: dict[str, Any] = {f"w{i}": value for i, value in enumerate(self.averaged.weights)}
        saved["count"] = np.array(self.averaged.count)
        np.savez(self.out / "average.part.npz", **saved)
        os.replace(self.out / "average.part.npz", self.out / "average.npz")
        self.progress.save(self.out)


def predict_logits(network: keras.Model, pixels: NDArray[np.uint8], *, batch: int = 64) -> NDArray[np.float32]:
    """Logits of grey images, in order, without augmentation."""
    parts = [
        keras.ops.convert_to_numpy(network(preprocess(pixels[start : start + batch]), training=False))
        for start in range(0, len(pixels), batch)
    ]
    return np.concatenate(parts).astype(np.float32)


def macro_recall(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Mean recall of the expressions that have pictures."""
    return float(recall_score(labels, logits.argmax(axis=1), labels=np.unique(labels), average="macro"))


def bottleneck_features(
    backbone: keras.Model, pixels: NDArray[np.uint8], path: Path, *, batch: int = 64
) -> NDArray[np.float16]:
    """Feature maps of the frozen backbone, computed once and read from `path` when the run is resumed."""
    if path.is_file():
        saved: NDArray[np.float16] = np.load(path, mmap_mode="r")
        if len(saved) == len(pixels):
            return saved
    maps = np.empty((len(pixels), *backbone.output_shape[1:]), dtype=np.float16)
    backbone.compile(jit_compile=False)
    for start in range(0, len(pixels), batch):
        stop = min(start + batch, len(pixels))
        maps[start:stop] = backbone.predict_on_batch(preprocess(pixels[start:stop]))
    part = path.with_suffix(".part.npy")
    np.save(part, maps)
    os.replace(part, path)
    return maps


def train_head(
    head: keras.Model,
    maps: NDArray[np.float16],
    pictures: Pictures,
    plan: TrainingPlan,
    chances: NDArray[np.float64],
    loss: AdjustedLoss,
) -> None:
    """Train the head on saved features, with the loss of the whole run."""
    head.compile(optimizer=keras.optimizers.Adam(5e-4), loss=loss, jit_compile=False)
    weight = (chances * len(pictures)).astype(np.float32)
    head.fit(
        maps,
        targets(pictures),
        sample_weight=weight,
        batch_size=128,
        epochs=plan.bottleneck_epochs,
        verbose=0,
    )


def train(plan: TrainingPlan, faces: FaceSet, *, report: Report, resume: bool = False) -> Path:
    """Run the plan on labelled faces and return the folder with its results.

    Writes `best.keras` (by the mean of everyday accuracy and balanced recall on the held-out part), `last.keras`,
    `history.csv`, `plan.json`, `data.json` (fingerprint of the faces) and `held_out.npy` (rows not trained on).
    Raises DatasetError when the folder holds a run and `resume` is off or the faces are others, when the start network
    was trained on faces held out here, or when there are too few faces.
    """
    out = Path(plan.out)
    progress = _prepare(out, plan, faces, resume)
    keras.utils.set_random_seed(plan.seed)
    kept, held = hold_out(faces, plan.held_out, plan.seed)
    if plan.start_from and not progress.steps:
        check_start(Path(plan.start_from), faces, held)
    np.save(out / "held_out.npy", held)
    pictures = Pictures.read(faces, plan.size)
    taught, chosen = pictures.take(kept), pictures.take(held)
    report(f"{len(taught)} faces to learn from, {len(chosen)} held out.")
    batches = Batches(taught, plan, progress.epoch)
    if progress.steps:
        report(f"Going on after epoch {progress.epoch}.")
        network = keras.models.load_model(out / "last.keras")
    else:
        with precision(choose_policy(plan.precision)):
            network = _start_network(plan, taught, batches.chances, report)
    keeper = Keeper(plan, progress, chosen, np.maximum(taught.votes.mean(axis=0), 1e-4), report)
    if plan.minutes is None or progress.seconds < 60 * plan.minutes:
        epochs = plan.epochs if plan.minutes is None else MOST_EPOCHS
        network.fit(batches, epochs=epochs, initial_epoch=progress.epoch, callbacks=[keeper], verbose=0)
    if not progress.finished:
        _finish(plan, taught, report)
        progress.finished = True
        progress.save(out)
    return out


def _finish(plan: TrainingPlan, taught: Pictures, report: Report) -> None:
    """Refit the head of the best checkpoint, and average it with the start network."""
    path = Path(plan.out) / "best.keras"
    best = keras.models.load_model(path, compile=False)
    if plan.refit_copies:
        refit_head(best, taught, plan)
        report("Head refitted on the finished features.")
    if plan.start_share:
        mix_in_start(best, plan)
    _save_model(best, path)


def mix_in_start(network: keras.Model, plan: TrainingPlan) -> None:
    """Set `network` to the mean of its weights and those of the start, which have the weight `plan.start_share`.

    Fine-tuning gains on pictures like its own and loses on others; the mean keeps most of both (Wortsman et al. 2022,
    robust fine-tuning).
    """
    start = keras.models.clone_model(network)
    load_exported(Path(plan.start_from), start.get_layer("vgg16"), start.get_layer("head"))
    pairs = zip(start.get_weights(), network.get_weights(), strict=True)
    network.set_weights([plan.start_share * old + (1 - plan.start_share) * new for old, new in pairs])


def _prepare(out: Path, plan: TrainingPlan, faces: FaceSet, resume: bool) -> Progress:
    """Without `resume`, delete saved features: they belong to other rows, seeds or weights."""
    out.mkdir(parents=True, exist_ok=True)
    state, given = out / "progress.json", Fingerprint.of(faces)
    if resume and (out / "plan.json").is_file():
        given.check(out)
        return Progress(**json.loads(state.read_text())) if state.is_file() else Progress()
    if state.exists():
        raise DatasetError(f"{out} already holds a run; resume it or choose another folder.")
    (out / "bottleneck.npy").unlink(missing_ok=True)
    given.save(out)
    plan.save()
    return Progress()


def _start_network(plan: TrainingPlan, taught: Pictures, chances: NDArray[np.float64], report: Report) -> keras.Model:
    loss = AdjustedLoss(drawn_priors(taught, chances).tolist(), plan.second_weight)
    backbone = build_backbone(size=plan.size, weights=None if plan.start_from else plan.backbone_weights)
    head = build_head(shape=backbone.output_shape[1:], hidden=plan.hidden, dropout=plan.dropout, readouts=2)
    if plan.start_from:
        load_exported(Path(plan.start_from), backbone, head)
    elif plan.bottleneck_epochs:
        maps = bottleneck_features(backbone, taught.pixels, Path(plan.out) / "bottleneck.npy")
        train_head(head, maps, taught, plan, chances, loss)
        report("Head taught on the frozen features.")
    freeze_blocks(backbone, plan.frozen_blocks)
    network = join(backbone, head)
    network.compile(optimizer=make_optimizer(plan), loss=loss, metrics=[agreement], jit_compile=False)
    return network


def check_start(path: Path, faces: FaceSet, held: NDArray[np.int64]) -> None:
    """Raises DatasetError when the network described at `path` was trained on faces that are held out now.

    Detected only if it was trained on this very data set and its spec says so.
    """
    try:
        known = ModelSpec.load(path).metrics
    except ClassifierUnavailable as error:
        raise DatasetError(f"{path} holds no network to start from: {error}") from error
    same_faces = known.get("data") == asdict(Fingerprint.of(faces))
    if same_faces and known["held_out"]["sha256"] != Fingerprint.of(faces.take(held.tolist())).sha256:
        raise DatasetError(f"{path} was taught faces that are held out now: give its --held-out and --seed.")


def load_exported(path: Path, backbone: keras.Model, head: keras.Model) -> None:
    """Load the weights of the network described at `path` into backbone and head, the same ones for every readout.

    Raises DatasetError when there is none, or when its size differs.
    """
    try:
        spec = ModelSpec.load(path)
        exported = load_float_network(spec, spec.read_weights(path.parent))
        *inner, kernel, bias = exported.get_layer("head").get_weights()
        copies = (1, head.output_shape[-1] // len(bias))
        backbone.set_weights(exported.get_layer("vgg16").get_weights())
        head.set_weights([*inner, np.tile(kernel, copies), np.tile(bias, copies[1])])
    except (ClassifierUnavailable, ValueError) as error:
        raise DatasetError(f"{path} holds no network to start from: {error}") from error


def _save_model(network: keras.Model, path: Path) -> None:
    """Write atomically; `ModelCheckpoint` overwrites in place."""
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
