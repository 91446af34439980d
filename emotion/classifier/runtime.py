"""The classifier that workers use: face detection, quality checks and the network in one object."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotion.classifier.engine import Engine
from emotion.classifier.faces import Face, FaceDetector, cut_square
from emotion.classifier.images import DECODE_ERRORS, RGB, decode_jpeg, stretch_contrast
from emotion.classifier.memory import return_freed_memory, unmap_libraries
from emotion.classifier.quality import measure, rate, refuse_faces, refuse_look, refuse_scene
from emotion.classifier.spec import SPEC_PATH, ModelDamaged, ModelSpec
from emotion.labels import LOW_CONFIDENCE, READING, Outcome

#: A drawn face, not a photograph, that every worker classifies before its first capture.
GOLDEN_PATH: Final = Path(__file__).parent / "golden.png"

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """The result for one capture.

    `probabilities`: calibrated, under the everyday prior, in the order of EXPRESSIONS; also for `low_confidence`.
    `quality`: 0..1, 0 without a classified face. `box`: left, top, right, bottom in pixels of the best frame.
    """

    outcome: Outcome
    probabilities: tuple[float, ...] | None
    quality: float
    box: Box | None
    model: str


@dataclass(frozen=True, slots=True)
class Look:
    """The result for one picture before any prior: logits, or the reason why the network did not run."""

    outcome: Outcome
    logits: tuple[float, ...] | None = None
    quality: float = 0.0
    box: Box | None = None


class Network:
    """Square pictures to logits, seven per readout. Raises ModelDamaged when the weights do not match their spec."""

    def __init__(self, spec: ModelSpec, content: bytes, *, threads: int = 1) -> None:
        try:
            self._engine = Engine(content, threads=threads)
        except ValueError as error:
            raise ModelDamaged(f"The weights of {spec.name} cannot be opened.") from error
        self._input, self._preprocessing = spec.input, spec.preprocessing
        described = (
            (1, spec.input.height, spec.input.width, spec.input.channels),
            [(1, len(spec.labels) * spec.readouts)],
        )
        if (self._engine.input_shape, self._engine.output_shapes) != described:
            raise ModelDamaged(f"The weights of {spec.name} have another shape than their description says.")
        #: The value of each of the 256 levels in each channel of the input tensor (channels x 256).
        self._table = (np.arange(256.0) - np.array(spec.preprocessing.mean)[:, np.newaxis]).astype(np.float32)

    @property
    def side(self) -> int:
        return max(self._input.height, self._input.width)

    def logits(self, square: RGB) -> tuple[float, ...]:
        tensor = self.prepare(square)
        logits = self._engine.infer(tensor)[0][0].tolist()
        tensor.fill(0)
        return tuple(logits)

    def forget(self) -> None:
        """Overwrite what the last picture left in the network's buffers."""
        self._engine.forget()

    def prepare(self, square: RGB) -> NDArray[np.float32]:
        """The network's input tensor: 1 x height x width x channels."""
        square = stretch_contrast(square, self._preprocessing.min_contrast)
        height, width, channels = self._input.height, self._input.width, self._input.channels
        if square.shape[:2] != (height, width):
            method = cv2.INTER_AREA if square.shape[0] > height else cv2.INTER_LINEAR
            square = cv2.resize(square, (width, height), interpolation=method)
        if self._input.color == "grey" or channels == 1:
            planes = [cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)] * channels
        else:
            planes = [square[..., channel] for channel in range(3)]
            planes = planes[::-1] if self._preprocessing.order == "BGR" else planes
        tensor: NDArray[np.float32] = np.stack([self._table[i][plane] for i, plane in enumerate(planes)], axis=-1)
        return np.expand_dims(tensor, 0)


