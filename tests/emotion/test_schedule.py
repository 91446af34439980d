from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emotion.schedule import SLACK, Schedule, allows, next_at, why_none

OFFICE = Schedule(
    enabled=True,
    days=frozenset({0, 1, 2, 3, 4}),
    start=time(9),
    end=time(17),
    every_minutes=120,
    timezone="Europe/Berlin",
)
BERLIN = ZoneInfo("Europe/Berlin")


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    """June 1st, 2026 is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (berlin(1, 7), berlin(1, 9)),
        (berlin(1, 9), berlin(1, 11)),
        (berlin(1, 10, 30), berlin(1, 11)),
        (berlin(1, 15), berlin(2, 9)),
        (berlin(5, 16), berlin(8, 9)),
    ],
    ids=["before hours", "on a moment", "between", "after the last", "friday afternoon"],
)
def test_moments_start_with_the_hours_and_repeat(now: datetime, expected: datetime) -> None:
    assert next_at(OFFICE, now=now) == expected


def test_a_snapshot_taken_by_hand_moves_the_next_one_behind_the_gap() -> None:
    assert next_at(OFFICE, now=berlin(1, 10, 45), last_capture_at=berlin(1, 10, 30)) == berlin(1, 13)


def test_the_seconds_a_due_snapshot_takes_cost_no_later_one() -> None:
    assert next_at(OFFICE, now=berlin(1, 9, 1), last_capture_at=berlin(1, 9, 1)) == berlin(1, 11)


def test_a_missed_moment_is_not_made_up_for() -> None:
    assert next_at(OFFICE, now=berlin(1, 12, 59), last_capture_at=berlin(1, 9)) == berlin(1, 13)


def test_a_pause_moves_the_next_one_and_ends_by_itself() -> None:
    paused = replace(OFFICE, paused_until=berlin(3, 12))
    assert next_at(paused, now=berlin(1, 10)) == berlin(3, 13)
    assert next_at(paused, now=berlin(3, 14)) == berlin(3, 15)
    assert why_none(paused) is None


def test_hours_may_run_past_midnight_and_belong_to_the_day_they_began() -> None:
    night = replace(OFFICE, days=frozenset({4}), start=time(22), end=time(6))
    assert next_at(night, now=berlin(6, 3)) == berlin(6, 4)
    assert next_at(night, now=berlin(6, 4)) == berlin(12, 22)
    assert allows(night, at=berlin(6, 5, 59))
    assert not allows(night, at=berlin(5, 5))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enabled": False}, "off"),
        ({"days": frozenset()}, "no_days"),
        ({"end": time(9)}, "no_hours"),
    ],
)
def test_there_is_a_reason_for_no_next_moment(change: dict[str, object], reason: str) -> None:
    schedule = replace(OFFICE, **change)  # type: ignore[arg-type]
    assert (next_at(schedule, now=berlin(1, 8)), why_none(schedule)) == (None, reason)
    assert not allows(schedule, at=berlin(1, 9))


def test_a_late_arrival_still_counts_as_within_hours() -> None:
    assert allows(OFFICE, at=berlin(1, 16, 59))
    assert allows(OFFICE, at=berlin(1, 17, 1))
    assert not allows(OFFICE, at=berlin(1, 17, 3))
    assert not allows(OFFICE, at=berlin(1, 8, 59))
    assert not allows(OFFICE, at=berlin(6, 10))
    assert not allows(replace(OFFICE, paused_until=berlin(1, 12)), at=berlin(1, 11))


def test_the_hour_that_comes_twice_gets_no_snapshot_closer_than_the_gap() -> None:
    sunday = replace(OFFICE, days=frozenset({6}), start=time(1), end=time(4), every_minutes=60)
    night = datetime(2026, 10, 24, 22, tzinfo=UTC)
    moments = list(walk(sunday, night, 4))
    assert moments == [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in range(4)]
    assert [moment.astimezone(BERLIN).hour for moment in moments] == [1, 2, 2, 3]


def test_hours_inside_the_hour_that_is_missing_wait_for_the_next_week() -> None:
    sunday = replace(OFFICE, days=frozenset({6}), start=time(2, 10), end=time(2, 40), every_minutes=15)
    assert next_at(sunday, now=datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 4, 5, 0, 10, tzinfo=UTC)


def walk(schedule: Schedule, now: datetime, count: int) -> list[datetime]:
    """What a page left open would do: each moment taken, then the next asked for."""
    moments: list[datetime] = []
    last = None
    for _ in range(count):
        upcoming = next_at(schedule, now=now, last_capture_at=last)
        if upcoming is None:
            break
        moments.append(upcoming)
        now = last = upcoming
    return moments


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Africa/Cairo",
]
CHANGES = [
    datetime.fromisoformat("2026-03-07"),
    datetime.fromisoformat("2026-03-28"),
    datetime.fromisoformat("2026-04-04"),
    datetime.fromisoformat("2026-10-03"),
    datetime.fromisoformat("2026-10-24"),
]
times = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
schedules = st.builds(
    Schedule,
    enabled=st.just(True),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=times,
    end=times,
    every_minutes=st.integers(15, 480),
    timezone=st.sampled_from(ZONES),
    paused_until=st.none()
    | st.datetimes(datetime.fromisoformat("2026-03-01"), datetime.fromisoformat("2026-11-01"), timezones=st.just(UTC)),
)
instants = st.one_of(
    st.datetimes(datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-01-31")),
    st.builds(lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(0, 3000)),
).map(lambda moment: moment.replace(tzinfo=UTC))


@hypothesis_settings(max_examples=400, deadline=None)
@given(schedule=schedules, now=instants)
def test_no_limit_is_ever_broken(schedule: Schedule, now: datetime) -> None:
    moments = walk(schedule, now, 6)
    assert all(later - earlier >= schedule.gap - SLACK for earlier, later in itertools.pairwise(moments))
    for moment in moments:
        local = moment.astimezone(ZoneInfo(schedule.timezone))
        overnight = schedule.end < schedule.start
        began = local - timedelta(days=1) if overnight and local.time() < schedule.end else local
        assert began.weekday() in schedule.days
        wall = local.time().replace(tzinfo=None)
        if overnight:
            assert wall >= schedule.start or wall < schedule.end
        else:
            assert schedule.start <= wall < schedule.end
        assert moment > now
        assert schedule.paused_until is None or moment >= schedule.paused_until
        assert allows(schedule, at=moment)


@hypothesis_settings(max_examples=200, deadline=None)
@given(schedule=schedules, now=instants)
def test_an_enabled_schedule_with_hours_has_a_next_moment_or_says_why(schedule: Schedule, now: datetime) -> None:
    assert (next_at(schedule, now=now) is None) == (why_none(schedule) is not None)


@hypothesis_settings(max_examples=200, deadline=None)
@given(schedule=schedules, now=instants, asleep=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_however_long_the_page_slept_only_one_moment_follows(
    schedule: Schedule, now: datetime, asleep: timedelta
) -> None:
    woke = now + asleep
    upcoming = next_at(schedule, now=woke, last_capture_at=now)
    assert upcoming is None or upcoming > woke
