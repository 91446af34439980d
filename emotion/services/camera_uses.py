"""The ledger of the camera: every use, the discarded and refused ones too, becomes a sealed entry of its person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from vault.journal.entries import append_entry
from vault.journal.kinds import Camera
from vault.selectors import get_vault


def record_camera_use(*, user: User, use: UUID, trigger: str, ended: str, seconds_ago: int = 0) -> bool:
    """Whether it is new: the same use again is noted once. Needs no opened vault.

    Raises VaultRequired, KeyAltered.
    """
    vault = get_vault(user)
    entry = Camera(use=use, trigger=trigger, ended=ended)
    at = timezone.now() - timedelta(seconds=seconds_ago)
    try:
        with transaction.atomic():
            # An id made from vault and use: another person's use of the same name is another entry.
            append_entry(vault=vault, entry=entry, at=at, entry_id=uuid5(vault.pk, str(use)))
    except IntegrityError:
        return False
    return True
