"""A journal: anyone may append to its inbox (with the public key alone), only an opened vault reads.

Opening compacts the inbox into monthly pages; see `vault.journal.compaction`. Formats are in `docs/formats.md`.
"""

from __future__ import annotations

from vault.journal.compaction import (
    JournalDamaged,
    accept_losses,
    add_entries,
    compact_inbox,
    delete_entry,
    find_entry,
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
from vault.journal.reading import ManifestHead, read_captures, read_head, read_journal
from vault.journal.retention import keep_days

__all__ = [
    "NO_DAMAGE",
    "Damage",
    "EntryTooLong",
    "Journal",
    "JournalDamaged",
    "JournalEntry",
    "KeyAltered",
    "ManifestHead",
    "OpenedVault",
    "accept_losses",
    "add_entries",
    "append_entry",
    "apply_corrections",
    "bound_public_key",
    "compact_inbox",
    "delete_entry",
    "find_entry",
    "is_bound",
    "keep_days",
    "make_entry",
    "read_captures",
    "read_head",
    "read_journal",
]
