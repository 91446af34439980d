import json
from dataclasses import replace
from pathlib import Path

import pytest

from emotion.classifier.measured import Finding, is_on, list_findings, read_reports
from emotion.classifier.spec import ModelDamaged, ModelSpec


def test_the_shipped_model_travels_with_its_own_measurements() -> None:
    spec, reports = ModelSpec.load(), read_reports()
    assert [report["dataset"] for report in reports] == ["ferplus.zip", "jaffe"]
    assert all(is_on(report, spec) for report in reports)


def test_another_description_of_the_same_weights_needs_measurements_of_its_own() -> None:
    spec, [report, _] = ModelSpec.load(), read_reports()
    assert not is_on(report, replace(spec, name="recalibrated"))
    assert not is_on(report, replace(spec, sha256="0" * 64))


def test_an_expression_is_told_with_what_it_is_mostly_taken_for() -> None:
    per_class = {
        "anger": {"images": 10, "recall": 0.6, "precision": 1.0},
        "fear": {"images": 0, "recall": None, "precision": 0.0},
        "sadness": {"images": 2, "recall": 1.0, "precision": None},
    }
    measured = {"per_class": per_class, "confusion": [[6, 1, 3], [0, 0, 0], [0, 0, 2]]}
    assert list_findings(measured) == [
        Finding("anger", 10, 0.6, 1.0, "sadness", 0.3),
        Finding("fear", 0, None, 0.0, None, 0.0),
        Finding("sadness", 2, 1.0, None, None, 0.0),
    ]


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"dataset": "no count"}), json.dumps({"images": None})])
def test_a_measurement_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "half.json").write_text(content)
    with pytest.raises(ModelDamaged, match=str(tmp_path)):
        read_reports(tmp_path)


def test_a_model_without_measurements_has_none(tmp_path: Path) -> None:
    assert read_reports(tmp_path / "nothing") == ()
