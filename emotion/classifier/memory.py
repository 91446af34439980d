"""Returns memory that opening the networks used and that is not needed again to the system.

Linux only, and without effect on anything but the size of the process.
"""

import ctypes
import mmap
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: In proc_pid_smaps(5): a read-only private mapping of a file without changed pages in memory or swap.
_UNCHANGED: Final = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-[-x]p .* /.*\n(?:[A-Z].*\n)*?Anonymous: +0 kB\n(?:[A-Z].*\n)*?Swap: +0 kB$",
    re.MULTILINE,
)


def return_freed_memory() -> None:
    """Make glibc return freed blocks, which it otherwise keeps, to the system."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def unmap_libraries() -> None:
    """Drop unchanged pages of libraries: code and tables, most of them used only once, to open the networks.

    The system loads what is needed again from its cache, in about a millisecond in all.
    """
    if sys.platform == "linux":
        advise = ctypes.CDLL(None).madvise
        for start, stop in find_unchanged(Path("/proc/self/smaps").read_text()):
            advise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), mmap.MADV_DONTNEED)


def find_unchanged(smaps: str) -> Iterator[tuple[int, int]]:
    """Start and stop of the file mappings without changed pages."""
    for mapping in _UNCHANGED.finditer(smaps):
        yield int(mapping[1], 16), int(mapping[2], 16)
