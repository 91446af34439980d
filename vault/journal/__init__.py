"""A journal: anyone may append to its inbox (with the public key alone), only an opened vault reads.

Opening folds the inbox into monthly pages; see `vault.journal.compaction`. Formats are in `docs/formats.md`.
"""

from __future__ import annotations

from vault.journal.compaction import (
    JournalDamaged,
    accept_losses,
    add_entries,
    find_entry,
    delete_entry,
    fold_inbox,
)
from vault.journal.entries import (
    NO_DAMAGE,
    Damage,
    EntryTooLong,
    Journal,
    JournalEntry,
    KeyAltered,
    OpenedVault,
    append_entry,
    apply_corrections,
    bound_public_key,
    is_bound,
    make_entry,
)
from vault.journal.reading import Tip, read_captures, read_journal, read_tip
from vault.journal.retention import keep_days

__all__ = [
    "NO_DAMAGE",
    "Damage",
    "EntryTooLong",
    "Journal",
    "JournalDamaged",
    "JournalEntry",
    "KeyAltered",
    "OpenedVault",
    "Tip",
    "accept_losses",
    "add_entries",
    "append_entry",
    "apply_corrections",
    "bound_public_key",
    "find_entry",
    "delete_entry",
    "fold_inbox",
    "is_bound",
    "keep_days",
    "make_entry",
    "read_captures",
    "read_journal",
    "read_tip",
]
