"""A terminal that is closed, or a supervisor that is killed, leaves nothing of the site running."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.site import running_site

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.xdist_group("stack")]


def list_processes_of(folder: Path) -> list[str]:
    """What runs with this data folder in its environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"WELLBEING_DATA_DIR={folder}".encode() in place.read_bytes().split(b"\0"):
                found.append((place.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_nothing_is_left_running_when_the_supervisor_is_killed() -> None:
    with running_site() as site:
        assert len(list_processes_of(site.data_dir)) >= 8
        site.process.send_signal(signal.SIGKILL)
        site.process.wait(10)
        end = time.monotonic() + 40
        while list_processes_of(site.data_dir) and time.monotonic() < end:
            time.sleep(0.5)
        assert list_processes_of(site.data_dir) == []
