from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from recommender.dashboard.entry_lines import describe_entries
from tests.recommender.people import NOW, Line, checkin, correction, days_ago, no_reading, reading


def line_of(entry: Line, **options):
    (line,) = describe_entries([entry], zone=UTC, **options)
    return line.heading, line.detail, line.expression


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
            Line("checkin", NOW, {"pleasantness": 0, "energy": 0, "words": ["calm"], "note": "ok"}),
            ("You checked in: neither pleasant nor unpleasant, middling energy", "calm · ok", ""),
        ),
        (Line("suggestion", NOW, {"activity": "short-walk"}), ("Suggested: Short walk", "", "")),
        (
            Line("feedback", NOW, {"activity": "short-walk", "answer": "did", "helped": 2}),
            ("Short walk: did it", "Helped a lot", ""),
        ),
        (
            Line("feedback", NOW, {"activity": "short-walk", "answer": "never", "helped": None}),
            ("Short walk: not for me", "", ""),
        ),
        (Line("preferences", NOW, {"place": "desk"}), ("You said what fits the moment", "", "")),
    ],
)
def test_each_kind_reads_well(entry, expected):
    assert line_of(entry) == expected


def test_activities_go_by_their_title():
    entry = Line("suggestion", NOW, {"activity": "short-walk"})
    assert line_of(entry, titles={"short-walk": "A short walk or roll"})[0] == "Suggested: A short walk or roll"


def test_corrections_are_folded_into_their_readings():
    wrong = reading("sadness", days_ago(1))
    lines = describe_entries([wrong, correction(wrong, "neutral")], zone=UTC)
    assert [(line.heading, line.detail, line.expression, line.corrected) for line in lines] == [
        ("You said: neutral", "The camera read sad over 99%", "neutral", True)
    ]


def test_newest_first_in_the_persons_own_time_and_unknown_kinds_left_out():
    zone = ZoneInfo("Asia/Tokyo")
    entries = [reading("fear", NOW - timedelta(hours=1)), reading("anger", NOW), Line("moon", NOW, {})]
    lines = describe_entries(entries, zone=zone)
    assert [line.expression for line in lines] == ["anger", "fear"]
    assert lines[0].at.isoformat() == "2026-11-21T01:00:00+09:00"
