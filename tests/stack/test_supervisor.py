"""A terminal that is closed, or a supervisor that is killed, leaves nothing of the site running."""

import signal
import time
from pathlib import Path

import pytest

from tests.site import running_site

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.xdist_group("stack")]


def list_below(pid: int) -> list[int]:
    """The processes under this one, from the first to the last generation."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(below for child in children for below in list_below(child))]


def test_nothing_is_left_running_when_the_supervisor_is_killed() -> None:
    with running_site() as site:
        running = list_below(site.process.pid)
        assert len(running) >= 12, "keepers, web, worker and its child, beat, Valkey"
        site.process.send_signal(signal.SIGKILL)
        site.process.wait(10)
        end = time.monotonic() + 40
        while any(Path(f"/proc/{pid}").exists() for pid in running) and time.monotonic() < end:
            time.sleep(0.5)
        assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []
