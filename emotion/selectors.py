"""What the database answers about captures, consent and schedules. Reads only; always of one person."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from emotion import schedule as rules
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent, Schedule, Vault
from wellbeing.exceptions import NotFound, VaultRequired
from wellbeing.models import User

RECENT: Final = timedelta(hours=24)


def get_vault(user: User) -> Vault:
    """Raises VaultRequired."""
    vault = Vault.objects.filter(user=user).first()
    if vault is None:
        raise VaultRequired
    return vault


def live_consents() -> QuerySet[Consent]:
    """Given, not ended, and to the words that stand today."""
    return Consent.objects.filter(
        purpose=Consent.Purpose.CAMERA,
        ended_at=None,
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
    )


def get_live_consent(user: User) -> Consent | None:
    return live_consents().filter(user=user).first()


def get_consents(user: User) -> QuerySet[Consent]:
    """Every receipt, newest first."""
    return Consent.objects.filter(user=user).order_by("-given_at")


def get_captures(user: User) -> QuerySet[Capture]:
    """The last day, newest first."""
    since = timezone.now() - RECENT
    return Capture.objects.filter(vault__user=user, queued_at__gte=since).order_by("-queued_at")


def get_capture(user: User, capture_id: UUID) -> Capture:
    """Raises NotFound, also for a capture of somebody else."""
    capture = Capture.objects.filter(vault__user=user, pk=capture_id).first()
    if capture is None:
        raise NotFound
    return capture


def get_last_capture_at(user: User) -> datetime | None:
    answer: datetime | None = Capture.objects.filter(vault__user=user).aggregate(last=Max("queued_at"))["last"]
    return answer


def get_schedule(user: User) -> Schedule:
    """The person's row, or an unsaved one that is switched off."""
    return Schedule.objects.filter(user=user).first() or Schedule(
        user=user,
        enabled=False,
        days=[0, 1, 2, 3, 4],
        start=time(9),
        end=time(17),
        every_minutes=60,
        timezone=settings.TIME_ZONE,
    )


def get_rules(schedule: Schedule) -> rules.Schedule:
    return rules.Schedule(
        enabled=schedule.enabled,
        days=frozenset(schedule.days),
        start=schedule.start,
        end=schedule.end,
        every_minutes=schedule.every_minutes,
        timezone=schedule.timezone,
        paused_until=schedule.paused_until,
    )


def get_next_at(user: User, schedule: Schedule) -> tuple[datetime | None, str | None]:
    """When the open page takes its next snapshot, or why it takes none.

    Reasons: off, no_days, no_hours, vault_required, consent_required.
    """
    plan = get_rules(schedule)
    reason: str | None = rules.why_none(plan)
    if reason is None and not Vault.objects.filter(user=user).exists():
        reason = "vault_required"
    if reason is None and get_live_consent(user) is None:
        reason = "consent_required"
    if reason is not None:
        return None, reason
    return rules.next_at(plan, now=timezone.now(), last_capture_at=get_last_capture_at(user)), None


def count_captures() -> dict[str, int]:
    """How many rows there are in each state, over everybody; finished ones are deleted after a day."""
    counts = dict(Capture.objects.order_by().values_list("state").annotate(count=Count("pk")))
    return {state: counts.get(state, 0) for state in Capture.State.values}


def get_longest_wait() -> float:
    """Seconds the oldest queued capture has waited, over everybody; 0 when none waits."""
    oldest = Capture.objects.filter(state=Capture.State.QUEUED).aggregate(oldest=Min("queued_at"))["oldest"]
    return max(0.0, (datetime.now(tz=UTC) - oldest).total_seconds()) if oldest else 0.0
