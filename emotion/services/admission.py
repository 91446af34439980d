"""May this person send this capture now? Asked for every capture twice, so it costs one question to the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.exceptions import TooOften, VaultRequired
from emotion.authentic import is_consent_for
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent

_HOUR: Final = timedelta(hours=1)
_BURST_WINDOW: Final = timedelta(seconds=10)
_BURST: Final = 3

# The ORM takes longer to write this down than any database to answer it. A date ahead of the clock is one from before
# the clock was set back; it counts for nothing.
_ADMISSION: Final = """
SELECT vault.id, vault.public_key, consent.id, consent.vault_id, consent.key_id, consent.given_at, consent.mac,
    EXISTS (SELECT 1 FROM emotion_capture WHERE id = %(capture)s)
        OR EXISTS (SELECT 1 FROM vault_entry WHERE capture_id = %(capture)s),
    (SELECT queued_at FROM emotion_capture WHERE vault_id = vault.id
        AND queued_at > %(burst_ago)s AND queued_at <= %(now)s ORDER BY queued_at DESC LIMIT 1 OFFSET %(burst_rest)s),
    (SELECT queued_at FROM emotion_capture WHERE vault_id = vault.id
        AND queued_at > %(hour_ago)s AND queued_at <= %(now)s ORDER BY queued_at DESC LIMIT 1 OFFSET %(hour_rest)s)
FROM vault_vault AS vault LEFT JOIN emotion_consent AS consent ON consent.user_id = vault.user_id
    AND consent.purpose = %(purpose)s AND consent.ended_at IS NULL
    AND consent.text_version = %(version)s AND consent.text_hash = %(hash)s
WHERE vault.user_id = %(user)s
"""


@dataclass(frozen=True, slots=True)
class Admission:
    """`next_at`: when one more capture is allowed, or None when it is now."""

    vault_id: UUID
    has_consent: bool
    knows_id: bool
    next_at: datetime | None

    def check_rate(self) -> None:
        """Raises TooOften."""
        if self.next_at is not None:
            raise TooOften(retry_after=max(1, int((self.next_at - timezone.now()).total_seconds()) + 1))


def check_admission(*, user_id: int, capture_id: UUID) -> Admission:
    """What stands in the way of a capture with this id. Raises VaultRequired.

    The hour's allowance is also spread evenly over ten seconds, but never under three.
    """
    now, allowed = timezone.now(), settings.CAPTURES_PER_HOUR
    burst = max(_BURST, int(allowed * (_BURST_WINDOW / _HOUR)))
    moment = connection.ops.adapt_datetimefield_value
    asked = {
        "user": user_id,
        "capture": Capture._meta.pk.get_db_prep_value(capture_id, connection),
        "purpose": str(Consent.Purpose.CAMERA),
        "version": CONSENT_TEXT.version,
        "hash": CONSENT_TEXT.sha256,
        "now": moment(now),
        "burst_ago": moment(now - _BURST_WINDOW),
        "hour_ago": moment(now - _HOUR),
        "burst_rest": burst - 1,
        "hour_rest": allowed - 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADMISSION, asked)
        row = cursor.fetchone()
    if row is None:
        raise VaultRequired
    vault_id, public, *consent, knows_id, burst_began, hour_began = row
    ends = [
        _to_datetime(began) + window
        for began, window in ((burst_began, _BURST_WINDOW), (hour_began, _HOUR))
        if began is not None
    ]
    vault_id = UUID(str(vault_id))
    has_consent = consent[0] is not None and is_consent_for(
        _to_consent(user_id, *consent), vault_id=vault_id, public=bytes(public)
    )
    return Admission(vault_id, has_consent, bool(knows_id), max(ends, default=None))


def _to_consent(user_id: int, pk: Any, vault_id: Any, key_id: Any, given_at: Any, mac: Any) -> Consent:
    return Consent(
        id=UUID(str(pk)),
        user_id=user_id,
        purpose=str(Consent.Purpose.CAMERA),
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
        vault_id=UUID(str(vault_id)),
        key_id=key_id,
        given_at=_to_datetime(given_at),
        mac=mac,
    )


def _to_datetime(value: Any) -> datetime:
    """SQLite stores text, in UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if timezone.is_aware(found) else timezone.make_aware(found, timezone.get_default_timezone())
