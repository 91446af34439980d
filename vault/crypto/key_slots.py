"""Key slots: a vault's private key wrapped under passphrase, recovery code or passkey, then under the erasure key."""

import hmac
import secrets
import struct
import unicodedata
from typing import Literal, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from vault.crypto.errors import DamagedKeySlot, WrongSecret
from vault.crypto.key_pairs import KEY_BYTES, public_of
from vault.crypto.length_prefix import VERSION, length_prefixed, split_length_prefixed

Slot = Literal["passphrase", "recovery", "passkey"]

_MAGIC = b"wb-lock"
_NONCE, _SALT, _COMMIT, _TAG = 12, 16, 32, 16
_COST = struct.Struct(">III")


class Cost(NamedTuple):
    """Argon2id parameters; `memory` in KiB. All zero for a secret that is already 256 uniform bits."""

    memory: int
    passes: int
    lanes: int


# RFC 9106 section 4, second recommended option (64 MiB, t=3), with one lane because web workers share the cores.
ARGON2_FLOOR = Cost(memory=64 * 1024, passes=3, lanes=1)
# Above this cost, opening a key slot would be a denial of service.
_ARGON2_CEILING = Cost(memory=1024 * 1024, passes=16, lanes=16)
_UNIFORM = Cost(memory=0, passes=0, lanes=0)
_UNIFORM_SLOTS = ("recovery", "passkey")


def wrap_with_passphrase(
    private: bytes, passphrase: str, *, vault_id: UUID, public: bytes, erasure_key: bytes, cost: Cost = ARGON2_FLOOR
) -> bytes:
    """Takes about 160 ms, and 64 MiB at the default cost."""
    return _wrap(private, _secret_bytes(passphrase), "passphrase", cost, vault_id, public, erasure_key)


def wrap_with_recovery(private: bytes, code: bytes, *, vault_id: UUID, public: bytes, erasure_key: bytes) -> bytes:
    return _wrap(private, code, "recovery", _UNIFORM, vault_id, public, erasure_key)


def wrap_with_passkey(private: bytes, secret: bytes, *, vault_id: UUID, public: bytes, erasure_key: bytes) -> bytes:
    """`secret`: the 32 bytes that the PRF extension of WebAuthn gives for this vault's salt."""
    return _wrap(private, secret, "passkey", _UNIFORM, vault_id, public, erasure_key)


def open_key_slot(
    key_slot: bytes, secret: str | bytes, *, slot: Slot, vault_id: UUID, public: bytes, erasure_key: bytes
) -> bytes:
    """The private key. Raises DamagedKeySlot before any costly work if it was altered, WrongSecret otherwise."""
    header, nonce, commitment, sealed = _parse(_strip_outer(key_slot, slot, vault_id, erasure_key))
    salt, cost = _read_header(header, slot, vault_id, public)
    root = _derive_root(_secret_bytes(secret), salt, slot, cost)
    if not hmac.compare_digest(commitment, _expand(root, b"wb/v1/commit", header)):
        raise WrongSecret("the secret does not open this key slot")
    try:
        private = AESGCM(_expand(root, b"wb/v1/kek", header)).decrypt(nonce, sealed, header)
    except InvalidTag as error:
        raise DamagedKeySlot("the wrapped key was altered") from error
    if public_of(private) != public:
        raise DamagedKeySlot("the wrapped key is not this vault's")
    return private


def check_key_slot(key_slot: bytes, *, slot: Slot, vault_id: UUID, public: bytes, erasure_key: bytes) -> Cost:
    """Checks all that needs no secret: its cost. Raises DamagedKeySlot if not made for this vault and public key."""
    header, *_ = _parse(_strip_outer(key_slot, slot, vault_id, erasure_key))
    return _read_header(header, slot, vault_id, public)[1]


def _wrap(
    private: bytes, secret: bytes, slot: Slot, cost: Cost, vault_id: UUID, public: bytes, erasure_key: bytes
) -> bytes:
    salt, nonce, outer_nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE), secrets.token_bytes(_NONCE)
    header = length_prefixed(_MAGIC, VERSION, slot.encode(), vault_id.bytes, public, salt, _COST.pack(*cost))
    root = _derive_root(secret, salt, slot, cost)
    sealed = AESGCM(_expand(root, b"wb/v1/kek", header)).encrypt(nonce, private, header)
    wrap = header + nonce + _expand(root, b"wb/v1/commit", header) + sealed
    return VERSION + outer_nonce + AESGCM(erasure_key).encrypt(outer_nonce, wrap, _outer_context(slot, vault_id))


def _strip_outer(key_slot: bytes, slot: Slot, vault_id: UUID, erasure_key: bytes) -> bytes:
    if key_slot[:1] != VERSION or len(key_slot) < 1 + _NONCE + _TAG:
        raise DamagedKeySlot("not a key slot")
    try:
        return AESGCM(erasure_key).decrypt(
            key_slot[1 : 1 + _NONCE], key_slot[1 + _NONCE :], _outer_context(slot, vault_id)
        )
    except InvalidTag as error:
        raise DamagedKeySlot("the key slot was altered, or its erasure key is another") from error


def _parse(wrap: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    tail = _NONCE + _COMMIT + KEY_BYTES + _TAG
    if len(wrap) <= tail:
        raise DamagedKeySlot("the key slot is too short")
    header, rest = wrap[:-tail], wrap[-tail:]
    return header, rest[:_NONCE], rest[_NONCE : _NONCE + _COMMIT], rest[_NONCE + _COMMIT :]


def _read_header(header: bytes, slot: Slot, vault_id: UUID, public: bytes) -> tuple[bytes, Cost]:
    try:
        parts, rest = split_length_prefixed(header, 7)
    except ValueError as error:
        raise DamagedKeySlot("the header does not read") from error
    *identity, salt, cost_bytes = parts
    if rest or identity != [_MAGIC, VERSION, slot.encode(), vault_id.bytes, public] or len(salt) != _SALT:
        raise DamagedKeySlot("the key slot belongs elsewhere")
    if len(cost_bytes) != _COST.size:
        raise DamagedKeySlot("the header does not read")
    cost = Cost(*_COST.unpack(cost_bytes))
    floor, ceiling = (_UNIFORM, _UNIFORM) if slot in _UNIFORM_SLOTS else (ARGON2_FLOOR, _ARGON2_CEILING)
    if not all(least <= value <= most for least, value, most in zip(floor, cost, ceiling, strict=True)):
        raise DamagedKeySlot("the key derivation is out of bounds")
    return salt, cost


def _secret_bytes(secret: str | bytes) -> bytes:
    """NFKC without outer blanks: a passphrase gives the same bytes on every keyboard."""
    return secret if isinstance(secret, bytes) else unicodedata.normalize("NFKC", secret).strip().encode()


def _derive_root(secret: bytes, salt: bytes, slot: Slot, cost: Cost) -> bytes:
    if slot in _UNIFORM_SLOTS:
        return HKDF(SHA256(), KEY_BYTES, salt, b"wb/v1/" + slot.encode()).derive(secret)
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return kdf.derive(secret)


def _expand(root: bytes, purpose: bytes, header: bytes) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, purpose + header).derive(root)


def _outer_context(slot: Slot, vault_id: UUID) -> bytes:
    return length_prefixed(b"wb-outer", VERSION, slot.encode(), vault_id.bytes)
