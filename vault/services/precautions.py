"""Three days in which an owner can step in, before a sign-in alone erases their vault or makes another one.

Who can reset a password could otherwise put a vault of their own in the place of the owner's.
"""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import get_local_now
from core.dates import format_date
from core.exceptions import WellbeingError
from vault.models import Precaution

WAIT: Final = timedelta(hours=72)


class MustWait(WellbeingError):
    code, status = "wait_first", 409


def note_password_given(*, user: User) -> None:
    """Somebody else chose the sign-in password, or whoever reads the mailbox did."""
    Precaution.objects.update_or_create(user=user, defaults={"password_given_at": timezone.now()})


def check_may_make(user: User) -> None:
    """Raises MustWait."""
    at = find_makeable_at(user)
    if at is not None:
        told = _("The password of this account was set by somebody else, or by mail. A vault can be made from %(day)s.")
        raise MustWait(told % {"day": _tell(user, at)})


def check_may_erase(user: User) -> None:
    """Whether it was asked for long enough ago by who has neither passphrase nor code. Raises MustWait."""
    at = find_erasable_at(user)
    if at is None:
        raise MustWait(_("Please type your passphrase or your recovery code. If you have lost both, ask for it below."))
    if timezone.now() < at:
        told = _("Without passphrase and recovery code the vault can be erased from %(day)s.")
        raise MustWait(told % {"day": _tell(user, at)})


def ask_erasure(*, user: User) -> bool:
    """Begin the wait; one that runs goes on. Whether it is new."""
    precaution, _is_new = Precaution.objects.get_or_create(user=user)
    waiting = Precaution.objects.filter(pk=precaution.pk, erasure_asked_at=None)
    return bool(waiting.update(erasure_asked_at=timezone.now()))


def stop_erasure(*, user: User) -> bool:
    """Call it off. Whether there was anything to call off."""
    asked = Precaution.objects.filter(user=user, erasure_asked_at__isnull=False)
    return bool(asked.update(erasure_asked_at=None))


def find_erasable_at(user: User) -> datetime | None:
    """From when the vault may be erased without passphrase and code; None while nobody has asked for it."""
    precaution = Precaution.objects.filter(user=user).first()
    if precaution is None or precaution.erasure_asked_at is None:
        return None
    return max(filter(None, (precaution.erasure_asked_at, precaution.password_given_at))) + WAIT


def find_makeable_at(user: User) -> datetime | None:
    """From when a vault may be made; None if it may now."""
    recent = Precaution.objects.filter(user=user, password_given_at__gt=timezone.now() - WAIT).first()
    return recent.password_given_at + WAIT if recent and recent.password_given_at else None


def _tell(user: User, at: datetime) -> str:
    return format_date(at.astimezone(get_local_now(user).tzinfo), "j F, H:i")
