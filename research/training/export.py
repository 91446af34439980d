"""Exports a training run as the shipped files: one LiteRT file and its ModelSpec."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emotion.classifier.engine import Engine
from emotion.classifier.runtime import Classifier, Network
from emotion.classifier.spec import (
    DEFAULT_CROP,
    DEFAULT_THRESHOLDS,
    Calibration,
    Calibrations,
    Confusion,
    Golden,
    Input,
    ModelSpec,
    Preprocessing,
)
from emotion.labels import EXPRESSIONS
from research.load.drawn_face import draw_face
from research.training.batches import Pictures
from research.training.calibrate import choose_low_confidence, fit_calibration
from research.training.datasets import FaceSet
from research.training.evaluate import blend, expected_confusion, posteriors
from research.training.fit import macro_recall, predict_logits
from research.training.networks import CLASSES, IMAGENET_MEAN_BGR, blend_readouts, copy_plain, preprocess
from research.training.plan import Fingerprint
from research.training.seven_bits import limit_weights
from research.training.write_spec import save_spec

Kind = Literal["int8", "float"]
EVEN = np.full(CLASSES, 1 / CLASSES)
GOLDEN_SEED = 1
GOLDEN_TOLERANCE = 0.03
REPRESENTATIVE_IMAGES = 3000
SHARES = tuple(round(0.05 * step, 2) for step in range(21))
POSED_COST = 0.015

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class About:
    """The texts of the spec. A resting face is used only with the model of the same name."""

    name: str
    licence: str
    data: tuple[str, ...]
    intended_use: str = (
        "An estimate of how a face looked, for the person it belongs to and who asked for it."
        " Not for judging, monitoring or comparing people, and not a measure of feelings or health."
    )


def to_litert(network: keras.Model, representative: Pixels, kind: Kind = "int8") -> bytes:
    """The network as a LiteRT file with batch size 1, float32 in and out.

    "int8" quantises weights (to seven bits of the eight) and activations, calibrated on `representative` grey
    pictures.
    """
    pictures = tf.TensorSpec((1, *network.input_shape[1:]), tf.float32, name="pictures")
    quantised = {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "representative_dataset": lambda: _one_by_one(representative),
        "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        settings = quantised if kind == "int8" else {}
        network.export(path, format="litert", input_signature=[pictures], verbose=False, **settings)
        return limit_weights(path.read_bytes())


def litert_logits(content: bytes, pixels: Pixels, *, threads: int = 1) -> NDArray[np.float64]:
    """Logits of grey pictures from a LiteRT file, one picture at a time, as when served."""
    engine = Engine(content, threads=threads)
    return np.array([engine.infer(preprocess(picture[None]))[0][0] for picture in pixels], dtype=np.float64)


def served_logits(spec: ModelSpec, content: bytes, pixels: Pixels) -> NDArray[np.float64]:
    """Logits of grey pictures, exactly as served for a cropped face."""
    network = Network(spec, content)
    return np.array([network.logits(np.repeat(picture[..., None], 3, axis=-1)) for picture in pixels])


def choose_blends(logits: Floats, held: Pictures, prior: Floats) -> tuple[float, float]:
    """Weights of the second readout for the everyday and the balanced reading, from logits (n, 14).

    The everyday one maximises accuracy on the crowd labels. The balanced one is the largest that costs at most
    `POSED_COST` of macro recall on the crowd labels: FER2013's own labels are better for posed faces.
    """
    known = [(share, blend(logits, share)) for share in SHARES]
    everyday = [float(((seven + np.log(prior)).argmax(axis=1) == held.labels).mean()) for _, seven in known]
    balanced = [macro_recall(seven, held.labels) for _, seven in known]
    dearest = max(balanced) - POSED_COST
    return SHARES[int(np.argmax(everyday))], max(
        share for share, recall in zip(SHARES, balanced, strict=True) if recall >= dearest
    )


def export_run(run: Path, faces: FaceSet, target: Path, *, size: int, about: About) -> ModelSpec:
    """Write `vgg16.tflite` and `vgg16.json` for a run's best checkpoint into `target`.

    `faces` must be those of the run: its held-out rows determine the blend of the two readouts, the calibration and the
    threshold, measured with the exported file itself.
    """
    held_rows = np.load(run / "held_out.npy")
    taught_rows = np.setdiff1d(np.arange(len(faces)), held_rows)
    held_faces = faces.take(held_rows.tolist())
    held = Pictures.read(held_faces, size)
    everyday = np.bincount(faces.labels[taught_rows], minlength=CLASSES) + 1.0
    everyday = everyday / everyday.sum()
    trained = keras.models.load_model(run / "best.keras", compile=False)
    network = copy_plain(trained) if (held.second >= 0).any() else blend_readouts(trained, 0.0)
    spread = np.random.default_rng(0).choice(taught_rows, min(REPRESENTATIVE_IMAGES, len(taught_rows)), replace=False)
    content = to_litert(network, faces.take(spread.tolist()).grey_images(size))
    spec = _describe(content, held, everyday, size, about)
    known = {"images": len(held), "sha256": Fingerprint.of(held_faces).sha256}
    figures = {"held_out": {**known, **_parity(network, spec, content, held)}, "quantisation": "int8"}
    spec = replace(spec, metrics={**figures, "data": asdict(Fingerprint.of(faces))})
    _write(content, spec, target)
    return spec


def golden_answer(spec: ModelSpec, content: bytes) -> Golden:
    """The classifier's answer for the built-in picture, which every worker must reproduce."""
    reading = Classifier(spec, content).classify_array(draw_face(GOLDEN_SEED))
    probabilities = reading.probabilities or tuple(EVEN.tolist())
    return Golden(GOLDEN_SEED, tuple(round(value, 6) for value in probabilities), GOLDEN_TOLERANCE)


