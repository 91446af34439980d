"""A server key vouches that a public key is its owner's; again by a new one when keys are exchanged or were lost."""

import logging

from django.db import transaction

from vault.authentic import is_vault_current, is_vault_signed, sign_vault
from vault.crypto.binding import bind_public_key
from vault.crypto.keys.loader import server_keys
from vault.dependants import DEPENDANTS
from vault.journal.entries import KeyAltered, is_bound
from vault.models import Vault

logger = logging.getLogger(__name__)


def rebind_vaults() -> int:
    """Bind every public key with the newest key; returns how many were. One whose binding fails stays refused."""
    count = 0
    for vault in Vault.objects.iterator():
        if not is_bound(vault):
            logger.error("vault %s: its public key is not the one bound to it, and is not bound anew", vault.pk)
        elif bytes(vault.binding) != make_binding(vault) or not is_vault_current(vault):
            count += _replace_binding(vault)
    return count + sum(dependant.sign_anew() for dependant in DEPENDANTS)


def make_binding(vault: Vault) -> bytes:
    """Of the row's public key to its vault and owner, with the newest key."""
    public, keys = bytes(vault.public_key), server_keys().binding
    return bind_public_key(public, vault_id=vault.pk, owner=str(vault.user_id), binding_keys=keys)


@transaction.atomic
def _replace_binding(vault: Vault) -> int:
    """Unless the row is another by now; returns how many rows were bound."""
    same = Vault.objects.filter(pk=vault.pk, user=vault.user_id, public_key=bytes(vault.public_key))
    row = same.select_for_update(no_key=True).first()
    if row is None:
        return 0
    row.binding = make_binding(row)
    if is_vault_signed(row):
        sign_vault(row)
    row.save(update_fields=["binding", "mac"])
    return 1


def bind_anew(vault: Vault) -> None:
    """For a vault bound by a key that is gone: a lock that opened proves who made the public key. Raises KeyAltered."""
    if not _replace_binding(vault):
        raise KeyAltered
    logger.warning("vault %s: its owner opened it, and its public key is bound anew", vault.pk)
