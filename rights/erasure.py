"""Take everything back in one step: what "withdraw and erase" and the end of an account have in common."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from emotion.models import Schedule
from emotion.services.consents import withdraw_consent
from vault.selectors import has_vault
from vault.services.lifecycle import erase_vault


@transaction.atomic
def erase_everything(*, user: User) -> None:
    """End every consent, destroy what waits, delete vault and schedule, and destroy the vault's erasure key.

    One transaction, safe to call again, and no error for somebody who has no vault. Workers that hold a capture of
    this person write nothing afterwards. What stays is the account and the receipts of consents given and ended; who
    deletes the account calls this first and `user.delete()` inside the same transaction, which takes both along.
    A backup of before opens nothing of it any more: the erasure key was never part of one.
    """
    withdraw_consent(user=user)
    Schedule.objects.filter(user=user).delete()
    # Destroys the erasure key, which no transaction here brings back.
    if has_vault(user):
        erase_vault(user=user)
