"""X25519 key pairs, and the HPKE sealing that the formats are built on."""

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from vault.crypto.errors import Damaged
from vault.crypto.length_prefix import VERSION

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Raw X25519 keys, 32 bytes each."""

    private: bytes = field(repr=False)
    public: bytes


def make_key_pair() -> KeyPair:
    private = X25519PrivateKey.generate().private_bytes_raw()
    return KeyPair(private=private, public=public_of(private))


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_id(public: bytes) -> bytes:
    """16 bytes that name a public key."""
    return hashlib.sha256(b"wb/v1/kid" + public).digest()[:16]


def hpke_seal(plain: bytes, *, public: bytes, info: bytes) -> bytes:
    """RFC 9180 base mode, suite 1 (X25519, HKDF-SHA256, AES-256-GCM): version byte, 32-byte share, ciphertext, tag."""
    return VERSION + _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public), info=info)


def hpke_open(sealed: bytes, *, private: bytes, info: bytes) -> bytes:
    """Raises Damaged unless `sealed` is exactly what was sealed to this key under this info."""
    if sealed[:1] != VERSION:
        raise Damaged("unknown version")
    try:
        return _SUITE.decrypt(sealed[1:], X25519PrivateKey.from_private_bytes(private), info=info)
    except (InvalidTag, ValueError) as error:
        raise Damaged("does not open") from error