def _describe(content: bytes, held: Pictures, everyday: Floats, size: int, about: About) -> ModelSpec:
    even = tuple(EVEN.tolist())
    plain = Calibration(1.0, (0.0,) * CLASSES)
    spec = ModelSpec(
        name=about.name,
        weights="vgg16.tflite",
        sha256=hashlib.sha256(content).hexdigest(),
        input=Input(height=size, width=size, channels=3, color="grey"),
        preprocessing=Preprocessing(order="BGR", mean=IMAGENET_MEAN_BGR, crop=DEFAULT_CROP),
        labels=EXPRESSIONS,
        calibration=Calibrations(plain, plain),
        readouts=Engine(content).output_shapes[0][1] // CLASSES,
        training_prior=even,
        everyday_prior=tuple(round(float(value), 6) for value in everyday),
        confusion=Confusion(everyday=(even,) * CLASSES, balanced=(even,) * CLASSES),
        golden=Golden(GOLDEN_SEED, even, GOLDEN_TOLERANCE),
        licence=about.licence,
        data=about.data,
        intended_use=about.intended_use,
    )
    return calibrate(spec, content, held)


def calibrate(spec: ModelSpec, content: bytes, held: Pictures) -> ModelSpec:
    """The spec with blends, calibration, confusion, threshold and golden answer, measured with the file on pictures it
    was not trained on."""
    logits, everyday = served_logits(spec, content, held.pixels), np.array(spec.everyday_prior)
    shares = choose_blends(logits, held, everyday) if spec.readouts == 2 else (0.0, 0.0)
    spec = replace(spec, calibration=_fit_calibrations(logits, shares, held, everyday))
    daily, balanced = posteriors(logits, spec, "everyday"), posteriors(logits, spec, "balanced")
    spec = replace(
        spec,
        confusion=Confusion(expected_confusion(daily, held.labels), expected_confusion(balanced, held.labels)),
        thresholds=replace(DEFAULT_THRESHOLDS, low_confidence=choose_low_confidence(daily, held.labels)),
    )
    return replace(spec, golden=golden_answer(spec, content))


def _fit_calibrations(logits: Floats, shares: tuple[float, float], held: Pictures, everyday: Floats) -> Calibrations:
    """Fitted under the everyday prior, which the held-out pictures have.

    For the everyday reading, faces without a majority count half, because their label is uncertain: with full weight,
    confidence on the others was three points too low; without them, the mix of a window with both kinds was worse. The
    balanced reading uses only the temperature: biases fitted on pictures of which a third is neutral favour neutral.
    """
    every, clear = np.arange(len(held)), np.flatnonzero(held.clear)

    def fit(share: float, rows: NDArray[np.int64]) -> Calibration:
        found = fit_calibration(blend(logits[rows], share), held.labels[rows], everyday, training_prior=EVEN)
        return replace(found, second=share)

    daily, even = fit(shares[0], np.concatenate([every, clear])), fit(shares[1], every)
    return Calibrations(daily, replace(even, bias=(0.0,) * CLASSES))


def _parity(network: keras.Model, spec: ModelSpec, content: bytes, held: Pictures) -> dict[str, Any]:
    """The loss of the int8 file against the float network, both with the spec's calibration."""
    figures: dict[str, Any] = {}
    answers = []
    for name, logits in (
        ("float_", predict_logits(network, held.pixels).astype(np.float64)),
        ("", litert_logits(content, held.pixels)),
    ):
        daily = posteriors(logits, spec, "everyday").argmax(axis=1)
        figures[f"{name}accuracy"] = round(float((daily == held.labels).mean()), 4)
        balanced = posteriors(logits, spec, "balanced")
        figures[f"{name}balanced_recall"] = round(macro_recall(balanced, held.labels), 4)
        answers.append(daily)
    return {**figures, "same_answer": round(float((answers[0] == answers[1]).mean()), 4)}


def _one_by_one(pixels: Pixels) -> Iterator[list[NDArray[np.float32]]]:
    for picture in pixels:
        yield [preprocess(picture[None])]


def _write(content: bytes, spec: ModelSpec, target: Path) -> None:
    """Write the spec last, so that an interruption between the two shows as a wrong hash."""
    target.mkdir(parents=True, exist_ok=True)
    part = target / "part-vgg16.tflite"
    part.write_bytes(content)
    os.replace(part, target / spec.weights)
    save_spec(spec, target / "vgg16.json")
