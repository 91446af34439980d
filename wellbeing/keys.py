"""The server's own keys, read once per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from wellbeing.vault import ServerKeys, load_or_create_server_keys


def server_keys() -> ServerKeys:
    return _load(settings.KEYS_DIR)


@lru_cache(maxsize=4)
def _load(directory: Path) -> ServerKeys:
    return load_or_create_server_keys(directory)
