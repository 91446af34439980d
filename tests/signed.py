"""Rows as this site writes them, MAC included, for tests that say something else in them than a service would."""

from typing import Any
from uuid import uuid4

from accounts.models import User
from emotion.authentic import sign_consent, sign_schedule
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent, Schedule
from vault.authentic import sign_vault
from vault.crypto.key_pairs import key_id
from vault.models import Vault
from vault.selectors import find_vault


def agree(user: User, **said: Any) -> Consent:
    """A consent for the person's vault, if any, of which nothing is noted in a journal."""
    vault = find_vault(user)
    known = {"text_version": CONSENT_TEXT.version, "text_hash": CONSENT_TEXT.sha256}
    place = {"vault_id": vault.pk if vault else uuid4(), "key_id": key_id(bytes(vault.public_key) if vault else b"")}
    consent = Consent(user=user, purpose=Consent.Purpose.CAMERA, **(known | place | said))
    sign_consent(consent)
    consent.save(force_insert=True)
    return consent


def make_schedule(user: User, **said: Any) -> Schedule:
    schedule = Schedule(user=user, **({"start": "09:00", "end": "17:00"} | said))
    sign_schedule(schedule)
    schedule.save()
    return schedule


def tell_vault(user: User, **said: Any) -> Vault:
    """Have the vault's row say this."""
    vault = Vault.objects.get(user=user)
    for name, value in said.items():
        setattr(vault, name, value)
    sign_vault(vault)
    vault.save()
    return vault
