"""A server key vouches that a public key is its owner's; again by a new one when keys are exchanged or were lost."""

import logging

from vault.crypto.binding import bind_public_key
from vault.crypto.keys.loader import server_keys
from vault.journal.entries import KeyAltered, is_bound
from vault.models import Vault

logger = logging.getLogger(__name__)


def rebind_vaults() -> int:
    """Bind every public key with the newest key; returns how many were. One whose binding fails stays refused."""
    count = 0
    for vault in Vault.objects.iterator():
        if bytes(vault.binding) == make_binding(vault):
            continue
        if is_bound(vault):
            count += _replace_binding(vault)
        else:
            logger.error("vault %s: its public key is not the one bound to it, and is not bound anew", vault.pk)
    return count


def make_binding(vault: Vault) -> bytes:
    """Of the row's public key to its vault and owner, with the newest key."""
    public, keys = bytes(vault.public_key), server_keys().binding
    return bind_public_key(public, vault_id=vault.pk, owner=str(vault.user_id), binding_keys=keys)


def _replace_binding(vault: Vault) -> int:
    """Unless the row is another by now; returns how many rows were bound."""
    same = Vault.objects.filter(pk=vault.pk, user=vault.user_id, public_key=bytes(vault.public_key))
    return same.update(binding=make_binding(vault))


def bind_anew(vault: Vault) -> None:
    """For a vault bound by a key that is gone: a lock that opened proves who made the public key. Raises KeyAltered."""
    if not _replace_binding(vault):
        raise KeyAltered
    logger.warning("vault %s: its owner opened it, and its public key is bound anew", vault.pk)
