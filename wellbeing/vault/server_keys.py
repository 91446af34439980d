"""The site's own keys: they sign entries, bind public keys, open frames and second factors, and open no vault."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wellbeing.files import read_or_create
from wellbeing.vault.errors import Damaged, ServerKeysDamaged
from wellbeing.vault.frames import recipient_of
from wellbeing.vault.keys import KEY_BYTES, key_id, public_of

_NAMES = ("signing", "frames", "binding", "accounts")


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Each tuple newest first: the first key writes, all of them read. Raw keys of 32 bytes."""

    signing: tuple[bytes, ...] = field(repr=False)
    frames: tuple[bytes, ...] = field(repr=False)
    binding: tuple[bytes, ...] = field(repr=False)
    accounts: tuple[bytes, ...] = field(repr=False)

    @property
    def signing_key(self) -> bytes:
        return self.signing[0]

    @property
    def verify_keys(self) -> tuple[bytes, ...]:
        return tuple(Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw() for key in self.signing)

    @property
    def frame_public(self) -> bytes:
        """What frames are sealed to."""
        return public_of(self.frames[0])

    def frame_private(self, sealed_key: bytes) -> bytes:
        """The key that opens this capture's sealed key. Raises Damaged when it was sealed to none of ours."""
        wanted = recipient_of(sealed_key)
        for private in self.frames:
            if key_id(public_of(private)) == wanted:
                return private
        raise Damaged("sealed to a worker key that is gone")


def load_or_create_server_keys(directory: Path) -> ServerKeys:
    """Read `signing.keys`, `frames.keys`, `binding.keys`, `accounts.keys`: one base64 key a line; make what is missing.

    Processes that start together agree: see `wellbeing.files.read_or_create`. Raises ServerKeysDamaged.
    """
    signing, frames, binding, accounts = (_load(directory / f"{name}.keys") for name in _NAMES)
    return ServerKeys(signing=signing, frames=frames, binding=binding, accounts=accounts)


def _load(path: Path) -> tuple[bytes, ...]:
    lines = read_or_create(path, _new_key_line).split()
    try:
        keys = tuple(base64.b64decode(line, altchars=b"-_", validate=True) for line in lines)
    except binascii.Error as error:
        raise ServerKeysDamaged(f"{path} is not a list of base64 keys.") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ServerKeysDamaged(f"{path} must hold one key of {KEY_BYTES} bytes a line, newest first.")
    return keys


def _new_key_line() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
