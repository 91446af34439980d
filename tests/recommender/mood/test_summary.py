import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion.labels import EXPRESSIONS
from recommender.mood.prevalence import EFFECTIVE_SAMPLE_FACTOR
from recommender.mood.summary import DAY_CAP, MoodRules, window_start
from research.recommender.people import ANY
from tests.entries import reading as make_reading
from tests.recommender.people import (
    DESK_WORKER,
    NOW,
    SIZE,
    WEAK_FACES,
    checkin,
    correction,
    days_ago,
    journal_of,
    line,
    no_reading,
    reading,
    spread,
    summarise,
)

EASY = MoodRules(floor_readings=4, floor_days=1, half_life_days=1000.0)


def with_usual(share: float, effective: float, *, usual: float = 0.15) -> float:
    """A share of happiness once the four readings of the usual mix are counted in."""
    return (share * EFFECTIVE_SAMPLE_FACTOR * effective + 4 * usual) / (EFFECTIVE_SAMPLE_FACTOR * effective + 4)


def test_nothing_at_all_is_not_enough_and_not_neutral() -> None:
    mood = summarise([], now=NOW)
    assert not mood.enough
    assert (mood.mix, mood.seen, mood.said, mood.leading) == (None, None, None, None)
    assert (mood.readings_needed, mood.days_needed) == (30, 3)
    assert [day.date for day in mood.coverage.days] == [date(2026, 11, 14) + timedelta(days=i) for i in range(7)]
    assert mood.coverage.days_with_readings == 0


def test_under_the_floor_it_says_how_many_more() -> None:
    rules = MoodRules(floor_readings=10, floor_days=3)
    mood = summarise([reading("happiness", at) for at in spread(4, days=2)], now=NOW, rules=rules)
    assert mood.mix is None
    assert (mood.readings_needed, mood.days_needed) == (6, 1)


def test_many_readings_on_too_few_days_are_not_enough() -> None:
    rules = MoodRules(floor_readings=10, floor_days=3)
    mood = summarise([reading("happiness", at) for at in spread(40, days=2)], now=NOW, rules=rules)
    assert mood.mix is None
    assert (mood.readings_needed, mood.days_needed) == (0, 1)


def test_shares_follow_the_order_of_expressions_and_sum_to_one() -> None:
    entries = [reading(name, at) for name, at in zip(["happiness", "neutral"] * 20, spread(40), strict=True)]
    mood = summarise(entries, now=NOW)
    assert mood.mix is not None
    assert tuple(share.expression for share in mood.mix) == EXPRESSIONS
    assert sum(share.value for share in mood.mix) == pytest.approx(1)
    # Half of them, and the usual share of the four readings the usual mix is worth.
    assert mood.share("happiness") == pytest.approx(with_usual(0.5, 40), abs=0.01)


def test_an_unsure_reading_is_no_vote_but_leans_to_what_the_others_show() -> None:
    unsure = [0.0, 0.0, 0.0, 0.45, 0.55, 0.0, 0.0]
    names = ["happiness"] * 30 + ["neutral"] * 10 + [unsure] * 30
    mood = summarise([reading(p, at) for p, at in zip(names, spread(70), strict=True)], now=NOW, rules=EASY)
    # Votes would say 30 of 70; given the other readings the unsure ones are mostly smiles.
    assert mood.share("happiness") == pytest.approx(0.66, abs=0.01)


def test_what_is_hard_to_tell_counts_in_the_mix_and_towards_no_floor() -> None:
    data = make_reading(p=[0, 0, 0, 0.5, 0, 0.5, 0], outcome="low_confidence", quality=1.0)
    faint = [line(data, at - timedelta(minutes=65)) for at in spread(8)]
    sure = [reading("happiness", at) for at in spread(8)]
    mood = summarise([*sure, *faint], now=NOW, rules=EASY)
    assert (mood.coverage.readings, mood.coverage.missed) == (8, 8)
    assert mood.coverage.reasons == {"low_confidence": 8}
    assert mood.share("happiness") > summarise(sure, now=NOW, rules=EASY).share("happiness")
    assert summarise(faint * 5, now=NOW, rules=EASY).mix is None


def test_a_persons_own_earlier_weeks_make_few_readings_surer() -> None:
    names = ["happiness", "neutral", "neutral", "neutral"] * 20
    before = [reading(name, days_ago(8 + index / 2)) for index, name in enumerate(names)]
    window = [reading(name, at) for name, at in zip(names[:12], spread(12), strict=True)]
    alone, with_own = (summarise(entries, now=NOW, rules=EASY) for entries in (window, before + window))
    assert alone.coverage == with_own.coverage
    # A quarter of both, and the weeks before count for as much as the window.
    assert alone.share("happiness") == pytest.approx(
        (3 * EFFECTIVE_SAMPLE_FACTOR + 4 * 0.15) / (12 * EFFECTIVE_SAMPLE_FACTOR + 4), abs=1e-3
    )
    assert with_own.share("happiness") == pytest.approx(
        (6 * EFFECTIVE_SAMPLE_FACTOR + 4 * 0.15) / (24 * EFFECTIVE_SAMPLE_FACTOR + 4), abs=0.005
    )
    assert summarise(before[:59] + window, now=NOW, rules=EASY).mix == alone.mix


def test_earlier_weeks_keep_quiet_about_a_window_unlike_them() -> None:
    before = [reading("neutral", days_ago(8 + index / 2)) for index in range(80)]
    window = [reading("sadness", at) for at in spread(12)]
    alone, with_own = (summarise(entries, now=NOW, rules=EASY) for entries in (window, before + window))
    assert alone.share("sadness") - with_own.share("sadness") < 0.1


def test_a_poor_picture_counts_less() -> None:
    times = spread(20, days=5)
    entries = [reading("happiness", at, quality=0.25) for at in times[:10]]
    entries += [reading("neutral", at) for at in times[10:]]
    mood = summarise(entries, now=NOW, rules=EASY)
    effective = (10 * 0.25 + 10) ** 2 / (10 * 0.0625 + 10)
    assert mood.share("happiness") == pytest.approx(with_usual(0.2, effective), abs=1e-4)


def test_an_older_reading_counts_half_after_a_half_life() -> None:
    rules = MoodRules(floor_readings=2, floor_days=1, half_life_days=3.0)
    mood = summarise([reading("happiness", days_ago(3)), reading("neutral", NOW)], now=NOW, rules=rules)
    assert mood.share("happiness") == pytest.approx(with_usual(1 / 3, 1.5**2 / 1.25), abs=1e-6)


def test_one_busy_day_is_not_the_week() -> None:
    busy = [reading("happiness", NOW - timedelta(minutes=5 * index)) for index in range(60)]
    quiet = [reading("neutral", days_ago(day) - timedelta(hours=hour)) for day in range(1, 4) for hour in range(4)]
    mood = summarise([*busy, *quiet], now=NOW, rules=EASY)
    # Uncapped it would be 60 of 72; capped it is 12 of 24. The busy day's five hours are its five groups.
    sizes = [
        count * DAY_CAP / 60 for count in Counter((NOW - timedelta(minutes=5 * i)).hour for i in range(60)).values()
    ]
    effective = 24**2 / (sum(size**2 for size in sizes) + 12)
    assert mood.share("happiness") == pytest.approx(with_usual(0.5, effective), abs=1e-3)


def test_readings_before_the_window_and_from_the_future_do_not_count() -> None:
    entries = [reading("sadness", days_ago(7)), reading("sadness", NOW + timedelta(minutes=1))]
    mood = summarise(entries, now=NOW, rules=EASY)
    assert mood.coverage.readings == 0


def test_today_is_the_last_day_of_the_window_where_the_person_is() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    now = datetime(2026, 11, 20, 1, 0, tzinfo=zone)
    assert window_start(now, 7) == datetime(2026, 11, 14, tzinfo=zone)
    late = reading("neutral", datetime(2026, 11, 19, 11, 30, tzinfo=UTC))
    days = summarise([late], now=now).coverage.days
    assert [(day.date, day.readings) for day in days[-2:]] == [(date(2026, 11, 19), 0), (date(2026, 11, 20), 1)]


