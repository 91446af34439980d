"""The export document: everything of one person as JSON, and reading it back with an error that names the place.

One entry a line, so that a text editor shows it well and an error can be found.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext

from emotion.labels import EXPRESSIONS
from rights.pace import at_ease
from vault.crypto.entries import MAX_PAYLOAD_BYTES
from vault.journal.contents import CLOCKS_DIFFER, EARLIEST, AnyEntry, Journal, JournalEntry
from vault.journal.kinds import KINDS, Impossible, decode_data, show_data

FORMAT: Final = "wellbeing-export"
VERSION: Final = 1
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 100_000
#: Of one kind and one UTC day: what a snapshot every minute makes in eight hours, and no more.
MAX_OF_ONE_DAY: Final = 500
#: The newest entries that a document to read shows.
MAX_MOMENTS: Final = 20_000


_LISTS: Final = tuple(dict.fromkeys(kind.exported for kind in KINDS.values() if kind.exported))


class DocumentInvalid(Exception):
    """What is wrong with a file, and where."""


class _Given(msgspec.Struct):
    id: UUID
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    kind: str
    data: dict[str, Any]


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
    parts += [f"{_dump(name)}: {_list(document.list(name))}" for name in _LISTS]
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
    entries = []
    for number, raw in enumerate(at_ease(given), 1):
        try:
            entries.append(_read_entry(raw, now))
        except (ValueError, RecursionError) as error:
            raise DocumentInvalid(f"Entry {number}: {error}") from error
    check_days(entries)
    return tuple(entries)


def check_days(entries: Iterable[AnyEntry], *, beside: Iterable[AnyEntry] = ()) -> None:
    """Raises DocumentInvalid naming the day that, `beside` what is there, would have more of one kind than days do."""
    there = _count_days(beside)
    for (kind, day), new in _count_days(entries).items():
        count = new + there[kind, day]
        if count > MAX_OF_ONE_DAY:
            told = gettext("On %(day)s there are %(count)d entries of the kind %(kind)s, more than %(most)d.")
            raise DocumentInvalid(told % {"day": day.isoformat(), "count": count, "kind": kind, "most": MAX_OF_ONE_DAY})


def _count_days(entries: Iterable[AnyEntry]) -> Counter[tuple[str, date]]:
    return Counter((entry.data.kind, entry.at.astimezone(UTC).date()) for entry in entries)


def _list(entries: tuple[AnyEntry, ...]) -> str:
    rows = [
        {"id": str(entry.id), "at": entry.at.isoformat(), "kind": entry.data.kind, "data": show_data(entry.data)}
        for entry in at_ease(entries)
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


def _read_entry(raw: Any, now: datetime) -> AnyEntry:
    """Raises Impossible and other ValueErrors with what is wrong."""
    given = msgspec.convert(raw, _Given)
    if given.kind not in KINDS or not KINDS[given.kind].importable:
        raise Impossible("its kind is not one of a journal.")
    if len(_dump(given.data).encode()) > MAX_PAYLOAD_BYTES:
        raise Impossible("its data is too long.")
    if not EARLIEST <= given.at <= now + CLOCKS_DIFFER:
        raise Impossible("its time lies in the future or before 2000.")
    data = decode_data(given.kind, msgspec.Raw(msgspec.json.encode(given.data)))
    return JournalEntry(given.id, given.at.astimezone(UTC), data)
