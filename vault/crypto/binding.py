"""MACs of the site: database access is not enough to swap a public key, or to make a row that only the site makes."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from vault.crypto.errors import BindingMismatch
from vault.crypto.length_prefix import VERSION, length_prefixed


def make_mac(label: str, *parts: bytes, binding_keys: Sequence[bytes]) -> bytes:
    """32 bytes made with the newest (first) key. `label` says what the parts are, so that no MAC fits elsewhere."""
    return _mac(binding_keys[0], label, parts)


def is_authentic(mac: bytes, label: str, *parts: bytes, binding_keys: Sequence[bytes]) -> bool:
    """Whether one of the keys made `mac` for exactly these parts."""
    return any(hmac.compare_digest(mac, _mac(key, label, parts)) for key in binding_keys)


def bind_public_key(public: bytes, *, vault_id: UUID, owner: str, binding_keys: Sequence[bytes]) -> bytes:
    """The MAC that ties a public key to its vault and owner. `owner` is the person's id as text."""
    return make_mac("wb-bind", vault_id.bytes, owner.encode(), public, binding_keys=binding_keys)


def check_binding(binding: bytes, public: bytes, *, vault_id: UUID, owner: str, binding_keys: Sequence[bytes]) -> None:
    """Raises BindingMismatch unless one of the keys made `binding` for exactly this key, vault and owner."""
    if not is_authentic(binding, "wb-bind", vault_id.bytes, owner.encode(), public, binding_keys=binding_keys):
        raise BindingMismatch("the public key is not the one bound to this vault")


def _mac(key: bytes, label: str, parts: Sequence[bytes]) -> bytes:
    return hmac.digest(key, length_prefixed(label.encode(), VERSION, *parts), "sha256")
