"""Journals for tests: entries at any moment, and what the database then shows of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from vault.journal import JournalEntry, OpenedVault, append_entry, read_journal
from vault.models import Entry, Manifest, Page, Vault

# Recent enough to be kept, and always in the middle of a month.
NOON = (datetime.now(tz=UTC) - timedelta(days=60)).replace(day=15, hour=12, minute=0, second=0, microsecond=0)
READING: dict[str, Any] = {"outcome": "reading", "p": [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1], "quality": 0.9, "model": "m"}


def append(
    opened: OpenedVault,
    at: datetime = NOON,
    *,
    kind: str = "reading",
    capture_id: UUID | None = None,
    entry_id: UUID | None = None,
) -> UUID:
    """A reading of a capture of its own, if no other kind is asked for."""
    vault = Vault.objects.get(pk=opened.vault_id)
    capture_id = capture_id or (uuid4() if kind == "reading" else None)
    data = {**READING, "capture": capture_id and str(capture_id)}
    return append_entry(vault=vault, kind=kind, data=data, at=at, capture_id=capture_id, entry_id=entry_id)


def ids(opened: OpenedVault, **window: Any) -> list[UUID]:
    return [entry.id for entry in read_journal(opened, **window).entries]


def by_id(opened: OpenedVault) -> dict[UUID, JournalEntry]:
    return {entry.id: entry for entry in read_journal(opened).entries}


def stored(opened: OpenedVault) -> tuple[int, int, int]:
    """Rows in inbox, pages and manifests."""
    return (
        Entry.objects.filter(vault_id=opened.vault_id).count(),
        Page.objects.filter(vault_id=opened.vault_id).count(),
        Manifest.objects.filter(vault_id=opened.vault_id).count(),
    )


def page_of(opened: OpenedVault, month: datetime) -> Page:
    """The row of a month; only the opened manifest knows which it is."""
    from vault.journal.pages import month_of, open_page_store

    notes = {note.month: note for note in open_page_store(opened).manifest.notes}
    return Page.objects.get(pk=notes[month_of(month)].page_id)
