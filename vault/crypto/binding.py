"""A MAC that ties a public key to its vault and owner, so that database access is not enough to swap it."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from vault.crypto.errors import BindingMismatch
from vault.crypto.length_prefix import VERSION, length_prefixed


def bind_public_key(public: bytes, *, vault_id: UUID, owner: str, binding_keys: Sequence[bytes]) -> bytes:
    """32 bytes made with the newest (first) key. `owner` is the person's id as text."""
    return _mac(binding_keys[0], public, vault_id, owner)


def check_binding(binding: bytes, public: bytes, *, vault_id: UUID, owner: str, binding_keys: Sequence[bytes]) -> None:
    """Raises BindingMismatch unless one of the keys made `binding` for exactly this key, vault and owner."""
    if not any(hmac.compare_digest(binding, _mac(key, public, vault_id, owner)) for key in binding_keys):
        raise BindingMismatch("the public key is not the one bound to this vault")


def _mac(key: bytes, public: bytes, vault_id: UUID, owner: str) -> bytes:
    return hmac.digest(key, length_prefixed(b"wb-bind", VERSION, vault_id.bytes, owner.encode(), public), "sha256")
