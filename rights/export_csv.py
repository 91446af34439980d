"""The journal as a table for spreadsheets: numbers and words side by side, one row an entry."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from functools import singledispatch
from itertools import dropwhile
from typing import Any, Final

from emotion.labels import EXPRESSIONS
from recommender.dashboard.entry_lines import Line
from rights.export_json import Document
from rights.pace import at_ease
from vault.journal.contents import AnyEntry
from vault.journal.kinds import CheckIn, Correction, Kind, Reading, show_data

COLUMNS: Final = (
    "time", "time_utc", "kind", "summary", "detail",
    "expression", "expression_said", "outcome", *EXPRESSIONS, "quality", "model",
    "pleasantness", "energy", "words", "note",
    "activity", "answer", "helped", "camera_trigger", "camera_ended", "id", "other",
)  # fmt: skip
# Columns that show one field of an entry as it is.
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
_OWN: Final[Mapping[type[Kind], frozenset[str]]] = {Reading: frozenset({"p"}), CheckIn: frozenset({"words"})}
# Fields without a column, which go together into the last one.
_OTHER: Final = frozenset({
    "after", "avoid", "before", "capture", "chosen", "company", "detail", "event", "expression", "kept", "likes", "low",
    "minutes", "of", "p", "place", "propensity", "reason", "shift", "slot", "suggestion", "trends", "use", "version",
})  # fmt: skip
# Spreadsheets take a cell that begins so for a formula (OWASP, CSV injection); the wide forms too.
_FORMULA_STARTS: Final = (*"=+-@", *"\uff1d\uff0b\uff0d\uff20")


def find_fields_without_column(kind: type[Kind]) -> set[str]:
    """Fields of a kind that nobody decided to show."""
    return set(kind.__struct_fields__) - _PLAIN.keys() - _OWN.get(kind, frozenset()) - _OTHER


def write_csv(document: Document, *, described: Iterable[Line], zone: tzinfo) -> bytes:
    """UTF-8 with a mark in front, so that spreadsheets read it as such; times in `zone` and in UTC."""
    words = {each.id: each for each in described}
    corrections = document.journal.corrections
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for entry in at_ease(document.entries):
        row = _row(entry, words.get(entry.id), corrections.get(entry.id, ""), zone)
        writer.writerow({name: _guard(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _row(entry: AnyEntry, described: Line | None, said: str, zone: tzinfo) -> dict[str, Any]:
    data = show_data(entry.data)
    row = {
        "time": entry.at.astimezone(zone).isoformat(timespec="seconds"),
        "time_utc": entry.at.isoformat(timespec="seconds"),
        "kind": entry.data.kind,
        "id": str(entry.id),
        **{column: data[name] for name, column in _PLAIN.items() if data.get(name) is not None},
    }
    if described is not None:
        row |= {"summary": described.heading, "detail": described.detail}
    row |= _show_own(entry.data, said)
    left = {name: value for name, value in data.items() if name not in {*_PLAIN, *_OWN.get(type(entry.data), ())}}
    return row | {"other": json.dumps(left, ensure_ascii=False) if left else ""}


@singledispatch
def _show_own(data: Kind, said: str) -> dict[str, Any]:
    return {}


@_show_own.register
def _show_reading(reading: Reading, said: str) -> dict[str, Any]:
    shares: dict[str, float] = dict(zip(EXPRESSIONS, reading.p or (), strict=False))
    likeliest = max(shares, key=lambda name: shares[name]) if shares else ""
    return {**shares, "expression": likeliest, "expression_said": said}


@_show_own.register
def _show_checkin(checkin: CheckIn, said: str) -> dict[str, Any]:
    return {"words": ", ".join(checkin.words)}


@_show_own.register
def _show_correction(correction: Correction, said: str) -> dict[str, Any]:
    return {"expression_said": correction.expression, "summary": "You said what your face showed"}


def _guard(value: Any) -> Any:
    """A text that may be taken for a formula gets a mark, whatever blanks and invisible signs it begins with."""
    if not isinstance(value, str):
        return value
    shown = "".join(dropwhile(lambda sign: sign.isspace() or not sign.isprintable(), value))
    return f"'{value}" if value.startswith(("\t", "\r", "\n")) or shown.startswith(_FORMULA_STARTS) else value
