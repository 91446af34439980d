"""`python -P wellbeing/keeper.py NAME COMMAND...`: run one process of the Procfile, and again when it dies.

honcho stops everything when one process ends; a killed worker must not take the pages with it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

#: A process that lived this long before it died is started again at once.
_STEADY_SECONDS = 30.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 30.0
_GRACE_SECONDS = 30.0


def keep_running(name: str, command: Sequence[str], *, first_wait: float = _FIRST_WAIT_SECONDS) -> int:
    """The exit code of the last run: 0 once it ended by itself in peace, or after SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    wait = first_wait
    while True:
        started = time.monotonic()
        code = _run(command, stopping)
        if stopping.is_set() or code == 0:
            return 0
        wait = first_wait if time.monotonic() - started > _STEADY_SECONDS else min(2 * wait, _LONGEST_WAIT_SECONDS)
        _say(f"{name} ended ({_reason(code)}) and starts again in {wait:.0f} s; its lines above may say why.")
        if stopping.wait(wait):
            return 0


def _run(command: Sequence[str], stopping: threading.Event) -> int:
    process = subprocess.Popen(command)  # noqa: S603 -- the Procfile's own commands
    while process.poll() is None:
        if stopping.wait(0.2):
            return _stop(process)
    return process.returncode


def _stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _reason(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(keep_running(sys.argv[1], sys.argv[2:]))
