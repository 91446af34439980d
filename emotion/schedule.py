"""When an open page may ask for a snapshot by itself: days, hours, quiet times and a gap, also across clock changes.

A day's moments are drawn at random, one in each of `per_day` equal blocks of its open time, or come every so many
minutes, or at times that the person named. The draw depends only on the person's secret seed and the date: all tabs
and reloads agree, and without the seed it cannot be predicted.

A moment can be answered until it expires; missed moments are not made up for. Hours are wall-clock times, gaps are
elapsed time: a clock change stretches no limit.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

Mode = Literal["random", "every", "times"]
WhyNone = Literal["off", "no_days", "no_hours", "no_times"]
WhyWait = Literal["paused", "day_off", "outside_hours", "quiet", "done"]

MIN_GAP_MINUTES: Final = 15
MAX_GAP_MINUTES: Final = 480
MAX_PER_DAY: Final = 12
MAX_QUIET: Final = 4
MIN_EXPIRY_MINUTES: Final = 5
MAX_EXPIRY_MINUTES: Final = 120

#: Countdown, exposure and upload of a snapshot that was due: it may arrive this much later, and the gap counts as if
#: it had arrived in time.
SLACK: Final = timedelta(minutes=2)

#: A drawn moment is at least this long before a quiet time or the end of the hours, to leave time to answer it.
_ROOM: Final = timedelta(minutes=5)
# A narrow window may fall into the hour that a clock change skips, so the same weekday of two more weeks is tried.
_HORIZON_DAYS: Final = 22
_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`days`: weekdays, Monday is 0. With `end` before `start` the hours run past midnight.

    `quiet`: wall-clock spans without snapshots, end excluded. `mode` selects which of `per_day`, `every_minutes` and
    `times` applies. `done_until`: the last moment that was answered.
    """

    enabled: bool
    days: frozenset[int]
    start: time
    end: time
    timezone: str
    mode: Mode = "random"
    per_day: int = 3
    every_minutes: int = 60
    times: tuple[time, ...] = ()
    min_gap_minutes: int = 45
    quiet: tuple[tuple[time, time], ...] = ()
    expiry_minutes: int = 30
    paused_until: datetime | None = None
    done_until: datetime | None = None
    seed: bytes = field(default=b"", repr=False)

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=self.every_minutes if self.mode == "every" else self.min_gap_minutes)


@dataclass(frozen=True, slots=True)
class Moment:
    """The page asks from `at` until `expires_at`. Both in UTC."""

    at: datetime
    expires_at: datetime


def next_moment(schedule: Schedule, *, now: datetime, last_capture_at: datetime | None = None) -> Moment | None:
    """The moment that is due at `now`, else the next one; `why_none` says why there is none.

    A moment too close to the last capture is delayed until the gap is over, unless it expires before.
    """
    return next(_open_moments(schedule, now, last_capture_at), None) if schedule.enabled else None


def why_none(schedule: Schedule) -> WhyNone | None:
    """Why there is no moment at all. A pause is not a reason: moments follow it."""
    if not schedule.enabled:
        return "off"
    if not schedule.days:
        return "no_days"
    if not _wall_spans(schedule, date(2001, 1, 1)):
        return "no_hours"
    return "no_times" if schedule.mode == "times" and not any(fits(schedule, at) for at in schedule.times) else None


def why_wait(schedule: Schedule, *, now: datetime) -> WhyWait | None:
    """What delays the next moment at `now`; None between two moments of an open day. For an enabled schedule."""
    if schedule.paused_until and now < schedule.paused_until:
        return "paused"
    today = _local(schedule, now).date()
    began = [day for day in (today, today - _DAY) if day.weekday() in schedule.days]
    if any(_holds(_open_spans(schedule, day), now) for day in began):
        done = schedule.done_until or now
        moments = [moment for day in began for moment in plan_day(schedule, day)]
        return None if any(moment.expires_at > now and moment.at > done for moment in moments) else "done"
    if today.weekday() not in schedule.days:
        return "day_off"
    without = _wall_hours(schedule, today)
    return "quiet" if without[0] <= _local(schedule, now) < without[1] else "outside_hours"


