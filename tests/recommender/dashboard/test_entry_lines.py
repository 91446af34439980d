from datetime import UTC, timedelta, tzinfo
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from recommender.dashboard.entry_lines import Line, Titles, describe, describe_entries
from tests import entries
from tests.recommender.people import NOW, checkin, correction, days_ago, journal_of, line, no_reading, reading
from vault.journal.contents import AnyEntry
from vault.journal.kinds import KINDS, Display, Kind, LowDays

OFFER = uuid4()


def lines_of(*entries: AnyEntry, zone: tzinfo = UTC, titles: Titles | None = None) -> tuple[Line, ...]:
    corrections = journal_of(entries).corrections
    return describe_entries(entries, zone=zone, corrections=corrections, titles=titles)


def line_of(entry: AnyEntry, **options: Any) -> tuple[str, str, str]:
    (found,) = lines_of(entry, **options)
    return found.heading, found.detail, found.expression


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (reading("happiness"), ("Your face looked happy", "Happy over 99%", "happiness")),
        (
            reading([0.0, 0.0, 0.05, 0.15, 0.5, 0.3, 0.0]),
            ("Your face looked neutral", "Neutral 50%, sad 30%, happy 15%", "neutral"),
        ),
        (no_reading("turned_away"), ("No reading", "Face turned away", "")),
        (no_reading("sunspots"), ("No reading", "No answer", "")),
        (checkin(0.5, -0.5), ("You checked in: pleasant, low energy", "", "")),
        (
            line(entries.checkin(0, 0, "calm", note="ok")),
            ("You checked in: neither pleasant nor unpleasant, middling energy", "calm · ok", ""),
        ),
        (line(entries.suggestion("short-walk")), ("Suggested: Short walk", "", "")),
        (line(entries.suggestion("short-walk", chosen=True)), ("You picked: Short walk", "", "")),
        (
            line(entries.feedback(OFFER, "did", 2, activity="short-walk")),
            ("Short walk: did it", "Helped a lot", ""),
        ),
        (line(entries.feedback(OFFER, "never", activity="short-walk")), ("Short walk: not for me", "", "")),
        (line(entries.preferences("desk")), ("You said what fits the moment", "", "")),
        (line(entries.taste("music")), ("You said what usually does you good", "", "")),
        (line(LowDays(low=True)), ("You said that the days before were low ones", "", "")),
        (line(Display(trends=False)), ("You chose to hide trends", "", "")),
    ],
)
def test_each_kind_reads_well(entry: AnyEntry, expected: tuple[str, str, str]) -> None:
    assert line_of(entry) == expected


def test_activities_go_by_their_title() -> None:
    entry = line(entries.suggestion("short-walk"))
    titles = Titles({"short-walk": [(days_ago(2), "A short walk"), (days_ago(1), "A short walk or roll")]})
    assert line_of(entry, titles=titles)[0] == "Suggested: A short walk or roll"


@pytest.mark.parametrize(("days", "title"), [(9, "A short walk"), (2, "A short walk"), (1, "A roll"), (0, "A roll")])
def test_an_activity_keeps_the_title_it_had_then(days: int, title: str) -> None:
    titles = Titles({"short-walk": [(days_ago(2), "A short walk"), (days_ago(1), "A roll")]})
    assert line_of(line(entries.suggestion("short-walk"), days_ago(days)), titles=titles)[0] == f"Suggested: {title}"


def test_corrections_are_folded_into_their_readings() -> None:
    wrong = reading("sadness", days_ago(1))
    lines = lines_of(wrong, correction(wrong, "neutral"))
    assert [(found.heading, found.detail, found.expression, found.corrected) for found in lines] == [
        ("You said: neutral", "The camera read sad over 99%", "neutral", True)
    ]


def test_newest_first_in_the_persons_own_time_without_what_has_no_words() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    kept = line(entries.preferences("desk", kept=True))
    lines = lines_of(reading("fear", NOW - timedelta(hours=1)), reading("anger", NOW), kept, zone=zone)
    assert [found.expression for found in lines] == ["anger", "fear"]
    assert lines[0].at.isoformat() == "2026-11-21T01:00:00+09:00"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_has_words_or_says_that_it_has_none(kind: type[Kind]) -> None:
    assert kind in describe.registry
