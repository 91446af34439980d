"""The inbox: sealed entries that came while the vault was locked, or a moment ago."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import orjson
from django.db.models import QuerySet

from vault.crypto.entries import open_entry
from vault.crypto.errors import SealError
from vault.crypto.keys.loader import server_keys
from vault.journal.entries import PAYLOAD_VERSION, JournalEntry, OpenedVault, day_of
from vault.models import Entry

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What opened, and which rows did not, with the day each of those shows."""

    entries: tuple[JournalEntry, ...] = ()
    damaged: tuple[tuple[UUID, date], ...] = ()


def rows_of(opened: OpenedVault) -> QuerySet[Entry]:
    return Entry.objects.filter(vault_id=opened.vault_id)


def open_rows(opened: OpenedVault, rows: QuerySet[Entry]) -> Inbox:
    """Verify each row. One that is altered, forged or moved is logged by its id; the rest still opens."""
    verify_keys = server_keys().verify_keys
    entries, damaged = [], []
    for row in rows.only("day", "sealed").iterator():
        try:
            entries.append(_open_row(opened, row, verify_keys))
        except SealError as error:
            logger.error("entry %s of vault %s is not used: %s", row.pk, opened.vault_id, error)
            damaged.append((row.pk, row.day))
    return Inbox(tuple(entries), tuple(damaged))


def _open_row(opened: OpenedVault, row: Entry, verify_keys: tuple[bytes, ...]) -> JournalEntry:
    payload = open_entry(
        bytes(row.sealed),
        private=opened.private,
        public=opened.public,
        vault_id=opened.vault_id,
        entry_id=row.pk,
        verify_keys=verify_keys,
    )
    plain = orjson.loads(payload)
    at = datetime.fromtimestamp(plain["at"], tz=UTC)
    if plain["v"] != PAYLOAD_VERSION or day_of(at) != row.day:
        raise SealError("the row was moved to another day, or its version is unknown")
    return JournalEntry(id=row.pk, kind=plain["kind"], at=at, data=plain["data"])
