import hashlib
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion.classifier.spec import (
    SPEC_PATH,
    Calibration,
    Calibrations,
    ClassifierUnavailable,
    ModelDamaged,
    ModelMissing,
    ModelSpec,
    ModelVersionMismatch,
    Thresholds,
)
from tests.emotion.classifier.conftest import PLAIN, make_spec

HALVES = (0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)
SKEWED = (0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
LOGITS = st.lists(st.floats(min_value=-50, max_value=50), min_size=7, max_size=7)


def test_missing_spec_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.json"):
        ModelSpec.load(tmp_path / "model.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_broken_json_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelDamaged):
        ModelSpec.load(path)


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_other_format_is_a_version_mismatch(version: object) -> None:
    with pytest.raises(ModelVersionMismatch):
        ModelSpec.from_json({**asdict(make_spec()), "format": version})


def as_json(spec: ModelSpec) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json.dumps(asdict(spec)))
    return parsed


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["happiness", "anger"]},
        {"weights": "../other.tflite"},
        {"weights": 5},
        {"calibration": {"everyday": {"temperature": 0, "bias": [0] * 7}}},
        *(
            {"calibration": {"everyday": {"temperature": 1, "bias": [0] * 7}, "balanced": balanced}}
            for balanced in (
                {"temperature": 0, "bias": [0] * 7},
                {"temperature": 1, "bias": [0] * 6},
                {"temperature": "1", "bias": [0] * 7},
                {"temperature": 1, "bias": [0] * 7, "second": 0.5},
            )
        ),
        {"readouts": 3},
        {"training_prior": HALVES},
        {"everyday_prior": [0.5] * 7},
        {"confusion": {"everyday": [[1 / 7] * 7] * 6, "balanced": [[1 / 7] * 7] * 7}},
        {"input": {"height": 48, "width": 48, "channels": 4, "color": "grey"}},
        {"input": {"height": 48, "width": 48, "channels": 3, "color": "green"}},
        {"input": {"height": True, "width": 48, "channels": 3, "color": "grey"}},
        {"golden": {"seed": 1, "probabilities": [1.0], "tolerance": 0.1}},
        {"data": "FER"},
        {"preprocessing": None},
    ],
)
def test_field_that_makes_no_sense_is_damaged(change: dict[str, Any]) -> None:
    with pytest.raises(ModelDamaged):
        ModelSpec.from_json({**as_json(make_spec()), **change})


@pytest.mark.parametrize("field", ["name", "sha256", "input", "preprocessing", "confusion", "golden", "licence"])
def test_missing_field_is_damaged(field: str) -> None:
    raw = as_json(make_spec())
    del raw[field]
    with pytest.raises(ModelDamaged, match=field):
        ModelSpec.from_json(raw)


def test_refusal_names_the_field_and_what_it_holds() -> None:
    raw = as_json(make_spec())
    raw["golden"]["seed"] = True
    with pytest.raises(ModelDamaged, match=r"Expected `int`, got `bool` - at `\$\.golden\.seed`\. Reinstall"):
        ModelSpec.from_json(raw)


def test_missing_thresholds_take_their_defaults() -> None:
    raw = as_json(make_spec())
    raw["thresholds"] = {"low_confidence": 0.5}
    assert ModelSpec.from_json(raw).thresholds == replace(Thresholds(), low_confidence=0.5)


def test_weights_are_read_when_they_are_those_described(tmp_path: Path) -> None:
    (tmp_path / "test.tflite").write_bytes(b"weights")
    spec = make_spec(sha256=hashlib.sha256(b"weights").hexdigest())
    assert spec.read_weights(tmp_path) == b"weights"


def test_missing_weights_are_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"test\.tflite"):
        make_spec().read_weights(tmp_path)


@settings(deadline=None, max_examples=20)
@given(at=st.integers(min_value=0, max_value=9_999_999), bit=st.integers(min_value=0, max_value=7))
def test_one_flipped_bit_in_the_shipped_weights_is_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    spec = ModelSpec.load()
    content = bytearray(SPEC_PATH.with_name(spec.weights).read_bytes())
    content[at % len(content)] ^= 1 << bit
    directory = tmp_path_factory.getbasetemp()
    (directory / spec.weights).write_bytes(content)
    with pytest.raises(ModelDamaged):
        spec.read_weights(directory)


def test_every_refusal_is_a_classifier_unavailable() -> None:
    assert all(issubclass(kind, ClassifierUnavailable) for kind in (ModelMissing, ModelDamaged, ModelVersionMismatch))


def test_posterior_without_calibration_is_a_softmax() -> None:
    posterior = make_spec().posterior([0, 0, 0, 1, 0, 0, 0])
    assert posterior[3] == pytest.approx(2.718281828 / 8.718281828)


def test_posterior_moves_from_the_training_to_the_everyday_prior() -> None:
    spec = make_spec(training_prior=SKEWED)
    assert spec.posterior([0.0] * 7) == pytest.approx([0.04, *[0.16] * 6])


def test_balanced_posterior_of_a_network_trained_on_a_skewed_prior_undoes_it() -> None:
    spec = make_spec(training_prior=SKEWED, everyday_prior=SKEWED)
    assert spec.posterior([0.0] * 7) == pytest.approx([1 / 7] * 7)
    assert spec.posterior([0.0] * 7, "balanced") == pytest.approx([0.04, *[0.16] * 6])


def test_temperature_divides_and_bias_adds() -> None:
    spec = make_spec(calibration=Calibrations(Calibration(temperature=2.0, bias=(1.0, *(0.0,) * 6)), PLAIN))
    plain = make_spec()
    assert spec.posterior([0, 0, 4, 0, 0, 0, 0]) == pytest.approx(plain.posterior([1, 0, 2, 0, 0, 0, 0]))


def test_each_prior_reads_its_own_blend_of_two_readouts() -> None:
    calibration = Calibrations(Calibration(1.0, (0.0,) * 7, second=0.25), Calibration(1.0, (0.0,) * 7, second=1.0))
    spec, plain = make_spec(calibration=calibration, readouts=2), make_spec()
    logits = [4.0, *(0.0,) * 6, *(0.0,) * 6, 8.0]
    assert spec.posterior(logits) == pytest.approx(plain.posterior([3.0, *(0.0,) * 5, 2.0]))
    assert spec.posterior(logits, "balanced") == pytest.approx(plain.posterior([*(0.0,) * 6, 8.0]))


@pytest.mark.parametrize(("readouts", "count"), [(1, 14), (2, 7), (2, 0)])
def test_logits_of_another_network_are_not_read(readouts: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"not {count}"):
        make_spec(readouts=readouts).posterior([0.0] * count)


@given(logits=LOGITS)
def test_posterior_is_a_distribution(logits: list[float]) -> None:
    posterior = make_spec(training_prior=SKEWED).posterior(logits)
    assert sum(posterior) == pytest.approx(1)
    assert min(posterior) >= 0


def test_import_loads_nothing_heavy() -> None:
    heavy = "{'cv2', 'numpy', 'PIL', 'django', 'openvino', 'tensorflow'}"
    code = f"import sys, emotion.classifier.spec; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_shipped_spec_describes_the_shipped_weights() -> None:
    spec = ModelSpec.load()
    assert len(spec.read_weights()) > 1_000_000
    assert "Research use only" in spec.licence