def test_a_window_over_the_change_of_clocks_has_its_seven_days() -> None:
    now = datetime(2026, 10, 27, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert window_start(now, 7).isoformat() == "2026-10-21T00:00:00+02:00"
    assert len(summarise([], now=now).coverage.days) == 7


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        summarise([], now=datetime(2026, 11, 20))  # noqa: DTZ001


def test_a_prior_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="7 positive numbers"):
        summarise([reading("neutral")] * 4, now=NOW, rules=EASY, prior=[0.5, 0.5])


def test_captures_without_a_reading_count_in_coverage_only() -> None:
    entries = [reading("happiness", at) for at in spread(8)]
    entries += [no_reading("no_face", days_ago(1)), no_reading("too_dark"), no_reading("too_dark")]
    mood = summarise(entries, now=NOW, rules=EASY)
    assert mood.coverage.reasons == {"no_face": 1, "too_dark": 2}
    assert (mood.coverage.readings, mood.coverage.missed) == (8, 3)
    assert mood.mix == summarise(entries[:8], now=NOW, rules=EASY).mix


@pytest.mark.parametrize("p", [None, [0.5] * 7, [0.0] * 7])
def test_a_reading_that_is_no_distribution_is_no_reading(p: list[float] | None) -> None:
    odd = line(make_reading(p=p))
    assert summarise([odd], now=NOW).coverage.readings == 0
    assert summarise([odd], now=NOW).coverage.missed == 1


def test_a_corrected_reading_outranks_the_camera() -> None:
    wrong = [reading("sadness", at) for at in spread(20)]
    entries = [*wrong, *(correction(line, "neutral", line.at) for line in wrong)]
    mood = summarise(entries, now=NOW, rules=EASY, prior=ANY)
    assert mood.corrected == 20
    assert mood.share("neutral") > 0.8
    assert mood.share("sadness") < 0.05


def test_the_latest_correction_counts() -> None:
    wrong = reading("sadness")
    said = [correction(wrong, "fear", days_ago(0.2)), correction(wrong, "neutral", days_ago(0.1))]
    assert journal_of(reversed(said)).corrections == {wrong.id: "neutral"}


def test_a_correction_of_something_else_changes_nothing() -> None:
    entries = [reading("happiness", at) for at in spread(8)]
    stray = correction(reading("sadness"), "anger")
    assert summarise([*entries, stray], now=NOW, rules=EASY).mix == summarise(entries, now=NOW, rules=EASY).mix


def test_pleasantness_and_energy_of_a_face_that_always_smiles() -> None:
    mood = summarise([reading("happiness", at) for at in spread(3000)], now=NOW, rules=EASY)
    assert mood.seen is not None
    assert mood.seen.pleasantness.value == pytest.approx(0.81, abs=0.05)
    assert mood.seen.energy.value == pytest.approx(0.51, abs=0.05)
    assert mood.affect is mood.seen


def test_surprise_raises_energy_and_leaves_pleasantness_alone() -> None:
    calm = [reading("neutral", at) for at in spread(35)]
    startled = [reading("surprise", at - timedelta(minutes=5)) for at in spread(35)]
    before = summarise(calm, now=NOW, rules=EASY).seen
    after = summarise(calm + startled, now=NOW, rules=EASY).seen
    assert before is not None
    assert after is not None
    assert after.pleasantness.value == pytest.approx(before.pleasantness.value, abs=0.02)
    assert after.energy.value > before.energy.value + 0.2


def test_what_was_said_outranks_what_was_seen() -> None:
    seen = [reading("happiness", at) for at in spread(40)]
    said = [checkin(-0.6, -0.4, days_ago(day)) for day in range(4)]
    mood = summarise(seen + said, now=NOW, rules=EASY)
    assert mood.affect is mood.said
    assert mood.said is not None
    assert mood.said.pleasantness.value == pytest.approx(-0.6)
    assert mood.said.energy.value == pytest.approx(-0.4)
    assert mood.said.count == 4


