"""After an exchange of the binding key, what an older one vouched for gets the MAC of the newest."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from accounts.models import User
from emotion.authentic import is_consent_signed, is_schedule_signed, sign_consent, sign_schedule
from emotion.models import Consent, Schedule

Row = TypeVar("Row", Consent, Schedule)


def sign_anew() -> int:
    """Returns how many rows were signed. One that this site did not write stays as it is, and counts for nothing."""
    consents = sum(_renew(row, is_consent_signed, sign_consent) for row in Consent.objects.iterator())
    schedules = Schedule.objects.select_related("user").iterator()
    return consents + sum(_renew(row, is_schedule_signed, sign_schedule) for row in schedules)


def _renew(row: Row, is_signed: Callable[[Row], bool], sign: Callable[[Row], None]) -> bool:
    if not _changes(row, is_signed, sign):
        return False
    with transaction.atomic():
        # In whose order consents are given and time zones, which a schedule is signed with, are changed.
        User.objects.select_for_update(no_key=True).filter(pk=row.user_id).first()
        held = type(row).objects.select_for_update().filter(pk=row.pk).first()
        if held is None or not _changes(held, is_signed, sign):
            return False
        held.save(update_fields=["mac"])
    return True


def _changes(row: Row, is_signed: Callable[[Row], bool], sign: Callable[[Row], None]) -> bool:
    """Sign what is signed already. Whether its MAC is another now."""
    before = bytes(row.mac)
    if not is_signed(row):
        return False
    sign(row)
    return bytes(row.mac) != before
