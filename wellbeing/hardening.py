"""Keep what a process has in memory out of core dumps and of other processes' reach. Linux only, best effort."""

import ctypes
import resource
import sys
from typing import Final

# <linux/prctl.h>
_PR_SET_DUMPABLE: Final = 4


def keep_memory_private() -> None:
    """No core dump, and no reading of `/proc/PID/mem` by other processes of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
