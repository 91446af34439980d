"""What a journal is made of, and how one entry gets into its inbox.

The plain payload is JSON `{"v": 1, "kind", "at", "data"}` with `at` in Unix seconds.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from core.exceptions import WellbeingError
from vault.crypto.binding import check_binding
from vault.crypto.entries import seal_entry
from vault.crypto.errors import BindingMismatch, PayloadTooLong
from vault.crypto.keys.loader import server_keys
from vault.models import Entry, Vault

logger = logging.getLogger(__name__)

PAYLOAD_VERSION = 1


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """A vault whose private key this process holds for the length of one request."""

    vault_id: UUID
    private: bytes = field(repr=False)
    public: bytes


class JournalEntry(NamedTuple):
    """A tuple, because five years are fifteen thousand of them and a page waits until they are made."""

    id: UUID
    kind: str
    at: datetime
    data: dict[str, Any]

    def __repr__(self) -> str:
        return f"JournalEntry(id={self.id!r}, kind={self.kind!r}, at={self.at!r})"


@dataclass(frozen=True, slots=True)
class Damage:
    """What a page tells of what must not be believed; false when there is nothing to tell."""

    entries: int = 0
    pages: int = 0
    months: tuple[date, ...] = ()
    is_listed: bool = True

    def __bool__(self) -> bool:
        return bool(self.entries or self.pages) or not self.is_listed


NO_DAMAGE: Final = Damage()


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries in order of time, and what must not be believed.

    `damaged` are the ids of inbox rows and pages that do not open or are not the ones they should be; `damage` counts
    them, and names the months whose pages they are. While `damage.is_listed` is false, the list of pages itself does
    not hold: what is there opens, but nobody can say whether something is missing.
    """

    entries: tuple[JournalEntry, ...]
    damaged: tuple[UUID, ...] = ()
    damage: Damage = NO_DAMAGE

    def of_kind(self, kind: str) -> tuple[JournalEntry, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)


class EntryTooLong(WellbeingError):
    code, status, detail = "too_long", 400, _("That is more than one entry holds. Please make it shorter.")


class KeyAltered(WellbeingError):
    code, status = "key_altered", 409
    detail = _(
        "The public key of your vault is not the one this site knows, so nothing was written. "
        "Opening your vault may set that right; if not, please tell whoever runs the site."
    )


def append_entry(
    *,
    vault: Vault,
    kind: str,
    data: dict[str, Any],
    at: datetime,
    entry_id: UUID | None = None,
    capture_id: UUID | None = None,
) -> UUID:
    """Seal one entry to the vault's public key and leave it in the inbox. Needs no secret of the employee.

    Raises KeyAltered when the public key in the row is not the one its owner made, EntryTooLong, and IntegrityError
    when the inbox already has this id or this capture. One that is in a page by now is noticed when the inbox is
    compacted: the first one stays.
    """
    entry = make_entry(vault=vault, kind=kind, data=data, at=at, entry_id=entry_id, capture_id=capture_id)
    entry.save(force_insert=True)
    return entry.pk


def make_entry(
    *,
    vault: Vault,
    kind: str,
    data: dict[str, Any],
    at: datetime,
    entry_id: UUID | None = None,
    capture_id: UUID | None = None,
) -> Entry:
    """A sealed entry that is not in the inbox yet, for whoever inserts many. Raises KeyAltered, EntryTooLong."""
    entry_id = entry_id or uuid.uuid4()
    public = bound_public_key(vault)
    payload = orjson.dumps({"v": PAYLOAD_VERSION, "kind": kind, "at": at.timestamp(), "data": data})
    try:
        sealed = seal_entry(
            payload, public=public, vault_id=vault.pk, entry_id=entry_id, signing_key=server_keys().signing_key
        )
    except PayloadTooLong as error:
        raise EntryTooLong from error
    return Entry(id=entry_id, vault=vault, capture_id=capture_id, day=day_of(at), sealed=sealed)


def bound_public_key(vault: Vault) -> bytes:
    """The vault's public key, once it is sure that its owner made it. Raises KeyAltered."""
    if not is_bound(vault):
        logger.error("vault %s: its public key is not the one bound to it, nothing is sealed to it", vault.pk)
        raise KeyAltered
    return bytes(vault.public_key)


def is_bound(vault: Vault) -> bool:
    """Whether a key of this site bound the row's public key to its vault and owner."""
    try:
        check_binding(
            bytes(vault.binding),
            bytes(vault.public_key),
            vault_id=vault.pk,
            owner=str(vault.user_id),
            binding_keys=server_keys().binding,
        )
    except BindingMismatch:
        return False
    return True


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
        entry._replace(data={**entry.data, "corrected": said[str(entry.id)]}) if str(entry.id) in said else entry
        for entry in kept
    )


def day_of(at: datetime) -> date:
    """The only date a row shows, in UTC so that it means the same wherever the server stands."""
    return at.astimezone(UTC).date()
