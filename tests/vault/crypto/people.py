"""Keys and ids the vault's tests share."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.crypto.key_pairs import KeyPair, make_key_pair

VAULT, OTHER_VAULT = UUID(int=1), UUID(int=2)
ENTRY, OTHER_ENTRY = UUID(int=11), UUID(int=12)
CAPTURE, OTHER_CAPTURE = UUID(int=21), UUID(int=22)
ALICE: KeyPair = make_key_pair()
MALLORY: KeyPair = make_key_pair()
SIGNING, FORGER = b"s" * 32, b"f" * 32


def verify_key(signing: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw()


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
