"""Consents and schedules that this site wrote, each with its MAC; what somebody else wrote counts for nothing."""

import json
from typing import Any, Final
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from emotion.models import Consent, Schedule
from vault.authentic import is_authentic, make_mac
from vault.crypto.key_pairs import key_id

#: Whatever else a schedule's row has is its person's choice. `done_until` moves with every moment that was answered.
_NOT_CHOSEN: Final = ("id", "user", "done_until", "mac")


def sign_consent(consent: Consent) -> None:
    consent.mac = make_mac("wb-consent", *_consent_parts(consent))


def is_consent_signed(consent: Consent) -> bool:
    return is_authentic(consent.mac, "wb-consent", *_consent_parts(consent))


def is_consent_for(consent: Consent, *, vault_id: UUID, public: bytes) -> bool:
    """Whether it was given on this site for this very vault and key."""
    names_it = consent.vault_id == vault_id and bytes(consent.key_id) == key_id(public)
    return names_it and is_consent_signed(consent)


def sign_schedule(schedule: Schedule) -> None:
    schedule.mac = make_mac("wb-schedule", *_schedule_parts(schedule))


def is_schedule_signed(schedule: Schedule) -> bool:
    return is_authentic(schedule.mac, "wb-schedule", *_schedule_parts(schedule))


def _consent_parts(consent: Consent) -> tuple[object, ...]:
    words = (consent.purpose, consent.text_version, consent.text_hash)
    place = (consent.pk, consent.user_id, consent.vault_id, consent.key_id)
    return (*place, *words, consent.given_at, consent.ended_at)


def _schedule_parts(schedule: Schedule) -> tuple[object, ...]:
    """The seed is part of it, and so is the zone that all of the person's times are in."""
    chosen: dict[str, Any] = {
        field.name: field.to_python(getattr(schedule, field.name))
        for field in Schedule._meta.concrete_fields
        if field.name not in (*_NOT_CHOSEN, "seed")
    }
    told = json.dumps(chosen, cls=DjangoJSONEncoder, sort_keys=True)
    return schedule.user_id, schedule.timezone, bytes(schedule.seed), told
