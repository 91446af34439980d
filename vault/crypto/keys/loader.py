"""The server's own keys, read again when their files change, so that they can be exchanged while the site runs."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from vault.crypto.keys.files import read_key_file
from vault.crypto.server_keys import (
    SERVER_KEY_NAMES,
    WORKER_KEY_NAMES,
    ServerKeys,
    key_path,
    load_or_create_server_keys,
)

#: What changes when a file is replaced: its number, its time and its size.
_State = tuple[int, int, int] | None


def server_keys() -> ServerKeys:
    """Those of this process's role: a worker reads nothing that signs people in."""
    directory: Path = settings.KEYS_DIR
    names = WORKER_KEY_NAMES if settings.ROLE == "WORKER" else SERVER_KEY_NAMES
    return _load(directory, names, tuple(_state(key_path(directory, name)) for name in names))


def refresh_secret_key() -> None:
    """Sign with the first key of the secret key's file, and go on accepting the others, from this request on."""
    file: Path | None = settings.SECRET_KEY_FILE
    state = _state(file) if file else None
    if file and state:
        _use_secret_key(file, state)


# One each: keys that were destroyed do not stay in memory.
@lru_cache(maxsize=1)
def _load(directory: Path, names: tuple[str, ...], _states: tuple[_State, ...]) -> ServerKeys:
    return load_or_create_server_keys(directory, names)


@lru_cache(maxsize=1)
def _use_secret_key(file: Path, _state: _State) -> None:
    first, *others = [line.text for line in read_key_file(file)]
    # In this order, so that no request meets a signature it cannot check.
    settings.SECRET_KEY_FALLBACKS = [*others, settings.SECRET_KEY, *settings.SECRET_KEYS_GIVEN]
    settings.SECRET_KEY = first
    settings.SECRET_KEY_FALLBACKS = [*others, *settings.SECRET_KEYS_GIVEN]


def _state(path: Path) -> _State:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
