from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rights.export_json import MAX_BYTES, MAX_ENTRIES, Document, DocumentInvalid, Line, read_json, write_json
from rights.kinds import _FIELDS, _NEEDED
from vault.crypto.pages import Page
from vault.journal import JournalEntry
from vault.journal.pages import MonthPage

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


CHECKIN = {"pleasantness": 0.5, "energy": 0}
LOOK = {"capture": str(uuid4()), "outcome": "no_face", "p": None, "quality": 0, "model": "m"}
CANNOT_KEEP = "it holds a number, text or list that a journal cannot keep."


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in LOOK.items() if key != name}


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def document(*lines: Line) -> Document:
    return Document(
        made_at=NOW,
        account={"email": "a@example.org"},
        consents=(),
        schedule=None,
        personal=None,
        entries=lines,
        audit=(),
    )


def entry(**changes: Any) -> dict[str, Any]:
    data = {"pleasantness": 0.5, "energy": 0, "words": [], "note": ""}
    return {"id": str(uuid4()), "at": "2026-03-01T09:30:00+00:00", "kind": "checkin", "data": data} | changes


def file_of(*entries: Any, **changes: Any) -> bytes:
    return json.dumps({"format": "wellbeing-export", "version": 1, "entries": list(entries)} | changes).encode()


_DATA = st.dictionaries(
    st.text(max_size=12),
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    max_size=5,
)
_LINES = st.builds(
    Line,
    id=st.uuids(),
    kind=st.sampled_from(["preferences", "something_newer"]),
    at=st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    data=_DATA,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_LINES, max_size=6))
def test_what_is_written_is_read_back_exactly(lines: list[Line]) -> None:
    assert read_json(write_json(document(*lines)), now=NOW) == tuple(lines)


def test_each_entry_has_a_line_of_its_own() -> None:
    text = write_json(document(*[Line(uuid4(), "preferences", NOW, {"n": n}) for n in range(3)])).decode()
    assert sum('"preferences"' in line for line in text.splitlines()) == 3


