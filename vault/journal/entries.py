"""How one entry gets into a journal's inbox: sealed JSON `{"v": 1, "kind", "at", "data"}`, `at` in Unix seconds."""

import logging
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.exceptions import VaultRequired, WellbeingError
from vault.crypto.binding import check_binding
from vault.crypto.entries import seal_entry
from vault.crypto.errors import BindingMismatch, PayloadTooLong
from vault.crypto.keys.loader import server_keys
from vault.journal.kinds import Kind, encode_data
from vault.models import Entry, Vault

logger = logging.getLogger(__name__)

PAYLOAD_VERSION: Final = 1


class Payload(msgspec.Struct):
    v: int
    kind: str
    at: float
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """A vault whose private key this process holds for the length of one request."""

    vault_id: UUID
    private: bytes = field(repr=False)
    public: bytes


class EntryTooLong(WellbeingError):
    code, status, detail = "too_long", 400, _("That is more than one entry holds. Please make it shorter.")


class KeyAltered(WellbeingError):
    code, status = "key_altered", 409
    detail = _(
        "The public key of your vault is not the one this site knows, so nothing was written. "
        "Opening your vault may set that right; if not, please tell whoever runs the site."
    )


def append_entry(
    *, vault: Vault, entry: Kind, at: datetime, entry_id: UUID | None = None, capture_id: UUID | None = None
) -> UUID:
    """Seal one entry to the vault's public key and leave it in the inbox. Needs no secret of the employee.

    Raises KeyAltered when the public key in the row is not the one its owner made, VaultRequired when the vault was
    erased meanwhile, EntryTooLong, Impossible, and IntegrityError when the inbox already has this id or this capture.
    One that is in a page by now is noticed when the inbox is compacted: the first one stays.
    """
    row = make_entry(vault=vault, entry=entry, at=at, entry_id=entry_id, capture_id=capture_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if Vault.objects.filter(pk=vault.pk).exists():
            raise
        raise VaultRequired from None
    return row.pk


def append_once(*, vault: Vault, entry: Kind, at: datetime, entry_id: UUID) -> bool:
    """`append_entry`; False when an entry of this id is there already: a double click, a form that was sent again."""
    try:
        append_entry(vault=vault, entry=entry, at=at, entry_id=entry_id)
    except IntegrityError:
        return False
    return True


def name_entry(vault: Vault, entry: Kind, key: UUID | None) -> UUID:
    """An id for `append_once`: the same for the same entry under the same `key`, which the form or client made up.

    To whoever does not hold the site's secret key it looks like any other. Without a key it is.
    """
    if key is None:
        return uuid.uuid4()
    said = f"{vault.pk}|{key}|{entry.kind}|".encode() + encode_data(entry)
    return UUID(bytes=salted_hmac("vault.journal.entries", said, algorithm="sha256").digest()[:16], version=4)


def make_entry(
    *, vault: Vault, entry: Kind, at: datetime, entry_id: UUID | None = None, capture_id: UUID | None = None
) -> Entry:
    """A sealed row that is not in the inbox yet, for those who insert many.

    Raises KeyAltered, EntryTooLong, Impossible.
    """
    entry_id = entry_id or uuid.uuid4()
    public = bound_public_key(vault)
    payload = msgspec.json.encode(Payload(PAYLOAD_VERSION, entry.kind, at.timestamp(), encode_data(entry)))
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


def day_of(at: datetime) -> date:
    """The only date a row shows, in UTC so that it means the same wherever the server stands."""
    return at.astimezone(UTC).date()