def fits(schedule: Schedule, at: time) -> bool:
    """Whether a wall-clock time is within the hours and outside quiet times."""
    day = date(2001, 1, 1)
    return _holds(_wall_spans(schedule, day), _wall_time(schedule, day, at))


def allows(schedule: Schedule, *, at: datetime) -> bool:
    """Whether a snapshot that arrives at this instant answers a moment that is open or expired less than SLACK ago."""
    today = _local(schedule, at).date()
    moments = [moment for day in (today - _DAY, today) for moment in _plan_allowed_day(schedule, day)]
    return schedule.enabled and any(moment.at <= at < moment.expires_at + SLACK for moment in moments)


def plan_day(schedule: Schedule, day: date) -> list[Moment]:
    """The moments of this local day, in order; hours past midnight belong to the day on which they began."""
    spans = _open_spans(schedule, day)
    starts = _starts(schedule, day, spans)
    return [
        Moment(at, min(span_end, at + timedelta(minutes=schedule.expiry_minutes), following))
        for at, following in pairwise([*starts, _NEVER])
        for span_start, span_end in spans
        if span_start <= at < span_end
    ]


def _open_moments(schedule: Schedule, now: datetime, last_capture_at: datetime | None) -> Iterator[Moment]:
    first = _local(schedule, max(now, schedule.paused_until or now)).date() - _DAY
    earliest = last_capture_at - SLACK + schedule.gap if last_capture_at else now
    for offset in range(_HORIZON_DAYS):
        for moment in _plan_allowed_day(schedule, first + offset * _DAY):
            answered = last_capture_at is not None and moment.at <= last_capture_at
            if answered or (schedule.done_until and moment.at <= schedule.done_until):
                continue
            at = max(moment.at, earliest) if last_capture_at else moment.at
            if at < moment.expires_at and now < moment.expires_at:
                yield Moment(at, moment.expires_at)


def _plan_allowed_day(schedule: Schedule, day: date) -> list[Moment]:
    """The moments of the day, without those in a pause; none on a weekday that is not chosen."""
    if day.weekday() not in schedule.days:
        return []
    paused = schedule.paused_until
    return [moment for moment in plan_day(schedule, day) if paused is None or moment.at >= paused]


def _starts(schedule: Schedule, day: date, spans: list[Span]) -> list[datetime]:
    if not spans:
        return []
    if schedule.mode == "random":
        return list(_draw(schedule, day, spans))
    if schedule.mode == "every":
        return list(_space_evenly(schedule, spans))
    kept: list[datetime] = []
    for at in _resolve_times(schedule, day):
        if _holds(spans, at) and (not kept or at - kept[-1] >= schedule.gap):
            kept.append(at)
    return kept


def _draw(schedule: Schedule, day: date, spans: list[Span]) -> Iterator[datetime]:
    """One moment in each equal block of the open time, never closer to the one before than the gap.

    No block is shorter than the gap plus the second that rounding may add, so that the gap always leaves part of it.
    """
    roomy = [(start, max(start + (end - start) / 2, end - _ROOM)) for start, end in spans]
    total = sum((end - start for start, end in roomy), timedelta())
    count = min(schedule.per_day, max(1, int(total / (schedule.gap + _SECOND))))
    earliest = roomy[0][0]
    for index in range(count):
        low = max(_offset_of(roomy, earliest), total * index / count)
        share = _fraction(schedule.seed, day, index)
        at = _moment_at(roomy, low + (total * (index + 1) / count - low) * share)
        yield at
        earliest = at + schedule.gap


def _fraction(seed: bytes, day: date, index: int) -> float:
    """Pseudorandom in [0, 1): uniform for anyone without the seed, reproducible with it."""
    digest = hashlib.blake2b(f"{day.isoformat()}/{index}".encode(), key=seed, digest_size=8, person=b"wb-schedule")
    # A float holds 53 bits exactly; all 64 could round up to 1.
    return (int.from_bytes(digest.digest()) >> 11) / 2**53


