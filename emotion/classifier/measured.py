"""What the shipped model was measured to get right: it travels with the model, and the people it reads are shown it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from emotion.classifier.spec import WEIGHTS_DIR, ModelDamaged, ModelSpec

MEASURED_DIR: Final = WEIGHTS_DIR / "measured"

#: What `evaluate_classifier --json` writes, or its part on one prior.
Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """How often one expression was found, and how often its name was right; shares of 1, None where there were none.

    `taken_for`: what the others were named most, with the share of all its pictures.
    """

    expression: str
    images: int
    found: float | None
    right: float | None
    taken_for: str | None
    taken_share: float


def read_reports(directory: Path = MEASURED_DIR) -> tuple[Report, ...]:
    """All reports there, that of most pictures first. Raises ModelDamaged where one cannot be read."""
    try:
        reports = [json.loads(path.read_bytes()) for path in sorted(directory.glob("*.json"))]
        return tuple(sorted(reports, key=lambda report: -int(report["images"])))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"A measurement in {directory} cannot be read: {error!r}") from error


def is_on(report: Report, spec: ModelSpec) -> bool:
    """Whether a report is on these weights as this description reads them: both decide the figures."""
    return bool(report["sha256"] == spec.sha256 and report["model"] == spec.name)


def list_findings(measured: Report) -> list[Finding]:
    """One for every expression, from the part of a report on one prior."""
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