class Classifier:
    """Not thread-safe: every worker process has its own."""

    def __init__(self, spec: ModelSpec, content: bytes, *, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        self.spec = spec
        self.network = Network(spec, content, threads=threads)
        self.detector = FaceDetector(threads=threads)

    @classmethod
    def load(cls, path: Path = SPEC_PATH, *, threads: int = 1) -> Self:
        """The model that `path` describes, warmed up and checked. Raises ClassifierUnavailable with the reason."""
        spec = ModelSpec.load(path)
        classifier = cls(spec, spec.read_weights(path.parent), threads=threads)
        classifier.check_golden()
        return_freed_memory()
        unmap_libraries()
        return classifier

    def check_golden(self) -> None:
        """Raises ModelDamaged when the answer for the built-in picture is not the spec's."""
        try:
            with Image.open(GOLDEN_PATH, formats=("PNG",)) as drawn:
                answer = self.classify_array(np.array(drawn)).probabilities
        except DECODE_ERRORS as error:
            raise ModelDamaged(f"The built-in picture {GOLDEN_PATH} cannot be read. Reinstall the release.") from error
        golden = self.spec.golden
        if answer is None or np.abs(np.subtract(answer, golden.probabilities)).max() > golden.tolerance:
            raise ModelDamaged(
                f"{self.spec.name} answers the built-in picture otherwise than it should on this machine."
            )

    def classify_jpegs(self, frames: Sequence[bytes | bytearray], *, forget: bool = True) -> Reading:
        """One reading for all frames of one capture. Raises UnreadableImage when one of them cannot be decoded.

        For several captures in a row, pass `forget=False` and call `forget` after the last.
        """
        if not frames:
            raise ValueError("a capture has at least one frame")
        try:
            return self.conclude([self._look_at_jpeg(frame) for frame in frames])
        finally:
            if forget:
                self.forget()

    def classify_array(self, picture: RGB, *, detect: bool = True) -> Reading:
        return self.conclude([self.look(picture, detect=detect)])

    def look(self, picture: RGB, *, detect: bool = True) -> Look:
        """Detect, check and classify a face. Without `detect`, the picture must already be cropped to one."""
        if not detect:
            return Look(READING, self.network.logits(picture), quality=1.0)
        limits = self.spec.thresholds
        faces = self.detector.detect(picture, min_score=limits.face_score)
        if not faces:
            return Look(refuse_scene(picture, limits))
        refused = refuse_faces(faces, limits)
        if refused:
            return Look(refused, box=_round_box(faces[0], picture))
        return self._look_at_face(picture, faces[0])

    def _look_at_face(self, picture: RGB, face: Face) -> Look:
        limits, box = self.spec.thresholds, _round_box(face, picture)
        square = cut_square(picture, face, self.spec.preprocessing.crop, self.network.side)
        measures = measure(face, square)
        refused = refuse_look(measures, limits)
        logits = None if refused else self.network.logits(square)
        square.fill(0)
        return Look(refused, box=box) if refused else Look(READING, logits, rate(measures, limits), box)

    def conclude(self, looks: Sequence[Look]) -> Reading:
        """Quality-weighted mean of the probabilities of the usable frames, else the commonest reason."""
        read = [look for look in looks if look.logits is not None]
        if not read:
            outcome = Counter(look.outcome for look in looks).most_common(1)[0][0]
            box = next(look.box for look in looks if look.outcome == outcome)
            return Reading(outcome, None, 0.0, box, self.spec.name)
        weights = np.array([look.quality for look in read])
        each = np.array([self.spec.posterior(look.logits) for look in read if look.logits is not None])
        mean = np.average(each, axis=0, weights=weights)
        outcome = READING if mean.max() >= self.spec.thresholds.low_confidence else LOW_CONFIDENCE
        best = max(read, key=lambda look: look.quality)
        return Reading(outcome, tuple(mean.tolist()), float(weights.mean()), best.box, self.spec.name)

    def forget(self) -> None:
        """Overwrite what the last picture left in the networks' buffers, and return freed memory to the system."""
        self.detector.forget()
        self.network.forget()
        return_freed_memory()

    def _look_at_jpeg(self, frame: bytes | bytearray) -> Look:
        picture = decode_jpeg(frame)
        try:
            return self.look(picture)
        finally:
            picture.fill(0)


def _round_box(face: Face, picture: RGB) -> Box:
    height, width = picture.shape[:2]
    left, top, right, bottom = (round(value) for value in face.box)
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


@cache
def get_classifier() -> Classifier:
    """The shipped model, loaded and checked once per process. Raises ClassifierUnavailable with reason and remedy."""
    return Classifier.load()
