"""What opening networks leaves in a process's memory and is not used again, given back to the system.

Does something on Linux alone, and nothing that could be noticed but by its size.
"""

from __future__ import annotations

import ctypes
import mmap
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: In proc_pid_smaps(5): a private mapping of a file, not writable, with no page of its own in memory or swapped out.
_UNCHANGED: Final = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-[-x]p .* /.*\n(?:[A-Z].*\n)*?Anonymous: +0 kB\n(?:[A-Z].*\n)*?Swap: +0 kB$",
    re.MULTILINE,
)


def return_freed_memory() -> None:
    """Freed blocks stay with the allocator; glibc gives them back when told to."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def unmap_libraries() -> None:
    """Let go of what is mapped from libraries as it is in their files: code and tables, most of them used once, to open
    the networks.

    What is needed again the system maps again from its cache, a millisecond in all.
    """
    if sys.platform == "linux":
        advise = ctypes.CDLL(None).madvise
        for start, stop in find_unchanged(Path("/proc/self/smaps").read_text()):
            advise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), mmap.MADV_DONTNEED)


def find_unchanged(smaps: str) -> Iterator[tuple[int, int]]:
    """Start and stop of the mappings of files that are as the files are."""
    for mapping in _UNCHANGED.finditer(smaps):
        yield int(mapping[1], 16), int(mapping[2], 16)
