"""Make, read and destroy erasure keys."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import connections, transaction

from wellbeing.exceptions import WellbeingError
from wellbeing.keystore.models import ErasureKey

_ALIAS = "keystore"
_KEY_BYTES = 32


class ErasureKeyGone(WellbeingError):
    """The vault's locks can never be opened again: erased, or a backup restored without its keystore."""

    code, status, detail = "vault_gone", 410, "This vault was erased and cannot be opened any more."


def make_erasure_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def keep_erasure_key(vault_id: UUID, key: bytes) -> None:
    ErasureKey.objects.create(vault_id=vault_id, key=key)


def read_erasure_key(vault_id: UUID) -> bytes:
    """Raises ErasureKeyGone."""
    key = ErasureKey.objects.filter(vault_id=vault_id).values_list("key", flat=True).first()
    if key is None:
        raise ErasureKeyGone
    return bytes(key)


def destroy_erasure_key(vault_id: UUID) -> None:
    ErasureKey.objects.filter(vault_id=vault_id).delete()
    transaction.on_commit(_forget_old_pages, using=_ALIAS)


def _forget_old_pages() -> None:
    """SQLite's write-ahead log keeps old pages until a checkpoint; a destroyed key must not survive there."""
    connection = connections[_ALIAS]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
