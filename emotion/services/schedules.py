"""Change when snapshots are taken and in which time zone, pause them, and note which moment was answered."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from emotion.authentic import sign_schedule
from emotion.models import Schedule
from emotion.selectors import get_schedule


class TimezoneUnknown(WellbeingError):
    code, status, detail = "unknown_timezone", 400, _("That time zone is not known here.")


@transaction.atomic
def save_schedule(*, user: User, timezone: str, days: Collection[int], **fields: Any) -> Schedule:
    """Replace the person's schedule; a pause stays. No moment before now is asked for. Raises TimezoneUnknown.

    `fields`: others of the row, `start` and `end` among them; times and quiet times as the row holds them ("09:30").
    """
    set_timezone(user=user, zone=timezone)
    schedule = get_schedule(user)
    if schedule.pk is None:
        Schedule.objects.filter(user=user).delete()
    for name, value in (fields | {"days": sorted(set(days)), "done_until": now()}).items():
        setattr(schedule, name, value)
    return _save(schedule)


@transaction.atomic
def set_timezone(*, user: User, zone: str) -> None:
    """All days and times of the person are of this IANA zone from now on. Raises TimezoneUnknown.

    As when the schedule itself changes, no moment before now is asked for.
    """
    if zone not in available_timezones():
        raise TimezoneUnknown
    schedule = _hold_schedule(user)
    user.timezone = zone
    user.save(update_fields=["timezone"])
    if schedule.pk is not None:
        schedule.user, schedule.done_until = user, now()
        _save(schedule)


@transaction.atomic
def pause_schedule(*, user: User, until: datetime | None) -> Schedule:
    """Take no snapshot by schedule before `until`; None ends a pause. What it swallowed is not made up for.

    A schedule that was never made is off, and needs no pause.
    """
    schedule = _hold_schedule(user)
    if schedule.pk is not None:
        schedule.paused_until, schedule.done_until = until, now()
        _save(schedule)
    return schedule


def finish_moment(*, user: User, moment: datetime) -> Schedule:
    """The moment was answered or skipped, so no page asks for it again. One from the future counts as now."""
    schedule = get_schedule(user)
    done = min(moment, now())
    if schedule.pk is not None and (schedule.done_until is None or done > schedule.done_until):
        schedule.done_until = done
        schedule.save(update_fields=["done_until"])
    return schedule


def _hold_schedule(user: User) -> Schedule:
    """Until the transaction ends nobody else changes it, or the zone that it is signed with."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return get_schedule(user)


def _save(schedule: Schedule) -> Schedule:
    sign_schedule(schedule)
    schedule.save()
    return schedule
