"""`ModelSpec`: a network's input, calibration and measured quality, in JSON beside the weights.

Imports nothing heavy, so that the dashboard can read the confusion matrix and the model card.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Generic, Literal, Self, TypeVar

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


T = TypeVar("T")
_SEVEN: Final = msgspec.Meta(min_length=len(EXPRESSIONS), max_length=len(EXPRESSIONS))
Numbers = Annotated[tuple[float, ...], _SEVEN]
Shares = Annotated[tuple[Annotated[float, msgspec.Meta(ge=0, le=1)], ...], _SEVEN]
PositiveShares = Annotated[tuple[Annotated[float, msgspec.Meta(gt=0, le=1)], ...], _SEVEN]
PositiveInt = Annotated[int, msgspec.Meta(ge=1)]


@dataclass(frozen=True)
class PerPrior(Generic[T]):
    everyday: T
    balanced: T

    def under(self, prior: Prior) -> T:
        return self.everyday if prior == "everyday" else self.balanced


@dataclass(frozen=True, slots=True)
class Input:
    """Size of the image tensor. `grey` networks get luminance in every channel."""

    height: PositiveInt
    width: PositiveInt
    channels: Literal[1, 3]
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

    temperature: Annotated[float, msgspec.Meta(gt=0)]
    bias: Numbers
    second: Annotated[float, msgspec.Meta(ge=0)] = 0.0


Calibrations = PerPrior[Calibration]
#: Row-normalised, 7 x 7. Row: true expression; column: mean probability assigned.
Confusion = PerPrior[Annotated[tuple[Shares, ...], _SEVEN]]


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
class Golden:
    """Expected everyday probabilities of the built-in picture drawn from `seed`, and the tolerance between machines."""

    seed: int
    probabilities: Shares
    tolerance: float


#: Medians over 3,400 faces of FER2013, so that crops match the training pictures
#: (`research/benchmarks/with_data/face_geometry.py`).
DEFAULT_CROP: Final = Crop(center_x=0.5, center_y=0.515, spread=0.282)
DEFAULT_THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class ModelSpec:
    name: str
    weights: Annotated[str, msgspec.Meta(pattern=r"^[^/\\]+$")]
    sha256: str
    input: Input
    preprocessing: Preprocessing
    labels: tuple[str, ...]
    calibration: Calibrations
    training_prior: PositiveShares
    everyday_prior: PositiveShares
    confusion: Confusion
    golden: Golden
    licence: str
    data: tuple[str, ...]
    intended_use: str
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    readouts: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
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
            # By way of JSON, which knows no infinity and nothing that is not a number.
            spec = msgspec.json.decode(msgspec.json.encode(raw), type=cls)
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
        """What the fields' types do not say."""
        if self.labels != EXPRESSIONS:
            raise ValueError(f"labels must be {', '.join(EXPRESSIONS)}")
        if len(self.preprocessing.mean) != self.input.channels:
            raise ValueError("the mean needs one number a channel")
        if max(self.calibration.everyday.second, self.calibration.balanced.second) > self.readouts - 1:
            raise ValueError("only a network with two readouts can use the second")
        rows = (*self.confusion.everyday, *self.confusion.balanced)
        for shares in (self.training_prior, self.everyday_prior, self.golden.probabilities, *rows):
            if abs(math.fsum(shares) - 1) > 1e-3:
                raise ValueError(f"seven shares sum to 1, not {shares}")
