import re
from typing import Any

import pytest

from emotion.labels import EXPRESSIONS
from recommender.mood.summary import Affect, Coverage, Day, Estimate, Mood, MoodRules
from recommender.wording.moods import (
    energy_word,
    pleasantness_word,
    tell_affect,
    tell_affects,
    tell_counts,
    tell_coverage,
    tell_mood,
)
from recommender.wording.reasons import explain
from tests.recommender.people import NOW, SAD, checkin, mood_of, no_reading, reading, spread, summarise
from vault.journal.contents import AnyEntry

NOTE = "A short walk tends to lift mood a little."


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            {"rule": "leading", "days": 7, "expression": "sadness", "percent": 22, "grade": "B"},
            "In the last 7 days your face looked sad more often than any other way besides neutral, about 22% of the "
            "time, and this is meant for such days. A short walk tends to lift mood a little. "
            "The evidence: some good studies support it (grade B).",
        ),
        (
            {"rule": "seen", "days": 1, "expression": "fear", "percent": 12, "grade": "A"},
            "Today your face looked afraid about 12% of the time, and this is meant for such moments. "
            "A short walk tends to lift mood a little. "
            "The evidence: several good studies agree (grade A).",
        ),
        (
            {"rule": "said", "days": 7, "pleasantness": -0.3, "energy": -0.5, "grade": "C", "tried": 2, "helped": 1.5},
            "In the last 7 days your check-ins were a little unpleasant on the whole, with low energy, and this suits "
            "such days. You rated it twice before: it helped a lot. A short walk tends to lift mood a little. "
            "The evidence: early or indirect studies only (grade C).",
        ),
        (
            {"rule": "gentle", "days": 7, "grade": "B", "liked": "rest"},
            "You told us that the last days were low ones, so this is short and asks for little. It is of a kind that "
            "you said usually does you good. A short walk tends to lift mood a little. "
            "The evidence: some good studies support it (grade B).",
        ),
        (
            {"rule": "few", "days": 7, "readings": 1, "grade": "D", "tried": 1, "helped": 0.0},
            "The last 7 days hold too few readings to go by, 1 so far, so this is something gentle that suits most "
            "moments. You rated it once before: it made little difference. A short walk tends to lift mood a little. "
            "The evidence: common advice, hardly studied (grade D).",
        ),
    ],
)
def test_a_reason_reads_well_aloud(reason: dict[str, Any], sentence: str) -> None:
    assert explain(reason, effect_note=NOTE) == sentence


def test_a_neutral_face_is_an_ordinary_day() -> None:
    assert explain({"rule": "seen", "days": 7, "expression": "neutral", "percent": 70, "grade": "B"}) == (
        "In the last 7 days your face looked neutral about 70% of the time, and this suits ordinary days. "
        "The evidence: some good studies support it (grade B)."
    )


@pytest.mark.parametrize(("days", "span"), [(1, "today"), (7, "in the last 7 days")])
def test_a_suggestion_for_variety_says_so(days: int, span: str) -> None:
    assert explain({"rule": "variety", "days": days, "grade": "A"}) == (
        f"Nothing seen or said {span} points to this one in particular; it is here for variety. "
        "The evidence: several good studies agree (grade A)."
    )


def test_a_reason_without_readings_or_note() -> None:
    assert explain({"rule": "few", "days": 14, "readings": 0, "grade": "A"}) == (
        "The last 14 days hold too little to go by, so this is something gentle that suits most moments. "
        "The evidence: several good studies agree (grade A)."
    )


def test_no_reason_says_what_somebody_is() -> None:
    for rule in ("leading", "seen"):
        for name in EXPRESSIONS:
            text = explain({"rule": rule, "days": 7, "expression": name, "percent": 20, "grade": "A"})
            assert not re.search(r"\byou(?:'re| are| feel)\b", text)
            assert "your face looked" in text


def test_the_window_in_a_sentence() -> None:
    assert tell_mood(SAD) == (
        "In the last 7 days your face looked sad more often than any other way besides neutral, about 30% of the time."
    )
    happy = mood_of({"happiness": 0.6, "neutral": 0.4}, leading="happiness")
    assert tell_mood(happy) == "In the last 7 days your face most often looked happy, about 60% of the time."
    assert tell_mood(mood_of({"neutral": 0.9, "happiness": 0.1})) == (
        "In the last 7 days your face looked neutral most of the time, and no other expression stood out."
    )


def test_a_mix_without_a_lead_and_little_neutral_is_called_mixed() -> None:
    torn = mood_of({"neutral": 0.3, "happiness": 0.35, "sadness": 0.35})
    assert tell_mood(torn) == "In the last 7 days your face showed a mix of expressions, none of them clearly ahead."


@pytest.mark.parametrize(
    ("readings", "days", "sentence"),
    [
        (0, 7, "it takes 3 more check-ins, or 30 more readings and readings on 3 more days."),
        (29, 7, "it takes 3 more check-ins, or 1 more reading."),
        (40, 2, "it takes 3 more check-ins, or readings on 1 more day."),
    ],
)
def test_too_little_says_how_many_more(readings: int, days: int, sentence: str) -> None:
    mood = summarise([reading("neutral", at) for at in spread(readings, days=days)], now=NOW)
    assert tell_mood(mood, camera=True) == f"Not enough yet to sum up: {sentence}"
    assert tell_mood(mood, camera=False) == "Not enough yet to sum up: it takes 3 more check-ins."


