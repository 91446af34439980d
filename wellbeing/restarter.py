"""`python -m wellbeing.restarter NAME COMMAND...`: run one process of the Procfile, and again when it dies.

honcho stops everything when one process ends; a killed worker must not take the pages with it. A process that gives
signs of life and then none for a minute is killed and started again: a worker may lose its way to the broker and live
on without taking a task. A sign is a file at `KEEPER_HEARTBEAT` dated by the monotonic clock, which nobody sets. Where
`KEEPER_SUPERVISOR` is the number of the process over all keepers, they stop once that is gone: its terminal may have
been closed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

#: A process that lived this long before it died is started again at once.
_STEADY_SECONDS = 30.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 30.0
_GRACE_SECONDS = 30.0
_LOOK_SECONDS = 1.0
#: Longer than a busy machine keeps a worker from giving a sign.
_SILENCE_SECONDS = 60.0


def keep_running(
    name: str,
    command: Sequence[str],
    *,
    first_wait: float = _FIRST_WAIT_SECONDS,
    silence: float = _SILENCE_SECONDS,
) -> int:
    """The exit code of the last run: 0 once it ended by itself in peace, or after SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    if supervisor := os.environ.get("KEEPER_SUPERVISOR"):
        threading.Thread(target=_watch, args=(int(supervisor), stopping), daemon=True).start()
    wait = first_wait
    while True:
        started = time.monotonic()
        code = _run(name, command, stopping, silence)
        if stopping.is_set() or code == 0:
            return 0
        wait = first_wait if time.monotonic() - started > _STEADY_SECONDS else min(2 * wait, _LONGEST_WAIT_SECONDS)
        reason = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        _say(f"{name} ended ({reason}) and starts again in {wait:.0f} s; its lines above may say why.")
        if stopping.wait(wait):
            return 0


def _watch(supervisor: int, stopping: threading.Event) -> None:
    """Set `stopping` once that process is gone."""
    while not stopping.wait(_LOOK_SECONDS):
        try:
            os.kill(supervisor, 0)
        except ProcessLookupError:
            stopping.set()


def _run(name: str, command: Sequence[str], stopping: threading.Event, silence: float) -> int:
    with tempfile.TemporaryDirectory(prefix="wellbeing-keeper-") as folder:
        heartbeat = Path(folder) / "heartbeat"
        environment = {**os.environ, "KEEPER_HEARTBEAT": str(heartbeat)}
        process = subprocess.Popen(command, env=environment)  # noqa: S603 -- the Procfile's own commands
        while process.poll() is None:
            if stopping.wait(0.2):
                return _stop(process)
            if _is_silent(heartbeat, silence):
                _say(f"{name} has given no sign of life for {silence:.0f} s and is killed.")
                _kill_all(process.pid)
                return process.wait()
        return process.returncode


def _is_silent(heartbeat: Path, seconds: float) -> bool:
    """False also for a process that never gave a sign of life."""
    try:
        return time.monotonic() - heartbeat.stat().st_mtime > seconds
    except FileNotFoundError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_all(process.pid)
        return process.wait()


def _kill_all(pid: int) -> None:
    """SIGKILL to a process and, where the system tells them (Linux), to its children first."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    for child in children:
        _kill_all(int(child))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(keep_running(sys.argv[1], sys.argv[2:]))
