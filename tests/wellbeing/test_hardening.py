import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.site import free_port

ROOT = Path(__file__).parent.parent.parent
#: Without what root may do beyond any other user.
_PLAIN = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

_SHOW = """
import ctypes, resource
from wellbeing.hardening import keep_memory_private
keep_memory_private()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_hardened_process_leaves_no_core_and_lets_nobody_look() -> None:
    shown = subprocess.run([sys.executable, "-c", _SHOW], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0 (0, 0)"


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("setpriv"), reason="looks at /proc as Linux has it")
@pytest.mark.parametrize("process", ["gunicorn", "beat"])
def test_processes_of_the_site_leave_no_core_and_let_nobody_look(process: str, tmp_path: Path) -> None:
    with _running(process, tmp_path) as pids:
        for pid in pids:
            limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
            assert next(line.split()[4:6] for line in limits if line.startswith("Max core file size")) == ["0", "0"]
            assert not _can_look(pid)
    with subprocess.Popen([*_PLAIN, "sleep", "60"]) as other:
        time.sleep(0.5)
        assert _can_look(other.pid)
        other.kill()


@contextmanager
def _running(process: str, folder: Path) -> Iterator[list[int]]:
    """The process, and its children."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    environment = kept | {"WELLBEING_DATA_DIR": str(folder), "WELLBEING_ENV_FILE": os.devnull}
    port = free_port()
    commands = {
        "gunicorn": f"gunicorn --config wellbeing/gunicorn.py --bind 127.0.0.1:{port} wellbeing.wsgi",
        "beat": "wellbeing.background beat",
    }
    command = [*_PLAIN, sys.executable, "-m", *commands[process].split()]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as running:
        try:
            yield _wait_for_children(running.pid, 1 if process == "gunicorn" else 0)
        finally:
            running.terminate()


def _wait_for_children(pid: int, count: int) -> list[int]:
    """Once it has said that nobody may look, as it does early."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if len(children) == count and not _can_look(pid):
            return [pid, *map(int, children)]
        time.sleep(0.2)
    raise TimeoutError


def _can_look(pid: int) -> bool:
    """Whether another process of the same user may read that one's memory."""
    looked = subprocess.run([*_PLAIN, "head", "-c", "0", f"/proc/{pid}/mem"], capture_output=True)
    return looked.returncode == 0
