"""The compose file runs the same processes as the Procfile."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def test_compose_runs_the_processes_of_the_procfile() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    commands = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert services["worker"]["command"] == f"python -P wellbeing/keeper.py worker {commands['worker']}"
    assert services["beat"]["command"] == commands["beat"]
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert ", ".join(f'"{word}"' for word in commands["web"].split()) in dockerfile


def test_compose_keeps_frames_off_disks() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    assert '--save "" --appendonly no' in services["valkey"]["command"]
    assert "volumes" not in services["valkey"]
    for name in ("web", "worker", "beat"):
        assert (services[name]["read_only"], services[name]["ulimits"]) == (True, {"core": 0})
