"""What a person says their face showed outranks what the classifier said."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from core.exceptions import NotFound, WellbeingError
from emotion.labels import EXPRESSIONS
from vault.journal.compaction import find_entry
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import Correction, Reading
from vault.models import Vault


def correct_reading(opened: OpenedVault, entry_id: UUID, expression: str) -> UUID:
    """Note what the person says their face showed. Raises NotFound unless the entry is a reading of theirs."""
    if expression not in EXPRESSIONS:
        raise WellbeingError(_("That is not one of the seven expressions."), code="unknown_expression")
    entry = find_entry(opened, entry_id)
    if entry is None or not isinstance(entry.data, Reading):
        raise NotFound
    vault = Vault.objects.get(pk=opened.vault_id)
    return append_entry(vault=vault, entry=Correction(of=entry_id, expression=expression), at=datetime.now(tz=UTC))
