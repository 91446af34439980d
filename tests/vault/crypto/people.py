"""Keys and ids the vault's tests share."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.crypto.key_pairs import KeyPair, make_key_pair
from vault.crypto.session_halves import make_cookie_half, open_for_session, seal_for_session

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


def split_private_key(private: bytes, *, user_id: str, session_id: str, expires: int) -> tuple[str, bytes]:
    """A new cookie half, and what the session's row holds of a vault kept open."""
    half = make_cookie_half()
    return half, extend_private_key(private, half, user_id=user_id, session_id=session_id, expires=expires)


def extend_private_key(private: bytes, half: str, *, user_id: str, session_id: str, expires: int) -> bytes:
    place = {"user_id": user_id, "session_id": session_id}
    return seal_for_session(private, half, purpose="private key", **place, expires=expires)


def join_private_key(half: str, stored: bytes, *, user_id: str, session_id: str, now: float) -> bytes:
    return open_for_session(half, stored, purpose="private key", user_id=user_id, session_id=session_id, now=now)
