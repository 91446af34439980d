import itertools
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emotion.schedule import SLACK, Moment, Schedule, allows, fits, next_moment, plan_day, why_none, why_wait

OFFICE = Schedule(
    enabled=True,
    days=frozenset({0, 1, 2, 3, 4}),
    start=time(9),
    end=time(17),
    timezone="Europe/Berlin",
    mode="every",
    every_minutes=120,
)
RANDOM = replace(OFFICE, mode="random", per_day=3, min_gap_minutes=60, seed=b"s" * 32)
LUNCH = ((time(12), time(13)),)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 6, 1)


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    """June 1st, 2026 is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def next_at(schedule: Schedule, *, now: datetime, last_capture_at: datetime | None = None) -> datetime | None:
    moment = next_moment(schedule, now=now, last_capture_at=last_capture_at)
    return moment.at if moment else None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (berlin(1, 7), berlin(1, 9)),
        (berlin(1, 9), berlin(1, 9)),
        (berlin(1, 9, 29), berlin(1, 9)),
        (berlin(1, 9, 30), berlin(1, 11)),
        (berlin(1, 15, 40), berlin(2, 9)),
        (berlin(5, 16), berlin(8, 9)),
    ],
    ids=["before hours", "due", "still due", "expired", "after the last", "friday afternoon"],
)
def test_moments_start_with_the_hours_and_wait_half_an_hour(now: datetime, expected: datetime) -> None:
    assert next_at(OFFICE, now=now) == expected


def test_a_moment_expires_with_its_own_time_the_hours_a_quiet_time_or_the_next_moment() -> None:
    assert next_moment(OFFICE, now=berlin(1, 9)) == Moment(berlin(1, 9), berlin(1, 9, 30))
    short = replace(OFFICE, end=time(9, 20))
    assert next_moment(short, now=berlin(1, 9)) == Moment(berlin(1, 9), berlin(1, 9, 20))
    early_lunch = replace(OFFICE, quiet=((time(11, 10), time(13)),))
    assert next_moment(early_lunch, now=berlin(1, 10)) == Moment(berlin(1, 11), berlin(1, 11, 10))
    often = replace(OFFICE, every_minutes=15)
    assert next_moment(often, now=berlin(1, 9)) == Moment(berlin(1, 9), berlin(1, 9, 15))


def test_a_snapshot_taken_by_hand_moves_the_next_one_behind_the_gap_or_away() -> None:
    assert next_at(OFFICE, now=berlin(1, 9, 25), last_capture_at=berlin(1, 9, 20)) == berlin(1, 11, 18)
    assert next_at(OFFICE, now=berlin(1, 10, 45), last_capture_at=berlin(1, 10, 30)) == berlin(1, 13)


def test_the_seconds_a_due_snapshot_takes_cost_no_later_one() -> None:
    assert next_at(OFFICE, now=berlin(1, 9, 1), last_capture_at=berlin(1, 9, 1)) == berlin(1, 11)


def test_a_missed_moment_is_not_made_up_for() -> None:
    assert next_at(OFFICE, now=berlin(1, 12, 59), last_capture_at=berlin(1, 9)) == berlin(1, 13)


def test_an_answered_moment_does_not_come_again() -> None:
    assert next_at(replace(OFFICE, done_until=berlin(1, 9)), now=berlin(1, 9, 1)) == berlin(1, 11)


def test_a_pause_swallows_what_lies_in_it_and_ends_by_itself() -> None:
    paused = replace(OFFICE, paused_until=berlin(3, 12))
    assert next_at(paused, now=berlin(1, 10)) == berlin(3, 13)
    assert next_at(paused, now=berlin(3, 14)) == berlin(3, 15)
    assert next_at(replace(OFFICE, paused_until=berlin(3, 13, 5)), now=berlin(3, 13, 10)) == berlin(3, 15)
    assert why_none(paused) is None


def test_what_would_fall_into_a_quiet_time_comes_right_after_it() -> None:
    hourly = replace(OFFICE, every_minutes=60, quiet=(*LUNCH, (time(15), time(15, 40))))
    walls = [moment.at.astimezone(BERLIN).strftime("%H:%M") for moment in plan_day(hourly, MONDAY)]
    assert walls == ["09:00", "10:00", "11:00", "13:00", "14:00", "15:40", "16:40"]


def test_named_times_keep_to_the_hours_and_the_gap() -> None:
    named = replace(OFFICE, mode="times", times=(time(9, 30), time(12, 30), time(14), time(14, 10)), quiet=LUNCH)
    assert [moment.at for moment in plan_day(named, MONDAY)] == [berlin(1, 9, 30), berlin(1, 14)]
    assert [fits(named, at) for at in (time(9), time(12, 59), time(13), time(17))] == [True, False, True, False]


def test_hours_may_run_past_midnight_and_belong_to_the_day_they_began() -> None:
    night = replace(OFFICE, days=frozenset({4}), start=time(22), end=time(6))
    assert next_at(night, now=berlin(6, 3)) == berlin(6, 4)
    assert next_at(night, now=berlin(6, 4, 31)) == berlin(12, 22)
    assert allows(night, at=berlin(6, 4, 10))
    assert not allows(night, at=berlin(5, 4, 10))
    assert [fits(night, time(hour)) for hour in (5, 7, 23)] == [True, False, True]
    named = replace(night, mode="times", times=(time(23), time(5)))
    assert [moment.at for moment in plan_day(named, date(2026, 6, 5))] == [berlin(5, 23), berlin(6, 5)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enabled": False}, "off"),
        ({"days": frozenset()}, "no_days"),
        ({"end": time(9)}, "no_hours"),
        ({"quiet": ((time(8), time(18)),)}, "no_hours"),
        ({"mode": "times", "times": (time(8),)}, "no_times"),
    ],
)
def test_there_is_a_reason_for_no_next_moment(change: dict[str, Any], reason: str) -> None:
    schedule = replace(OFFICE, **change)
    assert (next_at(schedule, now=berlin(1, 8)), why_none(schedule)) == (None, reason)
    assert not allows(schedule, at=berlin(1, 9))


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (berlin(1, 10), None),
        (berlin(1, 8), "outside_hours"),
        (berlin(1, 12, 30), "quiet"),
        (berlin(1, 16), "done"),
        (berlin(1, 18), "outside_hours"),
        (berlin(6, 10), "day_off"),
        (berlin(3, 10), "paused"),
    ],
)
def test_there_is_a_reason_to_wait(now: datetime, reason: str | None) -> None:
    paused = berlin(3, 12) if now == berlin(3, 10) else None
    assert why_wait(replace(OFFICE, quiet=LUNCH, paused_until=paused), now=now) == reason


def test_only_what_a_moment_asked_for_is_allowed() -> None:
    assert allows(OFFICE, at=berlin(1, 11))
    assert allows(OFFICE, at=berlin(1, 11, 31))
    assert not allows(OFFICE, at=berlin(1, 11, 33))
    assert not allows(OFFICE, at=berlin(1, 10, 59))
    assert not allows(OFFICE, at=berlin(6, 11))
    assert not allows(replace(OFFICE, paused_until=berlin(1, 12)), at=berlin(1, 11))


def test_random_moments_are_the_same_again_and_others_for_another_day_or_person() -> None:
    moments = plan_day(RANDOM, MONDAY)
    assert len(moments) == 3
    assert plan_day(RANDOM, MONDAY) == moments
    assert plan_day(replace(RANDOM, seed=b"t" * 32), MONDAY) != moments
    tuesday = plan_day(RANDOM, MONDAY + timedelta(days=1))
    assert [moment.at - timedelta(days=1) for moment in tuesday] != [moment.at for moment in moments]


def test_random_moments_fall_evenly_over_their_blocks() -> None:
    """Three blocks of a day of 8 hours, the last five minutes left out: each moment lies anywhere in its own."""
    schedule = replace(RANDOM, timezone="UTC", min_gap_minutes=15)
    opens = datetime(2026, 6, 1, 9, tzinfo=UTC)
    block = timedelta(minutes=475) / 3
    parts: Counter[tuple[int, int]] = Counter()
    for seed in range(600):
        plan = plan_day(replace(schedule, seed=seed.to_bytes(32)), MONDAY)
        for index, moment in enumerate(plan):
            where = (moment.at - opens - index * block) / block
            assert 0 <= where < 1.001
            parts[index, min(3, int(4 * where))] += 1
    assert len(parts) == 12
    assert all(100 <= count <= 200 for count in parts.values())


def test_more_moments_than_the_gap_has_room_for_become_fewer() -> None:
    assert len(plan_day(replace(RANDOM, per_day=12, min_gap_minutes=120), MONDAY)) == 3
    assert len(plan_day(replace(RANDOM, per_day=12, min_gap_minutes=15), MONDAY)) == 12


def test_the_hour_that_comes_twice_gets_no_snapshot_closer_than_the_gap() -> None:
    sunday = replace(OFFICE, days=frozenset({6}), start=time(1), end=time(4), every_minutes=60)
    moments = [moment.at for moment in plan_day(sunday, date(2026, 10, 25))]
    assert moments == [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in range(4)]
    assert [moment.astimezone(BERLIN).hour for moment in moments] == [1, 2, 2, 3]


def test_hours_that_end_within_the_hour_that_comes_twice_end_twice() -> None:
    sunday = replace(OFFICE, days=frozenset({6}), start=time(1), end=time(2, 30), every_minutes=15)
    walls = [moment.at.astimezone(BERLIN).strftime("%H:%M") for moment in plan_day(sunday, date(2026, 10, 25))]
    assert walls == ["01:00", "01:15", "01:30", "01:45", "02:00", "02:15", "02:00", "02:15"]


def test_hours_inside_the_hour_that_is_missing_wait_for_the_next_week() -> None:
    sunday = replace(OFFICE, days=frozenset({6}), start=time(2, 10), end=time(2, 40), every_minutes=15)
    assert next_at(sunday, now=datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 4, 5, 0, 10, tzinfo=UTC)
    named = replace(sunday, mode="times", times=(time(2, 30),))
    assert next_at(named, now=datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)


ZONES = (
    "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Santiago", "America/Sao_Paulo", "Africa/Cairo",
    "Africa/Casablanca", "Asia/Kolkata", "Asia/Gaza", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney",
    "Pacific/Auckland", "Pacific/Chatham", "Europe/London", "UTC",
)  # fmt: skip
#: Days around which some of these zones change their clocks.
CHANGES = ((3, 8), (3, 29), (4, 5), (4, 24), (9, 6), (9, 27), (10, 4), (10, 25), (10, 29), (11, 1))


def draw_schedule(rng: random.Random) -> Schedule:
    def wall() -> time:
        return time(rng.randrange(24), rng.randrange(60))

    return Schedule(
        enabled=True,
        days=frozenset(rng.sample(range(7), rng.randint(1, 7))),
        start=wall(),
        end=wall(),
        timezone=rng.choice(ZONES),
        mode=rng.choice(("random", "random", "every", "times")),
        per_day=rng.randint(1, 12),
        every_minutes=rng.randint(15, 480),
        times=tuple(wall() for _ in range(rng.randint(1, 8))),
        min_gap_minutes=rng.randint(15, 240),
        quiet=tuple((wall(), wall()) for _ in range(rng.randint(0, 3))),
        expiry_minutes=rng.randint(5, 120),
        seed=rng.randbytes(32),
    )


def draw_instant(rng: random.Random) -> datetime:
    month, day = rng.choice(CHANGES) if rng.random() < 0.7 else (rng.randint(1, 12), rng.randint(1, 28))
    start = datetime(rng.randint(2019, 2031), month, day, tzinfo=UTC)
    return start + timedelta(minutes=rng.randrange(-2 * 1440, 2 * 1440))


def began_on(schedule: Schedule, at: datetime) -> date:
    """The local day whose hours hold this instant."""
    wall = at.astimezone(ZoneInfo(schedule.timezone))
    after_midnight = schedule.end < schedule.start and wall.time() < schedule.end
    return wall.date() - timedelta(days=after_midnight)


def check_open(schedule: Schedule, at: datetime) -> None:
    """Read anew from the wall clock, without a word of how the moment was found."""
    clock = at.astimezone(ZoneInfo(schedule.timezone)).time()
    if schedule.start < schedule.end:
        assert schedule.start <= clock < schedule.end
    else:
        assert clock >= schedule.start or clock < schedule.end
    assert began_on(schedule, at).weekday() in schedule.days
    for start, end in schedule.quiet:
        quiet = start <= clock < end if start <= end else clock >= start or clock < end
        assert not quiet


def live_a_while(schedule: Schedule, rng: random.Random, now: datetime) -> None:
    """A page that is opened, slept through, answered late, skipped and paused; whatever it does, no limit breaks."""
    taken: list[datetime] = []
    for _ in range(6):
        last = taken[-1] if taken else None
        moment = next_moment(schedule, now=now, last_capture_at=last)
        if moment is None:
            return
        assert moment.expires_at > now
        assert moment.at < moment.expires_at <= moment.at + timedelta(minutes=schedule.expiry_minutes)
        assert schedule.done_until is None or moment.at > schedule.done_until
        check_open(schedule, moment.at)
        answer_at = max(now, moment.at)
        deed = rng.random()
        if deed < 0.5:
            # Answered at any time before it expires.
            answer_at += (moment.expires_at - answer_at) * rng.random()
            check_open(schedule, answer_at)
            assert allows(schedule, at=answer_at)
            assert schedule.paused_until is None or answer_at >= schedule.paused_until
            assert last is None or answer_at - last >= schedule.gap - SLACK
            taken.append(answer_at)
            now = answer_at
        elif deed < 0.7:
            schedule = replace(schedule, done_until=moment.at)
            now = answer_at
        elif deed < 0.85:
            schedule = replace(schedule, paused_until=answer_at + timedelta(minutes=rng.choice((60, 600, 4000))))
            assert not allows(schedule, at=answer_at)
        else:
            now = moment.expires_at + timedelta(minutes=rng.randrange(3000))
    per_day = Counter(began_on(schedule, at) for at in taken)
    assert schedule.mode != "random" or all(count <= schedule.per_day for count in per_day.values())


@pytest.mark.parametrize("part", range(10))
def test_no_limit_is_ever_broken(part: int) -> None:
    """10,000 random schedules in all, mostly around days on which clocks change."""
    rng = random.Random(part)
    for _ in range(1000):
        live_a_while(draw_schedule(rng), rng, draw_instant(rng))


def test_the_plans_of_whole_days_keep_the_count_and_the_gap() -> None:
    rng = random.Random(11)
    for _ in range(1000):
        schedule = draw_schedule(rng)
        moments = plan_day(schedule, draw_instant(rng).date())
        assert schedule.mode != "random" or len(moments) <= schedule.per_day
        assert all(later.at - earlier.at >= schedule.gap for earlier, later in itertools.pairwise(moments))
        assert all(earlier.expires_at <= later.at for earlier, later in itertools.pairwise(moments))


def test_an_enabled_schedule_has_a_next_moment_or_says_why() -> None:
    rng = random.Random(12)
    for _ in range(500):
        schedule, now = draw_schedule(rng), draw_instant(rng)
        assert (next_moment(schedule, now=now) is None) == (why_none(schedule) is not None), (schedule, now)


def test_a_person_who_travels_keeps_the_gap_across_zones() -> None:
    taken = berlin(1, 9, 5)
    abroad = replace(RANDOM, timezone="America/New_York")
    moment = next_moment(abroad, now=taken, last_capture_at=taken)
    assert moment is not None
    assert moment.at - taken >= abroad.gap - SLACK
    assert moment.at.astimezone(ZoneInfo("America/New_York")).hour >= 9
