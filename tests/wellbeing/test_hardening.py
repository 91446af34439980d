import subprocess
import sys
from pathlib import Path

import pytest

_SHOW = """
import ctypes, resource
from wellbeing.hardening import keep_memory_private
keep_memory_private()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_hardened_process_leaves_no_core_and_lets_nobody_look() -> None:
    root = Path(__file__).parent.parent.parent
    shown = subprocess.run([sys.executable, "-c", _SHOW], cwd=root, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0 (0, 0)"