def test_times_of_another_zone_are_the_same_moment() -> None:
    (line,) = read_json(file_of(entry(at="2026-03-01T10:30:00+01:00")), now=NOW)
    assert line.at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Line 1, character 1: this is not valid JSON."),
        (b'{\n"format": "wellbeing-export",\n"entries": [,]}', "Line 3, character 13: this is not valid JSON."),
        (b"\xff\xfe\x00", "The file is not text in UTF-8 (byte 0)."),
        (b"[1, 2]", "This is not an export of this site."),
        (b'{"format": "daylio"}', "This is not an export of this site."),
        (b'{"format": "wellbeing-export", "version": NaN}', "The file holds something no export has."),
        (b"[" * 100_000, "The file holds something no export has."),
        (file_of(version=2), "This export was made by another version"),
        (file_of(entries={}), "The file has no list of entries."),
        (file_of(entry(), 7), "Entry 2: it must have id, at, kind and data."),
        (file_of(entry(id="x")), "Entry 1: its id is not one."),
        (file_of(entry(id=None)), "Entry 1: its id is not one."),
        (file_of(entry(at="yesterday")), "Entry 1: its time is not one"),
        (file_of(entry(at=5)), "Entry 1: its time is not one"),
        (file_of(entry(at="2026-03-01T09:30:00")), "Entry 1: its time has no offset from UTC."),
        (file_of(entry(at="2031-03-01T09:30:00+00:00")), "Entry 1: its time lies in the future or before 2000."),
        (file_of(entry(at="0001-01-01T00:00:00+14:00")), "Entry 1: its time is not one"),
        (file_of(entry(kind="audit")), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(kind="")), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(data={"note": "x" * 2000})), "Entry 1: its data is missing or too long."),
        (file_of(entry(data=None)), "Entry 1: its data is missing or too long."),
        (file_of(entry(data={"energy": 0})), "Entry 1: pleasantness is missing."),
        (file_of(entry(data={"pleasantness": 2, "energy": 0})), "Entry 1: pleasantness must be a number from -1 to 1."),
        (file_of(entry(data={"pleasantness": True, "energy": 0})), "Entry 1: pleasantness must be a number"),
        (file_of(entry(kind="reading", data=LOOK | {"p": [1]})), "Entry 1: p must be seven shares"),
        (file_of(entry(kind="reading", data=LOOK | {"outcome": []})), "Entry 1: outcome must be one of reading,"),
        (file_of(entry(kind="reading", data=LOOK | {"model": "m" * 101})), "Entry 1: model must be the name"),
        (file_of(entry(kind="reading", data=without("capture"))), "Entry 1: capture is missing."),
        (file_of(entry(kind="neutral", data=without("model"))), "Entry 1: model is missing."),
        (file_of(entry(data=CHECKIN | {"note": "\0"})), "Entry 1: note must be text."),
        (file_of(entry(), entry(data=CHECKIN | {"energy": 10**400})), f"Entry 2: {CANNOT_KEEP}"),
        (file_of(entry(data=CHECKIN | {"note": "\ud800"})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(data=CHECKIN | {"\udfff": 1})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="\ud800", data={})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="something_newer", data={"n": 2**64})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="something_newer", data={"n": -(2**63) - 1})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="something_newer", data={"n": nested(300)})), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="newer", data={"n": 7})).replace(b"7", b"1e999"), f"Entry 1: {CANNOT_KEEP}"),
        (file_of(entry(kind="correction", data={"of": 1, "expression": "fear"})), "Entry 1: of must be text."),
        (b" " * (MAX_BYTES + 1), "The file is larger than 32 MB."),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_place(data: bytes, said: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        read_json(data, now=NOW)
    assert str(refused.value).startswith(said)


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(DocumentInvalid, match="more than 100,000 entries"):
        read_json(file_of(*[0] * (MAX_ENTRIES + 1)), now=NOW)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_no_file_crashes_the_reader(data: bytes) -> None:
    try:
        read_json(data, now=NOW)
    except DocumentInvalid:
        return


_EXTREME = st.sampled_from(
    [
        10**400,
        2**63,
        2**64,
        -(2**63) - 1,
        float("1e308"),
        "\ud800",
        "\0",
        "x\udc00",
        nested(60),
        nested(250),
        nested(300),
    ]
)
_NAMES = st.sampled_from(
    sorted({name for fields in _FIELDS.values() for name in fields} | {"version", "rule", "\ud800"})
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | _EXTREME,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | _NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _entries(draw: st.DrawFn) -> dict[str, Any]:
    """Of any kind, with what it needs, and whatever a file may hold in it."""
    kind = draw(st.sampled_from([*_FIELDS, "something_newer", "\ud800"]))
    needed = {name: draw(_ANY | st.sampled_from([0, "reading", None])) for name in _NEEDED.get(kind, ())}
    return entry(kind=kind, data=needed | draw(st.dictionaries(_NAMES, _ANY, max_size=3)))


@settings(max_examples=300, deadline=None)
@given(_entries())
def test_an_entry_that_is_read_fits_a_page_and_an_export(raw: dict[str, Any]) -> None:
    try:
        lines = read_json(file_of(raw), now=NOW)
    except DocumentInvalid:
        return
    (line,) = lines
    leaf = MonthPage(202603)
    leaf.add(JournalEntry(line.id, line.kind, line.at, line.data))
    assert MonthPage.from_page(Page(202603, 1, leaf.to_body())).find(line.id) == (
        line.id,
        line.kind,
        line.at,
        line.data,
    )
    assert read_json(write_json(document(line)), now=NOW) == lines


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=4))
def test_a_changed_export_is_read_or_refused_and_never_crashes(place: int, piece: bytes) -> None:
    whole = write_json(
        document(
            *[Line(uuid4(), "checkin", NOW - timedelta(days=n), {"pleasantness": 0, "energy": 0}) for n in range(3)]
        )
    )
    place %= len(whole)
    try:
        lines = read_json(whole[:place] + piece + whole[place + len(piece) :], now=NOW)
    except DocumentInvalid:
        return
    assert len(lines) <= 3
