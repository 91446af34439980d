"""Measured accuracy of the shipped model. It ships with the model and is shown to the people it classifies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion.classifier.spec import WEIGHTS_DIR, ModelDamaged, ModelSpec

MEASURED_DIR: Final = WEIGHTS_DIR / "measured"

#: The output of `evaluate_classifier --json`, or its part for one prior.
Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Recall (`found`) and precision (`right`) of one expression, 0..1; None when undefined.

    `taken_for`: the commonest wrong answer for its pictures; `taken_share`: its share of them.
    """

    expression: str
    images: int
    found: float | None
    right: float | None
    taken_for: str | None
    taken_share: float


def read_reports(directory: Path = MEASURED_DIR) -> tuple[Report, ...]:
    """All reports, the one with most pictures first. Raises ModelDamaged when one cannot be read."""
    try:
        reports = [json.loads(path.read_bytes()) for path in sorted(directory.glob("*.json"))]
        return tuple(sorted(reports, key=lambda report: -int(report["images"])))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"A measurement in {directory} cannot be read: {error!r}") from error


def is_on(report: Report, spec: ModelSpec) -> bool:
    """Whether a report belongs to these weights and to this spec: its figures depend on both."""
    return bool(report["sha256"] == spec.sha256 and report["model"] == spec.name)


def list_findings(measured: Report) -> list[Finding]:
    """One per expression, from the part of a report for one prior."""
    names = list(measured["per_class"])
    return [_find(measured, row, names) for row in range(len(names))]


def _find(measured: Report, row: int, names: list[str]) -> Finding:
    found = measured["per_class"][names[row]]
    others = {name: count for name, count in zip(names, measured["confusion"][row], strict=True) if name != names[row]}
    most = max(others, key=lambda name: others[name])
    share = others[most] / found["images"] if found["images"] else 0.0
    return Finding(
        names[row], found["images"], found["recall"], found["precision"], most if others[most] else None, share
    )
