"""How what people say of themselves gets into their journal."""

from uuid import UUID

from django.utils import timezone

from accounts.models import User
from vault.journal.entries import append_once, name_entry
from vault.journal.kinds import Kind
from vault.selectors import get_vault


def note_once(user: User, entry: Kind, key: UUID | None) -> UUID:
    """Seal it into the inbox, once under the same `key`. Raises VaultRequired, EntryTooLong, KeyAltered."""
    vault = get_vault(user)
    entry_id = name_entry(vault, entry, key)
    append_once(vault=vault, entry=entry, at=timezone.now(), entry_id=entry_id)
    return entry_id
