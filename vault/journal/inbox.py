"""The inbox: sealed entries that came while the vault was locked, or a moment ago."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from vault.crypto.entries import open_entry
from vault.crypto.errors import SealError
from vault.crypto.keys.loader import server_keys
from vault.journal.contents import Line
from vault.journal.entries import PAYLOAD_VERSION, OpenedVault, Payload, day_of
from vault.models import Entry

logger = logging.getLogger(__name__)

_PAYLOAD: Final = msgspec.json.Decoder(Payload)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What opened, and which rows did not, with the day each of those shows."""

    lines: tuple[Line, ...] = ()
    damaged: tuple[tuple[UUID, date], ...] = ()


def rows_of(opened: OpenedVault) -> QuerySet[Entry]:
    return Entry.objects.filter(vault_id=opened.vault_id)


def open_rows(opened: OpenedVault, rows: QuerySet[Entry]) -> Inbox:
    """Verify each row. One that is altered, forged or moved is logged by its id; the rest still opens."""
    verify_keys = server_keys().verify_keys
    lines, damaged = [], []
    for row in rows.only("day", "sealed").iterator():
        try:
            lines.append(_open_row(opened, row, verify_keys))
        except SealError as error:
            logger.error("entry %s of vault %s is not used: %s", row.pk, opened.vault_id, error)
            damaged.append((row.pk, row.day))
    return Inbox(tuple(lines), tuple(damaged))


def _open_row(opened: OpenedVault, row: Entry, verify_keys: tuple[bytes, ...]) -> Line:
    payload = open_entry(
        bytes(row.sealed),
        private=opened.private,
        public=opened.public,
        vault_id=opened.vault_id,
        entry_id=row.pk,
        verify_keys=verify_keys,
    )
    try:
        plain = _PAYLOAD.decode(payload)
        day = day_of(datetime.fromtimestamp(plain.at, tz=UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise SealError("what is in it is no entry") from error
    if plain.v != PAYLOAD_VERSION or day != row.day:
        raise SealError("the row was moved to another day, or its version is unknown")
    return Line(row.pk, plain.kind, plain.at, plain.data)
