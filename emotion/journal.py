"""Entries of a journal: anyone may append (with the public key alone), only an opened vault reads.

The plain payload is JSON `{"v": 1, "kind", "at", "data"}` with `at` in Unix seconds; see `docs/formats.md`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import QuerySet

from emotion.labels import EXPRESSIONS
from emotion.models import Entry, Vault
from wellbeing.exceptions import NotFound, WellbeingError
from wellbeing.keys import server_keys
from wellbeing.vault import BindingMismatch, PayloadTooLong, SealError, check_binding, open_entry, seal_entry

logger = logging.getLogger(__name__)

_VERSION = 1


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """A vault whose private key this process holds for the length of one request."""

    vault_id: UUID
    private: bytes = field(repr=False)
    public: bytes


@dataclass(frozen=True, slots=True)
class JournalEntry:
    id: UUID
    kind: str
    at: datetime
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries in order of time, and the ids of rows that must not be believed."""

    entries: tuple[JournalEntry, ...]
    damaged: tuple[UUID, ...] = ()

    def of_kind(self, kind: str) -> tuple[JournalEntry, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)


class EntryTooLong(WellbeingError):
    code, status, detail = "too_long", 400, "That is more than one entry holds. Please make it shorter."


def append_entry(
    *,
    vault: Vault,
    kind: str,
    data: dict[str, Any],
    at: datetime,
    entry_id: UUID | None = None,
    capture_id: UUID | None = None,
) -> UUID:
    """Seal one entry to the vault's public key. Needs no secret of the employee.

    Raises BindingMismatch when the public key in the row is not the one its owner made, EntryTooLong, and
    IntegrityError when the capture already has its entry.
    """
    entry_id = entry_id or uuid.uuid4()
    public = bound_public_key(vault)
    payload = orjson.dumps({"v": _VERSION, "kind": kind, "at": at.timestamp(), "data": data})
    try:
        sealed = seal_entry(
            payload, public=public, vault_id=vault.pk, entry_id=entry_id, signing_key=server_keys().signing_key
        )
    except PayloadTooLong as error:
        raise EntryTooLong from error
    Entry.objects.create(id=entry_id, vault=vault, capture_id=capture_id, day=_day(at), sealed=sealed)
    return entry_id


def bound_public_key(vault: Vault) -> bytes:
    """The vault's public key, once it is sure that its owner made it. Raises BindingMismatch."""
    public = bytes(vault.public_key)
    try:
        check_binding(
            bytes(vault.binding),
            public,
            vault_id=vault.pk,
            owner=str(vault.user_id),
            binding_keys=server_keys().binding,
        )
    except BindingMismatch:
        logger.error("vault %s: its public key is not the one bound to it, nothing is sealed to it", vault.pk)
        raise
    return public


def read_journal(opened: OpenedVault, *, since: datetime | None = None, until: datetime | None = None) -> Journal:
    """Every entry with `since <= at < until`, oldest first.

    A row that is altered, forged or moved is logged and listed in `damaged`; the rest still opens.
    """
    rows = Entry.objects.filter(vault_id=opened.vault_id)
    if since is not None:
        rows = rows.filter(day__gte=_day(since))
    if until is not None:
        rows = rows.filter(day__lte=_day(until))
    journal = _open_rows(opened, rows)
    entries = [
        entry
        for entry in journal.entries
        if (since is None or entry.at >= since) and (until is None or entry.at < until)
    ]
    return replace(journal, entries=tuple(sorted(entries, key=lambda entry: entry.at)))


def read_captures(opened: OpenedVault, capture_ids: Collection[UUID]) -> dict[UUID, JournalEntry]:
    """The reading each of these captures became; captures of others or without an entry are absent."""
    rows = Entry.objects.filter(vault_id=opened.vault_id, capture_id__in=capture_ids)
    entries = {entry.id: entry for entry in _open_rows(opened, rows).entries}
    pairs = rows.values_list("id", "capture_id")
    return {capture_id: entries[entry_id] for entry_id, capture_id in pairs if capture_id and entry_id in entries}


def apply_corrections(entries: Iterable[JournalEntry]) -> tuple[JournalEntry, ...]:
    """Readings with the person's own word for them in `data["corrected"]`; probabilities stay as they were.

    The latest correction counts. Corrections themselves are left out.
    """
    kept, said = [], {}
    for entry in sorted(entries, key=lambda entry: entry.at):
        if entry.kind == "correction":
            said[entry.data["of"]] = entry.data["expression"]
        else:
            kept.append(entry)
    return tuple(
        replace(entry, data={**entry.data, "corrected": said[str(entry.id)]}) if str(entry.id) in said else entry
        for entry in kept
    )


@transaction.atomic
def delete_entry(opened: OpenedVault, entry_id: UUID) -> None:
    """Delete one entry, damaged or not, and the corrections of it. Raises NotFound for an entry of another vault."""
    row = _find_row(opened, entry_id)
    later = _open_rows(opened, Entry.objects.filter(vault_id=opened.vault_id, day__gte=row.day))
    about_it = [entry.id for entry in later.of_kind("correction") if entry.data["of"] == str(entry_id)]
    Entry.objects.filter(vault_id=opened.vault_id, id__in=[row.id, *about_it]).delete()


def correct_reading(opened: OpenedVault, entry_id: UUID, expression: str) -> UUID:
    """Note what the person says their face showed. Raises NotFound unless the entry is a reading of theirs."""
    if expression not in EXPRESSIONS:
        raise WellbeingError("That is not one of the seven expressions.", code="unknown_expression")
    row = _find_row(opened, entry_id)
    readings = _open_rows(opened, Entry.objects.filter(pk=row.pk)).of_kind("reading")
    if not readings:
        raise NotFound
    vault = Vault.objects.get(pk=opened.vault_id)
    data = {"of": str(entry_id), "expression": expression}
    return append_entry(vault=vault, kind="correction", data=data, at=datetime.now(tz=UTC))


def _find_row(opened: OpenedVault, entry_id: UUID) -> Entry:
    row = Entry.objects.filter(vault_id=opened.vault_id, pk=entry_id).first()
    if row is None:
        raise NotFound
    return row


def _open_rows(opened: OpenedVault, rows: QuerySet[Entry]) -> Journal:
    verify_keys = server_keys().verify_keys
    entries, damaged = [], []
    for row in rows.iterator():
        try:
            entries.append(_open_row(opened, row, verify_keys))
        except SealError as error:
            logger.error("entry %s of vault %s is not used: %s", row.pk, opened.vault_id, error)
            damaged.append(row.pk)
    return Journal(entries=tuple(entries), damaged=tuple(damaged))


def _open_row(opened: OpenedVault, row: Entry, verify_keys: Collection[bytes]) -> JournalEntry:
    payload = open_entry(
        bytes(row.sealed),
        private=opened.private,
        public=opened.public,
        vault_id=opened.vault_id,
        entry_id=row.pk,
        verify_keys=tuple(verify_keys),
    )
    plain = orjson.loads(payload)
    at = datetime.fromtimestamp(plain["at"], tz=UTC)
    if plain["v"] != _VERSION or _day(at) != row.day:
        raise SealError("the row was moved to another day, or its version is unknown")
    return JournalEntry(id=row.pk, kind=plain["kind"], at=at, data=plain["data"])


def _day(at: datetime) -> date:
    """The only date a row shows, in UTC so that it means the same wherever the server stands."""
    return at.astimezone(UTC).date()
