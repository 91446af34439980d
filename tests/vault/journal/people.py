"""Journals for tests: entries at any moment, and what the database then shows of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.entries import reading
from vault.crypto.entries import seal_entry
from vault.crypto.keys.loader import server_keys
from vault.journal.contents import AnyEntry, JournalEntry
from vault.journal.entries import OpenedVault, append_entry, day_of
from vault.journal.kinds import Kind, Reading
from vault.journal.reading import read_journal
from vault.models import Entry, Manifest, Page, Vault

# Recent enough to be kept, and always in the middle of a month.
NOON = (datetime.now(tz=UTC) - timedelta(days=60)).replace(day=15, hour=12, minute=0, second=0, microsecond=0)


def append(
    opened: OpenedVault,
    at: datetime = NOON,
    *,
    entry: Kind | None = None,
    capture_id: UUID | None = None,
    entry_id: UUID | None = None,
) -> UUID:
    """A reading of a capture of its own, if nothing else is asked for."""
    vault = Vault.objects.get(pk=opened.vault_id)
    capture_id = capture_id or (None if entry else uuid4())
    entry = entry or reading(capture_id)
    return append_entry(vault=vault, entry=entry, at=at, capture_id=capture_id, entry_id=entry_id)


def append_raw(opened: OpenedVault, kind: str, data: Any, at: datetime = NOON) -> UUID:
    """What no code of this site writes, sealed all the same."""
    return append_payload(opened, json.dumps({"v": 1, "kind": kind, "at": at.timestamp(), "data": data}).encode(), at)


def append_payload(opened: OpenedVault, payload: bytes, at: datetime = NOON) -> UUID:
    entry_id = uuid4()
    key = server_keys().signing_key
    sealed = seal_entry(payload, public=opened.public, vault_id=opened.vault_id, entry_id=entry_id, signing_key=key)
    Entry.objects.create(id=entry_id, vault_id=opened.vault_id, day=day_of(at), sealed=sealed)
    return entry_id


def read_captures(opened: OpenedVault) -> dict[UUID, JournalEntry[Reading]]:
    """The reading that each capture became."""
    return {entry.data.capture: entry for entry in read_journal(opened).of(Reading)}


def ids(opened: OpenedVault, **window: Any) -> list[UUID]:
    return [entry.id for entry in read_journal(opened, **window).entries]


def by_id(opened: OpenedVault) -> dict[UUID, AnyEntry]:
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
