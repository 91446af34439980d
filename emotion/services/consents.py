"""Agree to snapshots and stop agreeing. A row is a receipt and is kept after it ended."""

import logging
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from emotion import frame_store
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent
from emotion.selectors import get_live_consent

logger = logging.getLogger(__name__)

_LIVE: Final = """
SELECT id FROM emotion_consent
WHERE user_id = %s AND purpose = %s AND ended_at IS NULL AND text_version = %s AND text_hash = %s
"""


class ConsentOutdated(WellbeingError):
    code, status = "consent_outdated", 409
    detail = _("The text has changed. Please read it again before you agree.")


@transaction.atomic
def give_consent(*, user: User, text_version: str) -> Consent:
    """Agree to the text that stands today; again is no second agreement. Raises ConsentOutdated."""
    if text_version != CONSENT_TEXT.version:
        raise ConsentOutdated
    User.objects.select_for_update().get(pk=user.pk)
    live = get_live_consent(user)
    if live is not None:
        return live
    _end(user)
    consent = Consent.objects.create(
        user=user,
        purpose=Consent.Purpose.CAMERA,
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
    )
    logger.info("consent %s: given", consent.pk)
    return consent


@transaction.atomic
def withdraw_consent(*, user: User) -> None:
    """End the agreement and destroy every snapshot still on its way. Nothing happens when there is none."""
    _end(user)
    pending = Capture.objects.select_for_update().filter(vault__user=user, state=Capture.State.QUEUED)
    ids = list(pending.values_list("pk", flat=True))
    Capture.objects.filter(pk__in=ids).update(
        state=Capture.State.WITHDRAWN, sealed_key=None, finished_at=timezone.now()
    )
    frame_store.discard_on_commit(ids)
    logger.info("consent withdrawn, %d captures destroyed", len(ids))


def lock_live_consent(*, user_id: int) -> bool:
    """Whether there is a live agreement, which is then held so that a withdrawal waits for this transaction.

    Taken before any capture's lock.
    """
    lock = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        # As `live_consents`. Every capture asks, and the ORM takes longer to write this down than all the rest.
        cursor.execute(
            f"{_LIVE} {lock}",
            [user_id, str(Consent.Purpose.CAMERA), CONSENT_TEXT.version, CONSENT_TEXT.sha256],
        )
        return cursor.fetchone() is not None


def _end(user: User) -> None:
    for consent in Consent.objects.select_for_update().filter(user=user, purpose=Consent.Purpose.CAMERA, ended_at=None):
        consent.ended_at = timezone.now()
        consent.save(update_fields=["ended_at"])
        logger.info("consent %s: ended", consent.pk)
