"""Sealed entries: all of one size, signed inside, readable by one vault only."""

from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault.crypto.errors import Damaged, Forged, PayloadTooLong
from vault.crypto.key_pairs import hpke_open, hpke_seal, key_id
from vault.crypto.length_prefix import VERSION, length_prefixed

_SIGNATURE, _LENGTH = 64, 2
INNER_BYTES = 1024
MAX_PAYLOAD_BYTES = INNER_BYTES - _SIGNATURE - _LENGTH
# Version, encapsulated key, inner, tag.
SEALED_ENTRY_BYTES = 1 + 32 + INNER_BYTES + 16


def seal_entry(payload: bytes, *, public: bytes, vault_id: UUID, entry_id: UUID, signing_key: bytes) -> bytes:
    """1073 bytes, whatever the payload (at most 958 bytes). `signing_key` is a raw Ed25519 private key."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLong(f"an entry holds {MAX_PAYLOAD_BYTES} bytes, not {len(payload)}")
    context = _context(public, vault_id, entry_id)
    signature = Ed25519PrivateKey.from_private_bytes(signing_key).sign(_signed(context, payload))
    inner = signature + len(payload).to_bytes(_LENGTH, "big") + payload
    return hpke_seal(inner.ljust(INNER_BYTES, b"\0"), public=public, info=context)


def open_entry(
    sealed: bytes, *, private: bytes, public: bytes, vault_id: UUID, entry_id: UUID, verify_keys: Sequence[bytes]
) -> bytes:
    """The payload. Raises Damaged for altered or misplaced bytes, Forged when no verify key matches the signature."""
    if len(sealed) != SEALED_ENTRY_BYTES:
        raise Damaged("not the size of an entry")
    context = _context(public, vault_id, entry_id)
    inner = hpke_open(sealed, private=private, info=context)
    signature, body = inner[:_SIGNATURE], inner[_SIGNATURE:]
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
    payload, padding = body[_LENGTH:end], body[end:]
    if end > len(body) or any(padding):
        raise Damaged("the padding was altered")
    if not any(_verifies(key, signature, _signed(context, payload)) for key in verify_keys):
        raise Forged("no key of this site signed it")
    return payload


def _context(public: bytes, vault_id: UUID, entry_id: UUID) -> bytes:
    return length_prefixed(b"wb-entry", VERSION, vault_id.bytes, key_id(public), entry_id.bytes)


def _signed(context: bytes, payload: bytes) -> bytes:
    return length_prefixed(b"wb-entry-signature", context, payload)


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
