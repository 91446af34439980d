"""What each part of a running stack takes, as Linux counts it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from research.load.site_processes import Stack

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def read_memory(stack: Stack) -> dict[str, float]:
    """Resident MiB of each part with its children; pages that two processes share count twice."""
    found: Counter[str] = Counter()
    for name, process in _processes(stack):
        found[name] += _read(process / "statm", 1) * _PAGE
    return {name: round(size / 2**20, 1) for name, size in sorted(found.items())}


def read_processor_seconds(stack: Stack) -> dict[str, float]:
    """Processor time of each part since it started, with its children, ended ones included; and of this process."""
    found: Counter[str] = Counter()
    for name, process in _processes(stack):
        # proc(5): fields 14 to 17 are user, system, and both of children that were waited for.
        found[name] += sum(_read(process / "stat", field) for field in (11, 12, 13, 14))
    times = os.times()
    return {name: ticks / _TICK for name, ticks in sorted(found.items())} | {"load": times.user + times.system}


def _processes(stack: Stack) -> list[tuple[str, Path]]:
    groups = {group: name for name, group in stack.processes().items()}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            group = os.getpgid(int(process.name))
        except ProcessLookupError:
            continue
        # PostgreSQL gives each of its children a group of its own.
        name = groups.get(group) or groups.get(_read(process / "stat", 1))
        if name:
            found.append((name, process))
    return found


def _read(path: Path, place: int) -> int:
    """A number of the file, counted from the end of the command's name; 0 when the process has just ended."""
    try:
        return int(path.read_text().rpartition(")")[2].split()[place])
    except (FileNotFoundError, ProcessLookupError):
        return 0
