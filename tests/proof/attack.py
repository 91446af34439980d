"""What one attacker did, and what came of it."""

import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Attack:
    """`read` and `accepted` must stay empty. `learned` is what no encryption hides. `control` proves the search."""

    name: str
    holds: str
    tried: list[str] = field(default_factory=list)
    attempts: int = 0
    learned: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    control: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    #: False for what is measured though nothing is promised.
    in_scope: bool = True

    @property
    def failed_proof(self) -> list[str]:
        """Why this ends the proof; empty when all is well."""
        found = [f"{self.name} read {what}" for what in self.read] if self.in_scope else []
        found += [f"{self.name} had {what} believed" for what in self.accepted]
        return found + ([] if self.control else [f"{self.name} has no control"])

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def require(found: object, what: str) -> str:
    """A control: raises when a search does not find what is certainly there."""
    if not found:
        raise AssertionError(f"the proof proves nothing: {what} was not found")
    return what


def read_file(path: Path) -> bytes:
    """By another process: SQLite's locks on a file end when the process that holds them closes any handle to it."""
    return subprocess.run(["cat", path], capture_output=True, check=True).stdout
