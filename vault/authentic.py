"""What a row says and only the site may write carries a MAC of the site: who writes to the database cannot make one."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from vault.crypto import binding
from vault.crypto.key_pairs import key_id
from vault.crypto.keys.loader import server_keys
from vault.models import Vault


def make_mac(label: str, *parts: object) -> bytes:
    """With the newest binding key; see `docs/formats.md` for how parts are written."""
    return binding.make_mac(label, *_write(parts), binding_keys=server_keys().binding)


def is_authentic(mac: bytes | memoryview, label: str, *parts: object) -> bool:
    return binding.is_authentic(bytes(mac), label, *_write(parts), binding_keys=server_keys().binding)


def sign_vault(vault: Vault) -> None:
    """Vouch for what the row says beside its key, which is bound: since when there is it, and how long it is kept."""
    vault.mac = make_mac("wb-vault", *_vault_parts(vault))


def is_vault_signed(vault: Vault) -> bool:
    return is_authentic(vault.mac, "wb-vault", *_vault_parts(vault))


def is_vault_current(vault: Vault) -> bool:
    """Whether there is nothing to sign anew: the newest key did, or none of ours."""
    return bytes(vault.mac) == make_mac("wb-vault", *_vault_parts(vault)) or not is_vault_signed(vault)


def _vault_parts(vault: Vault) -> tuple[object, ...]:
    owner, key = vault.user_id, key_id(bytes(vault.public_key))
    return vault.pk, owner, key, vault.created_on, vault.keep_days, vault.opened_in


def _write(parts: Iterable[object]) -> Iterable[bytes]:
    return map(_to_bytes, parts)


def _to_bytes(part: object) -> bytes:
    """Bytes and UUIDs as they are, moments in UTC, nothing as nothing, the rest as its text."""
    match part:
        case None:
            return b""
        case bytes() | memoryview():
            return bytes(part)
        case uuid.UUID():
            return part.bytes
        case datetime():
            return part.astimezone(UTC).isoformat(timespec="microseconds").encode()
    return str(part).encode()