@pytest.mark.parametrize(("checkins", "floor", "needed"), [(0, 2, "2 more check-ins"), (4, 5, "1 more check-in")])
def test_how_many_check_ins_it_takes_is_the_rule_in_force(checkins: int, floor: int, needed: str) -> None:
    said = [checkin(0.5, 0.0, at) for at in spread(checkins)]
    mood = summarise(said, now=NOW, rules=MoodRules(floor_checkins=floor))
    assert tell_mood(mood) == f"Not enough yet to sum up: it takes {needed}."


def test_without_readings_what_was_said_is_the_summary() -> None:
    mood = summarise([checkin(0.5, -0.5, at) for at in spread(4)], now=NOW)
    said = "Your 4 check-ins said pleasant on the whole, with low energy."
    assert tell_mood(mood) == tell_mood(mood, camera=False) == said
    assert tell_mood(mood, camera=True) == (
        f"{said} To sum up your readings too, it takes 30 more readings and readings on 3 more days."
    )
    assert tell_affects(mood) == []


@pytest.mark.parametrize(
    ("came", "needed"),
    [
        (reading("neutral"), "29 more readings and readings on 2 more days"),
        (no_reading("too_dark"), "30 more readings and readings on 3 more days"),
    ],
)
def test_where_it_is_not_known_whether_readings_can_come_they_can_if_snapshots_did(came: AnyEntry, needed: str) -> None:
    mood = summarise([came], now=NOW)
    assert tell_mood(mood) == f"Not enough yet to sum up: it takes 3 more check-ins, or {needed}."


@pytest.mark.parametrize(
    ("checkins", "beside"),
    [
        (0, []),
        (2, ["To sum up your own word too, it takes 1 more check-in."]),
        (3, ["Your 3 check-ins said pleasant on the whole, with low energy."]),
    ],
)
def test_beside_a_mix_stands_what_was_said_or_how_much_of_it_is_missing(checkins: int, beside: list[str]) -> None:
    entries = [reading("neutral", at) for at in spread(35)] + [checkin(0.5, -0.5, at) for at in spread(checkins)]
    mood = summarise(entries, now=NOW)
    assert tell_mood(mood).startswith("In the last 7 days your face looked neutral most of the time")
    seen = "Going by 35 readings, your face looked neither pleasant nor unpleasant on the whole, with middling energy."
    assert tell_affects(mood) == [*beside, seen]


def test_coverage_in_a_sentence() -> None:
    mood = summarise([*(reading("neutral", at) for at in spread(4, days=2)), no_reading("no_face")], now=NOW)
    assert tell_coverage(mood) == "Readings on 2 of 7 days: 4 readings in all, and 1 snapshot that gave none."
    one = Mood(NOW, NOW, MoodRules(window_days=1), Coverage((Day(NOW.date(), readings=1),)))
    assert tell_coverage(one) == "Readings on 1 of 1 day: 1 reading in all."


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([], "Nothing to go by yet in the last 7 days."),
        ([no_reading("no_face")], "1 snapshot gave no reading."),
        ([checkin(0.5, 0.0, at) for at in spread(4, days=3)], "Check-ins on 3 of 7 days: 4 in all."),
        (
            [checkin(0.5, 0.0, NOW), no_reading("no_face"), no_reading("blurred")],
            "Check-ins on 1 of 7 days: 1 in all. 2 snapshots gave no reading.",
        ),
        (
            [checkin(0.5, 0.0, NOW), *(reading("neutral", at) for at in spread(2, days=2))],
            "Check-ins on 1 of 7 days: 1 in all. Readings on 2 of 7 days: 2 readings in all.",
        ),
    ],
)
def test_coverage_names_only_what_there_is(entries: list[AnyEntry], sentence: str) -> None:
    assert tell_coverage(summarise(entries, now=NOW)) == sentence


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (Day(NOW.date()), "nothing"),
        (Day(NOW.date(), checkins=2), "2 check-ins"),
        (Day(NOW.date(), readings=1, missed=1), "1 reading"),
        (Day(NOW.date(), readings=3, checkins=1), "1 check-in, 3 readings"),
    ],
)
def test_the_counts_of_a_day_in_words(day: Day, told: str) -> None:
    assert tell_counts(day) == told


def test_affect_names_its_source() -> None:
    low, high = Estimate(-0.5, -0.6, -0.4), Estimate(0.3, 0.2, 0.4)
    assert tell_affect(Affect(low, high, "said", 3)) == (
        "Your 3 check-ins said unpleasant on the whole, with rather high energy."
    )
    assert tell_affect(Affect(high, low, "seen", 40)) == (
        "Going by 40 readings, your face looked a little pleasant on the whole, with low energy."
    )


def test_every_value_has_a_word() -> None:
    values = [index / 50 - 1 for index in range(101)]
    assert {pleasantness_word(value) for value in values} == {
        "unpleasant",
        "a little unpleasant",
        "neither pleasant nor unpleasant",
        "a little pleasant",
        "pleasant",
    }
    assert {energy_word(value) for value in values} == {
        "low energy",
        "rather low energy",
        "middling energy",
        "rather high energy",
        "high energy",
    }
