"""The export document: everything of one person as JSON, and reading it back with an error that names the place.

One entry a line, so that a text editor shows it well and an error can be found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from emotion.labels import EXPRESSIONS
from vault.journal.contents import CLOCKS_DIFFER, EARLIEST, AnyEntry, Journal, JournalEntry
from vault.journal.kinds import KINDS, Impossible, Kind, encode_data, show_data

FORMAT: Final = "wellbeing-export"
VERSION: Final = 1
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 100_000
#: What one sealed entry holds; see `docs/formats.md`.
MAX_DATA_BYTES: Final = 958


class DocumentInvalid(Exception):
    """What is wrong with a file, and where."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is exported. The audit in it is never read back: only the site itself writes it."""

    made_at: datetime
    account: Mapping[str, Any]
    consents: tuple[Mapping[str, Any], ...]
    schedule: Mapping[str, Any] | None
    personal: Mapping[str, Any] | None
    journal: Journal

    @property
    def entries(self) -> tuple[AnyEntry, ...]:
        return self.list("entries")

    def list(self, name: str) -> tuple[AnyEntry, ...]:
        """What belongs into the list of that name; see `Kind.exported`."""
        return tuple(entry for entry in self.journal.entries if entry.data.exported == name)


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
        "damaged": [str(damaged) for damaged in document.journal.damaged],
    }
    parts = [f"{_dump(name)}: {_dump(value)}" for name, value in head.items()]
    parts += [f"{_dump(name)}: {_list(document.list(name))}" for name in ("entries", "audit")]
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def read_json(data: bytes, *, now: datetime) -> tuple[AnyEntry, ...]:
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
    return tuple(_read_entry(raw, number, now) for number, raw in enumerate(given, 1))


def _list(entries: tuple[AnyEntry, ...]) -> str:
    rows = [
        {"id": str(entry.id), "at": entry.at.isoformat(), "kind": entry.data.kind, "data": show_data(entry.data)}
        for entry in entries
    ]
    return "[\n" + ",\n".join(map(_dump, rows)) + "\n]" if rows else "[]"


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


def _read_entry(raw: Any, number: int, now: datetime) -> AnyEntry:
    def refuse(problem: str) -> DocumentInvalid:
        return DocumentInvalid(f"Entry {number}: {problem}")

    if not isinstance(raw, dict) or not {"id", "at", "kind", "data"} <= raw.keys():
        raise refuse("it must have id, at, kind and data.")
    kind = KINDS.get(raw["kind"]) if isinstance(raw["kind"], str) else None
    if kind is None or not kind.importable:
        raise refuse("its kind is not one of a journal.")
    data = _read_data(kind, raw["data"], refuse)
    return JournalEntry(_read_id(raw["id"], refuse), _read_time(raw["at"], now, refuse), data)


def _read_data(kind: type[Kind], raw: Any, refuse: Callable[[str], DocumentInvalid]) -> Kind:
    try:
        if not isinstance(raw, dict) or len(_dump(raw).encode()) > MAX_DATA_BYTES:
            raise refuse("its data is missing or too long.")
        data = msgspec.convert(raw, kind)
        encode_data(data)
    except Impossible as error:
        raise refuse(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise refuse(f"its data does not fit its kind: {error}.") from error
    return data


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
    if not EARLIEST <= at <= now + CLOCKS_DIFFER:
        raise refuse("its time lies in the future or before 2000.")
    return at
