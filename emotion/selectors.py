"""What the database answers about captures, consent and schedules. Reads only; always of one person."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from accounts.models import User
from core.exceptions import NotFound
from emotion import schedule as rules
from emotion.authentic import is_consent_for, is_consent_signed, is_schedule_signed
from emotion.classifier.measured import Report, is_on, read_reports
from emotion.classifier.spec import SPEC_PATH, ClassifierUnavailable, ModelSpec
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent, PersonalSettings, Schedule
from vault.selectors import find_vault, has_vault

RECENT: Final = timedelta(hours=24)


def live_consents() -> QuerySet[Consent]:
    """Given, not ended, and to the words that stand today."""
    return Consent.objects.filter(
        purpose=Consent.Purpose.CAMERA,
        ended_at=None,
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
    )


def get_live_consent(user: User) -> Consent | None:
    """For the vault the person has now, and given on this site."""
    vault, consent = find_vault(user), live_consents().filter(user=user).first()
    if vault is None or consent is None:
        return None
    return consent if is_consent_for(consent, vault_id=vault.pk, public=bytes(vault.public_key)) else None


def get_consents(user: User) -> list[Consent]:
    """Every receipt, newest first: what somebody else has written into the database is none."""
    return list(filter(is_consent_signed, Consent.objects.filter(user=user).order_by("-given_at")))


def find_consent(user: User, consent_id: UUID) -> Consent | None:
    return next((consent for consent in get_consents(user) if consent.pk == consent_id), None)


def has_foreign_consent(user: User) -> bool:
    """Whether the database holds a running agreement of theirs that this site did not write."""
    running = Consent.objects.filter(user=user, ended_at=None)
    return not all(map(is_consent_signed, running))


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


def get_schedule(user: User) -> Schedule:
    """The person's row, or an unsaved one that is switched off, also in the place of one this site did not write."""
    schedule = find_schedule(user)
    if schedule is None or not is_schedule_signed(schedule):
        schedule = Schedule(user=user, enabled=False, days=[0, 1, 2, 3, 4], start=time(9), end=time(17))
    return schedule


def has_foreign_schedule(user: User) -> bool:
    """Whether somebody else has changed it in the database."""
    schedule = find_schedule(user)
    return schedule is not None and not is_schedule_signed(schedule)


def find_schedule(user: User) -> Schedule | None:
    """Read with the time zone of that moment, which is part of what was chosen."""
    return Schedule.objects.select_related("user").filter(user=user).first()


def get_rules(schedule: Schedule) -> rules.Schedule:
    row: dict[str, Any] = {field.name: getattr(schedule, field.name) for field in fields(rules.Schedule)}
    row["days"], row["seed"] = frozenset(schedule.days), bytes(schedule.seed)
    row["times"] = tuple(time.fromisoformat(at) for at in schedule.times)
    row["quiet"] = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in schedule.quiet)
    return rules.Schedule(**row)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The moment that is due or comes next, or why there is none; and what holds the next one back just now."""

    moment: rules.Moment | None
    why_none: str | None = None
    why_wait: str | None = None


def get_upcoming(user: User, schedule: Schedule) -> Upcoming:
    """Reasons for none: altered, off, no_days, no_hours, no_times, vault_required, consent_required."""
    plan = get_rules(schedule)
    reason: str | None = rules.why_none(plan)
    if reason is not None and has_foreign_schedule(user):
        reason = "altered"
    if reason is None and not has_vault(user):
        reason = "vault_required"
    if reason is None and get_live_consent(user) is None:
        reason = "consent_required"
    if reason is not None:
        return Upcoming(None, reason)
    now, captures = timezone.now(), Capture.objects.filter(vault__user=user)
    moment = rules.next_moment(plan, now=now, last_capture_at=captures.aggregate(last=Max("queued_at"))["last"])
    return Upcoming(moment, why_wait=rules.why_wait(plan, now=now))


def get_personal_settings(user: User) -> PersonalSettings:
    """The person's row, or an unsaved one with the defaults."""
    return PersonalSettings.objects.filter(user=user).first() or PersonalSettings(user=user)


def needs_new_stills(personal: PersonalSettings) -> bool:
    """Whether the resting face was learnt with another model than the one that reads faces now."""
    model = get_shipped_model()
    return personal.resting_face_on is not None and model is not None and personal.resting_face_model != model.name


def get_shipped_model() -> ModelSpec | None:
    """What the model that reads faces says of itself; None while none is installed."""
    try:
        changed = SPEC_PATH.stat().st_mtime_ns
    except OSError:
        return None
    return _load_model(SPEC_PATH, changed)


def get_measurements() -> tuple[Report, ...]:
    """What that model was measured to get right, the largest set first; empty where that is not here or damaged."""
    model = get_shipped_model()
    try:
        return tuple(report for report in read_reports() if is_on(report, model)) if model else ()
    except ClassifierUnavailable:
        return ()


@lru_cache(maxsize=1)
def _load_model(path: Path, _changed: int) -> ModelSpec | None:
    try:
        return ModelSpec.load(path)
    except ClassifierUnavailable:
        return None


def count_troubles() -> dict[str, int]:
    """How many captures wait, expired and failed, over everybody; finished ones are deleted after a day."""
    states = (Capture.State.QUEUED, Capture.State.EXPIRED, Capture.State.FAILED)
    found = Capture.objects.filter(state__in=states).order_by().values_list("state").annotate(count=Count("pk"))
    counts = dict(found)
    return {str(state): counts.get(state, 0) for state in states}


def get_longest_wait() -> float:
    """Seconds the oldest queued capture has waited, over everybody; 0 when none waits."""
    oldest = Capture.objects.filter(state=Capture.State.QUEUED).aggregate(oldest=Min("queued_at"))["oldest"]
    return max(0.0, (datetime.now(tz=UTC) - oldest).total_seconds()) if oldest else 0.0
