"""Change when snapshots are taken and in which time zone, pause them, and note which moment was answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Required, TypedDict, Unpack
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from emotion.models import Schedule
from emotion.selectors import get_schedule


class TimezoneUnknown(WellbeingError):
    code, status, detail = "unknown_timezone", 400, _("That time zone is not known here.")


class ScheduleFields(TypedDict, total=False):
    """Fields of the row, and the zone they are in; times and quiet times as the row holds them ("09:30")."""

    enabled: bool
    days: Required[Collection[int]]
    start: Required[time]
    end: Required[time]
    timezone: Required[str]
    mode: str
    per_day: int
    every_minutes: int
    times: list[str]
    min_gap_minutes: int
    quiet: list[list[str]]
    expiry_minutes: int


@transaction.atomic
def save_schedule(*, user: User, **fields: Unpack[ScheduleFields]) -> Schedule:
    """Replace the person's schedule; a pause stays. No moment before now is asked for. Raises TimezoneUnknown."""
    set_timezone(user=user, zone=fields["timezone"])
    row = {name: value for name, value in fields.items() if name != "timezone"}
    row |= {"days": sorted(set(fields["days"])), "done_until": timezone.now()}
    schedule, _ = Schedule.objects.update_or_create(user=user, defaults=row)
    schedule.user = user
    return schedule


@transaction.atomic
def set_timezone(*, user: User, zone: str) -> None:
    """All days and times of the person are of this IANA zone from now on. Raises TimezoneUnknown.

    As when the schedule itself changes, no moment before now is asked for.
    """
    if zone not in available_timezones():
        raise TimezoneUnknown
    user.timezone = zone
    user.save(update_fields=["timezone"])
    Schedule.objects.filter(user=user).update(done_until=timezone.now())


def pause_schedule(*, user: User, until: datetime | None) -> Schedule:
    """Take no snapshot by schedule before `until`; None ends a pause. What it swallowed is not made up for.

    A schedule that was never made is off, and needs no pause.
    """
    schedule = get_schedule(user)
    if schedule.pk is not None:
        schedule.paused_until, schedule.done_until = until, timezone.now()
        schedule.save(update_fields=["paused_until", "done_until"])
    return schedule


def finish_moment(*, user: User, moment: datetime) -> Schedule:
    """The moment was answered or skipped, so no page asks for it again. One from the future counts as now."""
    schedule = get_schedule(user)
    done = min(moment, timezone.now())
    if schedule.pk is not None and (schedule.done_until is None or done > schedule.done_until):
        schedule.done_until = done
        schedule.save(update_fields=["done_until"])
    return schedule
