"""The journal as a table for spreadsheets: numbers and words side by side, one row an entry."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, Protocol
from uuid import UUID

from emotion.labels import EXPRESSIONS
from rights.export_json import Line

COLUMNS: Final = (
    "time", "time_utc", "kind", "summary", "detail",
    "expression", "expression_said", "outcome", *EXPRESSIONS, "quality", "model",
    "pleasantness", "energy", "words", "note",
    "activity", "answer", "helped", "camera_trigger", "camera_ended", "id", "other",
)  # fmt: skip
# Columns that show one field of an entry's data as it is.
_PLAIN: Final[Mapping[str, str]] = {
    "outcome": "outcome",
    "quality": "quality",
    "model": "model",
    "pleasantness": "pleasantness",
    "energy": "energy",
    "note": "note",
    "activity": "activity",
    "answer": "answer",
    "helped": "helped",
    "trigger": "camera_trigger",
    "ended": "camera_ended",
}
# Fields that a kind shows in its own way.
_OWN: Final[Mapping[str, frozenset[str]]] = {"reading": frozenset({"p"}), "checkin": frozenset({"words"})}
# Spreadsheets take a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class Described(Protocol):
    """What `recommender.dashboard.entry_lines.Line` has to say about an entry."""

    @property
    def id(self) -> UUID: ...
    @property
    def heading(self) -> str: ...
    @property
    def detail(self) -> str: ...


def write_csv(lines: Sequence[Line], *, described: Iterable[Described], zone: tzinfo) -> bytes:
    """UTF-8 with a mark in front, so that spreadsheets read it as such; times in `zone` and in UTC."""
    words = {each.id: each for each in described}
    said = {line.data["of"]: line.data["expression"] for line in lines if line.kind == "correction"}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for line in lines:
        row = _row(line, words.get(line.id), said.get(str(line.id)), zone)
        writer.writerow({name: _guard(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _row(line: Line, described: Described | None, said: str | None, zone: tzinfo) -> dict[str, Any]:
    data = line.data
    row = {
        "time": line.at.astimezone(zone).isoformat(timespec="seconds"),
        "time_utc": line.at.isoformat(timespec="seconds"),
        "kind": line.kind,
        "id": str(line.id),
        **{column: data[name] for name, column in _PLAIN.items() if data.get(name) is not None},
    }
    if described is not None:
        row |= {"summary": described.heading, "detail": described.detail}
    row |= _DETAILS[line.kind](data, said) if line.kind in _DETAILS else {}
    left = {name: value for name, value in data.items() if name not in {*_PLAIN, *_OWN.get(line.kind, ())}}
    return row | {"other": json.dumps(left, ensure_ascii=False) if left else ""}


def _reading(data: Mapping[str, Any], said: str | None) -> dict[str, Any]:
    shares = dict(zip(EXPRESSIONS, data.get("p") or (), strict=False))
    likeliest = max(shares, key=lambda name: shares[name]) if shares else ""
    return {**shares, "expression": likeliest, "expression_said": said or ""}


def _checkin(data: Mapping[str, Any], said: str | None) -> dict[str, Any]:
    return {"words": ", ".join(data.get("words") or ())}


def _correction(data: Mapping[str, Any], said: str | None) -> dict[str, Any]:
    return {"expression_said": data["expression"], "summary": "You said what your face showed"}


_DETAILS: Final[Mapping[str, Callable[[Mapping[str, Any], str | None], dict[str, Any]]]] = {
    "reading": _reading,
    "checkin": _checkin,
    "correction": _correction,
}


def _guard(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
