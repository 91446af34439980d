"""The export document: everything of one person as JSON, and reading it back with an error that names the place.

One entry a line, so that a text editor shows it well and an error can be found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from emotion.labels import EXPRESSIONS
from rights.kinds import find_misfit
from vault.crypto.entries import MAX_PAYLOAD_BYTES

FORMAT: Final = "wellbeing-export"
VERSION: Final = 1
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 100_000
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER: Final = timedelta(days=1)


class DocumentInvalid(Exception):
    """What is wrong with a file, and where."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the journal, as `vault.journal.JournalEntry`, known by its shape alone."""

    id: UUID
    kind: str
    at: datetime
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """`audit` is what was done with the account and is never read back: only the site itself writes it."""

    made_at: datetime
    account: Mapping[str, Any]
    consents: tuple[Mapping[str, Any], ...]
    schedule: Mapping[str, Any] | None
    personal: Mapping[str, Any] | None
    entries: tuple[Line, ...]
    audit: tuple[Line, ...]
    damaged: tuple[str, ...] = ()


def write_json(document: Document) -> bytes:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": document.made_at.isoformat(),
        "expressions": list(EXPRESSIONS),
        "account": document.account,
        "consents": document.consents,
        "schedule": document.schedule,
        "personal": document.personal,
        "damaged": document.damaged,
    }
    parts = [f"{_dump(name)}: {_dump(value)}" for name, value in head.items()]
    parts += [f"{_dump(name)}: {_list(lines)}" for name, lines in _lists(document)]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def read_json(data: bytes, *, now: datetime) -> tuple[Line, ...]:
    """The entries of an export. Raises DocumentInvalid, naming line or entry; nothing is believed half."""
    if len(data) > MAX_BYTES:
        raise DocumentInvalid(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
    document = _parse(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentInvalid("This is not an export of this site.")
    if document.get("version") != VERSION:
        raise DocumentInvalid("This export was made by another version of this site, which this one cannot read.")
    given = document.get("entries")
    if not isinstance(given, list):
        raise DocumentInvalid("The file has no list of entries.")
    if len(given) > MAX_ENTRIES:
        raise DocumentInvalid(f"The file has more than {MAX_ENTRIES:,} entries.")
    return tuple(_read_line(raw, number, now) for number, raw in enumerate(given, 1))


def _lists(document: Document) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    return ("entries", document.entries), ("audit", document.audit)


def _list(lines: tuple[Line, ...]) -> str:
    rows = [
        _dump({"id": str(line.id), "at": line.at.isoformat(), "kind": line.kind, "data": line.data}) for line in lines
    ]
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise DocumentInvalid(f"The file is not text in UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise DocumentInvalid(f"Line {error.lineno}, character {error.colno}: this is not valid JSON.") from error
    except (RecursionError, ValueError) as error:
        raise DocumentInvalid("The file holds something no export has.") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _read_line(raw: Any, number: int, now: datetime) -> Line:
    def refuse(problem: str) -> DocumentInvalid:
        return DocumentInvalid(f"Entry {number}: {problem}")

    if not isinstance(raw, dict) or not {"id", "at", "kind", "data"} <= raw.keys():
        raise refuse("it must have id, at, kind and data.")
    kind, data = raw["kind"], raw["data"]
    if not isinstance(kind, str) or not 0 < len(kind) <= 32 or kind == "audit":
        raise refuse("its kind is not one of a journal.")
    if not isinstance(data, dict) or _count_bytes(kind, data, refuse) > MAX_PAYLOAD_BYTES:
        raise refuse("its data is missing or too long.")
    problem = find_misfit(kind, data)
    if problem:
        raise refuse(problem)
    return Line(id=_read_id(raw["id"], refuse), kind=kind, at=_read_time(raw["at"], now, refuse), data=data)


def _count_bytes(kind: str, data: dict[str, Any], refuse: Callable[[str], DocumentInvalid]) -> int:
    """Of the data as JSON. Refuses what no page of a journal can hold."""
    try:
        # As deep as it would stand in a page.
        orjson.dumps([[[kind, data]]])
        return len(_dump(data).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse("it holds a number, text or list that a journal cannot keep.") from error


def _read_id(value: Any, refuse: Callable[[str], DocumentInvalid]) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise refuse("its id is not one.") from error


def _read_time(value: Any, now: datetime, refuse: Callable[[str], DocumentInvalid]) -> datetime:
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise refuse("its time is not one, such as 2026-03-01T09:30:00+00:00.") from error
    if datetime.fromisoformat(value).tzinfo is None:
        raise refuse("its time has no offset from UTC.")
    if not _EARLIEST <= at <= now + _CLOCKS_DIFFER:
        raise refuse("its time lies in the future or before 2000.")
    return at
