"""Stretching a passphrase takes 64 MiB and half a second of a core: few at a time, few who wait, so many a person."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.utils.translation import gettext as _

from accounts.limits import count_use
from accounts.models import User
from core.exceptions import TooOften

#: At once, in one process; a core stays free for everybody else.
_AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 2) - 1))
#: With those at work. Each occupies a thread of the process, and more would only wait longer.
_IN_LINE: Final = _AT_ONCE + 2
_PATIENCE_SECONDS: Final = 10
_AGAIN_SECONDS: Final = 5
_working = threading.BoundedSemaphore(_AT_ONCE)
_in_line = threading.BoundedSemaphore(_IN_LINE)


@contextmanager
def argon2_turn(user: User) -> Iterator[None]:
    """Raises TooOften when the line is long, or this person asked many times within a minute."""
    if not _in_line.acquire(blocking=False):
        raise _too_many()
    try:
        count_use(user, "passphrase_work")
        if not _working.acquire(timeout=_PATIENCE_SECONDS):
            raise _too_many()
        try:
            yield
        finally:
            _working.release()
    finally:
        _in_line.release()


def _too_many() -> TooOften:
    told = _("Many vaults are being opened right now. Please try again in %(seconds)d seconds.")
    return TooOften(told % {"seconds": _AGAIN_SECONDS}, retry_after=_AGAIN_SECONDS)
