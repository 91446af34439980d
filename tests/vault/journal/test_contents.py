"""Which lines become entries, in which order, and what a journal answers about them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec import Raw

from tests.entries import checkin, reading, taste
from vault.journal.contents import AnyEntry, Damage, Journal, JournalEntry, Line, open_lines
from vault.journal.kinds import CheckIn, Correction, Display, Reading, Taste

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DISPLAY = Raw(b'{"trends":false}')


def line(number: int, at: datetime = AT, *, kind: str = "display", data: Raw = DISPLAY) -> Line:
    return Line(UUID(int=number), kind, at.timestamp(), data)


def test_entries_come_in_order_of_time() -> None:
    lines = [line(number, AT - timedelta(hours=number)) for number in (2, 3, 1)]
    entries, impossible = open_lines(lines, now=AT.timestamp())
    assert impossible == []
    assert entries == [
        JournalEntry(UUID(int=number), AT - timedelta(hours=number), Display(trends=False)) for number in (3, 2, 1)
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        line(1, kind="moon"),
        line(1, data=Raw(b'{"trends":"often"}')),
        line(1, datetime(2000, 1, 1, tzinfo=UTC) - timedelta(seconds=1)),
        line(1, AT + timedelta(days=1, seconds=1)),
        line(1)._replace(at=float("nan")),
    ],
    ids=["of no kind", "not fitting it", "too long ago", "too far ahead", "of no moment"],
)
def test_a_line_that_cannot_be_is_named_and_the_rest_opens(wrong: Line) -> None:
    entries, impossible = open_lines([wrong, line(2)], now=AT.timestamp())
    assert ([entry.id for entry in entries], impossible) == ([UUID(int=2)], [UUID(int=1)])


@pytest.mark.parametrize("at", [datetime(2000, 1, 1, tzinfo=UTC), AT + timedelta(days=1)])
def test_a_moment_from_the_year_2000_to_a_day_ahead_is_one(at: datetime) -> None:
    assert open_lines([line(1, at)], now=AT.timestamp()) == ([JournalEntry(UUID(int=1), at, Display(trends=False))], [])


def entry(number: int, data: Reading | Correction | CheckIn | Taste) -> AnyEntry:
    return JournalEntry(UUID(int=number), AT + timedelta(minutes=number), data)


def test_a_journal_gives_each_kind_its_latest_and_what_was_corrected_last() -> None:
    first, said, second = entry(1, reading()), entry(2, checkin()), entry(3, reading())
    corrections = [
        entry(number, Correction(of=first.id, expression=word)) for number, word in ((4, "fear"), (5, "anger"))
    ]
    journal = Journal((first, said, second, *corrections))
    assert (journal.of(Reading), journal.of(CheckIn), journal.of(Taste)) == ((first, second), (said,), ())
    assert (journal.latest(Reading), journal.latest(Taste)) == (second, None)
    assert journal.corrections == {first.id: "anger"}


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (Damage(), False),
        (Damage(entries=1), True),
        (Damage(pages=1), True),
        (Damage(is_listed=False), True),
        (Damage(entries=1, pages=1, is_listed=False), True),
    ],
)
def test_damage_is_told_when_an_entry_a_page_or_the_list_does_not_hold(damage: Damage, told: bool) -> None:
    assert bool(damage) is told


def test_an_entry_shows_its_kind_and_none_of_its_content() -> None:
    shown = repr(entry(1, taste("music")))
    assert "data=Taste(...)" in shown
    assert "music" not in shown
