"""A small dose of `make chaos` on SQLite: kills at every point and at random, and a restart of Redis."""

import json
import os
import subprocess
import sys

import pytest

from tests.site import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.xdist_group("stack")]

PLANS = ("no_fault", "kills_and_restarts", "deterministic_kills")


def test_whatever_is_killed_nothing_is_lost_silently_and_nothing_recorded_twice() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    command = [sys.executable, "-m", "tests.chaos.run", "--dose", "quick", "--database", "sqlite", "--plan", *PLANS]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=600)
    figures = json.loads(done.stdout)["sqlite"]
    assert done.returncode == 0, figures
    assert {name for name in figures if "failed" in figures[name]} == set()
    assert sum(figures["kills_and_restarts"]["kills"].values()) >= 8
