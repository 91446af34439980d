"""Files that several processes may create at the same moment."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """Create `path` and its missing parents with mode 0700. Existing folders are not changed."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def is_open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def close_to_others(path: Path) -> bool:
    """Remove all access but the owner's; False if it could not be removed.

    Left alone: what another user owns, and what has a special bit (setuid, setgid, sticky), such as /tmp.
    """
    found = path.stat()
    if not is_open_to_others(path):
        return True
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_ISVTX | stat.S_ISGID | stat.S_ISUID):
        return False
    try:
        path.chmod(stat.S_IMODE(found.st_mode) & 0o700)
    except OSError:
        return False
    return not is_open_to_others(path)


def read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path`, created only once even when several processes start together.

    A complete temporary file is hard-linked to the name: exactly one process wins, all read the winner's bytes.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    make_private_folder(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
    finally:
        os.unlink(temporary)
    return path.read_bytes()
