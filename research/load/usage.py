"""Memory and processor time of each part of a running stack, from /proc (Linux)."""

import os
from collections import Counter
from pathlib import Path

from research.load.site_processes import Stack

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def read_memory(stack: Stack) -> dict[str, float]:
    """Resident MiB of each part with its children; shared pages count in each process."""
    found: Counter[str] = Counter()
    for name, process in _processes(stack):
        found[name] += _read(process / "statm", 1) * _PAGE
    return {name: round(size / 2**20, 1) for name, size in sorted(found.items())}


def read_processor_seconds(stack: Stack) -> dict[str, float]:
    """Processor seconds of each part since its start, with all its children, also ended ones; and of this process."""
    found: Counter[str] = Counter()
    for name, process in _processes(stack):
        # proc(5): fields 14 to 17 are user and system time, and both for reaped children.
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
        # PostgreSQL's children have process groups of their own.
        name = groups.get(group) or groups.get(_read(process / "stat", 1))
        if name:
            found.append((name, process))
    return found


def _read(path: Path, place: int) -> int:
    """A field of the file, counted from the end of the command name; 0 if the process has just ended."""
    try:
        return int(path.read_text().rpartition(")")[2].split()[place])
    except (FileNotFoundError, ProcessLookupError):
        return 0
