"""What a person's use of the camera, and their own word on a reading, add to their journal."""

from datetime import timedelta
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import NotFound, WellbeingError
from emotion.labels import EXPRESSIONS
from vault.journal.compaction import find_entry
from vault.journal.entries import OpenedVault, append_entry, append_once
from vault.journal.kinds import Camera, Correction, Reading
from vault.models import Vault
from vault.selectors import get_vault


def record_camera_use(*, user: User, use: UUID, trigger: str, ended: str, seconds_ago: int = 0) -> bool:
    """Every use, discarded and refused ones too. Whether it is new: the same use again is noted once.

    Needs no opened vault. Raises VaultRequired, KeyAltered.
    """
    vault = get_vault(user)
    entry = Camera(use=use, trigger=trigger, ended=ended)
    at = timezone.now() - timedelta(seconds=seconds_ago)
    # An id made from vault and use: another person's use of the same name is another entry.
    return append_once(vault=vault, entry=entry, at=at, entry_id=uuid5(vault.pk, str(use)))


def correct_reading(opened: OpenedVault, entry_id: UUID, expression: str) -> UUID:
    """Note what the person says their face showed. Raises NotFound unless the entry is a reading of theirs."""
    if expression not in EXPRESSIONS:
        raise WellbeingError(_("That is not one of the seven expressions."), code="unknown_expression")
    entry = find_entry(opened, entry_id)
    if entry is None or not isinstance(entry.data, Reading):
        raise NotFound
    vault = Vault.objects.get(pk=opened.vault_id)
    return append_entry(vault=vault, entry=Correction(of=entry_id, expression=expression), at=timezone.now())
