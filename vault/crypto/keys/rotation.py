"""Exchange server keys while the site runs: every process (see `loader`) knows a key before one writes with it."""

import hashlib
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

from vault.crypto.keys.files import (
    KeyLine,
    activate,
    announce,
    drop_retired,
    exclusively,
    read_key_file,
    write_key_file,
)
from vault.crypto.keys.loader import server_keys
from vault.crypto.server_keys import SERVER_KEY_NAMES, key_path, new_key, to_verify_only

SECRET: Final = "secret"  # noqa: S105 -- the name of a kind
KEY_NAMES: Final = (*SERVER_KEY_NAMES, SECRET)
_ACCEPTED: Final = "accepted"
_MINUTE, _HOUR, _DAY = 60, 60 * 60, 24 * 60 * 60


def file_of(name: str) -> Path | None:
    """Where keys of this kind are kept; None for a secret key that comes from the environment."""
    path: Path | None = settings.SECRET_KEY_FILE if name == SECRET else key_path(settings.KEYS_DIR, name)
    return path


def announce_keys(names: Iterable[str]) -> list[str]:
    """Add a key to each file, to be read and not yet written with. Returns which changed. Raises OSError."""
    return _change(names, lambda name, lines: announce(lines, _make(name)))


def activate_keys(names: Iterable[str], *, now: int) -> list[str]:
    """Write with the announced keys. What a former signing key is kept for, checking, needs its public half alone.

    Keys that were accepted are followed by keys that are.
    """
    were_accepted = are_keys_accepted()
    changed = _change(names, lambda name, lines: _strip_signing(name, activate(lines, now)))
    if were_accepted and "binding" in changed:
        accept_keys()
    return changed


def destroy_retired_keys(*, now: int, except_kinds: Collection[str] = ()) -> list[str]:
    """Destroy the keys that nothing needs any more, except those of `except_kinds`. Returns the files that lost one."""
    names = [name for name in KEY_NAMES if name not in except_kinds]
    return _change(names, lambda name, lines: drop_retired(lines, before=now - keep_seconds(name)))


def keep_seconds(name: str) -> int:
    """How long a retired key is kept: what was made with it must have been used up, or made anew, by then."""
    return {
        # Frames wait for at most their time to live; the rest is for clocks that differ.
        "frames": int(settings.FRAME_TTL_SECONDS) + _MINUTE,
        # Bindings are made anew when the key is exchanged; one made by a request at that moment, an hour later.
        "binding": 2 * _HOUR,
        # As are second factors.
        "accounts": 2 * _HOUR,
        # Entries wait in an inbox, signed, for as long as entries are kept.
        "signing": (int(settings.KEEP_DAYS) + 1) * _DAY,
        # Sessions last hours, links to reset a password three days.
        SECRET: 4 * _DAY,
    }[name]


def is_any_retired(name: str) -> bool:
    return any(line.retired_at is not None for line in _read(name))


def is_key_missing() -> bool:
    return not all(key_path(settings.KEYS_DIR, name).exists() for name in SERVER_KEY_NAMES)


def accept_keys() -> None:
    """Remember beside the keys that whoever runs the site goes on with them though they bound none of its vaults."""
    Path(settings.KEYS_DIR, _ACCEPTED).write_text(f"{_name_of(server_keys().binding[0])}\n")


def are_keys_accepted() -> bool:
    names, path = {_name_of(key) for key in server_keys().binding}, Path(settings.KEYS_DIR, _ACCEPTED)
    return path.exists() and path.read_text().strip() in names


def _name_of(key: bytes) -> str:
    return hashlib.sha256(b"wb/v1/accepted" + key).hexdigest()


def _make(name: str) -> str:
    return secrets.token_urlsafe(64) if name == SECRET else new_key()


def _strip_signing(name: str, lines: list[KeyLine]) -> list[KeyLine]:
    if name != "signing":
        return lines
    return [to_verify_only(line) if line.retired_at is not None and not line.is_public else line for line in lines]


def _change(names: Iterable[str], change: Callable[[str, list[KeyLine]], list[KeyLine]]) -> list[str]:
    changed = []
    with exclusively(settings.KEYS_DIR):
        for name in names:
            path, before = file_of(name), _read(name)
            after = change(name, before) if before else before
            if path is not None and after != before:
                write_key_file(path, after)
                changed.append(name)
    return changed


def _read(name: str) -> list[KeyLine]:
    path = file_of(name)
    return read_key_file(path) if path is not None and path.exists() else []


def now_seconds() -> int:
    return int(time.time())