def _offset_of(spans: list[Span], at: datetime) -> timedelta:
    """The open time before `at`."""
    return sum((max(timedelta(), min(end, at) - start) for start, end in spans), timedelta())


def _moment_at(spans: list[Span], offset: timedelta) -> datetime:
    """The instant after `offset` of open time, rounded up to whole seconds."""
    for start, end in spans:
        if offset < end - start:
            at = start + offset
            return at + timedelta(microseconds=-at.microsecond % 1_000_000)
        offset -= end - start
    return spans[-1][1]


def _space_evenly(schedule: Schedule, spans: list[Span]) -> Iterator[datetime]:
    """From the first open instant, one per gap; what would fall into a quiet time comes right after it."""
    at = spans[0][0]
    for start, end in spans:
        at = max(at, start)
        while at < end:
            yield at
            at += schedule.gap


def _resolve_times(schedule: Schedule, day: date) -> list[datetime]:
    """The named times in UTC, in order. A time that a clock change skips is left out; a repeated one counts once."""
    moments = []
    for at in schedule.times:
        wall = _wall_time(schedule, day, at)
        instant = wall.replace(tzinfo=ZoneInfo(schedule.timezone)).astimezone(UTC)
        if _local(schedule, instant) == wall:
            moments.append(instant)
    return sorted(moments)


def _wall_time(schedule: Schedule, day: date, at: time) -> datetime:
    """This time in the hours that began on this day, which may run past midnight."""
    return datetime.combine(day + _DAY if schedule.end < schedule.start and at < schedule.start else day, at)


def _open_spans(schedule: Schedule, day: date) -> list[Span]:
    """The open spans of this day, in UTC, in order."""
    return [span for wall in _wall_spans(schedule, day) for span in _to_utc(schedule, wall)]


def _wall_hours(schedule: Schedule, day: date) -> Span:
    """Start and end in naive wall-clock time."""
    last_day = day if schedule.start <= schedule.end else day + _DAY
    return datetime.combine(day, schedule.start), datetime.combine(last_day, schedule.end)


def _wall_spans(schedule: Schedule, day: date) -> list[Span]:
    """The hours without the quiet times, in naive wall-clock time."""
    start, end = _wall_hours(schedule, day)
    spans = [(start, end)] if start < end else []
    for quiet_start, quiet_end in schedule.quiet:
        for begins_on in (day - _DAY, day, day + _DAY):
            ends_on = begins_on if quiet_start <= quiet_end else begins_on + _DAY
            cut = datetime.combine(begins_on, quiet_start), datetime.combine(ends_on, quiet_end)
            spans = [part for span in spans for part in _subtract(span, cut)]
    return spans


def _subtract(span: Span, cut: Span) -> list[Span]:
    if cut[0] >= cut[1]:
        return [span]
    parts = [(span[0], min(span[1], cut[0])), (max(span[0], cut[1]), span[1])]
    return [(start, end) for start, end in parts if start < end]


def _to_utc(schedule: Schedule, wall: Span) -> list[Span]:
    """The instants at which the wall clock shows a time within `wall`: two spans if a clock change separates them."""
    zone = ZoneInfo(schedule.timezone)
    # Wide enough on both sides to include a clock change at either end.
    early = wall[0].replace(tzinfo=zone).astimezone(UTC) - timedelta(hours=3)
    late = wall[1].replace(tzinfo=zone, fold=1).astimezone(UTC) + timedelta(hours=3)
    before, after = _offset(zone, early), _offset(zone, late)
    change = late if before == after else _find_change(zone, early, late)
    start, end = (at.replace(tzinfo=UTC) for at in wall)
    first, second = (start - before, min(end - before, change)), (max(start - after, change), end - after)
    if first[0] < first[1] == second[0] < second[1]:
        return [(first[0], second[1])]
    return [span for span in (first, second) if span[0] < span[1]]


def _find_change(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The first second with the new UTC offset."""
    before = _offset(zone, early)
    while late - early > _SECOND:
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        early, late = (middle, late) if _offset(zone, middle) == before else (early, middle)
    return late


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _local(schedule: Schedule, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(schedule.timezone)).replace(tzinfo=None)


def _holds(spans: list[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)
