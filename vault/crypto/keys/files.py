"""Files that hold one key a line and are exchanged while processes read them.

    KEY                         the first of these writes, all of them read
    KEY announced               reads, and will write once every process knows it
    KEY retired 1772452800      reads still; wrote until then (Unix seconds)
    verify KEY retired 1772...  the public half of a retired signing key

A reader never sees half a file, and a key is known to every process before the first one writes with it.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeyLine:
    text: str = field(repr=False)
    retired_at: int | None = None
    is_public: bool = False
    is_announced: bool = False

    def __str__(self) -> str:
        words = ["verify"] * self.is_public + [self.text] + ["announced"] * self.is_announced
        return " ".join(words if self.retired_at is None else [*words, "retired", str(self.retired_at)])


def parse_key_lines(content: str) -> list[KeyLine]:
    """Raises ValueError for a line of another shape."""
    return [_parse(line.split()) for line in content.splitlines() if line.strip()]


def announce(lines: list[KeyLine], new: str) -> list[KeyLine]:
    """With a key that every process reads from now on and none writes with. One that waits already is kept."""
    return lines if any(line.is_announced for line in lines) else [*lines, KeyLine(new, is_announced=True)]


def activate(lines: list[KeyLine], now: int) -> list[KeyLine]:
    """The announced key writes, those before it are retired. Nothing changes where none was announced."""
    waiting = [replace(line, is_announced=False) for line in lines if line.is_announced]
    if not waiting:
        return lines
    former = [line for line in lines if not line.is_announced]
    return [*waiting, *(line if line.retired_at is not None else replace(line, retired_at=now) for line in former)]


def drop_retired(lines: list[KeyLine], *, before: int) -> list[KeyLine]:
    """Without those that were retired before that moment (Unix seconds)."""
    return [line for line in lines if line.retired_at is None or line.retired_at >= before]


@contextmanager
def exclusively(directory: Path) -> Iterator[None]:
    """One process changes the files of a folder at a time."""
    handle = os.open(directory / ".rotation-lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_key_file(path: Path) -> list[KeyLine]:
    return parse_key_lines(path.read_text())


def write_key_file(path: Path, lines: list[KeyLine]) -> None:
    """Replaces the file at once, readable for its owner alone."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(words: list[str]) -> KeyLine:
    is_public = words[0] == "verify"
    match words[1:] if is_public else words:
        case [text]:
            return KeyLine(text, is_public=is_public)
        case [text, "retired", moment]:
            return KeyLine(text, int(moment), is_public)
        case [text, "announced"] if not is_public:
            return KeyLine(text, is_announced=True)
    raise ValueError("not a line of a key file")
