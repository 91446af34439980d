"""What the disk refuses the commands that start the site, in one sentence with its cure instead of a traceback."""

import getpass
import os
import sqlite3
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

_STARTING: Final = frozenset({"setup", "serve", "run_valkey"})
_CURE: Final = (
    "The data folder and all that is in it have to belong to {user}, who starts this site: "
    "change the owner (chown -R {user} FOLDER), or choose another folder with WELLBEING_DATA_DIR."
)


def tell_fault(error: BaseException, command: str) -> str | None:
    """None for what is no fault of the disk, of the settings or of the database's file."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if command not in _STARTING:
        return None
    cure = _CURE.format(user=_user())
    if isinstance(error, OSError) and error.strerror:
        path = error.filename2 or error.filename
        if not path:
            return f"This machine refuses: {error.strerror}. Temporary files and /dev/shm have to be writable."
        return f"{_nearest(str(path))} cannot be used: {error.strerror}. {cure}"
    if isinstance(error, DatabaseError) and isinstance(error.__cause__, sqlite3.DatabaseError):
        if isinstance(error.__cause__, sqlite3.OperationalError):
            return f"The database in the data folder cannot be used: {error}. {cure}"
        return f"The database in the data folder is damaged: {error}. Put back a backup of it (docs/operations.md)."
    return None


def _nearest(path: str) -> str:
    """The path itself, or the folder above it that is there: the one whose owner matters."""
    found = Path(path)
    while not os.path.lexists(found) and found != found.parent:
        found = found.parent
    return path if str(found) == path else f"{path} (in {found})"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.geteuid()}"
