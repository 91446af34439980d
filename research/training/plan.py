"""The settings of a training run; imports nothing heavy, so that commands can use it for their options."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from research.training.augmentation import PRESETS
from research.training.datasets import DatasetError, FaceSet

OPTIMIZERS = ("adamw", "adam", "rmsprop")
PRECISIONS = ("auto", "bfloat16", "float32")
BLOCKS = 5


def option(default: Any, text: str, choices: tuple[str, ...] | None = None) -> Any:
    """A field that is also a command-line option, with its help text."""
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """All settings of a run, written to `plan.json` beside its results.

    `minutes` limits training by time: the learning rate falls to zero at the end of it, so that a slow machine trains
    fewer epochs but still converges. Without it, `epochs` is the limit.
    """

    out: str
    size: int = option(48, "side of the square picture the network sees, in pixels")
    epochs: int = option(12, "passes over the training part, where --minutes is not given")
    minutes: float | None = option(None, "train for this long, whatever number of epochs that makes")
    batch: int = option(32, "pictures in one step")
    optimizer: str = option("adamw", "what moves the weights", choices=OPTIMIZERS)
    learning_rate: float = option(6e-5, "highest learning rate; 3e-4 kills VGG16 within an epoch")
    warm_up: int = option(500, "steps over which the learning rate rises")
    weight_decay: float = option(0.02, "pull of the kernels towards 0, for adamw")
    frozen_blocks: int = option(1, "first convolution blocks left as ImageNet made them, 0 to 5")
    hidden: int = option(256, "units of the hidden layer")
    dropout: float = option(0.5, "share dropped before and after the hidden layer")
    augmentation: str = option("strong", "how pictures are changed", choices=tuple(PRESETS))
    second_weight: float = option(0.3, "weight of the second source of labels in the loss")
    rare_power: float = option(0.3, "how much more often rare expressions are drawn, 0 to 1")
    rare_cap: float = option(3.0, "at most this many times as often")
    held_out: float = option(0.08, "share of each expression kept back to choose and calibrate by")
    bottleneck_epochs: int = option(4, "passes of the head over frozen features before all is trained")
    refit_copies: int = option(2, "changed copies of each picture the head is refitted on at the end; 0 to leave it")
    average: float = option(0.99, "share kept of the running mean of weights, every tenth step")
    seed: int = option(7, "of every random draw")
    precision: str = option("auto", "what layers compute in; auto takes bfloat16 where it is fast", choices=PRECISIONS)
    backbone_weights: str = option("imagenet", "a file of VGG16 without top, to work offline")
    start_from: str = option("", "description (vgg16.json) of a network to train further; give its --held-out, --seed")
    start_share: float = option(0.0, "share of that network in the final weights, 0 to 1")
    data: str = option("", "all it learned from, with ; between, for its description; without, the data set's name")
    licence: str = option("Not stated.", "terms of the weights, for their description")

    def __post_init__(self) -> None:
        known = self.optimizer in OPTIMIZERS and self.augmentation in PRESETS and self.precision in PRECISIONS
        if not known:
            raise ValueError("There is no such optimizer, augmentation or precision.")
        if min(self.size // 16, self.epochs, self.batch, self.hidden) < 1:
            raise ValueError("size must be at least 16; epochs, batch and hidden at least 1.")
        if not 0 <= self.frozen_blocks <= BLOCKS or self.refit_copies < 0:
            raise ValueError(f"frozen_blocks must be 0 to {BLOCKS}, refit_copies at least 0.")
        if not 0 < self.held_out < 1 or not 0 <= self.dropout < 1:
            raise ValueError("held_out and dropout are shares under 1, and something must be held out.")
        if not 0 <= self.start_share < 1 or (self.start_share and not self.start_from):
            raise ValueError("start_share is a share under 1 of the network that start_from names.")

    def save(self) -> None:
        (Path(self.out) / "plan.json").write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, out: Path | str) -> Self:
        """The plan of the run in this folder. Raises DatasetError when there is none."""
        path = Path(out) / "plan.json"
        try:
            return cls(**{**json.loads(path.read_text()), "out": str(out)})
        except (OSError, ValueError, TypeError) as error:
            raise DatasetError(f"{out} holds no run that can be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Identifies a set of faces: their number, and a hash of names and labels in order.

    Held-out rows are stored as numbers; in another set they would be pictures that were trained on.
    """

    faces: int
    sha256: str

    @classmethod
    def of(cls, faces: FaceSet) -> Self:
        lines = "".join(f"{face.name}\t{face.label}\n" for face in faces)
        return cls(len(faces), hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest())

    def save(self, out: Path) -> None:
        (out / "data.json").write_text(json.dumps(asdict(self), indent=2) + "\n")

    def check(self, out: Path) -> None:
        """Raises DatasetError unless the run in this folder was started on these faces."""
        try:
            started = type(self)(**json.loads((out / "data.json").read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise DatasetError(f"{out} does not say which faces its run was started on: {error}") from error
        if started != self:
            raise DatasetError(
                f"{out} was started on {started.faces} faces and these {self.faces} are not the same:"
                " give the data set and --split it was started with."
            )


@dataclass(slots=True)
class Progress:
    """The state that a resumed run needs; saved after every epoch."""

    epoch: int = 0
    seconds: float = 0.0
    best: float = -1.0
    steps: int = 0
    finished: bool = False

    def save(self, out: Path) -> None:
        """Write atomically."""
        part = out / "progress.part.json"
        part.write_text(json.dumps(asdict(self)))
        os.replace(part, out / "progress.json")
