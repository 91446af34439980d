"""After an exchange of the binding key, what an older one vouched for gets the MAC of the newest."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from emotion.authentic import is_consent_signed, is_schedule_signed, sign_consent, sign_schedule
from emotion.models import Consent, Schedule

Row = TypeVar("Row", Consent, Schedule)


def sign_anew() -> int:
    """Returns how many rows were signed. One that this site did not write stays as it is, and counts for nothing."""
    consents = sum(_renew(row, is_consent_signed, sign_consent) for row in _rows_of(Consent).iterator())
    schedules = _rows_of(Schedule).iterator()
    return consents + sum(_renew(row, is_schedule_signed, sign_schedule) for row in schedules)


def _rows_of(model: type[Row]) -> QuerySet[Row]:
    """With no more of the person than a schedule is signed with: whoever does this may read nothing else of them."""
    rows = model.objects.all()
    if model is Schedule:
        own = (field.name for field in model._meta.concrete_fields)
        return rows.select_related("user").only(*own, "user__timezone")
    return rows


def _renew(row: Row, is_signed: Callable[[Row], bool], sign: Callable[[Row], None]) -> bool:
    if not _changes(row, is_signed, sign):
        return False
    with transaction.atomic():
        # In whose order consents are given and time zones, which a schedule is signed with, are changed.
        User.objects.only("pk").select_for_update(no_key=True).filter(pk=row.user_id).first()
        held = _rows_of(type(row)).select_for_update(of=("self",)).filter(pk=row.pk).first()
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
