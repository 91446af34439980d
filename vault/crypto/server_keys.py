"""The site's own keys: they sign entries, bind public keys, open frames and second factors, and open no vault."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.files import read_or_create
from vault.crypto.errors import Damaged, ServerKeysDamaged
from vault.crypto.frames import recipient_of
from vault.crypto.key_pairs import KEY_BYTES, key_id, public_of
from vault.crypto.keys.files import KeyLine, parse_key_lines

SERVER_KEY_NAMES = ("signing", "frames", "binding", "accounts")
#: What no worker reads lies in a folder of its own, which a worker's machine or container need not have.
WEB_KEY_NAMES = frozenset({"accounts"})
WORKER_KEY_NAMES = tuple(name for name in SERVER_KEY_NAMES if name not in WEB_KEY_NAMES)


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Each tuple newest first: the first key writes, all of them read. Raw keys of 32 bytes."""

    signing: tuple[bytes, ...] = field(repr=False)
    frames: tuple[bytes, ...] = field(repr=False)
    binding: tuple[bytes, ...] = field(repr=False)
    accounts: tuple[bytes, ...] = field(repr=False)
    retired_verify_keys: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def signing_key(self) -> bytes:
        return self.signing[0]

    @property
    def verify_keys(self) -> tuple[bytes, ...]:
        return (*map(verify_key_of, self.signing), *self.retired_verify_keys)

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


def verify_key_of(signing_key: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw()


def key_path(directory: Path, name: str) -> Path:
    file = f"{name}.keys"
    return web_key_path(directory, file) if name in WEB_KEY_NAMES else directory / file


def web_key_path(directory: Path, file: str) -> Path:
    return directory / "web" / file


def load_or_create_server_keys(directory: Path, names: Collection[str] = SERVER_KEY_NAMES) -> ServerKeys:
    """Read `signing.keys`, `frames.keys`, `binding.keys` and `web/accounts.keys`, or those of `names`.

    What is missing is made.

    Processes that start together agree: see `core.files.read_or_create`. Raises ServerKeysDamaged.
    """
    lines = {name: _load(key_path(directory, name)) for name in names}
    usable = {name: tuple(_raw(line) for line in lines[name] if not line.is_public) for name in lines}
    for name, keys in usable.items():
        if not keys:
            raise ServerKeysDamaged(f"{key_path(directory, name)} holds no key that writes.")
    public = tuple(_raw(line) for line in lines["signing"] if line.is_public)
    return ServerKeys(**dict.fromkeys(SERVER_KEY_NAMES, ()) | usable, retired_verify_keys=public)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def to_verify_only(line: KeyLine) -> KeyLine:
    """A retired signing key without what it takes to sign."""
    public = base64.urlsafe_b64encode(verify_key_of(_raw(line))).decode()
    return KeyLine(public, retired_at=line.retired_at, is_public=True)


def _load(path: Path) -> list[KeyLine]:
    try:
        lines = parse_key_lines(read_or_create(path, lambda: f"{new_key()}\n".encode()).decode())
        keys = [_raw(line) for line in lines]
    except ValueError as error:
        raise ServerKeysDamaged(f"{path} is not a list of base64 keys.") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ServerKeysDamaged(f"{path} must hold one key of {KEY_BYTES} bytes a line, newest first.")
    return lines


def _raw(line: KeyLine) -> bytes:
    return base64.b64decode(line.text, altchars=b"-_", validate=True)
