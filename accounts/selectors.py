"""What the database answers about one account. Reads only."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone

from accounts.models import User


def get_person_mark(user: User) -> str:
    """The same for the same person on this site, and no name: a page tells by it who signed in again.

    No key is in it: pages stay open, and remember by it, while keys are exchanged.
    """
    told = f"wellbeing.person-mark {user.pk} {user.date_joined.isoformat()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def find_passkeys(user: User) -> Mapping[str, str]:
    """Those of the account: names by the ids under which browsers know them, base64url without padding."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return {get_credential_id(row): row.wrap().name for row in rows}


def get_credential_id(passkey: Authenticator) -> str:
    raw: bytes = passkey.wrap().authenticator_data.credential_data.credential_id
    return urlsafe_b64encode(raw).decode().rstrip("=")


def get_timezone(user: User) -> str:
    """The IANA name of the zone all the person's days and times are in: their own, else the site's."""
    return user.timezone or settings.TIME_ZONE


def get_assumed_zone(user: User) -> str | None:
    """The site's time zone while the person has not said theirs; None once they have."""
    return None if user.timezone else settings.TIME_ZONE


def get_local_now(user: User) -> datetime:
    """Now in the person's time zone."""
    return timezone.now().astimezone(ZoneInfo(get_timezone(user)))