def test_two_check_ins_are_too_few_and_three_are_enough_without_a_camera() -> None:
    said = [checkin(0.5, 0.1, days_ago(day)) for day in range(3)]
    assert not summarise(said[:2], now=NOW).enough
    mood = summarise(said, now=NOW)
    assert mood.enough
    assert mood.said is not None
    # Spread borrowed: sqrt((2 * 0.35^2) / 4 / 2.87) * 1.96 with ages 0, 1 and 2 days.
    assert mood.said.pleasantness.low == pytest.approx(0.5 - 0.287, abs=0.01)


def test_an_expression_leads_only_when_it_clearly_does() -> None:
    times = spread(60)
    mostly_sad = ["sadness"] * 24 + ["happiness"] * 6 + ["neutral"] * 30
    torn = ["sadness"] * 15 + ["happiness"] * 15 + ["neutral"] * 30
    random.Random(1).shuffle(mostly_sad)
    random.Random(1).shuffle(torn)
    leads = [
        summarise([reading(name, at) for name, at in zip(names, times, strict=True)], now=NOW, rules=EASY).leading
        for names in (mostly_sad, torn, ["neutral"] * 60)
    ]
    assert leads == ["sadness", None, None]


def test_a_person_of_known_mix_is_seen_better_than_by_counting_labels() -> None:
    rng = np.random.default_rng(8)
    corrected, counted = [], []
    for _ in range(40):
        seen, labels = WEAK_FACES.read(rng.choice(SIZE, 60, p=DESK_WORKER), rng)
        entries = [reading(row, at) for row, at in zip(seen, spread(60), strict=True)]
        mood = summarise(entries, now=NOW, rules=EASY, prior=ANY)
        corrected.append(np.abs([mood.share(name) for name in EXPRESSIONS] - DESK_WORKER).mean())
        counted.append(np.abs(np.eye(SIZE)[labels].mean(axis=0) - DESK_WORKER).mean())
    assert np.mean(corrected) < 0.6 * np.mean(counted)


def test_half_the_days_missing_widens_the_interval_and_is_never_filled_in() -> None:
    rng = np.random.default_rng(5)
    truth = rng.choice(SIZE, 140, p=DESK_WORKER)
    entries = [reading(EXPRESSIONS[index], at) for index, at in zip(truth, spread(140, days=14), strict=True)]
    kept = [line for line in entries if line.at.date().toordinal() % 2]
    rules = MoodRules(window_days=14, floor_days=1, half_life_days=1000.0)
    whole, half = (summarise(lines, now=NOW, rules=rules) for lines in (entries, kept))
    assert whole.seen is not None
    assert half.seen is not None
    assert half.coverage.days_with_readings == 7
    assert [day.readings for day in half.coverage.days].count(0) == 7
    widths = [seen.pleasantness.high - seen.pleasantness.low for seen in (whole.seen, half.seen)]
    assert widths[1] > 1.2 * widths[0]
    assert abs(whole.seen.pleasantness.value - half.seen.pleasantness.value) < widths[1] / 2


@given(
    st.lists(st.tuples(st.sampled_from(EXPRESSIONS), st.floats(0, 1), st.floats(0, 20)), min_size=0, max_size=40),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 9)), max_size=6),
)
@settings(max_examples=50, deadline=None)
def test_whatever_the_journal_holds_the_summary_is_sound(
    seen: list[tuple[str, float, float]], said: list[tuple[float, float, float]]
) -> None:
    entries = [reading(name, days_ago(age), quality=quality) for name, quality, age in seen]
    entries += [checkin(pleasant, energy, days_ago(age)) for pleasant, energy, age in said]
    mood = summarise(entries, now=NOW, rules=EASY, prior=ANY)
    assert mood.coverage.readings == len([age for _, _, age in seen if days_ago(age) >= mood.since])
    assert (mood.mix is None) == (mood.coverage.readings < 4)
    for affect in (mood.seen, mood.said):
        for estimate in (affect.pleasantness, affect.energy) if affect else ():
            assert -1 <= estimate.low <= estimate.value + 1e-9 <= estimate.high + 2e-9 <= 1 + 3e-9
    assert mood.mix is None or sum(share.value for share in mood.mix) == pytest.approx(1)
