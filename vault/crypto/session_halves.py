"""A secret that stays open between requests: half of its key in a cookie, the sealed secret in the session row."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.crypto.errors import SessionClosed, SessionExpired
from vault.crypto.key_pairs import KEY_BYTES
from vault.crypto.length_prefix import VERSION, length_prefixed

_SALT, _NONCE, _EXPIRES = 32, 12, 8
_HEAD = 1 + _EXPIRES + _SALT + _NONCE


def make_cookie_half() -> str:
    """32 random bytes as URL-safe text; only the browser's cookie holds them."""
    return secrets.token_urlsafe(KEY_BYTES)


def seal_for_session(
    secret: bytes, cookie_half: str, *, purpose: str, user_id: str, session_id: str, expires: int
) -> bytes:
    """The content of the session row. `expires` (Unix seconds) is authenticated with user, session and purpose."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    head = VERSION + expires.to_bytes(_EXPIRES, "big") + salt + nonce
    context = _context(purpose, user_id, session_id)
    return head + AESGCM(_key(cookie_half, salt, context)).encrypt(nonce, secret, head + context)


def open_for_session(
    cookie_half: str, stored: bytes, *, purpose: str, user_id: str, session_id: str, now: float
) -> bytes:
    """Raises SessionClosed when the halves do not match, SessionExpired when their time is over."""
    if stored[:1] != VERSION or len(stored) <= _HEAD:
        raise SessionClosed("nothing is open")
    head, sealed = stored[:_HEAD], stored[_HEAD:]
    expires, salt, nonce = head[1:9], head[9:41], head[41:]
    context = _context(purpose, user_id, session_id)
    try:
        secret = AESGCM(_key(cookie_half, salt, context)).decrypt(nonce, sealed, head + context)
    except InvalidTag as error:
        raise SessionClosed("the halves do not belong together") from error
    if now >= int.from_bytes(expires, "big"):
        raise SessionExpired("idle for too long")
    return secret


def expires_at(stored: bytes) -> int:
    """Unix seconds of the expiry as stored; not authenticated until it is opened."""
    return int.from_bytes(stored[1 : 1 + _EXPIRES], "big")


def _key(cookie_half: str, salt: bytes, context: bytes) -> bytes:
    try:
        half = base64.urlsafe_b64decode(cookie_half + "=" * (-len(cookie_half) % 4))
    except ValueError as error:
        raise SessionClosed("not a session key") from error
    if len(half) != KEY_BYTES:
        raise SessionClosed("not a session key")
    return HKDF(SHA256(), KEY_BYTES, salt, b"wb/v1/session" + context).derive(half)


def _context(purpose: str, user_id: str, session_id: str) -> bytes:
    return length_prefixed(b"wb-session", VERSION, purpose.encode(), user_id.encode(), session_id.encode())
