import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.choices import Event
from rights.export_json import MAX_BYTES, MAX_ENTRIES, Document, DocumentInvalid, read_json, write_json
from tests.entries import checkin, feedback, preferences, reading, suggestion
from vault.crypto.pages import Page
from vault.journal.contents import AnyEntry, Journal, JournalEntry, Line, open_lines
from vault.journal.kinds import KINDS, Audit, CheckIn, Correction, Neutral, Reading, Suggestion, show_data
from vault.journal.pages import MonthPage

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

CHECKIN, LOOK = show_data(checkin()), show_data(reading(p=None, outcome="no_face"))
OFFER = show_data(suggestion())
MISFIT = "its data does not fit its kind: "


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in LOOK.items() if key != name}


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def document(*entries: AnyEntry) -> Document:
    return Document(
        made_at=NOW,
        account={"email": "a@example.org"},
        consents=(),
        schedule=None,
        personal=None,
        journal=Journal(entries),
    )


def entry(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "at": "2026-03-01T09:30:00+00:00", "kind": CheckIn.kind, "data": CHECKIN} | changes


def file_of(*entries: Any, **changes: Any) -> bytes:
    return json.dumps({"format": "wellbeing-export", "version": 1, "entries": list(entries)} | changes).encode()


_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_REASON = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    max_size=5,
)
_RATING = st.none() | st.integers(-2, 2)
_SAID = (
    st.builds(checkin, st.floats(-1, 1), st.floats(-1, 1), _TEXT, note=_TEXT)
    | st.builds(suggestion, _TEXT, st.integers(0, 999), reason=_REASON, propensity=st.none() | st.floats(0, 1))
    | st.builds(feedback, st.uuids(), st.sampled_from(["did", "never"]), _RATING, before=_RATING, after=_RATING)
    | st.builds(preferences, st.none() | _TEXT, st.none() | st.integers(0, 1440), kept=st.booleans())
)
_MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
_ENTRIES = st.builds(JournalEntry, st.uuids(), _MOMENTS, _SAID)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ENTRIES, max_size=6))
def test_what_is_written_is_read_back_exactly(entries: list[AnyEntry]) -> None:
    assert read_json(write_json(document(*entries)), now=NOW) == tuple(entries)


def test_each_entry_has_a_line_of_its_own() -> None:
    text = write_json(document(*[JournalEntry(uuid4(), NOW, checkin(note=str(n))) for n in range(3)])).decode()
    assert sum(f'"{CheckIn.kind}"' in line for line in text.splitlines()) == 3


