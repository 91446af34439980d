"""The database's cache, which keeps the limits on guessing: what cannot be written is a fault, not a limit reached."""

from typing import Any
from uuid import uuid4

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError


class LoudDatabaseCache(DatabaseCache):
    """Raises OperationalError where Django's answers False to a full disk as to a key that is there already."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = None) -> bool:
        if super()._base_set(mode, key, value, timeout):  # type: ignore[misc]  # not among its types
            return True
        if mode != "touch" and not self._can_write():
            raise OperationalError("the cache cannot be written")
        return False

    def _can_write(self) -> bool:
        probe = self.make_key(f"probe-{uuid4()}")
        written: bool = super()._base_set("set", probe, 0, 1)  # type: ignore[misc]  # not among its types
        self._base_delete_many([probe])  # type: ignore[attr-defined]  # not among its types
        return written
