"""A small dose of `make chaos`: kills at every point and at random, and a restart of Redis and the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.site import ROOT
from wellbeing.postgresql import find_programs

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.xdist_group("stack")]

needs_postgresql = pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=needs_postgresql)])
def test_whatever_is_killed_nothing_is_lost_silently_and_nothing_recorded_twice(database: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WELLBEING_", "DJANGO_"))}
    command = [sys.executable, "-m", "tests.chaos.run", "--dose", "quick", "--database", database]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=600)
    figures = json.loads(done.stdout)[database]
    assert done.returncode == 0, figures
    assert {name for name in figures if "failed" in figures[name]} == set()
    assert sum(figures["kills_and_restarts"]["kills"].values()) >= 8