def test_what_was_done_stands_in_a_list_of_its_own() -> None:
    done = JournalEntry(uuid4(), NOW, Audit(event=Event.EXPORTED, detail="json"))
    whole = json.loads(write_json(document(done)))
    assert (whole["entries"], [line["id"] for line in whole["audit"]]) == ([], [str(done.id)])


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
        (file_of(entry(), 7), "Entry 2: Expected `object`, got `int`"),
        (file_of(entry(id="x")), "Entry 1: Invalid UUID - at `$.id`"),
        (file_of(entry(id=None)), "Entry 1: Expected `uuid`, got `null` - at `$.id`"),
        (file_of(entry(at="yesterday")), "Entry 1: Invalid RFC3339 encoded datetime - at `$.at`"),
        (file_of(entry(at=[])), "Entry 1: Expected `datetime`, got `array` - at `$.at`"),
        (
            file_of(entry(at="2026-03-01T09:30:00")),
            "Entry 1: Expected `datetime` with a timezone component - at `$.at`",
        ),
        (file_of(entry(at="2031-03-01T09:30:00+00:00")), "Entry 1: its time lies in the future or before 2000."),
        (file_of(entry(at="0001-01-01T00:00:00+14:00")), "Entry 1: "),
        (file_of(entry(kind=Audit.kind)), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(kind="")), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(kind="something_newer")), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(kind="\ud800")), "Entry 1: its kind is not one of a journal."),
        (file_of(entry(kind=[])), "Entry 1: Expected `str`, got `array` - at `$.kind`"),
        (file_of(entry(data=CHECKIN | {"note": "x" * 2000})), "Entry 1: its data is too long."),
        (file_of(entry(data=None)), "Entry 1: Expected `object`, got `null` - at `$.data`"),
        (file_of(entry(data={"energy": 0})), f"Entry 1: {MISFIT}Object missing required field `pleasantness`."),
        (file_of(entry(data=CHECKIN | {"energy": 2})), f"Entry 1: {MISFIT}Expected `float` <= 1.0 - at `$.energy`."),
        (file_of(entry(data=CHECKIN | {"energy": True})), f"Entry 1: {MISFIT}Expected `float`, got `bool`"),
        (file_of(entry(data=CHECKIN | {"newer": 1})), f"Entry 1: {MISFIT}Object contains unknown field `newer`."),
        (
            file_of(entry(kind=Reading.kind, data=LOOK | {"p": [1]})),
            f"Entry 1: {MISFIT}Expected `array` of length >= 7",
        ),
        (file_of(entry(kind=Reading.kind, data=LOOK | {"outcome": "odd"})), "Entry 1: outcome must be one of reading,"),
        (file_of(entry(kind=Reading.kind, data=LOOK | {"model": "m" * 101})), f"Entry 1: {MISFIT}Expected `str` of"),
        (file_of(entry(kind=Reading.kind, data=without("capture"))), f"Entry 1: {MISFIT}Object missing required"),
        (file_of(entry(kind=Neutral.kind, data=without("model"))), f"Entry 1: {MISFIT}Object missing required"),
        (file_of(entry(data=CHECKIN | {"note": "\0"})), f"Entry 1: {MISFIT}Expected `str` matching regex"),
        (file_of(entry(), entry(data=CHECKIN | {"energy": 10**400})), f"Entry 2: {MISFIT}"),
        (file_of(entry(data=CHECKIN | {"note": "\ud800"})), "Entry 1: 'utf-8' codec can't encode"),
        (file_of(entry(data=CHECKIN | {"\udfff": 1})), "Entry 1: 'utf-8' codec can't encode"),
        (file_of(entry(kind=Suggestion.kind, data=OFFER | {"reason": {"n": nested(300)}})), f"Entry 1: {MISFIT}"),
        (
            file_of(entry(kind=Suggestion.kind, data=OFFER | {"slot": 777})).replace(b" 777", b"1e999"),
            "Entry 1: Out of range",
        ),
        (
            file_of(entry(kind=Correction.kind, data={"of": 1, "expression": "fear"})),
            f"Entry 1: {MISFIT}Expected `uuid`",
        ),
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
_NAMES = st.sampled_from(sorted({name for kind in KINDS.values() for name in kind.__struct_fields__} | {"\ud800"}))
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | _EXTREME,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | _NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _raw_entries(draw: st.DrawFn) -> dict[str, Any]:
    """Of any kind, with what it holds, and whatever a file may hold in the place of some of it."""
    data = show_data(draw(_SAID))
    kind = draw(st.sampled_from([kind for kind in KINDS.values() if data.keys() <= set(kind.__struct_fields__)]))
    return entry(kind=kind.kind, data=data | draw(st.dictionaries(_NAMES, _ANY, max_size=2)))


@settings(max_examples=300, deadline=None)
@given(_raw_entries())
def test_an_entry_that_is_read_fits_a_page_and_an_export(raw: dict[str, Any]) -> None:
    try:
        entries = read_json(file_of(raw), now=NOW)
    except DocumentInvalid:
        return
    page = MonthPage(202603)
    page.add(Line.of(entries[0]))
    again = MonthPage.from_page(Page(202603, 1, page.to_body()))
    assert open_lines(again.lines.values(), now=NOW.timestamp()) == ([*entries], [])
    assert read_json(write_json(document(*entries)), now=NOW) == entries


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=4))
def test_a_changed_export_is_read_or_refused_and_never_crashes(place: int, piece: bytes) -> None:
    whole = write_json(document(*[JournalEntry(uuid4(), NOW - timedelta(days=n), checkin()) for n in range(3)]))
    place %= len(whole)
    try:
        lines = read_json(whole[:place] + piece + whole[place + len(piece) :], now=NOW)
    except DocumentInvalid:
        return
    assert len(lines) <= 3
