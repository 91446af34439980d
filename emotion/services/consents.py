"""Agree to snapshots and stop agreeing. A row is a receipt and is kept after it ended."""

import logging
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import Event
from accounts.models import User
from core.exceptions import WellbeingError
from emotion import frame_store
from emotion.authentic import is_consent_signed, sign_consent
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent
from emotion.selectors import get_live_consent
from vault.crypto.key_pairs import key_id
from vault.journal.entries import bound_public_key
from vault.selectors import get_vault
from vault.services.audit import record_event

logger = logging.getLogger(__name__)

_LIVE: Final = "SELECT id FROM emotion_consent WHERE user_id = %s AND purpose = %s AND ended_at IS NULL"


class ConsentOutdated(WellbeingError):
    code, status = "consent_outdated", 409
    detail = _("The text has changed. Please read it again before you agree.")


@transaction.atomic
def give_consent(*, user: User, text_version: str) -> Consent:
    """Agree to the text that stands today, for the vault and key of today; again is no second agreement.

    Raises ConsentOutdated, VaultRequired, KeyAltered.
    """
    if text_version != CONSENT_TEXT.version:
        raise ConsentOutdated
    User.objects.select_for_update().get(pk=user.pk)
    vault = get_vault(user)
    live = get_live_consent(user)
    if live is not None:
        return live
    end_consents(user)
    consent = Consent(
        user=user,
        purpose=Consent.Purpose.CAMERA,
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
        vault_id=vault.pk,
        key_id=key_id(bound_public_key(vault)),
    )
    sign_consent(consent)
    consent.save(force_insert=True)
    record_event(user=user, event=Event.CONSENT_GIVEN)
    logger.info("consent %s: given", consent.pk)
    return consent


@transaction.atomic
def withdraw_consent(*, user: User) -> None:
    """End the agreement and destroy every snapshot still on its way. Nothing happens when there is none."""
    end_consents(user)
    pending = Capture.objects.select_for_update().filter(vault__user=user, state=Capture.State.QUEUED)
    ids = list(pending.values_list("pk", flat=True))
    Capture.objects.filter(pk__in=ids).update(
        state=Capture.State.WITHDRAWN, sealed_key=None, finished_at=timezone.now()
    )
    frame_store.discard_on_commit(ids)
    logger.info("consent withdrawn, %d captures destroyed", len(ids))


def hold_consent(*, user_id: int) -> None:
    """A withdrawal waits for this transaction. Taken before any capture's lock; whether it stands is asked then."""
    if connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            # Every capture asks, and the ORM takes longer to write this down than all the rest.
            cursor.execute(f"{_LIVE} {connection.ops.for_update_sql()}", [user_id, str(Consent.Purpose.CAMERA)])


def end_consents(user: User) -> None:
    """What stands ends now and stays a receipt. A row that this site did not write ends too, and is none."""
    for consent in Consent.objects.select_for_update().filter(user=user, purpose=Consent.Purpose.CAMERA, ended_at=None):
        is_ours, consent.ended_at = is_consent_signed(consent), timezone.now()
        if is_ours:
            sign_consent(consent)
            record_event(user=user, event=Event.CONSENT_ENDED)
        consent.save(update_fields=["ended_at", "mac"])
        logger.info("consent %s: ended%s", consent.pk, "" if is_ours else "; it was not written by this site")
