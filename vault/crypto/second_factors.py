"""Seeds of second factors, encrypted: with a copy of the database alone, valid codes cannot be made."""

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.crypto.errors import Damaged
from vault.crypto.length_prefix import VERSION

_NONCE = 12
_CONTEXT = b"wb-second-factor"


def seal_seed(seed: str, keys: Sequence[bytes]) -> str:
    """Under the first of `keys`: base64 of version, nonce (12 bytes) and AES-256-GCM ciphertext with its tag."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(VERSION + nonce + AESGCM(keys[0]).encrypt(nonce, seed.encode(), _CONTEXT)).decode()


def open_seed(sealed: str, keys: Sequence[bytes]) -> str:
    """Tries each of `keys`. Raises Damaged."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError as error:
        raise Damaged("not a sealed seed") from error
    if data[:1] != VERSION:
        raise Damaged("not a sealed seed")
    for key in keys:
        try:
            return AESGCM(key).decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], _CONTEXT).decode()
        except (InvalidTag, ValueError):
            continue
    raise Damaged("sealed under a key that is gone")
