"""When the open page may take a snapshot by itself: days, hours and a gap, right across clock changes.

A day's moments are laid out in elapsed time from the local start: with 45 minutes from 09:00 they are 09:00, 09:45,
10:30 and so on, and on the day the clocks change none is closer to the one before than those 45 minutes.
A moment that went by with the page closed is not made up for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

WhyNone = Literal["off", "no_days", "no_hours"]

MIN_GAP_MINUTES: Final = 15
MAX_GAP_MINUTES: Final = 480

#: Countdown, exposure and upload of a snapshot that was due: it may arrive this much later, and the gap is
#: counted as if it had not.
SLACK: Final = timedelta(minutes=2)

# A narrow window may fall into the hour that a spring day lacks, so the same weekday of two more weeks is tried.
_HORIZON_DAYS: Final = 22


@dataclass(frozen=True, slots=True)
class Schedule:
    """`days` are weekdays, Monday is 0. `end` before `start` means the hours run past midnight of such a day."""

    enabled: bool
    days: frozenset[int]
    start: time
    end: time
    every_minutes: int
    timezone: str
    paused_until: datetime | None = None

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=self.every_minutes)


def next_at(schedule: Schedule, *, now: datetime, last_capture_at: datetime | None = None) -> datetime | None:
    """The next moment after `now` in UTC, at least the gap (less SLACK) after the last capture; see `why_none`."""
    if why_none(schedule) in ("off", "no_days"):
        return None
    earliest = _earliest(schedule, now, last_capture_at)
    first_day = earliest.astimezone(ZoneInfo(schedule.timezone)).date() - timedelta(days=1)
    for offset in range(_HORIZON_DAYS):
        for moment in _moments(schedule, first_day + timedelta(days=offset)):
            if moment > now and moment >= earliest:
                return moment
    return None


def why_none(schedule: Schedule) -> WhyNone | None:
    """Why there is no next moment at all. A pause is no reason: there is one after it."""
    if not schedule.enabled:
        return "off"
    if not schedule.days:
        return "no_days"
    return "no_hours" if schedule.start == schedule.end else None


def allows(schedule: Schedule, *, at: datetime) -> bool:
    """Whether a snapshot that arrives at this instant was taken (up to SLACK before) in the hours agreed to."""
    return any(_is_open(schedule, at - late) for late in (timedelta(), SLACK))


def _is_open(schedule: Schedule, at: datetime) -> bool:
    if why_none(schedule) or (schedule.paused_until and at < schedule.paused_until):
        return False
    local = at.astimezone(ZoneInfo(schedule.timezone)).replace(tzinfo=None)
    for day in (local.date(), local.date() - timedelta(days=1)):
        start, end = _hours(schedule, day)
        if day.weekday() in schedule.days and start <= local < end:
            return True
    return False


def _earliest(schedule: Schedule, now: datetime, last_capture_at: datetime | None) -> datetime:
    bounds = [now]
    if schedule.paused_until:
        bounds.append(schedule.paused_until)
    if last_capture_at:
        bounds.append(last_capture_at - SLACK + schedule.gap)
    return max(bounds)


def _moments(schedule: Schedule, day: date) -> Iterator[datetime]:
    """The moments that begin on this local day, in order."""
    if day.weekday() not in schedule.days:
        return
    zone = ZoneInfo(schedule.timezone)
    start, end = _hours(schedule, day)
    last = end.replace(tzinfo=zone, fold=1).astimezone(UTC)
    moment = start.replace(tzinfo=zone).astimezone(UTC)
    while moment < last:
        if start <= moment.astimezone(zone).replace(tzinfo=None) < end:
            yield moment
        moment += schedule.gap


def _hours(schedule: Schedule, day: date) -> tuple[datetime, datetime]:
    """Start and end on the wall clock, without a zone."""
    last_day = day if schedule.start <= schedule.end else day + timedelta(days=1)
    return datetime.combine(day, schedule.start), datetime.combine(last_day, schedule.end)
