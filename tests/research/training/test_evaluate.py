import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emotion.classifier.runtime import Look
from emotion.classifier.spec import (
    DEFAULT_CROP,
    Calibration,
    Calibrations,
    Confusion,
    Golden,
    Input,
    ModelSpec,
    Preprocessing,
)
from emotion.labels import EXPRESSIONS
from research.training.card import write_card
from research.training.datasets import FaceSet, LabelledFace, Pixels, one_hot
from research.training.evaluate import collect_answers, evaluate, expected_confusion, posteriors

EVEN = (1 / 7,) * 7
EVERYDAY = (0.1, 0.05, 0.05, 0.3, 0.3, 0.1, 0.1)
IDENTITY = tuple(one_hot(label) for label in range(7))


@pytest.fixture
def spec() -> ModelSpec:
    return ModelSpec(
        name="test-1",
        weights="vgg16.tflite",
        sha256="0" * 64,
        input=Input(48, 48, 3, "grey"),
        preprocessing=Preprocessing("BGR", (103.9, 116.8, 123.7), DEFAULT_CROP),
        labels=EXPRESSIONS,
        calibration=Calibrations(*[Calibration(2.0, (0.1, 0.0, 0.0, -0.1, 0.0, 0.0, 0.0))] * 2),
        training_prior=EVEN,
        everyday_prior=EVERYDAY,
        confusion=Confusion(IDENTITY, IDENTITY),
        golden=Golden(1, EVEN, 0.01),
        licence="none",
        data=("made up",),
        intended_use="Tests.",
    )


def face(label: int, said: int, *, clear: bool = True, subject: str | None = None) -> LabelledFace:
    """A face whose only pixel tells `ask` what to answer; 9 makes it refuse."""

    def read() -> Pixels:
        return np.full((1, 1), said, np.uint8)

    return LabelledFace("face", "", one_hot(label), label, read, clear=clear, subject=subject)


def ask(image: Pixels) -> Look:
    said = int(image[0, 0])
    return Look("no_face") if said == 9 else Look("reading", tuple(40.0 if i == said else 0.0 for i in range(7)))


def test_figures_are_exact_and_a_refused_picture_counts_as_wrong(spec: ModelSpec) -> None:
    faces = FaceSet("made up", (face(0, 0), face(0, 9), face(3, 3), face(3, 4), face(4, 4)))
    report = evaluate(faces, collect_answers(faces, ask), spec)
    assert (report["images"], report["answered"]) == (5, 4)
    assert report["outcomes"] == {"no_face": 1, "reading": 4}
    everyday = report["everyday"]
    assert everyday["accuracy"] == 0.6
    assert everyday["macro_recall"] == pytest.approx((0.5 + 0.5 + 1.0) / 3, abs=1e-4)
    assert everyday["per_class"]["anger"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "images": 2}
    assert everyday["per_class"]["neutral"]["precision"] == 0.5
    assert everyday["per_class"]["fear"]["recall"] is None
    assert everyday["confusion"][3] == [0, 0, 0, 1, 1, 0, 0]
    assert everyday["expected_calibration_error"] == pytest.approx(0.25, abs=1e-4)
    low, high = everyday["intervals"]["accuracy"]
    assert 0.0 <= low < 0.6 < high <= 1.0
    json.dumps(report)


def test_people_are_drawn_whole_where_they_are_known(spec: ModelSpec) -> None:
    alone = FaceSet("made up", tuple(face(0, 0 if row < 5 else 1) for row in range(10)))
    people = FaceSet("made up", tuple(face(0, 0 if row < 5 else 1, subject="AB"[row // 5]) for row in range(10)))
    reports = [evaluate(faces, collect_answers(faces, ask), spec) for faces in (alone, people)]
    assert [report["bootstrap"]["of"] for report in reports] == ["images", "people"]
    assert reports[1]["everyday"]["intervals"]["accuracy"] == [0.0, 1.0]
    assert reports[0]["everyday"]["intervals"]["accuracy"][0] > 0.0


def test_faces_with_a_clear_majority_are_also_measured_alone(spec: ModelSpec) -> None:
    faces = FaceSet("made up", (face(0, 0), face(1, 1), face(2, 0, clear=False)))
    report = evaluate(faces, collect_answers(faces, ask), spec)
    assert report["everyday"]["accuracy"] == pytest.approx(0.6667, abs=1e-4)
    assert report["majority_only"]["images"] == 2
    assert report["majority_only"]["everyday"]["accuracy"] == 1.0


@pytest.mark.parametrize("readouts", [1, 2])
def test_posteriors_follow_the_formula_of_the_spec(spec: ModelSpec, readouts: int) -> None:
    logits = np.random.default_rng(0).normal(0, 3, (20, 7 * readouts))
    skewed = (Calibration(2.0, (0.1, -0.1) + (0.0,) * 5, share * (readouts - 1)) for share in (0.3, 0.8))
    spec = replace(spec, readouts=readouts, calibration=Calibrations(*skewed))
    for prior in ("everyday", "balanced"):
        expected = [spec.posterior(row, prior) for row in logits.tolist()]
        assert np.allclose(posteriors(logits, spec, prior), expected)


def test_the_two_priors_differ_where_the_face_is_unclear(spec: ModelSpec) -> None:
    def unclear(image: Pixels) -> Look:
        return Look("reading", (0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0))

    faces = FaceSet("made up", (face(1, 0),))
    report = evaluate(faces, collect_answers(faces, unclear), spec)
    assert (report["everyday"]["accuracy"], report["balanced"]["accuracy"]) == (0.0, 1.0)


def test_expected_confusion_is_the_mean_probability_of_each_true_expression() -> None:
    probabilities = np.array([[0.5, 0.5, 0, 0, 0, 0, 0], [0.9, 0.1, 0, 0, 0, 0, 0]])
    rows = expected_confusion(probabilities, np.array([0, 0]))
    assert rows[0] == pytest.approx((0.7, 0.3, 0, 0, 0, 0, 0))
    assert rows[1] == one_hot(1)


def test_the_card_repeats_the_report_and_refuses_another_models(spec: ModelSpec, tmp_path: Path) -> None:
    faces = FaceSet("made up", (face(0, 0), face(3, 3), face(3, 4, clear=False)))
    report = json.loads(json.dumps(evaluate(faces, collect_answers(faces, ask), spec)))
    card = write_card(spec, [report])
    assert "| accuracy | 0.667 (" in card
    assert f"`{spec.sha256}`" in card
    assert "| happiness | 1.00 | 0.50 | 0.67 | 2 |" in card
    for other in (replace(spec, sha256="1" * 64), replace(spec, name="recalibrated")):
        with pytest.raises(ValueError, match="another model"):
            write_card(other, [report])
