"""`ModelSpec`: a network's input, calibration and measured quality, in JSON beside the weights.

Imports nothing heavy, so that the dashboard can read the confusion matrix and the model card.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec

from emotion.labels import EXPRESSIONS

Prior = Literal["everyday", "balanced"]

FORMAT: Final = 2
WEIGHTS_DIR: Final = Path(__file__).parent / "weights"
SPEC_PATH: Final = WEIGHTS_DIR / "vgg16.json"
_CURE: Final = "Reinstall the release, or export again with `manage.py train_classifier`."
_CLASSES: Final = len(EXPRESSIONS)


class ClassifierUnavailable(Exception):
    """This installation cannot classify; the message gives reason and remedy."""


class ModelMissing(ClassifierUnavailable):
    """The weights, their spec or the face detector's file is missing."""


class ModelDamaged(ClassifierUnavailable):
    """The files exist but are not the released ones."""


class ModelVersionMismatch(ClassifierUnavailable):
    """The spec was written for another version of this program."""


@dataclass(frozen=True, slots=True)
class Input:
    """Size of the image tensor. `grey` networks get luminance in every channel."""

    height: int
    width: int
    channels: int
    color: Literal["grey", "rgb"]


@dataclass(frozen=True, slots=True)
class Crop:
    """Position of an upright face's six points in the network's input square, as fractions of its side.

    `center_x`, `center_y`: their mean. `spread`: the root mean square of their distances from it.
    """

    center_x: float
    center_y: float
    spread: float


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Channel order, and the mean (0..255, in that order) subtracted before the input tensor's own quantisation.

    `min_contrast`: a square whose luminance spans less than this (5th to 95th percentile, 0..1) is stretched to it,
    which recovers nearly all the accuracy lost in dim light.
    """

    order: Literal["BGR", "RGB"]
    mean: tuple[float, ...]
    crop: Crop
    min_contrast: float = 0.55


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores under one prior: `logits / temperature + bias`.

    `second`: weight (0..1) of the second readout in a network with two (7 logits trained on FER+ votes, 7 on FER2013).
    """

    temperature: float
    bias: tuple[float, ...]
    second: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibrations:
    everyday: Calibration
    balanced: Calibration

    def under(self, prior: Prior) -> Calibration:
        return self.everyday if prior == "everyday" else self.balanced


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Beyond these a capture gets a reason instead of a reading; the measures are those of `quality.Measures`.

    `second_face`: from this fraction of the largest face's size, a second face makes it unclear whose capture this is.
    """

    low_confidence: float = 0.4
    face_score: float = 0.6
    min_face_px: float = 40.0
    second_face: float = 0.6
    min_brightness: float = 0.1
    max_glare: float = 0.4
    min_contrast: float = 0.08
    min_sharpness: float = 0.05
    max_turn: float = 0.9


@dataclass(frozen=True, slots=True)
class Confusion:
    """Row-normalised, 7 x 7 for each prior. Row: true expression; column: mean probability assigned."""

    everyday: tuple[tuple[float, ...], ...]
    balanced: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Golden:
    """Expected everyday probabilities of the built-in image drawn from `seed`, and the tolerance between machines."""

    seed: int
    probabilities: tuple[float, ...]
    tolerance: float


#: Medians over 3,400 faces of FER2013, so that crops match the training pictures
#: (`research/benchmarks/with_data/face_geometry.py`).
DEFAULT_CROP: Final = Crop(center_x=0.5, center_y=0.515, spread=0.282)
DEFAULT_THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class ModelSpec:
    name: str
    weights: str
    sha256: str
    input: Input
    preprocessing: Preprocessing
    labels: tuple[str, ...]
    calibration: Calibrations
    training_prior: tuple[float, ...]
    everyday_prior: tuple[float, ...]
    confusion: Confusion
    golden: Golden
    licence: str
    data: tuple[str, ...]
    intended_use: str
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    readouts: int = 1
    metrics: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def load(cls, path: Path = SPEC_PATH) -> Self:
        """Raises ModelMissing, ModelDamaged or ModelVersionMismatch. Does not read the weights: see `read_weights`."""
        try:
            raw = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise ModelMissing(f"There is no model description at {path}. {_CURE}") from error
        except (OSError, ValueError) as error:
            raise ModelDamaged(f"The model description {path} cannot be read. {_CURE}") from error
        return cls.from_json(raw)

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        if not isinstance(raw, dict):
            raise ModelDamaged(f"The model description is not a JSON object. {_CURE}")
        if raw.get("format") != FORMAT:
            found = raw.get("format")
            raise ModelVersionMismatch(f"The model has format {found!r}, this program reads {FORMAT}. {_CURE}")
        try:
            spec = msgspec.convert(raw, cls)
            spec._check()
        except ValueError as error:
            raise ModelDamaged(f"The model description is not valid: {error}. {_CURE}") from error
        return spec

    def read_weights(self, directory: Path = WEIGHTS_DIR) -> bytes:
        """The weights, if their hash matches. Raises ModelMissing or ModelDamaged."""
        path = directory / self.weights
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelMissing(f"There are no weights at {path}. {_CURE}") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ModelDamaged(f"The weights {path} are not those of {self.name}. {_CURE}")
        return content

    def offsets(self, prior: Prior = "everyday") -> tuple[float, ...]:
        """Added to `logits / temperature` before the softmax: bias plus log ratio of the priors."""
        wanted = self.everyday_prior if prior == "everyday" else (1 / _CLASSES,) * _CLASSES
        return tuple(
            bias + math.log(new / old)
            for bias, new, old in zip(self.calibration.under(prior).bias, wanted, self.training_prior, strict=True)
        )

    def blend(self, logits: Sequence[float], prior: Prior) -> Sequence[float]:
        """The seven logits used under a prior. Raises ValueError unless there are seven per readout."""
        if len(logits) != _CLASSES * self.readouts:
            raise ValueError(f"{self.name} has {_CLASSES * self.readouts} logits, not {len(logits)}")
        if self.readouts == 1:
            return logits
        share = self.calibration.under(prior).second
        both = zip(logits[:_CLASSES], logits[_CLASSES:], strict=True)
        return [(1 - share) * first + share * second for first, second in both]

    def posterior(self, logits: Sequence[float], prior: Prior = "everyday") -> tuple[float, ...]:
        """Calibrated probabilities from the network's logits, seven per readout."""
        temperature = self.calibration.under(prior).temperature
        seven = self.blend(logits, prior)
        scores = [float(z) / temperature + shift for z, shift in zip(seven, self.offsets(prior), strict=True)]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = math.fsum(powers)
        return tuple(power / total for power in powers)

    def _check(self) -> None:
        if self.labels != EXPRESSIONS:
            raise ValueError(f"labels must be {', '.join(EXPRESSIONS)}")
        if Path(self.weights).name != self.weights:
            raise ValueError("weights must be a file name")
        if min(self.input.height, self.input.width) < 1 or self.input.channels not in (1, 3):
            raise ValueError("input must have a size and 1 or 3 channels")
        if len(self.preprocessing.mean) != self.input.channels:
            raise ValueError("the mean needs one number a channel")
        if self.readouts not in (1, 2):
            raise ValueError("a network has one or two readouts")
        for calibration in (self.calibration.everyday, self.calibration.balanced):
            self._check_calibration(calibration)
        for name in ("training_prior", "everyday_prior"):
            _check_distribution(name, getattr(self, name), above=0.0)
        for row in (*self.confusion.everyday, *self.confusion.balanced):
            _check_distribution("a confusion row", row)
        if not len(self.confusion.everyday) == len(self.confusion.balanced) == _CLASSES:
            raise ValueError("a confusion matrix needs seven rows")
        _check_distribution("golden", self.golden.probabilities)

    def _check_calibration(self, calibration: Calibration) -> None:
        if not calibration.temperature > 0:
            raise ValueError("the temperature must be above 0")
        if not 0 <= calibration.second <= self.readouts - 1:
            raise ValueError("the second readout's share must be 0 to 1, and 0 where there is none")
        _check_vector("bias", calibration.bias)


def _check_vector(name: str, values: Iterable[float]) -> None:
    vector = tuple(values)
    if len(vector) != _CLASSES or not all(map(math.isfinite, vector)):
        raise ValueError(f"{name} needs seven finite numbers")


def _check_distribution(name: str, values: Sequence[float], *, above: float = -1.0) -> None:
    _check_vector(name, values)
    if not all(above < value <= 1 and value >= 0 for value in values) or abs(math.fsum(values) - 1) > 1e-3:
        raise ValueError(f"{name} needs seven shares that sum to 1")
