"""Make, read and destroy erasure keys."""

import secrets
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext_lazy as _

from core.exceptions import WellbeingError
from vault.keystore.models import ErasureKey

_ALIAS = "keystore"
_KEY_BYTES = 32


class ErasureKeyGone(WellbeingError):
    """The vault's locks can never be opened again: erased, or a backup restored without its keystore."""

    code, status, detail = "vault_gone", 410, _("This vault was erased and cannot be opened any more.")


class ErasureKeyKept(WellbeingError):
    """A vault of this id has one: what was begun with the same keys before was cut off, or done."""

    code, status = "begun_before", 409
    detail = _(
        "This was begun once before and was cut off on the way. If your new passphrase does not open your vault, "
        "nothing was changed: please start again."
    )


def make_erasure_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def keep_erasure_key(vault_id: UUID, key: bytes, *, owner: int, public: bytes) -> None:
    """Never in the place of another. `owner`, `public`: whose vault it is, its public key. Raises ErasureKeyKept."""
    try:
        with transaction.atomic(using=_ALIAS):
            ErasureKey.objects.create(vault_id=vault_id, key=key, owner=owner, public_key=public)
    except IntegrityError as error:
        raise ErasureKeyKept from error


def read_erasure_key(vault_id: UUID) -> bytes:
    """Raises ErasureKeyGone."""
    key = ErasureKey.objects.filter(vault_id=vault_id).values_list("key", flat=True).first()
    if key is None:
        raise ErasureKeyGone
    return bytes(key)


def is_known(vault_id: UUID, *, owner: int, public: bytes) -> bool:
    """Whether the vault was noted as this person's, with this public key."""
    return ErasureKey.objects.filter(vault_id=vault_id, owner=owner, public_key=public).exists()


def destroy_erasure_key(vault_id: UUID, *, owner: int | None = None) -> None:
    """With `owner`, unless it is that of somebody else's vault."""
    keys = ErasureKey.objects.filter(vault_id=vault_id)
    if owner is not None:
        keys = keys.filter(owner=owner)
    keys.delete()
    transaction.on_commit(_forget_old_pages, using=_ALIAS)


def _forget_old_pages() -> None:
    """SQLite's write-ahead log keeps old pages until a checkpoint; a destroyed key must not survive there."""
    connection = connections[_ALIAS]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
