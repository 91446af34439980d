"""Change when snapshots are taken, and pause them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from django.db import transaction

from emotion.models import Schedule
from emotion.selectors import get_schedule
from wellbeing.models import User


@transaction.atomic
def save_schedule(
    *, user: User, enabled: bool, days: Sequence[int], start: time, end: time, every_minutes: int, timezone: str
) -> Schedule:
    """Replace the person's schedule; a pause stays."""
    schedule, _ = Schedule.objects.update_or_create(
        user=user,
        defaults={
            "enabled": enabled,
            "days": sorted(set(days)),
            "start": start,
            "end": end,
            "every_minutes": every_minutes,
            "timezone": timezone,
        },
    )
    return schedule


def pause_schedule(*, user: User, until: datetime | None) -> Schedule:
    """Take no snapshot by schedule before `until`; None ends a pause."""
    schedule = get_schedule(user)
    schedule.paused_until = until
    schedule.save()
    return schedule
