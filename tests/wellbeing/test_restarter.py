import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site import ROOT

# Writes a line, then ends badly the first two times.
SCRIPT = """
import pathlib, sys
runs = pathlib.Path(sys.argv[1])
runs.write_text(runs.read_text() + "run\\n" if runs.exists() else "run\\n")
sys.exit(0 if runs.read_text().count("run") == 3 else 7)
"""


def _keeper(*command: str) -> subprocess.Popen[str]:
    code = "import sys, wellbeing.restarter as k; sys.exit(k.keep_running('worker', sys.argv[1:], first_wait=0.02))"
    return subprocess.Popen([sys.executable, "-c", code, *command], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_a_process_that_dies_is_started_again_until_it_ends_in_peace(tmp_path: Path) -> None:
    keeper = _keeper(sys.executable, "-c", SCRIPT, str(tmp_path / "runs"))
    said = keeper.communicate(timeout=30)[1]
    assert keeper.returncode == 0
    assert (tmp_path / "runs").read_text() == "run\n" * 3
    assert said.count("worker ended (exit code 7) and starts again") == 2


def test_a_stop_is_passed_on_and_final(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    keeper = _keeper(sys.executable, "-c", code)
    while not ready.exists():
        time.sleep(0.05)
    keeper.send_signal(signal.SIGTERM)
    assert keeper.communicate(timeout=30)[1] == ""
    assert keeper.returncode == 0


def test_all_stops_when_the_process_over_the_keepers_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready, ended = tmp_path / "ready", tmp_path / "ended"
    code = (
        "import pathlib, signal, sys, time\n"
        f"ready, ended = pathlib.Path({str(ready)!r}), pathlib.Path({str(ended)!r})\n"
        "signal.signal(signal.SIGTERM, lambda *_: (ended.touch(), sys.exit(0)))\n"
        "ready.touch(); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as supervisor:
        monkeypatch.setenv("KEEPER_SUPERVISOR", str(supervisor.pid))
        keeper = _keeper(sys.executable, "-c", code)
        while not ready.exists():
            time.sleep(0.05)
        supervisor.kill()
    keeper.communicate(timeout=30)
    assert (keeper.returncode, ended.exists()) == (0, True)


def test_a_kill_is_named(tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = (
        "import os, pathlib, signal, sys\n"
        f"p = pathlib.Path({str(once)!r})\n"
        "if p.exists(): sys.exit(0)\n"
        "p.touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert "killed by signal 9" in _keeper(sys.executable, "-c", code).communicate(timeout=30)[1]


def test_one_that_falls_silent_is_killed_with_its_children_and_started_again(tmp_path: Path) -> None:
    runs, child = tmp_path / "runs", tmp_path / "child"
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        f"runs, child = pathlib.Path({str(runs)!r}), pathlib.Path({str(child)!r})\n"
        "if runs.exists(): sys.exit(0)\n"
        "runs.touch()\n"
        "child.write_text(str(subprocess.Popen(['sleep', '60']).pid))\n"
        "for _ in range(3):\n"
        "    heartbeat = pathlib.Path(os.environ['KEEPER_HEARTBEAT'])\n"
        "    heartbeat.touch(); os.utime(heartbeat, (time.monotonic(),) * 2); time.sleep(0.4)\n"
        "time.sleep(60)"
    )
    run = "k.keep_running('worker', sys.argv[1:], first_wait=0, silence=1)"
    keep = f"import sys, wellbeing.restarter as k; sys.exit({run})"
    command = [sys.executable, "-c", keep, sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=40)
    assert ended.returncode == 0
    assert "worker has given no sign of life for 1 s and is killed." in ended.stderr
    assert "worker ended (killed by signal 9)" in ended.stderr
    state = Path(f"/proc/{child.read_text()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"
